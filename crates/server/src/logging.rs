//! What the server writes about itself: to standard error, quiet unless asked.

use anyhow::{Context, Result};
use petit_config::Log;
use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// What passes, by the configured level.
pub fn filter(log: &Log) -> Result<Targets> {
    log.level
        .parse()
        .with_context(|| format!("log.level {:?} is not a level such as warn or info", log.level))
}

/// Starts to write.
pub fn start(log: &Log) -> Result<()> {
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(false).compact();
    tracing_subscriber::registry().with(filter(log)?).with(lines).try_init()?;
    Ok(())
}
