use async_trait::async_trait;
use petit_domain::{ChatId, MemberRecord, MemberRole, UserId};
use petit_ports::{Change, MemberStore, StoreError};
use rusqlite::{Connection, OptionalExtension, Result, params};

use crate::{
    heads::raise,
    row::{self, MEMBER, member_role_code},
    store::{SqliteStore, change},
};

#[async_trait]
impl MemberStore for SqliteStore {
    async fn add(&self, member: &MemberRecord) -> Result<Change, StoreError> {
        let member = member.clone();
        self.write(move |writing| add(writing.connection, &member)).await
    }

    async fn remove(&self, chat: ChatId, user: UserId) -> Result<Change, StoreError> {
        self.write(move |writing| {
            let removed = writing
                .connection
                .prepare_cached("DELETE FROM members WHERE chat_id = ?1 AND user_id = ?2")?
                .execute([chat.uuid().into_bytes(), user.uuid().into_bytes()])?;
            count(writing.connection, chat, -(removed as i64))?;
            Ok(change(removed))
        })
        .await
    }

    async fn set_role(&self, chat: ChatId, user: UserId, role: MemberRole) -> Result<Change, StoreError> {
        self.write(move |writing| {
            writing
                .connection
                .prepare_cached(
                    "UPDATE members SET role = ?3 WHERE chat_id = ?1 AND user_id = ?2 AND role <> ?3",
                )?
                .execute(params![chat.uuid().into_bytes(), user.uuid().into_bytes(), member_role_code(role)])
                .map(change)
        })
        .await
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

fn add(connection: &Connection, member: &MemberRecord) -> Result<Change> {
    let inserted = connection
        .prepare_cached(
            "INSERT INTO members (chat_id, user_id, role, joined_seq, joined_at) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            member.chat.uuid().into_bytes(),
            member.user.uuid().into_bytes(),
            member_role_code(member.role),
            member.joined_seq,
            member.joined_at.micros(),
        ])?;
    if inserted > 0 {
        count(connection, member.chat, 1)?;
        raise(connection, member.chat, member.user, member.joined_seq)?;
    }
    Ok(change(inserted))
}

fn count(connection: &Connection, chat: ChatId, difference: i64) -> Result<()> {
    connection
        .prepare_cached("UPDATE chats SET member_count = member_count + ?2 WHERE chat_id = ?1")?
        .execute(params![chat.uuid().into_bytes(), difference])?;
    Ok(())
}
