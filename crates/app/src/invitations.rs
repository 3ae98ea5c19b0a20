//! Links that let one person make an account with the built-in provider.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use petit_domain::ServerRole;
use petit_ports::Invitation;
use petit_protocol::InvitationLink;
use sha2::{Digest, Sha256};

use crate::{App, AppError, Caller, people};

const LIFETIME_S: i64 = 7 * 24 * 3600;

/// A link for one new person, good for a week. For admins and owners of the server.
pub async fn create(
    app: &App,
    caller: &Caller,
    role: ServerRole,
    public_url: &str,
) -> Result<InvitationLink, AppError> {
    let by = people::get(app, caller.user).await?;
    if by.role < ServerRole::Admin || role > by.role {
        return Err(AppError::forbidden("Your role on this server does not allow this."));
    }
    let mut secret = [0; 24];
    app.random().fill(&mut secret);
    let token = BASE64.encode(secret);
    let now = app.now();
    let expires_at = now.plus_seconds(LIFETIME_S);
    let invitation = Invitation {
        token_hash: Sha256::digest(token.as_bytes()).into(),
        role,
        created_by: Some(caller.user),
        created_at: now,
        expires_at: Some(expires_at),
        used_by: None,
    };
    app.store().accounts.invite(&invitation).await?;
    Ok(InvitationLink { url: format!("{public_url}/oidc/sign-up?invitation={token}"), expires_at })
}
