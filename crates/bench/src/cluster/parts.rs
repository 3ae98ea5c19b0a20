use std::{collections::HashMap, path::Path};

use anyhow::{Context, Result};

/// The servers that an installation of several processes stands on.
pub struct Parts {
    /// Host and port of one node.
    pub cassandra: String,
    pub nats: String,
    pub nats_user: String,
    pub nats_password: String,
}

impl Parts {
    /// Reads the file of `NAME=value` lines that `bin/cluster up` writes.
    pub fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("{} cannot be read: `bin/cluster up` writes it", file.display()))?;
        let values: HashMap<_, _> = text.lines().filter_map(|line| line.split_once('=')).collect();
        let value = |name: &str| {
            let value = values.get(name).map(|value| value.trim().to_owned());
            value.with_context(|| format!("{} names no {name}: it did not start", file.display()))
        };
        Ok(Self {
            cassandra: value("CASSANDRA")?,
            nats: value("NATS")?,
            nats_user: value("NATS_USER")?,
            nats_password: value("NATS_PASSWORD")?,
        })
    }
}

/// The port at the end of an address.
pub fn port(address: &str) -> Option<u16> {
    address.rsplit_once(':')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_did_not_start_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("env");
        std::fs::write(&file, "CASSANDRA=127.0.0.1:9042\nNATS=nats://127.0.0.1:4222\n").expect("a file");
        let error = Parts::read(&file).err().expect("something is missing");
        assert!(error.to_string().contains("NATS_USER"), "{error}");
        let all = "CASSANDRA=127.0.0.1:9042\nNATS=nats://127.0.0.1:4222\nNATS_USER=u\nNATS_PASSWORD=p\n";
        std::fs::write(&file, all).expect("a file");
        let parts = Parts::read(&file).expect("whole");
        assert_eq!((port(&parts.cassandra), port(&parts.nats)), (Some(9042), Some(4222)));
    }
}
