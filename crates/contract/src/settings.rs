#![expect(missing_docs, reason = "the names of laws are sentences")]

use petit_domain::{Setting, Settings, UserId};
use serde_json::{Value, json};

use super::world::{at, user};
use crate::{Change, Store};

fn setting(name: &str, value: Value) -> Setting {
    Setting { name: name.to_owned(), value }
}

/// One that is known here, and some of a newer version.
fn some() -> Vec<Setting> {
    let newer = json!({"from": "22:00", "days": [1, 2], "label": "é ☕"});
    vec![
        setting("undo_s", json!(10)),
        setting("receipts", json!(false)),
        setting("quiet", newer),
        setting("size", json!(3)),
    ]
}

async fn set(store: &Store, user: UserId, settings: &[Setting], micros: i64) -> (Settings, Change) {
    store.settings.set(user, settings, at(micros)).await.expect("sets")
}

async fn kept(store: &Store, user: UserId) -> Settings {
    store.settings.get(user).await.expect("reads")
}

pub async fn each_is_kept_by_itself_and_names_nobody_knows_too(store: Store) {
    let ada = user();
    assert_eq!(kept(&store, ada).await, Settings::default(), "nothing was set");
    let mut wanted = Settings::default();
    for (n, one) in some().into_iter().chain([setting("undo_s", json!(0))]).enumerate() {
        let (now, change) = set(&store, ada, std::slice::from_ref(&one), n as i64).await;
        wanted = wanted.with(&one);
        wanted.version = at(n as i64).micros();
        assert_eq!((&now, change), (&wanted, Change::Done), "{one:?}");
        assert_eq!(kept(&store, ada).await, wanted);
    }
    assert_eq!((wanted.undo_s, wanted.newer.len()), (0, 2));
}

pub async fn setting_again_changes_nothing(store: Store) {
    let ada = user();
    let (first, _) = set(&store, ada, &some(), 1).await;
    assert_eq!(set(&store, ada, &some(), 2).await, (first.clone(), Change::AlreadySo));
    assert_eq!(set(&store, ada, &[], 3).await, (first.clone(), Change::AlreadySo));
    assert_eq!(kept(&store, ada).await, first);
}

pub async fn the_later_one_counts_whatever_its_clock_says(store: Store) {
    let ada = user();
    let (first, _) = set(&store, ada, &[setting("undo_s", json!(5))], 5_000_000).await;
    let (second, _) = set(&store, ada, &[setting("undo_s", json!(30))], 0).await;
    assert_eq!(second.undo_s, 30);
    assert!(second.version > first.version, "{} after {}", second.version, first.version);
}

pub async fn they_belong_to_one_person(store: Store) {
    let (ada, bo) = (user(), user());
    let (hers, _) = set(&store, ada, &some(), 1).await;
    assert_eq!(kept(&store, bo).await, Settings::default());
    set(&store, bo, &[setting("undo_s", json!(20))], 2).await;
    assert_eq!(kept(&store, ada).await, hers);
}

pub async fn one_is_found_of_many_people(store: Store) {
    let (ada, bo, cy) = (user(), user(), user());
    set(&store, ada, &[setting("receipts", json!(false)), setting("undo_s", json!(5))], 1).await;
    set(&store, bo, &[setting("undo_s", json!(7))], 1).await;
    for on in [false, true] {
        set(&store, cy, &[setting("receipts", json!(on))], 1).await;
    }
    let named = async |users: &[UserId], name| {
        let mut found = store.settings.named(users, name).await.expect("reads");
        found.sort_by_key(|(user, _)| *user);
        found
    };
    let mut wanted = vec![(ada, json!(false)), (cy, json!(true))];
    wanted.sort_by_key(|(user, _)| *user);
    assert_eq!(named(&[cy, ada, bo, user(), ada], "receipts").await, wanted, "each once");
    assert_eq!(named(&[bo], "receipts").await, []);
    assert_eq!(named(&[], "receipts").await, []);
    let strangers: Vec<UserId> = (0..350).map(|_| user()).chain([bo]).collect();
    assert_eq!(named(&strangers, "undo_s").await, [(bo, json!(7))], "however many are asked for");
}

pub async fn of_many_who_set_at_once_nothing_is_lost(store: Store) {
    let ada = user();
    let setting = some().into_iter().map(|one| {
        let store = store.clone();
        tokio::spawn(async move { set(&store, ada, &[one], 1).await })
    });
    for one in setting.collect::<Vec<_>>() {
        one.await.expect("ends well");
    }
    assert_eq!(kept(&store, ada).await.all(), some());
}
