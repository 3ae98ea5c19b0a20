use async_trait::async_trait;
use petit_domain::{CalledUnread, ChatId, Choice, Choices, NotifyLevel, SectionName, Timestamp, UserId};
use petit_ports::{Change, ChoiceStore, StoreError};
use rusqlite::{Connection, OptionalExtension, Result, Row, params, types::Type};

use crate::{row, store::SqliteStore};

#[async_trait]
impl ChoiceStore for SqliteStore {
    async fn choose(
        &self,
        user: UserId,
        chat: ChatId,
        choices: &[Choice],
        at: Timestamp,
    ) -> std::result::Result<(Choices, Change), StoreError> {
        let choices = choices.to_vec();
        self.write(move |writing| choose(writing.connection, user, chat, &choices, at)).await
    }

    async fn get(&self, user: UserId, chat: ChatId) -> std::result::Result<Choices, StoreError> {
        self.read(|connection| get(connection, user, chat))
    }
}

pub(crate) const CHOICES: &str = "h.level, h.muted_until, h.favourite, h.section, h.hidden_seq, h.unread_from, \
     h.marked_seq, h.version";

/// What a row says; nothing where there is none.
pub(crate) fn choices(row: &Row<'_>, first: usize) -> Result<Choices> {
    let Some(version) = row.get::<_, Option<i64>>(first + 7)? else { return Ok(Choices::default()) };
    let section: Option<String> = row.get(first + 3)?;
    let bad = |error| rusqlite::Error::FromSqlConversionFailure(first + 3, Type::Text, Box::new(error));
    let (from, marker): (Option<i64>, Option<i64>) = (row.get(first + 5)?, row.get(first + 6)?);
    let known = Choices {
        level: NotifyLevel::from_parts(row::code(row, first)?, None),
        muted_until: row::optional_time(row, first + 1)?,
        favourite: row.get(first + 2)?,
        section: section.map(SectionName::try_from).transpose().map_err(bad)?,
        version,
        ..Choices::default()
    };
    let unread = from.zip(marker).map(|(from, marker)| CalledUnread { from, marker });
    Ok(known.with(&Choice::Hidden(row.get(first + 4)?)).with(&Choice::Unread(unread)))
}

fn get(connection: &Connection, user: UserId, chat: ChatId) -> Result<Choices> {
    let found = connection
        .prepare_cached(&format!("SELECT {CHOICES} FROM choices h WHERE h.user_id = ?1 AND h.chat_id = ?2"))?
        .query_row([user.uuid().into_bytes(), chat.uuid().into_bytes()], |found| choices(found, 0))
        .optional()?;
    Ok(found.unwrap_or_default())
}

fn choose(
    connection: &Connection,
    user: UserId,
    chat: ChatId,
    choices: &[Choice],
    at: Timestamp,
) -> Result<(Choices, Change)> {
    let before = get(connection, user, chat)?;
    let mut now = choices.iter().fold(before.clone(), Choices::with);
    if now == before {
        return Ok((before, Change::AlreadySo));
    }
    now.version = at.micros().max(before.version + 1);
    connection
        .prepare_cached(
            "INSERT INTO choices (user_id, chat_id, level, muted_until, favourite, section, hidden_seq, \
             unread_from, marked_seq, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
             ON CONFLICT (user_id, chat_id) DO UPDATE SET level = excluded.level, muted_until = excluded.muted_until, \
             favourite = excluded.favourite, section = excluded.section, hidden_seq = excluded.hidden_seq, \
             unread_from = excluded.unread_from, marked_seq = excluded.marked_seq, version = excluded.version",
        )?
        .execute(params![
            user.uuid().into_bytes(),
            chat.uuid().into_bytes(),
            now.level.parts().0,
            now.muted_until.map(Timestamp::micros),
            now.favourite,
            now.section.as_ref().map(SectionName::as_str),
            now.hidden_seq,
            now.unread_from,
            now.marked_seq,
            now.version,
        ])?;
    Ok((now, Change::Done))
}
