//! Live delivery the way a client gets it: over the port, signed in, as an event stream.

use std::{net::SocketAddr, time::Instant};

use anyhow::{Context, Result, bail, ensure};
use http_body_util::{BodyExt, Empty};
use hyper::{
    Request,
    body::{Bytes, Incoming},
    client::conn::http1,
};
use hyper_util::rt::TokioIo;
use petit_app::{App, sessions};
use petit_domain::{Event, Person, SessionKind};
use petit_ports::{Announcement, Subject};
use tokio::net::TcpStream;

use super::{Finding, probes};

const WHAT: &str = "live delivery";

/// Sends somebody their own profile, which changes nothing, and waits for it on an event stream of theirs.
pub async fn delivery(app: &App, listening: Option<SocketAddr>) -> Finding {
    let Some(address) = listening else {
        return Finding::note(WHAT, "not looked at: no server is running here");
    };
    let somebody = match app.store().people.list_by_prefix("", None, 1).await {
        Ok(found) => found.into_iter().next(),
        Err(error) => return Finding::failed(WHAT, error.to_string()),
    };
    match somebody {
        Some((_, person)) => Finding::of(WHAT, with_session(app, address, person).await),
        None => Finding::note(WHAT, "not looked at: nobody has an account yet"),
    }
}

async fn with_session(app: &App, address: SocketAddr, person: Person) -> Result<String> {
    let user = person.id;
    let (session, token) = sessions::create(app, user, SessionKind::Token, "doctor", Some(60)).await?;
    let outcome = tokio::time::timeout(probes::DEADLINE, deliver(app, address, person, &token)).await;
    sessions::revoke(app, user, session.id).await?;
    outcome.context("the event did not arrive in 3 s")?
}

async fn deliver(app: &App, address: SocketAddr, person: Person, token: &str) -> Result<String> {
    let mut stream = open_stream(address, token).await?;
    let begun = Instant::now();
    let (subject, event) = (Subject::User(person.id), Event::PersonUpdated { person });
    app.bus().publish(subject, Announcement::new(event)).await?;
    let mut seen = Vec::new();
    while let Some(frame) = stream.frame().await {
        if let Some(data) = frame?.data_ref() {
            seen.extend_from_slice(data);
        }
        if String::from_utf8_lossy(&seen).contains("\"person_updated\"") {
            return Ok(format!("an event reached a client in {}", probes::millis(begun)));
        }
    }
    bail!("the event stream ended")
}

async fn open_stream(address: SocketAddr, token: &str) -> Result<Incoming> {
    let connection = TcpStream::connect(address).await.with_context(|| address.to_string())?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(connection)).await?;
    tokio::spawn(connection);
    let request = Request::get("/v1/events")
        .header("host", address.to_string())
        .header("authorization", format!("Bearer {token}"))
        .body(Empty::<Bytes>::new())?;
    let answer = sender.send_request(request).await?;
    ensure!(answer.status().is_success(), "the event stream was refused: {}", answer.status());
    Ok(answer.into_body())
}
