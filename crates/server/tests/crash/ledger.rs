//! What the server promised by answering.

use std::collections::{HashMap, HashSet};

use petit_domain::{ChatId, ClientId, Message, MessageId, MessageKind, UserId};
use petit_testkit::ChatScreen;

/// What a message may be now. More than one while it is unknown whether a change was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Text(String),
    Deleted,
}

/// A message whose sender was answered.
#[derive(Clone, Debug)]
pub struct Promise {
    pub seq: i64,
    pub id: MessageId,
    pub author: UserId,
    pub client_id: ClientId,
    pub may_be: Vec<State>,
}

impl Promise {
    pub fn of(message: &Message) -> Self {
        Self {
            seq: message.seq,
            id: message.id,
            author: message.author,
            client_id: message.client_id.clone(),
            may_be: vec![state(message)],
        }
    }

    /// The server must have kept it. What it is now is certain from here on.
    fn settle(&mut self, chat: &ChatScreen) {
        let messages = chat.messages.as_ref().expect("fetched");
        let Some(kept) = messages.get(&self.seq) else { panic!("acknowledged and lost: {self:?}") };
        assert_eq!(
            (kept.id, &kept.client_id, kept.author),
            (self.id, &self.client_id, self.author),
            "{self:?}"
        );
        let now = state(kept);
        assert!(self.may_be.contains(&now), "it is {now:?}, which was never acknowledged: {self:?}");
        self.may_be = vec![now];
    }
}

fn state(message: &Message) -> State {
    if message.deleted { State::Deleted } else { State::Text(message.text.clone()) }
}

/// All promises of one writer in one chat after the other.
#[derive(Default)]
pub struct Ledger(HashMap<ChatId, Vec<Promise>>);

impl Ledger {
    pub fn of(&mut self, chat: ChatId) -> &mut Vec<Promise> {
        self.0.entry(chat).or_default()
    }

    pub fn settle(&mut self, id: ChatId, chat: &ChatScreen) {
        self.of(id).iter_mut().for_each(|promise| promise.settle(chat));
    }

    pub fn count(&self, chat: ChatId) -> usize {
        self.0.get(&chat).map_or(0, Vec::len)
    }
}

/// What holds for every log: numbers without gaps, times and ids that rise, and nothing sent once that
/// is there twice.
pub fn assert_sound(chat: &ChatScreen) {
    let messages = chat.messages.as_ref().expect("fetched");
    let mut sent = HashSet::new();
    let mut before: Option<&Message> = None;
    for (place, (seq, message)) in messages.iter().enumerate() {
        assert_eq!(place as i64, *seq, "a gap in {}", chat.chat.id);
        assert!(sent.insert((message.author, &message.client_id)), "doubled: {message:?}");
        if let Some(before) = before {
            assert!(
                before.created_at < message.created_at && before.id < message.id,
                "{before:?} {message:?}"
            );
        }
        before = Some(message);
    }
    assert_eq!(chat.chat.head_seq, messages.len() as i64 - 1, "the head is the newest message");
}

/// How many messages people wrote.
pub fn texts(chat: &ChatScreen) -> usize {
    let messages = chat.messages.as_ref().expect("fetched");
    messages.values().filter(|message| message.kind == MessageKind::Text).count()
}
