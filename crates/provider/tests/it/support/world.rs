use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use petit_app::{
    App, Parts,
    ports::{Clock, Identity, Random, SystemRandom},
};
use petit_bus_local::LocalBus;
use petit_domain::{ServerRole, Timestamp};
use petit_identity_oidc::{HttpExchange, OidcIdentity, OidcSettings};
use petit_provider::{
    Provider, ProviderSettings, SignUp, accounts,
    client::{self, ClientSettings},
    keys,
};
use petit_store_sqlite::{Options, SqliteStore};
use tempfile::TempDir;

use super::{Answer, Browser, hidden_field};

pub const PUBLIC_URL: &str = "http://127.0.0.1:8420";
pub const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
pub const CHROMIUM: &str = "Mozilla/5.0 (X11; Linux x86_64) Chromium/140.0 Chrome/140.0 Safari/537.36";

/// A clock that stands until it is moved.
pub struct StandingClock(AtomicI64);

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

impl StandingClock {
    pub fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

pub struct World {
    pub app: Arc<App>,
    pub provider: Arc<Provider>,
    pub identity: Arc<dyn Identity>,
    pub router: Router,
    pub clock: Arc<StandingClock>,
    /// While set, the provider answers the server's own requests with 503.
    pub provider_is_down: Arc<AtomicBool>,
    _folder: TempDir,
}

impl World {
    /// A server on which nobody has an account.
    pub async fn empty(sign_up: SignUp) -> Self {
        let clock = Arc::new(StandingClock(AtomicI64::new(1_763_890_000_000_000)));
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let folder = TempDir::new().expect("a folder");
        let app = start_app(&folder, clock.clone(), random.clone());
        let settings = ProviderSettings {
            public_url: PUBLIC_URL.to_owned(),
            name: Some("Harbour office".to_owned()),
            sign_up,
            signing_key_pem: keys::generate_pem(&*random),
            client_secret: "client+secret/with=odd letters".to_owned(),
            secret: [7; 32],
        };
        let identity = OidcSettings::builtin(PUBLIC_URL, &settings.client_secret);
        let provider = Provider::new(settings, app.clone()).expect("a provider");
        let routes = petit_provider::router(provider.clone());
        let provider_is_down = Arc::new(AtomicBool::new(false));
        let in_process = HttpExchange::in_process(breakable(routes.clone(), provider_is_down.clone()));
        let identity: Arc<dyn Identity> =
            Arc::new(OidcIdentity::new(identity, in_process, clock.clone(), random));
        let router = routes.merge(client_routes(&app, identity.clone()));
        Self { app, provider, identity, router, clock, provider_is_down, _folder: folder }
    }

    /// A server with alice, who owns it, and bob. The passwords are their names three times.
    pub async fn with_people(sign_up: SignUp) -> Self {
        let world = Self::empty(sign_up).await;
        for name in ["alice", "bob"] {
            let password = Some(password_of(name));
            accounts::add(&world.provider, name, name, password, ServerRole::Member).await.expect("added");
        }
        world
    }

    pub fn firefox(&self) -> Browser {
        Browser::new(&self.router, FIREFOX)
    }

    pub fn chromium(&self) -> Browser {
        Browser::new(&self.router, CHROMIUM)
    }

    /// The sign-in page, as a browser that wants to see `return_to` gets it.
    pub async fn sign_in_page(&self, browser: &mut Browser, return_to: &str) -> Answer {
        let start = browser.get(&format!("/auth/sign-in?return_to={return_to}")).await;
        browser.follow(start).await
    }

    /// Types into the sign-in page and sends it.
    pub async fn submit(
        &self,
        browser: &mut Browser,
        page: &Answer,
        username: &str,
        password: &str,
    ) -> Answer {
        let form = hidden_field(&page.body);
        let fields = [("form", form.as_str()), ("username", username), ("password", password)];
        browser.post("/oidc/sign-in", &fields).await
    }

    /// Signs somebody in; gives the session's secret.
    pub async fn sign_in(&self, browser: &mut Browser, username: &str) -> String {
        let page = self.sign_in_page(browser, "/").await;
        let sent = self.submit(browser, &page, username, &password_of(username)).await;
        let code = sent.location().to_owned();
        let done = browser.get(&code).await;
        assert_eq!(done.location(), "/", "{}", done.body);
        browser.cookie("petit_session").expect("a session").to_owned()
    }

    pub fn break_provider(&self, broken: bool) {
        self.provider_is_down.store(broken, Ordering::SeqCst);
    }
}

/// The client side of signing in.
pub fn client_routes(app: &Arc<App>, identity: Arc<dyn Identity>) -> Router {
    let settings = ClientSettings {
        public_url: PUBLIC_URL.to_owned(),
        secure_cookies: false,
        link_verified_email: false,
    };
    client::router(app.clone(), identity, settings)
}

/// An application with an empty store.
fn start_app(folder: &TempDir, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Arc<App> {
    let store =
        SqliteStore::open(&folder.path().join("petit.db"), &Options::default()).expect("a store").store;
    App::start(Parts { store, bus: Arc::new(LocalBus::new()), clock, random, secret: [9; 32] })
}

pub fn password_of(name: &str) -> String {
    format!("{name} {name} {name}")
}

fn breakable(routes: Router, broken: Arc<AtomicBool>) -> Router {
    routes.layer(middleware::from_fn(move |request: Request, next: Next| {
        let broken = broken.clone();
        async move { pass_unless(broken.load(Ordering::SeqCst), request, next).await }
    }))
}

async fn pass_unless(broken: bool, request: Request, next: Next) -> Response {
    if broken { StatusCode::SERVICE_UNAVAILABLE.into_response() } else { next.run(request).await }
}
