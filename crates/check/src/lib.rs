//! Checks a running installation from outside: clients with stores of their own write, change, read, leave
//! and move between nodes at random, everything is recorded, and afterwards the record is judged.
//!
//! An answer that did not come is *unknown*, never a failure: what it asked for may have been done.

mod api;
mod args;
mod dice;
mod evidence;
mod follow;
mod held;
mod history;
mod laws;
mod local;
mod pins;
mod play;
mod receipts;
mod report;
mod run;

pub use args::CheckArgs;
pub use run::run;
