use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::Router;
use petit_protocol::{CloseCode, ServerFrame};
use tokio::time::{Instant, sleep};

use crate::{
    backstage::Stage,
    connection::{Connection, Kind},
    hub::Hub,
    settings::Settings,
    tokens::Tokens,
};

/// How many connections are told of a restart before other tasks get a turn.
const TURN: usize = 32;
/// How often somebody is sent away while the window is open.
const MOMENT: Duration = Duration::from_millis(250);
/// How long the last of them get to take their farewell.
const FAREWELL: Duration = Duration::from_secs(5);
/// When clients should come back after a restart, in milliseconds: the more of them, the longer it takes at the most,
/// so that no more than two come in each millisecond.
const SOONEST_MS: u64 = 200;
const LATEST_MS: std::ops::RangeInclusive<u64> = 1_000..=10_000;
const IN_A_MILLISECOND: u64 = 2;

/// The gateway of one node.
pub struct Plexer {
    pub(crate) stage: Stage,
    pub(crate) hub: Arc<Hub>,
    /// What requests that come over a socket are answered by.
    pub(crate) api: Router,
    pub(crate) settings: Settings,
    pub(crate) tokens: Tokens,
    draining: AtomicBool,
}

impl Plexer {
    pub(crate) fn new(stage: Stage, hub: Arc<Hub>, api: Router, settings: Settings) -> Self {
        let tokens = Tokens::new(stage.clone());
        Self { stage, hub, api, settings, tokens, draining: AtomicBool::new(false) }
    }

    /// Takes no new connections and asks everybody to connect again elsewhere or later, at random times:
    /// a share of them in each moment of the window, so that whoever takes them over is not overrun.
    /// Requests that are being answered are waited for. Returns when all have gone or had their time.
    pub async fn drain(&self, window: Duration) {
        self.draining.store(true, Ordering::Relaxed);
        let ends = Instant::now() + window;
        let mut to_go = self.hub.all();
        let back = back_within(to_go.len());
        loop {
            let left = ends.saturating_duration_since(Instant::now());
            let moments = left.as_millis().div_ceil(MOMENT.as_millis()).max(1);
            let share = to_go.len().div_ceil(usize::try_from(moments).unwrap_or(usize::MAX));
            send_away(&mut to_go, share, back).await;
            if left.is_zero() {
                break;
            }
            sleep(MOMENT.min(left)).await;
        }
        // Handshakes that had begun have ended by now.
        self.see_off(self.hub.all(), back).await;
    }

    /// Waits for those who were sent away, and for the last answers of those who are not yet.
    async fn see_off(&self, mut to_go: Vec<Arc<Connection>>, back: [u64; 2]) {
        let deadline = Instant::now() + FAREWELL;
        while self.hub.has_sockets() && Instant::now() < deadline {
            let all = to_go.len();
            send_away(&mut to_go, all, back).await;
            sleep(Duration::from_millis(20)).await;
        }
        to_go.iter().for_each(|connection| restart(connection, back));
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}

/// Sends up to `share` connections away, but for those that wait for an answer.
async fn send_away(to_go: &mut Vec<Arc<Connection>>, share: usize, back: [u64; 2]) {
    let (waiting, free): (Vec<_>, Vec<_>) =
        std::mem::take(to_go).into_iter().partition(|each| each.with(|state| state.waits_for_answers()));
    let (now, later) = free.split_at(share.min(free.len()));
    for turn in now.chunks(TURN) {
        turn.iter().for_each(|connection| restart(connection, back));
        tokio::task::yield_now().await;
    }
    to_go.extend(later.iter().cloned().chain(waiting));
}

/// When a crowd should come back.
fn back_within(crowd: usize) -> [u64; 2] {
    let latest = LATEST_MS.start() + crowd as u64 / IN_A_MILLISECOND;
    [SOONEST_MS, latest.min(*LATEST_MS.end())]
}

fn restart(connection: &Connection, reconnect_ms: [u64; 2]) {
    let farewell = ServerFrame::Goaway { reason: "restart".into(), reconnect_ms };
    let farewell = (connection.kind == Kind::Socket).then_some(&farewell);
    connection.close(farewell, CloseCode::Restart, "the server restarts", false);
}

#[cfg(test)]
mod tests {
    use super::back_within;

    #[test]
    fn a_crowd_comes_back_over_a_longer_time_than_a_few() {
        assert_eq!(back_within(0), [200, 1_000]);
        assert_eq!(back_within(2_000), [200, 2_000]);
        assert_eq!(back_within(1_000_000), [200, 10_000]);
    }
}
