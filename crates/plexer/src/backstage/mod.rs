//! What a plexer asks of the application, which may be in another process.

mod local;

use std::sync::Arc;

use async_trait::async_trait;
use petit_app::{App, AppError, Caller, Seal};
use petit_domain::{Acked, ChatId, Head, Timestamp, UserId};
use petit_ports::{Announcement, Bus, Clock, Generation, Random};
use petit_protocol::Cursors;

use self::local::Local;

/// What a client missed.
#[derive(Debug, Default)]
pub struct Missed {
    /// What happened since, of each chat in the order of its numbers.
    pub events: Vec<Arc<Announcement>>,
    /// Where it was too much, or the person is no longer in the chat: to be fetched anew.
    pub resync: Vec<ChatId>,
}

/// The questions a plexer has. Everything that is asked about many is one question, because the answer may
/// come from another process. Any error may be [`AppError::Unavailable`]: the application does not answer,
/// and whoever asked should try again soon. All questions may be repeated, but for a ticket's redemption.
#[async_trait]
pub trait Backstage: Send + Sync {
    /// Which history the store holds now.
    async fn generation(&self) -> Result<Generation, AppError>;

    /// Whom a ticket is for. Takes its one use.
    async fn redeem_ticket(&self, ticket: &str) -> Result<Caller, AppError>;

    /// Whose session a token proves.
    async fn authenticate(&self, token: &str) -> Result<Caller, AppError>;

    /// Those of `callers` whose session has ended, whoever ended it. An error if that is not known of all.
    async fn ended(&self, callers: &[Caller]) -> Result<Vec<Caller>, AppError>;

    /// Every chat the person is in, with its newest numbers.
    async fn chats(&self, user: UserId) -> Result<Vec<(ChatId, Head)>, AppError>;

    /// The newest numbers of those of `chats` that the person is in. What cannot be read now is left out.
    async fn heads_for(&self, user: UserId, chats: &[ChatId]) -> Cursors;

    /// The newest numbers of chats as the log has them, whoever is in them; in any order. Chats that do not
    /// exist are left out.
    async fn heads(&self, chats: &[ChatId]) -> Result<Vec<(ChatId, Head)>, AppError>;

    /// What brings a client from these numbers to now.
    async fn missed(&self, user: UserId, from: Cursors) -> Result<Missed, AppError>;

    /// What happened in all chats of the person since a moment.
    async fn missed_since(&self, user: UserId, since: Timestamp) -> Result<Missed, AppError>;

    /// Tells the others in a chat that the person is writing.
    async fn announce_typing(&self, user: UserId, chat: ChatId) -> Result<(), AppError>;

    /// Takes in how far a person's client has messages of at most 64 chats. Chats that the person is not in are left out.
    async fn ack(&self, user: UserId, chats: Vec<(ChatId, Acked)>) -> Result<(), AppError>;

    /// Those of `users` whom somebody may see coming and going: who shares a chat with them. Each once, in
    /// any order.
    async fn visible_to(&self, viewer: UserId, users: Vec<UserId>) -> Result<Vec<UserId>, AppError>;
}

/// What a plexer works with: the application behind it, and what every process has itself.
#[derive(Clone)]
pub struct Stage {
    /// The application.
    pub backstage: Arc<dyn Backstage>,
    /// Where events come from.
    pub bus: Arc<dyn Bus>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives randomness.
    pub random: Arc<dyn Random>,
    /// Signs resume tokens: any plexer of the installation believes them.
    pub seal: Seal,
}

impl Stage {
    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl From<Arc<App>> for Stage {
    /// With the application in the same process.
    fn from(app: Arc<App>) -> Self {
        Self {
            bus: app.bus().clone(),
            clock: app.clock().clone(),
            random: app.random().clone(),
            seal: app.seal().clone(),
            backstage: Arc::new(Local::new(app)),
        }
    }
}
