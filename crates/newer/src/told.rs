//! What is told live of polls: events that the version before does not know.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use petit_app::App;
use petit_domain::{ChangeKind, ChatId, Event, UserId};
use petit_ports::{Announcement, Bus, BusError, LogReader, Mailbox, Store, Subject, Subscriber};
use serde_json::{Value, json};

use crate::polls;

/// The bus, with the event of a closed poll where the version before says that something changed.
pub struct Telling {
    bus: Arc<dyn Bus>,
    log: Arc<dyn LogReader>,
}

impl Telling {
    pub fn new(bus: Arc<dyn Bus>, store: &Store) -> Self {
        Self { bus, log: store.log.clone() }
    }

    async fn newer(&self, announcement: Arc<Announcement>) -> Arc<Announcement> {
        let Some(Event::UnknownChange { chat, seq, cseq }) = announcement.event() else {
            return announcement;
        };
        let change = self.log.changes_after(*chat, cseq - 1, 1).await.ok().and_then(|mut found| found.pop());
        let Some(change) =
            change.filter(|change| matches!(change.kind, ChangeKind::Other { code: polls::CLOSED, .. }))
        else {
            return announcement;
        };
        let body: Value = change.body.and_then(|body| serde_json::from_str(&body).ok()).unwrap_or_default();
        let told = json!({
            "type": "poll_closed", "chat": chat, "seq": seq, "cseq": cseq, "n": "cseq", "poll": body["poll"],
        });
        sent(&told).unwrap_or(announcement)
    }
}

fn sent(event: &Value) -> Option<Arc<Announcement>> {
    Announcement::received(Bytes::from(event.to_string())).ok()
}

/// Says that somebody voted. No number stands for it.
pub async fn hint(app: &App, chat: ChatId, user: UserId) {
    let told = json!({ "type": "poll_voted", "chat": chat, "user": user, "weight": "hint" });
    let Some(announcement) = sent(&told) else { return };
    if let Err(error) = app.bus().publish(Subject::Chat(chat), announcement).await {
        tracing::debug!(%error, "nobody was told of a vote");
    }
}

#[async_trait]
impl Bus for Telling {
    async fn publish(&self, subject: Subject, announcement: Arc<Announcement>) -> Result<(), BusError> {
        self.bus.publish(subject, self.newer(announcement).await).await
    }

    async fn attach(&self, capacity: usize) -> Result<(Arc<dyn Subscriber>, Mailbox), BusError> {
        self.bus.attach(capacity).await
    }
}
