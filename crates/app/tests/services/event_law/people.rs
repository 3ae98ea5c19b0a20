//! Profiles, and hints about people.

use petit_domain::{Event, Presence};
use petit_ports::Clock;
use serde_json::json;

use super::Case;

pub(super) const CASES: &[Case] = &[
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
