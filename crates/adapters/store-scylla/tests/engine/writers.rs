//! People who write, for tests that care about other things.

use petit_domain::{
    ChatId, ChatKind, ChatName, ChatRecord, ClientId, Head, MemberRecord, MemberRole, Message, MessageKind,
    UserId,
};
use petit_ports::{Appended, Clock, NewMessage, PageAt, Random, Store, SystemClock, SystemRandom};

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
    };
    store.chats.create(&record).await.expect("makes");
    record.id
}

pub fn message(author: UserId, name: &str) -> NewMessage {
    NewMessage {
        author,
        kind: MessageKind::Text,
        text: format!("text of {name}"),
        client_id: ClientId::try_from(name).expect("a name"),
        reply_to: None,
        subject: None,
        at: SystemClock.now(),
        random: SystemRandom.next_u64(),
        change: None,
    }
}

pub async fn say(store: &Store, chat: ChatId, author: UserId, name: &str) -> Message {
    match store.log.append(chat, message(author, name)).await.expect("takes it") {
        Appended::New(message) => message,
        other => panic!("{name}: {other:?}"),
    }
}

/// Adds somebody new.
pub async fn join(store: &Store, chat: ChatId) -> UserId {
    let user = somebody();
    let at = SystemClock.now();
    let member = MemberRecord { chat, user, role: MemberRole::Member, joined_seq: -1, joined_at: at };
    store.members.add(&member).await.expect("adds");
    user
}

/// The whole log.
pub async fn log(store: &Store, chat: ChatId) -> Vec<Message> {
    store.log.page(chat, PageAt::After(-1), 10_000).await.expect("reads")
}
