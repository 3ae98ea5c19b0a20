use std::{fs, io, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
};

use super::{Desk, NO_STORE, Reply, Task, socket::SocketPath};

/// The longest line anybody may send.
const LONGEST: u64 = 64 * 1024;

/// Who does the tasks.
#[derive(Clone)]
pub enum Tasks {
    At(Arc<Desk>),
    /// Nobody: there is no store here.
    Refused,
}

impl Tasks {
    async fn perform(&self, task: Task) -> Reply {
        match self {
            Self::At(desk) => desk.perform(task).await,
            Self::Refused => Err(NO_STORE.to_owned()),
        }
    }
}

/// Where tasks arrive. Removed when the server ends in good order; a left one is replaced.
pub struct Reception {
    listener: UnixListener,
    address: SocketPath,
}

impl Reception {
    /// Opens the control socket, for the owner of the folder alone. The folder must be held.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let address = SocketPath::of(folder)?;
        match fs::remove_file(address.path()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(address.path())?;
        fs::set_permissions(address.path(), fs::Permissions::from_mode(0o600))?;
        Ok(Self { listener, address })
    }

    /// Answers until it is dropped.
    pub async fn serve(&self, tasks: Tasks) {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    tokio::spawn(converse(stream, tasks.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "the control socket did not accept a connection");
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                }
            }
        }
    }
}

impl Drop for Reception {
    fn drop(&mut self) {
        // If it stays, the next server replaces it.
        drop(fs::remove_file(self.address.path()));
    }
}

async fn converse(stream: UnixStream, tasks: Tasks) {
    if let Err(error) = answer(stream, &tasks).await {
        tracing::debug!(%error, "a control connection broke");
    }
}

async fn answer(mut stream: UnixStream, tasks: &Tasks) -> io::Result<()> {
    if !is_ours(&stream)? {
        return Ok(());
    }
    let mut line = String::new();
    BufReader::new((&mut stream).take(LONGEST)).read_line(&mut line).await?;
    let reply: Reply = match serde_json::from_str::<Task>(&line) {
        Ok(task) => tasks.perform(task).await,
        Err(_) => Err("the running server does not know this; is it another version?".to_owned()),
    };
    let mut line = serde_json::to_vec(&reply)?;
    line.push(b'\n');
    stream.write_all(&line).await
}

/// Whoever may read our files: us and root. The socket's mode says the same; this also holds in the
/// moment before it is set.
fn is_ours(stream: &UnixStream) -> io::Result<bool> {
    let peer = stream.peer_cred()?.uid();
    Ok(peer == 0 || peer == rustix::process::geteuid().as_raw())
}
