use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Client, Member, Server};

/// What is held of one chat. `row` is its entry in the list, brought forward.
#[derive(Clone, Default)]
struct Held {
    row: Value,
    seq: i64,
    cseq: i64,
    messages: BTreeMap<i64, Value>,
    members: BTreeMap<String, Value>,
}

/// A client as somebody writes it who has only the page.
pub struct Reader {
    socket: Client,
    me: String,
    generation: String,
    token: String,
    received: u64,
    requests: u64,
    /// Frames that came while an answer was waited for.
    waiting: VecDeque<Value>,
    chats: BTreeMap<String, Held>,
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or(-1)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Held {
    /// The copy with the higher version wins, whatever the way it came.
    fn put(&mut self, message: &Value) {
        let seq = number(&message["seq"]);
        let is_newer =
            |held: Option<&Value>| held.is_none_or(|held| number(&held["cseq"]) < number(&message["cseq"]));
        if is_newer(self.messages.get(&seq)) {
            self.messages.insert(seq, message.clone());
        }
    }

    fn read_up_to(&mut self, seq: i64) {
        if seq > number(&self.row["read_seq"]) {
            self.row["read_seq"] = json!(seq);
        }
    }

    /// What a numbered event does, once its number is the next.
    fn take(&mut self, me: &str, event: &Value) {
        match event["type"].as_str().unwrap_or_default() {
            "message_created" => {
                self.put(&event["message"]);
                if event["message"]["author"] == me && event["message"]["kind"] == "text" {
                    self.read_up_to(number(&event["seq"]));
                }
            }
            "message_edited" | "message_deleted" => self.put(&event["message"]),
            "member_changed" => {
                let member = &event["member"];
                self.members.insert(text(&member["person"]["id"]), member.clone());
                self.row["member_count"] = event["member_count"].clone();
                if member["person"]["id"] == me {
                    self.row["role"] = member["role"].clone();
                }
            }
            "member_removed" => {
                self.members.remove(&text(&event["user"]));
                self.row["member_count"] = event["member_count"].clone();
            }
            "chat_renamed" => self.row["name"] = event["name"].clone(),
            _ => {}
        }
    }
}

impl Reader {
    /// A new one, that knows nothing and fetches everything.
    pub async fn open(server: &Server, member: &Member) -> Self {
        let mut reader = Self {
            socket: Client::connect(server).await,
            me: member.user.to_string(),
            generation: String::new(),
            token: String::new(),
            received: 0,
            requests: 0,
            waiting: VecDeque::new(),
            chats: BTreeMap::new(),
        };
        reader.identify(server, member).await;
        reader
    }

    async fn identify(&mut self, server: &Server, member: &Member) {
        let cursors: serde_json::Map<_, _> = self.cursors();
        let mut frame = json!({ "type": "identify", "ticket": server.ticket(member), "cursors": cursors });
        if !self.generation.is_empty() {
            frame["generation"] = json!(self.generation);
        }
        self.socket.say(frame).await;
        self.begun().await;
        self.read_list().await;
    }

    fn cursors(&self) -> serde_json::Map<String, Value> {
        let cursor = |(id, held): (&String, &Held)| (id.clone(), json!({"seq": held.seq, "cseq": held.cseq}));
        self.chats.iter().map(cursor).collect()
    }

    /// Reads `ready` or `resumed`; answers whether exactly what was missed follows.
    async fn begun(&mut self) -> bool {
        let frame = self.frame().await;
        assert!(frame["type"] == "ready" || frame["type"] == "resumed", "{frame}");
        (self.token, self.received) = (text(&frame["resume_token"]), 0);
        let generation = text(&frame["generation"]);
        if generation != self.generation {
            self.chats.clear();
            self.generation = generation;
        }
        frame["exact"] == true
    }

    /// The connection breaks; it goes on with the token, or with a ticket.
    pub async fn broken_off(mut self, server: &Server, member: &Member, resumes: bool) -> Self {
        self.socket = Client::connect(server).await;
        self.waiting.clear();
        if !resumes {
            self.identify(server, member).await;
            return self;
        }
        let (token, received, cursors) = (self.token.clone(), self.received, self.cursors());
        self.socket
            .say(json!({ "type": "resume", "token": token, "received": received, "cursors": cursors }))
            .await;
        if !self.begun().await {
            self.read_list().await;
        }
        self
    }

    async fn frame(&mut self) -> Value {
        let Message::Text(text) = self.socket.message().await else { panic!("not a frame") };
        let frame: Value = serde_json::from_str(&text).expect("JSON");
        self.received += u64::from(frame["type"] == "event");
        frame
    }

    /// Asks over the socket; what comes meanwhile waits, in order.
    async fn ask(&mut self, path: String) -> Option<Value> {
        self.requests += 1;
        let id = self.requests;
        self.socket.say(json!({ "type": "request", "id": id, "method": "GET", "path": path })).await;
        loop {
            let frame = self.frame().await;
            if frame["type"] == "response" && frame["id"] == id {
                return (frame["status"] == 200).then(|| frame["body"].clone());
            }
            self.waiting.push_back(frame);
        }
    }

    /// Takes what comes for so long.
    pub async fn hear_for(&mut self, time: Duration) {
        let until = Instant::now() + time;
        loop {
            while let Some(frame) = self.waiting.pop_front() {
                Box::pin(self.take(frame)).await;
            }
            match timeout_at(until, self.frame()).await {
                Ok(frame) => self.waiting.push_back(frame),
                Err(_) => return,
            }
        }
    }

    async fn take(&mut self, frame: Value) {
        match frame["type"].as_str().unwrap_or_default() {
            "event" => self.event(&frame["event"]).await,
            "dirty" => {
                let chats: Vec<_> = frame["chats"].as_object().expect("chats").keys().cloned().collect();
                for chat in chats {
                    self.look(&chat).await;
                }
            }
            "resync" => {
                let chats = frame["chats"].as_array().expect("chats").clone();
                if chats.is_empty() {
                    self.read_list().await;
                }
                for chat in chats {
                    self.look(&text(&chat)).await;
                }
            }
            _ => {}
        }
    }

    async fn event(&mut self, event: &Value) {
        let id = text(&event["chat"]);
        let (kind, me) = (text(&event["type"]), self.me.clone());
        if kind == "chat_added" {
            return self.look(&id).await;
        }
        if kind == "member_removed" && event["user"] == me.as_str() {
            // Told late, it may be true no more.
            return self.look(&id).await;
        }
        let Some(held) = self.chats.get_mut(&id) else { return };
        if kind == "read_marker_moved" {
            return held.read_up_to(number(&event["seq"]));
        }
        let (new, known) = match event["n"].as_str() {
            Some("seq") => (number(&event["seq"]), &mut held.seq),
            Some("cseq") => (number(&event["cseq"]), &mut held.cseq),
            _ => return,
        };
        if new == *known + 1 {
            *known = new;
            held.take(&me, event);
        } else if new > *known {
            self.repair(&id).await;
        }
    }

    /// The list: what has no number, and through its heads what has.
    pub async fn read_list(&mut self) {
        let list = self.ask("/v1/chats?limit=100".to_owned()).await.expect("my list");
        let rows = list["items"].as_array().expect("items").clone();
        let ids: Vec<_> = rows.iter().map(|row| text(&row["id"])).collect();
        for row in &rows {
            self.met(row).await;
        }
        let missing: Vec<_> = self.chats.keys().filter(|id| !ids.contains(id)).cloned().collect();
        for id in missing {
            self.look(&id).await;
        }
    }

    /// One chat: 404 means that it is not mine.
    async fn look(&mut self, id: &str) {
        match self.ask(format!("/v1/chats/{id}")).await {
            Some(row) => self.met(&row).await,
            None => drop(self.chats.remove(id)),
        }
    }

    async fn met(&mut self, row: &Value) {
        let id = text(&row["id"]);
        let (seq, cseq) = (number(&row["head_seq"]), number(&row["head_cseq"]));
        match self.chats.get_mut(&id) {
            Some(held) if seq >= held.seq || cseq >= held.cseq => {
                held.read_up_to(number(&row["read_seq"]));
                if seq > held.seq || cseq > held.cseq {
                    Box::pin(self.repair(&id)).await;
                }
            }
            // An answer that events have overtaken, within one generation.
            Some(_) => {}
            None => Box::pin(self.fetch(&id, row)).await,
        }
    }

    /// A chat that is new: its numbers first, then everything, then what came meanwhile by its numbers.
    async fn fetch(&mut self, id: &str, row: &Value) {
        let mut held = Held { row: row.clone(), seq: -1, cseq: number(&row["head_cseq"]), ..Held::default() };
        let Some(members) = self.ask(format!("/v1/chats/{id}/members?limit=100")).await else { return };
        for member in members["items"].as_array().expect("items") {
            held.members.insert(text(&member["person"]["id"]), member.clone());
        }
        self.chats.insert(id.to_owned(), held);
        self.repair(id).await;
    }

    async fn repair(&mut self, id: &str) {
        if self.repair_messages(id).await.is_none() || self.repair_changes(id).await.is_none() {
            self.chats.remove(id);
        }
    }

    async fn repair_messages(&mut self, id: &str) -> Option<()> {
        let after = self.chats.get(id)?.seq;
        let mut path = format!("/v1/chats/{id}/messages?after={after}&limit=100");
        loop {
            let page = self.ask(path).await?;
            let (me, held) = (self.me.clone(), self.chats.get_mut(id)?);
            for message in page["items"].as_array().expect("items") {
                held.take(
                    &me,
                    &json!({"type": "message_created", "seq": message["seq"], "message": message}),
                );
                held.seq = held.seq.max(number(&message["seq"]));
            }
            let Some(next) = page["next"].as_str() else { return Some(()) };
            path = format!("/v1/chats/{id}/messages?limit=100&cursor={next}");
        }
    }

    async fn repair_changes(&mut self, id: &str) -> Option<()> {
        loop {
            let after = self.chats.get(id)?.cseq;
            let changes = self.ask(format!("/v1/chats/{id}/changes?after={after}&limit=3")).await?;
            let (me, held) = (self.me.clone(), self.chats.get_mut(id)?);
            for event in changes["events"].as_array().expect("events") {
                assert_eq!((&event["n"], number(&event["cseq"])), (&json!("cseq"), held.cseq + 1));
                held.cseq += 1;
                held.take(&me, event);
            }
            if held.cseq >= number(&changes["head_cseq"]) {
                return Some(());
            }
        }
    }

    /// Everything it holds.
    pub fn shown(&self) -> Value {
        let chat = |(id, held): (&String, &Held)| {
            let row = &held.row;
            let read = number(&row["read_seq"]);
            let above = held.messages.range(read + 1..).map(|(_, message)| message);
            let unread = above.filter(|it| it["kind"] == "text" && it["deleted"] == false).count();
            let shown = json!({
                "seq": held.seq, "cseq": held.cseq, "name": row["name"], "role": row["role"],
                "member_count": row["member_count"], "read_seq": row["read_seq"], "unread": unread,
                "messages": held.messages.values().collect::<Vec<_>>(), "members": held.members,
            });
            (id.clone(), shown)
        };
        self.chats.iter().map(chat).collect::<serde_json::Map<_, _>>().into()
    }
}
