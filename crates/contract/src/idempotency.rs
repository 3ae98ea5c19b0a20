#![expect(missing_docs, reason = "the names of laws are sentences")]

use petit_domain::UserId;
use uuid::Uuid;

use super::world::{now, user};
use crate::{Claim, Store};

async fn claim(store: &Store, who: UserId, key: &str, body: u8, candidate: Uuid) -> Claim {
    store.idempotency.claim(who, key, &[body; 32], candidate, now()).await.expect("claims")
}

pub async fn a_key_keeps_its_first_id(store: Store) {
    let (ada, first) = (user(), user().uuid());
    assert_eq!(claim(&store, ada, "key", 1, first).await, Claim::Tied(first));
    assert_eq!(claim(&store, ada, "key", 1, user().uuid()).await, Claim::Tied(first));
}

pub async fn a_key_with_another_body_is_refused(store: Store) {
    let (ada, first) = (user(), user().uuid());
    claim(&store, ada, "key", 1, first).await;
    assert_eq!(claim(&store, ada, "key", 2, user().uuid()).await, Claim::OtherBody);
    assert_eq!(claim(&store, ada, "key", 1, user().uuid()).await, Claim::Tied(first));
}

pub async fn keys_belong_to_people(store: Store) {
    let (one, other) = (user().uuid(), user().uuid());
    assert_eq!(claim(&store, user(), "key", 1, one).await, Claim::Tied(one));
    assert_eq!(claim(&store, user(), "key", 2, other).await, Claim::Tied(other));
}

pub async fn of_many_who_claim_all_get_one_id(store: Store) {
    let ada = user();
    let claims = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { claim(&store, ada, "key", 1, user().uuid()).await })
    });
    let mut got = Vec::new();
    for claim in claims.collect::<Vec<_>>() {
        got.push(claim.await.expect("ends well"));
    }
    got.dedup();
    assert_eq!(got.len(), 1);
}
