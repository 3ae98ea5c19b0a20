//! What a client knows, and how events bring it forward. The client in `web/core` does the same in
//! TypeScript; both replay the same cases.

use std::collections::BTreeMap;

use petit_domain::{Chat, ChatId, Event, Member, Message, MessageKind, Person, UserId};
use serde_json::{Value, json};

use crate::Client;

/// What one person's client knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Screen {
    /// Whose screen it is.
    pub me: Person,
    /// Their chats.
    pub chats: BTreeMap<ChatId, ChatScreen>,
}

/// What a client knows of one chat.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatScreen {
    /// The chat.
    pub chat: Chat,
    /// Its messages by number; `None` until they are fetched.
    pub messages: Option<BTreeMap<i64, Message>>,
    /// Its members; `None` until they are fetched.
    pub members: Option<BTreeMap<UserId, Member>>,
}

impl Screen {
    /// Everything, fetched now.
    pub async fn fetch(client: &Client) -> Self {
        let me = parsed(client.get("/v1/me").await.expect(200));
        let mut chats = BTreeMap::new();
        for chat in client.all("/v1/chats", 2).await {
            let chat: Chat = parsed(chat);
            chats.insert(chat.id, ChatScreen::fetch(client, chat).await);
        }
        Self { me, chats }
    }

    /// The same without what a client that only had `before` has not fetched.
    pub fn as_known_from(mut self, before: &Self) -> Self {
        for (id, known) in &mut self.chats {
            if !before.chats.contains_key(id) {
                (known.messages, known.members) = (None, None);
            }
        }
        self
    }

    /// Everybody on it, whom a client watches.
    pub fn people(&self) -> Vec<UserId> {
        self.chats.values().flat_map(|chat| chat.members.iter().flat_map(BTreeMap::keys)).copied().collect()
    }

    /// Brings it forward by one event. What is not new changes nothing.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::ChatAdded { chat, details, .. } => self.add_chat(*chat, details),
            Event::MemberRemoved { chat, user, .. } if *user == self.me.id => {
                self.chats.remove(chat);
            }
            Event::PersonUpdated { person } => self.update_person(person),
            other => {
                let me = self.me.id;
                if let Some(known) = other.chat().and_then(|chat| self.chats.get_mut(&chat)) {
                    known.apply(me, other);
                }
            }
        }
    }

    fn add_chat(&mut self, id: ChatId, details: &Chat) {
        let known = ChatScreen { chat: details.clone(), messages: None, members: None };
        self.chats.entry(id).or_insert(known);
    }

    fn update_person(&mut self, person: &Person) {
        if self.me.id == person.id {
            self.me = person.clone();
        }
        for known in self.chats.values_mut() {
            if let Some(peer) = known.chat.peer.as_mut().filter(|peer| peer.id == person.id) {
                *peer = person.clone();
            }
            if let Some(member) = known.members.as_mut().and_then(|members| members.get_mut(&person.id)) {
                member.person = person.clone();
            }
        }
    }

    /// As the cases for other languages hold it.
    pub fn to_json(&self) -> Value {
        let chats: Vec<Value> = self.chats.values().map(ChatScreen::to_json).collect();
        json!({"me": self.me, "chats": chats})
    }
}

impl ChatScreen {
    async fn fetch(client: &Client, chat: Chat) -> Self {
        let path = format!("/v1/chats/{}", chat.id);
        let messages = client.all(&format!("{path}/messages?after=-1"), 100).await;
        let messages = messages.into_iter().map(parsed::<Message>).map(|message| (message.seq, message));
        let members = client.all(&format!("{path}/members"), 100).await;
        let members = members.into_iter().map(parsed::<Member>).map(|member| (member.person.id, member));
        Self { chat, messages: Some(messages.collect()), members: Some(members.collect()) }
    }

    fn apply(&mut self, me: UserId, event: &Event) {
        match event {
            Event::MessageCreated { seq, message, .. } if *seq > self.chat.head_seq => {
                self.create(me, message)
            }
            Event::MessageEdited { cseq, message, .. } | Event::MessageDeleted { cseq, message, .. }
                if self.is_new(*cseq) =>
            {
                self.revise(message);
            }
            Event::MemberChanged { cseq, member, member_count, .. } if self.is_new(*cseq) => {
                self.chat.member_count = *member_count;
                self.change_member(me, member);
            }
            Event::MemberRemoved { cseq, user, member_count, .. } if self.is_new(*cseq) => {
                self.chat.member_count = *member_count;
                self.members.iter_mut().for_each(|members| drop(members.remove(user)));
            }
            Event::ChatRenamed { cseq, name, .. } if self.is_new(*cseq) => {
                self.chat.name = name.as_str().try_into().ok();
            }
            Event::UnknownChange { cseq, .. } => drop(self.is_new(*cseq)),
            Event::ReadMarkerMoved { seq, mentions, .. } if *seq >= self.chat.read_seq => {
                self.chat.mentions = *mentions;
                self.read_up_to(*seq);
            }
            _ => {}
        }
    }

    /// Whether a change is new; if so it is known from now on.
    fn is_new(&mut self, cseq: i64) -> bool {
        let is_new = cseq > self.chat.head_cseq;
        self.chat.head_cseq = self.chat.head_cseq.max(cseq);
        is_new
    }

    fn create(&mut self, me: UserId, message: &Message) {
        self.chat.head_seq = message.seq;
        self.chat.last_message_at = message.created_at;
        self.chat.last_message = Some(message.clone());
        self.messages.iter_mut().for_each(|messages| drop(messages.insert(message.seq, message.clone())));
        // Who writes has read everything before; what the timeline says by itself nobody has.
        let is_own = message.author == me && message.kind == MessageKind::Text;
        self.read_up_to(if is_own { message.seq } else { -1 });
    }

    fn revise(&mut self, message: &Message) {
        if let Some(last) = self.chat.last_message.as_mut().filter(|last| last.seq == message.seq) {
            *last = message.clone();
        }
        if let Some(known) = self.messages.as_mut().and_then(|messages| messages.get_mut(&message.seq)) {
            *known = message.clone();
        }
    }

    fn change_member(&mut self, me: UserId, member: &Member) {
        if member.person.id == me {
            self.chat.role = Some(member.role);
        }
        if let Some(members) = self.members.as_mut() {
            members.insert(member.person.id, member.clone());
        }
    }

    fn read_up_to(&mut self, seq: i64) {
        self.chat.read_seq = self.chat.read_seq.max(seq);
        self.chat.unread = (self.chat.head_seq - self.chat.read_seq).max(0);
        if self.chat.unread == 0 {
            self.chat.mentions = 0;
        }
    }

    fn to_json(&self) -> Value {
        let messages: Option<Vec<&Message>> = self.messages.as_ref().map(|known| known.values().collect());
        let members: Option<Vec<&Member>> = self.members.as_ref().map(|known| known.values().collect());
        json!({"chat": self.chat, "messages": messages, "members": members})
    }
}

fn parsed<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("the shape that is described")
}
