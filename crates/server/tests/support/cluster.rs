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

/// Whether stories that hold in every profile are told on the servers of `bin/cluster`.
pub fn is_chosen() -> bool {
    std::env::var("PETIT_TEST_PROFILE").is_ok_and(|profile| profile == "cluster")
}

/// Makes a data folder whose server keeps everything in the database, in a space of its own, and speaks to
/// others over the bus.
pub fn configure(data: &Path) {
    let (parts, name) = (parts(), data.to_string_lossy());
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let of = |part: &str| &parts[part];
    let config = [
        format!("[store]\nkind = \"scylla\"\nnodes = [\"{}\"]\nkeyspace = \"petit_tests\"", of("CASSANDRA")),
        format!(
            "replication = 1\nspace = \"{name}\"\n[bus]\nkind = \"nats\"\nservers = [\"{}\"]",
            of("NATS")
        ),
        format!("user = \"{}\"\npassword = \"{}\"", of("NATS_USER"), of("NATS_PASSWORD")),
        format!("prefix = \"{name}\"\n"),
    ];
    std::fs::create_dir_all(data).expect("a folder");
    std::fs::write(data.join("petit.toml"), config.join("\n")).expect("a file");
}
