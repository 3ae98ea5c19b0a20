//! What a backup holds, with checksums, so that a damaged copy is noticed before it is believed.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use anyhow::{Context, Result, bail, ensure};
use petit_domain::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub const FILE: &str = "manifest.json";
const FORMAT: u32 = 1;

/// Written last: a backup without one was interrupted.
#[derive(Debug, Serialize, Deserialize)]
pub struct Manifest {
    format: u32,
    /// The version of the server that wrote it.
    pub version: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Everything else in the folder.
    pub files: Vec<Entry>,
}

/// A file of a backup.
#[derive(Debug, Serialize, Deserialize)]
pub struct Entry {
    pub name: String,
    pub bytes: u64,
    sha256: String,
}

impl Manifest {
    /// Describes files of a folder.
    pub fn of(folder: &Path, names: &[&str], made_at: Timestamp) -> io::Result<Self> {
        let files: io::Result<Vec<Entry>> = names.iter().map(|name| Entry::of(folder, name)).collect();
        Ok(Self { format: FORMAT, version: env!("CARGO_PKG_VERSION").to_owned(), made_at, files: files? })
    }

    /// How much all files hold.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|entry| entry.bytes).sum()
    }

    /// Reads the manifest of a backup and compares every file with it.
    pub fn verified(folder: &Path) -> Result<Self> {
        let text = std::fs::read(folder.join(FILE))
            .with_context(|| format!("{} is not a finished backup: no {FILE} in it", folder.display()))?;
        let manifest: Self = serde_json::from_slice(&text).with_context(|| format!("{FILE} is damaged"))?;
        ensure!(
            manifest.format == FORMAT,
            "the backup has format {}, this petit reads {FORMAT}",
            manifest.format
        );
        for entry in &manifest.files {
            entry.verify(folder)?;
        }
        Ok(manifest)
    }
}

impl Entry {
    fn of(folder: &Path, name: &str) -> io::Result<Self> {
        let (bytes, sha256) = digest(&folder.join(name))?;
        Ok(Self { name: name.to_owned(), bytes, sha256 })
    }

    fn verify(&self, folder: &Path) -> Result<()> {
        let (bytes, sha256) = digest(&folder.join(&self.name)).with_context(|| self.name.clone())?;
        if (bytes, &sha256) != (self.bytes, &self.sha256) {
            bail!("{} of the backup is damaged: its checksum is another", self.name);
        }
        Ok(())
    }
}

fn digest(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut hash, mut buffer, mut bytes) = (Sha256::new(), vec![0; 64 * 1024], 0);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            let digits = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            return Ok((bytes, digits));
        }
        hash.update(&buffer[..read]);
        bytes += read as u64;
    }
}
