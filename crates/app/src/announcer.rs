//! Turns what became durable into events, in the order of the numbers, and publishes them.

use std::sync::Arc;

use petit_domain::{ChatId, Event, Head, Member, UserId};
use petit_ports::{
    Announcement, Bus, ChangeKind, Commit, CommitEntry, CommitObserver, Store, StoreError, Subject,
};
use tokio::sync::{mpsc, oneshot};

use crate::chats;

enum Work {
    Announce(Box<Commit>),
    Welcome(ChatId, UserId),
    Settled(oneshot::Sender<()>),
}

/// The handle of the announcing task.
pub(crate) struct Announcer {
    work: mpsc::UnboundedSender<Work>,
}

struct Observer(mpsc::UnboundedSender<Work>);

impl CommitObserver for Observer {
    fn committed(&self, commit: Commit) {
        // Nobody listens any more when the process is ending; clients will find the entry by its number.
        let _ = self.0.send(Work::Announce(Box::new(commit)));
    }
}

impl Announcer {
    pub(crate) fn start(store: &Store, bus: Arc<dyn Bus>) -> Self {
        // As long as it needs to be: every entry has a writer that waits, and publishing never does.
        let (work, inbox) = mpsc::unbounded_channel();
        tokio::spawn(announce_all(inbox, Announcing { store: store.clone(), bus }));
        Self { work }
    }

    pub(crate) fn observer(&self) -> Arc<dyn CommitObserver> {
        Arc::new(Observer(self.work.clone()))
    }

    /// Tells a person of a chat they are in from its beginning, in turn with what is written there.
    pub(crate) fn welcome(&self, chat: ChatId, user: UserId) {
        let _ = self.work.send(Work::Welcome(chat, user));
    }

    pub(crate) async fn settle(&self) {
        let (done, settled) = oneshot::channel();
        if self.work.send(Work::Settled(done)).is_ok() {
            let _ = settled.await;
        }
    }
}

async fn announce_all(mut inbox: mpsc::UnboundedReceiver<Work>, announcing: Announcing) {
    while let Some(work) = inbox.recv().await {
        let announced = match work {
            Work::Announce(commit) => announcing.announce(*commit).await,
            Work::Welcome(chat, user) => announcing.chat_added(chat, user).await,
            Work::Settled(done) => {
                let _ = done.send(());
                Ok(())
            }
        };
        if let Err(error) = announced {
            tracing::warn!(%error, "could not announce a change");
        }
    }
}

struct Announcing {
    store: Store,
    bus: Arc<dyn Bus>,
}

impl Announcing {
    async fn announce(&self, commit: Commit) -> Result<(), StoreError> {
        let (chat, head) = (commit.chat, commit.head);
        match commit.entry {
            CommitEntry::Message(message, change) => {
                let (seq, cseq) = (message.seq, message.cseq);
                self.tell_person(chat, head, change).await?;
                self.publish(Subject::Chat(chat), Event::MessageCreated { chat, seq, cseq, message }).await;
                self.tell_chat(chat, head, change).await
            }
            CommitEntry::Revision(kind, message) => {
                let (seq, cseq) = (message.seq, message.cseq);
                let event = match kind {
                    ChangeKind::MessageDeleted(_) => Event::MessageDeleted { chat, seq, cseq, message },
                    _ => Event::MessageEdited { chat, seq, cseq, message },
                };
                self.publish(Subject::Chat(chat), event).await;
                Ok(())
            }
            CommitEntry::Change(kind) => self.tell_chat(chat, head, Some(kind)).await,
        }
    }

    /// Who comes hears of the chat before anything of it, so that their connections are in it by then.
    /// Who goes hears of that first, so that nothing later reaches them.
    async fn tell_person(
        &self,
        chat: ChatId,
        head: Head,
        change: Option<ChangeKind>,
    ) -> Result<(), StoreError> {
        match change {
            Some(ChangeKind::MemberChanged(user)) => self.chat_added(chat, user).await?,
            Some(ChangeKind::MemberRemoved(user)) => {
                let event = self.member_removed(chat, head, user).await?;
                self.publish(Subject::User(user), event).await;
            }
            _ => {}
        }
        Ok(())
    }

    async fn tell_chat(
        &self,
        chat: ChatId,
        head: Head,
        change: Option<ChangeKind>,
    ) -> Result<(), StoreError> {
        let event = match change {
            Some(ChangeKind::MemberChanged(user)) => self.member_changed(chat, head, user).await?,
            Some(ChangeKind::MemberRemoved(user)) => Some(self.member_removed(chat, head, user).await?),
            Some(ChangeKind::ChatRenamed) => self.chat_renamed(chat, head).await?,
            Some(ChangeKind::MessageEdited(_) | ChangeKind::MessageDeleted(_) | ChangeKind::Other { .. })
            | None => None,
        };
        if let Some(event) = event {
            self.publish(Subject::Chat(chat), event).await;
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

    async fn member_changed(
        &self,
        chat: ChatId,
        head: Head,
        user: UserId,
    ) -> Result<Option<Event>, StoreError> {
        let record = self.store.members.get(chat, user).await?;
        let person = self.store.people.get(user).await?;
        // Gone again already: the entry that says so comes next.
        let (Some(record), Some(person)) = (record, person) else { return Ok(None) };
        let member = Member { person, role: record.role, joined_at: record.joined_at };
        let member_count = self.member_count(chat).await?;
        Ok(Some(Event::MemberChanged { chat, seq: head.seq, cseq: head.cseq, member, member_count }))
    }

    async fn member_removed(&self, chat: ChatId, head: Head, user: UserId) -> Result<Event, StoreError> {
        let member_count = self.member_count(chat).await?;
        Ok(Event::MemberRemoved { chat, seq: head.seq, cseq: head.cseq, user, member_count })
    }

    async fn chat_renamed(&self, chat: ChatId, head: Head) -> Result<Option<Event>, StoreError> {
        let Some(record) = self.store.chats.get(chat).await? else { return Ok(None) };
        let name = record.name.map(String::from).unwrap_or_default();
        Ok(Some(Event::ChatRenamed { chat, seq: head.seq, cseq: head.cseq, name }))
    }

    async fn member_count(&self, chat: ChatId) -> Result<i64, StoreError> {
        Ok(self.store.chats.get(chat).await?.map_or(0, |record| record.member_count))
    }

    async fn publish(&self, subject: Subject, event: Event) {
        if let Err(error) = self.bus.publish(subject, Announcement::new(event)).await {
            tracing::warn!(%error, "could not announce on {subject:?}");
        }
    }
}
