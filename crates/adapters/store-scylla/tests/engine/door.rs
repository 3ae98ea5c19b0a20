//! A door between a store and Cassandra. It can be shut, it can hold back every answer, it can swallow the
//! answer to a conditional batch that was applied, and it can let such a batch arrive after its sender has
//! given it up.

use std::{
    collections::HashSet,
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::watch,
    time::{sleep, timeout},
};

const HEADER: usize = 9;
const BATCH: u8 = 0x0d;
const LOGGED: u8 = 0;
/// How a result of one row with one column ends that says `true`: one row, one byte, set. Whatever was refused
/// has more columns.
const APPLIED: [u8; 9] = [0, 0, 0, 1, 0, 0, 0, 1, 1];

/// Happens at each so many occasions; never at zero.
#[derive(Default)]
pub struct Fault {
    each: AtomicUsize,
    seen: AtomicUsize,
    hits: AtomicUsize,
}

impl Fault {
    pub fn each(&self, occasions: usize) {
        self.each.store(occasions, Ordering::Relaxed);
    }

    pub fn hits(&self) -> usize {
        self.hits.load(Ordering::Relaxed)
    }

    fn strikes(&self) -> bool {
        let each = self.each.load(Ordering::Relaxed);
        let strikes = each > 0 && self.seen.fetch_add(1, Ordering::Relaxed) % each == each - 1;
        self.hits.fetch_add(usize::from(strikes), Ordering::Relaxed);
        strikes
    }
}

pub struct Door {
    pub address: String,
    server: String,
    is_open: watch::Sender<bool>,
    is_frozen: watch::Sender<bool>,
    /// Answers that say "applied" and are swallowed.
    pub swallowed: Fault,
    /// Conditional batches that arrive when their connection is gone.
    pub late: Fault,
}

/// Why a connection ended.
enum End {
    Broken,
    Late(Vec<u8>),
}

impl Door {
    pub async fn to(server: String) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let (is_open, is_frozen) = (watch::Sender::new(true), watch::Sender::new(false));
        let (swallowed, late) = Default::default();
        let door = Arc::new(Self { address, server, is_open, is_frozen, swallowed, late });
        let own = door.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(own.clone().carry(client));
            }
        });
        door
    }

    /// Breaks every connection and takes no new ones.
    pub fn shut(&self) {
        self.is_open.send_replace(false);
    }

    pub fn open(&self) {
        self.is_open.send_replace(true);
    }

    /// Connections stay, and nobody answers on them until the end of it.
    pub fn freeze(&self, is_frozen: bool) {
        self.is_frozen.send_replace(is_frozen);
    }

    async fn carry(self: Arc<Self>, client: TcpStream) {
        let mut door = self.is_open.subscribe();
        let Ok(server) = TcpStream::connect(&self.server).await else { return };
        tokio::select! {
            () = self.pass(client, server) => {}
            _ = door.wait_for(|is_open| !is_open) => {}
        }
    }

    async fn pass(&self, mut client: TcpStream, mut server: TcpStream) {
        drop(client.set_nodelay(true));
        drop(server.set_nodelay(true));
        let batches = Mutex::default();
        let end = {
            let (from_client, to_client) = client.split();
            let (from_server, to_server) = server.split();
            tokio::select! {
                end = self.requests(from_client, to_server, &batches) => end,
                end = self.answers(from_server, to_client, &batches) => end,
            }
        };
        drop(client);
        if let Ok(End::Late(batch)) = end {
            // So many moments at which it may arrive: before the sender looks, and long after.
            sleep(Duration::from_millis(15 * (self.late.hits() % 8) as u64)).await;
            drop(deliver(batch, server).await);
        }
    }

    async fn requests(
        &self,
        mut from: ReadHalf<'_>,
        mut to: WriteHalf<'_>,
        batches: &Mutex<HashSet<[u8; 2]>>,
    ) -> io::Result<End> {
        loop {
            let frame = frame(&mut from).await?;
            if frame[4] == BATCH && frame.get(HEADER) == Some(&LOGGED) {
                if self.late.strikes() {
                    return Ok(End::Late(frame));
                }
                batches.lock().insert(stream(&frame));
            }
            to.write_all(&frame).await?;
        }
    }

    async fn answers(
        &self,
        mut from: ReadHalf<'_>,
        mut to: WriteHalf<'_>,
        batches: &Mutex<HashSet<[u8; 2]>>,
    ) -> io::Result<End> {
        loop {
            let frame = frame(&mut from).await?;
            let is_of_batch = batches.lock().remove(&stream(&frame));
            if is_of_batch && frame.ends_with(&APPLIED) && self.swallowed.strikes() {
                return Ok(End::Broken);
            }
            let thaws = self.is_frozen.subscribe().wait_for(|is_frozen| !is_frozen).await.map(drop);
            thaws.map_err(io::Error::other)?;
            to.write_all(&frame).await?;
        }
    }
}

/// What belongs a request to its answer.
fn stream(frame: &[u8]) -> [u8; 2] {
    [frame[2], frame[3]]
}

async fn frame(from: &mut ReadHalf<'_>) -> io::Result<Vec<u8>> {
    let mut frame = vec![0; HEADER];
    from.read_exact(&mut frame).await?;
    let length = u32::from_be_bytes([frame[5], frame[6], frame[7], frame[8]]);
    frame.resize(HEADER + length as usize, 0);
    from.read_exact(&mut frame[HEADER..]).await?;
    Ok(frame)
}

/// Stays until the server has answered, so that it does not drop what it has read.
async fn deliver(batch: Vec<u8>, mut server: TcpStream) -> io::Result<()> {
    server.write_all(&batch).await?;
    let answered = async {
        let (mut answers, _requests) = server.split();
        while stream(&frame(&mut answers).await?) != stream(&batch) {}
        Ok(())
    };
    timeout(Duration::from_secs(5), answered).await?
}
