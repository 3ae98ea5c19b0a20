//! The installation's one secret, from which every key is made.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use hmac::{Hmac, KeyInit, Mac};
use petit_ports::Random;
use sha2::Sha256;

/// The file in the data folder.
pub const FILE: &str = "secret";

/// Thirty-two bytes nobody else knows.
pub struct Secrets([u8; 32]);

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub enum NoSecret {
    /// The file is not what was written.
    #[error("{0} is damaged: it must hold 64 hexadecimal digits")]
    Damaged(String),
    /// The file cannot be read or made.
    #[error("{0}")]
    Unusable(String, #[source] io::Error),
}

impl Secrets {
    /// Reads the folder's secret, or makes it, readable by its owner alone.
    pub fn load_or_make(folder: &Path, random: &dyn Random) -> Result<Self, NoSecret> {
        let path = folder.join(FILE);
        match Self::load(&path) {
            Err(NoSecret::Unusable(_, error)) if error.kind() == io::ErrorKind::NotFound => {
                let mut secret = [0; 32];
                random.fill(&mut secret);
                write(folder, &secret)
                    .map_err(|error| NoSecret::Unusable(path.display().to_string(), error))?;
                Ok(Self(secret))
            }
            loaded => loaded,
        }
    }

    /// Reads a secret that others share.
    pub fn load(path: &Path) -> Result<Self, NoSecret> {
        let shown = || path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| NoSecret::Unusable(shown(), error))?;
        parse(text.trim()).map(Self).ok_or_else(|| NoSecret::Damaged(shown()))
    }

    /// The key for one purpose. Knowing it tells nothing about the others.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let mut mac =
            <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(b"petit chat: ");
        mac.update(purpose.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

/// Gives bytes that are the same whenever the secret is, for keys that are not stored.
pub struct Stream<'a> {
    secrets: &'a Secrets,
    purpose: &'a str,
    drawn: std::sync::atomic::AtomicU64,
}

impl<'a> Stream<'a> {
    pub fn new(secrets: &'a Secrets, purpose: &'a str) -> Self {
        Self { secrets, purpose, drawn: Default::default() }
    }
}

impl Random for Stream<'_> {
    fn fill(&self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(32) {
            let number = self.drawn.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let block = self.secrets.derive(&format!("{} {number}", self.purpose));
            part.copy_from_slice(&block[..part.len()]);
        }
    }
}

fn write(folder: &Path, secret: &[u8; 32]) -> io::Result<()> {
    let (partial, path) = (folder.join("secret.partial"), folder.join(FILE));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
    let digits: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    writeln!(file, "{digits}")?;
    file.sync_all()?;
    fs::rename(partial, path)?;
    File::open(folder)?.sync_all()
}

fn parse(text: &str) -> Option<[u8; 32]> {
    let mut secret = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (place, byte) in secret.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(secret)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use petit_ports::SystemRandom;

    use super::*;

    #[test]
    fn the_secret_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let load = || Secrets::load_or_make(folder.path(), &SystemRandom).expect("a secret").derive("x");
        assert_eq!(load(), load());
        let mode = fs::metadata(folder.path().join(FILE)).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn keys_differ_by_purpose_and_installation() {
        let (one, two) = (Secrets([1; 32]), Secrets([2; 32]));
        assert_ne!(one.derive("a"), one.derive("b"));
        assert_ne!(one.derive("a"), two.derive("a"));
    }

    #[test]
    fn a_stream_repeats_and_does_not_repeat_itself() {
        let secrets = Secrets([1; 32]);
        let draw = || {
            let stream = Stream::new(&secrets, "key");
            (stream.next_u64(), stream.next_u64())
        };
        assert_eq!(draw(), draw());
        assert_ne!(draw().0, draw().1);
    }

    #[test]
    fn a_damaged_secret_is_an_error_and_not_printed() {
        let folder = tempfile::tempdir().expect("a folder");
        for damaged in ["", "abc", &"g".repeat(64), &"é".repeat(32)] {
            fs::write(folder.path().join(FILE), damaged).expect("written");
            let error = Secrets::load_or_make(folder.path(), &SystemRandom).err().expect("refused");
            assert!(damaged.is_empty() || !error.to_string().contains(damaged), "{error}");
        }
    }
}
