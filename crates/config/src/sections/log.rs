use crate::table::table;

table! {
    /// What the server writes about itself, to standard error.
    Log {
        /// How much: `error`, `warn`, `info`, `debug` or `trace`, also for single parts, separated by commas:
        /// `warn,petit_plexer=debug`.
        level: String = "warn".to_owned(), "\"warn\"";
    }
}
