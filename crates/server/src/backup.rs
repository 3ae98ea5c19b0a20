//! A copy of a live installation: the store as it is at one moment, the secret, the configuration file.

use std::{
    fs::{self, DirBuilder, File},
    io::Write,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::Path,
};

use anyhow::{Context, Result, ensure};

use crate::{
    installation::Installation,
    manifest::{self, Manifest},
    secrets,
    wiring::STORE_COPY,
};

/// The configuration file, if the data folder has one.
pub const CONFIGURATION: &str = "petit.toml";

/// Writes a backup into a folder that is empty or not there yet.
pub async fn write(installation: &Installation, folder: &Path) -> Result<Manifest> {
    prepare(folder).with_context(|| format!("cannot back up to {}", folder.display()))?;
    installation.engine.back_up(folder).await.context("the store could not be copied")?;
    let (data, copy) = (installation.folder.path().to_owned(), folder.to_owned());
    let now = installation.app.now();
    tokio::task::spawn_blocking(move || finish(&data, &copy, now)).await?
}

fn prepare(folder: &Path) -> Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    ensure!(fs::read_dir(folder)?.next().is_none(), "the folder is not empty");
    Ok(())
}

fn finish(data: &Path, copy: &Path, now: petit_domain::Timestamp) -> Result<Manifest> {
    let mut names = vec![STORE_COPY];
    for name in [secrets::FILE, CONFIGURATION] {
        if data.join(name).exists() {
            fs::copy(data.join(name), copy.join(name)).with_context(|| name.to_owned())?;
            names.push(name);
        }
    }
    for name in &names {
        secure(&copy.join(name))?;
    }
    let manifest = Manifest::of(copy, &names, now)?;
    let mut file = File::create(copy.join(manifest::FILE))?;
    serde_json::to_writer_pretty(&mut file, &manifest)?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    File::open(copy)?.sync_all()?;
    Ok(manifest)
}

/// On disk, and for its owner alone.
pub fn secure(path: &Path) -> Result<()> {
    let file = File::open(path)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    Ok(file.sync_all()?)
}
