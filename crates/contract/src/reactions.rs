#![expect(missing_docs, reason = "the names of laws are sentences")]

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use petit_domain::{ChatId, Emoji, MOST_KINDS, Message, Reactions, SAMPLE, UserId};

use super::world::{at, delete, edit, filled, made_chat, now, revise, user};
use crate::{Reacted, ReactionRecord, Revision, Store, Why, Written};

fn emoji(text: &str) -> Emoji {
    Emoji::stored(text)
}

fn record(user: UserId, text: &str) -> ReactionRecord {
    ReactionRecord { emoji: emoji(text), user, at: now(), shown: None }
}

async fn add(store: &Store, chat: ChatId, user: UserId, text: &str) -> Reacted {
    store.reactions.add(chat, 0, &record(user, text)).await.expect("adds")
}

async fn remove(store: &Store, chat: ChatId, user: UserId, text: &str) -> Reacted {
    store.reactions.remove(chat, 0, user, &emoji(text)).await.expect("removes")
}

async fn summary(store: &Store, chat: ChatId) -> Reactions {
    store.reactions.summary(chat, 0).await.expect("reads")
}

fn counts(reactions: &Reactions) -> Vec<(&str, i64)> {
    reactions.iter().map(|one| (one.emoji.as_str(), one.count)).collect()
}

async fn whole_set(store: &Store, chat: ChatId) -> Vec<ReactionRecord> {
    store.reactions.list(chat, 0, None, None, 10_000).await.expect("lists")
}

/// Counts and samples are those of the set, whatever was done before.
async fn assert_exact(store: &Store, chat: ChatId) {
    let mut people: BTreeMap<String, BTreeSet<UserId>> = BTreeMap::new();
    for one in whole_set(store, chat).await {
        assert!(people.entry(one.emoji.as_str().to_owned()).or_default().insert(one.user), "each once");
    }
    let summary = summary(store, chat).await;
    assert_eq!(summary.len(), people.len(), "{summary:?}");
    for one in summary.iter() {
        let of = &people[one.emoji.as_str()];
        let sample: BTreeSet<UserId> = one.sample.iter().copied().collect();
        assert_eq!((one.count, sample.len()), (of.len() as i64, of.len().min(SAMPLE)), "{one:?}");
        assert_eq!(sample.len(), one.sample.len(), "nobody is named twice");
        assert!(sample.is_subset(of) && one.mine.is_none());
    }
}

async fn shown(store: &Store, chat: ChatId) -> Message {
    store.log.get(chat, 0).await.expect("reads").expect("is there")
}

async fn tell(store: &Store, chat: ChatId) -> Written {
    revise(store, chat, 0, Revision::Reactions).await
}

pub async fn repeating_changes_nothing(store: Store) {
    let (chat, ann) = (filled(&store, 1).await, user());
    assert!(matches!(add(&store, chat, ann, "👍").await, Reacted::Done(_)));
    let first = whole_set(&store, chat).await;
    let Reacted::AlreadySo(again) = add(&store, chat, ann, "👍").await else { panic!("it was there") };
    assert_eq!(
        (counts(&again), whole_set(&store, chat).await),
        (vec![("👍", 1)], first),
        "the first one stays"
    );
    let Reacted::Done(none) = remove(&store, chat, ann, "👍").await else { panic!("it was there") };
    assert!(none.is_empty());
    assert_eq!(remove(&store, chat, ann, "👍").await, Reacted::AlreadySo(Reactions::default()));
    assert_eq!(remove(&store, chat, user(), "👎").await, Reacted::AlreadySo(Reactions::default()));
    assert_exact(&store, chat).await;
}

pub async fn what_is_answered_is_what_is_read(store: Store) {
    let (chat, ann) = (filled(&store, 1).await, user());
    let shown = ReactionRecord { shown: Some(emoji("👍🏽")), at: at(7), ..record(ann, "👍") };
    let Reacted::Done(answered) = store.reactions.add(chat, 0, &shown).await.expect("adds") else {
        panic!("it was not there")
    };
    assert_eq!(answered, summary(&store, chat).await);
    assert_eq!(whole_set(&store, chat).await, [shown]);
    assert!(store.reactions.summary(chat, 1).await.expect("reads").is_empty(), "of another message");
    assert!(store.reactions.list(made_chat(&store).await, 0, None, None, 9).await.expect("lists").is_empty());
}

pub async fn counts_equal_the_set_after_whatever_many_did(store: Store) {
    let chat = filled(&store, 1).await;
    let people: Vec<UserId> = (0..7).map(|_| user()).collect();
    let kinds = ["👍", "❤️", "🎉"];
    // Every step of a walk that adds more than it takes, then takes more than it adds.
    for step in 0..60_usize {
        let (person, kind) = (people[step * 5 % 7], kinds[step * 7 % 3]);
        match (step * 11 % 10 < 6) == (step < 35) {
            true => drop(add(&store, chat, person, kind).await),
            false => drop(remove(&store, chat, person, kind).await),
        }
        assert_exact(&store, chat).await;
    }
}

pub async fn kinds_stand_in_the_order_of_first_use(store: Store) {
    let (chat, ann, bo) = (filled(&store, 1).await, user(), user());
    for (person, kind) in [(ann, "🎉"), (ann, "👍"), (bo, "🎉"), (bo, "❤️")] {
        add(&store, chat, person, kind).await;
    }
    assert_eq!(counts(&summary(&store, chat).await), [("🎉", 2), ("👍", 1), ("❤️", 1)]);
    remove(&store, chat, ann, "🎉").await;
    assert_eq!(counts(&summary(&store, chat).await)[0], ("🎉", 1), "while one is left, its place stays");
    remove(&store, chat, bo, "🎉").await;
    add(&store, chat, bo, "🎉").await;
    assert_eq!(counts(&summary(&store, chat).await), [("👍", 1), ("❤️", 1), ("🎉", 1)]);
}

pub async fn a_sample_names_three_and_is_refilled(store: Store) {
    let chat = filled(&store, 1).await;
    let people: Vec<UserId> = (0..5).map(|_| user()).collect();
    for person in &people {
        add(&store, chat, *person, "👍").await;
    }
    for gone in 0..5 {
        let named = summary(&store, chat).await[0].sample.clone();
        assert_eq!(named.len(), SAMPLE.min(5 - gone));
        remove(&store, chat, named[0], "👍").await;
        assert_exact(&store, chat).await;
    }
}

pub async fn there_is_no_kind_too_many(store: Store) {
    let (chat, ann) = (filled(&store, 1).await, user());
    let kinds: Vec<String> = (0..=MOST_KINDS).map(|kind| format!("k{kind:02}")).collect();
    for kind in &kinds[..MOST_KINDS] {
        assert!(matches!(add(&store, chat, ann, kind).await, Reacted::Done(_)));
    }
    assert_eq!(add(&store, chat, ann, &kinds[MOST_KINDS]).await, Reacted::TooManyKinds);
    assert!(matches!(add(&store, chat, user(), &kinds[3]).await, Reacted::Done(_)), "no new kind");
    remove(&store, chat, ann, &kinds[0]).await;
    assert!(matches!(add(&store, chat, ann, &kinds[MOST_KINDS]).await, Reacted::Done(_)));
    assert_exact(&store, chat).await;
}

pub async fn a_set_is_listed_page_by_page(store: Store) {
    let chat = filled(&store, 1).await;
    let people: Vec<UserId> = (0..5).map(|_| user()).collect();
    for person in &people {
        add(&store, chat, *person, "👍").await;
        add(&store, chat, *person, "❤️").await;
    }
    let all = whole_set(&store, chat).await;
    let mut sorted = all.clone();
    sorted.sort_by(|a, b| (&a.emoji, a.user).cmp(&(&b.emoji, b.user)));
    assert_eq!((all.len(), &all), (10, &sorted), "by emoji and person");
    for kind in [None, Some(emoji("👍"))] {
        let (mut walked, mut after): (Vec<ReactionRecord>, Option<(Emoji, UserId)>) = (Vec::new(), None);
        loop {
            let above = after.as_ref().map(|(emoji, user)| (emoji, *user));
            let page = store.reactions.list(chat, 0, kind.as_ref(), above, 3).await.expect("lists");
            assert!(page.len() <= 3);
            let Some(last) = page.last() else { break };
            after = Some((last.emoji.clone(), last.user));
            walked.extend(page);
        }
        let expected: Vec<_> =
            all.iter().filter(|one| kind.as_ref().is_none_or(|kind| one.emoji == *kind)).cloned().collect();
        assert_eq!(walked, expected);
    }
}

pub async fn a_person_finds_their_own(store: Store) {
    let (chat, ann, bo) = (filled(&store, 4).await, user(), user());
    for (seq, person, kind) in [(0, ann, "👍"), (0, bo, "👍"), (2, ann, "❤️"), (2, ann, "👍"), (3, ann, "👍")]
    {
        store.reactions.add(chat, seq, &record(person, kind)).await.expect("adds");
    }
    let own = async |person, seqs: &[i64]| -> BTreeSet<(i64, String)> {
        let found = store.reactions.own(chat, person, seqs).await.expect("reads");
        found.into_iter().map(|(seq, emoji)| (seq, emoji.as_str().to_owned())).collect()
    };
    let named = |all: &[(i64, &str)]| all.iter().map(|(seq, kind)| (*seq, (*kind).to_owned())).collect();
    assert_eq!(own(ann, &[0, 1, 2]).await, named(&[(0, "👍"), (2, "❤️"), (2, "👍")]));
    assert_eq!(own(bo, &[0, 1, 2, 3]).await, named(&[(0, "👍")]));
    store.reactions.remove(chat, 2, ann, &emoji("👍")).await.expect("removes");
    assert_eq!(own(ann, &[2, 3]).await, named(&[(2, "❤️"), (3, "👍")]));
    store.reactions.add(chat, 2, &record(ann, "👍")).await.expect("adds");
    assert_eq!(own(ann, &[2]).await, named(&[(2, "❤️"), (2, "👍")]), "back again");
    assert_eq!(own(ann, &[]).await, named(&[]));
}

pub async fn of_many_who_react_at_once_each_counts_once(store: Store) {
    let chat = filled(&store, 1).await;
    let people: Vec<UserId> = (0..40).map(|_| user()).collect();
    let kinds = ["👍", "❤️", "🎉", "👀"];
    // Each does everything twice at once, and half of them take one back.
    let twice = people.iter().chain(&people).enumerate();
    join_all(twice.map(async |(n, person)| {
        for kind in &kinds[..1 + n % 2] {
            add(&store, chat, *person, kind).await;
        }
    }))
    .await;
    assert_exact(&store, chat).await;
    assert_eq!(summary(&store, chat).await.find(&emoji("👍")).map(|one| one.count), Some(40));
    join_all(people.iter().take(25).map(async |person| {
        remove(&store, chat, *person, "👍").await;
        remove(&store, chat, *person, "👍").await;
    }))
    .await;
    assert_exact(&store, chat).await;
    assert_eq!(summary(&store, chat).await.find(&emoji("👍")).map(|one| one.count), Some(15));
}

pub async fn of_many_who_bring_new_kinds_no_more_get_in_than_may(store: Store) {
    let chat = filled(&store, 1).await;
    let kinds: Vec<String> = (0..MOST_KINDS + 12).map(|kind| format!("k{kind:02}")).collect();
    let answers = join_all(kinds.iter().map(async |kind| add(&store, chat, user(), kind).await)).await;
    let done = answers.iter().filter(|answer| matches!(answer, Reacted::Done(_))).count();
    assert_eq!((done, summary(&store, chat).await.len()), (MOST_KINDS, MOST_KINDS));
    assert_exact(&store, chat).await;
}

pub async fn a_message_shows_its_set_as_of_a_change_that_is_no_edit(store: Store) {
    let (chat, ann) = (filled(&store, 1).await, user());
    let Written::Revised(edited) = edit(&store, chat, 0, "other").await else { panic!("an edit") };
    add(&store, chat, ann, "👍").await;
    assert!(shown(&store, chat).await.reactions.is_empty(), "not before it is numbered");
    let Written::Revised(told) = tell(&store, chat).await else { panic!("there is something to tell") };
    assert_eq!(told, Message { cseq: 1, reactions: summary(&store, chat).await, ..edited });
    assert_eq!(told, shown(&store, chat).await);
    assert_eq!(tell(&store, chat).await, Written::AlreadySo(told.clone()), "twice is once");
    let history = store.log.history(chat, 0, 9).await.expect("reads");
    assert_eq!(history.len(), 1, "of the edit alone");
    let Written::Revised(edited) = edit(&store, chat, 0, "third").await else { panic!("an edit") };
    assert_eq!(edited.reactions, told.reactions, "an edit keeps them");
    assert_eq!(shown(&store, chat).await, edited);
    assert_eq!(store.log.history(chat, 0, 9).await.expect("reads").len(), 2);
    remove(&store, chat, ann, "👍").await;
    let Written::Revised(bare) = tell(&store, chat).await else { panic!("there is something to tell") };
    assert!(bare.reactions.is_empty() && shown(&store, chat).await.reactions.is_empty());
}

pub async fn they_are_gone_with_their_message(store: Store) {
    let (chat, ann) = (filled(&store, 1).await, user());
    for n in 0..30 {
        add(&store, chat, if n == 0 { ann } else { user() }, "👍").await;
    }
    tell(&store, chat).await;
    let Written::Revised(stub) = delete(&store, chat, 0).await else { panic!("a deletion") };
    assert!(stub.reactions.is_empty() && shown(&store, chat).await.reactions.is_empty());
    assert_eq!(tell(&store, chat).await, Written::Refused(Why::Deleted));
    for _ in 0..2 {
        store.reactions.clear(chat, 0).await.expect("clears");
        assert!(whole_set(&store, chat).await.is_empty() && summary(&store, chat).await.is_empty());
        assert!(store.reactions.own(chat, ann, &[0]).await.expect("reads").is_empty());
    }
    assert!(shown(&store, chat).await.deleted);
}
