//! Signed-in devices and bearer tokens.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use petit_domain::{Event, ExternalId, Session, SessionId, SessionKind, Timestamp, TokenHash, UserId};
use petit_ports::{Announcement, Change, Subject};
use sha2::{Digest, Sha256};

use crate::{App, AppError, Caller, memory::Memory};

/// The name of the cookie that holds a browser's token.
pub const COOKIE: &str = "petit_session";

const PREFIX: &str = "pc_";
/// How long a session is believed without asking the store. One ended here is dropped at once.
const BELIEVED_FOR: Duration = Duration::from_secs(3);
const REMEMBERED: usize = 50_000;

/// Sessions seen lately, by the hash of their secret.
pub(crate) type SessionMemory = Memory<TokenHash, Session>;

pub(crate) fn memory() -> SessionMemory {
    Memory::new(BELIEVED_FOR, REMEMBERED)
}

/// A new session and its secret, which is shown this once.
pub async fn create(
    app: &App,
    user: UserId,
    kind: SessionKind,
    label: &str,
    lifetime_s: Option<i64>,
) -> Result<(Session, String), AppError> {
    create_within(app, user, kind, label, lifetime_s, None).await
}

/// The same within a session of the identity provider, which may end it: `Unauthenticated` if it has.
pub async fn create_within(
    app: &App,
    user: UserId,
    kind: SessionKind,
    label: &str,
    lifetime_s: Option<i64>,
    provider_session: Option<String>,
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
        provider_session,
    };
    app.store().sessions.create(&session).await?;
    // Asked after the session is there: so either this sees that it ended, or the end sees the session.
    if let Some(of) = &session.provider_session
        && app.store().sessions.has_ended(of).await?
    {
        app.store().sessions.revoke(user, session.id, now).await?;
        return Err(AppError::Unauthenticated);
    }
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
    let before = app.session_cache.before_reading();
    let mut session = app.store().sessions.find(hash).await?.ok_or(AppError::Unauthenticated)?;
    let minute_ago = now.plus_seconds(-60);
    if session.is_live(now) && session.last_seen_at < minute_ago {
        session.last_seen_at = now;
        // A full disk must not sign people out.
        if let Err(error) = app.store().sessions.touch(session.user, session.id, now).await {
            tracing::warn!(%error, "could not note that a session was used");
        }
    }
    app.session_cache.put(*hash, session.clone(), before);
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
        app.session_cache.forget(&known.token_hash);
        app.publish(Subject::Sessions, Announcement::new(Event::SessionRevoked { user, session })).await;
    }
    Ok(())
}

/// Ends browsers' sessions at the identity provider's wish: those that began with one of its sessions, or all
/// of the person it calls by this name. Programs' tokens stay. Nobody signs in by that session any more, at
/// whichever process. Answers how many there were.
pub async fn end_of_provider(
    app: &App,
    external: &ExternalId,
    provider_session: Option<&str>,
) -> Result<usize, AppError> {
    if let Some(session) = provider_session {
        app.store().sessions.note_ended(session, app.now()).await?;
    }
    let Some(user) = app.store().people.find_by_external(external).await? else { return Ok(0) };
    let (mut ended, mut failed) = (0, None);
    for session in app.store().sessions.list(user).await? {
        let is_meant = provider_session.is_none_or(|one| session.provider_session.as_deref() == Some(one));
        if session.kind == SessionKind::Browser && is_meant {
            match revoke(app, user, session.id).await {
                Ok(()) => ended += 1,
                // The others go all the same.
                Err(error) => failed = Some(error),
            }
        }
    }
    failed.map_or(Ok(ended), Err)
}

fn hash(token: &str) -> TokenHash {
    TokenHash(Sha256::digest(token.as_bytes()).into())
}

/// A token and how it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presented<'r> {
    /// In the `Authorization` header: the sender chose to send it.
    Bearer(&'r str),
    /// In the cookie: the browser sends it by itself, so whoever made the request must be ours.
    Cookie(&'r str),
}

/// The token of a request, from its `Authorization` and `Cookie` headers.
pub fn presented<'r>(authorization: Option<&'r str>, cookies: Option<&'r str>) -> Option<Presented<'r>> {
    if let Some(header) = authorization {
        let (scheme, token) = header.split_once(' ')?;
        return scheme.eq_ignore_ascii_case("bearer").then(|| Presented::Bearer(token.trim()));
    }
    let pairs = cookies?.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(name, _)| *name == COOKIE).map(|(_, token)| Presented::Cookie(token))
}
