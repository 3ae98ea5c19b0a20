//! Looking through all chats for what nobody spoke of: a position that is behind its log.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use petit_domain::{ChatId, Head};
use petit_ports::{Store, StoreError, chat_shard};
use tokio::sync::mpsc;

use super::plan::{Key, Position};

/// How many chats are looked at together.
const PAGE: usize = 500;

/// Compares logs with positions, page by page with a pause between them, and tells what is behind.
pub(super) async fn scan(
    store: Store,
    names: Arc<[&'static str]>,
    shards: BTreeSet<u16>,
    pause: Duration,
    found: mpsc::Sender<(Key, Head)>,
) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let page = store.chats.list_all(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(*last);
        let ours: Vec<ChatId> = page.into_iter().filter(|chat| shards.contains(&chat_shard(*chat))).collect();
        for (key, head) in behind(&store, &names, &ours).await? {
            if found.send((key, head)).await.is_err() {
                return Ok(());
            }
        }
        tokio::time::sleep(pause).await;
    }
}

async fn behind(store: &Store, names: &[&str], chats: &[ChatId]) -> Result<Vec<(Key, Head)>, StoreError> {
    let mut positions = Vec::with_capacity(names.len());
    for name in names {
        positions.push(store.followers.positions(name, chats).await?);
    }
    let mut behind = Vec::new();
    for (n, chat) in chats.iter().enumerate() {
        let Some(head) = store.log.head(*chat).await? else { continue };
        let late = positions.iter().enumerate().filter(|(_, of)| !of[n].covers(head));
        behind.extend(late.map(|(follower, _)| ((follower, *chat), head)));
    }
    Ok(behind)
}
