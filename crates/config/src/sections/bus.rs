use serde::{Deserialize, Serialize};

use crate::table::table;

/// What carries events between the parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Bus {
    /// Inside the process.
    Local(Local),
}

table! {
    /// Inside the process: nothing to set.
    Local {}
}

impl Default for Bus {
    fn default() -> Self {
        Self::Local(Local::default())
    }
}
