use std::time::{Duration, Instant};

use petit_plexer::Settings;
use petit_protocol::ServerFrame;

use crate::support::{Client, EventSource, Server, fast};

#[tokio::test]
async fn ending_a_session_closes_its_connections_and_no_others() {
    // Nothing but the announcement can close them: nobody looks at the clock.
    let server = Server::with(Settings { sweep_every: Duration::from_secs(3_600), ..fast() }).await;
    let alice = server.person("alice").await;
    let other = server.session_of(alice.user).await;
    let mut doomed = Client::of(&server, &alice).await;
    let mut stream = EventSource::of(&server, &alice, None).await;
    let mut spared = Client::of(&server, &other).await;
    let began = Instant::now();
    petit_app::sessions::revoke(&server.app, alice.user, alice.caller.session).await.expect("revoked");
    let goaway = doomed.frame().await;
    assert!(matches!(goaway, ServerFrame::Goaway { reason, .. } if reason == "revoked"));
    assert_eq!(doomed.close_code().await, 4006);
    assert_eq!(stream.next().await, None);
    assert!(began.elapsed() < Duration::from_secs(5));
    assert!(spared.frames_so_far().await.is_empty());
}

#[tokio::test]
async fn a_session_that_ends_unheard_is_noticed_too() {
    let server = Server::start().await;
    let alice = server.person("alice").await;
    let mut client = Client::of(&server, &alice).await;
    let sessions = &server.app.store().sessions;
    sessions.revoke(alice.user, alice.caller.session, server.app.now()).await.expect("revoked in the store");
    assert_eq!(client.close_code().await, 4006);
}

#[tokio::test]
async fn an_ended_session_cannot_resume() {
    let server = Server::start().await;
    let alice = server.person("alice").await;
    let broken = Client::of(&server, &alice).await.broken();
    petit_app::sessions::revoke(&server.app, alice.user, alice.caller.session).await.expect("revoked");
    let mut client = Client::connect(&server).await;
    let (token, received) = (broken.resume_token, broken.received);
    client.say(serde_json::json!({ "type": "resume", "token": token, "received": received })).await;
    assert_eq!(client.close_code().await, 4006);
}
