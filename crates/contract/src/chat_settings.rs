#![expect(missing_docs, reason = "the names of laws are sentences")]

use petit_domain::{ChangeKind, ChatId, ChatTopic, SettingsChange, SettingsRecord};

use super::world::{append, filled, joined, made_chat, now, sent, text, unknown, user, write};
use crate::{Change, Effect, NewChange, NewMessage, Ruling, Store, Why, Wish, Written};

fn called(topic: &str, cseq: i64) -> SettingsRecord {
    let topic = Some(ChatTopic::try_from(topic).ok());
    SettingsRecord::default().with(&SettingsChange { topic, ..SettingsChange::default() }).numbered(cseq)
}

fn archived(archived: bool, cseq: i64) -> SettingsRecord {
    let change = SettingsChange { archived: Some(archived), ..SettingsChange::default() };
    SettingsRecord::default().with(&change).numbered(cseq)
}

async fn follow(store: &Store, chat: ChatId, (after, cseq): (i64, i64), settings: &SettingsRecord) -> Change {
    store.members.follow(chat, after, cseq, &Ruling::Set(settings.clone())).await.expect("follows")
}

async fn kept(store: &Store, chat: ChatId) -> SettingsRecord {
    store.chats.get(chat).await.expect("reads").expect("is there").settings
}

/// Numbers a change of the settings, as whoever sets a chat does.
async fn noted(store: &Store, chat: ChatId) -> i64 {
    let effect = Effect { kind: ChangeKind::ChatChanged, body: Some("{}".to_owned()) };
    let change = NewChange { effect, actor: user(), at: now(), if_cseq: None };
    match write(store, chat, Wish::Note(change)).await {
        Written::Noted(record) => record.cseq,
        other => panic!("expected a change, not {other:?}"),
    }
}

pub async fn whoever_asks_for_a_chat_gets_them(store: Store) {
    let (chat, ada) = (made_chat(&store).await, user());
    joined(&store, chat, ada).await;
    assert_eq!(kept(&store, chat).await, SettingsRecord::default());
    let set = called("Bread", 4);
    assert_eq!(follow(&store, chat, (0, 4), &set).await, Change::Done);
    assert_eq!(kept(&store, chat).await, set);
    let view = store.chats.find_for(ada, chat).await.expect("reads").expect("is there");
    let listed = store.chats.list_for(ada, false, now(), None, 10).await.expect("reads");
    assert_eq!((&view.chat.settings, &listed[0].chat.settings), (&set, &set));
    let standing = async |user| store.members.standing(chat, user).await.expect("reads");
    assert_eq!(standing(ada).await, Some((view.member, set.rules())));
    assert_eq!(standing(user()).await, None, "a stranger");
}

pub async fn the_later_change_counts_in_any_order(store: Store) {
    let (chat, other) = (made_chat(&store).await, made_chat(&store).await);
    let (first, second) = (called("Bread", 2), called("Tea", 5));
    assert_eq!(follow(&store, chat, (-1, 5), &second).await, Change::Done);
    assert_eq!(follow(&store, chat, (-1, 2), &first).await, Change::AlreadySo, "a late copy");
    assert_eq!(kept(&store, chat).await, second);
    // A version that knows nothing of settings went past their change.
    assert_eq!(store.members.follow(chat, 5, 9, &Ruling::Silent).await.expect("follows"), Change::Done);
    let third = called("Jam", 7);
    assert_eq!(follow(&store, chat, (5, 7), &third).await, Change::AlreadySo);
    assert_eq!(kept(&store, chat).await, third, "it is set all the same");
    assert_eq!(store.members.applied(chat).await.expect("reads"), Some(9));
    assert_eq!(kept(&store, other).await, SettingsRecord::default());
}

pub async fn what_is_not_known_is_carried(store: Store) {
    let chat = made_chat(&store).await;
    let newer = r#"{"archived":"for a while","retention":{"days":30},"slow_s":99999,"topic":"Bread"}"#;
    let set = SettingsRecord::stored(Some(newer), Some(3));
    assert_eq!(follow(&store, chat, (-1, 3), &set).await, Change::Done);
    let found = kept(&store, chat).await;
    assert_eq!((found.text().as_str(), found.is_archived()), (newer, false));
    let posting = SettingsChange { posting: Some(unknown("voted")), ..SettingsChange::default() };
    let now = found.with(&posting).numbered(4);
    assert_eq!(follow(&store, chat, (3, 4), &now).await, Change::Done);
    assert_eq!(kept(&store, chat).await.text(), now.text());
}

pub async fn archived_chats_are_a_list_of_their_own(store: Store) {
    let (chat, other, ada) = (made_chat(&store).await, made_chat(&store).await, user());
    joined(&store, chat, ada).await;
    joined(&store, other, ada).await;
    let listed = async |archived| {
        let found = store.chats.list_for(ada, archived, now(), None, 10).await.expect("reads");
        found.into_iter().map(|view| view.chat.id).collect::<Vec<_>>()
    };
    assert_eq!((listed(false).await.len(), listed(true).await.len()), (2, 0));
    follow(&store, chat, (0, 1), &archived(true, 1)).await;
    assert_eq!((listed(false).await, listed(true).await), (vec![other], vec![chat]));
    assert_eq!(
        store.chats.heads_for(ada).await.expect("reads").len(),
        2,
        "its head is heard of all the same"
    );
    follow(&store, chat, (1, 2), &archived(false, 2)).await;
    assert_eq!((listed(false).await.len(), listed(true).await.len()), (2, 0));
}

pub async fn what_was_written_under_older_ones_is_overtaken(store: Store) {
    let (chat, ada) = (filled(&store, 1).await, user());
    let under = |id: &str, seen: i64| NewMessage { if_settings: Some(seen), ..text(ada, id, "x") };
    sent(&store, chat, under("plain", -1)).await;
    let first = noted(&store, chat).await;
    assert_eq!(append(&store, chat, under("late", -1)).await, Written::Refused(Why::Overtaken));
    assert!(matches!(append(&store, chat, under("plain", -1)).await, Written::Repeated(_)), "sent before");
    sent(&store, chat, under("knows", first)).await;
    let second = noted(&store, chat).await;
    assert_eq!(append(&store, chat, under("late", first)).await, Written::Refused(Why::Overtaken));
    sent(&store, chat, under("late", second)).await;
    sent(&store, chat, under("ahead", second + 1)).await;
    sent(&store, chat, text(ada, "says-nothing", "x")).await;
    let other = filled(&store, 1).await;
    sent(&store, other, under("elsewhere", -1)).await;
}

pub async fn nothing_slips_in_beside_a_change(store: Store) {
    let chat = filled(&store, 1).await;
    let writers: Vec<_> = (0..32)
        .map(|n| {
            let store = store.clone();
            let message = NewMessage { if_settings: Some(-1), ..text(user(), &format!("n{n}"), "x") };
            tokio::spawn(async move { append(&store, chat, message).await })
        })
        .collect();
    let cseq = noted(&store, chat).await;
    for writer in writers {
        match writer.await.expect("ends well") {
            Written::New(message) => assert!(message.cseq < cseq, "{} came before the change", message.seq),
            other => assert_eq!(other, Written::Refused(Why::Overtaken)),
        }
    }
}
