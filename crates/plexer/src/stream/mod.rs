//! Server-sent events: the second way to hear, for who cannot hold a socket.

mod body;
mod id;

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Query, Request, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use petit_app::{AppError, Caller};
use petit_ports::Generation;
use petit_protocol::codes;
use serde::Deserialize;

use self::{
    body::{EventStream, resync},
    id::EventId,
};
use crate::{
    auth::{self, is_same_site},
    connection::{Connection, Kind, Link},
    plexer::Plexer,
    problem::{problem, refusal},
    socket::come_back_later,
};

#[derive(Default, Deserialize)]
pub(crate) struct Asked {
    ticket: Option<String>,
}

/// `GET /v1/events`.
pub(crate) async fn open(
    State(plexer): State<Arc<Plexer>>,
    asked: Result<Query<Asked>, QueryRejection>,
    request: Request,
) -> Response {
    let (head, _) = request.into_parts();
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    if !is_same_site(&head.headers) {
        return problem(
            StatusCode::FORBIDDEN,
            codes::CROSS_SITE,
            "Another site's page may not open a stream.",
        );
    }
    if plexer.is_draining() {
        return come_back_later();
    }
    let caller = match auth::caller(&*plexer.stage.backstage, &head, asked.ticket.as_deref()).await {
        Ok(caller) => caller,
        Err(error) => return refusal(&error),
    };
    let last = head.headers.get("last-event-id").and_then(|id| id.to_str().ok());
    match begin(&plexer, caller, last).await {
        Ok(stream) => respond(stream),
        Err(error) => refusal(&error),
    }
}

fn respond(stream: EventStream) -> Response {
    let mut response = Body::from_stream(stream).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// Begins a stream where the client's last one stopped, if it says where.
async fn begin(plexer: &Arc<Plexer>, caller: Caller, last: Option<&str>) -> Result<EventStream, AppError> {
    let history = plexer.stage.backstage.generation().await?;
    let of_now = |id: &EventId| history.holds(id.history.as_deref());
    let id = last.map(|last| EventId::parse(last.trim()).filter(of_now));
    if let Some(Some(id)) = &id
        && let Some(stream) = go_on(plexer, caller, id, history).await
    {
        return Ok(stream);
    }
    let connection = plexer.hub.open(Kind::Stream, Link::Task);
    let stream = EventStream::new(plexer, connection.clone(), 0, history);
    plexer.hub.register(&connection, caller).await?;
    match id {
        None => {}
        Some(None) => connection.with(|state| state.send_queue.push_frame(resync(&[]))),
        Some(Some(id)) => replay(plexer, caller, &connection, id).await?,
    }
    connection.with(|state| state.send_queue.go_live());
    Ok(stream)
}

/// Asks the client to fetch, and tells what seems to have happened since, for those who only listen.
async fn replay(
    plexer: &Arc<Plexer>,
    caller: Caller,
    connection: &Connection,
    id: EventId,
) -> Result<(), AppError> {
    let since = id.at.plus_seconds(-10);
    let missed = plexer.stage.backstage.missed_since(caller.user, since).await?;
    connection.with(|state| {
        // Only numbers tell surely what is missing, and the client alone has those.
        state.send_queue.push_frame(resync(&[]));
        missed.events.into_iter().for_each(|event| state.send_queue.push_replayed(event));
    });
    Ok(())
}

/// Takes over the client's last stream itself, if it is still here with all that was missed.
async fn go_on(
    plexer: &Arc<Plexer>,
    caller: Caller,
    id: &EventId,
    history: Generation,
) -> Option<EventStream> {
    let connection = plexer.hub.find(id.connection)?;
    if connection.kind != Kind::Stream || connection.caller() != Some(caller) {
        return None;
    }
    let Some(generation) = connection.adopt(Link::Task, id.count, |_, _| None) else {
        plexer.hub.forget(&connection).await;
        return None;
    };
    plexer.hub.observe_presence(caller.user).await;
    Some(EventStream::new(plexer, connection, generation, history))
}
