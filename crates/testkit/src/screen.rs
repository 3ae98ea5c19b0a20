//! What a client knows, and how events bring it forward. The client in `web/core` does the same in
//! TypeScript; both replay the same cases.

use std::collections::BTreeMap;

use petit_domain::{
    Chat, ChatId, Event, Member, Mentioned, Message, MessageKind, Person, Reactions, Settings, Timestamp,
    UserId,
};
use petit_protocol::SavedItem;
use serde_json::{Value, json};

use crate::Client;

/// What one person's client knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Screen {
    /// Whose screen it is.
    pub me: Person,
    /// What they set for themselves.
    pub settings: Settings,
    /// What they saved for themselves, and when.
    pub saved: BTreeMap<(ChatId, i64), Timestamp>,
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
        let settings = parsed(client.get("/v1/me/settings").await.expect(200));
        let saved = saved_by(client).await;
        let mut chats = BTreeMap::new();
        let mut listed = client.all("/v1/chats", 2).await;
        listed.extend(client.all("/v1/chats?archived=true", 2).await);
        for chat in listed {
            let chat: Chat = parsed(chat);
            chats.insert(chat.id, ChatScreen::fetch(client, chat).await);
        }
        Self { me, settings, saved, chats }
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
        self.take(&as_told(event.clone()));
    }

    fn take(&mut self, event: &Event) {
        match event {
            Event::ChatAdded { chat, details, .. } => self.add_chat(*chat, details),
            Event::MemberRemoved { chat, user, .. } if *user == self.me.id => {
                self.chats.remove(chat);
                self.saved.retain(|(of, _), _| of != chat);
            }
            Event::SavedChanged { chat, seq, saved, at } => self.save((*chat, *seq), saved.then_some(*at)),
            Event::PersonUpdated { person } => self.update_person(person),
            Event::SettingsChanged { settings } if settings.version >= self.settings.version => {
                self.settings = settings.clone();
            }
            other => {
                if let Event::MessageDeleted { chat, message, .. } = other {
                    self.saved.remove(&(*chat, message.seq));
                }
                let me = self.me.id;
                if let Some(known) = other.chat().and_then(|chat| self.chats.get_mut(&chat)) {
                    known.apply(me, other);
                }
            }
        }
    }

    /// Takes what is told of a message that was saved, or not any more. Of chats that are not theirs nothing is shown.
    fn save(&mut self, message: (ChatId, i64), at: Option<Timestamp>) {
        match at.filter(|_| self.chats.contains_key(&message.0)) {
            Some(at) => drop(self.saved.insert(message, at)),
            None => drop(self.saved.remove(&message)),
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
        let saved: Vec<Value> =
            self.saved.iter().map(|((chat, seq), at)| json!({"chat": chat, "seq": seq, "at": at})).collect();
        json!({"me": self.me, "settings": self.settings, "saved": saved, "chats": chats})
    }
}

/// What somebody saved, as their list says it.
pub async fn saved_by(client: &Client) -> BTreeMap<(ChatId, i64), Timestamp> {
    let items = client.all("/v1/me/saved", 2).await.into_iter().map(parsed::<SavedItem>);
    items.map(|SavedItem { message, at }| ((message.chat, message.seq), at)).collect()
}

impl ChatScreen {
    async fn fetch(client: &Client, chat: Chat) -> Self {
        let path = format!("/v1/chats/{}", chat.id);
        let messages = client.all(&format!("{path}/messages?after=-1"), 100).await;
        let messages = messages.into_iter().map(parsed::<Message>).map(|mut message| {
            message.parts.keep_place(None);
            (message.seq, message)
        });
        let members = client.all(&format!("{path}/members"), 100).await;
        let members = members.into_iter().map(parsed::<Member>).map(|member| (member.person.id, member));
        Self { chat, messages: Some(messages.collect()), members: Some(members.collect()) }
    }

    /// Brings the chat forward by one event of it.
    pub fn apply(&mut self, me: UserId, event: &Event) {
        match event {
            Event::MessageCreated { seq, message, .. } if *seq > self.chat.head_seq => {
                self.create(me, message)
            }
            Event::MessageEdited { cseq, message, .. }
            | Event::MessageDeleted { cseq, message, .. }
            | Event::MessageChanged { cseq, message, .. }
                if self.is_new(*cseq) =>
            {
                self.revise(me, *cseq, message);
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
            Event::ChatChanged { cseq, settings, .. } if self.is_new(*cseq) => {
                self.chat = self.chat.clone().set_to(settings.clone());
            }
            Event::UnknownChange { cseq, .. } => drop(self.is_new(*cseq)),
            Event::Reacted { message, .. } => self.react(message),
            Event::ReadMarkerMoved { seq, unread, mentions, counted, .. } => {
                self.read(*seq, *unread, *mentions, *counted);
            }
            Event::ChoicesChanged { me, read_seq, unread, mentions, counted, .. }
                if me.version >= self.chat.me.version =>
            {
                self.chat.me = me.clone();
                self.read(*read_seq, *unread, *mentions, *counted);
            }
            _ => {}
        }
        self.chat.me = self.chat.me.clone().as_of(self.chat.head_seq, self.chat.read_seq);
        self.recount(me);
    }

    /// Takes what is told of a marker, which never falls.
    fn read(&mut self, seq: i64, unread: i64, mentions: i64, counted: Option<i64>) {
        if seq < self.chat.read_seq {
            return;
        }
        let since = self.counted().zip(counted).map_or(0, |(now, then)| now - then);
        self.chat.read_seq = seq;
        self.chat.unread = (unread + since).max(0);
        self.chat.mentions = mentions;
    }

    /// The number above which messages are unread.
    fn unread_above(&self) -> i64 {
        self.chat.me.unread_above(self.chat.read_seq)
    }

    /// How many messages counted up to the newest one.
    fn counted(&self) -> Option<i64> {
        self.chat.last_message.as_ref().map_or(Some(0), |last| last.counted)
    }

    /// Who holds every message above the marker counts them.
    fn recount(&mut self, me: UserId) {
        let above = self.unread_above() + 1..=self.chat.head_seq;
        let Some(messages) = self.messages.as_ref().filter(|messages| {
            above.is_empty()
                || messages.range(above.clone()).count() as i64 == above.end() - above.start() + 1
        }) else {
            return;
        };
        let unread: Vec<&Message> = match above.is_empty() {
            true => Vec::new(),
            false => {
                messages.range(above).map(|(_, message)| message).filter(|it| is_to_be_read(it)).collect()
            }
        };
        self.chat.unread = unread.len() as i64;
        self.chat.mentions = unread.iter().filter(|message| mentions(message, me)).count() as i64;
    }

    /// Whether a change is new; if so it is known from now on.
    fn is_new(&mut self, cseq: i64) -> bool {
        let is_new = cseq > self.chat.head_cseq;
        self.chat.head_cseq = self.chat.head_cseq.max(cseq);
        is_new
    }

    fn create(&mut self, me: UserId, message: &Message) {
        // Deleted by a change that was told before, or by one that is still to come.
        let is_gone = message.deleted && message.cseq <= self.chat.head_cseq;
        let missing = message.seq - self.chat.head_seq;
        let came = match self.counted().zip(message.counted) {
            _ if missing == 1 => i64::from(message.kind.counts()),
            Some((before, now)) => now - before,
            None => missing,
        };
        self.chat.unread += came - i64::from(is_gone);
        self.chat.mentions += i64::from(mentions(message, me));
        self.chat.head_seq = message.seq;
        self.chat.last_message_at = message.created_at;
        self.chat.last_message = Some(message.clone().preview());
        let mut told = message.clone();
        told.reactions.told_after(me, &Reactions::default());
        self.messages.iter_mut().for_each(|messages| drop(messages.insert(message.seq, told.clone())));
        // Who writes has read everything before; what the timeline says by itself nobody has.
        if message.author == me && message.kind == MessageKind::Text {
            (self.chat.read_seq, self.chat.unread, self.chat.mentions) = (message.seq, 0, 0);
        }
    }

    fn revise(&mut self, me: UserId, cseq: i64, message: &Message) {
        let is_unread = self.unread_above() < message.seq && message.seq <= self.chat.head_seq;
        // A deletion is told for earlier changes of the message too.
        if message.deleted && message.cseq == cseq && is_unread && message.kind.counts() {
            self.chat.unread = (self.chat.unread - 1).max(0);
        }
        let last = self.chat.last_message.as_mut().filter(|last| last.seq == message.seq);
        if let Some(last) = last {
            let change = i64::from(mentions(message, me)) - i64::from(mentions(last, me));
            self.chat.mentions += if is_unread { change } else { 0 };
            *last = message.clone().preview();
        }
        self.chat.mentions = self.chat.mentions.clamp(0, self.chat.unread);
        if let Some(known) = self.messages.as_mut().and_then(|messages| messages.get_mut(&message.seq)) {
            let mut told = message.clone();
            told.reactions.told_after(me, &known.reactions);
            *known = told;
        }
    }

    /// What I did myself, here or elsewhere, is so whatever else was heard; counts are taken unless newer ones are here.
    fn react(&mut self, message: &Message) {
        let Some(known) = self.messages.as_mut().and_then(|messages| messages.get_mut(&message.seq)) else {
            return;
        };
        if message.cseq >= known.cseq {
            known.reactions = message.reactions.clone();
        } else {
            known.reactions.own_as_in(&message.reactions);
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

    fn to_json(&self) -> Value {
        let messages: Option<Vec<&Message>> = self.messages.as_ref().map(|known| known.values().collect());
        let members: Option<Vec<&Member>> = self.members.as_ref().map(|known| known.values().collect());
        json!({"chat": self.chat, "messages": messages, "members": members})
    }
}

/// An event as it is heard: without what only answers say, such as where a forwarded message was.
fn as_told(mut event: Event) -> Event {
    let last = match &mut event {
        Event::ChatAdded { details, .. } => details.last_message.as_mut(),
        other => other.message_mut(),
    };
    if let Some(message) = last {
        message.parts.keep_place(None);
    }
    event
}

fn is_to_be_read(message: &Message) -> bool {
    message.kind.counts() && !message.deleted
}

/// Whether a message is about me by name, or as one of all.
fn mentions(message: &Message, me: UserId) -> bool {
    let is_me = |one: &Mentioned| matches!(one, Mentioned::Everybody) || *one == Mentioned::Person(me);
    !message.deleted && message.author != me && message.parts.mentions.iter().any(is_me)
}

fn parsed<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("the shape that is described")
}
