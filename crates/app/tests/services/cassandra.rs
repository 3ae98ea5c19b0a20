//! The same on the engine of the cluster: every application has a space of its own in the keyspace of the tests.

use std::sync::Arc;

use petit_app::ports::{Random, SystemClock, SystemRandom};
use petit_store_scylla::{ScyllaStore, Settings};
use petit_testkit::{Builder, TestApp};

/// An application that begins with an empty space.
pub async fn begin() -> Builder {
    let random = SystemRandom.next_u64();
    let settings = Settings {
        nodes: vec![address()],
        keyspace: "petit_tests".to_owned(),
        replication: 1,
        datacenter: "datacenter1".to_owned(),
        space: format!("services {random}"),
        login: None,
    };
    let opened = ScyllaStore::connect(&settings, Arc::new(SystemClock), Arc::new(SystemRandom)).await;
    TestApp::builder().on(opened.expect("Cassandra answers").store).seed(random)
}

/// Where `bin/cluster` says that it is.
fn address() -> String {
    let usual = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.cache/cluster/env");
    let path = std::env::var("PETIT_CLUSTER_ENV").unwrap_or_else(|_| usual.to_owned());
    let text = std::fs::read_to_string(&path).expect("bin/cluster is up");
    let line = text.lines().find_map(|line| line.strip_prefix("CASSANDRA="));
    line.expect("it runs Cassandra").to_owned()
}
