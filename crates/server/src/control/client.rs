use std::{
    io::{self, BufRead, BufReader, Write},
    net::SocketAddr,
    os::unix::net::UnixStream,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail};
use petit_config::{Loaded, Source};
use petit_ports::SystemClock;

use super::{Answer, Desk, Reply, Task, socket::SocketPath};
use crate::{
    Petit, door,
    folder::{DataFolder, NotOurs},
    installation::Installation,
    logging,
};

/// How long a server may take to start or stop before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(10);

/// Has a task done: by the running server, or here if there is none.
pub fn ask(loaded: &Loaded, task: Task) -> Result<Answer> {
    let data = &loaded.config.server.data;
    if !data.exists() && loaded.source("server.data") == Source::Default {
        bail!("there is no data folder {}; name one with --data", data.display());
    }
    let begun = Instant::now();
    loop {
        if let Some(stream) = connect(data)? {
            return over_socket(stream, &task);
        }
        match DataFolder::hold(data) {
            Ok(folder) => return here(loaded, folder, task),
            Err(NotOurs::Busy { .. }) if begun.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(error) => return Err(error).context("the server on this folder does not answer"),
        }
    }
}

/// A connection to the server of this folder; `None` if nobody listens.
fn connect(data: &Path) -> io::Result<Option<UnixStream>> {
    let connected = SocketPath::of(data).and_then(|address| UnixStream::connect(address.path()));
    match connected {
        Ok(stream) => Ok(Some(stream)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn over_socket(mut stream: UnixStream, task: &Task) -> Result<Answer> {
    let mut line = serde_json::to_vec(task)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    let reply: Reply = serde_json::from_str(&answer)
        .context("the running server gave no answer that can be understood; is it another version?")?;
    reply.map_err(|wrong| anyhow!(wrong))
}

fn here(loaded: &Loaded, folder: DataFolder, task: Task) -> Result<Answer> {
    if door::is_enough_for(&loaded.config) {
        bail!("{}", super::NO_STORE);
    }
    logging::start(&loaded.config.log)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let config = loaded.config.clone();
        let public_url = config.public_url(config.server.listen);
        let installation =
            Installation::open(&Petit, config, folder, public_url, Arc::new(SystemClock)).await?;
        let desk = Desk::new(Arc::new(installation), None::<SocketAddr>);
        let reply = desk.perform(task).await;
        desk.installation().close().await;
        reply.map_err(|wrong| anyhow!(wrong))
    })
}
