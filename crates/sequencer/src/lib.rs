//! The sequencer of a chat, without any input or output: what to write next, and what an answer means.
//!
//! A group of requests becomes one [`Plan`]: rows of one partition, written by one compare-and-set (CAS, in CQL
//! a conditional batch, LWT): *if the head is still the one this sequencer knows*. Whatever else happens, of all
//! plans for one head at most one is ever applied. The rest follows from three rules:
//!
//! 1. A message is planned only if it is known to be new: no message has its author and client id.
//!    * Messages above the *sent mark* ([`Known::sent`]) are remembered exactly, in the [`Tail`].
//!    * Messages below it are in an index, by the hash of author and client id (their *name*), in [`Pack`]s of
//!      so many. These hashes are remembered too, and a hash that is there is looked at closer by the driver
//!      ([`Core::question`], [`Request::checked`]).
//!    * Messages of a merged *era* (a long run of packs) are in the index alone: the driver always has to look.
//! 2. An outcome that is not known (in doubt) is looked up, never assumed: the plan stays unresolved until the
//!    head has moved, and then the rows say whose plan moved it.
//! 3. Numbers, times and ids are given inside the plan, so that they rise without a gap. What was decided on an
//!    older head, or on an older version of a message, is refused, as far as that is known for certain.

mod names;
mod plan;
mod tail;

use petit_domain::{ChatId, ClientId, Head, Message, Timestamp, UserId};
use petit_ports::{Sets, Wish, Written};
use uuid::Uuid;

pub use names::{Pack, Question, hash};
pub use plan::{Entry, Plan, Step};
pub use tail::Tail;

/// Knowledge of a chat's log, as of some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its newest numbers.
    pub head: Head,
    /// When the newest message was written.
    pub last_at: Timestamp,
    /// [`Message::counted`] of the newest message.
    pub counted: i64,
    /// The highest number of a message that was deleted, −1 when none was.
    pub deleted: i64,
    /// The newest change of the chat's settings, −1 when there is none, or where an older version hides it.
    pub ruled: i64,
    /// Every message up to this one is in the index of sent messages.
    pub sent: i64,
    /// The part of the log that is written now.
    pub bucket: i64,
    /// Whether that part is full.
    pub is_sealed: bool,
}

/// A wish with the driver's own name for it.
#[derive(Clone, Debug)]
pub struct Request {
    /// The driver's name.
    pub id: u64,
    /// The wish.
    pub wish: Wish,
    /// For a new message: [`Core::question`] was answered with no when the index was complete up to here
    /// ([`Core::index_mark`], taken before asking). `None`: not asked yet.
    pub checked: Option<i64>,
    /// What a message that is to be revised takes from its sets, read after the log was last looked at.
    pub sets: Sets,
}

/// A verdict: the answer to a wish for which nothing has to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "answered at once, and seldom kept")]
pub enum Verdict {
    /// It was sent before and has this number.
    Repeated(i64),
    /// Nothing is written, for what this says.
    Answer(Written),
}

/// A message row, as far as the sequencer looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenMessage {
    /// Its number.
    pub seq: i64,
    /// Who wrote it.
    pub author: UserId,
    /// The sender's own id for it.
    pub client_id: ClientId,
    /// Which plan wrote it, if it is the first one of it.
    pub batch: Option<Uuid>,
    /// Whether its author has read up to it.
    pub marks_read: bool,
}

/// The log as a serial read found it, with the rows that came after what was known.
#[derive(Clone, Debug)]
pub struct View {
    /// The log.
    pub known: Known,
    /// Messages above [`Core::seen`], or above [`Known::sent`] where nothing was known.
    pub messages: Vec<SeenMessage>,
    /// Numbers of changes above it, with the plan that wrote each.
    pub changes: Vec<(i64, Uuid)>,
    /// Where nothing was known, what the index has up to [`Known::sent`].
    pub names: Names,
}

/// The index of sent messages, as far as it is remembered.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// How many eras are merged.
    pub eras: i64,
    /// The hashes of the names of all later messages, with their numbers.
    pub later: Vec<(i64, u64)>,
}

/// The next thing to be done by the driver.
#[derive(Debug)]
pub enum Next {
    /// Look at the log first.
    Look,
    /// Open the next part of the log, then look.
    Open,
    /// Send this.
    Send(Box<Plan>),
    /// Nothing is left to be written.
    Rest,
}

/// How much one plan takes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Messages in one part of the log.
    pub bucket: i64,
    /// Requests in one plan.
    pub group: usize,
    /// Bytes of text in one plan.
    pub bytes: usize,
    /// Messages whose names go into the index together.
    pub pack: i64,
    /// Messages of an era, whose names are merged: a multiple of `pack`, and no more than 65,536.
    pub era: i64,
    /// How much of a name's hash is used; less only means more questions.
    pub hash_bits: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bucket: 4096, group: 64, bytes: 256 * 1024, pack: 256, era: 65_536, hash_bits: 64 }
    }
}

/// The sequencer of one chat.
#[derive(Debug)]
pub struct Core {
    chat: ChatId,
    limits: Limits,
    known: Option<Known>,
    /// Whether [`Core::known`] may be behind.
    is_doubtful: bool,
    tail: Tail,
    /// Plans for the known head whose outcome is open.
    unresolved: Vec<Plan>,
}

impl Core {
    /// A sequencer that knows nothing.
    pub fn new(chat: ChatId, limits: Limits) -> Self {
        Self {
            chat,
            limits,
            known: None,
            is_doubtful: true,
            tail: Tail::above(-1, 0, [], limits),
            unresolved: Vec::new(),
        }
    }

    /// What is known of the log.
    pub fn known(&self) -> Option<&Known> {
        self.known.as_ref()
    }

    /// Up to where rows were seen; `None`: nowhere yet.
    pub fn seen(&self) -> Option<Head> {
        self.known.map(|known| known.head)
    }

    /// Whether the log has to be looked at before anything is planned.
    pub fn has_to_look(&self) -> bool {
        self.is_doubtful || self.known.is_none()
    }

    /// Whether the outcome of some plan is open.
    pub fn is_unresolved(&self) -> bool {
        !self.unresolved.is_empty()
    }

    /// What has to be looked at before it is known whether this was sent before.
    pub fn question(&self, request: &Request) -> Option<Question> {
        match &request.wish {
            Wish::Append(new) if self.tail.find(new.author, &new.client_id).is_none() => {
                self.tail.question(request.checked, new)
            }
            _ => None,
        }
    }

    /// Up to here the index of sent messages is complete.
    pub fn index_mark(&self) -> i64 {
        self.tail.mark()
    }

    /// The next names that are to be put into the index. They are the same whoever puts them there.
    pub fn pack(&self) -> Option<Pack> {
        self.tail.pack()
    }

    /// The pack of this number is in the index.
    pub fn packed(&mut self, number: i64) {
        self.tail.packed(number);
        self.follow_mark();
    }

    /// The next era that could be merged: all of its packs are in the index.
    pub fn ripe_era(&self) -> Option<i64> {
        self.tail.ripe_era()
    }

    /// This era is merged.
    pub fn merged(&mut self, era: i64) {
        self.tail.merged(era);
    }

    /// Takes in what a look at the log found. Answers the plan of ours that turns out to have been applied.
    pub fn look(&mut self, mut view: View) -> Option<Plan> {
        let before = self.known;
        if before.is_none() {
            let Names { eras, later } = std::mem::take(&mut view.names);
            self.tail = Tail::above(view.known.sent, eras, later, self.limits);
        }
        self.remember(view.messages.iter().map(|row| (row.author, &row.client_id, row.seq)));
        self.known = Some(view.known);
        self.is_doubtful = false;
        self.follow_mark();
        if before.is_none_or(|before| before.head == view.known.head) {
            // Nothing moved: what is under way may still arrive.
            return None;
        }
        std::mem::take(&mut self.unresolved).into_iter().find(|plan| plan.was_applied(&view))
    }

    /// The plan was applied.
    pub fn applied(&mut self, plan: &Plan) {
        self.unresolved.clear();
        self.remember(plan.messages().map(|message| (message.author, &message.client_id, message.seq)));
        self.known = Some(plan.after);
        self.follow_mark();
    }

    fn remember<'a>(&mut self, messages: impl Iterator<Item = (UserId, &'a ClientId, i64)>) {
        for (author, client_id, seq) in messages {
            self.tail.put(author, client_id.clone(), seq);
        }
    }

    fn follow_mark(&mut self) {
        if let Some(known) = &mut self.known {
            known.sent = self.tail.mark();
        }
    }

    /// Somebody else was quicker: this plan will never be applied.
    pub fn lost(&mut self) {
        self.is_doubtful = true;
    }

    /// Nobody knows what became of the plan.
    pub fn unknown(&mut self, plan: Plan) {
        self.unresolved.push(plan);
        self.is_doubtful = true;
    }

    /// The next plan for the first of these requests. `messages` are the rows of what they change, and
    /// `is_fresh` says that the log was looked at after all of them had come.
    pub fn next(
        &self,
        requests: &[Request],
        messages: &std::collections::HashMap<i64, Message>,
        is_fresh: bool,
        batch: Uuid,
    ) -> (Next, Vec<(u64, Verdict)>) {
        let Some(known) = self.known.filter(|_| !self.is_doubtful) else { return (Next::Look, Vec::new()) };
        if known.is_sealed {
            return (Next::Open, Vec::new());
        }
        let mut planning = plan::Planning::new(self.chat, known, self.limits, &self.tail, messages, batch);
        for request in requests {
            if planning.is_full() {
                break;
            }
            planning.take(request);
        }
        if planning.is_doubtful && !is_fresh {
            return (Next::Look, Vec::new());
        }
        let (plan, verdicts) = planning.finish();
        (plan.map_or(Next::Rest, |plan| Next::Send(Box::new(plan))), verdicts)
    }
}
