use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::Router;
use futures_util::FutureExt;
use petit_api::ApiSettings;
use petit_app::{App, Caller, Parts};
use petit_domain::{ChatId, ServerRole, Timestamp, UserId};
use petit_ports::Store;
use petit_store_sqlite::{Options, SqliteHandle, SqliteStore};
use serde_json::json;
use tempfile::TempDir;

use crate::{Client, RecordingBus, SeededRandom, Somebody, Spy, TestClock, people};

/// A whole application with people in it. When it is dropped, no work may be left undone.
pub struct TestApp {
    /// The services.
    pub app: Arc<App>,
    /// The bus, remembering everything.
    pub bus: Arc<RecordingBus>,
    /// The clock everything reads.
    pub clock: Arc<TestClock>,
    /// Sees and breaks the store.
    pub spy: Arc<Spy>,
    router: Router,
    people: BTreeMap<&'static str, Somebody>,
    store: Store,
    /// None where the store is not this application's own.
    handle: Option<SqliteHandle>,
    may_leave_work: AtomicBool,
    folder: TempDir,
}

/// What a [`TestApp`] begins with.
pub struct Builder {
    people: Vec<(&'static str, ServerRole)>,
    options: Options,
    seed: u64,
    store: Option<Store>,
}

impl Builder {
    /// Adds somebody who is signed in.
    pub fn person(mut self, username: &'static str) -> Self {
        self.people.push((username, ServerRole::Member));
        self
    }

    /// The most pages the database may have, for tests of a full disk.
    pub fn max_pages(mut self, pages: i64) -> Self {
        self.options.max_pages = Some(pages);
        self
    }

    /// Other ids than usual.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// On another store than a new embedded one.
    pub fn on(mut self, store: Store) -> Self {
        self.store = Some(store);
        self
    }

    /// Starts it.
    pub async fn start(self) -> TestApp {
        let folder = fast_folder();
        let (store, handle) = match self.store {
            Some(store) => (store, None),
            None => {
                let path = folder.path().join("petit.db");
                let opened = SqliteStore::open(&path, &self.options).expect("a database");
                (opened.store, Some(opened.handle))
            }
        };
        let (bus, clock, spy) =
            (Arc::<RecordingBus>::default(), Arc::<TestClock>::default(), Arc::<Spy>::default());
        let app = App::start(Parts {
            store: spy.in_front_of(store.clone()),
            bus: bus.clone(),
            clock: clock.clone(),
            random: Arc::new(SeededRandom::new(self.seed)),
            secret: [7; 32],
        });
        let mut everybody = BTreeMap::new();
        for (username, role) in self.people {
            everybody.insert(username, people::arrive(&app, username, role).await);
        }
        let settings = ApiSettings {
            public_url: "https://chat.example.org".to_owned(),
            name: Some("Harbour office".to_owned()),
            invitations: true,
        };
        TestApp {
            router: petit_api::router(app.clone(), settings),
            app,
            bus,
            clock,
            spy,
            people: everybody,
            store,
            handle,
            may_leave_work: AtomicBool::new(false),
            folder,
        }
    }
}

/// In memory where there is such a folder: tests ask what is written, not whether it survives the power.
fn fast_folder() -> TempDir {
    let in_memory = tempfile::Builder::new().prefix("petit-test-").tempdir_in("/dev/shm");
    in_memory.or_else(|_| tempfile::tempdir()).expect("a temporary folder")
}

impl TestApp {
    /// With alice, who owns the server, bob and carol, and mallory, who is never a member of anything.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// The same, to be changed before it starts.
    pub fn builder() -> Builder {
        let member = ServerRole::Member;
        let people =
            vec![("alice", ServerRole::Owner), ("bob", member), ("carol", member), ("mallory", member)];
        Builder { people, options: Options::default(), seed: 1, store: None }
    }

    /// Somebody by their username.
    #[track_caller]
    pub fn somebody(&self, username: &str) -> &Somebody {
        self.people.get(username).unwrap_or_else(|| panic!("nobody is called {username}"))
    }

    /// Their id.
    #[track_caller]
    pub fn id(&self, username: &str) -> UserId {
        self.somebody(username).person.id
    }

    /// Them as callers of services.
    #[track_caller]
    pub fn caller(&self, username: &str) -> Caller {
        let somebody = self.somebody(username);
        Caller { user: somebody.person.id, session: somebody.session.id }
    }

    /// Their client.
    #[track_caller]
    pub fn as_(&self, username: &str) -> Client {
        Client::new(self.router.clone(), Some(self.somebody(username).token.clone()))
    }

    /// A client with another token.
    pub fn with_token(&self, token: &str) -> Client {
        Client::new(self.router.clone(), Some(token.to_owned()))
    }

    /// A client of nobody.
    pub fn anonymous(&self) -> Client {
        Client::new(self.router.clone(), None)
    }

    /// The router, to be called by a gateway.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// The store itself, without the spy.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// A new group of `owner` and others.
    pub async fn group(&self, owner: &str, others: &[&str]) -> ChatId {
        let body = json!({"kind": "group", "name": "Kitchen", "members": self.ids(others)});
        self.create(owner, body).await
    }

    /// A new open chat of `owner` and others.
    pub async fn open_chat(&self, owner: &str, others: &[&str]) -> ChatId {
        let body = json!({"kind": "open", "name": "Garden", "members": self.ids(others)});
        self.create(owner, body).await
    }

    /// The direct chat of two people.
    pub async fn direct(&self, one: &str, other: &str) -> ChatId {
        self.create(one, json!({"kind": "direct", "members": self.ids(&[other])})).await
    }

    fn ids(&self, usernames: &[&str]) -> Vec<UserId> {
        usernames.iter().map(|username| self.id(username)).collect()
    }

    async fn create(&self, owner: &str, body: serde_json::Value) -> ChatId {
        let answer = self.as_(owner).post("/v1/chats", body).await;
        assert!(answer.status.is_success(), "{}", answer.body);
        self.settle().await;
        serde_json::from_value(answer.body["id"].clone()).expect("an id")
    }

    /// Waits until everything that was written has been announced.
    pub async fn settle(&self) {
        self.app.settle().await;
    }

    /// Changes rows behind the store's back, as another version of it would have written them.
    pub fn rewrite(&self, sql: &str) {
        self.rows().execute_batch(sql).expect("the statement is run");
    }

    /// The tables of the database.
    pub fn tables(&self) -> Vec<String> {
        let rows = self.rows();
        let mut find = rows.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").expect("prepares");
        let names = find.query_map([], |row| row.get(0)).expect("reads");
        names.collect::<Result<_, _>>().expect("names")
    }

    fn rows(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("petit.db")).expect("the file is there")
    }

    /// How many pages of messages the embedded store read from its file and not from memory.
    pub fn page_reads(&self) -> u64 {
        self.handle.as_ref().map_or(0, |handle| handle.counters().page_reads)
    }

    /// Work that is not finished, however young.
    pub async fn unfinished(&self) -> usize {
        let ever = Timestamp::from_micros(i64::MAX);
        self.store.intents.pending(ever, 100).await.expect("it answers").len()
    }

    /// This test means to leave work undone.
    pub fn may_leave_work(&self) {
        self.may_leave_work.store(true, Ordering::Relaxed);
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        let Some(handle) = &self.handle else { return };
        if !std::thread::panicking() && !self.may_leave_work.load(Ordering::Relaxed) {
            let left = self.unfinished().now_or_never().expect("the embedded store answers reads at once");
            assert_eq!(left, 0, "work was begun and not finished");
        }
        handle.close();
    }
}
