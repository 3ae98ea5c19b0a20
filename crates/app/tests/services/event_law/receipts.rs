//! Who has messages and who saw them: hints, of which a screen keeps nothing that it must have.

use petit_app::receipts;
use petit_domain::Acked;
use serde_json::json;

use super::Case;

pub(super) const CASES: &[Case] = &[Case {
    name: "others get and see what I wrote, and one of them hides it",
    viewer: "alice",
    act: |w| {
        Box::pin(async {
            let ack = async |name: &str, seen| {
                let acked = vec![(w.group, Acked { delivered: 1, seen })];
                receipts::ack(&w.app.app, w.app.id(name), acked).await.expect("it is taken");
                w.app.settle().await;
            };
            ack("bob", 1).await;
            w.as_("carol").patch("/v1/me/settings", json!({"receipts": false})).await.expect(200);
            ack("carol", 1).await;
        })
    },
}];
