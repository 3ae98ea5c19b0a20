use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use axum::{
    Form, Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http::StatusCode;
use jsonwebtoken::{
    Algorithm, EncodingKey, Header,
    jwk::{Jwk, JwkSet},
};
use p256::pkcs8::{EncodePrivateKey, LineEnding};
use parking_lot::Mutex;
use petit_domain::Timestamp;
use petit_identity_oidc::{HttpExchange, OidcIdentity, OidcSettings};
use petit_ports::{Clock, Identity, IdentityError, Random, SignIn, SignedIn, SystemRandom};
use serde_json::{Value, json};

pub const ISSUER: &str = "https://id.example";
pub const REDIRECT: &str = "https://chat.example/auth/callback";
pub const SECRET: &str = "the client's secret, which is long enough to sign with";

/// A clock that stands until it is moved.
pub struct StandingClock(AtomicI64);

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

impl StandingClock {
    pub fn move_by(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    pub fn seconds(&self) -> i64 {
        self.now().micros() / 1_000_000
    }
}

/// A key with its name.
#[derive(Clone)]
pub struct Key {
    pub name: String,
    pub key: EncodingKey,
}

impl Key {
    pub fn new(name: &str) -> Self {
        let mut bytes = [0; 32];
        SystemRandom.fill(&mut bytes);
        let key = p256::SecretKey::from_slice(&bytes).expect("nearly every number is a key");
        let pem = key.to_pkcs8_pem(LineEnding::LF).expect("PEM");
        Self { name: name.to_owned(), key: EncodingKey::from_ec_pem(pem.as_bytes()).expect("a key") }
    }

    fn public(&self) -> Jwk {
        let mut jwk = Jwk::from_encoding_key(&self.key, Algorithm::ES256).expect("a public key");
        jwk.common.key_id = Some(self.name.clone());
        jwk
    }
}

type Minting = Arc<dyn Fn(&Value) -> String + Send + Sync>;

/// What the provider does.
pub struct Script {
    pub published: Vec<Key>,
    /// Makes the id token of good claims.
    pub mint: Minting,
    /// Makes the claims bad.
    pub change: Arc<dyn Fn(&mut Value) + Send + Sync>,
    pub is_down: bool,
    /// How often the keys were fetched.
    pub fetched: usize,
    /// What the token endpoint was sent last.
    pub sent: Vec<(String, String)>,
}

#[derive(Clone)]
pub struct Fake {
    pub script: Arc<Mutex<Script>>,
    pub clock: Arc<StandingClock>,
    issuer: Arc<str>,
    nonce: Arc<Mutex<String>>,
}

impl Fake {
    pub fn new() -> Self {
        Self::at(ISSUER)
    }

    /// A provider at this address.
    pub fn at(issuer: &str) -> Self {
        let key = Key::new("one");
        let script = Script {
            published: vec![key.clone()],
            mint: signed(key),
            change: Arc::new(|_| {}),
            is_down: false,
            fetched: 0,
            sent: Vec::new(),
        };
        let clock = Arc::new(StandingClock(AtomicI64::new(1_763_890_000_000_000)));
        Self { script: Arc::new(Mutex::new(script)), clock, issuer: issuer.into(), nonce: Arc::default() }
    }

    pub fn identity(&self) -> OidcIdentity {
        self.identity_by(HttpExchange::in_process(self.router()))
    }

    pub fn identity_by(&self, http: HttpExchange) -> OidcIdentity {
        let settings = OidcSettings::outside(&self.issuer, "petit", SECRET, Some("petit_role".into()));
        OidcIdentity::new(settings, http, self.clock.clone(), Arc::new(SystemRandom))
    }

    /// Lets the claims of the next tokens be changed.
    pub fn change(&self, change: impl Fn(&mut Value) + Send + Sync + 'static) {
        self.script.lock().change = Arc::new(change);
    }

    /// Lets the next tokens be made in another way.
    pub fn mint(&self, mint: impl Fn(&Value) -> String + Send + Sync + 'static) {
        self.script.lock().mint = Arc::new(mint);
    }

    /// Begins a sign-in; the tokens carry its nonce.
    pub async fn begin(&self, identity: &OidcIdentity) -> SignIn {
        let pending = identity.start(REDIRECT).await.expect("started").pending;
        *self.nonce.lock() = pending.nonce.clone();
        pending
    }

    /// A whole sign-in.
    pub async fn sign_in(&self, identity: &OidcIdentity) -> Result<SignedIn, IdentityError> {
        let pending = self.begin(identity).await;
        identity.finish(REDIRECT, &pending, &pending.state, "the code").await
    }

    /// A logout token, as the provider sends it by itself.
    pub fn logout_token(&self, change: impl Fn(&mut Value)) -> String {
        let now = self.clock.seconds();
        let mut claims = json!({
            "iss": *self.issuer,
            "aud": "petit",
            "sub": "subject-1",
            "sid": "session-1",
            "iat": now,
            "exp": now + 120,
            "jti": "token-1",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        });
        change(&mut claims);
        (self.script.lock().mint)(&claims)
    }

    pub fn router(&self) -> Router {
        Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(self.clone())
    }
}

/// Signs with a key, naming it.
pub fn signed(key: Key) -> Minting {
    Arc::new(move |claims| {
        let header = Header { kid: Some(key.name.clone()), ..Header::new(Algorithm::ES256) };
        jsonwebtoken::encode(&header, claims, &key.key).expect("signed")
    })
}

/// A token of these parts, as they are.
pub fn assembled(header: &Value, claims: &Value, signature: &[u8]) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{}", part(header), part(claims), BASE64_URL_SAFE_NO_PAD.encode(signature))
}

async fn discovery(State(fake): State<Fake>) -> Response {
    if fake.script.lock().is_down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let issuer = &fake.issuer;
    Json(json!({
        "issuer": **issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "end_session_endpoint": format!("{issuer}/bye"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
    }))
    .into_response()
}

async fn keys(State(fake): State<Fake>) -> Json<JwkSet> {
    let mut script = fake.script.lock();
    script.fetched += 1;
    Json(JwkSet { keys: script.published.iter().map(Key::public).collect() })
}

async fn token(State(fake): State<Fake>, Form(sent): Form<Vec<(String, String)>>) -> Response {
    let mut script = fake.script.lock();
    script.sent = sent;
    if script.is_down {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let now = fake.clock.seconds();
    let mut claims = json!({
        "iss": *fake.issuer,
        "aud": "petit",
        "sub": "subject-1",
        "iat": now,
        "exp": now + 300,
        "nonce": *fake.nonce.lock(),
        "preferred_username": "nadia",
        "name": "Nadia F.",
        "petit_role": "admin",
        "sid": "session-1",
    });
    (script.change)(&mut claims);
    let id_token = (script.mint)(&claims);
    Json(json!({ "access_token": "access", "token_type": "Bearer", "expires_in": 300, "id_token": id_token }))
        .into_response()
}
