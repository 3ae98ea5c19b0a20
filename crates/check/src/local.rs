//! What one client knows, brought forward by events as `docs/PROTOCOL.md` says: a repeat is dropped, the
//! next number is applied, a jump makes the chat stale until it is fetched.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// A chat as one client knows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Chat {
    pub(crate) seq: i64,
    pub(crate) cseq: i64,
    pub(crate) name: Value,
    /// What it is set to, as an event says it.
    pub(crate) settings: Value,
    pub(crate) member_count: i64,
    /// Id, text and whether it was deleted, by number.
    pub(crate) messages: BTreeMap<i64, (String, String, bool)>,
    /// How often people reacted, by message and emoji.
    pub(crate) reactions: BTreeMap<i64, BTreeMap<String, i64>>,
    /// Messages that say that they are pinned.
    pub(crate) pins: BTreeSet<i64>,
    /// Numbers of the timeline's own lines, which nobody has to read.
    pub(crate) lines: BTreeSet<i64>,
    /// Roles by person.
    pub(crate) members: BTreeMap<String, String>,
}

/// Everything one client knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Local {
    pub(crate) me: String,
    pub(crate) chats: BTreeMap<String, Chat>,
    pub(crate) stale: BTreeSet<String>,
    /// Continues the connection.
    pub(crate) token: Option<String>,
    pub(crate) received: u64,
    /// Chats this client was removed from, and what was heard of them afterwards.
    pub(crate) gone: BTreeSet<String>,
    pub(crate) overheard: Vec<String>,
    pub(crate) resumed_exactly: u64,
    pub(crate) resumed_by_cursor: u64,
    pub(crate) jumps: u64,
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn seq(message: &Value) -> i64 {
    message["seq"].as_i64().unwrap_or(-1)
}

fn message(value: &Value) -> (String, String, bool) {
    (text(&value["id"]), text(&value["text"]), value["deleted"] == true)
}

/// What is said of how a chat is set.
fn settings(of: &Value) -> Value {
    ["topic", "description", "archived", "posting", "slow_s"]
        .into_iter()
        .filter_map(|field| Some((field.to_owned(), of.get(field)?.clone())))
        .collect()
}

/// How often people reacted to a message, by emoji.
fn reactions(message: &Value) -> BTreeMap<String, i64> {
    let all = message["reactions"].as_array().into_iter().flatten();
    all.map(|one| (text(&one["emoji"]), one["count"].as_i64().unwrap_or(-1))).collect()
}

impl Local {
    /// The newest numbers of all chats, for a new connection.
    pub(crate) fn cursors(&self) -> Value {
        let cursors = self.chats.iter().take(64);
        cursors.map(|(id, chat)| (id.clone(), json!({"seq": chat.seq, "cseq": chat.cseq}))).collect()
    }

    /// What this client has of its chats, some of it said too high or too late on purpose.
    pub(crate) fn acks(&self) -> Value {
        let acks = self.chats.iter().take(64).map(|(id, chat)| {
            let (delivered, seen) = match self.received % 4 {
                0 => (chat.seq + 9, chat.seq - 2),
                1 => (chat.seq / 2, chat.seq / 3),
                _ => (chat.seq, chat.seq - 1),
            };
            (id.clone(), json!({"delivered": delivered, "seen": seen}))
        });
        acks.collect()
    }

    pub(crate) fn apply(&mut self, event: &Value) {
        let (kind, id) = (text(&event["type"]), text(&event["chat"]));
        match kind.as_str() {
            "chat_added" => {
                self.gone.remove(&id);
                if !self.chats.contains_key(&id) {
                    self.stale.insert(id);
                }
            }
            "member_removed" if event["user"] == self.me.as_str() => {
                self.chats.remove(&id);
                self.stale.remove(&id);
                self.gone.insert(id);
            }
            _ if event["n"].is_string() && self.gone.contains(&id) => {
                self.overheard.push(format!("{kind} {} of {id}", event["seq"]));
            }
            _ => {
                if let Some(chat) = self.chats.get_mut(&id)
                    && !chat.apply(&kind, event)
                {
                    self.jumps += 1;
                    self.stale.insert(id);
                }
            }
        }
    }
}

impl Chat {
    /// A chat as it is now, from its three resources.
    pub(crate) fn fetched(chat: &Value, messages: &[Value], members: &[Value]) -> Self {
        let member = |member: &Value| (text(&member["person"]["id"]), text(&member["role"]));
        Self {
            seq: chat["head_seq"].as_i64().unwrap_or(-1),
            cseq: chat["head_cseq"].as_i64().unwrap_or(-1),
            name: chat["name"].clone(),
            settings: settings(chat),
            member_count: chat["member_count"].as_i64().unwrap_or(-1),
            messages: messages.iter().map(|m| (seq(m), message(m))).collect(),
            reactions: messages
                .iter()
                .map(|m| (seq(m), reactions(m)))
                .filter(|(_, all)| !all.is_empty())
                .collect(),
            pins: messages.iter().filter(|m| m["pinned"] == true).map(seq).collect(),
            lines: messages.iter().filter(|m| m["kind"] != "text").map(seq).collect(),
            members: members.iter().map(member).collect(),
        }
    }

    /// How many messages above a marker somebody wrote and nobody deleted.
    pub(crate) fn unread(&self, read: i64) -> i64 {
        let above = self.messages.range((read + 1).max(0)..);
        above.filter(|(seq, (.., deleted))| !deleted && !self.lines.contains(seq)).count() as i64
    }

    fn put(&mut self, now: &Value) {
        self.messages.insert(seq(now), message(now));
        match reactions(now) {
            none if none.is_empty() => drop(self.reactions.remove(&seq(now))),
            some => drop(self.reactions.insert(seq(now), some)),
        }
        match now["pinned"] == true {
            true => self.pins.insert(seq(now)),
            false => self.pins.remove(&seq(now)),
        };
        if now["kind"] != "text" {
            self.lines.insert(seq(now));
        }
    }

    /// Whether the event was a repeat or the next one. A jump is not applied.
    fn apply(&mut self, kind: &str, event: &Value) -> bool {
        let (seq, cseq) = (event["seq"].as_i64().unwrap_or(-1), event["cseq"].as_i64().unwrap_or(-1));
        match event["n"].as_str() {
            Some("seq") => {
                if seq == self.seq + 1 {
                    self.seq = seq;
                    self.put(&event["message"]);
                }
                seq <= self.seq
            }
            Some("cseq") => {
                if cseq == self.cseq + 1 {
                    self.cseq = cseq;
                    self.change(kind, event);
                }
                cseq <= self.cseq
            }
            _ => true,
        }
    }

    fn change(&mut self, kind: &str, event: &Value) {
        match kind {
            "message_edited" | "message_deleted" | "message_changed" => {
                self.put(&event["message"]);
            }
            "member_changed" => {
                let (member, count) = (&event["member"], &event["member_count"]);
                self.members.insert(text(&member["person"]["id"]), text(&member["role"]));
                self.member_count = count.as_i64().unwrap_or(-1);
            }
            "member_removed" => {
                self.members.remove(&text(&event["user"]));
                self.member_count = event["member_count"].as_i64().unwrap_or(-1);
            }
            "chat_renamed" => self.name = event["name"].clone(),
            "chat_changed" => self.settings = settings(&event["settings"]),
            // What a newer version tells of is not looked at here; its number counts.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn created(seq: i64) -> Value {
        let message = json!({"id": "i", "text": "x", "seq": seq});
        json!({"type": "message_created", "n": "seq", "chat": "c", "seq": seq, "cseq": -1, "message": message})
    }

    #[test]
    fn repeats_are_dropped_the_next_is_applied_and_a_jump_makes_stale() {
        let mut local = Local::default();
        local.chats.insert("c".into(), Chat { seq: -1, cseq: -1, ..Chat::default() });
        for seq in [0, 0, 1] {
            local.apply(&created(seq));
        }
        assert_eq!((local.chats["c"].seq, local.chats["c"].messages.len(), local.stale.len()), (1, 2, 0));
        local.apply(&created(3));
        assert_eq!((local.chats["c"].seq, local.stale.contains("c")), (1, true));
    }

    #[test]
    fn what_is_heard_after_being_removed_is_noticed() {
        let mut local = Local { me: "m".into(), ..Local::default() };
        local.chats.insert("c".into(), Chat::default());
        local.apply(&json!({"type": "member_removed", "chat": "c", "user": "m", "seq": 0, "cseq": 0}));
        assert!(local.chats.is_empty() && local.overheard.is_empty());
        local.apply(&created(1));
        assert_eq!(local.overheard.len(), 1);
    }
}
