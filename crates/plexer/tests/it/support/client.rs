use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use petit_domain::{Event, Timestamp};
use petit_protocol::{Cursors, ServerFrame};
use serde_json::{Value, json};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use super::{Member, Server};

/// A client of the socket.
pub struct Client {
    socket: WebSocketStream<TcpStream>,
    /// Event frames since `ready` or `resumed`.
    pub received: u64,
    pub resume_token: String,
}

impl Client {
    /// Opens a socket and takes the `hello`.
    pub async fn connect(server: &Server) -> Self {
        Self::over(server, TcpStream::connect(server.address).await.expect("a connection")).await
    }

    /// A client whose kernel takes little that it does not read.
    pub async fn with_small_buffers(server: &Server) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4096).expect("the kernel takes the size");
        Self::over(server, socket.connect(server.address).await.expect("a connection")).await
    }

    async fn over(server: &Server, stream: TcpStream) -> Self {
        let mut request =
            format!("ws://{}/v1/socket", server.address).into_client_request().expect("a request");
        let protocol = "petit.v1.json".parse().expect("a value");
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let (socket, response) = client_async(request, stream).await.expect("a handshake");
        assert_eq!(response.headers()["sec-websocket-protocol"], "petit.v1.json");
        let mut client = Self { socket, received: 0, resume_token: String::new() };
        let hello = client.frame().await;
        assert!(matches!(hello, ServerFrame::Hello { version: 1, time, .. } if time > Timestamp::default()));
        client
    }

    /// Connects and asks to be identified without cursors; the answer is not read yet.
    pub async fn fresh(server: &Server, member: &Member) -> Self {
        let mut client = Self::connect(server).await;
        client.say(json!({ "type": "identify", "ticket": server.ticket(member) })).await;
        client
    }

    /// Connects and identifies without cursors.
    pub async fn of(server: &Server, member: &Member) -> Self {
        let mut client = Self::connect(server).await;
        client.identify(&server.ticket(member), &Cursors::new()).await;
        client
    }

    pub async fn identify(&mut self, ticket: &str, cursors: &Cursors) {
        self.say(json!({ "type": "identify", "ticket": ticket, "cursors": cursors })).await;
        match self.frame().await {
            ServerFrame::Ready { resume_token, .. } => self.resume_token = resume_token,
            other => panic!("not ready: {other:?}"),
        }
    }

    /// Connects and goes on where `broken` stopped. Answers whether exactly, and how many events follow.
    pub async fn resuming(server: &Server, broken: &Broken, cursors: &Cursors) -> (Self, bool, u64) {
        let mut client = Self::connect(server).await;
        let (token, received) = (&broken.resume_token, broken.received);
        client
            .say(json!({ "type": "resume", "token": token, "received": received, "cursors": cursors }))
            .await;
        match client.frame().await {
            ServerFrame::Resumed { exact, replayed, resume_token, .. } => {
                client.resume_token = resume_token;
                (client, exact, replayed)
            }
            other => panic!("not resumed: {other:?}"),
        }
    }

    pub async fn say(&mut self, frame: Value) {
        self.send(Message::text(frame.to_string())).await;
    }

    pub async fn send(&mut self, message: Message) {
        self.socket.send(message).await.expect("the socket takes it");
    }

    /// Writes bytes below the WebSocket layer.
    pub async fn write_raw(&mut self, bytes: &[u8]) {
        self.socket.get_mut().write_all(bytes).await.expect("the socket takes it");
    }

    /// The next frame.
    pub async fn frame(&mut self) -> ServerFrame {
        match self.message().await {
            Message::Text(text) => {
                let frame = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
                self.received += u64::from(matches!(frame, ServerFrame::Event { .. }));
                frame
            }
            other => panic!("not a frame: {other:?}"),
        }
    }

    pub async fn message(&mut self) -> Message {
        let next = timeout(Duration::from_secs(20), self.socket.next()).await.expect("something in time");
        next.expect("not the end").expect("a message")
    }

    /// The next frame that is an event.
    pub async fn event(&mut self) -> Event {
        loop {
            if let ServerFrame::Event { event } = self.frame().await {
                return event;
            }
        }
    }

    /// The events up to the one that `last` recognises.
    pub async fn events_until(&mut self, last: impl Fn(&Event) -> bool) -> Vec<Event> {
        let mut events = vec![self.event().await];
        while !events.last().is_some_and(&last) {
            events.push(self.event().await);
        }
        events
    }

    /// Everything the server has for this client by now: its frames before the answer to a ping.
    pub async fn frames_so_far(&mut self) -> Vec<ServerFrame> {
        self.say(json!({ "type": "ping", "received": self.received })).await;
        let mut frames = Vec::new();
        loop {
            match self.frame().await {
                ServerFrame::Pong { .. } => return frames,
                frame => frames.push(frame),
            }
        }
    }

    pub async fn events_so_far(&mut self) -> Vec<Event> {
        let frames = self.frames_so_far().await.into_iter();
        frames
            .filter_map(|frame| if let ServerFrame::Event { event } = frame { Some(event) } else { None })
            .collect()
    }

    /// Runs a request and answers its status and body; events in between are dropped.
    pub async fn request(&mut self, id: u64, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut frame = json!({ "type": "request", "id": id, "method": method, "path": path });
        if let Some(body) = body {
            frame["body"] = body;
        }
        self.say(frame).await;
        loop {
            match self.frame().await {
                ServerFrame::Response { id: of, status, body } if of == id => {
                    let body =
                        body.map_or(Value::Null, |body| serde_json::from_str(body.get()).expect("JSON"));
                    return (status, body);
                }
                ServerFrame::Error { code, detail, id: of } if of == Some(id) => panic!("{code}: {detail}"),
                _ => {}
            }
        }
    }

    /// The code the server closes with.
    pub async fn close_code(&mut self) -> u16 {
        loop {
            if let Message::Close(frame) = self.message().await {
                return frame.expect("a code").code.into();
            }
        }
    }

    /// Breaks the socket without a farewell. What the client knew then is left.
    pub fn broken(self) -> Broken {
        Broken { received: self.received, resume_token: self.resume_token }
    }
}

/// What is left of a client whose socket is gone.
pub struct Broken {
    pub received: u64,
    pub resume_token: String,
}
