#![expect(missing_docs, reason = "the names of laws are sentences")]

use petit_domain::{ChatKind, IntentId, MemberRole};

use super::world::{at, chat, chat_name, user};
use crate::{Intent, IntentKind, Store};

fn intent(micros: i64, kind: IntentKind) -> Intent {
    Intent { id: IntentId::from_uuid(user().uuid()), by: user(), at: at(micros), kind }
}

fn rename(micros: i64) -> Intent {
    intent(micros, IntentKind::RenameChat { chat: chat(), name: chat_name("New") })
}

pub async fn work_is_pending_until_it_is_done(store: Store) {
    let work = rename(10);
    store.outbox.put(&work).await.expect("notes");
    store.outbox.put(&work).await.expect("notes again");
    assert_eq!(store.outbox.pending(at(10), 9).await.expect("reads"), [], "not yet begun before that");
    assert_eq!(store.outbox.pending(at(11), 9).await.expect("reads"), std::slice::from_ref(&work));
    store.outbox.done(work.id).await.expect("forgets");
    store.outbox.done(work.id).await.expect("forgets again");
    assert_eq!(store.outbox.pending(at(11), 9).await.expect("reads"), []);
}

pub async fn the_oldest_work_comes_first(store: Store) {
    let (late, early, middle) = (rename(30), rename(10), rename(20));
    for work in [&late, &early, &middle] {
        store.outbox.put(work).await.expect("notes");
    }
    assert_eq!(store.outbox.pending(at(99), 2).await.expect("reads"), [early, middle]);
}

pub async fn every_kind_of_work_comes_back_whole(store: Store) {
    let (chat, user) = (chat(), user());
    let members = vec![(user, MemberRole::Owner)];
    let kinds = [
        IntentKind::CreateChat { chat, kind: ChatKind::Open, name: Some(chat_name("É ☕")), members },
        IntentKind::AddMember { chat, user, role: MemberRole::Admin },
        IntentKind::RemoveMember { chat, user, heir: Some(user) },
        IntentKind::SetRole { chat, user, role: MemberRole::Member },
        IntentKind::RenameChat { chat, name: chat_name("New") },
    ];
    let all: Vec<Intent> = kinds.into_iter().enumerate().map(|(n, kind)| intent(n as i64, kind)).collect();
    for work in &all {
        store.outbox.put(work).await.expect("notes");
    }
    assert_eq!(store.outbox.pending(at(99), 9).await.expect("reads"), all);
}
