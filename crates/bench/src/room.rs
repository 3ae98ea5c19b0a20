//! Chats and sockets of a run, made through the public API.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use petit_domain::{Chat, ChatId, ClientId, MessageText, UserId};
use petit_protocol::{SendMessage, ServerFrame, SocketTicket};

use crate::{
    body, http,
    people::Account,
    wire::{Sink, Wire},
    ws,
};

/// How many requests or handshakes are under way at once while preparing.
const AT_ONCE: usize = 64;

/// The request that makes a group chat of its first member with the others.
pub fn group_request(name: &str, members: &[&Account]) -> Vec<u8> {
    let users: Vec<UserId> = members.iter().map(|account| account.user).collect();
    let body = serde_json::json!({ "kind": "group", "name": name, "members": users });
    let token = members.first().map_or("", |owner| owner.token.as_str());
    http::request("POST", "/v1/chats", token, &body.to_string())
}

/// Makes chats, many at once, and tells their ids and newest numbers in the order of the requests.
pub fn make_chats(port: u16, requests: Vec<Vec<u8>>) -> Result<Vec<(ChatId, i64)>> {
    let answers = exchange(port, &requests)?;
    let chat = |answer: Vec<u8>| serde_json::from_slice::<Chat>(&answer).map(|chat| (chat.id, chat.head_seq));
    answers.into_iter().map(|answer| chat(answer).context("making a chat")).collect()
}

/// The newest number of a chat.
pub fn head(port: u16, chat: ChatId, account: &Account) -> Result<i64> {
    let path = format!("/v1/chats/{chat}");
    Ok(http::Api::connect(port)?.json::<Chat>("GET", &path, &account.token, "")?.head_seq)
}

/// The request that posts the body with this number.
pub fn post_request(chat: ChatId, account: &Account, number: u64) -> Result<Vec<u8>> {
    let text = MessageText::try_from(body::text(number))?;
    let message = SendMessage::text(text, ClientId::try_from(format!("bench-{number}"))?, None);
    let path = format!("/v1/chats/{chat}/messages");
    Ok(http::request("POST", &path, &account.token, &serde_json::to_string(&message)?))
}

/// Opens one socket for each of these accounts, in this order, and keeps them alive.
pub fn open_sockets(wire: &mut Wire, port: u16, owners: &[&Account]) -> Result<()> {
    let mut interval = Duration::from_secs(30);
    for batch in owners.chunks(AT_ONCE) {
        let tickets = tickets(port, batch)?;
        let mut sockets = Vec::with_capacity(batch.len());
        for _ in batch {
            sockets.push(Handshake::begin(port)?);
        }
        for (socket, ticket) in sockets.iter_mut().zip(&tickets) {
            socket.identify(ticket)?;
        }
        for mut socket in sockets {
            interval = socket.ready()?;
            wire.add_reader(socket.stream, socket.unread)?;
        }
    }
    // A little more often than asked, so that no ping is late.
    wire.ping_every(interval.mul_f64(0.8));
    Ok(())
}

fn tickets(port: u16, accounts: &[&Account]) -> Result<Vec<String>> {
    let request = |account: &&Account| http::request("POST", "/v1/socket-ticket", &account.token, "");
    let answers = exchange(port, &accounts.iter().map(request).collect::<Vec<_>>())?;
    let ticket = |answer: Vec<u8>| serde_json::from_slice::<SocketTicket>(&answer).map(|given| given.ticket);
    answers.into_iter().map(|answer| ticket(answer).context("asking for a ticket")).collect()
}

/// A socket on its way to `ready`.
struct Handshake {
    stream: TcpStream,
    unread: Vec<u8>,
    interval: Duration,
}

impl Handshake {
    fn begin(port: u16) -> Result<Self> {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).context("connecting a socket")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        stream.write_all(&ws::upgrade(port))?;
        Ok(Self { stream, unread: Vec::new(), interval: Duration::ZERO })
    }

    /// Waits for the upgrade and says who this is.
    fn identify(&mut self, ticket: &str) -> Result<()> {
        let head_end = loop {
            match self.unread.windows(4).position(|window| window == b"\r\n\r\n") {
                Some(place) => break place + 4,
                None => self.read_more()?,
            }
        };
        let head = String::from_utf8_lossy(&self.unread[..head_end]).into_owned();
        ensure!(head.starts_with("HTTP/1.1 101"), "the socket was refused:\n{head}");
        self.unread.drain(..head_end);
        let identify = serde_json::json!({ "type": "identify", "ticket": ticket });
        self.stream.write_all(&ws::masked(ws::TEXT, identify.to_string().as_bytes()))?;
        Ok(())
    }

    /// Waits until events flow; tells how often to ping.
    fn ready(&mut self) -> Result<Duration> {
        loop {
            match self.next_frame()? {
                ServerFrame::Hello { ping_interval_ms, .. } => {
                    self.interval = Duration::from_millis(ping_interval_ms.max(1));
                }
                ServerFrame::Ready { .. } => return Ok(self.interval),
                other => bail!("instead of `ready` came {other:?}"),
            }
        }
    }

    fn next_frame(&mut self) -> Result<ServerFrame> {
        loop {
            if let Some(frame) = ws::parse(&self.unread)? {
                let payload: Vec<u8> =
                    self.unread.drain(..frame.payload.end).skip(frame.payload.start).collect();
                let shown = || String::from_utf8_lossy(&payload).into_owned();
                ensure!(frame.opcode == ws::TEXT, "the socket was closed: {}", shown());
                return serde_json::from_slice(&payload).with_context(shown);
            }
            self.read_more()?;
        }
    }

    fn read_more(&mut self) -> Result<()> {
        let mut chunk = [0; 4096];
        let count = self.stream.read(&mut chunk).context("waiting for a socket's handshake")?;
        ensure!(count > 0, "the server hung up during a socket's handshake");
        self.unread.extend_from_slice(&chunk[..count]);
        Ok(())
    }
}

/// Sends requests over a few connections and gives their bodies in the same order.
fn exchange(port: u16, requests: &[Vec<u8>]) -> Result<Vec<Vec<u8>>> {
    let mut wire = Wire::new()?;
    wire.add_callers(port, requests.len().min(AT_ONCE))?;
    let mut answers = Answers { of: vec![0; AT_ONCE], bodies: vec![Vec::new(); requests.len()], count: 0 };
    let mut waiting = requests.iter().enumerate().peekable();
    let end = Instant::now() + Duration::from_secs(120);
    while answers.count < requests.len() {
        ensure!(Instant::now() < end, "preparing took longer than 120 s");
        while waiting.peek().is_some() {
            let Some(caller) = wire.take_idle() else { break };
            let Some((place, request)) = waiting.next() else { break };
            answers.of[caller] = place;
            wire.send(caller, request)?;
        }
        wire.turn(Duration::from_millis(50), &mut answers)?;
    }
    Ok(answers.bodies)
}

struct Answers {
    /// Which request each caller is busy with.
    of: Vec<usize>,
    bodies: Vec<Vec<u8>>,
    count: usize,
}

impl Sink for Answers {
    fn frame(&mut self, _reader: usize, _payload: &[u8], _at: Instant) -> Result<()> {
        Ok(())
    }

    fn answer(&mut self, caller: usize, status: u16, body: &[u8], _at: Instant) -> Result<()> {
        let shown = String::from_utf8_lossy(body);
        ensure!((200..300).contains(&status), "preparing was answered {status}: {shown}");
        self.bodies[self.of[caller]] = body.to_vec();
        self.count += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::observer::Observer;

    const ID: &str = "01900000-0000-7000-8000-000000000001";

    /// Serves one connection: tickets, or a socket that gets `events` when it is ready.
    fn serve(mut stream: TcpStream, events: &[u8]) -> Result<()> {
        let mut chunk = [0; 4096];
        loop {
            let count = stream.read(&mut chunk)?;
            let asked = String::from_utf8_lossy(&chunk[..count]).into_owned();
            if asked.starts_with("POST /v1/socket-ticket") {
                let body = r#"{"ticket":"t","expires_at":"2026-01-01T00:00:00Z"}"#;
                write!(stream, "HTTP/1.1 201 Created\r\ncontent-length: {}\r\n\r\n{body}", body.len())?;
            } else if asked.starts_with("GET /v1/socket") {
                let hello = serde_json::json!({
                    "type": "hello", "version": 1, "time": "2026-01-01T00:00:00Z", "ping_interval_ms": 30_000,
                    "limits": { "frame_bytes": 1, "open_requests": 1, "focus": 1, "watch": 1, "cursors": 1 }
                });
                stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n")?;
                stream.write_all(&ws::plain(ws::TEXT, hello.to_string().as_bytes()))?;
            } else if count > 0 {
                let ready = serde_json::json!({
                    "type": "ready", "user": ID, "session": ID, "resume_token": "r", "resume_within_ms": 1
                });
                stream.write_all(&ws::plain(ws::TEXT, ready.to_string().as_bytes()))?;
                std::thread::sleep(Duration::from_millis(5));
                // In two pieces, so that a frame arrives torn.
                stream.write_all(&events[..events.len() / 2 + 7])?;
                stream.write_all(&events[events.len() / 2 + 7..])?;
            } else {
                return Ok(());
            }
        }
    }

    fn stub(events: Vec<u8>) -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("bound").port();
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let events = events.clone();
                std::thread::spawn(move || serve(stream, &events));
            }
        });
        port
    }

    fn event(seq: i64, number: u64) -> Vec<u8> {
        let message = serde_json::json!({
            "id": ID, "chat": ID, "seq": seq, "cseq": -1, "author": ID, "kind": "text", "text": body::text(number),
            "client_id": "x", "created_at": "2026-01-01T00:00:00Z", "edited_at": null, "deleted": false,
            "reply_to": null, "subject": null
        });
        let event = serde_json::json!({
            "type": "message_created", "chat": ID, "seq": seq, "cseq": -1, "message": message
        });
        ws::plain(ws::TEXT, serde_json::json!({ "type": "event", "event": event }).to_string().as_bytes())
    }

    /// Opens two sockets that get these events and tells what the checker makes of them.
    fn listen_to(seqs: &[i64]) -> crate::checker::Violations {
        let events: Vec<u8> = seqs.iter().flat_map(|seq| event(*seq, *seq as u64)).collect();
        let port = stub(events);
        let account = Account { user: ID.parse().expect("an id"), token: "pc_x".into() };
        let mut wire = Wire::new().expect("a wire");
        open_sockets(&mut wire, port, &[&account, &account]).expect("two sockets");
        let mut observer = Observer::default();
        observer.chat(ID.parse().expect("an id"), -1, [0, 1]);
        let expected = 2 * seqs.len() as u64;
        wire.run_until(Duration::from_secs(10), &mut observer, |seen| seen.deliveries() == expected)
            .expect("everything arrives");
        observer.violations()
    }

    #[test]
    fn sockets_are_opened_and_hear_everything_in_order() {
        assert!(listen_to(&[0, 1, 2, 3, 4]).none());
    }

    #[test]
    fn a_server_that_repeats_and_overtakes_is_caught_over_the_wire() {
        let found = listen_to(&[0, 2, 1, 3, 3]);
        assert_eq!((found.lost, found.doubled, found.reordered), (0, 2, 2));
    }
}
