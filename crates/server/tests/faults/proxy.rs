//! A door between a process and a server, which can be shut, slow, or eat answers.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread::{sleep, spawn},
    time::{Duration, Instant},
};

#[derive(Clone, Copy)]
enum Way {
    Open,
    Slow(Duration),
    Shut,
    /// Requests pass, answers do not.
    Eating,
}

struct Shared {
    way: Mutex<Way>,
    open: Mutex<Vec<TcpStream>>,
}

/// A door to one server.
pub struct Proxy {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

impl Proxy {
    pub fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared { way: Mutex::new(Way::Open), open: Mutex::default() });
        let own = shared.clone();
        spawn(move || {
            for client in listener.incoming().flatten() {
                if !matches!(own.way(), Way::Shut)
                    && let Ok(upstream) = TcpStream::connect(server)
                {
                    own.join(&client, &upstream);
                }
            }
        });
        Self { address, shared }
    }

    /// Breaks every connection and takes no new ones.
    pub fn down(&self) {
        self.shared.set(Way::Shut);
        self.shared.cut();
    }

    pub fn up(&self) {
        self.shared.set(Way::Open);
    }

    /// Every answer is late by this much.
    pub fn slow(&self, by: Duration) {
        self.shared.set(Way::Slow(by));
    }

    /// For a while what is asked is done and not answered; then the connections break.
    pub fn eat(&self, during: Duration) {
        self.shared.set(Way::Eating);
        sleep(during);
        self.shared.cut();
        self.shared.set(Way::Open);
    }
}

impl Shared {
    fn way(&self) -> Way {
        *self.way.lock().expect("no other thread panicked")
    }

    fn set(&self, way: Way) {
        *self.way.lock().expect("no other thread panicked") = way;
    }

    fn cut(&self) {
        for stream in self.open.lock().expect("no other thread panicked").drain(..) {
            drop(stream.shutdown(Shutdown::Both));
        }
    }

    fn join(self: &Arc<Self>, client: &TcpStream, upstream: &TcpStream) {
        let copy = |stream: &TcpStream| stream.try_clone().expect("a handle");
        drop(client.set_nodelay(true));
        drop(upstream.set_nodelay(true));
        self.open.lock().expect("no other thread panicked").extend([copy(client), copy(upstream)]);
        let (from, to) = (copy(client), copy(upstream));
        spawn(move || carry(from, to, |_| true));
        let (from, to, own) = (copy(upstream), copy(client), self.clone());
        spawn(move || {
            carry(from, to, |arrived| {
                match own.way() {
                    Way::Slow(by) => sleep(by.saturating_sub(arrived.elapsed())),
                    Way::Eating => return false,
                    Way::Open | Way::Shut => {}
                }
                true
            });
        });
    }
}

/// Carries bytes one way until an end breaks; `passes` says whether these may.
fn carry(mut from: TcpStream, mut to: TcpStream, passes: impl Fn(Instant) -> bool) {
    let mut bytes = [0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        if passes(Instant::now()) && to.write_all(&bytes[..read]).is_err() {
            break;
        }
    }
    drop(from.shutdown(Shutdown::Both));
    drop(to.shutdown(Shutdown::Both));
}
