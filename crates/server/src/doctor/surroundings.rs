use std::{os::unix::fs::PermissionsExt, path::Path};

use petit_config::{Config, Identity, Role, SignUp};
use rustix::{fs::statvfs, process::Resource};

use super::Finding;
use crate::{installation::Installation, secrets};

const MEGABYTE: u64 = 1_000_000;
/// Below this SQLite may not be able to finish what it begins.
const TOO_LITTLE: u64 = 64 * MEGABYTE;
const LITTLE: u64 = 1_000 * MEGABYTE;
/// Each connection is an open file; the rest is for the store.
const FEW_FILES: u64 = 4_096;

/// The machine and the configuration.
pub fn all(installation: &Installation) -> Vec<Finding> {
    let config = &installation.config;
    let mut findings = vec![
        disk(installation.folder.path()),
        permissions(installation.folder.path()),
        open_files(),
        address(config, &installation.public_url),
        sign_up(config),
    ];
    findings.extend(left_out(config));
    findings
}

fn disk(folder: &Path) -> Finding {
    let free = match statvfs(folder) {
        Ok(disk) => disk.f_bavail * disk.f_frsize,
        Err(error) => return Finding::failed("disk", error.to_string()),
    };
    let told = format!("{} MB free for {}", free / MEGABYTE, folder.display());
    match free {
        0..TOO_LITTLE => Finding::failed("disk", told),
        TOO_LITTLE..LITTLE => Finding::note("disk", told),
        _ => Finding::ok("disk", told),
    }
}

fn permissions(folder: &Path) -> Finding {
    let open_to_others =
        |path: &Path| std::fs::metadata(path).map(|metadata| metadata.permissions().mode() & 0o077 != 0);
    match (open_to_others(folder), open_to_others(&folder.join(secrets::FILE))) {
        (_, Ok(true)) => Finding::failed("permissions", "others may read the secret: chmod 600 it"),
        (Ok(true), Ok(false)) => {
            Finding::note("permissions", "others may look into the data folder: chmod 700 it")
        }
        (Ok(false), Ok(false)) => Finding::ok("permissions", "the data folder is for its owner alone"),
        (Err(error), _) | (_, Err(error)) => Finding::failed("permissions", error.to_string()),
    }
}

fn open_files() -> Finding {
    let Some(limit) = rustix::process::getrlimit(Resource::Nofile).maximum else {
        return Finding::ok("open files", "no limit");
    };
    let told = format!("at most {limit}, one for each connection");
    if limit < FEW_FILES { Finding::note("open files", told) } else { Finding::ok("open files", told) }
}

fn address(config: &Config, public_url: &str) -> Finding {
    let is_private = config.server.listen.ip().is_loopback();
    match (&config.server.public_url, public_url.starts_with("https://")) {
        (Some(_), true) => Finding::ok("public_url", public_url),
        (Some(_), false) => {
            Finding::note("public_url", format!("{public_url}: passwords travel unencrypted"))
        }
        (None, _) if is_private => {
            Finding::ok("public_url", format!("not set: {public_url}, for this machine alone"))
        }
        (None, _) => Finding::note(
            "public_url",
            format!("not set: people at other addresses than {public_url} cannot sign in"),
        ),
    }
}

fn sign_up(config: &Config) -> Finding {
    let is_reachable = !config.server.listen.ip().is_loopback() || config.server.public_url.is_some();
    match config.sign_up() {
        Some(SignUp::Open) if is_reachable => {
            Finding::note("sign-up", "open: whoever reaches the server may make an account")
        }
        Some(SignUp::Open) => Finding::ok("sign-up", "open, and only this machine reaches the server"),
        Some(SignUp::Invitation) => Finding::ok("sign-up", "by invitation"),
        Some(SignUp::Closed) => Finding::ok("sign-up", "closed: accounts are made with petit user add"),
        None => Finding::ok("sign-up", "at the configured identity provider"),
    }
}

/// What works without being configured, and could be.
fn left_out(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    if matches!(config.identity, Identity::Builtin(_)) {
        findings
            .push(Finding::note("single sign-on", "not configured: accounts and passwords are kept here"));
    }
    if config.server.public_url.is_some() && config.server.trusted_proxies.is_empty() {
        findings.push(Finding::note(
            "trusted_proxies",
            "not configured: behind a proxy all people share one address",
        ));
    }
    for role in Role::ALL.into_iter().filter(|role| !config.server.roles.contains(role)) {
        findings.push(Finding::note("roles", format!("{role:?} does not run here").to_lowercase()));
    }
    findings
}
