//! What people chose about chats. Every column is written at the time of its version, so of several who choose at once
//! the later one wins, for each kind of choice by itself.

use std::collections::HashMap;

use async_trait::async_trait;
use petit_domain::{CalledUnread, ChatId, Choice, Choices, NotifyLevel, SectionName, Timestamp, UserId};
use petit_ports::{Change, ChoiceStore, StoreError};
use uuid::Uuid;

use crate::{
    engine::Bound,
    row::{code, times, tiny, value},
    statement::Cql,
    store::ScyllaStore,
};

static GET: Cql = Cql::read(
    "SELECT chat_id, level, muted_until, favourite, section, hidden_seq, unread_from, marked_seq, version FROM choices \
     WHERE user_id = ? AND chat_id = ?",
);
static ALL: Cql = Cql::read(
    "SELECT chat_id, level, muted_until, favourite, section, hidden_seq, unread_from, marked_seq, version FROM choices \
     WHERE user_id = ?",
);
static LEVEL: Cql = Cql::write(
    "UPDATE choices USING TIMESTAMP ? SET level = ?, version = ? WHERE user_id = ? AND chat_id = ?",
);
static MUTED: Cql = Cql::write(
    "UPDATE choices USING TIMESTAMP ? SET muted_until = ?, version = ? WHERE user_id = ? AND chat_id = ?",
);
static FAVOURITE: Cql = Cql::write(
    "UPDATE choices USING TIMESTAMP ? SET favourite = ?, version = ? WHERE user_id = ? AND chat_id = ?",
);
static SECTION: Cql = Cql::write(
    "UPDATE choices USING TIMESTAMP ? SET section = ?, version = ? WHERE user_id = ? AND chat_id = ?",
);
static HIDDEN: Cql = Cql::write(
    "UPDATE choices USING TIMESTAMP ? SET hidden_seq = ?, version = ? WHERE user_id = ? AND chat_id = ?",
);
static UNREAD: Cql = Cql::write(
    "UPDATE choices USING TIMESTAMP ? SET unread_from = ?, marked_seq = ?, version = ? WHERE user_id = ? AND chat_id = ?",
);

type Row = (
    Uuid,
    Option<i8>,
    Option<i64>,
    Option<bool>,
    Option<String>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
);

#[async_trait]
impl ChoiceStore for ScyllaStore {
    async fn choose(
        &self,
        user: UserId,
        chat: ChatId,
        choices: &[Choice],
        at: Timestamp,
    ) -> Result<(Choices, Change), StoreError> {
        let before = self.choices(user, chat).await?;
        let new: Vec<&Choice> =
            choices.iter().filter(|choice| before.clone().with(choice) != before).collect();
        if new.is_empty() {
            return Ok((before, Change::AlreadySo));
        }
        let version = at.micros().max(before.version + 1);
        let rows = new.into_iter().map(|choice| put(user, chat, choice, version)).collect();
        self.engine.write_all(rows).await?;
        Ok((self.choices(user, chat).await?, Change::Done))
    }

    async fn get(&self, user: UserId, chat: ChatId) -> Result<Choices, StoreError> {
        self.choices(user, chat).await
    }
}

impl ScyllaStore {
    pub(crate) async fn choices(&self, user: UserId, chat: ChatId) -> Result<Choices, StoreError> {
        let found = self.engine.row::<Row>(&GET, (user.uuid(), chat.uuid())).await?;
        Ok(found.map(choices).transpose()?.map(|(_, choices)| choices).unwrap_or_default())
    }

    /// Those of a person about every chat, in one read.
    pub(crate) async fn all_choices(&self, user: UserId) -> Result<HashMap<ChatId, Choices>, StoreError> {
        self.engine.rows::<Row>(&ALL, (user.uuid(),)).await?.into_iter().map(choices).collect()
    }
}

/// Nulls are bound on purpose: what was there before has to go.
fn put(user: UserId, chat: ChatId, choice: &Choice, version: i64) -> Bound {
    let (user, chat) = (user.uuid(), chat.uuid());
    match choice {
        Choice::Level(level) => Bound::new(&LEVEL, (version, tiny(level.parts().0), version, user, chat)),
        Choice::MutedUntil(until) => {
            Bound::new(&MUTED, (version, until.map(Timestamp::micros), version, user, chat))
        }
        Choice::Favourite(favourite) => Bound::new(&FAVOURITE, (version, *favourite, version, user, chat)),
        Choice::Section(section) => {
            Bound::new(&SECTION, (version, section.clone().map(String::from), version, user, chat))
        }
        Choice::Hidden(seq) => Bound::new(&HIDDEN, (version, *seq, version, user, chat)),
        Choice::Unread(unread) => {
            let (from, marker) = (unread.map(|unread| unread.from), unread.map(|unread| unread.marker));
            Bound::new(&UNREAD, (version, from, marker, version, user, chat))
        }
    }
}

fn choices(row: Row) -> Result<(ChatId, Choices), StoreError> {
    let (chat, level, muted, favourite, section, hidden, from, marker, version) = row;
    let known = Choices {
        level: NotifyLevel::from_parts(code(level), None),
        muted_until: times(muted),
        favourite: favourite.unwrap_or(false),
        section: section.map(value::<SectionName>).transpose()?,
        version: version.unwrap_or(0),
        ..Choices::default()
    };
    let unread = from.zip(marker).map(|(from, marker)| CalledUnread { from, marker });
    let known = known.with(&Choice::Hidden(hidden)).with(&Choice::Unread(unread));
    Ok((ChatId::from_uuid(chat), known))
}
