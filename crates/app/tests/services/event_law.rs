//! Old state + events = fresh state, for every kind of event. The same cases are written as JSON, so that
//! the client's reducer in TypeScript has to reach the same end.

use std::{collections::BTreeSet, path::Path};

use futures_util::future::BoxFuture;
use petit_domain::{ChatId, Event, Presence};
use petit_ports::Clock;
use petit_testkit::{Client, Screen, TestApp};
use serde_json::{Value, json};

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/core/testdata/event-law.json");

struct World {
    app: TestApp,
    /// alice (owner), bob, carol; two messages.
    group: ChatId,
    /// alice and bob; one message.
    direct: ChatId,
    /// carol alone.
    open: ChatId,
}

impl World {
    async fn start() -> Self {
        let app = TestApp::builder().person("dave").start().await;
        let group = app.group("alice", &["bob", "carol"]).await;
        let direct = app.direct("alice", "bob").await;
        let open = app.open_chat("carol", &[]).await;
        app.as_("alice").say(group, "one").await;
        app.as_("bob").say(group, "two").await;
        app.as_("alice").say(direct, "private").await;
        app.settle().await;
        Self { app, group, direct, open }
    }

    fn as_(&self, name: &str) -> Client {
        self.app.as_(name)
    }

    fn member(&self, name: &str) -> String {
        format!("/v1/chats/{}/members/{}", self.group, self.app.id(name))
    }

    fn message(&self, seq: i64) -> String {
        format!("/v1/chats/{}/messages/{seq}", self.group)
    }
}

struct Case {
    name: &'static str,
    viewer: &'static str,
    act: for<'w> fn(&'w World) -> BoxFuture<'w, ()>,
}

const CASE_LIST: &[Case] = &[
    Case {
        name: "somebody else writes",
        viewer: "bob",
        act: |w| {
            Box::pin(async {
                w.as_("alice").say(w.group, "three").await;
            })
        },
    },
    Case {
        name: "I write and have read everything",
        viewer: "alice",
        act: |w| {
            Box::pin(async {
                w.as_("alice").say(w.group, "three").await;
            })
        },
    },
    Case {
        name: "the newest message is edited",
        viewer: "alice",
        act: |w| {
            Box::pin(async {
                w.as_("bob").patch(&w.message(1), json!({"text": "zwei"})).await.expect(200);
            })
        },
    },
    Case {
        name: "an older message is edited twice",
        viewer: "bob",
        act: |w| {
            Box::pin(async {
                for text in ["eins", "uno"] {
                    w.as_("alice").patch(&w.message(0), json!({"text": text})).await.expect(200);
                    w.app.settle().await;
                }
            })
        },
    },
    Case {
        name: "the newest message is deleted",
        viewer: "carol",
        act: |w| {
            Box::pin(async {
                w.as_("bob").delete(&w.message(1)).await.expect(200);
            })
        },
    },
    Case {
        name: "an older message is deleted by an admin",
        viewer: "bob",
        act: |w| {
            Box::pin(async {
                w.as_("alice").delete(&w.message(0)).await.expect(200);
            })
        },
    },
    Case {
        name: "somebody is added",
        viewer: "bob",
        act: |w| {
            Box::pin(async {
                let body = json!({"user": w.app.id("dave")});
                w.as_("carol").post(&format!("/v1/chats/{}/members", w.group), body).await.expect(201);
            })
        },
    },
    Case {
        name: "somebody gets another role",
        viewer: "bob",
        act: |w| {
            Box::pin(async {
                w.as_("alice").patch(&w.member("carol"), json!({"role": "admin"})).await.expect(200);
            })
        },
    },
    Case {
        name: "I get another role",
        viewer: "bob",
        act: |w| {
            Box::pin(async {
                w.as_("alice").patch(&w.member("bob"), json!({"role": "owner"})).await.expect(200);
            })
        },
    },
    Case {
        name: "somebody is removed",
        viewer: "bob",
        act: |w| {
            Box::pin(async {
                w.as_("alice").delete(&w.member("carol")).await.expect(204);
            })
        },
    },
    Case {
        name: "somebody leaves",
        viewer: "alice",
        act: |w| {
            Box::pin(async {
                w.as_("bob").delete(&w.member("bob")).await.expect(204);
            })
        },
    },
    Case {
        name: "I am removed and others go on",
        viewer: "bob",
        act: |w| {
            Box::pin(async {
                w.as_("alice").delete(&w.member("bob")).await.expect(204);
                w.as_("alice").say(w.group, "about bob").await;
            })
        },
    },
    Case {
        name: "I leave",
        viewer: "carol",
        act: |w| {
            Box::pin(async {
                w.as_("carol").delete(&w.member("carol")).await.expect(204);
            })
        },
    },
    Case {
        name: "the chat is renamed",
        viewer: "carol",
        act: |w| {
            Box::pin(async {
                w.as_("alice")
                    .patch(&format!("/v1/chats/{}", w.group), json!({"name": "Cellar"}))
                    .await
                    .expect(200);
            })
        },
    },
    Case {
        name: "I am added and people write",
        viewer: "dave",
        act: |w| {
            Box::pin(async {
                let body = json!({"user": w.app.id("dave")});
                w.as_("alice").post(&format!("/v1/chats/{}/members", w.group), body).await.expect(201);
                w.app.settle().await;
                w.as_("bob").say(w.group, "welcome").await;
            })
        },
    },
    Case {
        name: "I join an open chat",
        viewer: "dave",
        act: |w| {
            Box::pin(async {
                let body = json!({"user": w.app.id("dave")});
                w.as_("dave").post(&format!("/v1/chats/{}/members", w.open), body).await.expect(201);
            })
        },
    },
    Case {
        name: "a group is made with me in it",
        viewer: "bob",
        act: |w| {
            Box::pin(async {
                w.app.group("carol", &["alice", "bob"]).await;
            })
        },
    },
    Case {
        name: "somebody greets me",
        viewer: "dave",
        act: |w| {
            Box::pin(async {
                let direct = w.app.direct("carol", "dave").await;
                w.as_("carol").say(direct, "hi").await;
            })
        },
    },
    Case {
        name: "I make a group",
        viewer: "alice",
        act: |w| {
            Box::pin(async {
                w.app.group("alice", &["dave"]).await;
            })
        },
    },
    Case {
        name: "I am back after I was removed",
        viewer: "carol",
        act: |w| {
            Box::pin(async {
                w.as_("alice").delete(&w.member("carol")).await.expect(204);
                w.app.settle().await;
                let body = json!({"user": w.app.id("carol")});
                w.as_("alice").post(&format!("/v1/chats/{}/members", w.group), body).await.expect(201);
            })
        },
    },
    Case {
        name: "I read on another device",
        viewer: "alice",
        act: |w| {
            Box::pin(async {
                w.as_("alice")
                    .put(&format!("/v1/chats/{}/read-marker", w.group), json!({"seq": 1}))
                    .await
                    .expect(200);
            })
        },
    },
    Case {
        name: "I change my name",
        viewer: "bob",
        act: |w| {
            Box::pin(async {
                w.as_("bob").patch("/v1/me", json!({"name": "Robert"})).await.expect(200);
            })
        },
    },
    Case {
        name: "somebody I know changes their name",
        viewer: "alice",
        act: |w| {
            Box::pin(async {
                w.as_("bob").patch("/v1/me", json!({"name": "Robert"})).await.expect(200);
            })
        },
    },
    Case {
        name: "somebody types and goes",
        viewer: "alice",
        act: |w| {
            Box::pin(async {
                let path = format!("/v1/chats/{}/typing", w.direct);
                w.as_("bob").call(http::Method::POST, &path, None).await.expect(204);
                let (user, since) = (w.app.id("bob"), w.app.clock.now());
                let event = Event::PresenceChanged { user, presence: Presence::Offline, since };
                let announcement = petit_ports::Announcement::new(event);
                w.app
                    .app
                    .bus()
                    .publish(petit_ports::Subject::Presence(user), announcement)
                    .await
                    .expect("published");
            })
        },
    },
];

/// What happened to one person's screen.
struct Story {
    before: Screen,
    events: Vec<Event>,
    after: Screen,
}

async fn told(case: &Case) -> Story {
    let world = World::start().await;
    let client = world.as_(case.viewer);
    let before = Screen::fetch(&client).await;
    let since = world.app.bus.len();
    (case.act)(&world).await;
    world.app.settle().await;
    let chats = before.chats.keys().copied().collect();
    let events = world.app.bus.heard_by(before.me.id, chats, &before.people(), since);
    let after = fetched_since(&client, &before, &events).await;
    Story { before, events, after }
}

/// A fresh screen, without what a client would have to fetch for chats that are new or came anew.
async fn fetched_since(client: &Client, before: &Screen, events: &[Event]) -> Screen {
    let mut known = before.clone();
    for event in events {
        if let Event::ChatAdded { chat, .. } = event {
            known.chats.remove(chat);
        }
    }
    Screen::fetch(client).await.as_known_from(&known)
}

fn kind(event: &Event) -> String {
    let value = serde_json::to_value(event).expect("events encode");
    value["type"].as_str().expect("events have a type").to_owned()
}

#[tokio::test]
async fn old_state_and_events_make_fresh_state() {
    for case in CASE_LIST {
        let Story { before, events, after } = told(case).await;
        let mut screen = before;
        events.iter().for_each(|event| screen.apply(event));
        assert_eq!(screen, after, "{}: {events:#?}", case.name);
    }
}

#[tokio::test]
async fn events_that_come_twice_change_nothing() {
    for case in CASE_LIST {
        let Story { before, events, after } = told(case).await;
        // Being added and removed are told once: they begin and end a subscription.
        let is_told_once =
            |event: &Event| matches!(event, Event::ChatAdded { .. } | Event::MemberRemoved { .. });
        let mut screen = before;
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
    for case in CASE_LIST {
        seen.extend(told(case).await.events.iter().map(kind));
    }
    assert_eq!(seen, kinds_that_clients_get());
}

/// From the API's description, so that a new kind fails here until it has a case.
fn kinds_that_clients_get() -> BTreeSet<String> {
    let document: Value = serde_json::from_str(include_str!("../../../../openapi.json")).expect("a document");
    let variants = document["components"]["schemas"]["Event"]["oneOf"].as_array().expect("variants").clone();
    let kind = |variant: &Value| variant["properties"]["type"]["enum"][0].as_str().map(str::to_owned);
    variants.iter().filter_map(kind).filter(|kind| kind != "session_revoked").collect()
}

async fn told_as_json() -> String {
    let mut cases = Vec::new();
    for case in CASE_LIST {
        let Story { before, events, after } = told(case).await;
        let (before, after) = (before.to_json(), after.to_json());
        cases.push(json!({"name": case.name, "before": before, "events": events, "after": after}));
    }
    let text = serde_json::to_string_pretty(&cases).expect("cases encode");
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
