//! The sequencer of a chat, without any input or output: what to write next, and what an answer means.
//!
//! A group of requests becomes one [`Plan`]: rows of one partition, written on the condition that the head
//! is still the one this sequencer knows. Whatever else happens, of all plans for one head at most one is
//! ever applied. The rest follows from three rules:
//!
//! 1. A message is never planned unless it is known to be new. Its sender's own id is looked for among the
//!    messages above the *sent mark* ([`Known::sent`]), which are all remembered in the [`Tail`]. Among those
//!    below it the driver looks for it, in an index that is complete up to the mark ([`Request::checked`]);
//!    unless all names down there are known, and rule it out.
//! 2. An outcome that is not known is looked up, never assumed: the plan stays unresolved until the head has
//!    moved, and then the rows say whose plan moved it.
//! 3. Numbers, times and ids are given inside the plan, so that they rise without a gap.

mod marks;
mod plan;
mod tail;

use petit_domain::{ChatId, ClientId, Head, Message, Timestamp, UserId};
use petit_ports::{ChangeKind, NewChange, NewMessage};
use uuid::Uuid;

use marks::Marks;
pub use plan::{Entry, Plan, Written};
pub use tail::Tail;

/// What is known of a chat's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its newest numbers.
    pub head: Head,
    /// When the newest message was written.
    pub last_at: Timestamp,
    /// Every message up to this one is in the index of sent messages.
    pub sent: i64,
    /// The part of the log that is written now.
    pub bucket: i64,
    /// Whether that part is full.
    pub is_sealed: bool,
}

/// What somebody wants.
#[derive(Clone, Debug)]
pub enum Wish {
    /// A new message.
    Append(NewMessage),
    /// A change without a message.
    Change(NewChange),
    /// Another text for a message.
    Edit { seq: i64, text: String, actor: UserId, at: Timestamp },
    /// No text for a message.
    Delete { seq: i64, actor: UserId, at: Timestamp },
}

impl Wish {
    /// The message that it changes.
    pub fn target(&self) -> Option<i64> {
        match self {
            Self::Edit { seq, .. } | Self::Delete { seq, .. } => Some(*seq),
            Self::Append(_) | Self::Change(_) => None,
        }
    }
}

/// A wish with the driver's own name for it.
#[derive(Clone, Debug)]
pub struct Request {
    /// The driver's name.
    pub id: u64,
    /// The wish.
    pub wish: Wish,
    /// For a new message: it was looked for in the index and not found, when the index was complete up to
    /// here ([`Core::index_mark`], taken before looking). `None`: not looked for yet.
    pub checked: Option<i64>,
}

/// An answer for which nothing has to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was sent before and has this number.
    Repeated(i64),
    /// It answers a message that is not there.
    NoSuchReply,
    /// The message is so already.
    AlreadySo(Message),
    /// The message was deleted.
    Deleted,
    /// There is no such message.
    NoSuchMessage,
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
    /// Which plan wrote it.
    pub batch: Uuid,
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
}

/// What is to be done next.
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
    /// Messages that are remembered although they are in the index.
    pub remembered: usize,
    /// Of how many older ones the names are kept.
    pub names: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bucket: 4096, group: 64, bytes: 256 * 1024, remembered: 4096, names: 65_536 }
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
    marks: Marks,
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
            tail: Tail::above(-1, limits.remembered, limits.names),
            marks: Marks::at(-1),
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

    /// Whether only the index can say if this was sent before.
    pub fn has_to_ask(&self, request: &Request) -> bool {
        match &request.wish {
            Wish::Append(new) => {
                self.tail.find(new.author, &new.client_id).is_none()
                    && !self.tail.is_settled(request.checked, new)
            }
            Wish::Change(_) | Wish::Edit { .. } | Wish::Delete { .. } => false,
        }
    }

    /// Whether it would help to know all names that the index has, and they are not too many.
    pub fn could_recall(&self) -> bool {
        !self.has_to_look() && !self.tail.knows_all() && self.index_mark() < self.limits.names as i64
    }

    /// Takes in all names that the index has had since [`Core::could_recall`].
    pub fn recall(&mut self, names: &[(UserId, ClientId)]) {
        self.tail.recall(names);
    }

    /// Up to here the index of sent messages is complete.
    pub fn index_mark(&self) -> i64 {
        self.marks.confirmed()
    }

    /// Whether some messages did not get into the index. A new sequencer puts them there.
    pub fn is_index_broken(&self) -> bool {
        self.marks.is_broken()
    }

    /// The messages of a plan, named by its first one, are in the index now; or they could not be put there.
    pub fn indexed(&mut self, first: i64, is_written: bool) {
        self.marks.end(first, is_written);
        self.follow_mark();
    }

    /// Takes in what a look at the log found. Its messages, whoever wrote them, must be in the index by now.
    /// Answers the plan of ours that turns out to have been applied.
    pub fn look(&mut self, view: View) -> Option<Plan> {
        let (before, newest) = (self.known, view.known.head.seq);
        match before {
            None => {
                self.tail = Tail::above(view.known.sent, self.limits.remembered, self.limits.names);
                self.marks = Marks::at(newest);
            }
            Some(before) => self.marks.begin(before.head.seq + 1, newest, true),
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

    /// The plan was applied. Its messages are to be put into the index.
    pub fn applied(&mut self, plan: &Plan) {
        self.unresolved.clear();
        self.remember(plan.messages().map(|message| (message.author, &message.client_id, message.seq)));
        if plan.after.head.seq > plan.before.head.seq {
            self.marks.begin(plan.before.head.seq + 1, plan.after.head.seq, false);
        }
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
            known.sent = self.marks.confirmed();
            self.tail.trim(known.sent);
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
        if planning.refuses_replies && !is_fresh {
            return (Next::Look, Vec::new());
        }
        let (plan, verdicts) = planning.finish();
        (plan.map_or(Next::Rest, |plan| Next::Send(Box::new(plan))), verdicts)
    }
}

/// What a change is about, for those who only want to know that.
pub(crate) fn about(kind: ChangeKind) -> (i8, Option<i64>, Option<UserId>) {
    match kind {
        ChangeKind::MessageEdited(seq) => (1, Some(seq), None),
        ChangeKind::MessageDeleted(seq) => (2, Some(seq), None),
        ChangeKind::MemberChanged(user) => (3, None, Some(user)),
        ChangeKind::MemberRemoved(user) => (4, None, Some(user)),
        ChangeKind::ChatRenamed => (5, None, None),
    }
}
