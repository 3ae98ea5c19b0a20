use petit_domain::{ChatId, Event, Receipt};
use petit_protocol::Cursors;
use serde_json::json;

use crate::support::{Client, Member, Server};

/// Reads until somebody's receipt is there, and answers it.
async fn told(client: &mut Client, of: &Member, seen: i64) -> Receipt {
    loop {
        if let Event::Receipts { receipts, .. } = client.event().await
            && let Some(found) =
                receipts.into_iter().find(|one| one.user == of.user && one.seen >= Some(seen))
        {
            return found;
        }
    }
}

async fn ack(client: &mut Client, chat: ChatId, delivered: i64, seen: i64) {
    let chats = json!({ chat.to_string(): { "delivered": delivered, "seen": seen } });
    client.say(json!({ "type": "ack", "chats": chats })).await;
}

#[tokio::test]
async fn what_a_device_has_and_its_person_sees_is_told_to_the_others_on_all_their_devices() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let chat = server.group(&[&alice, &bob]).await;
    let seq = server.send(&alice, chat, "hello").await.seq;
    let (mut desk, mut phone) = (Client::of(&server, &alice).await, Client::of(&server, &alice).await);
    let mut bobs = Client::of(&server, &bob).await;
    ack(&mut bobs, chat, seq, -1).await;
    for device in [&mut desk, &mut phone] {
        let receipt = told(device, &bob, -1).await;
        assert_eq!((receipt.delivered, receipt.seen), (seq, Some(-1)));
    }
    // What is said while a device is away is in what it reads when it is back.
    let broken = phone.broken();
    ack(&mut bobs, chat, seq, seq).await;
    assert_eq!(told(&mut desk, &bob, seq).await.seen, Some(seq));
    let (mut phone, ..) = Client::resuming(&server, &broken, &Cursors::new()).await;
    let (status, page) = phone.request(1, "GET", &format!("/v1/chats/{chat}/receipts"), None).await;
    let known = page["receipts"].as_array().expect("a list");
    assert!(known.iter().any(|one| one["user"] == json!(bob.user) && one["seen"] == seq), "{status} {page}");
}

#[tokio::test]
async fn chats_of_others_are_passed_over_silently() {
    let server = Server::start().await;
    let (alice, bob) = (server.person("alice").await, server.person("bob").await);
    let (chat, others) = (server.group(&[&alice, &bob]).await, server.group(&[&alice]).await);
    for of in [chat, others] {
        server.send(&alice, of, "hello").await;
    }
    let (mut alices, mut bobs) = (Client::of(&server, &alice).await, Client::of(&server, &bob).await);
    let [others_id, own_id, nothing] = [others.to_string(), chat.to_string(), bob.user.to_string()];
    let acks = json!({ others_id: { "seen": 0 }, own_id: { "seen": 0 }, nothing: { "seen": 0 } });
    bobs.say(json!({ "type": "ack", "chats": acks })).await;
    assert_eq!(told(&mut alices, &bob, 0).await.delivered, 0);
    assert!(bobs.frames_so_far().await.iter().all(|frame| !format!("{frame:?}").contains("Error")));
    let (_, page) = alices.request(1, "GET", &format!("/v1/chats/{others}/receipts"), None).await;
    let known = page["receipts"].as_array().expect("a list");
    assert!(known.iter().all(|one| one["user"] != json!(bob.user)), "{page}");
}
