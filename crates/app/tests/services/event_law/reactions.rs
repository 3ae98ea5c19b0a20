//! Reactions.

use http::Method;

use super::Case;

const THUMB: &str = "%F0%9F%91%8D";
const HEART: &str = "%E2%9D%A4";

pub(super) const CASES: &[Case] = &[OTHERS, OWN, CROWD, WITH_EDITS, DELETED, ON_THE_NEWEST];

const OTHERS: Case = Case {
    name: "others react, and one takes it back",
    viewer: "carol",
    act: |w| {
        Box::pin(async {
            w.react("alice", Method::PUT, 0, THUMB).await;
            w.react("bob", Method::PUT, 0, HEART).await;
            w.react("bob", Method::PUT, 0, THUMB).await;
            w.react("alice", Method::DELETE, 0, THUMB).await;
        })
    },
};

const OWN: Case = Case {
    name: "I react on another device, twice, and take one back",
    viewer: "bob",
    act: |w| {
        Box::pin(async {
            w.react("bob", Method::PUT, 0, THUMB).await;
            w.react("bob", Method::PUT, 0, HEART).await;
            w.react("bob", Method::PUT, 0, HEART).await;
            w.react("bob", Method::DELETE, 0, THUMB).await;
        })
    },
};

/// More than a sample names: what is mine is known by what I did, and by what I held.
const CROWD: Case = Case {
    name: "more react than are named, and I am one of the later ones",
    viewer: "carol",
    act: |w| {
        Box::pin(async {
            let body = serde_json::json!({"user": w.app.id("dave")});
            w.as_("bob").post(&format!("/v1/chats/{}/members", w.group), body).await.expect(201);
            w.app.settle().await;
            for name in ["alice", "bob", "dave", "carol"] {
                w.react(name, Method::PUT, 0, THUMB).await;
            }
            w.react("bob", Method::DELETE, 0, THUMB).await;
            w.react("bob", Method::PUT, 0, HEART).await;
        })
    },
};

const WITH_EDITS: Case = Case {
    name: "a message with reactions is edited",
    viewer: "bob",
    act: |w| {
        Box::pin(async {
            w.react("bob", Method::PUT, 0, THUMB).await;
            let body = serde_json::json!({"text": "eins"});
            w.as_("alice").patch(&w.message(0), body).await.expect(200);
            w.react("alice", Method::PUT, 0, THUMB).await;
        })
    },
};

const DELETED: Case = Case {
    name: "a message with reactions is deleted",
    viewer: "carol",
    act: |w| {
        Box::pin(async {
            w.react("carol", Method::PUT, 0, THUMB).await;
            w.react("alice", Method::PUT, 0, HEART).await;
            w.as_("alice").delete(&w.message(0)).await.expect(200);
        })
    },
};

const ON_THE_NEWEST: Case = Case {
    name: "a new message gets reactions",
    viewer: "alice",
    act: |w| {
        Box::pin(async {
            w.as_("bob").say(w.group, "three").await;
            w.app.settle().await;
            w.react("alice", Method::PUT, 2, HEART).await;
            w.react("bob", Method::PUT, 2, HEART).await;
        })
    },
};
