//! Who comes, goes and gets another role.

use serde_json::json;

use super::Case;

pub(super) const CASES: &[Case] = &[
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
];
