//! Turns what became durable into events, in the order of the numbers, and publishes them.

mod lanes;
mod tell;

use std::sync::Arc;

use futures_util::{StreamExt, stream::FuturesUnordered};
use petit_domain::{ChatId, UserId};
use petit_ports::{Bus, Commit, CommitObserver, Store};
use tokio::sync::{mpsc, oneshot};

use self::{lanes::Lanes, tell::Telling};

/// How many chats are read for at once.
const AT_ONCE: usize = 32;

/// Something to tell of one chat.
enum Work {
    Announce(Box<Commit>),
    Welcome(ChatId, UserId),
}

impl Work {
    fn chat(&self) -> ChatId {
        match self {
            Self::Announce(commit) => commit.chat,
            Self::Welcome(chat, _) => *chat,
        }
    }
}

enum Asked {
    Tell(Work),
    Settled(oneshot::Sender<()>),
}

/// The handle of the announcing task.
pub(crate) struct Announcer {
    asked: mpsc::UnboundedSender<Asked>,
}

struct Observer(mpsc::UnboundedSender<Asked>);

impl CommitObserver for Observer {
    fn committed(&self, commit: Commit) {
        // Nobody listens any more when the process is ending; clients will find the entry by its number.
        let _ = self.0.send(Asked::Tell(Work::Announce(Box::new(commit))));
    }
}

impl Announcer {
    pub(crate) fn start(store: &Store, bus: Arc<dyn Bus>) -> Self {
        // As long as it needs to be: every entry has a writer that waits, and publishing never does.
        let (asked, inbox) = mpsc::unbounded_channel();
        tokio::spawn(announce_all(inbox, Telling::new(store.clone(), bus)));
        Self { asked }
    }

    pub(crate) fn observer(&self) -> Arc<dyn CommitObserver> {
        Arc::new(Observer(self.asked.clone()))
    }

    /// Tells a person of a chat they are in from its beginning, in turn with what is written there.
    pub(crate) fn welcome(&self, chat: ChatId, user: UserId) {
        let _ = self.asked.send(Asked::Tell(Work::Welcome(chat, user)));
    }

    pub(crate) async fn settle(&self) {
        let (done, settled) = oneshot::channel();
        if self.asked.send(Asked::Settled(done)).is_ok() {
            let _ = settled.await;
        }
    }
}

/// Tells of each chat in order. What can be told as it came is told at once; what has to be read first waits
/// in its chat's lane, so that no other chat waits for the store.
async fn announce_all(mut inbox: mpsc::UnboundedReceiver<Asked>, telling: Telling) {
    let mut lanes = Lanes::<Work>::new(AT_ONCE);
    let mut telling_now = FuturesUnordered::new();
    loop {
        while let Some((ticket, work)) = lanes.next() {
            let chat = work.chat();
            let telling = &telling;
            telling_now.push(async move {
                telling.tell(work).await;
                (chat, ticket)
            });
        }
        tokio::select! {
            Some((chat, ticket)) = telling_now.next() => lanes.done(chat, ticket),
            asked = inbox.recv() => match asked {
                Some(Asked::Tell(work)) if lanes.is_free(work.chat()) => {
                    if let Some(work) = telling.at_once(work).await {
                        lanes.push(work.chat(), work);
                    }
                }
                Some(Asked::Tell(work)) => lanes.push(work.chat(), work),
                Some(Asked::Settled(done)) => lanes.when_settled(done),
                None => break,
            },
        }
    }
    // Whoever wrote has gone; what they wrote is told all the same.
    while let Some((chat, ticket)) = telling_now.next().await {
        lanes.done(chat, ticket);
        while let Some((ticket, work)) = lanes.next() {
            let chat = work.chat();
            telling.tell(work).await;
            lanes.done(chat, ticket);
        }
    }
}
