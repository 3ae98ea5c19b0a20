//! The other ways in which a client gets events: it fetches what it missed, or it is replayed.

use petit_app::resume;
use petit_domain::{Chat, ChatId, Event, Head, Message, Number};
use petit_testkit::{Client, Screen, saved_by};
use serde_json::Value;

use super::{Case, Story, cases};

fn parsed<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("the shape that is described")
}

/// What `/messages` and `/changes` tell of a chat above these numbers, few at a time.
async fn fetched(client: &Client, chat: ChatId, from: Head) -> Vec<Event> {
    let path = format!("/v1/chats/{chat}");
    let mut messages: Vec<Value> = Vec::new();
    loop {
        let after = messages.last().map_or(from.seq, |last| last["seq"].as_i64().expect("a number"));
        let page = client.get(&format!("{path}/messages?after={after}&limit=2")).await.expect(200);
        messages.extend(page["items"].as_array().expect("items").iter().cloned());
        if page["next"].is_null() {
            break;
        }
    }
    let created = |message: Message| {
        let (seq, cseq) = (message.seq, message.cseq);
        Event::MessageCreated { chat, seq, cseq, message }
    };
    let mut events: Vec<_> = messages.into_iter().map(parsed).map(created).collect();
    let mut cseq = from.cseq;
    loop {
        let changes = client.get(&format!("{path}/changes?after={cseq}&limit=2")).await.expect(200);
        let told: Vec<Event> = parsed(changes["events"].clone());
        let numbers: Vec<_> = told.iter().map(|event| event.envelope().number()).collect();
        let up_to = changes["up_to_cseq"].as_i64().expect("a number");
        assert_eq!(numbers, (cseq + 1..=up_to).map(|cseq| Some(Number::Cseq(cseq))).collect::<Vec<_>>());
        events.extend(told);
        cseq = up_to;
        if changes["head_cseq"].as_i64() == Some(cseq) {
            return events;
        }
    }
}

/// What a replay tells of a chat above these numbers.
async fn replayed(story: &Story, chat: ChatId, from: Head) -> Vec<Event> {
    let viewer = story.before.me.id;
    let replay = resume::replay(&story.world.app.app, viewer, chat, from).await.expect("it answers");
    let replay = replay.expect("little was missed, by a member");
    replay.iter().map(|event| event.event().expect("known").clone()).collect()
}

#[derive(Clone, Copy, Debug)]
enum Way {
    Fetched,
    Replayed,
}

/// A screen that heard nothing, brought forward as `docs/PROTOCOL.md` says: the list of chats, of each chat
/// that is known what came above its numbers, and for read markers and choices what the list says.
async fn brought_forward(case: &Case, story: &Story, way: Way) -> Screen {
    let client = story.world.as_(case.viewer);
    let mut listed = client.all("/v1/chats", 2).await;
    listed.extend(client.all("/v1/chats?archived=true", 2).await);
    let listed: Vec<Chat> = listed.into_iter().map(parsed).collect();
    let mut screen = story.before.clone();
    screen.chats.retain(|id, _| listed.iter().any(|chat| chat.id == *id));
    for details in listed {
        let (chat, seq, cseq) = (details.id, details.head_seq, details.head_cseq);
        let (read, unread, mentions) = (details.read_seq, details.unread, details.mentions);
        let counted = details.last_message.as_ref().and_then(|last| last.counted);
        let me = details.me.clone();
        let own = Event::ChoicesChanged { chat, me, read_seq: read, unread, mentions, counted };
        let known = screen.chats.get(&chat).map(|known| &known.chat);
        let Some(from) = known.map(|known| Head { seq: known.head_seq, cseq: known.head_cseq }) else {
            screen.apply(&Event::ChatAdded { chat, seq, cseq, details: Box::new(details) });
            continue;
        };
        let events = match way {
            Way::Fetched => fetched(&client, chat, from).await,
            Way::Replayed => replayed(story, chat, from).await,
        };
        events.iter().chain([&own]).for_each(|event| screen.apply(event));
    }
    // Profiles have no number and no list: they are heard, or fetched with whatever shows them.
    let profiles = story.events.iter().filter(|event| matches!(event, Event::PersonUpdated { .. }));
    profiles.for_each(|event| screen.apply(event));
    let settings = parsed(client.get("/v1/me/settings").await.expect(200));
    screen.apply(&Event::SettingsChanged { settings });
    screen.saved = saved_by(&client).await;
    screen
}

async fn law(way: Way) {
    for case in cases() {
        let story = Story::of(case).await;
        let fresh = Screen::fetch(&story.world.as_(case.viewer)).await.as_known_from(&story.before);
        assert_eq!(brought_forward(case, &story, way).await, fresh, "{}, {way:?}", case.name);
    }
}

#[tokio::test]
async fn old_state_and_what_is_fetched_make_fresh_state() {
    law(Way::Fetched).await;
}

#[tokio::test]
async fn old_state_and_a_replay_make_fresh_state() {
    law(Way::Replayed).await;
}
