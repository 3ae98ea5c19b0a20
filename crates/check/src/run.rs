use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use futures_util::future::join_all;
use parking_lot::Mutex;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{sync::watch, time::Instant};

use crate::{
    CheckArgs,
    api::{Api, Reply},
    dice::Dice,
    evidence::{Evidence, Listed},
    follow::{Fetched, fetch, follow, repair},
    held,
    history::{Deed, History},
    laws::reaction_counts,
    local::{Local, text},
    pins,
    play::Player,
    receipts, report,
};

/// Plays, and judges. Whether every law holds.
///
/// # Errors
/// If the game cannot be begun.
pub fn run(args: &CheckArgs, tokens: &[String]) -> Result<bool> {
    ensure!(tokens.len() >= 3, "at least three people are needed");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(game(args, tokens))
}

/// Somebody who takes part.
struct Somebody {
    api: Api,
    local: Arc<Mutex<Local>>,
    moves: watch::Sender<Option<usize>>,
    following: tokio::task::JoinHandle<()>,
}

async fn game(args: &CheckArgs, tokens: &[String]) -> Result<bool> {
    let people = begin(args, tokens).await?;
    // The last one is put in and out by the first, and only listens.
    let (guest, players) = people.split_last().context("somebody plays")?;
    let chats = make_chats(args, players).await?;
    println!("{} people play in {} chats for {} s", players.len(), chats.len(), args.seconds);
    let history = Arc::new(History::new());
    let until = Instant::now() + Duration::from_secs(args.seconds);
    let pace = Duration::from_secs(1) / args.rate as u32;
    let guest = (guest.local.lock().me.clone(), guest.api.clone());
    let playing = players.iter().enumerate().map(|(who, person)| {
        let player = Player {
            who,
            api: person.api.clone(),
            dice: Dice::new(args.seed.wrapping_mul(1_000).wrapping_add(who as u64)),
            history: history.clone(),
            local: person.local.clone(),
            moves: person.moves.clone(),
            chats: chats.clone(),
            guest: (who == 0).then(|| guest.clone()),
            node: who,
            sent: 0,
            own: Vec::new(),
        };
        tokio::spawn(player.play(until, pace))
    });
    join_all(playing.collect::<Vec<_>>()).await;
    let ended = Instant::now();
    let evidence = settle(args, &people, &chats, &history).await;
    let settled = ended.elapsed().as_secs_f64();
    if let Some(path) = &args.history {
        let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
        for operation in &evidence.operations {
            writeln!(file, "{}", serde_json::to_string(operation)?)?;
        }
    }
    for person in &people {
        person.moves.send_replace(None);
        person.following.abort();
    }
    let locals: Vec<Local> = people.iter().map(|person| person.local.lock().clone()).collect();
    Ok(report::print(&evidence, &locals, settled))
}

async fn begin(args: &CheckArgs, tokens: &[String]) -> Result<Vec<Somebody>> {
    let mut people = Vec::new();
    for (who, token) in tokens.iter().enumerate() {
        let api = Api::new(&args.url, token)?;
        let me = match api.get(who, "/v1/me").await {
            Reply::Done(me) => text(&me["id"]),
            other => anyhow::bail!("person {who} cannot sign in: {other:?}"),
        };
        let local = Arc::new(Mutex::new(Local { me, ..Local::default() }));
        let (moves, moved) = watch::channel(Some(who));
        let dice = Dice::new(args.seed.wrapping_add(7_919 * (who as u64 + 1)));
        let following = tokio::spawn(follow(api.clone(), local.clone(), moved, dice));
        people.push(Somebody { api, local, moves, following });
    }
    Ok(people)
}

async fn make_chats(args: &CheckArgs, players: &[Somebody]) -> Result<Vec<String>> {
    let owner = &players[0];
    let members: Vec<String> = players[1..].iter().map(|person| person.local.lock().me.clone()).collect();
    let mut chats = Vec::new();
    for number in 0..args.chats {
        let body =
            json!({"kind": "group", "name": format!("check {} {number}", args.seed), "members": members});
        match owner.api.call(number as usize, Method::POST, "/v1/chats", Some(body)).await {
            Reply::Done(chat) => chats.push(text(&chat["id"])),
            other => anyhow::bail!("a chat could not be made: {other:?}"),
        }
    }
    // Everybody begins with what is there; from then on events have to do.
    for person in players {
        for chat in &chats {
            let Fetched::Chat(fetched) = fetch(&person.api, 0, chat).await else {
                anyhow::bail!("a new chat cannot be read");
            };
            person.local.lock().chats.entry(chat.clone()).or_insert(*fetched);
        }
    }
    Ok(chats)
}

/// Waits until what events brought is what a fetch says, for as long as is allowed; then takes evidence.
async fn settle(args: &CheckArgs, people: &[Somebody], played: &[String], history: &History) -> Evidence {
    let end = Instant::now() + Duration::from_secs(args.settle);
    loop {
        let evidence = evidence(people, played, history).await;
        if (evidence.missing.is_empty() && is_right(&evidence)) || Instant::now() >= end {
            return evidence;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

fn is_right(evidence: &Evidence) -> bool {
    let are_told = reaction_counts(evidence).is_empty()
        && pins::listed(evidence).is_empty()
        && held::sent_once_or_never(evidence).is_empty();
    are_told
        && are_of_one_moment(evidence)
        && evidence.known.iter().zip(&evidence.fresh).all(|(known, fresh)| {
            fresh.iter().all(|(id, chat)| known.get(id) == Some(chat)) && known.len() == fresh.len()
        })
}

/// Whether nothing was sent between what the lists said and what was fetched: what was held may be.
fn are_of_one_moment(evidence: &Evidence) -> bool {
    evidence.listed.iter().zip(&evidence.fresh).all(|(listed, fresh)| {
        let head = |id| fresh.get(id).map(|chat| (chat.seq, chat.cseq));
        listed.iter().all(|(id, listed)| head(id).is_none_or(|head| head == listed.head))
    })
}

/// What there is to judge by. Players are in every chat that is `played` in, the guest in some.
async fn evidence(people: &[Somebody], played: &[String], history: &History) -> Evidence {
    let mut evidence = Evidence { operations: history.operations(), ..Evidence::default() };
    for (who, person) in people.iter().enumerate() {
        // Whatever was stale and could not be fetched during an outage can be now.
        repair(&person.api, who, &person.local).await;
        let local = person.local.lock().clone();
        let (listed, ids) = match listed(&person.api, who).await {
            Some(listed) => (listed.clone(), listed.into_keys().collect()),
            None => {
                evidence.missing.push(format!("client {who} could not list their chats"));
                (BTreeMap::new(), Vec::new())
            }
        };
        if who + 1 < people.len() {
            let lost = played.iter().filter(|id| !ids.contains(id));
            evidence.missing.extend(lost.map(|id| format!("client {who} is not in {id} any more")));
        }
        let mut fresh = BTreeMap::new();
        for id in ids.iter().chain(local.chats.keys().filter(|id| !ids.contains(id))) {
            match fetch(&person.api, who + 1, id).await {
                Fetched::Chat(chat) => drop(fresh.insert(id.clone(), *chat)),
                Fetched::NotYours | Fetched::Unanswered => {
                    evidence.missing.push(format!("client {who} could not fetch {id}"));
                }
            }
        }
        evidence.listed.push(listed);
        evidence.fresh.push(fresh);
        evidence.known.push(person.local.lock().chats.clone());
        evidence.overheard.extend(local.overheard);
    }
    evidence.people = people.iter().map(|person| person.local.lock().me.clone()).collect();
    sets(&people[0].api, &mut evidence).await;
    pins::gather(&people[0].api, played, &mut evidence).await;
    receipts::gather(&people[0].api, played, &mut evidence).await;
    evidence
}

/// Who reacted to the messages that somebody reacted to.
async fn sets(api: &Api, evidence: &mut Evidence) {
    let places: BTreeSet<(String, i64)> = evidence
        .operations
        .iter()
        .filter_map(|operation| match operation.deed {
            Deed::React { seq, .. } => Some((operation.chat.clone(), seq)),
            _ => None,
        })
        .collect();
    for (chat, seq) in places {
        let path = format!("/v1/chats/{chat}/messages/{seq}/reactions?limit=100");
        match api.all(0, &path).await {
            Some(items) => {
                let one = |item: &Value| (text(&item["emoji"]), text(&item["user"]));
                evidence.sets.insert((chat, seq), items.iter().map(one).collect());
            }
            None => evidence.missing.push(format!("nobody said who reacted to {seq} of {chat}")),
        }
    }
}

/// Somebody's chats as their list says them.
async fn listed(api: &Api, node: usize) -> Option<BTreeMap<String, Listed>> {
    let listed = api.all(node, "/v1/chats?limit=100").await?;
    let one = |chat: &Value| {
        let number = |field: &str| chat[field].as_i64().unwrap_or(-1);
        let head = (number("head_seq"), number("head_cseq"));
        (text(&chat["id"]), Listed { head, read: number("read_seq"), unread: number("unread") })
    };
    Some(listed.iter().map(one).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::Chat;

    #[test]
    fn a_list_from_before_the_last_message_is_not_judged_by() {
        let fetched = Chat { seq: 7, cseq: 3, ..Chat::default() };
        for (head, is_one) in [((7, 3), true), ((6, 3), false), ((7, 2), false)] {
            let listed = Listed { head, read: 5, unread: 2 };
            let evidence = Evidence {
                listed: vec![BTreeMap::from([("c".to_owned(), listed)])],
                fresh: vec![BTreeMap::from([("c".to_owned(), fetched.clone())])],
                ..Evidence::default()
            };
            assert_eq!(are_of_one_moment(&evidence), is_one, "{head:?}");
        }
    }
}
