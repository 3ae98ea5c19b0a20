//! What a notifier answers.

mod support;

use petit_app::Heads;
use petit_notifier::{
    DESCRIPTORS, Guard, Peers, RemoteHeads,
    proto::{AckBatch, HeadsRequest, PublishRequest, Read, notifier_client::NotifierClient},
};
use petit_testkit::eventually;
use serde_json::json;
use tonic::{Code, Request, Status, transport::Channel};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};
use uuid::Uuid;

use self::support::Node;

async fn channel(node: &Node) -> Channel {
    Channel::from_shared(node.url()).expect("an address").connect().await.expect("it answers")
}

#[tokio::test]
async fn an_acknowledged_message_moves_the_read_marker_and_never_back() {
    let node = Node::start().await;
    let chat = node.app.group("alice", &["bob"]).await;
    let sent = json!({ "text": "hello", "client_id": "c1" });
    let sent = node.app.as_("alice").post(&format!("/v1/chats/{chat}/messages"), sent).await.expect(201);
    let seq = sent["seq"].as_i64().expect("a number");
    let mut client = NotifierClient::new(channel(&node).await);
    let read = |user, seq| {
        let user = node.app.id(user).uuid().as_bytes().to_vec().into();
        Read { user, chat: chat.uuid().as_bytes().to_vec().into(), seq }
    };
    let batch = AckBatch { reads: vec![read("mallory", 0), read("bob", seq), read("bob", 0)] };
    client.ack(batch).await.expect("acknowledged");
    let marker = node.app.as_("bob").get(&format!("/v1/chats/{chat}/read-marker")).await.expect(200);
    assert_eq!(marker, json!({ "seq": seq, "unread": 0, "mentions": 0 }));
    let nobody = client.ack(AckBatch { reads: vec![read("bob", -1)] }).await.expect_err("no number");
    assert_eq!(nobody.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn heads_are_those_of_the_log_for_more_chats_than_one_question_takes() {
    let node = Node::start().await;
    let chat = node.app.group("alice", &["bob"]).await;
    let head = node.app.store().log.head(chat).await.expect("a store").expect("a chat");
    let nobodys = (1..1_500).map(|number| petit_domain::ChatId::from_uuid(Uuid::from_u128(number)));
    let chats: Vec<_> = nobodys.chain([chat]).collect();
    let heads = RemoteHeads::new(node.peers()).heads(&chats).await.expect("answered");
    assert_eq!(heads, [(chat, head)]);
    let mut client = NotifierClient::new(channel(&node).await);
    let many = vec![vec![0; 16].into(); 1_001];
    let refused = client.heads(HeadsRequest { chats: many }).await.expect_err("too many");
    assert_eq!(refused.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn heads_are_unavailable_while_the_store_is() {
    let node = Node::start().await;
    let chat = node.app.group("alice", &["bob"]).await;
    node.app.spy.fail_after(0);
    let heads = RemoteHeads::new(node.peers());
    assert!(matches!(heads.heads(&[chat]).await, Err(petit_app::AppError::Unavailable(_))));
    node.app.spy.heal();
    assert_eq!(heads.heads(&[chat]).await.expect("answered").len(), 1);
}

#[tokio::test]
async fn what_is_not_an_event_is_not_published() {
    let node = Node::start().await;
    let mut client = NotifierClient::new(channel(&node).await);
    let nonsense = PublishRequest { subject: None, json: "{}".into() };
    assert_eq!(client.publish(nonsense).await.expect_err("refused").code(), Code::InvalidArgument);
}

#[tokio::test]
async fn it_says_that_it_is_healthy_and_what_it_serves() {
    let node = Node::start().await;
    let channel = channel(&node).await;
    let service = "petit.notifier.v1.Notifier".to_owned();
    let question = HealthCheckRequest { service: service.clone() };
    let health = HealthClient::new(channel.clone()).check(question).await.expect("answered").into_inner();
    assert_eq!(health.status, 1, "serving");
    let question = MessageRequest::ListServices(String::new());
    let question = ServerReflectionRequest { host: String::new(), message_request: Some(question) };
    let answers = ServerReflectionClient::new(channel)
        .server_reflection_info(tokio_stream::once(question))
        .await
        .expect("answered");
    let answer = answers.into_inner().message().await.expect("answered").expect("one answer");
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
        panic!("another answer");
    };
    let names: Vec<_> = list.service.into_iter().map(|service| service.name).collect();
    assert!(names.contains(&service), "{names:?}");
    assert!(DESCRIPTORS.windows(12).any(|part| part == b"PresenceRepo"), "the description is compiled in");
}

#[tokio::test]
async fn who_cannot_prove_who_they_are_is_refused_everything() {
    let proof = |mut request: Request<()>| {
        request.metadata_mut().insert("proof", "yes".parse().expect("a value"));
        Ok(request)
    };
    let check = |request: Request<()>| match request.metadata().get("proof") {
        Some(_) => Ok(request),
        None => Err(Status::unauthenticated("no proof")),
    };
    let node = Node::guarded(Guard::new(check)).await;
    let chat = node.app.group("alice", &["bob"]).await;
    let stranger = RemoteHeads::new(node.peers());
    stranger.heads(&[chat]).await.expect_err("refused");
    let known = Peers::new(&[node.url()], &Guard::new(proof)).expect("an address");
    let known = RemoteHeads::new(known);
    eventually("who has a proof is answered", async || known.heads(&[chat]).await.is_ok()).await;
}
