//! Resume tokens: signed, for one connection of one session, good once.

use std::collections::HashMap;

use parking_lot::Mutex;
use petit_app::Caller;
use petit_domain::{SessionId, Timestamp, UserId};
use petit_ports::Generation;
use serde::{Deserialize, Serialize};

use crate::backstage::Stage;

const PURPOSE: &str = "resume";
/// How long a token is good when its connection is not here any more.
const LIFETIME_S: i64 = 600;
/// From this many on, expired ones are swept out before another is remembered.
const SWEEP_AT: usize = 1_024;

/// What a token stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) connection: u64,
    /// Of the connection; each resume makes a new one.
    pub(crate) generation: u32,
    user: UserId,
    session: SessionId,
    issued: i64,
    /// Name of the store's generation; nothing in tokens of a version that knew of none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    history: Option<String>,
}

impl Claims {
    pub(crate) fn caller(&self) -> Caller {
        Caller { user: self.user, session: self.session }
    }

    /// Whether what the client had by then is of this history.
    pub(crate) fn is_of(&self, history: Generation) -> bool {
        history.holds(self.history.as_deref())
    }

    fn is_expired(&self, now: Timestamp) -> bool {
        Timestamp::from_micros(self.issued).plus_seconds(LIFETIME_S) <= now
    }
}

/// Makes tokens and remembers the used ones until they would have expired anyway.
pub(crate) struct Tokens {
    stage: Stage,
    used: Mutex<HashMap<(u64, u32), Timestamp>>,
}

impl Tokens {
    pub(crate) fn new(stage: Stage) -> Self {
        Self { stage, used: Mutex::default() }
    }

    pub(crate) fn issue(
        &self,
        connection: u64,
        generation: u32,
        caller: Caller,
        history: Generation,
    ) -> String {
        let (user, session, issued) = (caller.user, caller.session, self.stage.now().micros());
        let history = Some(history.name());
        let claims = Claims { connection, generation, user, session, issued, history };
        let payload = serde_json::to_vec(&claims).expect("claims are plain values");
        self.stage.seal.sign(PURPOSE, &payload)
    }

    /// What a token stands for; `None` if it is not ours or was used. Takes its one use.
    pub(crate) fn redeem(&self, token: &str) -> Option<Claims> {
        let payload = self.stage.seal.verify(PURPOSE, token)?;
        let claims: Claims = serde_json::from_slice(&payload).ok()?;
        let mut used = self.used.lock();
        let now = self.stage.now();
        if used.len() >= SWEEP_AT {
            used.retain(|_, until| *until > now);
        }
        // Long-lived connections have old tokens; those expire with the connection instead.
        let until = now.plus_seconds(LIFETIME_S);
        used.insert((claims.connection, claims.generation), until).is_none().then_some(claims)
    }

    /// Whether a token is still good without its connection.
    pub(crate) fn is_fresh(&self, claims: &Claims) -> bool {
        !claims.is_expired(self.stage.now())
    }
}
