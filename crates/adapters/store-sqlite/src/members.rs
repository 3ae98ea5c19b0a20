use async_trait::async_trait;
use petit_domain::{ChatId, ChatName, MemberRecord, Rules, SettingsRecord, UserId, fold};
use petit_ports::{Change, MemberStore, Ruling, StoreError};
use rusqlite::{Connection, OptionalExtension, Result, params};

use crate::{
    heads::raise,
    row::{self, MEMBER, member_role_code},
    store::SqliteStore,
};

#[async_trait]
impl MemberStore for SqliteStore {
    async fn applied(&self, chat: ChatId) -> Result<Option<i64>, StoreError> {
        self.read(|connection| applied(connection, chat))
    }

    async fn follow(
        &self,
        chat: ChatId,
        after: i64,
        cseq: i64,
        ruling: &Ruling,
    ) -> Result<Change, StoreError> {
        let ruling = ruling.clone();
        self.write(move |writing| follow(writing.connection, chat, (after, cseq), &ruling)).await
    }

    async fn get(&self, chat: ChatId, user: UserId) -> Result<Option<MemberRecord>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(&format!(
                    "SELECT {MEMBER} FROM members m WHERE m.chat_id = ?1 AND m.user_id = ?2"
                ))?
                .query_row([chat.uuid().into_bytes(), user.uuid().into_bytes()], |found| {
                    row::member(found, 0)
                })
                .optional()
        })
    }

    async fn standing(
        &self,
        chat: ChatId,
        user: UserId,
    ) -> Result<Option<(MemberRecord, Rules)>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(&format!(
                    "SELECT {MEMBER}, c.settings, c.settings_cseq FROM members m JOIN chats c ON c.chat_id = m.chat_id \
                     WHERE m.chat_id = ?1 AND m.user_id = ?2"
                ))?
                .query_row([chat.uuid().into_bytes(), user.uuid().into_bytes()], |found| {
                    Ok((row::member(found, 0)?, row::settings(found, 5)?.rules()))
                })
                .optional()
        })
    }

    async fn list(
        &self,
        chat: ChatId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<MemberRecord>, StoreError> {
        let after = after.map_or([0; 16], |user| user.uuid().into_bytes());
        self.read(|connection| {
            connection
                .prepare_cached(&format!(
                    "SELECT {MEMBER} FROM members m WHERE m.chat_id = ?1 AND m.user_id > ?2 ORDER BY m.user_id LIMIT ?3"
                ))?
                .query_map(params![chat.uuid().into_bytes(), after, limit as i64], |found| row::member(found, 0))?
                .collect()
        })
    }

    async fn share_chat(&self, a: UserId, b: UserId) -> Result<bool, StoreError> {
        if a == b {
            return Ok(true);
        }
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM members mine CROSS JOIN members theirs \
                     ON theirs.chat_id = mine.chat_id AND theirs.user_id = ?2 WHERE mine.user_id = ?1)",
                )?
                .query_row([a.uuid().into_bytes(), b.uuid().into_bytes()], |found| found.get(0))
        })
    }
}

pub(crate) fn applied(connection: &Connection, chat: ChatId) -> Result<Option<i64>> {
    connection
        .prepare_cached("SELECT coalesce(applied_cseq, -1) FROM chats WHERE chat_id = ?1")?
        .query_row([chat.uuid().into_bytes()], |found| found.get(0))
        .optional()
}

fn follow(
    connection: &Connection,
    chat: ChatId,
    (after, cseq): (i64, i64),
    ruling: &Ruling,
) -> Result<Change> {
    if let Ruling::Set(settings) = ruling {
        set(connection, chat, settings)?;
    }
    let moved = connection
        .prepare_cached(
            "UPDATE chats SET applied_cseq = ?3 WHERE chat_id = ?1 AND coalesce(applied_cseq, -1) = ?2",
        )?
        .execute(params![chat.uuid().into_bytes(), after, cseq])?;
    if moved == 0 {
        return Ok(Change::AlreadySo);
    }
    match ruling {
        Ruling::In(member) => put(connection, member)?,
        Ruling::Out(user) => take(connection, chat, *user)?,
        Ruling::Named(name, _) => rename(connection, chat, name)?,
        Ruling::Set(_) | Ruling::Silent => {}
    }
    Ok(Change::Done)
}

/// Puts a member in, or in another role.
pub(crate) fn put(connection: &Connection, member: &MemberRecord) -> Result<()> {
    let (chat, user) = (member.chat.uuid().into_bytes(), member.user.uuid().into_bytes());
    let role = member_role_code(member.role);
    let values = params![chat, user, role, member.joined_seq, member.joined_at.micros()];
    let inserted = connection
        .prepare_cached(
            "INSERT INTO members (chat_id, user_id, role, joined_seq, joined_at) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT DO NOTHING",
        )?
        .execute(values)?;
    if inserted > 0 {
        count(connection, member.chat, 1)?;
        return raise(connection, member.chat, member.user, member.joined_seq);
    }
    connection
        .prepare_cached(
            "UPDATE members SET role = ?3, joined_seq = ?4, joined_at = ?5 WHERE chat_id = ?1 AND user_id = ?2",
        )?
        .execute(values)?;
    Ok(())
}

fn take(connection: &Connection, chat: ChatId, user: UserId) -> Result<()> {
    let removed = connection
        .prepare_cached("DELETE FROM members WHERE chat_id = ?1 AND user_id = ?2")?
        .execute([chat.uuid().into_bytes(), user.uuid().into_bytes()])?;
    count(connection, chat, -(removed as i64))
}

fn rename(connection: &Connection, chat: ChatId, name: &ChatName) -> Result<()> {
    connection
        .prepare_cached("UPDATE chats SET name = ?2, name_folded = ?3 WHERE chat_id = ?1")?
        .execute(params![chat.uuid().into_bytes(), name.as_str(), fold(name.as_str())])?;
    Ok(())
}

/// Sets it to what a change says, unless a later one did.
fn set(connection: &Connection, chat: ChatId, settings: &SettingsRecord) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE chats SET settings = ?2, settings_cseq = ?3, archived = ?4 \
             WHERE chat_id = ?1 AND coalesce(settings_cseq, -1) < ?3",
        )?
        .execute(params![
            chat.uuid().into_bytes(),
            settings.text(),
            settings.cseq,
            settings.is_archived().then_some(true),
        ])?;
    Ok(())
}

fn count(connection: &Connection, chat: ChatId, difference: i64) -> Result<()> {
    connection
        .prepare_cached("UPDATE chats SET member_count = member_count + ?2 WHERE chat_id = ?1")?
        .execute(params![chat.uuid().into_bytes(), difference])?;
    Ok(())
}
