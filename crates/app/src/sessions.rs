//! Signed-in devices and bearer tokens.

use std::time::{Duration, Instant};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use dashmap::DashMap;
use petit_domain::{Event, Session, SessionId, SessionKind, Timestamp, TokenHash, UserId};
use petit_ports::{Announcement, Change, Subject};
use sha2::{Digest, Sha256};

use crate::{App, AppError, Caller};

/// The name of the cookie that holds a browser's token.
pub const COOKIE: &str = "petit_session";

const PREFIX: &str = "pc_";
/// How long a session is believed without asking the store. One ended here is dropped at once.
const BELIEVED_FOR: Duration = Duration::from_secs(3);
const REMEMBERED: usize = 50_000;

/// Sessions seen lately, by the hash of their secret.
#[derive(Default)]
pub(crate) struct SessionCache(DashMap<TokenHash, (Session, Instant)>);

impl SessionCache {
    fn get(&self, hash: &TokenHash) -> Option<Session> {
        let seen = self.0.get(hash)?;
        (seen.1.elapsed() < BELIEVED_FOR).then(|| seen.0.clone())
    }

    fn put(&self, session: Session) {
        if self.0.len() >= REMEMBERED {
            self.0.clear();
        }
        self.0.insert(session.token_hash, (session, Instant::now()));
    }
}

/// A new session and its secret, which is shown this once.
pub async fn create(
    app: &App,
    user: UserId,
    kind: SessionKind,
    label: &str,
    lifetime_s: Option<i64>,
) -> Result<(Session, String), AppError> {
    let mut secret = [0; 32];
    app.random().fill(&mut secret);
    let token = format!("{PREFIX}{}", BASE64.encode(secret));
    let now = app.now();
    let session = Session {
        id: SessionId::mint(now, app.random().next_u64()),
        token_hash: hash(&token),
        user,
        kind,
        label: label.chars().take(80).collect(),
        created_at: now,
        last_seen_at: now,
        expires_at: lifetime_s.map(|seconds| now.plus_seconds(seconds)),
        revoked_at: None,
    };
    app.store().sessions.create(&session).await?;
    Ok((session, token))
}

/// Whose session a token proves.
pub async fn authenticate(app: &App, token: &str) -> Result<Caller, AppError> {
    if !token.starts_with(PREFIX) || token.len() > 64 {
        return Err(AppError::Unauthenticated);
    }
    let hash = hash(token);
    let now = app.now();
    let session = match app.session_cache.get(&hash) {
        Some(session) => session,
        None => fetch(app, &hash, now).await?,
    };
    if !session.is_live(now) {
        return Err(AppError::Unauthenticated);
    }
    Ok(Caller { user: session.user, session: session.id })
}

async fn fetch(app: &App, hash: &TokenHash, now: Timestamp) -> Result<Session, AppError> {
    let mut session = app.store().sessions.find(hash).await?.ok_or(AppError::Unauthenticated)?;
    let minute_ago = now.plus_seconds(-60);
    if session.is_live(now) && session.last_seen_at < minute_ago {
        session.last_seen_at = now;
        // A full disk must not sign people out.
        if let Err(error) = app.store().sessions.touch(session.user, session.id, now).await {
            tracing::warn!(%error, "could not note that a session was used");
        }
    }
    app.session_cache.put(session.clone());
    Ok(session)
}

/// Whether a session that was live still is. For connections that stay open.
pub async fn still_live(app: &App, caller: &Caller) -> Result<bool, AppError> {
    let session = app.store().sessions.get(caller.user, caller.session).await?;
    Ok(session.is_some_and(|session| session.is_live(app.now())))
}

/// The caller's live sessions, newest first.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<Session>, AppError> {
    let now = app.now();
    let mut sessions = app.store().sessions.list(caller.user).await?;
    sessions.retain(|session| session.is_live(now));
    Ok(sessions)
}

/// Ends a session of the person and closes its connections. Again is fine; another's is not found.
pub async fn revoke(app: &App, user: UserId, session: SessionId) -> Result<(), AppError> {
    let known = app.store().sessions.get(user, session).await?.ok_or(AppError::NotFound)?;
    if app.store().sessions.revoke(user, session, app.now()).await? == Change::Done {
        app.session_cache.0.remove(&known.token_hash);
        app.publish(Subject::Sessions, Announcement::new(Event::SessionRevoked { user, session })).await;
    }
    Ok(())
}

fn hash(token: &str) -> TokenHash {
    TokenHash(Sha256::digest(token.as_bytes()).into())
}
