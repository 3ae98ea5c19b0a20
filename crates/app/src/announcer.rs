//! Turns what became durable into events, in the order of the numbers, and publishes them.

use std::sync::Arc;

use petit_domain::{Chat, ChatId, Event, Head, Member, UserId};
use petit_ports::{
    Announcement, Bus, ChangeKind, Commit, CommitEntry, CommitObserver, Store, StoreError, Subject,
};
use tokio::sync::{mpsc, oneshot};

use crate::chats;

enum Work {
    Announce(Box<Commit>),
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

    pub(crate) async fn settle(&self) {
        let (done, settled) = oneshot::channel();
        if self.work.send(Work::Settled(done)).is_ok() {
            let _ = settled.await;
        }
    }
}

async fn announce_all(mut inbox: mpsc::UnboundedReceiver<Work>, announcing: Announcing) {
    while let Some(work) = inbox.recv().await {
        match work {
            Work::Announce(commit) => {
                if let Err(error) = announcing.announce(*commit).await {
                    tracing::warn!(%error, "could not announce a change");
                }
            }
            Work::Settled(done) => {
                let _ = done.send(());
            }
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
                let joined = matches!(change, Some(ChangeKind::MemberChanged(_)));
                if joined {
                    self.announce_change(chat, head, change).await?;
                }
                let (seq, cseq) = (message.seq, message.cseq);
                self.publish(Subject::Chat(chat), Event::MessageCreated { chat, seq, cseq, message }).await;
                if !joined {
                    self.announce_change(chat, head, change).await?;
                }
            }
            CommitEntry::Revision(kind, message) => {
                let (seq, cseq) = (message.seq, message.cseq);
                let event = match kind {
                    ChangeKind::MessageDeleted(_) => Event::MessageDeleted { chat, seq, cseq, message },
                    _ => Event::MessageEdited { chat, seq, cseq, message },
                };
                self.publish(Subject::Chat(chat), event).await;
            }
            CommitEntry::Change(kind) => self.announce_change(chat, head, Some(kind)).await?,
        }
        Ok(())
    }

    async fn announce_change(
        &self,
        chat: ChatId,
        head: Head,
        kind: Option<ChangeKind>,
    ) -> Result<(), StoreError> {
        match kind {
            Some(ChangeKind::MemberChanged(user)) => self.member_changed(chat, head, user).await,
            Some(ChangeKind::MemberRemoved(user)) => self.member_removed(chat, head, user).await,
            Some(ChangeKind::ChatRenamed) => self.chat_renamed(chat, head).await,
            Some(ChangeKind::MessageEdited(_) | ChangeKind::MessageDeleted(_)) | None => Ok(()),
        }
    }

    /// The person hears of the chat first, so that their connections are in it before its events come.
    async fn member_changed(&self, chat: ChatId, head: Head, user: UserId) -> Result<(), StoreError> {
        let Some(view) = self.store.chats.find_for(user, chat).await? else { return Ok(()) };
        let member_count = view.chat.member_count;
        let (role, joined_at) = (view.member.role, view.member.joined_at);
        let details: Box<Chat> = Box::new(chats::present(&self.store, view).await?);
        let (seq, cseq) = (head.seq, head.cseq);
        self.publish(Subject::User(user), Event::ChatAdded { chat, seq, cseq, details }).await;
        let Some(person) = self.store.people.get(user).await? else { return Ok(()) };
        let member = Member { person, role, joined_at };
        self.publish(Subject::Chat(chat), Event::MemberChanged { chat, seq, cseq, member, member_count })
            .await;
        Ok(())
    }

    async fn member_removed(&self, chat: ChatId, head: Head, user: UserId) -> Result<(), StoreError> {
        let member_count = self.store.chats.get(chat).await?.map_or(0, |record| record.member_count);
        let event = Event::MemberRemoved { chat, seq: head.seq, cseq: head.cseq, user, member_count };
        let announcement = Announcement::new(event);
        self.send(Subject::User(user), announcement.clone()).await;
        self.send(Subject::Chat(chat), announcement).await;
        Ok(())
    }

    async fn chat_renamed(&self, chat: ChatId, head: Head) -> Result<(), StoreError> {
        let Some(record) = self.store.chats.get(chat).await? else { return Ok(()) };
        let name = record.name.map(String::from).unwrap_or_default();
        let event = Event::ChatRenamed { chat, seq: head.seq, cseq: head.cseq, name };
        self.publish(Subject::Chat(chat), event).await;
        Ok(())
    }

    async fn publish(&self, subject: Subject, event: Event) {
        self.send(subject, Announcement::new(event)).await;
    }

    async fn send(&self, subject: Subject, announcement: Arc<Announcement>) {
        if let Err(error) = self.bus.publish(subject, announcement).await {
            tracing::warn!(%error, "could not announce on {subject:?}");
        }
    }
}
