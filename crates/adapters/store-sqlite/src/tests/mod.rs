//! What cannot be seen from outside: how writes share a transaction, and how rows are found.

mod groups;
mod plans;
mod steps;
