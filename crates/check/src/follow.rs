//! Listening: one socket after the other, each from where the last one broke.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use parking_lot::Mutex;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{net::TcpStream, sync::watch, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::{
    api::{Api, Reply},
    dice::Dice,
    local::{Chat, Local},
};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A frame or a pong comes at least this often.
const SILENCE: Duration = Duration::from_secs(12);
const PING: Duration = Duration::from_secs(4);
/// After so many events it is said what was delivered.
const ACK_EVERY: u64 = 3;

/// Follows until told to stop. Each change of `moves` makes it go to another node.
pub(crate) async fn follow(
    api: Api,
    local: Arc<Mutex<Local>>,
    mut moves: watch::Receiver<Option<usize>>,
    mut dice: Dice,
) {
    loop {
        let Some(node) = *moves.borrow_and_update() else { return };
        tokio::select! {
            _ = listen(&api, node, &local) => {}
            _ = moves.changed() => {}
        }
        // As clients do: not all at once, and not always to the same node.
        tokio::time::sleep(Duration::from_millis(100 + dice.below(700))).await;
        if moves.borrow().is_none() {
            return;
        }
        if !moves.has_changed().unwrap_or(false) {
            let next = dice.below(api.nodes() as u64) as usize;
            moves.borrow_and_update();
            tokio::select! {
                _ = listen(&api, next, &local) => {}
                _ = moves.changed() => {}
            }
        }
    }
}

async fn listen(api: &Api, node: usize, local: &Mutex<Local>) -> Result<()> {
    let mut socket = timeout(Duration::from_secs(5), open(api.url(node))).await??;
    greet(&mut socket, api, node, local).await?;
    let mut pings = tokio::time::interval(PING);
    loop {
        tokio::select! {
            frame = timeout(SILENCE, receive(&mut socket)) => {
                take(&frame??, local)?;
                repair(api, node, local).await;
                if local.lock().received.is_multiple_of(ACK_EVERY) {
                    let acks = local.lock().acks();
                    send(&mut socket, &json!({"type": "ack", "chats": acks})).await?;
                }
            }
            _ = pings.tick() => {
                let received = local.lock().received;
                send(&mut socket, &json!({"type": "ping", "received": received})).await?;
            }
        }
    }
}

async fn open(url: &str) -> Result<Socket> {
    let address = format!("{}/v1/socket", url.replacen("http", "ws", 1));
    let mut request = address.into_client_request()?;
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("petit.v1.json"));
    Ok(connect_async(request).await?.0)
}

async fn send(socket: &mut Socket, frame: &Value) -> Result<()> {
    Ok(socket.send(Message::text(frame.to_string())).await?)
}

async fn receive(socket: &mut Socket) -> Result<Value> {
    loop {
        match socket.next().await.context("the socket ended")?? {
            Message::Text(text) => return Ok(serde_json::from_str(&text)?),
            Message::Close(close) => bail!("closed: {close:?}"),
            _ => {}
        }
    }
}

/// Says who this is, and from where to go on.
async fn greet(socket: &mut Socket, api: &Api, node: usize, local: &Mutex<Local>) -> Result<()> {
    let hello = timeout(SILENCE, receive(socket)).await??;
    if hello["type"] != "hello" {
        bail!("no hello");
    }
    let (token, received, cursors) = {
        let mut local = local.lock();
        (local.token.take(), local.received, local.cursors())
    };
    let frame = match token {
        Some(token) => json!({"type": "resume", "token": token, "received": received, "cursors": cursors}),
        None => {
            let ticket = api.call(node, Method::POST, "/v1/socket-ticket", None).await.done();
            let ticket = ticket.context("no ticket")?["ticket"].clone();
            json!({"type": "identify", "ticket": ticket, "cursors": cursors})
        }
    };
    send(socket, &frame).await
}

fn take(frame: &Value, local: &Mutex<Local>) -> Result<()> {
    let mut local = local.lock();
    match frame["type"].as_str().unwrap_or_default() {
        kind @ ("ready" | "resumed") => {
            local.token = frame["resume_token"].as_str().map(str::to_owned);
            local.received = 0;
            match (kind, frame["exact"] == true) {
                ("resumed", true) => local.resumed_exactly += 1,
                ("resumed", false) => local.resumed_by_cursor += 1,
                _ => {}
            }
            if frame["exact"] != true {
                // What no log numbers: chats that were added meanwhile. They are in the list.
                local.stale.insert(String::new());
            }
        }
        "event" => {
            local.received += 1;
            local.apply(&frame["event"]);
        }
        "resync" | "dirty" => {
            let named: Vec<String> = serde_json::from_value(frame["chats"].clone()).unwrap_or_default();
            let known: Vec<String> = local.chats.keys().cloned().collect();
            let stale = known.into_iter().filter(|chat| named.is_empty() || named.contains(chat));
            local.stale.extend(stale.collect::<Vec<_>>());
            local.stale.insert(String::new());
        }
        "goaway" => bail!("sent away"),
        _ => {}
    }
    Ok(())
}

/// Fetches what is stale. What does not come stays stale.
pub(crate) async fn repair(api: &Api, node: usize, local: &Mutex<Local>) {
    let stale: Vec<String> = local.lock().stale.iter().cloned().collect();
    for id in stale {
        let is_done =
            if id.is_empty() { list(api, node, local).await } else { one(api, node, &id, local).await };
        if is_done {
            local.lock().stale.remove(&id);
        }
    }
}

async fn list(api: &Api, node: usize, local: &Mutex<Local>) -> bool {
    let Some(listed) = api.all(node, "/v1/chats?limit=100").await else { return false };
    let mut local = local.lock();
    for chat in listed {
        let id = crate::local::text(&chat["id"]);
        local.gone.remove(&id);
        if !local.chats.contains_key(&id) {
            local.stale.insert(id);
        }
    }
    true
}

async fn one(api: &Api, node: usize, id: &str, local: &Mutex<Local>) -> bool {
    let fetched = fetch(api, node, id).await;
    let mut local = local.lock();
    match fetched {
        Fetched::Chat(chat) => {
            // A fetch that began before the newest event is older than what is known.
            if !local.gone.contains(id)
                && local.chats.get(id).is_none_or(|known| known.seq <= chat.seq && known.cseq <= chat.cseq)
            {
                local.chats.insert(id.to_owned(), *chat);
            }
            true
        }
        // Who was removed without hearing of it learns it here. Who was added a moment ago asks again.
        Fetched::NotYours => local.chats.remove(id).is_some() || local.gone.contains(id),
        Fetched::Unanswered => local.gone.contains(id),
    }
}

/// What became of reading a chat.
pub(crate) enum Fetched {
    Chat(Box<Chat>),
    /// One is not in it.
    NotYours,
    Unanswered,
}

/// One chat as it is now: its heads first, so that what comes after them is applied again and not missed.
pub(crate) async fn fetch(api: &Api, node: usize, id: &str) -> Fetched {
    let path = format!("/v1/chats/{id}");
    let chat = match api.get(node, &path).await {
        Reply::Done(chat) => chat,
        Reply::Refused(404, _) => return Fetched::NotYours,
        Reply::Refused(..) | Reply::Unknown(_) => return Fetched::Unanswered,
    };
    let messages = api.all(node, &format!("{path}/messages?after=-1&limit=100")).await;
    let members = api.all(node, &format!("{path}/members?limit=100")).await;
    let (Some(messages), Some(members)) = (messages, members) else { return Fetched::Unanswered };
    let mut fetched = Chat::fetched(&chat, &messages, &members);
    fetched.messages.retain(|seq, _| *seq <= fetched.seq);
    Fetched::Chat(Box::new(fetched))
}
