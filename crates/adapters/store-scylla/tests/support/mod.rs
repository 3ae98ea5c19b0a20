//! A store of its own in the keyspace of the tests.

use std::sync::Arc;

use petit_ports::{Random, SystemClock, SystemRandom};
use petit_store_scylla::{Opened, ScyllaStore, Settings};

/// What `bin/cluster` wrote down: addresses and passwords of what runs.
pub fn cluster(key: &str) -> String {
    let usual = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../.cache/cluster/env");
    let path = std::env::var("PETIT_CLUSTER_ENV").unwrap_or_else(|_| usual.to_owned());
    let text = std::fs::read_to_string(&path).expect("bin/cluster is up");
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    line.unwrap_or_else(|| panic!("{path} has no {key}")).to_owned()
}

pub fn settings() -> Settings {
    Settings {
        nodes: vec![cluster("CASSANDRA")],
        keyspace: "petit_tests".to_owned(),
        replication: 1,
        datacenter: "datacenter1".to_owned(),
        space: format!("test {}", SystemRandom.next_u64()),
        login: None,
    }
}

/// An empty store.
pub async fn fresh() -> Opened {
    open(&settings()).await
}

pub async fn open(settings: &Settings) -> Opened {
    let opened = ScyllaStore::connect(settings, Arc::new(SystemClock), Arc::new(SystemRandom)).await;
    opened.expect("Cassandra answers")
}
