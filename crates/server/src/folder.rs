//! The data folder: made when it is not there, readable by its owner alone, locked against a second server.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

const LOCK: &str = "lock";

/// A data folder that is ours as long as this lives.
pub struct DataFolder {
    path: PathBuf,
    is_new: bool,
    _lock: File,
}

/// Why a data folder is not ours.
#[derive(Debug, thiserror::Error)]
pub enum NotOurs {
    /// Another process has it.
    #[error("another petit is using {folder}{by}; only one may")]
    Busy { folder: String, by: String },
    /// It cannot be made or written.
    #[error("{0}")]
    Unusable(String, #[source] io::Error),
}

impl DataFolder {
    /// Takes the folder, unless another process has it.
    pub fn hold(path: &Path) -> Result<Self, NotOurs> {
        let unusable =
            |error| NotOurs::Unusable(format!("cannot use the data folder {}", path.display()), error);
        let is_new = !path.exists();
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(unusable)?;
        let path = path.canonicalize().map_err(unusable)?;
        let mut lock = open_lock(&path.join(LOCK)).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(busy(&path, &mut lock)),
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        note_who(&mut lock).map_err(unusable)?;
        Ok(Self { path, is_new, _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it was made just now.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// What is in it, beside the lock.
    pub fn contents(&self) -> io::Result<Vec<PathBuf>> {
        let entries: Result<Vec<_>, _> =
            std::fs::read_dir(&self.path)?.map(|entry| entry.map(|e| e.path())).collect();
        Ok(entries?.into_iter().filter(|path| !path.ends_with(LOCK)).collect())
    }
}

fn open_lock(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// For the error message of the next one; the lock itself is the kernel's and ends with the process.
fn note_who(lock: &mut File) -> io::Result<()> {
    lock.set_len(0)?;
    write!(lock, "{}", std::process::id())
}

fn busy(path: &Path, lock: &mut File) -> NotOurs {
    let mut id = String::new();
    let known = lock.read_to_string(&mut id).is_ok() && !id.is_empty();
    let by = if known { format!(" (process {id})") } else { String::new() };
    NotOurs::Busy { folder: path.display().to_string(), by }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_folder_is_held_once_and_given_back() {
        let parent = tempfile::tempdir().expect("a folder");
        let path = parent.path().join("deep/data");
        let held = DataFolder::hold(&path).expect("free");
        assert!(held.is_new());
        assert!(matches!(DataFolder::hold(&path), Err(NotOurs::Busy { .. })));
        drop(held);
        assert!(!DataFolder::hold(&path).expect("free again").is_new());
    }

    #[test]
    fn only_the_owner_may_look_inside() {
        let parent = tempfile::tempdir().expect("a folder");
        let held = DataFolder::hold(&parent.path().join("data")).expect("free");
        let mode = std::fs::metadata(held.path()).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o077, 0);
        assert!(held.contents().expect("readable").is_empty());
    }
}
