use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use petit_app::{AppError, Heads};
use petit_domain::{ChatId, Head};
use tokio::time::timeout;
use tonic::Status;

use crate::{
    Peers,
    wire::{chat_id, id_bytes, proto::HeadsRequest},
};

/// How many chats one question names.
const CHATS: usize = 1_000;
/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks any notifier for the newest numbers of chats.
#[derive(Debug)]
pub struct RemoteHeads {
    peers: Arc<Peers>,
}

impl RemoteHeads {
    /// Asks these notifiers.
    pub fn new(peers: Arc<Peers>) -> Self {
        Self { peers }
    }

    async fn ask(&self, chats: &[ChatId]) -> Result<Vec<(ChatId, Head)>, Status> {
        let Some((mark, peer)) = self.peers.any() else {
            return Err(Status::unavailable("no notifier is configured"));
        };
        let request = HeadsRequest { chats: chats.iter().map(|chat| id_bytes(chat.uuid())).collect() };
        let answered = timeout(PATIENCE, peer.client().heads(request)).await;
        let answered = answered.unwrap_or_else(|_| Err(Status::deadline_exceeded("no answer in time")));
        let reply = answered.inspect_err(|_| self.peers.give_up(mark))?.into_inner();
        let head = |head: crate::proto::ChatHead| {
            Ok((chat_id(&head.chat)?, Head { seq: head.head_seq, cseq: head.head_cseq }))
        };
        reply.heads.into_iter().map(head).collect()
    }
}

#[async_trait]
impl Heads for RemoteHeads {
    async fn heads(&self, chats: &[ChatId]) -> Result<Vec<(ChatId, Head)>, AppError> {
        let mut heads = Vec::with_capacity(chats.len());
        for part in chats.chunks(CHATS) {
            let answered = match self.ask(part).await {
                Err(_) if self.peers.len() > 1 => self.ask(part).await,
                answered => answered,
            };
            heads.extend(answered.map_err(|status| AppError::Unavailable(Some(status.into())))?);
        }
        Ok(heads)
    }
}
