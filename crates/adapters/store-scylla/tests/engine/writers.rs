//! People who write, for tests that care about other things.

use petit_domain::{
    ChatId, ChatKind, ChatName, ChatRecord, ClientId, Head, MemberRecord, MemberRole, Message, UserId,
};
use petit_ports::{
    Change, Clock, NewMessage, PageAt, Random, Ruling, Store, StoreError, SystemClock, SystemRandom, Wish,
    Written,
};

pub fn somebody() -> UserId {
    UserId::mint(SystemClock.now(), SystemRandom.next_u64())
}

pub async fn chat(store: &Store) -> ChatId {
    let at = SystemClock.now();
    let record = ChatRecord {
        id: ChatId::mint(at, SystemRandom.next_u64()),
        kind: ChatKind::Group,
        name: ChatName::try_from("Engine").ok(),
        created_by: somebody(),
        created_at: at,
        head: Head::EMPTY,
        last_message_at: at,
        member_count: 0,
        settings: petit_domain::SettingsRecord::default(),
    };
    store.chats.create(&record, &[]).await.expect("makes");
    record.id
}

pub fn message(author: UserId, name: &str) -> NewMessage {
    let (text, client_id) = (format!("text of {name}"), ClientId::try_from(name).expect("a name"));
    NewMessage::text(author, client_id, text, SystemClock.now(), SystemRandom.next_u64())
}

/// Has a new message written.
pub async fn append(store: &Store, chat: ChatId, author: UserId, name: &str) -> Result<Written, StoreError> {
    store.log_writer.write(chat, Wish::Append(message(author, name))).await
}

pub async fn say(store: &Store, chat: ChatId, author: UserId, name: &str) -> Message {
    match append(store, chat, author, name).await.expect("takes it") {
        Written::New(message) => message,
        other => panic!("{name}: {other:?}"),
    }
}

/// Adds somebody new.
pub async fn join(store: &Store, chat: ChatId) -> UserId {
    let user = somebody();
    let at = SystemClock.now();
    let member = MemberRecord { chat, user, role: MemberRole::Member, joined_seq: -1, joined_at: at };
    follow(store, chat, &Ruling::In(member)).await;
    user
}

/// Takes members and name of a chat to a next change, of several writers one after the other.
pub async fn follow(store: &Store, chat: ChatId, ruling: &Ruling) {
    loop {
        let after = store.members.applied(chat).await.expect("reads").expect("a chat");
        if store.members.follow(chat, after, after + 1, ruling).await.expect("follows") == Change::Done {
            return;
        }
    }
}

/// The whole log.
pub async fn log(store: &Store, chat: ChatId) -> Vec<Message> {
    store.log.page(chat, PageAt::After(-1), 10_000).await.expect("reads")
}
