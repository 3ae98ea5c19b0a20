use async_trait::async_trait;
use petit_domain::{Timestamp, UserId, Username};
use petit_ports::{Account, AccountCreated, AccountStore, Change, Invitation, Redeemed, StoreError};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use crate::{
    row::{self, server_role_code},
    store::SqliteStore,
};

pub(crate) const ACCOUNT: &str = "subject, username, name, role, password_hash, created_at";

pub(crate) fn account(found: &Row<'_>) -> Result<Account> {
    Ok(Account {
        subject: row::user(found, 0)?,
        username: row::username(found, 1)?,
        name: row::display_name(found, 2)?,
        role: row::server_role(found, 3)?,
        password_hash: found.get(4)?,
        created_at: row::time(found, 5)?,
    })
}

#[async_trait]
impl AccountStore for SqliteStore {
    async fn create(&self, account: &Account) -> Result<AccountCreated, StoreError> {
        let account = account.clone();
        self.write(move |writing| create(writing.connection, &account)).await
    }

    async fn find(&self, username: &Username) -> Result<Option<Account>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(&format!("SELECT {ACCOUNT} FROM accounts WHERE username = ?1"))?
                .query_row([username.as_str()], account)
                .optional()
        })
    }

    async fn get(&self, subject: UserId) -> Result<Option<Account>, StoreError> {
        self.read(|connection| by_subject(connection, subject))
    }

    async fn set_password(&self, subject: UserId, password_hash: &str) -> Result<Change, StoreError> {
        let hash = password_hash.to_owned();
        self.write(move |writing| {
            let changed = writing
                .connection
                .prepare_cached("UPDATE accounts SET password_hash = ?2 WHERE subject = ?1")?
                .execute(params![subject.uuid().into_bytes(), hash])?;
            Ok(crate::store::change(changed))
        })
        .await
    }

    async fn list(&self, after: Option<&Username>, limit: usize) -> Result<Vec<Account>, StoreError> {
        let after = after.map_or("", Username::as_str);
        self.read(|connection| {
            connection
                .prepare_cached(&format!(
                    "SELECT {ACCOUNT} FROM accounts WHERE username > ?1 ORDER BY username LIMIT ?2"
                ))?
                .query_map(params![after, limit as i64], account)?
                .collect()
        })
    }

    async fn invite(&self, invitation: &Invitation) -> Result<Change, StoreError> {
        let invitation = invitation.clone();
        self.write(move |writing| {
            let inserted = writing
                .connection
                .prepare_cached(
                    "INSERT INTO invitations (token_hash, role, created_by, created_at, expires_at, used_by) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
                )?
                .execute(params![
                    invitation.token_hash,
                    server_role_code(invitation.role),
                    invitation.created_by.map(|user| user.uuid().into_bytes()),
                    invitation.created_at.micros(),
                    invitation.expires_at.map(Timestamp::micros),
                    invitation.used_by.map(|user| user.uuid().into_bytes()),
                ])?;
            Ok(crate::store::change(inserted))
        })
        .await
    }

    async fn find_invitation(&self, token_hash: &[u8; 32]) -> Result<Option<Invitation>, StoreError> {
        self.read(|connection| invitation(connection, token_hash))
    }

    async fn redeem(
        &self,
        token_hash: &[u8; 32],
        subject: UserId,
        now: Timestamp,
    ) -> Result<Redeemed, StoreError> {
        let hash = *token_hash;
        self.write(move |writing| redeem(writing.connection, &hash, subject, now)).await
    }
}

fn by_subject(connection: &Connection, subject: UserId) -> Result<Option<Account>> {
    connection
        .prepare_cached(&format!("SELECT {ACCOUNT} FROM accounts WHERE subject = ?1"))?
        .query_row([subject.uuid().into_bytes()], account)
        .optional()
}

fn create(connection: &Connection, account: &Account) -> Result<AccountCreated> {
    if by_subject(connection, account.subject)?.is_some() {
        return Ok(AccountCreated::AlreadySo);
    }
    let inserted = connection
        .prepare_cached(
            "INSERT INTO accounts (subject, username, name, role, password_hash, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            account.subject.uuid().into_bytes(),
            account.username.as_str(),
            account.name.as_str(),
            server_role_code(account.role),
            account.password_hash,
            account.created_at.micros(),
        ])?;
    Ok(if inserted == 0 { AccountCreated::UsernameTaken } else { AccountCreated::Done })
}

fn invitation(connection: &Connection, token_hash: &[u8; 32]) -> Result<Option<Invitation>> {
    connection
        .prepare_cached(&format!("SELECT {INVITATION} FROM invitations WHERE token_hash = ?1"))?
        .query_row([token_hash], invitation_row)
        .optional()
}

pub(crate) const INVITATION: &str = "token_hash, role, created_by, created_at, expires_at, used_by";

pub(crate) fn invitation_row(found: &Row<'_>) -> Result<Invitation> {
    Ok(Invitation {
        token_hash: found.get(0)?,
        role: row::server_role(found, 1)?,
        created_by: row::optional_user(found, 2)?,
        created_at: row::time(found, 3)?,
        expires_at: row::optional_time(found, 4)?,
        used_by: row::optional_user(found, 5)?,
    })
}

fn redeem(connection: &Connection, hash: &[u8; 32], subject: UserId, now: Timestamp) -> Result<Redeemed> {
    let Some(found) = invitation(connection, hash)? else { return Ok(Redeemed::Refused) };
    match found.used_by {
        Some(user) if user == subject => Ok(Redeemed::Done(found.role)),
        Some(_) => Ok(Redeemed::Refused),
        None if found.expires_at.is_some_and(|end| end <= now) => Ok(Redeemed::Refused),
        None => {
            connection
                .prepare_cached("UPDATE invitations SET used_by = ?2 WHERE token_hash = ?1")?
                .execute(params![hash, subject.uuid().into_bytes()])?;
            Ok(Redeemed::Done(found.role))
        }
    }
}
