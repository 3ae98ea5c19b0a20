use std::time::Duration;

/// How patient the plexer is. The usual values are what `docs/PROTOCOL.md` promises; tests shorten them.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How often clients have to ping. Two missed ones end a connection.
    pub ping_interval: Duration,
    /// How long a socket may stay without `identify` or `resume`.
    pub identify_within: Duration,
    /// How long the events of a broken connection are kept.
    pub resume_within: Duration,
    /// How long a connection may be too slow for its events.
    pub full_for: Duration,
    /// How long events of a busy chat are gathered before they are written.
    pub gather: Duration,
    /// How often deadlines are looked at.
    pub sweep_every: Duration,
    /// In what time every open connection's session is looked at again, if there are not too many.
    pub recheck_sessions: Duration,
    /// How often a quiet event stream gets a comment.
    pub comment_every: Duration,
    /// How long somebody without a connection still counts as here.
    pub offline_after: Duration,
    /// The shortest time between two presence changes of one person.
    pub presence_every: Duration,
    /// How often what was heard of chats is compared with the log.
    pub compare_every: Duration,
    /// How long an event may be on its way before it counts as lost.
    pub compare_grace: Duration,
    /// In what time everybody's chats are read again while nothing seems to be lost. Once something does,
    /// they are read with the next comparison.
    pub recheck_chats: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            ping_interval: Duration::from_secs(30),
            identify_within: Duration::from_secs(10),
            resume_within: Duration::from_secs(60),
            full_for: Duration::from_secs(30),
            gather: Duration::from_millis(5),
            sweep_every: Duration::from_millis(500),
            recheck_sessions: Duration::from_secs(4),
            comment_every: Duration::from_secs(15),
            offline_after: Duration::from_secs(30),
            presence_every: Duration::from_secs(5),
            compare_every: Duration::from_secs(10),
            compare_grace: Duration::from_secs(2),
            recheck_chats: Duration::from_secs(60),
        }
    }
}

impl Settings {
    /// In how many comparisons everybody's chats are read again.
    pub(crate) fn rounds_to_recheck_chats(&self) -> usize {
        let rounds = self.recheck_chats.as_millis() / self.compare_every.as_millis().max(1);
        usize::try_from(rounds).unwrap_or(usize::MAX).max(1)
    }
}
