//! Brings a backup back, if it is whole and nothing is overwritten by it.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, bail, ensure};
use petit_config::Loaded;
use petit_domain::Timestamp;
use petit_ports::{Clock, SystemClock};

use crate::{
    backup::{CONFIGURATION, secure},
    folder::DataFolder,
    manifest::Manifest,
    secrets,
    wiring::{self, Engine, STORE_COPY, WaysIn},
};

/// What was brought back.
pub struct Restored {
    /// The moment the backup is of.
    pub at: Timestamp,
    /// The ways in of then that are open still.
    pub then: WaysIn,
}

/// Restores into the configured data folder, which must be empty and unused. `closes` ends what was open in the
/// backup: sessions, access tokens, invitations.
pub fn run(backup: &Path, loaded: &Loaded, closes: bool) -> Result<Restored> {
    let manifest = Manifest::verified(backup)?;
    let config = &loaded.config;
    let folder = DataFolder::hold(&config.server.data)?;
    let store = wiring::store_file(&config.store, folder.path())?;
    ensure!(
        folder.contents()?.is_empty() && !store.exists(),
        "{} is not empty; restore into another folder with --data",
        config.server.data.display()
    );
    let mut brought = Vec::new();
    let restored =
        bring(backup, &manifest, &folder, &store, &mut brought).and_then(|()| check(loaded, &folder, closes));
    if restored.is_err() {
        // What was brought is of no use; the backup still has it.
        brought.iter().for_each(|path| drop(fs::remove_file(path)));
    }
    Ok(Restored { at: manifest.made_at, then: restored? })
}

fn bring(
    backup: &Path,
    manifest: &Manifest,
    folder: &DataFolder,
    store: &Path,
    brought: &mut Vec<PathBuf>,
) -> Result<()> {
    for entry in &manifest.files {
        let target = match entry.name.as_str() {
            STORE_COPY => store.to_owned(),
            name @ (secrets::FILE | CONFIGURATION) => folder.path().join(name),
            other => bail!("the backup holds {other:?}, which this petit does not know"),
        };
        brought.push(target.clone());
        fs::copy(backup.join(&entry.name), &target).with_context(|| target.display().to_string())?;
        secure(&target)?;
    }
    Ok(File::open(folder.path())?.sync_all()?)
}

fn check(loaded: &Loaded, folder: &DataFolder, closes: bool) -> Result<WaysIn> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let engine = Engine::open(&loaded.config.store, folder.path(), &clock).await?;
        let begun = begin(&engine, clock.now(), closes).await;
        engine.close().await;
        begun
    })
}

async fn begin(engine: &Engine, now: Timestamp, closes: bool) -> Result<WaysIn> {
    engine.check().await.context("the restored store is damaged")?;
    // Whoever knows numbers of what came after the backup is told that they are of another history.
    engine.begin_generation().await?;
    let then = engine.ways_in(now).await?;
    if closes {
        engine.close_ways_in(now).await?;
    }
    Ok(then)
}
