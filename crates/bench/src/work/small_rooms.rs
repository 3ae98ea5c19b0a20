//! W2: many chats of ten sockets, a steady stream of posts round them.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{
    Bench,
    posting::{Target, post, settle},
};
use crate::{
    floor::{BareLoop, SyncsAsked, SyncsDone, Task},
    goals,
    observer::Observer,
    people::Account,
    report::Line,
    room,
    server::Server,
    stats::{Spread, percentile},
    wire::Wire,
    ws,
};

const ROOM: usize = 10;

pub fn run(bench: &mut Bench) -> Result<()> {
    let layout = Layout::of(bench.accounts.len(), bench.scale.small_rooms);
    let server = bench.server("small-rooms")?;
    let mut town = Town::open(bench, &server, &layout)?;
    let mut bare = town.bare_loop(bench)?;
    let mut disk = bench.floor(&Task::Sync { folder: bench.floor_folder("sync") })?;

    let rate = bench.scale.small_rooms_rate;
    let (mut efficiency, mut p99, mut floor) = (Vec::new(), Vec::new(), Vec::new());
    let round = bench.scale.small_rooms_time / bench.scale.rounds as u32;
    for _ in 0..bench.scale.rounds {
        floor.push(floor_p99(&mut disk, &mut bare, round / 4)?);
        let cpu = server.cpu_seconds()?;
        let delivered = town.run(round, Duration::from_secs(1) / rate)?;
        efficiency.push(delivered as f64 / (server.cpu_seconds()? - cpu).max(0.01));
        p99.push(percentile(&mut std::mem::take(&mut town.observer.last), 0.99));
    }
    let setting = format!("{layout}, {rate} posts/s");
    bench.report.add(Line::new("W2", &setting, "deliveries per CPU-second", Spread::of(&efficiency)));
    let line = Line::new("W2", &setting, "post to last member p99 ms", Spread::of(&p99));
    bench
        .report
        .add(line.beside("p99 fdatasync + p99 bare loop for 10", Spread::of(&floor)).for_goal(goals::G6));
    let checked = town.observer.deliveries();
    bench.report.check(setting, checked, town.observer.violations());
    Ok(())
}

fn floor_p99(disk: &mut crate::floor::FloorProcess, bare: &mut BareLoop, time: Duration) -> Result<f64> {
    let every = Duration::from_millis(5);
    let count = (time.as_secs_f64() / every.as_secs_f64()).ceil() as u32;
    let mut synced: SyncsDone = disk.ask(&SyncsAsked { count, every })?;
    let mut written = bare.pace(time, every)?;
    Ok(percentile(&mut synced.times, 0.99) + percentile(&mut written, 0.99))
}

/// How people and their sockets fill the rooms.
struct Layout {
    rooms: usize,
    /// People in each room.
    people: usize,
    /// Sockets of each person.
    devices: usize,
}

impl Layout {
    /// As many people and as few devices for each as there are people for.
    fn of(people: usize, rooms: usize) -> Self {
        let devices = [1, 2, 5].into_iter().find(|devices| people * devices >= rooms * ROOM).unwrap_or(5);
        Self { rooms: rooms.min(people * devices / ROOM).max(1), people: ROOM / devices, devices }
    }
}

impl std::fmt::Display for Layout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { rooms, people, devices } = self;
        write!(f, "{rooms} chats of {ROOM} sockets ({people} people with {devices} each)")
    }
}

struct Town {
    wire: Wire,
    observer: Observer,
    targets: Vec<Target>,
    turn: usize,
}

impl Town {
    fn open(bench: &Bench, server: &Server, layout: &Layout) -> Result<Self> {
        let everybody = &bench.accounts;
        let members = |room: usize, apart: usize| -> Vec<&Account> {
            let seat = |seat: usize| &everybody[(room * layout.people + seat * apart) % everybody.len()];
            (0..layout.people).map(seat).collect()
        };
        let requests = (0..layout.rooms).map(|room| room::group_request("Small room", &members(room, 1)));
        let chats = room::make_chats(server.port(), requests.collect())?;
        // The quiet chats of a person are shared with people of other rooms.
        let quiet = (0..layout.rooms * bench.scale.quiet_chats)
            .map(|room| room::group_request("Quiet room", &members(room, layout.people + 1)));
        room::make_chats(server.port(), quiet.collect())?;

        let mut wire = Wire::new()?;
        let owners = (0..layout.rooms).flat_map(|room| {
            members(room, 1).into_iter().flat_map(|member| std::iter::repeat_n(member, layout.devices))
        });
        room::open_sockets(&mut wire, server.port(), &owners.collect::<Vec<_>>())?;
        wire.add_callers(server.port(), 32)?;
        let mut town = Self { wire, observer: Observer::default(), targets: Vec::new(), turn: 0 };
        for (room, (chat, _)) in chats.into_iter().enumerate() {
            let owner = members(room, 1)[0].clone();
            let head = room::head(server.port(), chat, &owner)?;
            let sockets =
                (layout.people * layout.devices) * room..(layout.people * layout.devices) * (room + 1);
            let book = town.observer.chat(chat, head, sockets);
            town.targets.push(Target { chat, owner, book });
        }
        Ok(town)
    }

    /// A bare loop that writes the bytes of one of our frames to one room.
    fn bare_loop(&mut self, bench: &Bench) -> Result<BareLoop> {
        post(&mut self.wire, &mut self.observer, &self.targets[0])?;
        settle(&mut self.wire, &mut self.observer)?;
        let payload = self.observer.newest_frame().unwrap_or_default();
        BareLoop::start(&bench.itself, bench.cores, ROOM, &ws::plain(ws::TEXT, payload))
    }

    /// Posts to one room after the other and tells how many deliveries that made.
    fn run(&mut self, time: Duration, every: Duration) -> Result<u64> {
        let (start, before) = (Instant::now(), self.observer.deliveries());
        let mut next = start;
        self.observer.last.clear();
        while start.elapsed() < time {
            next += every;
            let turn = self.turn % self.targets.len();
            self.turn += 1;
            post(&mut self.wire, &mut self.observer, &self.targets[turn])?;
            self.wire.run_for(next.saturating_duration_since(Instant::now()), &mut self.observer)?;
        }
        settle(&mut self.wire, &mut self.observer)?;
        Ok(self.observer.deliveries() - before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_always_have_ten_sockets() {
        for people in [2, 20, 100, 400, 2_000, 5_000] {
            let layout = Layout::of(people, 200);
            assert_eq!(layout.people * layout.devices, ROOM, "{people} people");
        }
        assert_eq!(Layout::of(2_000, 200).to_string(), "200 chats of 10 sockets (10 people with 1 each)");
        assert_eq!(Layout::of(400, 200).to_string(), "200 chats of 10 sockets (2 people with 5 each)");
    }

    #[test]
    fn nobody_is_in_two_rooms() {
        for people in [2, 20, 100, 399] {
            let layout = Layout::of(people, 200);
            assert!(layout.rooms * layout.people <= people.max(ROOM), "{people} people");
        }
    }
}
