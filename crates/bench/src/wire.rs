//! One thread, many connections: readers are WebSockets that only listen (and ping), callers are
//! keep-alive HTTP connections with at most one request each in flight.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use mio::{Events, Interest, Poll, Token, event::Event};

use crate::{heartbeat::Heartbeat, http, ws};

/// Who is told what arrives.
pub trait Sink {
    /// A text frame came to a reader.
    fn frame(&mut self, reader: usize, payload: &[u8], at: Instant) -> Result<()>;
    /// A caller's request was answered.
    fn answer(&mut self, caller: usize, status: u16, body: &[u8], at: Instant) -> Result<()>;
}

/// How reading went, to tell a reader that keeps up from one that falls behind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub reads: u64,
    pub frames: u64,
}

impl Counts {
    /// About 1 when every frame is read alone, less when they pile up.
    pub fn reads_per_frame(self) -> f64 {
        self.reads as f64 / self.frames.max(1) as f64
    }
}

struct Reader {
    stream: mio::net::TcpStream,
    /// The beginning of a frame whose end has not come yet.
    rest: Vec<u8>,
    /// Event frames so far, which pings tell the server.
    events: u64,
}

struct Caller {
    stream: mio::net::TcpStream,
    answer: Vec<u8>,
}

pub struct Wire {
    poll: Poll,
    events: Events,
    buffer: Box<[u8]>,
    readers: Vec<Reader>,
    /// Readers that came with bytes; nothing else may arrive that would make us look at those.
    unheard: Vec<usize>,
    callers: Vec<Caller>,
    idle: Vec<usize>,
    heartbeat: Option<Heartbeat>,
    counts: Counts,
}

const FIRST_CALLER: usize = 1 << 24;
const EVENT: &[u8] = br#"{"type":"event""#;

impl Wire {
    pub fn new() -> Result<Self> {
        Ok(Self {
            poll: Poll::new()?,
            events: Events::with_capacity(1024),
            buffer: vec![0; 256 * 1024].into_boxed_slice(),
            readers: Vec::new(),
            unheard: Vec::new(),
            callers: Vec::new(),
            idle: Vec::new(),
            heartbeat: None,
            counts: Counts::default(),
        })
    }

    /// Adds an open socket, with what was read of it already.
    pub fn add_reader(&mut self, stream: TcpStream, rest: Vec<u8>) -> Result<()> {
        let stream = self.register(stream, self.readers.len())?;
        self.unheard.push(self.readers.len());
        self.readers.push(Reader { stream, rest, events: 0 });
        Ok(())
    }

    /// Adds keep-alive connections to a server.
    pub fn add_callers(&mut self, port: u16, count: usize) -> Result<()> {
        for _ in 0..count {
            let stream = TcpStream::connect(("127.0.0.1", port)).context("connecting a caller")?;
            let caller = self.callers.len();
            let stream = self.register(stream, FIRST_CALLER + caller)?;
            self.callers.push(Caller { stream, answer: Vec::new() });
            self.idle.push(caller);
        }
        Ok(())
    }

    fn register(&mut self, stream: TcpStream, token: usize) -> Result<mio::net::TcpStream> {
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let mut stream = mio::net::TcpStream::from_std(stream);
        self.poll.registry().register(&mut stream, Token(token), Interest::READABLE)?;
        Ok(stream)
    }

    pub fn readers(&self) -> usize {
        self.readers.len()
    }

    /// Pings every socket as often as the server asks for.
    pub fn ping_every(&mut self, interval: Duration) {
        self.heartbeat = Some(Heartbeat::new(interval, self.readers.len()));
    }

    /// Counts since the last time this was asked.
    pub fn take_counts(&mut self) -> Counts {
        std::mem::take(&mut self.counts)
    }

    /// A caller without a request in flight.
    pub fn take_idle(&mut self) -> Option<usize> {
        self.idle.pop()
    }

    /// Writes a request. It is far smaller than a socket's buffer, so it goes out at once.
    pub fn send(&mut self, caller: usize, request: &[u8]) -> Result<()> {
        let written = self.callers[caller].stream.write(request).context("sending a request")?;
        ensure!(written == request.len(), "a request of {} bytes did not go out at once", request.len());
        Ok(())
    }

    /// Waits for something to arrive, at most this long, and hands it out.
    pub fn turn(&mut self, wait: Duration, sink: &mut impl Sink) -> Result<()> {
        for reader in std::mem::take(&mut self.unheard) {
            let filled = self.recall(reader);
            self.split_frames(reader, filled, sink)?;
        }
        let mut events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        let polled = match self.poll.poll(&mut events, Some(wait)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            other => other,
        };
        let handled = polled.map_err(Into::into).and_then(|()| self.handle(&events, sink));
        self.events = events;
        handled?;
        self.ping()
    }

    /// Hands out what arrives until `done` says so; fails when that takes longer than `limit`.
    pub fn run_until<S: Sink>(
        &mut self,
        limit: Duration,
        sink: &mut S,
        done: impl Fn(&S) -> bool,
    ) -> Result<()> {
        let end = Instant::now() + limit;
        while !done(sink) {
            ensure!(Instant::now() < end, "not everything arrived within {limit:?}");
            self.turn(Duration::from_millis(50), sink)?;
        }
        Ok(())
    }

    /// Hands out what arrives for this long, and at least what has arrived already.
    pub fn run_for(&mut self, time: Duration, sink: &mut impl Sink) -> Result<()> {
        let end = Instant::now() + time;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            self.turn(left.min(Duration::from_millis(50)), sink)?;
            if left.is_zero() {
                return Ok(());
            }
        }
    }

    fn handle(&mut self, events: &Events, sink: &mut impl Sink) -> Result<()> {
        for token in events.iter().map(Event::token) {
            match token.0.checked_sub(FIRST_CALLER) {
                Some(caller) => self.read_answer(caller, sink)?,
                None => self.read_frames(token.0, sink).with_context(|| format!("socket {}", token.0))?,
            }
        }
        Ok(())
    }

    /// Reads until the socket is empty. A read that does not fill the buffer has emptied it.
    fn read_frames(&mut self, index: usize, sink: &mut impl Sink) -> Result<()> {
        loop {
            let kept = self.recall(index);
            let stream = &mut self.readers[index].stream;
            let Some(count) = read(stream, &mut self.buffer[kept..])? else { return Ok(()) };
            self.counts.reads += 1;
            self.split_frames(index, kept + count, sink)?;
            if kept + count < self.buffer.len() {
                return Ok(());
            }
        }
    }

    /// Puts what was read of a reader already at the start of the buffer; tells how much that is.
    fn recall(&mut self, reader: usize) -> usize {
        let rest = &self.readers[reader].rest;
        self.buffer[..rest.len()].copy_from_slice(rest);
        rest.len()
    }

    fn split_frames(&mut self, index: usize, filled: usize, sink: &mut impl Sink) -> Result<()> {
        let at = Instant::now();
        let (reader, bytes) = (&mut self.readers[index], &self.buffer[..filled]);
        let mut start = 0;
        while let Some(frame) = ws::parse(&bytes[start..])? {
            let payload = &bytes[start..][frame.payload.clone()];
            start += frame.payload.end;
            match frame.opcode {
                ws::TEXT => {
                    self.counts.frames += 1;
                    reader.events += u64::from(payload.starts_with(EVENT));
                    sink.frame(index, payload, at)?;
                }
                ws::PING => drop(reader.stream.write(&ws::masked(ws::PONG, payload))?),
                ws::CLOSE => bail!("the server closed it: {}", close_reason(payload)),
                _ => {}
            }
        }
        reader.rest.clear();
        reader.rest.extend_from_slice(&bytes[start..]);
        Ok(())
    }

    fn read_answer(&mut self, index: usize, sink: &mut impl Sink) -> Result<()> {
        loop {
            let caller = &mut self.callers[index];
            let Some(count) = read(&mut caller.stream, &mut self.buffer).context("a caller")? else {
                return Ok(());
            };
            caller.answer.extend_from_slice(&self.buffer[..count]);
            if let Some(answer) = http::parse(&caller.answer)? {
                let at = Instant::now();
                sink.answer(index, answer.status, &caller.answer[answer.body], at)?;
                caller.answer.clear();
                self.idle.push(index);
            }
            if count < self.buffer.len() {
                return Ok(());
            }
        }
    }

    fn ping(&mut self) -> Result<()> {
        let Some(heartbeat) = &mut self.heartbeat else { return Ok(()) };
        for index in heartbeat.due(Instant::now()) {
            let reader = &mut self.readers[index];
            let text = format!(r#"{{"type":"ping","received":{}}}"#, reader.events);
            let written = reader.stream.write(&ws::masked(ws::TEXT, text.as_bytes()));
            written.with_context(|| format!("pinging on socket {index}"))?;
        }
        Ok(())
    }
}

/// Bytes read; `None` when there is nothing now.
fn read(stream: &mut mio::net::TcpStream, buffer: &mut [u8]) -> Result<Option<usize>> {
    loop {
        match stream.read(buffer) {
            Ok(0) => bail!("the server hung up"),
            Ok(count) => return Ok(Some(count)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn close_reason(payload: &[u8]) -> String {
    match payload {
        [high, low, reason @ ..] => {
            format!("{} {}", u16::from_be_bytes([*high, *low]), String::from_utf8_lossy(reason))
        }
        _ => "without a code".into(),
    }
}
