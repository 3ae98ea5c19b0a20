#![expect(missing_docs, reason = "the names of laws are sentences")]

use std::sync::{Arc, Mutex};

use petit_domain::{ChatId, Head, MessageKind};

use super::world::{at, filled, joined, made_chat, now, sent, text, user};
use crate::{
    Appended, ChangeKind, Commit, CommitEntry, CommitObserver, Edited, NewChange, NewMessage, PageAt, Store,
};

pub async fn messages_are_numbered_without_gaps(store: Store) {
    let (chat, author) = (made_chat(&store).await, user());
    for n in 0..20 {
        assert_eq!(sent(&store, chat, text(author, &format!("n{n}"), "x")).await.seq, n);
    }
}

pub async fn changes_are_numbered_without_gaps(store: Store) {
    let chat = filled(&store, 3).await;
    let actor = user();
    let mut expected = Vec::new();
    for n in 0..3 {
        let edited = store.log.edit(chat, n, "edited", actor, now()).await.expect("edits");
        let Edited::Done(message) = edited else { panic!("expected an edit, not {edited:?}") };
        assert_eq!(message.cseq, 2 * n);
        let change = NewChange { kind: ChangeKind::MemberChanged(actor), actor, at: now() };
        let change = store.log.append_change(chat, change).await.expect("numbers").expect("the chat exists");
        assert_eq!(change.cseq, 2 * n + 1);
        expected.extend([ChangeKind::MessageEdited(n), ChangeKind::MemberChanged(actor)]);
    }
    let changes = store.log.changes_after(chat, -1, 100).await.expect("reads");
    assert_eq!(changes.iter().map(|change| change.cseq).collect::<Vec<_>>(), (0..6).collect::<Vec<_>>());
    assert_eq!(changes.iter().map(|change| change.kind).collect::<Vec<_>>(), expected);
    let rest = store.log.changes_after(chat, 3, 1).await.expect("reads");
    assert_eq!(rest.iter().map(|change| change.cseq).collect::<Vec<_>>(), [4]);
}

pub async fn writers_at_once_get_every_number_once(store: Store) {
    let chat = made_chat(&store).await;
    let writers = (0..16).map(|writer| {
        let store = store.clone();
        tokio::spawn(async move {
            let author = user();
            let mut seqs = Vec::new();
            for n in 0..25 {
                seqs.push(sent(&store, chat, text(author, &format!("{writer}-{n}"), "x")).await.seq);
            }
            assert!(seqs.is_sorted(), "one writer's messages keep their order");
            seqs
        })
    });
    let mut all = Vec::new();
    for writer in writers.collect::<Vec<_>>() {
        all.extend(writer.await.expect("a writer ends well"));
    }
    all.sort_unstable();
    assert_eq!(all, (0..400).collect::<Vec<_>>());
}

pub async fn times_and_ids_rise_with_numbers(store: Store) {
    let (chat, author) = (made_chat(&store).await, user());
    for (n, micros) in [500, 500, 100, 501, 0].into_iter().enumerate() {
        let message = NewMessage { at: at(micros), ..text(author, &format!("n{n}"), "x") };
        sent(&store, chat, message).await;
    }
    let page = store.log.page(chat, PageAt::Newest, 10).await.expect("reads");
    assert!(page.windows(2).all(|two| two[0].created_at < two[1].created_at), "times rise");
    assert!(page.windows(2).all(|two| two[0].id < two[1].id), "ids rise");
}

pub async fn a_repeated_client_id_answers_the_first_message(store: Store) {
    let (chat, author) = (made_chat(&store).await, user());
    let first = sent(&store, chat, text(author, "same", "first")).await;
    sent(&store, chat, text(author, "other", "between")).await;
    let again = store.log.append(chat, text(author, "same", "second")).await.expect("answers");
    assert_eq!(again, Appended::Repeated(first));
    assert_eq!(store.log.head(chat).await.expect("reads"), Some(Head { seq: 1, cseq: -1 }));
}

pub async fn of_many_repeats_one_is_written(store: Store) {
    let (chat, author) = (made_chat(&store).await, user());
    let tries = (0..16).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.log.append(chat, text(author, "same", "x")).await.expect("answers") })
    });
    let mut new = 0;
    for attempt in tries.collect::<Vec<_>>() {
        match attempt.await.expect("ends well") {
            Appended::New(message) => {
                new += 1;
                assert_eq!(message.seq, 0);
            }
            Appended::Repeated(message) => assert_eq!(message.seq, 0),
            other => panic!("unexpected {other:?}"),
        }
    }
    assert_eq!(new, 1);
}

pub async fn a_client_id_belongs_to_its_author_and_chat(store: Store) {
    let (here, there, ada, bo) = (made_chat(&store).await, made_chat(&store).await, user(), user());
    sent(&store, here, text(ada, "same", "x")).await;
    sent(&store, here, text(bo, "same", "x")).await;
    sent(&store, there, text(ada, "same", "x")).await;
}

pub async fn a_reply_names_a_message_of_the_chat(store: Store) {
    let (chat, author) = (made_chat(&store).await, user());
    let reply = |id: &str, to| NewMessage { reply_to: Some(to), ..text(author, id, "x") };
    for to in [0, -1, i64::MAX, i64::MIN] {
        let refused = store.log.append(chat, reply("early", to)).await.expect("answers");
        assert_eq!(refused, Appended::NoSuchReply, "{to}");
    }
    sent(&store, chat, text(author, "first", "x")).await;
    assert_eq!(sent(&store, chat, reply("answer", 0)).await.reply_to, Some(0));
    assert_eq!(store.log.append(chat, reply("late", 2)).await.expect("answers"), Appended::NoSuchReply);
}

pub async fn an_unknown_chat_takes_nothing(store: Store) {
    let (nowhere, author) = (super::world::chat(), user());
    assert_eq!(
        store.log.append(nowhere, text(author, "a", "x")).await.expect("answers"),
        Appended::NoSuchChat
    );
    let change = NewChange { kind: ChangeKind::ChatRenamed, actor: author, at: now() };
    assert_eq!(store.log.append_change(nowhere, change).await.expect("answers"), None);
    assert_eq!(store.log.head(nowhere).await.expect("reads"), None);
    assert_eq!(store.log.page(nowhere, PageAt::Newest, 5).await.expect("reads"), []);
    assert_eq!(store.log.changes_after(nowhere, -1, 5).await.expect("reads"), []);
}

pub async fn sending_moves_the_own_read_marker(store: Store) {
    let (chat, author, reader) = (made_chat(&store).await, user(), user());
    for n in 0..3 {
        sent(&store, chat, text(author, &format!("n{n}"), "x")).await;
    }
    assert_eq!(store.read_markers.get(chat, author).await.expect("reads"), 2);
    assert_eq!(store.read_markers.get(chat, reader).await.expect("reads"), -1);
}

pub async fn an_edit_keeps_the_old_text(store: Store) {
    let chat = filled(&store, 1).await;
    let editor = user();
    for text in ["second", "third"] {
        store.log.edit(chat, 0, text, editor, now()).await.expect("edits");
    }
    let message = store.log.get(chat, 0).await.expect("reads").expect("is there");
    assert_eq!((message.text.as_str(), message.cseq, message.deleted), ("third", 1, false));
    assert!(message.edited_at.is_some());
    let history = store.log.history(chat, 0, 10).await.expect("reads");
    assert_eq!(
        history.iter().map(|edition| edition.text.as_str()).collect::<Vec<_>>(),
        ["second", "number 0"]
    );
    assert_eq!(store.log.history(chat, 0, 1).await.expect("reads").len(), 1);
}

pub async fn the_same_text_again_is_no_edit(store: Store) {
    let chat = filled(&store, 1).await;
    let same = store.log.edit(chat, 0, "number 0", user(), now()).await.expect("answers");
    assert!(matches!(same, Edited::AlreadySo(message) if message.edited_at.is_none()));
    assert_eq!(store.log.head(chat).await.expect("reads"), Some(Head { seq: 0, cseq: -1 }));
}

pub async fn a_deleted_message_is_a_stub(store: Store) {
    let chat = filled(&store, 3).await;
    store.log.edit(chat, 1, "secret", user(), now()).await.expect("edits");
    let deleted = store.log.delete(chat, 1, user(), now()).await.expect("deletes");
    let Edited::Done(stub) = deleted else { panic!("expected a deletion, not {deleted:?}") };
    assert_eq!((stub.text.as_str(), stub.deleted, stub.seq, stub.cseq), ("", true, 1, 1));
    assert_eq!(store.log.history(chat, 1, 10).await.expect("reads"), []);
    assert_eq!(store.log.page(chat, PageAt::Newest, 10).await.expect("reads").len(), 3);
    let again = store.log.delete(chat, 1, user(), now()).await.expect("answers");
    assert_eq!(again, Edited::AlreadySo(stub));
}

pub async fn an_edit_after_the_deletion_is_refused(store: Store) {
    let chat = filled(&store, 1).await;
    store.log.delete(chat, 0, user(), now()).await.expect("deletes");
    assert_eq!(store.log.edit(chat, 0, "back", user(), now()).await.expect("answers"), Edited::Deleted);
    let stub = store.log.get(chat, 0).await.expect("reads").expect("is there");
    assert_eq!((stub.text.as_str(), stub.deleted), ("", true));
}

pub async fn what_does_not_exist_is_not_revised(store: Store) {
    let chat = filled(&store, 1).await;
    for seq in [1, -1, i64::MAX] {
        let edited = store.log.edit(chat, seq, "x", user(), now()).await.expect("answers");
        assert_eq!(edited, Edited::NoSuchMessage, "{seq}");
        let deleted = store.log.delete(chat, seq, user(), now()).await.expect("answers");
        assert_eq!(deleted, Edited::NoSuchMessage, "{seq}");
        assert_eq!(store.log.get(chat, seq).await.expect("reads"), None, "{seq}");
    }
}

pub async fn a_message_and_its_change_are_numbered_together(store: Store) {
    let (chat, author, subject) = (filled(&store, 1).await, user(), user());
    let joined = NewMessage {
        kind: MessageKind::MemberJoined,
        subject: Some(subject),
        change: Some(ChangeKind::MemberChanged(subject)),
        ..text(author, "join", "")
    };
    let message = sent(&store, chat, joined.clone()).await;
    assert_eq!((message.seq, message.cseq, message.subject), (1, 0, Some(subject)));
    assert!(matches!(store.log.append(chat, joined).await.expect("answers"), Appended::Repeated(_)));
    assert_eq!(store.log.head(chat).await.expect("reads"), Some(Head { seq: 1, cseq: 0 }));
    let changes = store.log.changes_after(chat, -1, 10).await.expect("reads");
    assert_eq!(changes.iter().map(|c| c.kind).collect::<Vec<_>>(), [ChangeKind::MemberChanged(subject)]);
}

async fn seqs(store: &Store, chat: ChatId, at: PageAt, limit: usize) -> Vec<i64> {
    let page = store.log.page(chat, at, limit).await.expect("reads");
    page.into_iter().map(|message| message.seq).collect()
}

pub async fn pages_have_exclusive_bounds(store: Store) {
    let chat = filled(&store, 10).await;
    assert_eq!(seqs(&store, chat, PageAt::Newest, 3).await, [7, 8, 9]);
    assert_eq!(seqs(&store, chat, PageAt::Before(7), 3).await, [4, 5, 6]);
    assert_eq!(seqs(&store, chat, PageAt::Before(0), 3).await, Vec::<i64>::new());
    assert_eq!(seqs(&store, chat, PageAt::After(7), 3).await, [8, 9]);
    assert_eq!(seqs(&store, chat, PageAt::After(-1), 3).await, [0, 1, 2]);
    assert_eq!(seqs(&store, chat, PageAt::After(9), 3).await, Vec::<i64>::new());
    assert_eq!(seqs(&store, chat, PageAt::Around(5), 4).await, [3, 4, 5, 6]);
    assert_eq!(seqs(&store, chat, PageAt::Around(0), 4).await, [0, 1, 2, 3]);
    for extreme in [i64::MIN, i64::MAX] {
        for at in [PageAt::Before(extreme), PageAt::After(extreme), PageAt::Around(extreme)] {
            let page = seqs(&store, chat, at, 4).await;
            assert!(page.windows(2).all(|two| two[0] + 1 == two[1]), "{at:?} gave {page:?}");
        }
    }
}

pub async fn pages_walk_the_whole_log_once(store: Store) {
    let chat = filled(&store, 23).await;
    let mut seen = Vec::new();
    let mut before = i64::MAX;
    loop {
        let page = seqs(&store, chat, PageAt::Before(before), 5).await;
        let Some(first) = page.first() else { break };
        before = *first;
        seen.splice(0..0, page);
    }
    assert_eq!(seen, (0..23).collect::<Vec<_>>());
}

pub async fn long_and_strange_texts_come_back_as_they_went(store: Store) {
    let (chat, author) = (made_chat(&store).await, user());
    let texts = [
        "x".repeat(16 * 1024),
        "🦀 \u{202e}עברית\u{0301}\r\n\t'\"; DROP TABLE".to_owned(),
        "%_\\".to_owned(),
    ];
    for (n, strange) in texts.iter().enumerate() {
        sent(&store, chat, text(author, &format!("n{n}"), strange)).await;
    }
    let page = store.log.page(chat, PageAt::Newest, 10).await.expect("reads");
    assert_eq!(page.into_iter().map(|message| message.text).collect::<Vec<_>>(), texts);
}

#[derive(Default)]
struct Recorder(Mutex<Vec<Commit>>);

impl CommitObserver for Recorder {
    fn committed(&self, commit: Commit) {
        self.0.lock().expect("nobody panics here").push(commit);
    }
}

pub async fn the_observer_hears_everything_once_in_order(store: Store) {
    let recorder = Arc::new(Recorder::default());
    store.log.observe(recorder.clone());
    let chat = made_chat(&store).await;
    let writers = (0..8).map(|writer| {
        let store = store.clone();
        tokio::spawn(async move {
            let author = user();
            for n in 0..10 {
                sent(&store, chat, text(author, &format!("{writer}-{n}"), "x")).await;
                let _ = store.log.append(chat, text(author, &format!("{writer}-{n}"), "x")).await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("ends well");
    }
    store.log.edit(chat, 5, "edited", user(), now()).await.expect("edits");
    store.log.edit(chat, 5, "edited", user(), now()).await.expect("answers");
    let heard = recorder.0.lock().expect("nobody panics here").clone();
    let messages: Vec<i64> = heard.iter().filter_map(seq_of_new).collect();
    assert_eq!(messages, (0..80).collect::<Vec<_>>());
    let last = heard.last().expect("something was heard");
    assert_eq!((heard.len(), last.head), (81, Head { seq: 79, cseq: 0 }));
    assert!(
        matches!(&last.entry, CommitEntry::Revision(ChangeKind::MessageEdited(5), now) if now.text == "edited")
    );
}

fn seq_of_new(commit: &Commit) -> Option<i64> {
    match &commit.entry {
        CommitEntry::Message(message, _) => Some(message.seq),
        CommitEntry::Revision(..) | CommitEntry::Change(_) => None,
    }
}

pub async fn a_chat_does_not_see_another(store: Store) {
    let (one, other) = (filled(&store, 3).await, filled(&store, 2).await);
    store.log.delete(one, 0, user(), now()).await.expect("deletes");
    assert_eq!(store.log.head(other).await.expect("reads"), Some(Head { seq: 1, cseq: -1 }));
    assert_eq!(seqs(&store, other, PageAt::Newest, 10).await, [0, 1]);
    assert!(!store.log.get(other, 0).await.expect("reads").expect("is there").deleted);
}

pub async fn the_head_is_what_was_answered(store: Store) {
    let (chat, author) = (made_chat(&store).await, user());
    joined(&store, chat, author).await;
    for n in 0..5 {
        let message = sent(&store, chat, text(author, &format!("n{n}"), "x")).await;
        assert_eq!(store.log.head(chat).await.expect("reads").map(|head| head.seq), Some(message.seq));
        let newest = store.log.page(chat, PageAt::Newest, 1).await.expect("reads");
        assert_eq!(newest, std::slice::from_ref(&message), "whoever was answered reads what was written");
        let view = store.chats.find_for(author, chat).await.expect("reads").expect("is a member");
        assert_eq!((view.last_message, view.read_seq), (Some(message), n));
    }
}

pub async fn it_is_ready(store: Store) {
    store.log.ready().await.expect("a fresh store takes writes");
}
