//! Old state + events = fresh state, for every kind of event, whichever way the events come. Each slice has its
//! cases. The live ones are written as JSON, so that the client's reducer in TypeScript has to reach the same end.

mod chats;
mod choices;
mod forward;
mod members;
mod messages;
mod people;
mod pins;
mod reactions;
mod read_markers;
mod receipts;
mod saved;
mod scheduled;
mod settings;
mod ways;
mod world;

use std::{collections::BTreeSet, path::Path};

use futures_util::future::BoxFuture;
use petit_domain::Event;
use petit_testkit::{Client, Screen};
use serde_json::{Value, json};

use self::world::World;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/core/testdata/event-law.json");

struct Case {
    name: &'static str,
    viewer: &'static str,
    act: for<'w> fn(&'w World) -> BoxFuture<'w, ()>,
}

fn cases() -> impl Iterator<Item = &'static Case> {
    [
        messages::CASES,
        forward::CASES,
        reactions::CASES,
        pins::CASES,
        members::CASES,
        chats::CASES,
        choices::CASES,
        read_markers::CASES,
        receipts::CASES,
        people::CASES,
        saved::CASES,
        scheduled::CASES,
        settings::CASES,
    ]
    .into_iter()
    .flatten()
}

/// What happened to one person's screen.
struct Story {
    world: World,
    before: Screen,
    events: Vec<Event>,
}

impl Story {
    async fn of(case: &Case) -> Self {
        let world = World::start().await;
        let before = Screen::fetch(&world.as_(case.viewer)).await;
        let since = world.app.bus.len();
        (case.act)(&world).await;
        world.app.settle().await;
        let chats = before.chats.keys().copied().collect();
        let events = world.app.bus.heard_by(before.me.id, chats, &before.people(), since);
        Self { world, before, events }
    }

    /// A fresh screen, without what a client that heard the events would have to fetch for chats that are new
    /// or came anew.
    async fn after(&self, client: &Client) -> Screen {
        let mut known = self.before.clone();
        for event in &self.events {
            if let Event::ChatAdded { chat, .. } = event {
                known.chats.remove(chat);
            }
        }
        Screen::fetch(client).await.as_known_from(&known)
    }
}

fn kind(event: &Event) -> String {
    let value = serde_json::to_value(event).expect("events encode");
    value["type"].as_str().expect("events have a type").to_owned()
}

#[tokio::test]
async fn old_state_and_events_make_fresh_state() {
    for case in cases() {
        let story = Story::of(case).await;
        let after = story.after(&story.world.as_(case.viewer)).await;
        let mut screen = story.before;
        story.events.iter().for_each(|event| screen.apply(event));
        assert_eq!(screen, after, "{}: {:#?}", case.name, story.events);
    }
}

#[tokio::test]
async fn events_that_come_twice_change_nothing() {
    for case in cases() {
        let story = Story::of(case).await;
        let after = story.after(&story.world.as_(case.viewer)).await;
        let Story { before: mut screen, events, .. } = story;
        // Being added and removed are told once: they begin and end a subscription.
        let is_told_once = |event: &Event| event.envelope().access.is_some();
        for event in &events {
            screen.apply(event);
            screen.apply(event);
        }
        events.iter().filter(|event| !is_told_once(event)).for_each(|event| screen.apply(event));
        assert_eq!(screen, after, "{}", case.name);
    }
}

#[tokio::test]
async fn every_kind_of_event_that_clients_get_has_a_case() {
    let mut seen = BTreeSet::new();
    for case in cases() {
        seen.extend(Story::of(case).await.events.iter().map(kind));
    }
    assert_eq!(seen, kinds_that_clients_get());
}

/// From the API's description, so that a new kind fails here until it has a case.
fn kinds_that_clients_get() -> BTreeSet<String> {
    let document: Value =
        serde_json::from_str(include_str!("../../../../../openapi.json")).expect("a document");
    let variants = document["components"]["schemas"]["Event"]["oneOf"].as_array().expect("variants").clone();
    let kind = |variant: &Value| variant["properties"]["type"]["enum"][0].as_str().map(str::to_owned);
    variants.iter().filter_map(kind).filter(|kind| kind != "session_revoked").collect()
}

async fn told_as_json() -> String {
    let mut told = Vec::new();
    for case in cases() {
        let story = Story::of(case).await;
        let after = story.after(&story.world.as_(case.viewer)).await.to_json();
        let before = story.before.to_json();
        told.push(json!({"name": case.name, "before": before, "events": story.events, "after": after}));
    }
    let text = serde_json::to_string_pretty(&told).expect("cases encode");
    format!("{text}\n")
}

#[tokio::test]
async fn the_cases_for_the_client_are_fresh() {
    let fresh = told_as_json().await;
    if std::env::var_os("PETIT_WRITE").is_some() {
        let folder = Path::new(CASES).parent().expect("a folder");
        std::fs::create_dir_all(folder).expect("it can be made");
        std::fs::write(CASES, &fresh).expect("it can be written");
    }
    let committed = std::fs::read_to_string(CASES).unwrap_or_default();
    assert!(
        committed == fresh,
        "web/core/testdata/event-law.json is stale: run this test with PETIT_WRITE=1"
    );
}
