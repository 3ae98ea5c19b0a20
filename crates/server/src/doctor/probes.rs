use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use petit_app::App;
use petit_domain::{ChatId, Event, UserId};
use petit_ports::{Announcement, Claim, Delivery, Subject};
use uuid::Uuid;

/// How long anything may take before it counts as not working.
pub const DEADLINE: Duration = Duration::from_secs(3);

/// Writes something durable and reads it back. It is a request key of a person who is not there, which
/// expires like any other.
pub async fn store(app: &App) -> Result<String> {
    let begun = Instant::now();
    let (store, at) = (&app.store().idempotency, app.now());
    app.store().log.ready().await?;
    let (doctor, written) = (UserId::mint(at, app.random().next_u64()), fresh(app));
    store.claim(doctor, "doctor", &[0; 32], written, at).await?;
    let read = store.claim(doctor, "doctor", &[0; 32], fresh(app), at).await?;
    ensure!(read == Claim::Tied(written), "what was written did not come back");
    Ok(format!("wrote and read in {}", millis(begun)))
}

/// Publishes something nobody else listens to.
pub async fn bus(app: &App) -> Result<String> {
    let begun = Instant::now();
    let (user, chat) = (UserId::from_uuid(fresh(app)), ChatId::from_uuid(fresh(app)));
    let (subscriber, mut mailbox) = app.bus().attach(1).await?;
    subscriber.subscribe(Subject::User(user)).await?;
    app.bus().publish(Subject::User(user), Announcement::new(Event::Typing { chat, user })).await?;
    match tokio::time::timeout(DEADLINE, mailbox.recv()).await.context("nothing arrived in 3 s")? {
        Some(Delivery::Event(..)) => Ok(format!("an event arrived in {}", millis(begun))),
        Some(Delivery::Lagged) | None => bail!("the event was lost"),
    }
}

fn fresh(app: &App) -> Uuid {
    ChatId::mint(app.now(), app.random().next_u64()).uuid()
}

/// Time since, for people.
pub fn millis(begun: Instant) -> String {
    format!("{:.1} ms", begun.elapsed().as_secs_f64() * 1000.0)
}
