//! Members and name of a chat follow its log.

use petit_domain::{ChatId, Head, Message};
use petit_ports::{Change, Ruling, Store, StoreError};

/// How many changes are read at once.
const PAGE: usize = 500;
/// After so many changes that say nothing it is noted how far was looked, so that they are not read again.
const STRIDE: i64 = 256;
/// How often it is begun again because others do the same.
const TRIES: u32 = 40;

/// A chat whose members and name are as its log says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settled {
    /// The newest change that is noted to be in them.
    pub(crate) applied: i64,
    /// Up to here the log was followed.
    pub(crate) head: Head,
}

/// Applies what the log says and members and name do not show yet, in the order of the numbers. It decides nothing, so
/// it may be done by anybody, at any time, again. `None`: there is no such chat.
pub(crate) async fn settle(store: &Store, chat: ChatId) -> Result<Option<Settled>, StoreError> {
    for _ in 0..TRIES {
        let Some(applied) = store.members.applied(chat).await? else { return Ok(None) };
        let Some(head) = store.log.head(chat).await? else { return Ok(None) };
        if let Some(settled) = catch_up(store, chat, applied, head).await? {
            return Ok(Some(settled));
        }
    }
    Err(StoreError::Unavailable(None))
}

/// `None`: somebody else went on from `applied`.
async fn catch_up(
    store: &Store,
    chat: ChatId,
    mut applied: i64,
    head: Head,
) -> Result<Option<Settled>, StoreError> {
    let mut seen = applied;
    while seen < head.cseq {
        let changes = store.log.changes_after(chat, seen, PAGE).await?;
        // Changes expire after a month; by then their work was finished long ago.
        let Some(last) = changes.last() else { break };
        seen = last.cseq;
        let rulings = changes.iter().map(|change| (change.cseq, Ruling::of(chat, change)));
        let is_worth_noting = |(cseq, ruling): &(i64, Ruling)| {
            *ruling != Ruling::Silent || (*cseq == seen && seen - applied >= STRIDE)
        };
        for (cseq, ruling) in rulings.filter(is_worth_noting).collect::<Vec<_>>() {
            if store.members.follow(chat, applied, cseq, &ruling).await? == Change::AlreadySo {
                return Ok(None);
            }
            applied = cseq;
        }
    }
    Ok(Some(Settled { applied, head: Head { cseq: head.cseq.max(seen), ..head } }))
}

/// The same for settings that members and name went past without them, as those of an older version do: the newest change
/// of them after change `seen` is looked for in the log.
pub(crate) async fn settle_settings(store: &Store, chat: ChatId, seen: i64) -> Result<(), StoreError> {
    settle(store, chat).await?;
    let Some(record) = store.chats.get(chat).await?.filter(|record| record.settings.cseq <= seen) else {
        return Ok(());
    };
    let (mut after, mut newest) = (seen, None);
    while after < record.head.cseq {
        let changes = store.log.changes_after(chat, after, PAGE).await?;
        let Some(last) = changes.last() else { break };
        after = last.cseq;
        let set = |change| match Ruling::of(chat, change) {
            Ruling::Set(settings) => Some(settings),
            _ => None,
        };
        newest = changes.iter().rev().find_map(set).or(newest);
    }
    if let Some(settings) = newest {
        // Members and name are past it: settings alone are set.
        let cseq = settings.cseq;
        store.members.follow(chat, cseq, cseq, &Ruling::Set(settings)).await?;
    }
    Ok(())
}

/// So often members and name follow the log although nothing is said of them, so that whoever needs them finds little
/// to read.
const FOLLOWED_EVERY: i64 = 256;

/// To be called after a message was revised.
pub(crate) async fn follow_now_and_then(store: &Store, message: &Message) {
    if message.cseq % FOLLOWED_EVERY == 0
        && let Err(error) = settle(store, message.chat).await
    {
        tracing::debug!(%error, chat.id = %message.chat, "members and name of chat {} follow later", message.chat);
    }
}
