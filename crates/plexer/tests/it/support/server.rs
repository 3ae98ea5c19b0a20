use std::{future::Future, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use axum::Router;
use petit_api::ApiSettings;
use petit_app::{App, Caller, Parts, access, chats, members, messages, people, sessions, tickets};
use petit_bus_local::LocalBus;
use petit_domain::{
    ChatId, ChatKind, ClientId, ExternalId, Head, Message, MessageText, ServerRole, SessionKind, UserId,
};
use petit_plexer::{Plexer, Settings, Stage};
use petit_ports::{Bus, SystemClock, SystemRandom};
use petit_protocol::{CreateChat, Cursors, SendMessage};
use petit_store_sqlite::{Options, SqliteStore};
use tokio::{net::TcpSocket, task::JoinHandle};

use super::far;

/// A whole node: store, services, API and plexer behind a loopback port.
pub struct Server {
    pub app: Arc<App>,
    pub plexer: Arc<Plexer>,
    pub address: SocketAddr,
    serving: JoinHandle<()>,
    folder: Arc<tempfile::TempDir>,
    _behind: Option<far::Behind>,
}

/// Somebody with an account and a session.
#[derive(Clone)]
pub struct Member {
    pub caller: Caller,
    pub user: UserId,
    pub token: String,
}

/// Settings that do not make tests wait.
pub fn fast() -> Settings {
    Settings {
        sweep_every: Duration::from_millis(20),
        recheck_sessions: Duration::from_millis(100),
        offline_after: Duration::from_millis(200),
        presence_every: Duration::from_millis(50),
        ..Settings::default()
    }
}

/// Waits for a condition, with a deadline.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while !holds().await {
        assert!(tokio::time::Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

impl Server {
    pub async fn start() -> Self {
        Self::with(fast()).await
    }

    pub async fn with(settings: Settings) -> Self {
        Self::on(Arc::new(LocalBus::new()), settings).await
    }

    /// A server whose events this bus carries.
    pub async fn on(bus: Arc<dyn Bus>, settings: Settings) -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        Self::in_folder(folder, bus, settings, None).await
    }

    /// A server whose kernel keeps little of what clients do not read.
    pub async fn with_small_buffers(settings: Settings) -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        Self::in_folder(folder, Arc::new(LocalBus::new()), settings, Some(4096)).await
    }

    /// Another process on the same data, after this one ended.
    pub async fn restarted(self) -> Self {
        self.plexer.drain(Duration::ZERO).await;
        self.serving.abort();
        let folder = self.folder.clone();
        drop(self);
        Self::in_folder(folder, Arc::new(LocalBus::new()), fast(), None).await
    }

    /// Another process on data that was brought back from a backup of now.
    pub async fn restored(self) -> Self {
        self.plexer.drain(Duration::ZERO).await;
        self.serving.abort();
        let folder = self.folder.clone();
        drop(self);
        let opened = SqliteStore::open(&folder.path().join("petit.db"), &Options::default());
        let handle = opened.expect("a store").handle;
        handle.begin_generation().await.expect("written");
        handle.close();
        Self::in_folder(folder, Arc::new(LocalBus::new()), fast(), None).await
    }

    async fn in_folder(
        folder: Arc<tempfile::TempDir>,
        bus: Arc<dyn Bus>,
        settings: Settings,
        buffer: Option<u32>,
    ) -> Self {
        let app = app(folder.path(), bus);
        let api = rest(&app);
        Self::over(app, api, folder, settings, buffer).await
    }

    /// Another node with the same application behind it.
    pub async fn beside(&self) -> Self {
        self.answering(rest(&self.app)).await
    }

    /// One that answers requests in this way.
    pub async fn answering(&self, api: Router) -> Self {
        Self::over(self.app.clone(), api, self.folder.clone(), fast(), None).await
    }

    async fn over(
        app: Arc<App>,
        api: Router,
        folder: Arc<tempfile::TempDir>,
        settings: Settings,
        buffer: Option<u32>,
    ) -> Self {
        // The same tests run with the application in the same process, and behind the network.
        let behind = far::is_wanted().then(|| far::Behind::start(&app, api.clone()));
        let (stage, api) = match &behind {
            Some(behind) => (behind.stage(&app), behind.api(&app)),
            None => (Stage::from(app.clone()), api),
        };
        let plexer = Plexer::start(stage, api.clone(), settings).await.expect("the bus works");
        let socket = TcpSocket::new_v4().expect("a socket");
        if let Some(bytes) = buffer {
            socket.set_send_buffer_size(bytes).expect("the kernel takes the size");
        }
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
        let listener = socket.listen(1024).expect("listening");
        let address = listener.local_addr().expect("an address");
        let router = api.merge(petit_plexer::router(plexer.clone()));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.expect("serving") });
        Self { app, plexer, address, serving, folder, _behind: behind }
    }

    pub async fn person(&self, name: &str) -> Member {
        let external = ExternalId { issuer: "test".into(), subject: name.into() };
        let person =
            people::ensure(&self.app, &external, name, name, ServerRole::Member).await.expect("a person");
        self.session_of(person.id).await
    }

    pub async fn session_of(&self, user: UserId) -> Member {
        let created = sessions::create(&self.app, user, SessionKind::Token, "test", None).await;
        let (session, token) = created.expect("a session");
        Member { caller: Caller { user, session: session.id }, user, token }
    }

    pub fn ticket(&self, member: &Member) -> String {
        tickets::issue(&self.app, &member.caller).0
    }

    /// A group of these people, made by the first.
    pub async fn group(&self, people: &[&Member]) -> ChatId {
        let request = CreateChat {
            kind: ChatKind::Group,
            name: Some("Crew".to_owned().try_into().expect("a name")),
            members: people[1..].iter().map(|member| member.user).collect(),
        };
        let created = chats::create(&self.app, &people[0].caller, &request, None).await.expect("a chat");
        self.app.settle().await;
        created.chat.id
    }

    pub async fn send(&self, by: &Member, chat: ChatId, text: &str) -> Message {
        let membership = access::member(&self.app, chat, by.user).await.expect("a member");
        let id = format!("t-{:016x}", self.app.random().next_u64());
        let (text, id) = (text_of(text), ClientId::try_from(id).expect("an id"));
        messages::send(&self.app, &membership, SendMessage::text(text, id, None)).await.expect("sent")
    }

    pub async fn edit(&self, by: &Member, chat: ChatId, seq: i64, text: &str) {
        messages::edit(&self.app, &by.caller, chat, seq, text_of(text)).await.expect("edited");
    }

    pub async fn delete(&self, by: &Member, chat: ChatId, seq: i64) {
        messages::delete(&self.app, &by.caller, chat, seq).await.expect("deleted");
    }

    pub async fn add(&self, by: &Member, chat: ChatId, whom: &Member) {
        members::add(&self.app, &by.caller, chat, whom.user).await.expect("added");
    }

    pub async fn remove(&self, by: &Member, chat: ChatId, whom: &Member) {
        members::remove(&self.app, &by.caller, chat, whom.user).await.expect("removed");
    }

    pub async fn head(&self, chat: ChatId) -> Head {
        self.app.store().log.head(chat).await.expect("a store").expect("a chat")
    }

    pub async fn cursors(&self, chats: &[ChatId]) -> Cursors {
        let mut cursors = Cursors::new();
        for chat in chats {
            cursors.insert(*chat, self.head(*chat).await);
        }
        cursors
    }
}

fn rest(app: &Arc<App>) -> Router {
    petit_api::router(
        app.clone(),
        ApiSettings { public_url: "http://localhost".into(), name: None, invitations: true },
    )
}

fn text_of(text: &str) -> MessageText {
    MessageText::try_from(text.to_owned()).expect("a text")
}

fn app(folder: &Path, bus: Arc<dyn Bus>) -> Arc<App> {
    let opened = SqliteStore::open(&folder.join("petit.db"), &Options::default()).expect("a store");
    App::start(Parts {
        store: opened.store,
        bus,
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        secret: [7; 32],
    })
}
