//! Revisions of messages in an older part of the log, whose changes are rows of another partition.

use petit_domain::{ChatId, ClientId, Emoji, Message, MessageId, MessageKind, Parts, Timestamp, UserId};
use petit_ports::{Pin, ReactionRecord, Revision, Store, Why, Wish, Written};
use petit_store_scylla::Opened;
use serde_json::json;

use crate::{findings::plain::Plain, support, writers};

/// More than one part of a log holds.
pub const COUNT: i64 = 4_100;

pub async fn long_log() -> (Opened, ChatId) {
    let opened = support::fresh().await;
    let chat = long_log_in(&opened).await;
    (opened, chat)
}

async fn long_log_in(opened: &Opened) -> ChatId {
    let (chat, author) = (writers::chat(&opened.store).await, writers::somebody());
    let old: Vec<Message> = (0..COUNT).map(|seq| message(chat, author, seq)).collect();
    opened.handle.import_messages(chat, &old).await.expect("takes them in");
    chat
}

fn message(chat: ChatId, author: UserId, seq: i64) -> Message {
    let at = Timestamp::from_micros(1_700_000_000_000_000 + seq);
    let kind = if seq == 4 { MessageKind::from_parts(127, Some("poll")) } else { MessageKind::Text };
    Message {
        id: MessageId::mint(at, seq as u64),
        chat,
        seq,
        cseq: -1,
        author,
        kind,
        text: "long ago".into(),
        client_id: ClientId::try_from(format!("old-{seq}")).expect("a name"),
        created_at: at,
        edited_at: None,
        deleted: false,
        counted: Some(seq + 1),
        is_cut: false,
        pinned: false,
        reactions: petit_domain::Reactions::default(),
        reply_to: None,
        subject: None,
        parts: parts(seq == 4),
    }
}

fn parts(has_some: bool) -> Parts {
    let json = if has_some { json!({"question": "Tea?", "answers": [1, null]}) } else { json!({}) };
    serde_json::from_value(json).expect("an object")
}

pub async fn revise(store: &Store, chat: ChatId, seq: i64, if_cseq: i64, revision: Revision) -> Written {
    let (actor, at) = (writers::somebody(), Timestamp::from_micros(1_800_000_000_000_000));
    let wish = Wish::Revise { seq, if_cseq: Some(if_cseq), revision, actor, at };
    store.log_writer.write(chat, wish).await.expect("answers")
}

fn edit(text: &str, has_parts: bool) -> Revision {
    Revision::Edit { text: text.into(), parts: parts(has_parts) }
}

#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn text_and_parts_of_an_older_message_change_together_and_only_in_the_version_that_was_seen() {
    let (opened, chat) = long_log().await;
    let (store, log) = (&opened.store, &opened.store.log);
    let poll = log.get(chat, 4).await.expect("reads").expect("is there");
    assert_eq!(
        (poll.kind.as_str(), &poll.parts),
        ("poll", &parts(true)),
        "the premise: it was taken in whole"
    );
    for (version, (text, has_parts)) in
        [("one", true), ("two", true), ("two", false), ("three", true)].into_iter().enumerate()
    {
        let seen = version as i64 - 1;
        let Written::Revised(now) = revise(store, chat, 3, seen, edit(text, has_parts)).await else {
            panic!("{text} is not taken")
        };
        assert_eq!((now.text.as_str(), &now.parts), (text, &parts(has_parts)));
        assert_eq!(log.get(chat, 3).await.expect("reads"), Some(now));
        let late = revise(store, chat, 3, seen, edit("late", false)).await;
        assert_eq!(late, Written::Refused(Why::Overtaken));
    }
    let Written::Revised(stub) = revise(store, chat, 4, -1, Revision::Delete).await else {
        panic!("not deleted")
    };
    assert_eq!((stub.kind.as_str(), stub.parts.is_empty()), ("poll", true));
    assert_eq!(log.get(chat, 4).await.expect("reads"), Some(stub.clone()));
    let many = log.get_many(chat, &[COUNT - 1, 4, 0]).await.expect("reads");
    assert_eq!(many.iter().map(|message| message.seq).collect::<Vec<_>>(), [0, 4, COUNT - 1]);
    assert_eq!(many.get(1), Some(&stub));
}

#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn whoever_reads_a_change_finishes_what_it_makes_of_an_older_message() {
    let (opened, chat) = long_log().await;
    let Written::Revised(now) = revise(&opened.store, chat, 3, -1, edit("newer", true)).await else {
        panic!("it is not taken")
    };
    as_if_it_had_died_after_numbering(chat).await;
    let log = &opened.store.log;
    assert_eq!(log.get(chat, 3).await.expect("reads").map(|message| message.cseq), Some(-1), "the premise");
    log.changes_after(chat, -1, 10).await.expect("reads");
    assert_eq!(log.get(chat, 3).await.expect("reads"), Some(now));
}

/// As if the process had died right after a change of message 3 was numbered.
async fn as_if_it_had_died_after_numbering(chat: ChatId) {
    let before = "UPDATE chat_log SET cseq = -1, body = 'long ago', more = null, edited_at = null \
                  WHERE chat_id = ? AND bucket = 0 AND kind = 0 AND n = 3";
    Plain::connect().await.run(before, (chat.uuid(),)).await;
}

#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn whoever_takes_a_chat_over_finishes_it_before_the_version_of_an_older_message_is_compared() {
    let settings = support::settings();
    let opened = support::open(&settings).await;
    let chat = long_log_in(&opened).await;
    let Written::Revised(now) = revise(&opened.store, chat, 3, -1, edit("newer", true)).await else {
        panic!("it is not taken")
    };
    as_if_it_had_died_after_numbering(chat).await;
    let other = support::open(&settings).await;
    let late = revise(&other.store, chat, 3, -1, edit("of who saw the first version", false)).await;
    assert_eq!(late, Written::Refused(Why::Overtaken));
    assert_eq!(other.store.log.get(chat, 3).await.expect("reads"), Some(now));
}

#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn an_older_message_is_pinned_and_keeps_all_else() {
    let (opened, chat) = long_log().await;
    let (store, log) = (&opened.store, &opened.store.log);
    let by = writers::somebody();
    let new =
        ReactionRecord { emoji: Emoji::stored("👍"), user: by, at: Timestamp::from_micros(1), shown: None };
    store.reactions.add(chat, 3, &new).await.expect("adds");
    let Written::Revised(reacted) = revise(store, chat, 3, -1, Revision::Reactions).await else {
        panic!("its reactions are not taken")
    };
    let pin = Pin { seq: 3, by, at: Timestamp::from_micros(1_800_000_000_000_000) };
    store.pins.add(chat, &pin).await.expect("adds");
    let Written::Revised(pinned) = revise(store, chat, 3, 0, Revision::Pin).await else {
        panic!("it is not pinned")
    };
    assert_eq!(pinned, Message { pinned: true, cseq: 1, ..reacted });
    assert_eq!(log.get(chat, 3).await.expect("reads"), Some(pinned.clone()));
    let undo =
        "UPDATE chat_log SET cseq = 0, pinned = null WHERE chat_id = ? AND bucket = 0 AND kind = 0 AND n = 3";
    Plain::connect().await.run(undo, (chat.uuid(),)).await;
    assert_eq!(
        log.get(chat, 3).await.expect("reads").map(|message| message.pinned),
        Some(false),
        "the premise"
    );
    log.changes_after(chat, -1, 10).await.expect("reads");
    assert_eq!(log.get(chat, 3).await.expect("reads"), Some(pinned), "who reads the change finishes it");
    assert!(log.history(chat, 3, 9).await.expect("reads").is_empty(), "it is no edit");
    store.pins.remove(chat, 3).await.expect("removes");
    let Written::Revised(bare) = revise(store, chat, 3, 1, Revision::Pin).await else {
        panic!("its pin is not taken away")
    };
    assert_eq!((bare.pinned, log.get(chat, 3).await.expect("reads")), (false, Some(bare.clone())));
    store.pins.add(chat, &pin).await.expect("adds");
    revise(store, chat, 3, 2, Revision::Pin).await;
    let Written::Revised(stub) = revise(store, chat, 3, 3, Revision::Delete).await else {
        panic!("not deleted")
    };
    assert!(stub.deleted && !stub.pinned);
    assert_eq!(log.get(chat, 3).await.expect("reads"), Some(stub));
}
