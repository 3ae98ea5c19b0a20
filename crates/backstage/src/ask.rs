use bytes::Bytes;
use petit_app::{AppError, Caller};
use petit_domain::{Acked, ChatId, Head, Timestamp, UserId};
use petit_plexer::{Backstage, Missed};
use petit_ports::{Announcement, Generation};
use petit_protocol::Cursors;
use serde::{Deserialize, Serialize};

/// A question, as it crosses the wire.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Ask {
    Generation,
    Redeem(String),
    Authenticate(String),
    Ended(Vec<Caller>),
    Chats(UserId),
    HeadsFor(UserId, Vec<ChatId>),
    Heads(Vec<ChatId>),
    Missed(UserId, Vec<(ChatId, Position)>),
    MissedSince(UserId, i64),
    Typing(UserId, ChatId),
    Ack(UserId, Vec<(ChatId, Acked)>),
    VisibleTo(UserId, Vec<UserId>),
}

/// `seq` and `cseq`.
pub(crate) type Position = (i64, i64);

/// An answer, as it crosses the wire.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Told {
    Generation(Generation),
    Caller(Caller),
    Callers(Vec<Caller>),
    Heads(Vec<(ChatId, Position)>),
    /// Where to fetch anew; the events are beside it.
    Missed(Vec<ChatId>),
    Done,
    Users(Vec<UserId>),
    Unauthenticated,
    NotFound,
}

/// An answer with its events.
pub(crate) type Answer = (Told, Vec<Bytes>);

pub(crate) fn positions(heads: impl IntoIterator<Item = (ChatId, Head)>) -> Vec<(ChatId, Position)> {
    heads.into_iter().map(|(chat, head)| (chat, (head.seq, head.cseq))).collect()
}

pub(crate) fn heads<T: FromIterator<(ChatId, Head)>>(positions: Vec<(ChatId, Position)>) -> T {
    positions.into_iter().map(|(chat, (seq, cseq))| (chat, Head { seq, cseq })).collect()
}

impl Ask {
    /// Whom or what it is about: questions about the same go to the same node.
    pub(crate) fn subject(&self) -> String {
        match self {
            Self::Generation => String::new(),
            Self::Redeem(secret) | Self::Authenticate(secret) => secret.clone(),
            Self::Ended(callers) => callers.first().map(|caller| caller.user.to_string()).unwrap_or_default(),
            Self::Heads(chats) => chats.first().map(ToString::to_string).unwrap_or_default(),
            Self::Chats(user)
            | Self::HeadsFor(user, _)
            | Self::Missed(user, _)
            | Self::MissedSince(user, _)
            | Self::Typing(user, _)
            | Self::Ack(user, _)
            | Self::VisibleTo(user, _) => user.to_string(),
        }
    }

    /// Asks the application here. What the caller did wrong is an answer; an error means that there is none.
    pub(crate) async fn perform(self, backstage: &dyn Backstage) -> Result<Answer, AppError> {
        match self.answer(backstage).await {
            Err(AppError::Unauthenticated) => Ok((Told::Unauthenticated, Vec::new())),
            Err(AppError::NotFound) => Ok((Told::NotFound, Vec::new())),
            answer => answer,
        }
    }

    async fn answer(self, backstage: &dyn Backstage) -> Result<Answer, AppError> {
        let told = match self {
            Self::Generation => Told::Generation(backstage.generation().await?),
            Self::Redeem(ticket) => Told::Caller(backstage.redeem_ticket(&ticket).await?),
            Self::Authenticate(token) => Told::Caller(backstage.authenticate(&token).await?),
            Self::Ended(callers) => Told::Callers(backstage.ended(&callers).await?),
            Self::Chats(user) => Told::Heads(positions(backstage.chats(user).await?)),
            Self::HeadsFor(user, chats) => Told::Heads(positions(backstage.heads_for(user, &chats).await)),
            Self::Heads(chats) => Told::Heads(positions(backstage.heads(&chats).await?)),
            Self::Missed(user, from) => {
                let from: Cursors = heads(from);
                return backstage.missed(user, from).await.map(missed_out);
            }
            Self::MissedSince(user, since) => {
                let since = Timestamp::from_micros(since);
                return backstage.missed_since(user, since).await.map(missed_out);
            }
            Self::Typing(user, chat) => {
                backstage.announce_typing(user, chat).await?;
                Told::Done
            }
            Self::Ack(user, chats) => {
                backstage.ack(user, chats).await?;
                Told::Done
            }
            Self::VisibleTo(viewer, users) => Told::Users(backstage.visible_to(viewer, users).await?),
        };
        Ok((told, Vec::new()))
    }
}

fn missed_out(missed: Missed) -> Answer {
    let events = missed.events.iter().map(|event| event.json().clone()).collect();
    (Told::Missed(missed.resync), events)
}

/// What is no event at all is left out: the client finds the hole by its number.
pub(crate) fn missed_in(resync: Vec<ChatId>, events: Vec<Bytes>) -> Missed {
    let events = events.into_iter().filter_map(|json| Announcement::received(json).ok()).collect();
    Missed { events, resync }
}
