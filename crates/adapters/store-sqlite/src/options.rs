use std::time::Duration;

/// How a database is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// The most pages the file may have; for tests of a full disk.
    pub max_pages: Option<i64>,
    /// How long a full disk is left alone before it is tried again.
    pub probe_after: Duration,
    /// How long the write-ahead log may keep what the main file has already, with pages as they were before
    /// something was deleted or edited.
    pub tidy_after: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_pages: None, probe_after: Duration::from_secs(5), tidy_after: Duration::from_secs(60) }
    }
}
