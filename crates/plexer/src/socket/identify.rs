//! How a connection begins: as a new one with a ticket, or as a broken one that goes on.

use petit_app::{AppError, Caller};
use petit_protocol::{CloseCode, Cursors, ServerFrame, codes};

use super::{CURSORS, Socket, millis};
use crate::{frames::encode, tokens::Claims};

impl Socket {
    pub(super) async fn identify(&mut self, ticket: &str, cursors: Cursors) {
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
        let result = self
            .begin(caller, cursors, |token, _, settings| ServerFrame::Ready {
                user: caller.user,
                session: caller.session,
                resume_token: token,
                resume_within_ms: millis(settings.resume_within),
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
        if self.go_on(&claims, received).await {
            return;
        }
        if !self.plexer.tokens.is_fresh(&claims) {
            return self.refuse_resume();
        }
        let begun =
            |token, replayed, _: &_| ServerFrame::Resumed { exact: false, replayed, resume_token: token };
        let result = self.begin(claims.caller(), cursors, begun).await;
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
    /// the client drops by its number.
    async fn begin(
        &mut self,
        caller: Caller,
        cursors: Cursors,
        frame: impl FnOnce(String, u64, &crate::Settings) -> ServerFrame,
    ) -> Result<(), AppError> {
        let plexer = self.plexer.clone();
        plexer.hub.register(&self.connection, caller).await?;
        let missed = plexer.stage.backstage.missed(caller.user, cursors).await?;
        let token = plexer.tokens.issue(self.connection.id, self.generation, caller);
        self.connection.send(&frame(token, missed.events.len() as u64, &plexer.settings));
        if !missed.resync.is_empty() {
            self.connection.send(&ServerFrame::Resync { chats: missed.resync });
        }
        for event in missed.events {
            if !self.room().await {
                return Ok(());
            }
            self.connection.with(|state| state.outbox.push_replayed(event));
        }
        self.connection.with(|state| state.outbox.go_live());
        self.connection.flush();
        Ok(())
    }

    /// Takes over the broken connection itself, if it is still here with all that was missed.
    async fn go_on(&mut self, claims: &Claims, received: u64) -> bool {
        let hub = self.plexer.hub.clone();
        let Some(old) = hub.find(claims.connection) else { return false };
        let same = old.with(|state| state.generation) == claims.generation;
        // What this socket has to write of its own comes first.
        if !same || old.caller() != Some(claims.caller()) || !self.room().await {
            return false;
        }
        let resumed = |generation, replayed| {
            let token = self.plexer.tokens.issue(claims.connection, generation, claims.caller());
            Some(encode(&ServerFrame::Resumed { exact: true, replayed, resume_token: token }))
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
