//! Made-up people, chats and messages for the laws.

use petit_domain::{
    ChatId, ChatKind, ChatName, ChatRecord, ClientId, DisplayName, Head, MemberRecord, MemberRole, Message,
    MessageKind, Person, ServerRole, Timestamp, UserId, Username,
};

use crate::{Appended, Clock, NewMessage, Random, Store, SystemClock, SystemRandom};

pub(super) fn now() -> Timestamp {
    SystemClock.now()
}

pub(super) fn user() -> UserId {
    UserId::mint(now(), SystemRandom.next_u64())
}

pub(super) fn chat() -> ChatId {
    ChatId::mint(now(), SystemRandom.next_u64())
}

pub(super) fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(1_700_000_000_000_000 + micros)
}

pub(super) fn username(name: &str) -> Username {
    Username::try_from(name).expect("a valid username")
}

pub(super) fn name(name: &str) -> DisplayName {
    DisplayName::try_from(name).expect("a valid name")
}

pub(super) fn chat_name(name: &str) -> ChatName {
    ChatName::try_from(name).expect("a valid name of a chat")
}

pub(super) fn client_id(id: &str) -> ClientId {
    ClientId::try_from(id).expect("a valid client id")
}

pub(super) fn person(short: &str, full: &str) -> Person {
    Person { id: user(), username: username(short), name: name(full), role: ServerRole::Member }
}

pub(super) fn record(kind: ChatKind, called: Option<&str>) -> ChatRecord {
    ChatRecord {
        id: chat(),
        kind,
        name: called.map(chat_name),
        created_by: user(),
        created_at: at(0),
        head: Head::EMPTY,
        last_message_at: at(0),
        member_count: 0,
    }
}

pub(super) async fn made_chat(store: &Store) -> ChatId {
    let record = record(ChatKind::Group, Some("Crew"));
    store.chats.create(&record).await.expect("a chat is made");
    record.id
}

pub(super) fn member(chat: ChatId, user: UserId) -> MemberRecord {
    MemberRecord { chat, user, role: MemberRole::Member, joined_seq: -1, joined_at: at(0) }
}

pub(super) async fn joined(store: &Store, chat: ChatId, user: UserId) {
    store.members.add(&member(chat, user)).await.expect("somebody joins");
}

pub(super) fn text(author: UserId, id: &str, text: &str) -> NewMessage {
    NewMessage {
        author,
        kind: MessageKind::Text,
        text: text.to_owned(),
        client_id: client_id(id),
        reply_to: None,
        subject: None,
        at: now(),
        random: SystemRandom.next_u64(),
        change: None,
    }
}

/// Appends and expects it to be new.
pub(super) async fn sent(store: &Store, chat: ChatId, message: NewMessage) -> Message {
    match store.log.append(chat, message).await.expect("the log takes it") {
        Appended::New(message) => message,
        other => panic!("expected a new message, not {other:?}"),
    }
}

/// A log with messages 0 to `count` − 1.
pub(super) async fn filled(store: &Store, count: i64) -> ChatId {
    let (chat, author) = (made_chat(store).await, user());
    for n in 0..count {
        sent(store, chat, text(author, &format!("n{n}"), &format!("number {n}"))).await;
    }
    chat
}
