use std::{
    io::{self, Error},
    net::{SocketAddr, TcpStream},
    sync::Mutex,
};

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{
    self, Message, WebSocket, client::IntoClientRequest, http::HeaderValue,
};

use super::{Known, lock, reconcile, repair};
use crate::support::Api;

/// Connects and takes what comes, until the connection breaks.
pub fn follow(address: SocketAddr, token: &str, known: &Mutex<Known>) -> io::Result<()> {
    let mut api = Api::connect(address, token)?;
    let mut socket = open(address)?;
    greet(&mut socket, &mut api, known)?;
    loop {
        let frame = receive(&mut socket)?;
        match frame["type"].as_str() {
            Some("ready" | "resumed") => begin(known, &frame),
            Some("event") => {
                let mut known = lock(known);
                known.received += 1;
                known.take(&frame["event"]);
            }
            Some("resync") => lock(known).take(&frame),
            other => panic!("an unexpected frame: {other:?}"),
        }
        match frame["type"] == "ready" || frame["exact"] == false {
            true => reconcile(known, &mut api)?,
            false => repair(known, &mut api)?,
        }
    }
}

fn open(address: SocketAddr) -> io::Result<WebSocket<TcpStream>> {
    let stream = TcpStream::connect(address)?;
    let mut request = format!("ws://{address}/v1/socket").into_client_request().map_err(Error::other)?;
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("petit.v1.json"));
    let (socket, _) =
        tungstenite::client(request, stream).map_err(|error| Error::other(error.to_string()))?;
    Ok(socket)
}

/// Says who this is, and from where to go on.
fn greet(socket: &mut WebSocket<TcpStream>, api: &mut Api, known: &Mutex<Known>) -> io::Result<()> {
    assert_eq!(receive(socket)?["type"], "hello");
    let (token, received, cursors) = {
        let known = lock(known);
        (known.place.clone(), known.received, cursors(&known))
    };
    let frame = match token {
        Some(token) => json!({"type": "resume", "token": token, "received": received, "cursors": cursors}),
        None => {
            let ticket = api.call("POST", "/v1/socket-ticket", None)?.expect(201)["ticket"].clone();
            json!({"type": "identify", "ticket": ticket, "cursors": cursors})
        }
    };
    socket.send(Message::text(frame.to_string())).map_err(Error::other)
}

fn cursors(known: &Known) -> Value {
    let chats = known.screen.chats.iter();
    chats
        .map(|(id, known)| {
            (id.to_string(), json!({"seq": known.chat.head_seq, "cseq": known.chat.head_cseq}))
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn begin(known: &Mutex<Known>, frame: &Value) {
    let mut known = lock(known);
    known.connected();
    known.place = frame["resume_token"].as_str().map(str::to_owned);
    known.received = 0;
}

fn receive(socket: &mut WebSocket<TcpStream>) -> io::Result<Value> {
    loop {
        match socket.read().map_err(Error::other)? {
            Message::Text(text) => return Ok(serde_json::from_str(&text).expect("frames are JSON")),
            Message::Close(close) => panic!("closed by a server that was not asked to end: {close:?}"),
            _ => {}
        }
    }
}
