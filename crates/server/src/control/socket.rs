use std::{
    fs::File,
    io,
    os::fd::AsRawFd,
    path::{Path, PathBuf},
};

const NAME: &str = "control.sock";
/// What fits into a socket address, with its final zero (`sun_path`, unix(7)).
const LONGEST: usize = 107;

/// An address of the folder's control socket that fits, however long the folder's path is.
pub struct SocketPath {
    path: PathBuf,
    /// Keeps the short name alive.
    _folder: Option<File>,
}

impl SocketPath {
    pub fn of(folder: &Path) -> io::Result<Self> {
        let path = folder.join(NAME);
        if path.as_os_str().len() <= LONGEST {
            return Ok(Self { path, _folder: None });
        }
        let folder = File::open(folder)?;
        let path = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd())).join(NAME);
        Ok(Self { path, _folder: Some(folder) })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}
