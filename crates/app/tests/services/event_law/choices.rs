//! What somebody chooses about a chat for themselves.

use serde_json::json;

use super::Case;

pub(super) const CASES: &[Case] = &[ALL, HIDDEN, UNREAD, READ_AGAIN];

const ALL: Case = Case {
    name: "I choose on another device, and take some of it back",
    viewer: "bob",
    act: |w| {
        Box::pin(async {
            let path = format!("/v1/chats/{}/me", w.group);
            let all = json!({"level": "mentions", "muted_until": "2027-01-01T00:00:00Z", "favourite": true, "section": "Work"});
            w.as_("bob").patch(&path, all).await.expect(200);
            w.as_("bob").patch(&path, json!({"muted_until": null, "favourite": false})).await.expect(200);
            w.as_("carol").patch(&path, json!({"section": "not for bob"})).await.expect(200);
        })
    },
};

const HIDDEN: Case = Case {
    name: "I hide two chats, and somebody writes in one",
    viewer: "bob",
    act: |w| {
        Box::pin(async {
            for chat in [w.group, w.direct] {
                w.as_("bob")
                    .patch(&format!("/v1/chats/{chat}/me"), json!({"hidden": true}))
                    .await
                    .expect(200);
            }
            w.app.settle().await;
            w.as_("alice").say(w.direct, "still there?").await;
        })
    },
};

const UNREAD: Case = Case {
    name: "I call two chats unread, and write in one",
    viewer: "alice",
    act: |w| {
        Box::pin(async {
            for (chat, from) in [(w.group, 0), (w.direct, 0)] {
                let path = format!("/v1/chats/{chat}");
                w.as_("alice").put(&format!("{path}/read-marker"), json!({"seq": 9})).await.expect(200);
                w.app.settle().await;
                w.as_("alice").patch(&format!("{path}/me"), json!({"unread_from": from})).await.expect(200);
            }
            w.app.settle().await;
            w.as_("bob").say(w.group, "three").await;
            w.as_("alice").say(w.direct, "mine").await;
            w.app.settle().await;
            w.as_("bob").delete(&w.message(1)).await.expect(200);
        })
    },
};

const READ_AGAIN: Case = Case {
    name: "I read again what I called unread",
    viewer: "bob",
    act: |w| {
        Box::pin(async {
            let path = format!("/v1/chats/{}", w.group);
            w.as_("bob").patch(&format!("{path}/me"), json!({"unread_from": 1})).await.expect(200);
            w.as_("bob").put(&format!("{path}/read-marker"), json!({"seq": 1})).await.expect(200);
            w.app.settle().await;
        })
    },
};
