//! The bare loop: one thread that does nothing but write a ready frame to each of its connections.

use std::{
    io::{ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use super::{FloorProcess, Started, Task, tell};
use crate::{
    machine::Cores,
    observer::millis,
    wire::{Counts, Sink, Wire},
};

pub(super) fn serve(sockets: usize, frame: &[u8]) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    tell(&Started { port: listener.local_addr()?.port() })?;
    write_when_told(&listener, sockets, frame)
}

/// The last connection tells: one byte from it, one frame to each of the others.
fn write_when_told(listener: &TcpListener, sockets: usize, frame: &[u8]) -> Result<()> {
    let mut members = Vec::with_capacity(sockets);
    for _ in 0..sockets {
        let (mut member, _) = listener.accept()?;
        member.set_nodelay(true)?;
        member.write_all(frame)?;
        members.push(member);
    }
    let (mut control, _) = listener.accept()?;
    let mut go = [0];
    while read_one(&mut control, &mut go)? {
        for member in &mut members {
            member.write_all(frame)?;
        }
    }
    Ok(())
}

fn read_one(control: &mut TcpStream, byte: &mut [u8; 1]) -> Result<bool> {
    match control.read(byte) {
        Ok(count) => Ok(count == 1),
        Err(error) if error.kind() == ErrorKind::ConnectionReset => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The bare loop with its listeners, seen from the load generator.
pub struct BareLoop {
    process: FloorProcess,
    control: TcpStream,
    wire: Wire,
    listening: Listening,
}

impl BareLoop {
    /// Starts it for frames like this one and connects its listeners.
    pub fn start(program: &Path, cores: Cores, sockets: usize, frame: &[u8]) -> Result<Self> {
        let task = Task::Fanout { sockets, frame: frame.to_vec() };
        let process = FloorProcess::start(program, cores, &task)?;
        let wire = connect(process.port(), sockets, frame.len())?;
        let control = TcpStream::connect(("127.0.0.1", process.port()))?;
        control.set_nodelay(true)?;
        Ok(Self { process, control, wire, listening: Listening::default() })
    }

    /// Next frame as soon as the last one is with everybody: deliveries per CPU-second, and how reading went.
    pub fn saturate(&mut self, time: Duration) -> Result<(f64, Counts)> {
        let (cpu, start, mut delivered) = (self.process.cpu_seconds()?, Instant::now(), 0);
        self.wire.take_counts();
        while start.elapsed() < time {
            delivered += self.send_one()?;
        }
        let used = self.process.cpu_seconds()? - cpu;
        Ok((delivered as f64 / used.max(0.01), self.wire.take_counts()))
    }

    /// A frame every so often: milliseconds to each listener.
    pub fn pace(&mut self, time: Duration, every: Duration) -> Result<Vec<f64>> {
        let start = Instant::now();
        self.listening.times.clear();
        while start.elapsed() < time {
            let next = Instant::now() + every;
            self.send_one()?;
            self.wire.run_for(next.saturating_duration_since(Instant::now()), &mut self.listening)?;
        }
        Ok(std::mem::take(&mut self.listening.times))
    }

    fn send_one(&mut self) -> Result<usize> {
        let members = self.wire.readers();
        self.listening.begin(members);
        self.control.write_all(&[1])?;
        self.wire.run_until(Duration::from_secs(10), &mut self.listening, |listening| listening.left == 0)?;
        Ok(members)
    }
}

/// Connects in small groups and waits for each greeting, so that nobody is dropped at the door.
fn connect(port: u16, sockets: usize, greeting: usize) -> Result<Wire> {
    let mut wire = Wire::new()?;
    let mut waiting = sockets;
    while waiting > 0 {
        let group = waiting.min(64);
        waiting -= group;
        let streams = (0..group).map(|_| TcpStream::connect(("127.0.0.1", port)));
        for mut stream in streams.collect::<Result<Vec<_>, _>>().context("connecting to the bare loop")? {
            stream.read_exact(&mut vec![0; greeting])?;
            wire.add_reader(stream, Vec::new())?;
        }
    }
    Ok(wire)
}

struct Listening {
    since: Instant,
    left: usize,
    times: Vec<f64>,
}

impl Default for Listening {
    fn default() -> Self {
        Self { since: Instant::now(), left: 0, times: Vec::new() }
    }
}

impl Listening {
    fn begin(&mut self, members: usize) {
        self.left = members;
        self.since = Instant::now();
    }
}

impl Sink for Listening {
    fn frame(&mut self, _reader: usize, _payload: &[u8], at: Instant) -> Result<()> {
        self.left = self.left.saturating_sub(1);
        self.times.push(millis(at - self.since));
        Ok(())
    }

    fn answer(&mut self, _caller: usize, _status: u16, _body: &[u8], _at: Instant) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws;

    #[test]
    fn one_byte_brings_one_frame_to_every_listener() {
        let frame = ws::plain(ws::TEXT, &[b'x'; 500]);
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let (copy, sockets) = (frame.clone(), 70);
        let server = std::thread::spawn(move || write_when_told(&listener, sockets, &copy));

        let mut wire = connect(port, sockets, frame.len()).expect("connected");
        let mut control = TcpStream::connect(("127.0.0.1", port)).expect("connected");
        let mut listening = Listening::default();
        for _ in 0..20 {
            listening.begin(sockets);
            control.write_all(&[1]).expect("told");
            wire.run_until(Duration::from_secs(10), &mut listening, |l| l.left == 0).expect("all in time");
        }
        assert_eq!(wire.take_counts().frames, 20 * sockets as u64);
        assert_eq!(listening.times.len(), 20 * sockets);
        drop(control);
        server.join().expect("no panic").expect("ended well");
    }
}
