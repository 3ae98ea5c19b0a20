//! W6: very many sockets on which nothing happens but the heartbeat.

use anyhow::{Context, Result};

use super::{
    Bench,
    posting::{Target, post_and_settle},
};
use crate::{
    goals, machine, observer::Observer, people::Account, report::Line, room, stats::figure, wire::Wire,
};

const CHATS_OF_EACH: usize = 10;

/// What an idle socket costs a bare axum 0.8 with a read buffer of 4 KiB and no write buffer:
/// measured once with 9,500 sockets, and firm enough to be a constant.
const BARE_AXUM_BYTES: f64 = 7_730.0;

pub fn run(bench: &mut Bench) -> Result<()> {
    let server = bench.server("idle")?;
    let people: Vec<&Account> = bench.accounts.iter().take(100).collect();
    let requests = vec![room::group_request("Quiet", &people); CHATS_OF_EACH];
    let made = room::make_chats(server.port(), requests)?;
    let owner = people.first().copied().context("there are no people")?;
    let heads: Result<Vec<_>> =
        made.iter().map(|(chat, _)| room::head(server.port(), *chat, owner)).collect();

    let sockets = bench.scale.idle_sockets;
    let (rest, slab) = (server.resident_bytes()?, machine::slab_bytes());
    let mut wire = Wire::new()?;
    let owners: Vec<&Account> = people.iter().copied().cycle().take(sockets).collect();
    room::open_sockets(&mut wire, server.port(), &owners)?;
    wire.add_callers(server.port(), 1)?;
    let mut observer = Observer::default();
    let mut targets = Vec::new();
    for ((chat, _), head) in made.into_iter().zip(heads?) {
        targets.push(Target { chat, owner: owner.clone(), book: observer.chat(chat, head, 0..sockets) });
    }
    let cpu = server.cpu_seconds()?;
    wire.run_for(bench.scale.idle_time, &mut observer)?;
    let used = (server.cpu_seconds()? - cpu) / bench.scale.idle_time.as_secs_f64();
    let each = (server.resident_bytes()? - rest) / sockets as f64;
    let kernel = (machine::slab_bytes() - slab) / sockets as f64 / 2.0;

    let setting = format!("{} idle sockets, {CHATS_OF_EACH} chats each", figure(sockets as f64));
    let line = Line::new("W6", &setting, "bytes of server memory per socket", each);
    bench.report.add(line.beside("bare axum, small buffers", BARE_AXUM_BYTES).for_goal(goals::G10));
    let (rest, kernel) = (figure(rest / 1e6), figure(kernel));
    bench.report.note(format!(
        "at rest {rest} MB; kernel about {kernel} bytes per socket beside; heartbeats use {}% of a core",
        figure(used * 100.0)
    ));
    // Everybody must still be there.
    for target in &targets {
        post_and_settle(&mut wire, &mut observer, target)?;
    }
    let checked = observer.deliveries();
    bench.report.check(format!("{setting}, then a post in each chat"), checked, observer.violations());
    Ok(())
}
