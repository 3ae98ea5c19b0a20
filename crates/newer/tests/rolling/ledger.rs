//! What was answered, and whether it is so.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{ear::Known, support::Api};

/// A message that was acknowledged.
#[derive(Clone, Debug)]
pub struct Sent {
    pub chat: String,
    pub seq: i64,
    pub client_id: String,
    /// Who wrote it, in which order.
    pub writer: usize,
}

/// What writers and readers were answered.
#[derive(Default)]
pub struct Ledger {
    pub sent: Vec<Sent>,
    /// Texts that were acknowledged last, by chat and number.
    pub texts: BTreeMap<(String, i64), String>,
    pub reads: u64,
    /// Connections that broke or were refused: planned restarts do that.
    pub broken: u64,
    /// Answers that nobody should get.
    pub wrong: Vec<String>,
}

impl Ledger {
    /// Looks at every chat as it is now, and says what is not as it was answered.
    pub fn differences(&self, chats: &BTreeMap<String, Known>) -> Vec<String> {
        let mut found = self.wrong.clone();
        let mut last = BTreeMap::new();
        for sent in &self.sent {
            let now = chats.get(&sent.chat).and_then(|chat| chat.messages.get(&sent.seq));
            let text = &self.texts[&(sent.chat.clone(), sent.seq)];
            if now
                .is_none_or(|now| now["client_id"] != sent.client_id.as_str() || now["text"] != text.as_str())
            {
                found.push(format!("{sent:?} with {text:?} is {now:?}"));
            }
            let before = last.insert((&sent.chat, sent.writer), sent.seq);
            if before.is_some_and(|before| before >= sent.seq) {
                found.push(format!("{sent:?} came before {before:?}"));
            }
        }
        for (id, chat) in chats {
            let names = chat.messages.values().map(|message| message["client_id"].to_string());
            let mut names: Vec<String> = names.collect();
            names.sort();
            names.dedup();
            if names.len() != chat.messages.len() || chat.messages.len() as i64 != chat.seq + 1 {
                found.push(format!("{id} has {} of {} messages", names.len(), chat.seq + 1));
            }
        }
        found
    }
}

/// A chat as it is fetched.
pub fn fetch(api: &mut Api, chat: &str) -> Known {
    fetched(api, chat).expect("it is answered")
}

/// The same, from a server that may be about to end.
pub fn fetched(api: &mut Api, chat: &str) -> Result<Known, String> {
    let path = format!("/v1/chats/{chat}");
    let mut known = Known { seq: -1, cseq: -1, messages: BTreeMap::new() };
    loop {
        let page = ask(api, &format!("{path}/messages?after={}&limit=100", known.seq))?;
        let items = page["items"].as_array().expect("a list").clone();
        let Some(last) = items.last() else { break };
        known.seq = last["seq"].as_i64().expect("a number");
        known.messages.extend(items.into_iter().map(|item| (item["seq"].as_i64().expect("a number"), item)));
    }
    loop {
        let changes = ask(api, &format!("{path}/changes?after={}&limit=100", known.cseq))?;
        let events = changes["events"].as_array().expect("a list").iter();
        for (event, number) in events.zip(known.cseq + 1..) {
            assert_eq!(event["cseq"], number, "changes have no gap");
            // A page that was read before it does not have it.
            if let Some(seq) = event["message"]["seq"].as_i64() {
                known.hold(seq, event["message"].clone());
            }
        }
        known.cseq = changes["up_to_cseq"].as_i64().expect("a number");
        if changes["up_to_cseq"] == changes["head_cseq"] {
            return Ok(known);
        }
    }
}

pub fn get(api: &mut Api, path: &str) -> Value {
    ask(api, path).expect("it is answered")
}

fn ask(api: &mut Api, path: &str) -> Result<Value, String> {
    let answer = api.get(path).map_err(|error| error.to_string())?;
    if answer.status == 200 { Ok(answer.body) } else { Err(answer.body.to_string()) }
}
