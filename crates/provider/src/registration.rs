//! Making accounts: freely, by invitation, and the first one by the setup link.
//!
//! The store has no transaction, so the steps are ordered to be repeatable: an invitation decides the
//! subject of its account beforehand. Redeeming it and creating the account may then be interrupted
//! and repeated, and of two people with the same link one wins.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use petit_app::{
    AppError,
    ports::{Account, AccountCreated, Invitation, Redeemed},
};
use petit_domain::{DisplayName, ServerRole, UserId, Username};
use sha2::{Digest, Sha256};

use crate::{
    Provider,
    passwords::Password,
    secret::{hash, same},
};

/// What somebody chose for their account.
pub(crate) struct NewAccount {
    pub(crate) username: Username,
    pub(crate) name: DisplayName,
    pub(crate) password: Password,
}

/// How making an account ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Made {
    Done(UserId),
    UsernameTaken,
    /// The invitation does not work any more.
    Refused,
}

/// Whether there is no account at all.
pub(crate) async fn is_empty(provider: &Provider) -> Result<bool, AppError> {
    Ok(provider.app.store().accounts.list(None, 1).await?.is_empty())
}

/// The secret of the setup link: the same as long as the server's secret is.
pub(crate) fn setup_token(provider: &Provider) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&provider.secret) else { return String::new() };
    mac.update(b"the link that makes the first account");
    BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

/// The owner's invitation, if this is the setup link and there is no account.
pub(crate) async fn setup_invitation(
    provider: &Provider,
    token: &str,
) -> Result<Option<Invitation>, AppError> {
    let expected = setup_token(provider);
    if expected.is_empty() || !same(token, &expected) || !is_empty(provider).await? {
        return Ok(None);
    }
    let invitation = Invitation {
        token_hash: hash(&expected),
        role: ServerRole::Owner,
        created_by: None,
        created_at: provider.now(),
        expires_at: None,
        used_by: None,
    };
    provider.app.store().accounts.invite(&invitation).await?;
    Ok(provider.app.store().accounts.find_invitation(&invitation.token_hash).await?)
}

/// The invitation of a link, if it can still make an account.
pub(crate) async fn invitation(provider: &Provider, token: &str) -> Result<Option<Invitation>, AppError> {
    let accounts = &provider.app.store().accounts;
    let Some(found) = accounts.find_invitation(&hash(token)).await? else { return Ok(None) };
    let over = found.expires_at.is_some_and(|end| end <= provider.now());
    let taken = accounts.get(subject_of(&found)).await?.is_some();
    let given_away = found.used_by.is_some_and(|user| user != subject_of(&found));
    Ok((!over && !taken && !given_away).then_some(found))
}

/// Makes the account of an invitation.
pub(crate) async fn by_invitation(
    provider: &Provider,
    invitation: &Invitation,
    new: NewAccount,
) -> Result<Made, AppError> {
    let (subject, now) = (subject_of(invitation), provider.now());
    let accounts = &provider.app.store().accounts;
    if accounts.find(&new.username).await?.is_some_and(|account| account.subject != subject) {
        return Ok(Made::UsernameTaken);
    }
    match accounts.redeem(&invitation.token_hash, subject, now).await? {
        Redeemed::Done(role) => create(provider, subject, role, new).await,
        Redeemed::Refused => Ok(Made::Refused),
    }
}

/// Makes an account for anybody.
pub(crate) async fn freely(provider: &Provider, role: ServerRole, new: NewAccount) -> Result<Made, AppError> {
    let subject = UserId::mint(provider.now(), provider.random().next_u64());
    if provider.app.store().accounts.find(&new.username).await?.is_some() {
        return Ok(Made::UsernameTaken);
    }
    create(provider, subject, role, new).await
}

async fn create(
    provider: &Provider,
    subject: UserId,
    role: ServerRole,
    new: NewAccount,
) -> Result<Made, AppError> {
    let password_hash = provider.passwords.hash(new.password, provider.random()).await?;
    let account = Account {
        subject,
        username: new.username,
        name: new.name,
        role,
        password_hash,
        created_at: provider.now(),
    };
    Ok(match provider.app.store().accounts.create(&account).await? {
        AccountCreated::Done => Made::Done(subject),
        AccountCreated::UsernameTaken => Made::UsernameTaken,
        AccountCreated::AlreadySo => Made::Refused,
    })
}

/// The subject that an invitation's account will have.
fn subject_of(invitation: &Invitation) -> UserId {
    let digest = Sha256::digest([b"subject".as_slice(), &invitation.token_hash].concat());
    let bits = digest.iter().take(8).fold(0, |bits, byte| (bits << 8) | u64::from(*byte));
    UserId::mint(invitation.created_at, bits)
}
