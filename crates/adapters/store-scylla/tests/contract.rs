//! The laws of the store, on a real Cassandra.

mod support;

mod store_scylla {
    use petit_ports::Store;
    use petit_store_scylla::ScyllaHandle;

    async fn fresh() -> (Store, ScyllaHandle) {
        let opened = super::support::fresh().await;
        (opened.store, opened.handle)
    }

    petit_contract::store_contract!(
        #[ignore = "needs bin/cluster up"]
        fresh
    );
}
