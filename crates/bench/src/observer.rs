//! Hears everything one run sends and gets: feeds the checker and takes the times.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use petit_domain::{ChatId, Event, Message, MessageKind};
use petit_protocol::ServerFrame;

use crate::{
    body,
    checker::{Checker, Violations},
    wire::Sink,
};

/// A frame, as far as the books are concerned.
#[derive(Clone, Copy)]
enum Heard {
    Text { chat: usize, seq: i64, number: u64 },
    Stray,
    Other,
}

/// A post that is not yet answered and with everybody.
struct Flight {
    sent: Instant,
    left: usize,
    answered: bool,
}

#[derive(Default)]
pub struct Observer {
    chats: HashMap<ChatId, usize>,
    listeners: Vec<usize>,
    checker: Checker,
    flights: HashMap<u64, Flight>,
    next_number: u64,
    answers: u64,
    /// Milliseconds from the post to each reader's read.
    pub each: Vec<f64>,
    /// Milliseconds from the post to the last reader's read.
    pub last: Vec<f64>,
    /// Milliseconds from the post to its answer.
    pub answered: Vec<f64>,
    recent: Recent,
}

impl Observer {
    /// Adds a chat whose newest number is `head` and to which these readers belong.
    pub fn chat(&mut self, id: ChatId, head: i64, listeners: impl IntoIterator<Item = usize>) -> usize {
        let listeners: Vec<usize> = listeners.into_iter().collect();
        self.listeners.push(listeners.len());
        let chat = self.checker.chat(head, listeners);
        self.chats.insert(id, chat);
        chat
    }

    /// A number no body has carried yet.
    pub fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    /// The post with this number goes out now.
    pub fn sends(&mut self, number: u64, chat: usize) {
        let flight = Flight { sent: Instant::now(), left: self.listeners[chat], answered: false };
        self.flights.insert(number, flight);
    }

    /// Whether every post was answered and is with everybody.
    pub fn settled(&self) -> bool {
        self.flights.is_empty()
    }

    pub fn deliveries(&self) -> u64 {
        self.checker.deliveries()
    }

    pub fn answers(&self) -> u64 {
        self.answers
    }

    pub fn violations(&self) -> Violations {
        self.checker.violations()
    }

    /// The first number of the run and the newest, in a chat.
    pub fn range(&self, chat: usize) -> (i64, i64) {
        self.checker.range(chat)
    }

    /// The body that this number of a chat holds, if the run has put it there.
    pub fn number_of(&self, chat: usize, seq: i64) -> Option<u64> {
        self.checker.number_of(chat, seq)
    }

    /// The bytes of a frame that carried a post, for floors to write the same.
    pub fn newest_frame(&self) -> Option<&[u8]> {
        let mut posts = self.recent.frames.iter().filter(|(_, heard)| matches!(heard, Heard::Text { .. }));
        posts.next_back().map(|(bytes, _)| bytes.as_slice())
    }

    fn hear(&self, payload: &[u8]) -> Result<Heard> {
        let shown = || String::from_utf8_lossy(payload).into_owned();
        let frame: ServerFrame = serde_json::from_slice(payload).with_context(shown)?;
        Ok(match frame {
            ServerFrame::Event { event: Event::MessageCreated { message, .. } } => self.text(&message),
            ServerFrame::Event { .. } | ServerFrame::Pong { .. } => Heard::Other,
            unexpected => anyhow::bail!("an unexpected frame: {unexpected:?}"),
        })
    }

    fn text(&self, message: &Message) -> Heard {
        if message.kind != MessageKind::Text {
            return Heard::Other;
        }
        match (self.chats.get(&message.chat), body::number(&message.text)) {
            (Some(&chat), Some(number)) => Heard::Text { chat, seq: message.seq, number },
            _ => Heard::Stray,
        }
    }

    fn arrived(&mut self, number: u64, at: Instant) {
        let Some(flight) = self.flights.get_mut(&number) else { return };
        let time = millis(at - flight.sent);
        flight.left = flight.left.saturating_sub(1);
        self.each.push(time);
        if flight.left == 0 {
            self.last.push(time);
            self.land(number);
        }
    }

    fn land(&mut self, number: u64) {
        if self.flights.get(&number).is_some_and(|flight| flight.answered && flight.left == 0) {
            self.flights.remove(&number);
        }
    }
}

impl Sink for Observer {
    fn frame(&mut self, reader: usize, payload: &[u8], at: Instant) -> Result<()> {
        let heard = match self.recent.find(payload) {
            Some(heard) => heard,
            None => {
                let heard = self.hear(payload)?;
                self.recent.keep(payload, heard);
                heard
            }
        };
        match heard {
            Heard::Text { chat, seq, number } => {
                self.checker.delivered(reader, chat, seq, number);
                self.arrived(number, at);
            }
            Heard::Stray => self.checker.stray(),
            Heard::Other => {}
        }
        Ok(())
    }

    fn answer(&mut self, _caller: usize, status: u16, body: &[u8], at: Instant) -> Result<()> {
        ensure!(status == 201, "a post was answered {status}: {}", String::from_utf8_lossy(body));
        let message: Message = serde_json::from_slice(body).context("the answer to a post")?;
        let number = body::number(&message.text).context("a post was answered with another text")?;
        let chat = *self.chats.get(&message.chat).context("a post was answered for another chat")?;
        self.answers += 1;
        self.checker.acknowledged(chat, message.seq, number);
        if let Some(flight) = self.flights.get_mut(&number) {
            flight.answered = true;
            self.answered.push(millis(at - flight.sent));
        }
        self.land(number);
        Ok(())
    }
}

pub fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The last few different frames: the same bytes come once for every listener and are read once.
#[derive(Default)]
struct Recent {
    frames: Vec<(Vec<u8>, Heard)>,
    oldest: usize,
    hit: usize,
}

impl Recent {
    const KEPT: usize = 64;

    fn find(&mut self, payload: &[u8]) -> Option<Heard> {
        let count = self.frames.len();
        let guesses = (self.hit..count).chain(0..self.hit.min(count));
        let found = guesses.into_iter().find(|place| self.frames[*place].0 == payload)?;
        self.hit = found;
        Some(self.frames[found].1)
    }

    fn keep(&mut self, payload: &[u8], heard: Heard) {
        self.hit = self.oldest;
        if self.frames.len() < Self::KEPT {
            self.frames.push((payload.to_vec(), heard));
        } else {
            let (bytes, known) = &mut self.frames[self.oldest];
            bytes.clear();
            bytes.extend_from_slice(payload);
            *known = heard;
        }
        self.oldest = (self.oldest + 1) % Self::KEPT;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAT: &str = "01900000-0000-7000-8000-000000000001";

    fn message(seq: i64, number: u64) -> serde_json::Value {
        serde_json::json!({
            "id": CHAT, "chat": CHAT, "seq": seq, "cseq": -1, "author": CHAT, "kind": "text",
            "text": body::text(number), "client_id": "x", "created_at": "2026-01-01T00:00:00Z",
            "edited_at": null, "deleted": false, "reply_to": null, "subject": null
        })
    }

    fn frame(seq: i64, number: u64) -> Vec<u8> {
        let event = serde_json::json!({
            "type": "message_created", "chat": CHAT, "seq": seq, "cseq": -1, "message": message(seq, number)
        });
        serde_json::json!({ "type": "event", "event": event }).to_string().into_bytes()
    }

    /// An observer of one chat with two listeners, and a post that is under way.
    fn one_post() -> (Observer, u64) {
        let mut observer = Observer::default();
        let chat = observer.chat(CHAT.parse().expect("an id"), -1, [0, 1]);
        let number = observer.number();
        observer.sends(number, chat);
        (observer, number)
    }

    #[test]
    fn a_post_has_landed_when_it_is_answered_and_with_everybody() {
        let (mut observer, number) = one_post();
        let now = Instant::now();
        observer.frame(0, &frame(0, number), now).expect("a frame");
        observer.answer(0, 201, message(0, number).to_string().as_bytes(), now).expect("an answer");
        assert!(!observer.settled(), "one listener is still without it");
        assert_eq!(observer.violations().lost, 1);
        observer.frame(1, &frame(0, number), now).expect("a frame");
        assert!(observer.settled() && observer.violations().none());
        assert_eq!((observer.each.len(), observer.last.len(), observer.answered.len()), (2, 1, 1));
    }

    #[test]
    fn a_frame_that_was_altered_on_its_way_to_one_listener_is_seen() {
        let (mut observer, number) = one_post();
        let now = Instant::now();
        observer.frame(0, &frame(0, number), now).expect("a frame");
        observer.frame(1, &frame(0, number + 1), now).expect("a frame");
        assert_eq!(observer.violations().altered, 1);
    }

    #[test]
    fn a_refused_post_ends_the_run() {
        let (mut observer, _) = one_post();
        let refused = observer.answer(0, 429, b"slow down", Instant::now());
        assert!(refused.expect_err("refused").to_string().contains("429"));
    }
}
