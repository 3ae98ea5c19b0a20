//! The laws of the store, on SQLite.

mod store_sqlite {
    use petit_ports::Store;
    use petit_store_sqlite::{Options, SqliteStore};

    async fn fresh() -> (Store, tempfile::TempDir) {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let opened =
            SqliteStore::open(&folder.path().join("petit.db"), &Options::default()).expect("a store opens");
        (opened.store, folder)
    }

    petit_contract::store_contract!(fresh);
}
