use std::sync::Arc;

use petit_domain::{ChatId, Event, Head, UserId};
use petit_ports::{Announcement, Bus, ChangeKind, Commit, CommitEntry, Store, StoreError, Subject};

use super::Work;
use crate::{
    chats,
    fresh::{Numbered, created, fresh, revised},
};

/// Publishes what is to be told.
pub(super) struct Telling {
    store: Store,
    bus: Arc<dyn Bus>,
}

impl Telling {
    pub(super) fn new(store: Store, bus: Arc<dyn Bus>) -> Self {
        Self { store, bus }
    }

    /// Tells what needs no look at the store; gives anything else back.
    pub(super) async fn at_once(&self, work: Work) -> Option<Work> {
        let Work::Announce(commit) = work else { return Some(work) };
        let Commit { chat, head, entry } = *commit;
        let event = match entry {
            CommitEntry::Message(message, None) => created(message),
            CommitEntry::Revision(kind, message) => revised(kind, message.cseq, message),
            entry => return Some(Work::Announce(Box::new(Commit { chat, head, entry }))),
        };
        self.publish(Subject::Chat(chat), event).await;
        None
    }

    /// Tells anything.
    pub(super) async fn tell(&self, work: Work) {
        let Some(work) = self.at_once(work).await else { return };
        let told = match work {
            Work::Announce(commit) => self.announce(*commit).await,
            Work::Welcome(chat, user) => self.chat_added(chat, user).await,
        };
        if let Err(error) = told {
            tracing::warn!(%error, "could not announce a change");
        }
    }

    async fn announce(&self, Commit { chat, head, entry }: Commit) -> Result<(), StoreError> {
        let (message, kind) = match entry {
            CommitEntry::Message(message, change) => (Some(message), change),
            CommitEntry::Revision(_, message) => (Some(message), None),
            CommitEntry::Change(kind) => (None, Some(kind)),
        };
        let told = match kind {
            Some(kind) => self.tell_change(chat, head, kind, message.is_some()).await,
            None => Ok(None),
        };
        let (event, told) = told.map_or_else(|error| (None, Err(error)), |event| (event, Ok(())));
        for event in message.map(created).into_iter().chain(event) {
            self.publish(Subject::Chat(chat), event).await;
        }
        told
    }

    /// Answers what is to be told in the chat. What the timeline tells too is somebody's coming or going:
    /// they are told first.
    async fn tell_change(
        &self,
        chat: ChatId,
        head: Head,
        kind: ChangeKind,
        is_in_the_timeline: bool,
    ) -> Result<Option<Event>, StoreError> {
        let change = Numbered { cseq: head.cseq, kind };
        let event = fresh(&self.store, chat, &[change]).await?.pop();
        if is_in_the_timeline {
            self.tell_person(chat, head, kind, event.as_ref()).await?;
        }
        Ok(event)
    }

    /// Who comes hears of the chat before anything of it, so that their connections are in it by then.
    /// Who goes hears of that first, so that nothing later reaches them, even if they are back by now.
    async fn tell_person(
        &self,
        chat: ChatId,
        Head { seq, cseq }: Head,
        kind: ChangeKind,
        now: Option<&Event>,
    ) -> Result<(), StoreError> {
        match kind {
            ChangeKind::MemberChanged(user) => self.chat_added(chat, user).await?,
            ChangeKind::MemberRemoved(user) => {
                let member_count = now.and_then(member_count).unwrap_or_default();
                let gone = Event::MemberRemoved { chat, seq, cseq, user, member_count };
                self.publish(Subject::User(user), gone).await;
            }
            _ => {}
        }
        Ok(())
    }

    async fn chat_added(&self, chat: ChatId, user: UserId) -> Result<(), StoreError> {
        let Some(view) = self.store.chats.find_for(user, chat).await? else { return Ok(()) };
        let details = Box::new(chats::present(&self.store, view).await?);
        let (seq, cseq) = (details.head_seq, details.head_cseq);
        self.publish(Subject::User(user), Event::ChatAdded { chat, seq, cseq, details }).await;
        Ok(())
    }

    async fn publish(&self, subject: Subject, event: Event) {
        if let Err(error) = self.bus.publish(subject, Announcement::new(event)).await {
            tracing::warn!(%error, "could not announce on {subject:?}");
        }
    }
}

fn member_count(event: &Event) -> Option<i64> {
    match event {
        Event::MemberRemoved { member_count, .. } | Event::MemberChanged { member_count, .. } => {
            Some(*member_count)
        }
        _ => None,
    }
}
