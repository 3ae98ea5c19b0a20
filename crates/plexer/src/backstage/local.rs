use std::{collections::HashSet, sync::Arc};

use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, stream};
use petit_app::{App, AppError, Caller, access, receipts, resume, sessions, tickets, typing};
use petit_domain::{Acked, ChatId, Head, Timestamp, UserId};
use petit_ports::Generation;
use petit_protocol::Cursors;

use super::{Backstage, Missed};

/// How many questions are asked of the store at once.
const AT_ONCE: usize = 8;
/// Most events of one replay over all chats; what is beyond is fetched by the client.
const REPLAYED: usize = 2_000;

/// The application in this process.
pub(super) struct Local {
    app: Arc<App>,
}

impl Local {
    pub(super) fn new(app: Arc<App>) -> Self {
        Self { app }
    }

    async fn has_ended(&self, caller: Caller) -> Result<Option<Caller>, AppError> {
        let is_live = sessions::still_live(&self.app, &caller).await?;
        Ok((!is_live).then_some(caller))
    }

    async fn head(&self, chat: ChatId) -> Result<Option<(ChatId, Head)>, AppError> {
        Ok(self.app.store().log.head(chat).await?.map(|head| (chat, head)))
    }

    async fn shares_a_chat(&self, viewer: UserId, user: UserId) -> Result<Option<UserId>, AppError> {
        let shared = self.app.store().members.share_chat(viewer, user).await?;
        Ok(shared.then_some(user))
    }
}

#[async_trait]
impl Backstage for Local {
    async fn generation(&self) -> Result<Generation, AppError> {
        Ok(self.app.store().generation)
    }

    async fn redeem_ticket(&self, ticket: &str) -> Result<Caller, AppError> {
        tickets::redeem(&self.app, ticket).await
    }

    async fn authenticate(&self, token: &str) -> Result<Caller, AppError> {
        sessions::authenticate(&self.app, token).await
    }

    async fn ended(&self, callers: &[Caller]) -> Result<Vec<Caller>, AppError> {
        let asked = stream::iter(callers.to_vec()).map(|caller| self.has_ended(caller));
        let answers: Vec<_> = asked.buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(answers.into_iter().flatten().collect())
    }

    async fn chats(&self, user: UserId) -> Result<Vec<(ChatId, Head)>, AppError> {
        resume::heads(&self.app, user).await
    }

    async fn heads_for(&self, user: UserId, chats: &[ChatId]) -> Cursors {
        let mut heads = Cursors::new();
        for chat in chats {
            if access::member(&self.app, *chat, user).await.is_ok() {
                heads.extend(self.head(*chat).await.ok().flatten());
            }
        }
        heads
    }

    async fn heads(&self, chats: &[ChatId]) -> Result<Vec<(ChatId, Head)>, AppError> {
        let read = stream::iter(chats.to_vec()).map(|chat| self.head(chat));
        let read: Vec<_> = read.buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(read.into_iter().flatten().collect())
    }

    async fn missed(&self, user: UserId, from: Cursors) -> Result<Missed, AppError> {
        let mut missed = Missed::default();
        for (chat, head) in from {
            let replay = match resume::replay(&self.app, user, chat, head).await {
                Err(error @ AppError::Unavailable(_)) => return Err(error),
                // One chat that cannot be told of keeps nobody from the others.
                Err(error) => {
                    tracing::error!(%error, %chat, "a chat could not be replayed");
                    None
                }
                Ok(replay) => replay,
            };
            match replay {
                Some(events) if missed.events.len() + events.len() <= REPLAYED => {
                    missed.events.extend(events);
                }
                _ => missed.resync.push(chat),
            }
        }
        Ok(missed)
    }

    async fn missed_since(&self, user: UserId, since: Timestamp) -> Result<Missed, AppError> {
        let cursors = resume::cursors_since(&self.app, user, since).await?;
        self.missed(user, cursors.into_iter().collect()).await
    }

    async fn announce_typing(&self, user: UserId, chat: ChatId) -> Result<(), AppError> {
        let membership = access::member(&self.app, chat, user).await?;
        typing::announce(&self.app, &membership).await
    }

    async fn ack(&self, user: UserId, chats: Vec<(ChatId, Acked)>) -> Result<(), AppError> {
        receipts::ack(&self.app, user, chats).await
    }

    async fn visible_to(&self, viewer: UserId, users: Vec<UserId>) -> Result<Vec<UserId>, AppError> {
        let unique: HashSet<_> = users.into_iter().collect();
        let asked = stream::iter(unique).map(|user| self.shares_a_chat(viewer, user));
        let answers: Vec<_> = asked.buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(answers.into_iter().flatten().collect())
    }
}
