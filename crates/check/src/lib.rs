//! Checks a running installation: clients write at random, the history is judged.
