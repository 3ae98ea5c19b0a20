#![expect(missing_docs, reason = "the names of laws are sentences")]

use petit_domain::{Session, SessionId, SessionKind, TokenHash, UserId};

use super::world::{at, unknown, user};
use crate::{Change, Random, Store, SystemRandom};

fn session(user: UserId, micros: i64) -> Session {
    let mut hash = [0; 32];
    SystemRandom.fill(&mut hash);
    Session {
        id: SessionId::mint(at(micros), SystemRandom.next_u64()),
        token_hash: TokenHash(hash),
        user,
        kind: SessionKind::Token,
        label: "a program ☕".to_owned(),
        created_at: at(micros),
        last_seen_at: at(micros),
        expires_at: Some(at(1_000_000)),
        revoked_at: None,
        provider_session: Some("of the provider".to_owned()),
    }
}

async fn made(store: &Store, user: UserId, micros: i64) -> Session {
    let session = session(user, micros);
    assert_eq!(store.sessions.create(&session).await.expect("keeps"), Change::Done);
    session
}

pub async fn a_session_is_found_by_its_hash(store: Store) {
    let kept = made(&store, user(), 1).await;
    assert_eq!(store.sessions.create(&kept).await.expect("answers"), Change::AlreadySo);
    assert_eq!(store.sessions.find(&kept.token_hash).await.expect("reads"), Some(kept.clone()));
    assert_eq!(store.sessions.get(kept.user, kept.id).await.expect("reads"), Some(kept.clone()));
    assert_eq!(store.sessions.get(user(), kept.id).await.expect("reads"), None);
    assert_eq!(store.sessions.find(&TokenHash([0; 32])).await.expect("reads"), None);
}

pub async fn sessions_are_listed_newest_first(store: Store) {
    let ada = user();
    let (old, new, ended) =
        (made(&store, ada, 1).await, made(&store, ada, 3).await, made(&store, ada, 2).await);
    made(&store, user(), 4).await;
    store.sessions.revoke(ada, ended.id, at(9)).await.expect("ends");
    assert_eq!(store.sessions.list(ada).await.expect("reads"), [new, old]);
}

pub async fn ending_a_session_is_final(store: Store) {
    let kept = made(&store, user(), 1).await;
    assert_eq!(store.sessions.revoke(kept.user, kept.id, at(5)).await.expect("ends"), Change::Done);
    assert_eq!(store.sessions.revoke(kept.user, kept.id, at(9)).await.expect("answers"), Change::AlreadySo);
    let ended = store.sessions.find(&kept.token_hash).await.expect("reads").expect("is there");
    assert_eq!(ended.revoked_at, Some(at(5)));
    assert!(!ended.is_live(at(5)));
}

pub async fn only_its_owner_ends_a_session(store: Store) {
    let kept = made(&store, user(), 1).await;
    assert_eq!(store.sessions.revoke(user(), kept.id, at(5)).await.expect("answers"), Change::AlreadySo);
    let live = store.sessions.find(&kept.token_hash).await.expect("reads").expect("is there");
    assert_eq!(live.revoked_at, None);
}

pub async fn the_latest_use_counts(store: Store) {
    let kept = made(&store, user(), 1).await;
    for micros in [7, 5, 6] {
        store.sessions.touch(kept.user, kept.id, at(micros)).await.expect("notes");
    }
    let used = store.sessions.find(&kept.token_hash).await.expect("reads").expect("is there");
    assert_eq!(used.last_seen_at, at(7));
    store.sessions.touch(user(), kept.id, at(99)).await.expect("ignores");
}

pub async fn a_session_of_the_provider_stays_ended(store: Store) {
    let (one, other) =
        (format!("one {}", SystemRandom.next_u64()), format!("other {}", SystemRandom.next_u64()));
    assert!(!store.sessions.has_ended(&one).await.expect("answers"));
    for micros in [1, 2] {
        store.sessions.note_ended(&one, at(micros)).await.expect("notes");
        assert!(store.sessions.has_ended(&one).await.expect("answers"));
    }
    store.sessions.note_ended(&other, at(86_000_000_000)).await.expect("notes");
    assert!(store.sessions.has_ended(&one).await.expect("answers"), "for a day");
    assert!(!store.sessions.has_ended("").await.expect("answers"));
}

pub async fn what_is_not_known_is_carried(store: Store) {
    let kept = Session { kind: unknown("kind_9"), ..session(user(), 1) };
    assert_eq!(store.sessions.create(&kept).await.expect("keeps"), Change::Done);
    assert_eq!(store.sessions.find(&kept.token_hash).await.expect("reads"), Some(kept.clone()));
    assert_eq!(store.sessions.list(kept.user).await.expect("reads"), [kept]);
}
