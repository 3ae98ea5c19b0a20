//! How often a message follows its set: at once, and while more comes at most every half second, so that a storm is few
//! changes. What is not told yet is noted as work before the set is written, and crossed out once it is told.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use petit_domain::{ChatId, Message, UserId};
use petit_ports::{Clock, Store};
use tokio::sync::{Notify, OnceCell, oneshot};

use crate::{
    App, AppError,
    intents::{self, IntentKind, Known},
    sets::Set,
};

/// The shortest time between two changes of one message.
const PACE: Duration = Duration::from_millis(500);
/// How often in a row a message is tried that cannot follow. Then it is left to whoever looks for unfinished work.
const TRIES: u32 = 20;

type Place = (ChatId, i64);
/// Work that is noted for all who react until it is told. Who reacts holds it.
type Note = Arc<OnceCell<Known>>;
type Told = Option<Message>;

/// Which messages are to follow their sets.
pub(crate) struct Paces(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    turns: Mutex<HashMap<Place, Turn>>,
    rested: Notify,
}

/// What is to be told of one message.
#[derive(Default)]
struct Turn {
    /// The note of those who come now.
    note: Option<Note>,
    /// Notes that some still held when the message followed.
    held: Vec<Note>,
    /// Somebody left, and the message did not follow since.
    is_due: bool,
    /// The message follows right now.
    is_telling: bool,
    /// Somebody tells, or waits until the next time.
    is_told: bool,
    /// Who waits for the message.
    waiting: Vec<oneshot::Sender<Told>>,
}

/// That somebody reacts. Whatever becomes of them, the message follows the set.
pub(crate) struct Reacting {
    inner: Arc<Inner>,
    place: Place,
    actor: UserId,
    note: Option<Note>,
}

impl Paces {
    pub(crate) fn new(store: &Store, clock: Arc<dyn Clock>) -> Self {
        let (store, turns) = (store.clone(), Mutex::default());
        Self(Arc::new(Inner { store, clock, turns, rested: Notify::new() }))
    }

    /// To be called before the set is written: notes that the message has to follow.
    pub(crate) async fn enter(
        &self,
        app: &App,
        chat: ChatId,
        seq: i64,
        actor: UserId,
    ) -> Result<Reacting, AppError> {
        let note = self.0.turns.lock().entry((chat, seq)).or_default().note.get_or_insert_default().clone();
        let reacting = Reacting { inner: self.0.clone(), place: (chat, seq), actor, note: Some(note) };
        if let Some(note) = &reacting.note {
            note.get_or_try_init(|| intents::noted(app, actor, IntentKind::TellReactions { chat, seq }))
                .await?;
        }
        Ok(reacting)
    }

    /// Waits until every message has followed its set, or was given up.
    pub(crate) async fn rest(&self) {
        loop {
            let rested = self.0.rested.notified();
            if self.0.turns.lock().values().all(Turn::rests) {
                return;
            }
            rested.await;
        }
    }
}

impl Turn {
    fn rests(&self) -> bool {
        !self.is_due && !self.is_telling && self.note.is_none() && self.held.is_empty()
    }

    /// Forgets a note that nobody could write and nobody waits for.
    fn forget_unnoted(&mut self) {
        if self.note.as_ref().is_some_and(|note| !note.initialized() && Arc::strong_count(note) == 1) {
            self.note = None;
        }
    }

    /// What may be crossed out once the message has followed: whoever holds a note may not have written yet.
    fn take_free(&mut self) -> Vec<Note> {
        (self.is_due, self.is_telling) = (false, true);
        self.held.extend(self.note.take());
        let (free, held) =
            std::mem::take(&mut self.held).into_iter().partition(|note| Arc::strong_count(note) == 1);
        self.held = held;
        free
    }
}

impl Reacting {
    /// They are done. Answers the message, if it follows at once.
    pub(crate) async fn leave(mut self) -> Told {
        let told = self.go();
        told?.await.ok().flatten()
    }

    /// `None` where it is not yet time to tell again.
    fn go(&mut self) -> Option<oneshot::Receiver<Told>> {
        let note = self.note.take()?;
        let was_noted = note.initialized();
        let mut turns = self.inner.turns.lock();
        drop(note);
        let turn = turns.entry(self.place).or_default();
        if !was_noted {
            // Then nothing was written.
            turn.forget_unnoted();
            if turn.rests() && !turn.is_told {
                turns.remove(&self.place);
            }
            self.inner.rested.notify_waiters();
            return None;
        }
        turn.is_due = true;
        if turn.is_told {
            return None;
        }
        turn.is_told = true;
        let (waiting, told) = oneshot::channel();
        turn.waiting.push(waiting);
        tokio::spawn(follow(self.inner.clone(), self.place, self.actor));
        Some(told)
    }
}

impl Drop for Reacting {
    fn drop(&mut self) {
        // Whoever asked went away, or was refused: nobody knows what became of the set.
        self.go();
    }
}

/// Has a message follow its set until nobody reacts any more.
async fn follow(inner: Arc<Inner>, place: Place, actor: UserId) {
    let mut failed = 0;
    while failed < TRIES && inner.is_wanted(place) {
        failed = if inner.tell_one(place, actor).await { 0 } else { failed + 1 };
        tokio::time::sleep(PACE).await;
    }
    if failed > 0 {
        inner.turns.lock().remove(&place);
    }
    inner.rested.notify_waiters();
}

impl Inner {
    /// Whether there is something to tell, or somebody who may bring it. Forgets the message if not.
    fn is_wanted(&self, place: Place) -> bool {
        let mut turns = self.turns.lock();
        let Entry::Occupied(turn) = turns.entry(place) else { return false };
        if turn.get().rests() {
            turn.remove();
            return false;
        }
        true
    }

    /// Tells of a message if that is due. Whether nothing is left of what was due.
    async fn tell_one(&self, (chat, seq): Place, actor: UserId) -> bool {
        let Some(free) =
            self.turns.lock().get_mut(&(chat, seq)).filter(|turn| turn.is_due).map(Turn::take_free)
        else {
            return true;
        };
        let told = Set::Reactions.tell(&self.store, (chat, seq), (actor, self.clock.now())).await;
        let is_told = told.is_ok();
        let message = told.unwrap_or_else(|error| {
            tracing::warn!(%error, chat.id = %chat, "message {seq} of chat {chat} does not show its reactions yet");
            None
        });
        self.answer((chat, seq), &message);
        if is_told {
            self.cross_out(&free).await;
        }
        self.ended((chat, seq), if is_told { Vec::new() } else { free });
        is_told
    }

    /// Whoever waits needs the message, and not that its note is crossed out.
    fn answer(&self, place: Place, message: &Told) {
        let waiting = self.turns.lock().get_mut(&place).map(|turn| std::mem::take(&mut turn.waiting));
        for one in waiting.into_iter().flatten() {
            // Whoever went away does not need it.
            let _ = one.send(message.clone());
        }
    }

    fn ended(&self, place: Place, left: Vec<Note>) {
        if let Some(turn) = self.turns.lock().get_mut(&place) {
            turn.is_telling = false;
            turn.is_due |= !left.is_empty();
            turn.held.extend(left);
        }
        self.rested.notify_waiters();
    }

    /// What cannot be crossed out is looked at once more, later.
    async fn cross_out(&self, notes: &[Note]) {
        for known in notes.iter().filter_map(|note| note.get()) {
            if let Err(error) = self.store.intents.done(known.id()).await {
                tracing::debug!(%error, "work that is done stays noted");
            }
        }
    }
}
