use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use parking_lot::Mutex;
use petit_bus_local::LocalBus;
use petit_domain::{Access, ChatId, Event, UserId};
use petit_ports::{Announcement, Bus, BusError, Mailbox, Subject, Subscriber};

/// An event with where it was published.
pub type Published = (Subject, Arc<Announcement>);

/// The local bus, remembering everything, and refusing everything when told so.
#[derive(Default)]
pub struct RecordingBus {
    bus: LocalBus,
    published: Mutex<Vec<Published>>,
    is_broken: AtomicBool,
}

impl RecordingBus {
    /// From now on nothing is taken (`true`), or all is again.
    pub fn break_down(&self, is_broken: bool) {
        self.is_broken.store(is_broken, Ordering::Relaxed);
    }

    /// How much was published by now.
    pub fn len(&self) -> usize {
        self.published.lock().len()
    }

    /// Whether nothing was published by now.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What was published from the `since`-th on.
    pub fn published(&self, since: usize) -> Vec<Published> {
        self.published.lock().iter().skip(since).cloned().collect()
    }

    /// What a gateway hands to one person, who is in `chats` and watches `watched` at `since`.
    pub fn heard_by(
        &self,
        user: UserId,
        mut chats: Vec<ChatId>,
        watched: &[UserId],
        since: usize,
    ) -> Vec<Event> {
        let mut heard = Vec::new();
        for (subject, announcement) in self.published(since) {
            let envelope = announcement.envelope();
            let is_theirs = match subject {
                Subject::User(of) => of == user,
                Subject::Chat(chat) => chats.contains(&chat) && envelope.except != Some(user),
                Subject::Presence(of) => watched.contains(&of) && of != user,
                Subject::Sessions => false,
            };
            if !is_theirs {
                continue;
            }
            match (subject, envelope.access, envelope.chat) {
                (Subject::User(_), Some(Access::Given), chat) => chats.extend(chat),
                (Subject::User(_), Some(Access::Taken), gone) => chats.retain(|of| Some(*of) != gone),
                _ => {}
            }
            heard.push(announcement.event().expect("what we publish we know").clone());
        }
        heard
    }
}

#[async_trait]
impl Bus for RecordingBus {
    async fn publish(&self, subject: Subject, announcement: Arc<Announcement>) -> Result<(), BusError> {
        if self.is_broken.load(Ordering::Relaxed) {
            return Err(BusError::Unavailable(None));
        }
        self.published.lock().push((subject, announcement.clone()));
        self.bus.publish(subject, announcement).await
    }

    async fn attach(&self, capacity: usize) -> Result<(Arc<dyn Subscriber>, Mailbox), BusError> {
        self.bus.attach(capacity).await
    }
}
