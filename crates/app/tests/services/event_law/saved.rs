//! What somebody saves for themselves.

use http::Method;

use super::{Case, World};

pub(super) const CASES: &[Case] = &[BACK_AND_FORTH, GONE];

async fn save(w: &World, name: &str, method: Method, seq: i64) {
    let answer = w.as_(name).call(method, &format!("{}/saved", w.message(seq)), None).await;
    assert!(answer.status.is_success(), "{}", answer.body);
    w.app.settle().await;
}

const BACK_AND_FORTH: Case = Case {
    name: "I save messages on another device, and one is saved no more",
    viewer: "carol",
    act: |w| {
        Box::pin(async {
            for seq in [0, 1, 0] {
                save(w, "carol", Method::PUT, seq).await;
            }
            save(w, "bob", Method::PUT, 1).await;
            save(w, "carol", Method::DELETE, 0).await;
            save(w, "bob", Method::DELETE, 1).await;
        })
    },
};

const GONE: Case = Case {
    name: "a message that I saved is deleted, and somebody takes me out of the chat of another",
    viewer: "bob",
    act: |w| {
        Box::pin(async {
            for seq in [0, 1] {
                save(w, "bob", Method::PUT, seq).await;
            }
            let private = format!("/v1/chats/{}/messages/0", w.direct);
            w.as_("bob").call(Method::PUT, &format!("{private}/saved"), None).await.expect(200);
            w.as_("alice").delete(&private).await.expect(200);
            w.as_("alice").delete(&w.member("bob")).await.expect(204);
        })
    },
};
