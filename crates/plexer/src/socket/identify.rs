//! How a connection begins: as a new one with a ticket, or as a broken one that goes on.

use petit_app::{AppError, Caller};
use petit_ports::Generation;
use petit_protocol::{CloseCode, Cursors, ServerFrame, codes};

use super::{CURSORS, Socket, millis};
use crate::{frames::encode, tokens::Claims};

/// What a client says it knows, and what that is worth.
struct From {
    cursors: Cursors,
    /// What the store holds now.
    history: Generation,
    /// Whether the numbers are of that.
    is_known: bool,
}

impl Socket {
    pub(super) async fn identify(&mut self, ticket: &str, cursors: Cursors, generation: Option<&str>) {
        if self.has_too_many(&cursors) {
            return;
        }
        let caller = match self.plexer.stage.backstage.redeem_ticket(ticket).await {
            Ok(caller) => caller,
            Err(AppError::Unauthenticated) => {
                let reason = "the ticket is unknown, used or too old";
                return self.connection.close(None, CloseCode::TicketRefused, reason, false);
            }
            Err(error) => return self.give_up(&error),
        };
        let history = match self.plexer.stage.backstage.generation().await {
            Ok(history) => history,
            Err(error) => return self.give_up(&error),
        };
        let from = From { cursors, history, is_known: history.holds(generation) };
        let result = self
            .begin(caller, from, |token, _, settings| ServerFrame::Ready {
                user: caller.user,
                session: caller.session,
                resume_token: token,
                resume_within_ms: millis(settings.resume_within),
                generation: history.name(),
            })
            .await;
        result.unwrap_or_else(|error| self.give_up(&error));
    }

    pub(super) async fn resume(&mut self, token: &str, received: u64, cursors: Cursors) {
        if self.has_too_many(&cursors) {
            return;
        }
        let Some(claims) = self.plexer.tokens.redeem(token) else { return self.refuse_resume() };
        match self.plexer.stage.backstage.ended(&[claims.caller()]).await {
            Ok(ended) if ended.is_empty() => {}
            Ok(_) => {
                let reason = "the session has ended";
                return self.connection.close(None, CloseCode::SessionRevoked, reason, false);
            }
            Err(error) => return self.give_up(&error),
        }
        let history = match self.plexer.stage.backstage.generation().await {
            Ok(history) => history,
            Err(error) => return self.give_up(&error),
        };
        let is_known = claims.is_of(history);
        if is_known && self.go_on(&claims, received, history).await {
            return;
        }
        if !self.plexer.tokens.is_fresh(&claims) {
            return self.refuse_resume();
        }
        let begun = |token, replayed, _: &_| ServerFrame::Resumed {
            exact: false,
            replayed,
            generation: history.name(),
            resume_token: token,
        };
        let from = From { cursors, history, is_known };
        let result = self.begin(claims.caller(), from, begun).await;
        result.unwrap_or_else(|error| self.give_up(&error));
    }

    fn refuse_resume(&self) {
        let reason = "the resume token is unknown, used or too old";
        self.connection.close(None, CloseCode::ResumeRefused, reason, false);
    }

    /// A part behind us does not answer: the client tries again, as after a restart.
    fn give_up(&self, error: &AppError) {
        tracing::warn!(%error, "a connection could not begin");
        self.connection.close(None, CloseCode::Restart, "not available now, try again", false);
    }

    fn has_too_many(&self, cursors: &Cursors) -> bool {
        let too_many = cursors.len() > CURSORS;
        if too_many {
            self.error(codes::INVALID_PARAMETER, format!("At most {CURSORS} chats in `cursors`."), None);
        }
        too_many
    }

    /// Listens first and looks into the log then, so that nothing falls between; what is seen twice
    /// the client drops by its number. Numbers of another history, or of an unknown one, say nothing:
    /// the client fetches these chats, whatever can be replayed.
    async fn begin(
        &mut self,
        caller: Caller,
        from: From,
        frame: impl FnOnce(String, u64, &crate::Settings) -> ServerFrame,
    ) -> Result<(), AppError> {
        let plexer = self.plexer.clone();
        plexer.hub.register(&self.connection, caller).await?;
        let mut resync: Vec<_> = from.cursors.keys().copied().filter(|_| !from.is_known).collect();
        let missed = plexer.stage.backstage.missed(caller.user, from.cursors).await?;
        if from.is_known {
            resync = missed.resync;
        }
        let token = plexer.tokens.issue(self.connection.id, self.generation, caller, from.history);
        self.connection.send(&frame(token, missed.events.len() as u64, &plexer.settings));
        if !resync.is_empty() {
            self.connection.send(&ServerFrame::Resync { chats: resync });
        }
        for event in missed.events {
            if !self.room().await {
                return Ok(());
            }
            self.connection.with(|state| state.send_queue.push_replayed(event));
        }
        self.connection.with(|state| state.send_queue.go_live());
        self.connection.flush();
        Ok(())
    }

    /// Takes over the broken connection itself, if it is still here with all that was missed.
    async fn go_on(&mut self, claims: &Claims, received: u64, history: Generation) -> bool {
        let hub = self.plexer.hub.clone();
        let Some(old) = hub.find(claims.connection) else { return false };
        let same = old.with(|state| state.generation) == claims.generation;
        // What this socket has to write of its own comes first.
        if !same || old.caller() != Some(claims.caller()) || !self.room().await {
            return false;
        }
        let resumed = |generation, replayed| {
            let token = self.plexer.tokens.issue(claims.connection, generation, claims.caller(), history);
            let generation = history.name();
            Some(encode(&ServerFrame::Resumed { exact: true, replayed, generation, resume_token: token }))
        };
        let Some(generation) = old.adopt(self.wire.link(), received, resumed) else {
            hub.forget(&old).await;
            return false;
        };
        let placeholder = std::mem::replace(&mut self.connection, old);
        self.generation = generation;
        placeholder.detach(0, false);
        hub.forget(&placeholder).await;
        self.connection.heard_at(std::time::Instant::now());
        self.connection.flush();
        hub.observe_presence(claims.caller().user).await;
        true
    }
}
