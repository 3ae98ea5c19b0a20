use std::sync::Arc;

use petit_ports::{Clock, Random, Store};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    engine::{Engine, session},
    error::ConnectError,
    generation,
    handle::ScyllaHandle,
    log::sequencers::Sequencers,
    migrate::{Migration, STEPS, migrate},
    news::{self, News},
    reactions::desk::Desk,
    settings::Settings,
    store::ScyllaStore,
};

/// An open store.
pub struct Opened {
    /// Its ports.
    pub store: Store,
    /// What only this engine has.
    pub handle: ScyllaHandle,
}

impl ScyllaStore {
    /// Connects, and brings the schema to this version.
    ///
    /// # Errors
    /// If no node answers, or the schema cannot be made.
    pub async fn connect(
        settings: &Settings,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Opened, ConnectError> {
        Self::connect_with(settings, STEPS, clock, random).await
    }

    /// The same with other steps of the schema, as another version would have them.
    ///
    /// # Errors
    /// As [`ScyllaStore::connect`].
    pub async fn connect_with(
        settings: &Settings,
        steps: &[Migration],
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Opened, ConnectError> {
        let session = session(settings).await.map_err(|error| ConnectError::Unreachable(Box::new(error)))?;
        migrate(&session, settings, steps, &*clock, &*random).await?;
        let engine = Engine::new(session, space(&settings.space));
        let generation = generation::read(&engine, &*random).await?;
        let reactions = Desk::new(engine.clone(), random.clone());
        let sequencers = Sequencers::new(engine.clone(), random);
        let news = News::new(engine.clone(), clock.clone());
        sequencers.observe(Arc::new(news::Observer(news.clone())));
        let (pins, saved) = Default::default();
        let store = Self { engine, sequencers, clock, news, reactions, pins, saved };
        Ok(Opened { store: store.ports(generation), handle: ScyllaHandle::new(store) })
    }
}

/// A space's id is made of its name, so that every process finds the same one.
fn space(name: &str) -> Uuid {
    let hash = Sha256::digest(name);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
