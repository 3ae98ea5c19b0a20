use std::time::Duration;

use anyhow::Result;

use super::{
    Scale,
    installation::{Installation, beneath},
    parts::Parts,
};
use crate::{
    args::BenchArgs,
    floor::{FloorProcess, GroupsAsked, GroupsWritten, Task},
    goals::{self, Goal},
    machine::Cores,
    observer::Observer,
    petit,
    report::{Line, Report},
    room,
    server::Server,
    stats::{Spread, figure, percentile},
    wire::Wire,
    work::{
        history::read_back,
        posting::{Limit, Target, chats, storm},
    },
};

/// How many post at once where many do.
const MANY: usize = 64;

/// Who posts where, and through which door.
struct Case {
    name: &'static str,
    posters: usize,
    crowd: bool,
    through_gateway: bool,
    goals: Option<[Goal; 2]>,
}

const CASES: [Case; 4] = [
    Case { name: "one poster, many chats", posters: 1, crowd: false, through_gateway: false, goals: None },
    Case {
        name: "64 posters, one chat",
        posters: MANY,
        crowd: true,
        through_gateway: false,
        goals: Some([goals::G7_CPU, goals::G7_RATE]),
    },
    Case { name: "64 posters, many chats", posters: MANY, crowd: false, through_gateway: false, goals: None },
    Case {
        name: "64 posters, many chats, through a gateway",
        posters: MANY,
        crowd: false,
        through_gateway: true,
        goals: None,
    },
];

/// Everything that is measured, and the books that are kept.
struct Stage<'a> {
    scale: &'a Scale,
    parts: &'a Parts,
    floor: FloorProcess,
}

/// An installation with its chats.
struct World {
    installation: Installation,
    observer: Observer,
    quiet: Vec<Target>,
    crowd: Vec<Target>,
}

pub fn run(args: &BenchArgs, parts: &Parts, scale: &Scale, report: &mut Report) -> Result<()> {
    let itself = std::env::current_exe()?;
    let program = petit::program(args.server.as_deref())?;
    let node = parts.cassandra.clone();
    let floor = FloorProcess::start(&itself, Cores::none(), &Task::Sequencer { node })?;
    let mut stage = Stage { scale, parts, floor };
    let mut one = World::start(&program, parts, scale, 1)?;
    for case in CASES {
        stage.measure(&mut one, &case, report)?;
    }
    let mut two = World::start(&program, parts, scale, 2)?;
    stage.compare(&mut one, &mut two, report)?;
    for (name, world) in [("one api process", one), ("two api processes", two)] {
        world.judge(name, report)?;
    }
    Ok(())
}

impl World {
    fn start(program: &std::path::Path, parts: &Parts, scale: &Scale, apis: usize) -> Result<Self> {
        let installation = Installation::start(program, parts, apis, scale.people)?;
        let mut observer = Observer::default();
        let (people, door) = (&installation.people, &installation.gateway);
        let quiet = chats(people, door, &mut observer, scale.chats)?;
        let members: Vec<_> = people.iter().collect();
        let made = room::make_chats(door.port(), vec![room::group_request("Crowd", &members)])?;
        let mut crowd = Vec::new();
        for (chat, _) in made {
            let head = room::head(door.port(), chat, &people[0])?;
            let book = observer.chat(chat, head, []);
            crowd.extend(people.iter().map(|owner| Target { chat, owner: owner.clone(), book }));
        }
        Ok(Self { installation, observer, quiet, crowd })
    }

    /// Every post is in the log once, in the order of the answers.
    fn judge(self, name: &str, report: &mut Report) -> Result<()> {
        let Self { installation, observer, quiet, crowd } = self;
        report.check(format!("{name}, answers"), observer.answers(), observer.violations());
        let targets: Vec<Target> = quiet.into_iter().chain(crowd.into_iter().take(1)).collect();
        let (read, found) = read_back(&installation.gateway, &targets, &observer)?;
        report.check(format!("{name}, log read back"), read, found);
        Ok(())
    }

    fn post(&mut self, wire: &mut Wire, case: &Case, time: Duration, parts: &Parts) -> Result<Round> {
        let spent = |of: &Installation| -> Result<Vec<(&'static str, f64)>> {
            Ok(of.cpu_seconds()?.into_iter().chain(beneath(parts)).collect())
        };
        let counted = |of: &Installation| -> Result<[f64; 3]> {
            Ok([
                of.counted("petit_store_statements_total")?,
                of.counted("petit_store_groups_total")?,
                of.counted("petit_store_entries_total")?,
            ])
        };
        let (cpu, counts) = (spent(&self.installation)?, counted(&self.installation)?);
        self.observer.answered.clear();
        let targets = if case.crowd { &self.crowd } else { &self.quiet };
        let (posts, seconds) = storm(wire, &mut self.observer, targets, case.posters, &Limit::Time(time))?;
        let each = |before: f64, after: f64| (after - before) / posts as f64;
        let now = spent(&self.installation)?;
        let cpu_ms =
            cpu.iter().zip(now).map(|((name, before), (_, after))| (*name, each(*before, after) * 1_000.0));
        let [statements, groups, entries] = counted(&self.installation)?;
        Ok(Round {
            rate: posts as f64 / seconds,
            cpu_ms: cpu_ms.collect(),
            statements: each(counts[0], statements),
            group: (entries - counts[2]) / (groups - counts[1]).max(1.0),
            p50: percentile(&mut self.observer.answered, 0.5),
            p99: percentile(&mut self.observer.answered, 0.99),
        })
    }

    fn door(&self, case: &Case) -> &Server {
        if case.through_gateway { &self.installation.gateway } else { &self.installation.apis[0] }
    }
}

/// What one round of posting gave.
struct Round {
    rate: f64,
    cpu_ms: Vec<(&'static str, f64)>,
    statements: f64,
    group: f64,
    p50: f64,
    p99: f64,
}

impl Round {
    fn all_cpu_ms(&self) -> f64 {
        self.cpu_ms.iter().map(|(_, cpu)| cpu).sum()
    }
}

/// What the bare driver gave.
struct Bare {
    rate: f64,
    cpu_ms: f64,
}

impl Stage<'_> {
    fn bare(&mut self, chats: usize, group: usize, authors: Option<u32>) -> Result<Bare> {
        let database =
            |of: &Parts| beneath(of).iter().find(|(name, _)| *name == "database").map_or(0.0, |d| d.1);
        let before = self.floor.cpu_seconds()? + database(self.parts);
        let asked = GroupsAsked { chats, group, authors, time: self.scale.round / 2 };
        let written: GroupsWritten = self.floor.ask(&asked)?;
        let cpu = self.floor.cpu_seconds()? + database(self.parts) - before;
        let messages = written.messages as f64;
        Ok(Bare { rate: messages / written.seconds, cpu_ms: cpu * 1_000.0 / messages })
    }

    fn measure(&mut self, world: &mut World, case: &Case, report: &mut Report) -> Result<()> {
        let mut wire = Wire::new()?;
        wire.add_callers(world.door(case).port(), case.posters)?;
        // Sequencers of chats that were never written open them first; that is no post's cost.
        world.post(&mut wire, case, self.scale.round / 4, self.parts)?;
        let (mut rounds, mut bare, mut whole) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..self.scale.rounds {
            let round = world.post(&mut wire, case, self.scale.round, self.parts)?;
            let group = round.group.round().max(1.0) as usize;
            let (chats, authors) = if case.crowd { (1, MANY as u32) } else { (case.posters, 1) };
            bare.push(self.bare(chats, group, None)?);
            whole.push(self.bare(chats, group, Some(authors))?);
            rounds.push(round);
        }
        tell(report, case, &rounds, &bare, &whole);
        Ok(())
    }

    /// The same work on one and on two api processes, in turns.
    fn compare(&mut self, one: &mut World, two: &mut World, report: &mut Report) -> Result<()> {
        let case = &CASES[3];
        let mut rounds = [Vec::new(), Vec::new()];
        let mut wires = [Wire::new()?, Wire::new()?];
        for (wire, world) in wires.iter_mut().zip([&*one, &*two]) {
            wire.add_callers(world.door(case).port(), case.posters)?;
        }
        two.post(&mut wires[1], case, self.scale.round / 4, self.parts)?;
        for _ in 0..self.scale.rounds {
            rounds[0].push(one.post(&mut wires[0], case, self.scale.round, self.parts)?);
            rounds[1].push(two.post(&mut wires[1], case, self.scale.round, self.parts)?);
        }
        let [alone, pair] = &rounds;
        let setting = format!("{}, two api processes", case.name);
        let line = Line::new("P", &setting, "durable posts per second", spread(pair, |round| round.rate));
        report
            .add(line.beside("one api process", spread(alone, |round| round.rate)).for_goal(goals::G7_PAIR));
        let line = Line::new("P", &setting, "CPU-ms per post", spread(pair, Round::all_cpu_ms));
        report.add(line.beside("one api process", spread(alone, Round::all_cpu_ms)));
        Ok(())
    }
}

fn spread<T>(rounds: &[T], of: impl Fn(&T) -> f64) -> Spread {
    Spread::of(&rounds.iter().map(of).collect::<Vec<_>>())
}

fn tell(report: &mut Report, case: &Case, rounds: &[Round], bare: &[Bare], whole: &[Bare]) {
    let group = spread(rounds, |round| round.group);
    let floor = format!("bare groups of {:.0}", group.median);
    let line = |what, result| Line::new("P", case.name, what, result);
    let rate = line("durable posts per second", spread(rounds, |round| round.rate));
    let rate = rate.beside(&floor, spread(bare, |bare| bare.rate));
    let cpu = line("CPU-ms per post", spread(rounds, Round::all_cpu_ms));
    let cpu = cpu.beside(&floor, spread(bare, |bare| bare.cpu_ms));
    match case.goals {
        Some([for_cpu, for_rate]) => {
            report.add(cpu.for_goal(for_cpu));
            report.add(rate.for_goal(for_rate));
            report.add(line("messages in a group", group).for_goal(goals::G7_GROUP));
        }
        None => {
            report.add(cpu);
            report.add(rate);
            report.add(line("messages in a group", group));
        }
    }
    let same = line("CPU-ms per post", spread(rounds, Round::all_cpu_ms));
    report.add(same.beside("bare, all statements", spread(whole, |bare| bare.cpu_ms)));
    report.add(line("statements per post", spread(rounds, |round| round.statements)));
    report.add(line("post to answer p50 ms", spread(rounds, |round| round.p50)));
    report.add(line("post to answer p99 ms", spread(rounds, |round| round.p99)));
    let names = rounds.first().map_or(&[][..], |round| &round.cpu_ms);
    let each = names.iter().enumerate().map(|(place, (name, _))| {
        format!("{name} {}", figure(spread(rounds, |round| round.cpu_ms[place].1).median))
    });
    report.note(format!("CPU-ms per post of each: {}", each.collect::<Vec<_>>().join(", ")));
}
