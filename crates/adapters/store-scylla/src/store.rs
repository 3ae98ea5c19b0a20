use std::sync::Arc;

use petit_ports::{Clock, Generation, Store};

use crate::{engine::Engine, lanes::Lanes, log::sequencers::Sequencers, news::News, reactions::desk::Desk};

/// The store on ScyllaDB or Apache Cassandra. Implements every store port.
#[derive(Clone)]
pub struct ScyllaStore {
    pub(crate) engine: Arc<Engine>,
    pub(crate) sequencers: Arc<Sequencers>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) news: Arc<News>,
    pub(crate) reactions: Arc<Desk>,
    pub(crate) pins: Arc<Lanes>,
    pub(crate) saved: Arc<Lanes>,
}

impl ScyllaStore {
    pub(crate) fn ports(&self, generation: Generation) -> Store {
        let own = Arc::new(self.clone());
        Store {
            accounts: own.clone(),
            chats: own.clone(),
            choices: own.clone(),
            followers: own.clone(),
            generation,
            idempotency: own.clone(),
            intents: own.clone(),
            log: own.clone(),
            log_writer: own.clone(),
            members: own.clone(),
            mentions: own.clone(),
            people: own.clone(),
            pins: own.clone(),
            reactions: own.clone(),
            read_markers: own.clone(),
            saved: own.clone(),
            receipts: own.clone(),
            scheduled: own.clone(),
            sessions: own.clone(),
            settings: own.clone(),
            timers: own.clone(),
            turns: own,
        }
    }
}
