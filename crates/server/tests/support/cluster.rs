use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

/// Where `bin/cluster` started what, by name.
pub fn parts() -> HashMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let file = std::env::var_os("PETIT_CLUSTER_ENV").map(PathBuf::from);
    let text = std::fs::read_to_string(file.unwrap_or_else(|| root.join(".cache/cluster/env")));
    let text = text.expect("bin/cluster is up");
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    pairs.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned())).collect()
}
