//! Taking in a log from another engine: numbers, ids and times stay as they are.

use futures_util::future::try_join_all;
use petit_domain::{ChangeKind, ChatId, Head, Message};
use petit_ports::{ChangeRecord, OldText, StoreError};
use uuid::Uuid;

use crate::{
    error::store_error,
    handle::ScyllaHandle,
    log::{after, rows, transfer},
    sequencer::{Entry, Known, Limits, Plan, Step},
};

/// How many rows go at once.
const GROUP: usize = 64;

impl ScyllaHandle {
    /// Takes in the messages that come after what the chat's log has, in the order of their numbers, as they
    /// are now. A group that is in the log already is left alone, so an interrupted copy may be begun again.
    ///
    /// # Errors
    /// If the engine does not answer, or the log has other messages than these.
    pub async fn import_messages(&self, chat: ChatId, messages: &[Message]) -> Result<(), StoreError> {
        for group in messages.chunks(GROUP) {
            self.import_group(chat, group, &[]).await?;
        }
        Ok(())
    }

    /// The same for changes, after the messages.
    ///
    /// # Errors
    /// As [`ScyllaHandle::import_messages`].
    pub async fn import_changes(&self, chat: ChatId, changes: &[ChangeRecord]) -> Result<(), StoreError> {
        for group in changes.chunks(GROUP) {
            self.import_group(chat, &[], group).await?;
        }
        Ok(())
    }

    /// Takes in earlier texts of messages. Again is fine.
    ///
    /// # Errors
    /// If the engine does not answer.
    pub async fn import_old_texts(&self, chat: ChatId, texts: &[(OldText, i64)]) -> Result<(), StoreError> {
        let engine = &self.0.engine;
        for group in texts.chunks(GROUP) {
            try_join_all(group.iter().map(|(old, cseq)| after::put_old_text(engine, chat, old, *cseq)))
                .await?;
        }
        Ok(())
    }

    async fn import_group(
        &self,
        chat: ChatId,
        messages: &[Message],
        changes: &[ChangeRecord],
    ) -> Result<(), StoreError> {
        let engine = &self.0.engine;
        let known = transfer::writable(engine, chat).await?;
        let Some(known) = known else { return Err(StoreError::Inconsistent(format!("{chat} is not there"))) };
        let left = Limits::default().bucket - (known.head.seq + 1) % Limits::default().bucket;
        let new: Vec<&Message> = messages.iter().filter(|message| message.seq > known.head.seq).collect();
        let (now, later) = new.split_at(new.len().min(left as usize));
        let changes: Vec<&ChangeRecord> =
            changes.iter().filter(|change| change.cseq > known.head.cseq).collect();
        let sent = transfer::index(engine, chat, &known).await?;
        let plan = plan(Known { sent, ..known }, now, &changes);
        if !plan.entries.is_empty()
            && !engine.batch(rows::statements(chat, &plan)).await.map_err(store_error)?
        {
            return Err(StoreError::Inconsistent(format!("somebody else writes to {chat}")));
        }
        let written: Vec<&Message> =
            messages.iter().filter(|message| message.seq <= plan.after.head.seq).collect();
        transfer::revisions(engine, chat, &written).await?;
        if later.is_empty() {
            return Ok(());
        }
        let later: Vec<Message> = later.iter().map(|message| (*message).clone()).collect();
        Box::pin(self.import_group(chat, &later, &[])).await
    }
}

fn plan(known: Known, messages: &[&Message], changes: &[&ChangeRecord]) -> Plan {
    let mut after = known;
    let mut entries = Vec::new();
    for message in messages {
        after.head.seq = message.seq;
        after.last_at = message.created_at;
        after.counted = message.counted.unwrap_or(after.counted + i64::from(message.kind.counts()));
        after.deleted = if message.deleted { message.seq } else { after.deleted };
        after.is_sealed = (message.seq + 1) % Limits::default().bucket == 0;
        entries.push(entry(after.head, Step::Message((*message).clone(), None)));
    }
    for change in changes {
        after.head.cseq = change.cseq;
        after.ruled = if change.kind == ChangeKind::ChatChanged { change.cseq } else { after.ruled };
        entries.push(entry(after.head, Step::Change((*change).clone())));
    }
    Plan { batch: Uuid::nil(), before: known, after, entries }
}

/// Read markers are taken in by themselves.
fn entry(head: Head, step: Step) -> Entry {
    Entry { request: 0, step, head, marks_read: false }
}
