//! Made-up people, chats and messages for the laws.

use petit_domain::{
    ChatId, ChatKind, ChatName, ChatRecord, ClientId, DisplayName, Head, MemberRecord, MemberRole, Message,
    Parts, Person, ServerRole, SettingsRecord, Timestamp, UserId, Username,
};

use crate::{
    Change, Clock, NewMessage, Random, Revision, Ruling, Store, SystemClock, SystemRandom, Wish, Written,
};

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
        settings: SettingsRecord::default(),
    }
}

pub(super) async fn made_chat(store: &Store) -> ChatId {
    let record = record(ChatKind::Group, Some("Crew"));
    store.chats.create(&record, &[]).await.expect("a chat is made");
    record.id
}

pub(super) fn member(chat: ChatId, user: UserId) -> MemberRecord {
    MemberRecord { chat, user, role: MemberRole::Member, joined_seq: -1, joined_at: at(0) }
}

pub(super) async fn joined(store: &Store, chat: ChatId, user: UserId) {
    assert_eq!(rule(store, chat, &Ruling::In(member(chat, user))).await, Change::Done);
}

/// Takes members and name of a chat to a next change.
pub(super) async fn rule(store: &Store, chat: ChatId, ruling: &Ruling) -> Change {
    let after = store.members.applied(chat).await.expect("reads").unwrap_or(-1);
    store.members.follow(chat, after, after + 1, ruling).await.expect("follows")
}

pub(super) fn text(author: UserId, id: &str, text: &str) -> NewMessage {
    NewMessage::text(author, client_id(id), text.to_owned(), now(), SystemRandom.next_u64())
}

/// A kind or role that nobody here knows.
pub(super) fn unknown<T: serde::de::DeserializeOwned>(name: &str) -> T {
    serde_json::from_value(name.into()).expect("a name")
}

/// Parts of a message's content that nobody here knows.
pub(super) fn strange_parts() -> Parts {
    let json = serde_json::json!({"question": "Tea? ☕", "answers": [{"yes": 1}, null], "until": 1.5});
    serde_json::from_value(json).expect("an object")
}

pub(super) async fn write(store: &Store, chat: ChatId, wish: Wish) -> Written {
    store.log_writer.write(chat, wish).await.expect("the log answers")
}

pub(super) async fn append(store: &Store, chat: ChatId, message: NewMessage) -> Written {
    write(store, chat, Wish::Append(message)).await
}

pub(super) fn edited(text: &str) -> Revision {
    Revision::Edit { text: text.to_owned(), parts: Parts::default() }
}

/// Revises whatever is there.
pub(super) async fn revise(store: &Store, chat: ChatId, seq: i64, revision: Revision) -> Written {
    revise_seen(store, chat, seq, None, revision).await
}

/// Revises a version that was seen.
pub(super) async fn revise_seen(
    store: &Store,
    chat: ChatId,
    seq: i64,
    if_cseq: Option<i64>,
    revision: Revision,
) -> Written {
    write(store, chat, Wish::Revise { seq, if_cseq, revision, actor: user(), at: now() }).await
}

pub(super) async fn edit(store: &Store, chat: ChatId, seq: i64, text: &str) -> Written {
    revise(store, chat, seq, edited(text)).await
}

pub(super) async fn delete(store: &Store, chat: ChatId, seq: i64) -> Written {
    revise(store, chat, seq, Revision::Delete).await
}

/// Appends and expects it to be new.
pub(super) async fn sent(store: &Store, chat: ChatId, message: NewMessage) -> Message {
    match append(store, chat, message).await {
        Written::New(message) => message,
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
