//! One-use tickets that open a socket or an event stream without putting a session's secret into an address.

use dashmap::DashMap;
use petit_domain::{SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::{App, AppError, Caller};

const PURPOSE: &str = "socket-ticket";
const LIFETIME_S: i64 = 60;

#[derive(Serialize, Deserialize)]
struct Ticket {
    user: UserId,
    session: SessionId,
    nonce: u64,
    until: i64,
}

/// Tickets used on this node that have not expired.
#[derive(Default)]
pub(crate) struct UsedTickets(DashMap<u64, i64>);

impl UsedTickets {
    /// Whether this is the first use.
    fn first_use(&self, ticket: &Ticket, now: Timestamp) -> bool {
        if self.0.len() > 10_000 {
            self.0.retain(|_, until| *until > now.micros());
        }
        self.0.insert(ticket.nonce, ticket.until).is_none()
    }
}

/// A ticket for the caller's session, good for one minute.
pub fn issue(app: &App, caller: &Caller) -> (String, Timestamp) {
    let until = app.now().plus_seconds(LIFETIME_S);
    let nonce = app.random().next_u64();
    let ticket = Ticket { user: caller.user, session: caller.session, nonce, until: until.micros() };
    (app.sign(PURPOSE, &serde_json::to_vec(&ticket).expect("tickets are plain values")), until)
}

/// Whom a ticket is for. Works once, and only while the session lives.
pub async fn redeem(app: &App, ticket: &str) -> Result<Caller, AppError> {
    let payload = app.verify(PURPOSE, ticket).ok_or(AppError::Unauthenticated)?;
    let ticket: Ticket = serde_json::from_slice(&payload).map_err(|_| AppError::Unauthenticated)?;
    let now = app.now();
    if ticket.until <= now.micros() || !app.used_tickets.first_use(&ticket, now) {
        return Err(AppError::Unauthenticated);
    }
    let caller = Caller { user: ticket.user, session: ticket.session };
    if crate::sessions::still_live(app, &caller).await? { Ok(caller) } else { Err(AppError::Unauthenticated) }
}
