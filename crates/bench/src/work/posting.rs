//! Chats that are posted to, and the ways of posting.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use petit_domain::ChatId;

use crate::{observer::Observer, people::Account, room, server::Server, wire::Wire};

/// A chat, who posts to it, and its number in the books.
#[derive(Clone)]
pub struct Target {
    pub chat: ChatId,
    pub owner: Account,
    pub book: usize,
}

/// How long anything may take before the run is given up.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Chats of two that the books know, each with an owner who posts.
pub fn chats(
    people: &[Account],
    server: &Server,
    observer: &mut Observer,
    count: usize,
) -> Result<Vec<Target>> {
    let owner = |chat: usize| &people[chat % people.len()];
    let request = |chat: usize| room::group_request("Chat", &[owner(chat), owner(chat + 1)]);
    let made = room::make_chats(server.port(), (0..count).map(request).collect())?;
    let mut targets = Vec::with_capacity(count);
    for (place, (chat, _)) in made.into_iter().enumerate() {
        let head = room::head(server.port(), chat, owner(place))?;
        targets.push(Target { chat, owner: owner(place).clone(), book: observer.chat(chat, head, []) });
    }
    Ok(targets)
}

/// Posts one message on an idle caller, waiting for one if all are busy.
pub fn post(wire: &mut Wire, observer: &mut Observer, target: &Target) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(caller) = wire.take_idle() {
            return post_on(wire, observer, target, caller);
        }
        ensure!(Instant::now() < end, "no post was answered within {PATIENCE:?}");
        wire.turn(Duration::from_millis(20), observer)?;
    }
}

fn post_on(wire: &mut Wire, observer: &mut Observer, target: &Target, caller: usize) -> Result<()> {
    let number = observer.number();
    let request = room::post_request(target.chat, &target.owner, number)?;
    observer.sends(number, target.book);
    wire.send(caller, &request)
}

/// Posts one message and waits until it is answered and with everybody.
pub fn post_and_settle(wire: &mut Wire, observer: &mut Observer, target: &Target) -> Result<()> {
    post(wire, observer, target)?;
    settle(wire, observer)
}

/// Waits until everything posted is answered and with everybody.
pub fn settle(wire: &mut Wire, observer: &mut Observer) -> Result<()> {
    wire.run_until(PATIENCE, observer, Observer::settled)
}

/// Which chat a caller posts to next: callers share out the chats, so that each chat has one poster
/// at a time; with fewer chats than callers they share the chats.
pub struct Rota {
    callers: usize,
    turns: Vec<usize>,
}

impl Rota {
    pub fn new(callers: usize) -> Self {
        Self { callers, turns: vec![0; callers] }
    }

    pub fn next(&mut self, caller: usize, chats: usize) -> usize {
        let own = chats.saturating_sub(caller).div_ceil(self.callers).max(1);
        let turn = self.turns[caller] % own;
        self.turns[caller] += 1;
        (caller + turn * self.callers) % chats
    }
}

/// Every caller posts as soon as its last post was answered, for so long or until so many are sent:
/// how many were answered, and in how many seconds.
pub fn storm(
    wire: &mut Wire,
    observer: &mut Observer,
    targets: &[Target],
    callers: usize,
    limit: &Limit,
) -> Result<(u64, f64)> {
    let (mut rota, start, before) = (Rota::new(callers), Instant::now(), observer.answers());
    let mut sent = 0;
    while limit.goes_on(start, sent) {
        while limit.goes_on(start, sent)
            && let Some(caller) = wire.take_idle()
        {
            let target = &targets[rota.next(caller, targets.len())];
            post_on(wire, observer, target, caller)?;
            sent += 1;
        }
        wire.turn(Duration::from_millis(20), observer)?;
    }
    settle(wire, observer)?;
    Ok((observer.answers() - before, start.elapsed().as_secs_f64()))
}

/// When a storm ends.
pub enum Limit {
    Time(Duration),
    Count(u64),
}

impl Limit {
    fn goes_on(&self, start: Instant, sent: u64) -> bool {
        match self {
            Self::Time(time) => start.elapsed() < *time,
            Self::Count(count) => sent < *count,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn callers_share_out_the_chats() {
        let mut rota = Rota::new(64);
        let mut seen = HashSet::new();
        for caller in 0..64 {
            let own: HashSet<usize> = (0..4).map(|_| rota.next(caller, 100)).collect();
            assert!(own.iter().all(|chat| seen.insert(*chat)), "chat of two callers");
        }
        assert_eq!(seen.len(), 100);
    }

    #[test]
    fn callers_share_one_chat_when_there_is_only_one() {
        let mut rota = Rota::new(8);
        assert!((0..8).all(|caller| rota.next(caller, 1) == 0 && rota.next(caller, 1) == 0));
    }
}
