//! What one person does: something at random, again and again.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{sync::watch, time::Instant};

use crate::{
    api::{Api, Reply},
    dice::Dice,
    history::{Deed, History, Outcome},
    local::Local,
    receipts,
};

/// How often something is asked again whose outcome is unknown. Repeating is harmless.
const RETRIES: usize = 12;

/// Somebody who plays.
pub(crate) struct Player {
    pub(crate) who: usize,
    pub(crate) api: Api,
    pub(crate) dice: Dice,
    pub(crate) history: Arc<History>,
    pub(crate) local: Arc<Mutex<Local>>,
    pub(crate) moves: watch::Sender<Option<usize>>,
    /// Where everybody plays.
    pub(crate) chats: Vec<String>,
    /// Who is put in and out, if this player does that, and how they look into chats.
    pub(crate) guest: Option<(String, Api)>,
    pub(crate) node: usize,
    pub(crate) sent: u64,
    /// Own messages that may be edited: chat and number.
    pub(crate) own: Vec<(String, i64)>,
}

impl Player {
    pub(crate) async fn play(mut self, until: Instant, pace: Duration) -> Self {
        while Instant::now() < until {
            let next = Instant::now() + pace;
            self.turn().await;
            tokio::time::sleep_until(next.min(until)).await;
        }
        self
    }

    async fn turn(&mut self) {
        let Some(chat) = self.dice.of(&self.chats).cloned() else { return };
        match self.dice.below(100) {
            0..45 => self.send(&chat).await,
            45..49 => self.hold(&chat).await,
            49..52 => self.pin(&chat).await,
            52..62 => self.react(&chat).await,
            62..72 => self.edit().await,
            72..77 => self.delete().await,
            77..82 => self.read(&chat).await,
            82..85 => self.look_who_has(&chat).await,
            85..88 => self.rename(&chat).await,
            88..92 => self.guest(&chat).await,
            92..96 => self.node = self.dice.below(self.api.nodes() as u64) as usize,
            _ => {
                let node = self.dice.below(self.api.nodes() as u64) as usize;
                self.moves.send_replace(Some(node));
            }
        }
    }

    async fn send(&mut self, chat: &str) {
        self.sent += 1;
        let name = format!("{}-{}", self.who, self.sent);
        let body = json!({"text": format!("message {name}"), "client_id": name});
        let deed = Deed::Send { text: format!("message {name}"), client_id: name };
        let path = format!("/v1/chats/{chat}/messages");
        let answer = self.surely(chat, deed.clone(), Method::POST, &path, Some(body)).await;
        let Some(seq) = answer.and_then(|answer| answer["seq"].as_i64()) else { return };
        self.own.push((chat.to_owned(), seq));
        if self.dice.below(6) == 0
            && let Deed::Send { text, .. } = deed
        {
            self.look_back(chat, seq, text).await;
        }
    }

    /// Has a message held, and takes half of them back, about when their time is over.
    async fn hold(&mut self, chat: &str) {
        self.sent += 1;
        let (text, takes_back) = (format!("held {}-{}", self.who, self.sent), self.dice.below(2) == 0);
        let body = json!({"text": text, "client_id": text.replace(' ', "-"), "hold_s": 1});
        let path = format!("/v1/chats/{chat}/messages");
        let deed = Deed::Hold { text: text.clone() };
        let held = self.surely(chat, deed, Method::POST, &path, Some(body)).await;
        let Some(id) = held
            .filter(|_| takes_back)
            .and_then(|held| held["send_at"].is_string().then(|| held["id"].clone()))
        else {
            return;
        };
        tokio::time::sleep(Duration::from_millis(self.dice.below(1_200))).await;
        let path = format!("/v1/scheduled/{}", id.as_str().unwrap_or_default());
        self.surely(chat, Deed::TakeBack { text }, Method::DELETE, &path, None).await;
    }

    /// From any node, what was acknowledged is there.
    async fn look_back(&mut self, chat: &str, seq: i64, text: String) {
        let begun = self.history.now_ms();
        let node = self.dice.below(self.api.nodes() as u64) as usize;
        let path = format!("/v1/chats/{chat}/messages?around={seq}&limit=5");
        let Some(page) = self.api.call(node, Method::GET, &path, None).await.done() else { return };
        let is_there = page["items"].as_array().is_some_and(|items| {
            items.iter().any(|message| message["seq"] == seq && message["text"] == text.as_str())
        });
        let outcome = if is_there {
            Outcome::Ok { seq: Some(seq) }
        } else {
            Outcome::Fail { code: format!("not on {}", self.api.url(node)) }
        };
        self.history.note(self.who, chat, begun, Deed::LookBack { seq, text }, outcome);
    }

    async fn edit(&mut self) {
        let Some((chat, seq)) = self.dice.of(&self.own).cloned() else { return };
        let text = format!("edited {} by {} at {}", seq, self.who, self.history.now_ms());
        let path = format!("/v1/chats/{chat}/messages/{seq}");
        let body = json!({"text": text});
        self.surely(&chat, Deed::Edit { seq, text }, Method::PATCH, &path, Some(body)).await;
    }

    async fn delete(&mut self) {
        if self.own.is_empty() {
            return;
        }
        let place = self.dice.below(self.own.len() as u64) as usize;
        let (chat, seq) = self.own.swap_remove(place);
        let path = format!("/v1/chats/{chat}/messages/{seq}");
        self.surely(&chat, Deed::Delete { seq }, Method::DELETE, &path, None).await;
    }

    /// With few kinds on few messages, so that several people meet.
    async fn react(&mut self, chat: &str) {
        const KINDS: [(&str, &str); 3] = [("👍", "%F0%9F%91%8D"), ("❤", "%E2%9D%A4"), ("🎉", "%F0%9F%8E%89")];
        let Some(seq) = self.late(chat) else { return };
        let (emoji, in_path) = KINDS[self.dice.below(3) as usize];
        let is_on = self.dice.below(3) > 0;
        let method = if is_on { Method::PUT } else { Method::DELETE };
        let path = format!("/v1/chats/{chat}/messages/{seq}/reactions/{in_path}");
        let deed = Deed::React { seq, emoji: emoji.to_owned(), is_on };
        self.surely(chat, deed, method, &path, None).await;
    }

    async fn pin(&mut self, chat: &str) {
        let Some(seq) = self.late(chat) else { return };
        let is_on = self.dice.below(2) == 0;
        let method = if is_on { Method::PUT } else { Method::DELETE };
        let path = format!("/v1/chats/{chat}/messages/{seq}/pin");
        self.surely(chat, Deed::Pin { seq, is_on }, method, &path, None).await;
    }

    /// One of the newest messages.
    fn late(&mut self, chat: &str) -> Option<i64> {
        let head = self.local.lock().chats.get(chat).map(|chat| chat.seq)?;
        Some(head - self.dice.below(8) as i64).filter(|seq| *seq >= 0)
    }

    async fn read(&mut self, chat: &str) {
        let Some(head) = self.local.lock().chats.get(chat).map(|chat| chat.seq) else { return };
        if head < 0 {
            return;
        }
        let seq = self.dice.below(head as u64 + 1) as i64;
        let path = format!("/v1/chats/{chat}/read-marker");
        self.once(chat, Deed::Read { seq }, Method::PUT, &path, Some(json!({"seq": seq}))).await;
    }

    /// Looks how far people have the chat's messages.
    async fn look_who_has(&mut self, chat: &str) {
        let begun = self.history.now_ms();
        let node = self.dice.below(self.api.nodes() as u64) as usize;
        if let Some(told) = receipts::told(&self.api, node, chat).await {
            self.history.note(self.who, chat, begun, Deed::Receipts { told }, Outcome::Ok { seq: None });
        }
    }

    async fn rename(&mut self, chat: &str) {
        let name = format!("check {} {}", self.who, self.history.now_ms());
        // What the chat is set to changes too, in a change of its own.
        let body = json!({"name": name, "topic": format!("about {name}")});
        self.once(chat, Deed::Rename { name }, Method::PATCH, &format!("/v1/chats/{chat}"), Some(body)).await;
    }

    /// Puts the guest in or out. Who was put out looks into the chat: at the node that did it at once.
    async fn guest(&mut self, chat: &str) {
        let Some((user, api)) = self.guest.clone() else { return };
        let members = format!("/v1/chats/{chat}/members");
        if self.dice.below(2) == 0 {
            let body = json!({"user": user});
            self.once(chat, Deed::Add { user }, Method::POST, &members, Some(body)).await;
            return;
        }
        let path = format!("{members}/{user}");
        let node = self.node;
        if self.once(chat, Deed::Remove { user }, Method::DELETE, &path, None).await.is_some() {
            let begun = self.history.now_ms();
            let path = format!("/v1/chats/{chat}/messages?limit=1");
            let outcome = match api.call(node, Method::GET, &path, None).await {
                Reply::Refused(404, code) => Outcome::Fail { code },
                Reply::Done(_) => Outcome::Ok { seq: None },
                Reply::Refused(status, code) => Outcome::Unknown { why: format!("{status} {code}") },
                Reply::Unknown(why) => Outcome::Unknown { why },
            };
            self.history.note(self.who, chat, begun, Deed::Peek, outcome);
        }
    }

    /// Asks until it is certain what happened, or patience ends. Noted as one operation.
    async fn surely(
        &mut self,
        chat: &str,
        deed: Deed,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Option<Value> {
        let begun = self.history.now_ms();
        let mut reply = Reply::Unknown("not asked".into());
        for turn in 0..RETRIES {
            reply = self.api.call(self.node + turn, method.clone(), path, body.clone()).await;
            if !matches!(reply, Reply::Unknown(_)) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200 + self.dice.below(800))).await;
        }
        self.note(chat, begun, deed, reply)
    }

    async fn once(
        &mut self,
        chat: &str,
        deed: Deed,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Option<Value> {
        let begun = self.history.now_ms();
        let reply = self.api.call(self.node, method, path, body).await;
        self.note(chat, begun, deed, reply)
    }

    fn note(&self, chat: &str, begun: u64, deed: Deed, reply: Reply) -> Option<Value> {
        let (outcome, answer) = match reply {
            Reply::Done(answer) => (Outcome::Ok { seq: answer["seq"].as_i64() }, Some(answer)),
            Reply::Refused(status, code) => (Outcome::Fail { code: format!("{status} {code}") }, None),
            Reply::Unknown(why) => (Outcome::Unknown { why }, None),
        };
        self.history.note(self.who, chat, begun, deed, outcome);
        answer
    }
}
