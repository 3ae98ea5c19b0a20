//! The same over real sockets, as with an outside provider.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{Router, response::Redirect, routing::get};
use petit_identity_oidc::HttpExchange;
use petit_ports::{Identity, IdentityError};
use tokio::net::TcpListener;

use super::fake::{Fake, REDIRECT};

/// Serves what `make` gives for the address it gets.
async fn serve(make: impl FnOnce(&str) -> Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let router = make(&address);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

#[tokio::test]
async fn somebody_signs_in_at_a_provider_across_the_network() {
    let mut made = None;
    serve(|address| made.insert(Fake::at(address)).router()).await;
    let fake = made.expect("a provider");
    let identity = fake.identity_by(HttpExchange::network().expect("TLS"));
    let who = fake.sign_in(&identity).await.expect("signed in");
    assert_eq!(who.username.as_deref(), Some("nadia"));
}

#[tokio::test]
async fn a_provider_that_sends_us_elsewhere_is_not_followed() {
    let asked = Arc::new(AtomicBool::new(false));
    let note = asked.clone();
    let secret = get(move || async move { note.store(true, Ordering::SeqCst) });
    let inside = serve(|_| Router::new().route("/secret", secret)).await;
    let path = "/.well-known/openid-configuration";
    let target = format!("{inside}/secret");
    let address = serve(|_| Router::new().route(path, get(|| async move { Redirect::to(&target) }))).await;
    let identity = Fake::at(&address).identity_by(HttpExchange::network().expect("TLS"));
    assert!(matches!(identity.start(REDIRECT).await, Err(IdentityError::Unavailable(Some(_)))));
    assert!(!asked.load(Ordering::SeqCst));
}

#[tokio::test]
async fn an_endless_answer_is_cut() {
    let path = "/.well-known/openid-configuration";
    let address = serve(|_| Router::new().route(path, get(|| async { " ".repeat(4 * 1024 * 1024) }))).await;
    let identity = Fake::at(&address).identity_by(HttpExchange::network().expect("TLS"));
    let error = identity.start(REDIRECT).await.expect_err("refused");
    assert!(format!("{error:?}").contains("too long"), "{error:?}");
}

#[tokio::test]
async fn nobody_listening_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let identity = Fake::at(&address).identity_by(HttpExchange::network().expect("TLS"));
    assert!(matches!(identity.start(REDIRECT).await, Err(IdentityError::Unavailable(Some(_)))));
}
