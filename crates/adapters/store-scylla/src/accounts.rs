use async_trait::async_trait;
use petit_domain::{Timestamp, UserId, Username};
use petit_ports::{Account, AccountCreated, AccountStore, Change, Invitation, Redeemed, StoreError};
use uuid::Uuid;

use crate::{
    row::{server_role, server_role_code, times, unset, value},
    statement::Cql,
    store::ScyllaStore,
};

static CLAIM_NAME: Cql =
    Cql::lwt("INSERT INTO account_names (space, username, subject) VALUES (?, ?, ?) IF NOT EXISTS");
static NAME: Cql = Cql::read("SELECT subject FROM account_names WHERE space = ? AND username = ?");
static NAMES: Cql =
    Cql::read("SELECT username, subject FROM account_names WHERE space = ? AND username > ? LIMIT ?");
static PUT: Cql = Cql::lwt(
    "INSERT INTO accounts (subject, username, name, role, password_hash, created_at) VALUES (?, ?, ?, ?, ?, ?) \
     IF NOT EXISTS",
);
static GET: Cql =
    Cql::read("SELECT username, name, role, password_hash, created_at FROM accounts WHERE subject = ?");
static PASSWORD: Cql = Cql::lwt("UPDATE accounts SET password_hash = ? WHERE subject = ? IF EXISTS");
static INVITE: Cql = Cql::lwt(
    "INSERT INTO invitations (space, token_hash, role, created_by, created_at, expires_at, used_by) \
     VALUES (?, ?, ?, ?, ?, ?, ?) IF NOT EXISTS",
);
static INVITATION: Cql = Cql::read(
    "SELECT role, created_by, created_at, expires_at, used_by FROM invitations WHERE space = ? AND token_hash = ?",
);
static REDEEM: Cql = Cql::lwt(
    "UPDATE invitations SET used_by = ? WHERE space = ? AND token_hash = ? IF used_by = null AND created_at = ?",
);

type AccountRow = (String, String, i8, String, i64);
type InvitationRow = (i8, Option<Uuid>, i64, Option<i64>, Option<Uuid>);

#[async_trait]
impl AccountStore for ScyllaStore {
    async fn create(&self, account: &Account) -> Result<AccountCreated, StoreError> {
        if self.get(account.subject).await?.is_some() {
            return Ok(AccountCreated::AlreadySo);
        }
        let (space, subject) = (self.engine.space, account.subject.uuid());
        let claim = (space, account.username.as_str(), subject);
        if !self.engine.applies(&CLAIM_NAME, claim).await?
            && self.named(&account.username).await? != Some(account.subject)
        {
            return Ok(AccountCreated::UsernameTaken);
        }
        let is_new = self
            .engine
            .applies(
                &PUT,
                (
                    subject,
                    account.username.as_str(),
                    account.name.as_str(),
                    server_role_code(account.role),
                    &account.password_hash,
                    account.created_at.micros(),
                ),
            )
            .await?;
        Ok(if is_new { AccountCreated::Done } else { AccountCreated::AlreadySo })
    }

    async fn find(&self, username: &Username) -> Result<Option<Account>, StoreError> {
        match self.named(username).await? {
            Some(subject) => self.get(subject).await,
            None => Ok(None),
        }
    }

    async fn get(&self, subject: UserId) -> Result<Option<Account>, StoreError> {
        let found = self.engine.row::<AccountRow>(&GET, (subject.uuid(),)).await?;
        found.map(|row| account(subject, row)).transpose()
    }

    async fn set_password(&self, subject: UserId, password_hash: &str) -> Result<Change, StoreError> {
        let changed = self.engine.applies(&PASSWORD, (password_hash, subject.uuid())).await?;
        Ok(if changed { Change::Done } else { Change::AlreadySo })
    }

    async fn list(&self, after: Option<&Username>, limit: usize) -> Result<Vec<Account>, StoreError> {
        let after = after.map_or("", Username::as_str);
        let values = (self.engine.space, after, limit as i32);
        let mut accounts = Vec::new();
        for (_, subject) in self.engine.rows::<(String, Uuid)>(&NAMES, values).await? {
            accounts.extend(self.get(UserId::from_uuid(subject)).await?);
        }
        Ok(accounts)
    }

    async fn invite(&self, invitation: &Invitation) -> Result<Change, StoreError> {
        let values = (
            self.engine.space,
            &invitation.token_hash[..],
            server_role_code(invitation.role),
            unset(invitation.created_by.map(UserId::uuid)),
            invitation.created_at.micros(),
            unset(invitation.expires_at.map(Timestamp::micros)),
            unset(invitation.used_by.map(UserId::uuid)),
        );
        let is_new = self.engine.applies(&INVITE, values).await?;
        Ok(if is_new { Change::Done } else { Change::AlreadySo })
    }

    async fn find_invitation(&self, token_hash: &[u8; 32]) -> Result<Option<Invitation>, StoreError> {
        let found =
            self.engine.row::<InvitationRow>(&INVITATION, (self.engine.space, &token_hash[..])).await?;
        let Some((role, created_by, created_at, expires_at, used_by)) = found else { return Ok(None) };
        Ok(Some(Invitation {
            token_hash: *token_hash,
            role: server_role(role),
            created_by: created_by.map(UserId::from_uuid),
            created_at: Timestamp::from_micros(created_at),
            expires_at: times(expires_at),
            used_by: used_by.map(UserId::from_uuid),
        }))
    }

    async fn redeem(
        &self,
        token_hash: &[u8; 32],
        subject: UserId,
        now: Timestamp,
    ) -> Result<Redeemed, StoreError> {
        let Some(found) = self.find_invitation(token_hash).await? else { return Ok(Redeemed::Refused) };
        if found.used_by == Some(subject) {
            return Ok(Redeemed::Done(found.role));
        }
        if found.used_by.is_some() || found.expires_at.is_some_and(|end| end <= now) {
            return Ok(Redeemed::Refused);
        }
        let values = (subject.uuid(), self.engine.space, &token_hash[..], found.created_at.micros());
        if self.engine.applies(&REDEEM, values).await? {
            return Ok(Redeemed::Done(found.role));
        }
        // Somebody was quicker; it may have been an earlier try for the same account.
        let by_us = self.find_invitation(token_hash).await?.and_then(|found| found.used_by) == Some(subject);
        Ok(if by_us { Redeemed::Done(found.role) } else { Redeemed::Refused })
    }
}

impl ScyllaStore {
    async fn named(&self, username: &Username) -> Result<Option<UserId>, StoreError> {
        let found = self.engine.row::<(Uuid,)>(&NAME, (self.engine.space, username.as_str())).await?;
        Ok(found.map(|(subject,)| UserId::from_uuid(subject)))
    }
}

fn account(
    subject: UserId,
    (username, name, role, password_hash, created_at): AccountRow,
) -> Result<Account, StoreError> {
    Ok(Account {
        subject,
        username: value(username)?,
        name: value(name)?,
        role: server_role(role),
        password_hash,
        created_at: Timestamp::from_micros(created_at),
    })
}
