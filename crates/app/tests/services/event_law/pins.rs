//! Pins.

use http::Method;

use super::Case;

pub(super) const CASES: &[Case] = &[BACK_AND_FORTH, WITH_EDITS, DELETED];

const BACK_AND_FORTH: Case = Case {
    name: "messages are pinned, and one is pinned no more",
    viewer: "carol",
    act: |w| {
        Box::pin(async {
            w.pin("alice", Method::PUT, 0).await;
            w.pin("bob", Method::PUT, 1).await;
            w.pin("bob", Method::DELETE, 0).await;
        })
    },
};

const WITH_EDITS: Case = Case {
    name: "a pinned message is edited and somebody reacts",
    viewer: "carol",
    act: |w| {
        Box::pin(async {
            w.pin("bob", Method::PUT, 0).await;
            let body = serde_json::json!({"text": "eins"});
            w.as_("alice").patch(&w.message(0), body).await.expect(200);
            w.react("bob", Method::PUT, 0, "%F0%9F%91%8D").await;
        })
    },
};

const DELETED: Case = Case {
    name: "a pinned message is deleted",
    viewer: "carol",
    act: |w| {
        Box::pin(async {
            w.pin("carol", Method::PUT, 1).await;
            w.as_("bob").delete(&w.message(1)).await.expect(200);
        })
    },
};
