use std::{net::TcpStream, time::Duration};

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{
    Message, WebSocket, client::IntoClientRequest, connect, stream::MaybeTlsStream,
};

use super::Server;

/// A socket of somebody who is signed in, which remembers the events that came.
pub struct Socket {
    wire: WebSocket<MaybeTlsStream<TcpStream>>,
    pub resume_token: String,
    pub events: Vec<Value>,
}

impl Socket {
    /// Begins with what is live from now on.
    pub fn identify(server: &Server, token: &str) -> Self {
        let ticket = server.api(token).call("POST", "/v1/socket-ticket", None).expect("answered").expect(201);
        Self::begin(server, &json!({"type": "identify", "ticket": ticket["ticket"]}))
    }

    /// Goes on from another socket of which so many events came, or else from these cursors.
    pub fn resume(server: &Server, token: &str, received: usize, cursors: &Value) -> Self {
        Self::begin(
            server,
            &json!({"type": "resume", "token": token, "received": received, "cursors": cursors}),
        )
    }

    fn begin(server: &Server, first: &Value) -> Self {
        let url = format!("ws://{}/v1/socket", server.address).into_client_request().expect("an address");
        let (wire, _) = connect(url).expect("a socket");
        if let MaybeTlsStream::Plain(stream) = wire.get_ref() {
            stream.set_read_timeout(Some(Duration::from_secs(20))).expect("the kernel lets us");
        }
        let mut socket = Self { wire, resume_token: String::new(), events: Vec::new() };
        assert_eq!(socket.frame()["type"], "hello");
        socket.wire.send(Message::text(first.to_string())).expect("it takes it");
        let begun = socket.frame();
        socket.resume_token = begun["resume_token"].as_str().unwrap_or_else(|| panic!("{begun}")).to_owned();
        socket
    }

    /// Sends a frame.
    pub fn say(&mut self, frame: &Value) {
        self.wire.send(Message::text(frame.to_string())).expect("it takes it");
    }

    fn frame(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.wire.read().expect("a frame in time") {
                return serde_json::from_str(&text).expect("JSON");
            }
        }
    }

    /// Reads until an event came for which this holds; answers it.
    pub fn hear(&mut self, holds: impl Fn(&Value) -> bool) -> Value {
        loop {
            if let Some(found) = self.events.iter().find(|event| holds(event)) {
                return found.clone();
            }
            let frame = self.frame();
            if frame["type"] == "event" {
                self.events.push(frame["event"].clone());
            }
        }
    }
}
