#![expect(missing_docs, reason = "the names of laws are sentences")]

use petit_domain::IntentId;
use serde_json::json;

use super::world::{at, user};
use crate::{Intent, Store};

fn intent(micros: i64, kind: &str) -> Intent {
    let body = json!({"chat": user(), "name": "É ☕", "members": [[user(), "owner"]], "heir": null, "more": {"n": 1}});
    let serde_json::Value::Object(body) = body else { panic!("an object") };
    Intent { id: IntentId::from_uuid(user().uuid()), by: user(), at: at(micros), kind: kind.into(), body }
}

fn rename(micros: i64) -> Intent {
    intent(micros, "rename_chat")
}

pub async fn work_is_pending_until_it_is_done(store: Store) {
    let work = rename(10);
    store.intents.put(&work).await.expect("notes");
    store.intents.put(&work).await.expect("notes again");
    assert_eq!(store.intents.pending(at(10), 9).await.expect("reads"), [], "not yet begun before that");
    assert_eq!(store.intents.pending(at(11), 9).await.expect("reads"), std::slice::from_ref(&work));
    store.intents.done(work.id).await.expect("forgets");
    store.intents.done(work.id).await.expect("forgets again");
    assert_eq!(store.intents.pending(at(11), 9).await.expect("reads"), []);
}

pub async fn the_oldest_work_comes_first(store: Store) {
    let (late, early, middle) = (rename(30), rename(10), rename(20));
    for work in [&late, &early, &middle] {
        store.intents.put(work).await.expect("notes");
    }
    assert_eq!(store.intents.pending(at(99), 2).await.expect("reads"), [early, middle]);
}

pub async fn what_is_not_known_is_carried(store: Store) {
    let kinds = ["create_chat", "send_by_pigeon", "Ünknown kind", ""];
    let all: Vec<Intent> = kinds.iter().enumerate().map(|(n, kind)| intent(n as i64, kind)).collect();
    for work in &all {
        store.intents.put(work).await.expect("notes");
    }
    assert_eq!(store.intents.pending(at(99), 9).await.expect("reads"), all);
}
