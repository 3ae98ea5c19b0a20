//! W3c: what posts cost that say more than plain ones: that mention somebody, or everybody, or are held first.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use petit_domain::{Chat, ChatId, Page, Person, Username};
use petit_protocol::MentionItem;
use serde_json::{Value, json};

use super::{Bench, posting::PATIENCE};
use crate::{body, http::Api, people::Account, report::Line, room, server::Server, stats::Spread};

/// Members of the chats, as far as there are so many people.
const SIZES: [usize; 2] = [10, 1_000];
/// How many post at once, each on a connection of their own.
const POSTERS: usize = 8;
/// How much each of them says at most: somebody may have only so much held at once.
const MOST: u64 = 200;
/// How many people a chat is made with at most; the others are added.
const FIRST_MEMBERS: usize = 100;

/// What is said, beside a text that carries a number.
struct Saying {
    what: &'static str,
    before: String,
    hold_s: Option<u8>,
}

/// A plain text, and what is held against it.
fn sayings(listener: &Username) -> [Saying; 4] {
    let said = |what, before: String, hold_s| Saying { what, before, hold_s };
    [
        said("plain", String::new(), None),
        said("one is mentioned", format!("@{listener} "), None),
        said("everybody is mentioned", "@all ".into(), None),
        said("held for a second", String::new(), Some(1)),
    ]
}

/// A chat: its last member listens, the first ones post.
struct Place<'a> {
    port: u16,
    chat: ChatId,
    posters: &'a [Account],
    listener: &'a Account,
}

pub fn run(bench: &mut Bench) -> Result<()> {
    let server = bench.server("said")?;
    let accounts = bench.accounts.clone();
    for size in SIZES.map(|size| size.min(accounts.len())) {
        let members = &accounts[..size];
        let (posters, listener) = (&members[..POSTERS.min(size - 1)], &members[size - 1]);
        let place = Place { port: server.port(), chat: chat(&server, members)?, posters, listener };
        measure(bench, &server, (&place, size))?;
    }
    server.stop()
}

/// A chat of all of these.
fn chat(server: &Server, members: &[Account]) -> Result<ChatId> {
    let (first, others) = members.split_at(members.len().min(FIRST_MEMBERS));
    let first: Vec<&Account> = first.iter().collect();
    let chat = room::make_chats(server.port(), vec![room::group_request("Said", &first)])?[0].0;
    let mut api = server.api()?;
    for other in others {
        let body = json!({ "user": other.user }).to_string();
        api.json::<Value>("POST", &format!("/v1/chats/{chat}/members"), &first[0].token, &body)?;
    }
    Ok(chat)
}

fn measure(bench: &mut Bench, server: &Server, (place, size): (&Place<'_>, usize)) -> Result<()> {
    let me: Person = server.api()?.json("GET", "/v1/me", &place.listener.token, "")?;
    let sayings = sayings(&me.username);
    let mut costs = sayings.each_ref().map(|_| Vec::new());
    let mut number = 0;
    for _ in 0..bench.scale.rounds {
        for (saying, costs) in sayings.iter().zip(&mut costs) {
            costs.push(cost(server, place, saying, bench.scale.posting_round, &mut number)?);
        }
    }
    let [plain, others @ ..] = costs.map(|costs| Spread::of(&costs));
    for (saying, cost) in sayings[1..].iter().zip(others) {
        let setting = format!("members: {size}, {}", saying.what);
        bench.report.add(Line::new("W3c", setting, "CPU µs per post", cost).beside("a plain post", plain));
    }
    Ok(())
}

/// Everybody posts for so long: the server's CPU for each post, with all that comes of it.
fn cost(
    server: &Server,
    place: &Place<'_>,
    saying: &Saying,
    time: Duration,
    number: &mut u64,
) -> Result<f64> {
    let head = room::head(place.port, place.chat, place.listener)?;
    let (cpu, first) = (server.cpu_seconds()?, *number);
    let posts: u64 = std::thread::scope(|scope| {
        let post = |(poster, author)| scope.spawn(move || post(place, author, saying, first + poster, time));
        let posting: Vec<_> = (0..).zip(place.posters).map(post).collect();
        let done = posting.into_iter().map(|one| one.join());
        done.map(|posts| posts.unwrap_or_else(|_| bail!("somebody who posts panicked"))).sum::<Result<u64>>()
    })?;
    *number += (posts + 1) * POSTERS as u64;
    until_all_is_done(place, saying, head + posts as i64)?;
    Ok((server.cpu_seconds()? - cpu) * 1e6 / posts.max(1) as f64)
}

/// Posts one message after the other: how many.
fn post(place: &Place<'_>, author: &Account, saying: &Saying, first: u64, time: Duration) -> Result<u64> {
    let mut api = Api::connect(place.port)?;
    let path = format!("/v1/chats/{}/messages", place.chat);
    let (begun, mut posts) = (Instant::now(), 0);
    while begun.elapsed() < time && posts < MOST {
        let number = first + posts * POSTERS as u64;
        let text = format!("{}{}", saying.before, body::text(number));
        let mut message = json!({ "text": text, "client_id": format!("said-{number}") });
        if let Some(hold_s) = saying.hold_s {
            message["hold_s"] = hold_s.into();
        }
        api.json::<Value>("POST", &path, &author.token, &message.to_string())?;
        posts += 1;
    }
    Ok(posts)
}

/// Waits until the chat is as long as it has to be, and its last mention is listed where it is to be found.
fn until_all_is_done(place: &Place<'_>, saying: &Saying, head: i64) -> Result<()> {
    let mut api = Api::connect(place.port)?;
    let end = Instant::now() + PATIENCE;
    while newest(&mut api, place, saying)? < head {
        ensure!(Instant::now() < end, "what was posted is not done within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// The newest message that has arrived.
fn newest(api: &mut Api, place: &Place<'_>, saying: &Saying) -> Result<i64> {
    let token = &place.listener.token;
    if saying.before.is_empty() {
        return Ok(api.json::<Chat>("GET", &format!("/v1/chats/{}", place.chat), token, "")?.head_seq);
    }
    let listed: Page<MentionItem> = api.json("GET", "/v1/me/mentions?limit=1", token, "")?;
    let seqs =
        listed.items.iter().filter(|item| item.message.chat == place.chat).map(|item| item.message.seq);
    Ok(seqs.max().unwrap_or(-1))
}
