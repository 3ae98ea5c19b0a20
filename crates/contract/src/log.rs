#![expect(missing_docs, reason = "the names of laws are sentences")]

use std::sync::{Arc, Mutex};

use petit_domain::{About, ChatId, Head, MessageKind, Parts};

use super::world::{
    append, at, delete, edit, edited, filled, joined, made_chat, now, revise, revise_seen, sent,
    strange_parts, text, unknown, user, write,
};
use crate::{
    ChangeKind, ChangeRecord, Commit, CommitEntry, CommitObserver, Effect, NewChange, NewMessage, PageAt,
    Revision, Store, Why, Wish, Written,
};

fn revised(written: Written) -> petit_domain::Message {
    match written {
        Written::Revised(message) => message,
        other => panic!("expected a revision, not {other:?}"),
    }
}

async fn note(store: &Store, chat: ChatId, effect: Effect, if_cseq: Option<i64>) -> Written {
    write(store, chat, Wish::Note(NewChange { effect, actor: user(), at: now(), if_cseq })).await
}

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
        assert_eq!(revised(edit(&store, chat, n, "edited").await).cseq, 2 * n);
        let change = note(&store, chat, ChangeKind::MemberChanged(actor).into(), None).await;
        assert!(matches!(change, Written::Noted(record) if record.cseq == 2 * n + 1));
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

pub async fn a_clock_that_was_far_ahead_holds_up_nobody(store: Store) {
    let (chat, author) = (made_chat(&store).await, user());
    let day = 86_400_000_000;
    for (n, micros) in [1, day, 10, 5, day, 20].into_iter().enumerate() {
        let message = NewMessage { at: at(micros), ..text(author, &format!("n{n}"), "x") };
        sent(&store, chat, message).await;
    }
    let page = store.log.page(chat, PageAt::Newest, 10).await.expect("reads");
    let times: Vec<_> = page.iter().map(|message| message.created_at).collect();
    assert_eq!(times, [at(1), at(day), at(10), at(11), at(day), at(20)]);
    assert_eq!(page.iter().map(|message| message.seq).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
    let record = store.chats.get(chat).await.expect("reads").expect("is there");
    assert_eq!(record.last_message_at, at(20));
}

pub async fn an_hour_back_does_not_show(store: Store) {
    let (chat, author) = (made_chat(&store).await, user());
    let hour = 3_600_000_000;
    for (n, micros) in [hour, 0, 1].into_iter().enumerate() {
        let message = NewMessage { at: at(micros), ..text(author, &format!("n{n}"), "x") };
        let said = sent(&store, chat, message).await;
        assert_eq!(said.created_at, at(hour + n as i64));
    }
}

pub async fn an_edit_is_not_before_what_it_edits(store: Store) {
    let (chat, author) = (made_chat(&store).await, user());
    sent(&store, chat, NewMessage { at: at(500), ..text(author, "a", "first") }).await;
    let edit = async |text, micros| {
        let wish =
            Wish::Revise { seq: 0, if_cseq: None, revision: edited(text), actor: author, at: at(micros) };
        revised(write(&store, chat, wish).await).edited_at
    };
    assert_eq!(edit("second", 100).await, Some(at(500)));
    assert_eq!(edit("third", 700).await, Some(at(700)));
    assert_eq!(edit("fourth", 600).await, Some(at(700)));
    let history = store.log.history(chat, 0, 10).await.expect("reads");
    let replaced: Vec<_> = history.iter().map(|edition| edition.replaced_at).collect();
    assert_eq!(replaced, [at(700), at(700), at(500)]);
}

pub async fn a_repeated_client_id_answers_the_first_message(store: Store) {
    let (chat, author) = (made_chat(&store).await, user());
    let first = sent(&store, chat, text(author, "same", "first")).await;
    sent(&store, chat, text(author, "other", "between")).await;
    let again = append(&store, chat, text(author, "same", "second")).await;
    assert_eq!(again, Written::Repeated(first));
    assert_eq!(store.log.head(chat).await.expect("reads"), Some(Head { seq: 1, cseq: -1 }));
}

pub async fn of_many_repeats_one_is_written(store: Store) {
    let (chat, author) = (made_chat(&store).await, user());
    let tries = (0..16).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { append(&store, chat, text(author, "same", "x")).await })
    });
    let mut new = 0;
    for attempt in tries.collect::<Vec<_>>() {
        match attempt.await.expect("ends well") {
            Written::New(message) => {
                new += 1;
                assert_eq!(message.seq, 0);
            }
            Written::Repeated(message) => assert_eq!(message.seq, 0),
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
        let refused = append(&store, chat, reply("early", to)).await;
        assert_eq!(refused, Written::Refused(Why::NoSuchReply), "{to}");
    }
    sent(&store, chat, text(author, "first", "x")).await;
    assert_eq!(sent(&store, chat, reply("answer", 0)).await.reply_to, Some(0));
    assert_eq!(append(&store, chat, reply("late", 2)).await, Written::Refused(Why::NoSuchReply));
}

pub async fn an_unknown_chat_takes_nothing(store: Store) {
    let (nowhere, author) = (super::world::chat(), user());
    let refused = Written::Refused(Why::NoSuchChat);
    assert_eq!(append(&store, nowhere, text(author, "a", "x")).await, refused);
    assert_eq!(note(&store, nowhere, ChangeKind::ChatRenamed.into(), None).await, refused);
    assert_eq!(edit(&store, nowhere, 0, "x").await, refused);
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

pub async fn what_does_not_mark_read_leaves_the_own_read_marker(store: Store) {
    let (chat, author) = (made_chat(&store).await, user());
    let marker = async || store.read_markers.get(chat, author).await.expect("reads");
    sent(&store, chat, text(author, "a", "x")).await;
    let unread = |id| NewMessage { marks_read: false, ..text(author, id, "x") };
    sent(&store, chat, unread("b")).await;
    append(&store, chat, unread("b")).await;
    assert_eq!(marker().await, 0);
    sent(&store, chat, text(author, "c", "x")).await;
    sent(&store, chat, unread("d")).await;
    assert_eq!(marker().await, 2);
}

pub async fn an_edit_keeps_the_old_text(store: Store) {
    let chat = filled(&store, 1).await;
    for text in ["second", "third"] {
        revised(edit(&store, chat, 0, text).await);
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
    let same = edit(&store, chat, 0, "number 0").await;
    assert!(matches!(same, Written::AlreadySo(message) if message.edited_at.is_none()));
    assert_eq!(store.log.head(chat).await.expect("reads"), Some(Head { seq: 0, cseq: -1 }));
}

pub async fn a_deleted_message_is_a_stub(store: Store) {
    let chat = filled(&store, 3).await;
    revised(edit(&store, chat, 1, "secret").await);
    let stub = revised(delete(&store, chat, 1).await);
    assert_eq!((stub.text.as_str(), stub.deleted, stub.seq, stub.cseq), ("", true, 1, 1));
    assert_eq!(store.log.history(chat, 1, 10).await.expect("reads"), []);
    assert_eq!(store.log.page(chat, PageAt::Newest, 10).await.expect("reads").len(), 3);
    assert_eq!(delete(&store, chat, 1).await, Written::AlreadySo(stub));
}

pub async fn an_edit_after_the_deletion_is_refused(store: Store) {
    let chat = filled(&store, 1).await;
    revised(delete(&store, chat, 0).await);
    assert_eq!(edit(&store, chat, 0, "back").await, Written::Refused(Why::Deleted));
    let stub = store.log.get(chat, 0).await.expect("reads").expect("is there");
    assert_eq!((stub.text.as_str(), stub.deleted), ("", true));
}

pub async fn what_does_not_exist_is_not_revised(store: Store) {
    let chat = filled(&store, 1).await;
    for seq in [1, -1, i64::MAX] {
        let refused = Written::Refused(Why::NoSuchMessage);
        assert_eq!(edit(&store, chat, seq, "x").await, refused, "{seq}");
        assert_eq!(delete(&store, chat, seq).await, refused, "{seq}");
        assert_eq!(store.log.get(chat, seq).await.expect("reads"), None, "{seq}");
    }
}

pub async fn a_message_and_its_change_are_numbered_together(store: Store) {
    let (chat, author, subject) = (filled(&store, 1).await, user(), user());
    let joined = NewMessage {
        kind: MessageKind::MemberJoined,
        subject: Some(subject),
        change: Some(ChangeKind::MemberChanged(subject).into()),
        ..text(author, "join", "")
    };
    let message = sent(&store, chat, joined.clone()).await;
    assert_eq!((message.seq, message.cseq, message.subject), (1, 0, Some(subject)));
    assert!(matches!(append(&store, chat, joined).await, Written::Repeated(_)));
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
    store.log_writer.observe(recorder.clone());
    let chat = made_chat(&store).await;
    let writers = (0..8).map(|writer| {
        let store = store.clone();
        tokio::spawn(async move {
            let author = user();
            for n in 0..10 {
                sent(&store, chat, text(author, &format!("{writer}-{n}"), "x")).await;
                append(&store, chat, text(author, &format!("{writer}-{n}"), "x")).await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("ends well");
    }
    for _ in 0..2 {
        edit(&store, chat, 5, "edited").await;
    }
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
    revised(delete(&store, one, 0).await);
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
        assert_eq!((view.last_message, view.read.read_seq), (Some(message), n));
    }
}

pub async fn it_is_ready(store: Store) {
    store.log.ready().await.expect("a fresh store takes writes");
}

pub async fn what_is_not_known_is_carried(store: Store) {
    let (chat, author) = (made_chat(&store).await, user());
    joined(&store, chat, author).await;
    let kinds = [MessageKind::Text, unknown("poll"), unknown("kind_9"), unknown("kind_200")];
    for (n, kind) in kinds.into_iter().enumerate() {
        let effect = Effect {
            kind: ChangeKind::from_parts(90 + n as u8, About::Message(n as i64)),
            body: Some("{\"say\": [1, \"é\"]}".into()),
        };
        let new = NewMessage {
            kind,
            parts: strange_parts(),
            change: Some(effect),
            ..text(author, kind.as_str(), "x")
        };
        let message = sent(&store, chat, new.clone()).await;
        assert_eq!((message.kind, &message.parts), (kind, &strange_parts()));
        assert_eq!(append(&store, chat, new).await, Written::Repeated(message.clone()));
        assert_eq!(store.log.get(chat, n as i64).await.expect("reads"), Some(message.clone()));
        let view = store.chats.find_for(author, chat).await.expect("reads").expect("is a member");
        assert_eq!(view.last_message, Some(message));
    }
    let page = store.log.page(chat, PageAt::Newest, 10).await.expect("one message does not spoil the page");
    assert_eq!(page.iter().map(|message| message.kind).collect::<Vec<_>>(), kinds);
    for (seq, kind) in kinds.into_iter().enumerate() {
        let stub = revised(delete(&store, chat, seq as i64).await);
        assert_eq!(
            (stub.kind, stub.parts.is_empty()),
            (kind, true),
            "what it carried is gone, not what it was"
        );
        assert_eq!(store.log.get(chat, seq as i64).await.expect("reads"), Some(stub));
    }
}

pub async fn changes_that_are_not_known_are_carried(store: Store) {
    let (chat, person) = (filled(&store, 1).await, user());
    let mut expected = Vec::new();
    for code in [0, 1, 3, 5, 9, 127, 128, 255] {
        for about in [About::Nothing, About::Message(0), About::Person(person)] {
            let kind = ChangeKind::from_parts(code, about);
            let body = (code > 5).then(|| format!("{{\"code\":{code}}}"));
            match note(&store, chat, Effect { kind, body: body.clone() }, None).await {
                Written::Noted(record) => assert_eq!((record.kind, &record.body), (kind, &body)),
                other => panic!("expected a change, not {other:?}"),
            }
            expected.push((kind, body));
        }
    }
    let changes = store.log.changes_after(chat, -1, 100).await.expect("one change does not spoil the others");
    let found = |change: ChangeRecord| (change.kind, change.body);
    assert_eq!(changes.into_iter().map(found).collect::<Vec<_>>(), expected);
}

pub async fn an_edit_replaces_text_and_parts_together(store: Store) {
    let (chat, author) = (made_chat(&store).await, user());
    sent(&store, chat, text(author, "a", "first")).await;
    for (text, parts) in
        [("second", strange_parts()), ("second", Parts::default()), ("third", strange_parts())]
    {
        let revision = Revision::Edit { text: text.into(), parts: parts.clone() };
        let now = revised(revise(&store, chat, 0, revision.clone()).await);
        assert_eq!((now.text.as_str(), &now.parts), (text, &parts));
        assert_eq!(store.log.get(chat, 0).await.expect("reads"), Some(now.clone()));
        assert_eq!(revise(&store, chat, 0, revision).await, Written::AlreadySo(now));
    }
    assert_eq!(store.log.head(chat).await.expect("reads"), Some(Head { seq: 0, cseq: 2 }));
}

pub async fn a_version_that_was_overtaken_is_not_revised(store: Store) {
    let chat = filled(&store, 2).await;
    let seen = |version| move |revision| (Some(version), revision);
    let (old, new) = (seen(-1), seen(0));
    let ask = async |(version, revision)| revise_seen(&store, chat, 0, version, revision).await;
    let now = revised(ask(old(edited("first"))).await);
    assert_eq!(now.cseq, 0);
    assert_eq!(ask(old(edited("first"))).await, Written::AlreadySo(now.clone()), "a late copy of what is so");
    let newer = revised(ask(new(edited("second"))).await);
    for late in [old(edited("first")), new(edited("first")), old(Revision::Delete), (Some(9), edited("x"))] {
        assert_eq!(ask(late).await, Written::Refused(Why::Overtaken));
    }
    assert_eq!(store.log.get(chat, 0).await.expect("reads"), Some(newer));
    assert_eq!(store.log.head(chat).await.expect("reads"), Some(Head { seq: 1, cseq: 1 }));
    let stub = revised(ask((Some(1), Revision::Delete)).await);
    assert_eq!(ask((Some(0), Revision::Delete)).await, Written::AlreadySo(stub));
    assert_eq!(ask((Some(1), edited("x"))).await, Written::Refused(Why::Deleted));
}

pub async fn of_many_who_saw_one_version_one_revises_it(store: Store) {
    let chat = filled(&store, 1).await;
    let tries = (0..12).map(|n| {
        let store = store.clone();
        tokio::spawn(async move { revise_seen(&store, chat, 0, Some(-1), edited(&format!("by {n}"))).await })
    });
    let mut done = 0;
    for attempt in tries.collect::<Vec<_>>() {
        match attempt.await.expect("ends well") {
            Written::Revised(_) => done += 1,
            Written::Refused(Why::Overtaken) => {}
            other => panic!("unexpected {other:?}"),
        }
    }
    assert_eq!((done, store.log.head(chat).await.expect("reads")), (1, Some(Head { seq: 0, cseq: 0 })));
}

pub async fn what_was_decided_on_an_older_head_is_not_written(store: Store) {
    let (chat, author) = (filled(&store, 1).await, user());
    let effect = || Effect::from(ChangeKind::MemberChanged(author));
    let message = |id: &str, if_cseq| NewMessage { change: Some(effect()), if_cseq, ..text(author, id, "x") };
    let first = sent(&store, chat, message("a", Some(-1))).await;
    assert_eq!((first.seq, first.cseq), (1, 0));
    for (n, seen) in [Some(-1), Some(1), Some(-2)].into_iter().enumerate() {
        let refused = Written::Refused(Why::Overtaken);
        assert_eq!(append(&store, chat, message(&format!("b{n}"), seen)).await, refused);
        assert_eq!(note(&store, chat, effect(), seen).await, refused);
    }
    assert_eq!(
        append(&store, chat, message("a", Some(-1))).await,
        Written::Repeated(first),
        "whatever was seen"
    );
    sent(&store, chat, text(author, "other", "a message is no change")).await;
    assert!(
        matches!(note(&store, chat, effect(), Some(0)).await, Written::Noted(record) if record.cseq == 1)
    );
    assert_eq!(store.log.head(chat).await.expect("reads"), Some(Head { seq: 2, cseq: 1 }));
}

pub async fn of_many_who_decide_on_one_head_one_is_written(store: Store) {
    let (chat, author) = (made_chat(&store).await, user());
    let tries = (0..16).map(|n| {
        let store = store.clone();
        let effect = Effect::from(ChangeKind::MemberChanged(author));
        tokio::spawn(async move {
            if n % 2 == 0 {
                return note(&store, chat, effect, Some(-1)).await;
            }
            let new = text(author, &format!("n{n}"), "x");
            append(&store, chat, NewMessage { change: Some(effect), if_cseq: Some(-1), ..new }).await
        })
    });
    let mut refused = 0;
    for attempt in tries.collect::<Vec<_>>() {
        refused += usize::from(attempt.await.expect("ends well") == Written::Refused(Why::Overtaken));
    }
    assert_eq!(refused, 15);
    assert_eq!(store.log.head(chat).await.expect("reads").map(|head| head.cseq), Some(0));
}

pub async fn many_messages_are_read_at_once(store: Store) {
    let chat = filled(&store, 6).await;
    let many = store.log.get_many(chat, &[4, 0, 4, 9, -1, 2]).await.expect("reads");
    assert_eq!(many.iter().map(|message| message.seq).collect::<Vec<_>>(), [0, 2, 4]);
    let one = store.log.get(chat, 2).await.expect("reads");
    assert_eq!(many.get(1), one.as_ref());
    assert_eq!(store.log.get_many(chat, &[]).await.expect("reads"), []);
}
