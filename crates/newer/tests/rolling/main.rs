//! This version and the next one on the same data, rolled forward and back while people write, read and listen.
//!
//! The next version is `petit-newer`. What it writes and tells is foreign to this one, which carries it.

mod cluster;
mod crowd;
mod ear;
mod embedded;
mod ledger;
mod polls;
#[path = "../../../server/tests/support/mod.rs"]
#[expect(dead_code, reason = "each test uses its part")]
mod support;

use std::{path::PathBuf, time::Duration};

/// One of the two programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    This,
    Next,
}

impl Version {
    pub fn program(self) -> PathBuf {
        let next = PathBuf::from(env!("CARGO_BIN_EXE_petit-newer"));
        match self {
            Self::Next => next,
            Self::This => {
                let this = next.with_file_name("petit");
                assert!(this.exists(), "build it first: cargo build -p petit-server");
                this
            }
        }
    }
}

pub fn eventually(what: &str, holds: impl FnMut() -> bool) {
    support::wait::eventually(what, Duration::from_secs(40), holds);
}
