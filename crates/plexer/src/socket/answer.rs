//! What each frame of a client does.

use std::{collections::BTreeMap, time::Instant};

use petit_app::Caller;
use petit_domain::{Acked, ChatId, Event, UserId, Weight};
use petit_ports::Announcement;
use petit_protocol::{ClientFrame, CloseCode, Cursors, ServerFrame, codes};

use super::{ACKS, FOCUS, Socket, WATCH};
use crate::{
    frames::{NotAFrame, decode},
    send_queue::Lost,
    websocket::{Incoming, pong_frame},
};

impl Socket {
    pub(super) async fn take(&mut self, message: Incoming) {
        if self.connection.with(|state| state.closing()).is_some() {
            return;
        }
        self.connection.heard_at(Instant::now());
        match message {
            Incoming::Text(text) => match decode(&text) {
                Ok(frame) => self.frame(frame).await,
                Err(NotAFrame::Shape(detail)) => self.error(codes::INVALID_BODY, detail, None),
                Err(NotAFrame::Json) => self.connection.close(None, CloseCode::BadFrame, "not JSON", false),
            },
            Incoming::Ping(payload) => self.connection.send_bytes(pong_frame(&payload)),
            Incoming::Pong => {}
            Incoming::Close(_) => self.connection.close(None, CloseCode::Normal, "", false),
        }
    }

    async fn frame(&mut self, frame: ClientFrame) {
        match (frame, self.connection.caller()) {
            (ClientFrame::Identify { ticket, cursors, generation }, None) => {
                self.identify(&ticket, cursors, generation.as_deref()).await;
            }
            (ClientFrame::Resume { token, received, cursors }, None) => {
                self.resume(&token, received, cursors).await;
            }
            (ClientFrame::Identify { .. } | ClientFrame::Resume { .. }, Some(_)) => {
                let reason = "this connection is identified already";
                self.connection.close(None, CloseCode::AlreadyIdentified, reason, false);
            }
            (_, None) => {
                let reason = "identify or resume comes first";
                self.connection.close(None, CloseCode::NotIdentified, reason, false);
            }
            (frame, Some(caller)) => self.identified(frame, caller).await,
        }
    }

    async fn identified(&mut self, frame: ClientFrame, caller: Caller) {
        match frame {
            ClientFrame::Ping { received } => self.ping(caller, received).await,
            ClientFrame::Request(request) => self.request(caller, request),
            ClientFrame::Focus { chats } => self.focus(chats),
            ClientFrame::Ack { chats } => self.ack(caller, chats).await,
            ClientFrame::Typing { chat } => self.typing(caller, chat).await,
            ClientFrame::Activity { active } => {
                self.connection.with(|state| state.set_active(active));
                self.plexer.hub.observe_presence(caller.user).await;
            }
            ClientFrame::Watch { users } => self.watch(caller, users).await,
            ClientFrame::Identify { .. } | ClientFrame::Resume { .. } => {}
        }
    }

    pub(super) fn error(&self, code: &str, detail: String, id: Option<u64>) {
        self.connection.send(&ServerFrame::Error { code: code.to_owned(), detail, id });
    }

    async fn ping(&mut self, caller: Caller, received: u64) {
        let focus = self.connection.with(|state| {
            state.send_queue.acknowledge(received);
            state.focus()
        });
        let heads = match focus.is_empty() {
            true => Cursors::new(),
            false => self.plexer.stage.backstage.heads_for(caller.user, &focus).await,
        };
        self.connection.send(&ServerFrame::Pong { heads });
    }

    fn focus(&self, chats: Vec<ChatId>) {
        if chats.len() > FOCUS {
            return self.error(codes::INVALID_PARAMETER, format!("At most {FOCUS} chats in `focus`."), None);
        }
        self.connection.with(|state| state.set_focus(chats));
    }

    async fn ack(&mut self, caller: Caller, chats: BTreeMap<ChatId, Acked>) {
        if chats.len() > ACKS {
            return self.error(codes::INVALID_PARAMETER, format!("At most {ACKS} chats in `ack`."), None);
        }
        // A hint: what is lost is made up for by what the client says next.
        if let Err(error) = self.plexer.stage.backstage.ack(caller.user, chats.into_iter().collect()).await {
            tracing::debug!(%error, "what a client has could not be noted");
        }
    }

    async fn typing(&mut self, caller: Caller, chat: ChatId) {
        if !self.connection.with(|state| state.may_type(Instant::now())) {
            return;
        }
        if let Err(error) = self.plexer.stage.backstage.announce_typing(caller.user, chat).await {
            self.error(error.code(), error.to_string(), None);
        }
    }

    async fn watch(&mut self, caller: Caller, users: Vec<UserId>) {
        if users.len() > WATCH {
            return self.error(codes::INVALID_PARAMETER, format!("At most {WATCH} people in `watch`."), None);
        }
        match self.plexer.hub.watch(&self.connection, caller.user, users).await {
            Ok(watched) => self.show(&watched).await,
            Err(error) => self.error(error.code(), error.to_string(), None),
        }
    }

    /// Sends how these people are now.
    async fn show(&mut self, users: &[UserId]) {
        let all = self.plexer.hub.shown(users).await;
        for (user, shown) in users.iter().zip(all) {
            let event = Event::PresenceChanged { user: *user, presence: shown.presence, since: shown.since };
            self.connection.push_event(&Announcement::new(event), Weight::Hint, Instant::now());
        }
        self.connection.flush();
    }

    /// Tells which events were dropped, now that there is room for it.
    pub(super) async fn tell(&mut self, lost: Lost) {
        let chats = match lost {
            Lost::Nothing => return,
            Lost::Everything => return self.connection.send(&ServerFrame::Resync { chats: Vec::new() }),
            Lost::Chats(chats) => chats,
        };
        let Some(caller) = self.connection.caller() else { return };
        match self.plexer.stage.backstage.chats(caller.user).await {
            Ok(heads) => {
                let heads: Cursors = heads.into_iter().filter(|(chat, _)| chats.contains(chat)).collect();
                let gone: Vec<_> = chats.into_iter().filter(|chat| !heads.contains_key(chat)).collect();
                if !heads.is_empty() {
                    self.connection.send(&ServerFrame::Dirty { chats: heads });
                }
                // They are no longer the person's: whoever fetches them finds that out.
                if !gone.is_empty() {
                    self.connection.send(&ServerFrame::Resync { chats: gone });
                }
            }
            Err(_) => self.connection.send(&ServerFrame::Resync { chats }),
        }
    }
}
