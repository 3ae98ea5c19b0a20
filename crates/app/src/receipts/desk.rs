//! What clients say is gathered by chat and written together, at once and then at most every second; the chat's members are
//! told as often. So a message that a thousand devices get at once costs a write or two, not a thousand.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use petit_domain::{ChatId, Event, Receipt, Timestamp, UserId};
use petit_ports::{Announcement, Bus, Reached, Store, StoreError, Subject};
use tokio::sync::Notify;

use super::{MOST_COUNTED, MOST_NAMED, shown::People};

/// The shortest time between two writes for one chat.
const PACE: Duration = Duration::from_secs(1);
/// How often in a row a chat is tried that cannot be written. What people say later makes up for it.
const TRIES: u32 = 20;

/// What is to be written of which chat.
pub(crate) struct Desk(Arc<Inner>);

struct Inner {
    store: Store,
    bus: Arc<dyn Bus>,
    chats: Mutex<HashMap<ChatId, Waiting>>,
    rested: Notify,
}

#[derive(Default)]
struct Waiting {
    said: Option<Said>,
    is_writing: bool,
}

/// What was said of a chat since it was written last.
struct Said {
    people: HashMap<UserId, Reached>,
    /// When the first of it was.
    at: Timestamp,
}

impl Desk {
    pub(crate) fn new(store: &Store, bus: Arc<dyn Bus>) -> Self {
        let (store, chats) = (store.clone(), Mutex::default());
        Self(Arc::new(Inner { store, bus, chats, rested: Notify::new() }))
    }

    /// Notes how far a member of a chat is now. It is written soon, together with what others say.
    pub(crate) fn note(&self, chat: ChatId, user: UserId, reached: Reached, now: Timestamp) {
        let mut chats = self.0.chats.lock();
        let is_idle = matches!(chats.entry(chat), Entry::Vacant(_));
        chats.entry(chat).or_default().take_in(user, reached, now);
        if is_idle {
            tokio::spawn(run(self.0.clone(), chat));
        }
    }

    /// Waits until everything that was noted is written and told, or was given up.
    pub(crate) async fn rest(&self) {
        loop {
            let rested = self.0.rested.notified();
            if self.0.chats.lock().values().all(|waiting| waiting.said.is_none() && !waiting.is_writing) {
                return;
            }
            rested.await;
        }
    }
}

impl Waiting {
    fn take_in(&mut self, user: UserId, reached: Reached, at: Timestamp) {
        let said = self.said.get_or_insert_with(|| Said { people: HashMap::new(), at });
        let known = said.people.entry(user).or_insert(Reached::NOTHING);
        *known = known.max(reached);
        said.at = said.at.min(at);
    }
}

/// Writes what waits for a chat, at a pace, until nothing does.
async fn run(inner: Arc<Inner>, chat: ChatId) {
    let mut failures = 0;
    while let Some(said) = inner.begin(chat) {
        let written = inner.write(chat, &said).await;
        failures = if written.is_ok() { 0 } else { failures + 1 };
        if let Err(error) = &written
            && failures == TRIES
        {
            tracing::warn!(%error, chat.id = %chat, "who has messages could not be written");
        }
        inner.end(chat, Some(said).filter(|_| written.is_err() && failures < TRIES));
        tokio::time::sleep(PACE).await;
    }
}

impl Inner {
    fn begin(&self, chat: ChatId) -> Option<Said> {
        let mut chats = self.chats.lock();
        let waiting = chats.get_mut(&chat)?;
        let said = waiting.said.take();
        waiting.is_writing = said.is_some();
        if said.is_none() {
            chats.remove(&chat);
        }
        said
    }

    /// What is given back waits for the next time.
    fn end(&self, chat: ChatId, back: Option<Said>) {
        if let Some(waiting) = self.chats.lock().get_mut(&chat) {
            waiting.is_writing = false;
            if let Some(Said { people, at }) = back {
                people.into_iter().for_each(|(user, reached)| waiting.take_in(user, reached, at));
            }
        }
        self.rested.notify_waiters();
    }

    async fn write(&self, chat: ChatId, Said { people, at }: &Said) -> Result<(), StoreError> {
        let Some(record) = self.store.chats.get(chat).await?.filter(|chat| chat.member_count <= MOST_COUNTED)
        else {
            return Ok(());
        };
        let up_to = |seq: i64| seq.min(record.head.seq).max(-1);
        let clamped = |reached: &Reached| Reached {
            delivered: up_to(reached.delivered),
            seen: up_to(reached.seen),
            read: up_to(reached.read),
        };
        let raises: Vec<_> = people.iter().map(|(user, reached)| (*user, clamped(reached))).collect();
        let are_named = record.member_count <= MOST_NAMED;
        let risen = self.store.receipts.raise(chat, &raises, are_named.then_some(*at)).await?;
        if are_named && !risen.is_empty() {
            self.tell(chat, risen.into_iter().collect()).await?;
        }
        Ok(())
    }

    /// Where nobody hides, one event is for all. Where somebody does, everybody is sent what they may see: live events of
    /// a chat are the same for all who hear it, and a client that shows more than it should is not to find it there.
    async fn tell(&self, chat: ChatId, risen: HashMap<UserId, Reached>) -> Result<(), StoreError> {
        let Some(people) = People::of(&self.store, chat).await? else { return Ok(()) };
        let moved = people.members.iter().filter_map(|member| Some((member, *risen.get(&member.user)?)));
        let open: Vec<Receipt> = moved.map(|(member, reached)| people.receipt(member, reached)).collect();
        if open.is_empty() {
            return Ok(());
        }
        let veiled = open.iter().map(|receipt| receipt.veiled()).collect();
        let [open, veiled] =
            [open, veiled].map(|receipts| Announcement::new(Event::Receipts { chat, receipts }));
        if people.veiled.is_empty() {
            self.publish(Subject::Chat(chat), open).await;
            return Ok(());
        }
        for user in people.ids() {
            let event = if people.veiled.contains(&user) { &veiled } else { &open };
            self.publish(Subject::User(user), event.clone()).await;
        }
        Ok(())
    }

    async fn publish(&self, subject: Subject, event: Arc<Announcement>) {
        if let Err(error) = self.bus.publish(subject, event).await {
            tracing::debug!(%error, "could not tell who has messages");
        }
    }
}
