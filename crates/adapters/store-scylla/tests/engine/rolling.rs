//! Two versions on one schema: the older one as it is built, the newer one with one step more.

use std::{sync::Arc, time::Duration};

use futures_util::{FutureExt, future::try_join_all};
use petit_domain::{ChatId, Parts, UserId};
use petit_ports::{Clock, PageAt, Random, Revision, Ruling, Store, SystemClock, SystemRandom, Wish};
use petit_store_scylla::{ConnectError, Migration, Opened, STEPS, ScyllaStore, Settings};
use scylla::{
    client::{session::Session, session_builder::SessionBuilder},
    statement::Statement,
};
use tokio::time::timeout;

use crate::{support, writers};

/// Much less than the lock of the schema lasts.
const SOON: Duration = Duration::from_secs(30);

/// Only adds.
const MORE: &str = "ALTER TABLE chat_log ADD note text; ALTER TABLE members ADD note text";
/// It cannot be run twice, which no step of ours may be like: here it shows that one process ran it.
const ONCE: &str = "CREATE TABLE notes (chat_id uuid PRIMARY KEY, note text)";

fn newer() -> Vec<Migration> {
    let id = STEPS.iter().map(|step| step.id).max().expect("a step") + 1;
    [STEPS, &[Migration { id, cql: MORE }, Migration { id: id + 1, cql: ONCE }]].concat()
}

async fn connect(settings: &Settings, steps: &[Migration]) -> Result<Opened, ConnectError> {
    ScyllaStore::connect_with(settings, steps, Arc::new(SystemClock), Arc::new(SystemRandom)).await
}

/// Versions that start at the same moment.
async fn connect_newer(settings: &Settings, count: usize) -> Vec<Store> {
    let steps = newer();
    let starts = (0..count).map(|_| connect(settings, &steps));
    let opened = try_join_all(starts).await.expect("one runs the step, the others wait for it");
    opened.into_iter().map(|opened| opened.store).collect()
}

/// In a keyspace that nobody else uses and that is gone afterwards, whatever comes of the test.
async fn in_own_keyspace(test: impl AsyncFnOnce(&Settings, &Session)) {
    let keyspace = format!("petit_rolling_{}", SystemRandom.next_u64());
    let settings = Settings { keyspace: keyspace.clone(), ..support::settings() };
    let session =
        SessionBuilder::new().known_nodes(&settings.nodes).build().await.expect("Cassandra answers");
    let outcome = std::panic::AssertUnwindSafe(test(&settings, &session)).catch_unwind().await;
    let mut drop_it = Statement::new(format!("DROP KEYSPACE IF EXISTS {keyspace}"));
    drop_it.set_request_timeout(Some(4 * SOON));
    session.query_unpaged(drop_it, ()).await.expect("drops it");
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

/// Everybody writes some messages and adds one member, all at once.
async fn all_write(stores: &[&Store], chat: ChatId, name: &str) -> Vec<UserId> {
    let writes = stores.iter().enumerate().map(async |(place, store)| {
        let author = writers::join(store, chat).await;
        for number in 0..5 {
            writers::say(store, chat, author, &format!("{name}-{place}-{number}")).await;
        }
        author
    });
    futures_util::future::join_all(writes).await
}

/// What a store says of a chat.
async fn seen(store: &Store, chat: ChatId) -> (Vec<(i64, String)>, Vec<UserId>) {
    let log =
        writers::log(store, chat).await.into_iter().map(|message| (message.seq, message.text)).collect();
    let members = store.members.list(chat, None, 100).await.expect("reads");
    (log, members.into_iter().map(|member| member.user).collect())
}

/// All stores say the same, and nothing of it is missing.
async fn all_see(stores: &[&Store], chat: ChatId, messages: i64, mut members: Vec<UserId>) {
    members.sort();
    for store in stores {
        let (log, present) = seen(store, chat).await;
        assert_eq!(log.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), (0..messages).collect::<Vec<_>>());
        assert_eq!(log, seen(stores[0], chat).await.0);
        assert_eq!(present, members);
    }
}

async fn note(session: &Session, keyspace: &str, chat: ChatId, write: Option<&str>) -> Option<String> {
    let place = "chat_id = ? AND bucket = 0 AND kind = 0 AND n = 0";
    if let Some(text) = write {
        let cql = format!("UPDATE {keyspace}.chat_log SET note = ? WHERE {place}");
        session.query_unpaged(cql, (text, chat.uuid())).await.expect("the column is there");
    }
    let cql = format!("SELECT note FROM {keyspace}.chat_log WHERE {place}");
    let rows = session.query_unpaged(cql, (chat.uuid(),)).await.expect("reads").into_rows_result();
    rows.expect("rows").single_row::<(Option<String>,)>().expect("the message").0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs bin/cluster up"]
async fn an_older_version_goes_on_beside_newer_ones_and_may_restart() {
    in_own_keyspace(async |settings, session| {
        let older = connect(settings, STEPS).await.expect("opens");
        let chat = writers::chat(&older.store).await;
        let mut members = all_write(&[&older.store], chat, "alone").await;

        let newer = connect_newer(settings, 2).await;
        let together = [&older.store, &newer[0], &newer[1]];
        members.extend(all_write(&together, chat, "together").await);
        all_see(&together, chat, 20, members.clone()).await;

        note(session, &settings.keyspace, chat, Some("of the newer one")).await;
        let again = connect(settings, STEPS).await.expect("a newer schema is no reason to refuse");
        older.handle.close().await;
        let together = [&again.store, &newer[0], &newer[1]];
        members.extend(all_write(&together, chat, "restarted").await);
        let revision = Revision::Edit { text: "edited".into(), parts: Parts::default() };
        let edit = Wish::Revise { seq: 0, if_cseq: None, revision, actor: members[0], at: SystemClock.now() };
        again.store.log_writer.write(chat, edit).await.expect("edits");
        writers::follow(&again.store, chat, &Ruling::Out(members[0])).await;
        all_see(&together, chat, 35, members.split_off(1)).await;
        let first = newer[0].log.page(chat, PageAt::After(-1), 1).await.expect("reads").remove(0);
        assert_eq!(first.text, "edited");
        let kept = note(session, &settings.keyspace, chat, None).await;
        assert_eq!(
            kept.as_deref(),
            Some("of the newer one"),
            "the older one leaves alone what it does not know"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs bin/cluster up"]
async fn of_newer_ones_that_start_together_one_changes_the_schema() {
    in_own_keyspace(async |settings, _| {
        let newer = connect_newer(settings, 4).await;
        let chat = writers::chat(&newer[0]).await;
        let stores: Vec<&Store> = newer.iter().collect();
        let members = all_write(&stores, chat, "new").await;
        all_see(&stores, chat, 20, members).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs bin/cluster up"]
async fn a_step_that_was_changed_afterwards_is_refused() {
    in_own_keyspace(async |settings, _| {
        connect(settings, &newer()).await.expect("opens");
        let mut changed = newer();
        let step = changed.last_mut().expect("a step");
        step.cql = "CREATE TABLE others (id uuid PRIMARY KEY)";
        let id = step.id;
        match connect(settings, &changed).await.map(drop) {
            Err(ConnectError::Foreign(number)) if number == id => {}
            other => panic!("it was run with another text: {other:?}"),
        }
        let next = Migration { id: 1_000, cql: "CREATE TABLE unmade (id uuid PRIMARY KEY)" };
        changed.push(next);
        connect(settings, &changed).await.map(drop).expect_err("nor does anything behind it run");
        let fine = [newer(), vec![next]].concat();
        let connects = timeout(SOON, connect(settings, &fine)).await.expect("nobody holds the lock");
        connects.expect("the table is not there yet");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs bin/cluster up"]
async fn a_step_that_was_interrupted_is_run_again() {
    in_own_keyspace(async |settings, session| {
        let steps = &newer()[..=STEPS.len()];
        connect(settings, steps).await.expect("opens");
        // As if the process had died right before it wrote down what it did.
        let forget = format!("DELETE FROM {}.schema_steps WHERE part = 'store'", settings.keyspace);
        session.query_unpaged(forget, ()).await.expect("forgets");
        let opened = connect(settings, steps).await.expect("what is there already is no hindrance");
        writers::join(&opened.store, writers::chat(&opened.store).await).await;
    })
    .await;
}
