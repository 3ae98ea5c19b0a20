//! The provider as programs see it: discovery, tokens, userinfo, end of session, and what they refuse.

use crate::support::{Answer, Browser, PUBLIC_URL, World, password_of};
use axum::http::header;
use base64::{Engine, prelude::*};
use http::{Method, Request, StatusCode, request::Builder};
use petit_provider::SignUp;
use serde_json::Value;
use sha2::{Digest, Sha256};

const SECRET: &str = "client+secret/with=odd letters";
const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-taken-seriously";

fn challenge() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

/// The address of the authorization endpoint with good parameters, some of them changed.
fn authorize(changes: &[(&str, &str)]) -> String {
    let challenge = challenge();
    let redirect = format!("{PUBLIC_URL}/auth/callback");
    let mut parameters = vec![
        ("client_id", "petit"),
        ("redirect_uri", redirect.as_str()),
        ("response_type", "code"),
        ("scope", "openid profile"),
        ("state", "the state"),
        ("nonce", "the nonce"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changes {
        parameters.retain(|(known, _)| known != name);
        parameters.push((name, value));
    }
    let query: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    format!("/oidc/authorize?{}", query.join("&"))
}

fn escaped(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// A fresh code for alice.
async fn code(world: &World, browser: &mut Browser) -> String {
    let page = browser.get(&authorize(&[])).await;
    let sent = world.submit(browser, &page, "alice", &password_of("alice")).await;
    assert_eq!(sent.parameter("state").as_deref(), Some("the state"));
    sent.parameter("code").expect("a code")
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", escaped(id), escaped(secret))))
}

fn form_request() -> Builder {
    Request::builder().method(Method::POST).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
}

/// Redeems a code with good fields, some of them changed.
async fn redeem(browser: &mut Browser, code: &str, changes: &[(&str, &str)]) -> Answer {
    let redirect = format!("{PUBLIC_URL}/auth/callback");
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect.as_str()),
        ("code_verifier", VERIFIER),
    ];
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    let request = form_request().header(header::AUTHORIZATION, basic("petit", SECRET));
    browser.send(request, "/oidc/token", body.join("&")).await
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("JSON")
}

#[tokio::test]
async fn the_discovery_document_names_what_is_mounted() {
    let world = World::with_people(SignUp::Closed).await;
    let mut browser = world.firefox();
    let document = browser.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["issuer"], PUBLIC_URL);
    let mut named = 0;
    for (name, value) in document.as_object().expect("an object") {
        if let Some(address) =
            value.as_str().filter(|_| name.ends_with("_endpoint") || name.ends_with("_uri"))
        {
            let path = address.strip_prefix(PUBLIC_URL).expect("on this server");
            let (get, post) = (browser.get(path).await, browser.post(path, &[]).await);
            assert!(
                get.status != StatusCode::NOT_FOUND && post.status != StatusCode::NOT_FOUND,
                "{name} is not there"
            );
            named += 1;
        }
    }
    assert_eq!(named, 5, "authorize, token, userinfo, jwks, end session and nothing forgotten: {document}");
}

#[tokio::test]
async fn an_id_token_says_who_signed_in_when_and_for_whom() {
    let world = World::with_people(SignUp::Closed).await;
    let mut browser = world.firefox();
    let code = code(&world, &mut browser).await;
    let answer = redeem(&mut browser, &code, &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    let tokens = answer.json();
    let claims = claims(tokens["id_token"].as_str().expect("an id token"));
    let now = world.app.now().micros() / 1_000_000;
    assert_eq!(
        (&claims["iss"], &claims["aud"], &claims["nonce"]),
        (&PUBLIC_URL.into(), &"petit".into(), &"the nonce".into())
    );
    assert_eq!(
        (&claims["iat"], &claims["auth_time"], &claims["exp"]),
        (&now.into(), &now.into(), &(now + 300).into())
    );
    assert_eq!(
        (&claims["preferred_username"], &claims["name"], &claims["petit_role"]),
        (&"alice".into(), &"alice".into(), &"owner".into())
    );

    let bearer = format!("Bearer {}", tokens["access_token"].as_str().expect("an access token"));
    let ask =
        |token: &str| Request::builder().method(Method::GET).header(header::AUTHORIZATION, token.to_owned());
    let about = browser.send(ask(&bearer), "/oidc/userinfo", String::new()).await.json();
    assert_eq!((&about["sub"], &about["preferred_username"]), (&claims["sub"], &"alice".into()));
    let refused = browser.send(ask("Bearer other"), "/oidc/userinfo", String::new()).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(refused.header("www-authenticate").starts_with("Bearer"));
    world.clock.forward(300);
    let late = browser.send(ask(&bearer), "/oidc/userinfo", String::new()).await;
    assert_eq!(late.status, StatusCode::UNAUTHORIZED, "an access token ends by itself");
}

#[tokio::test]
async fn a_code_is_refused_with_anything_else_than_what_it_was_made_for() {
    let world = World::with_people(SignUp::Closed).await;
    let mut browser = world.firefox();
    for changes in [
        &[("code_verifier", "another-verifier-that-is-also-long-enough-for-the-rules")][..],
        &[("code_verifier", "")][..],
        &[("redirect_uri", "http://127.0.0.1:8420/auth/callback/")][..],
        &[("redirect_uri", "https://evil.example/auth/callback")][..],
        &[("code", "made up")][..],
    ] {
        let code = code(&world, &mut browser).await;
        let refused = redeem(&mut browser, &code, changes).await;
        assert_eq!(
            (refused.status, &refused.json()["error"]),
            (StatusCode::BAD_REQUEST, &"invalid_grant".into()),
            "{changes:?}"
        );
    }
    let good = code(&world, &mut browser).await;
    let wrong = redeem(
        &mut browser,
        &good,
        &[("code_verifier", "another-verifier-that-is-also-long-enough-for-the-rules")],
    )
    .await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let after = redeem(&mut browser, &good, &[]).await;
    assert_eq!(after.status, StatusCode::BAD_REQUEST, "a wrong try uses the code up");
    let unknown = redeem(&mut browser, &good, &[("grant_type", "password")]).await;
    assert_eq!(unknown.json()["error"], "unsupported_grant_type");
}

#[tokio::test]
async fn a_code_that_comes_again_takes_back_what_it_gave() {
    let world = World::with_people(SignUp::Closed).await;
    let mut browser = world.firefox();
    let code = code(&world, &mut browser).await;
    let tokens = redeem(&mut browser, &code, &[]).await.json();
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().expect("an access token"));
    let ask = || Request::builder().method(Method::GET).header(header::AUTHORIZATION, bearer.clone());
    assert_eq!(browser.send(ask(), "/oidc/userinfo", String::new()).await.status, StatusCode::OK);
    assert_eq!(redeem(&mut browser, &code, &[]).await.json()["error"], "invalid_grant");
    assert_eq!(browser.send(ask(), "/oidc/userinfo", String::new()).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn only_the_registered_client_gets_tokens() {
    let world = World::with_people(SignUp::Closed).await;
    let mut browser = world.firefox();
    let code = code(&world, &mut browser).await;
    let body = format!(
        "grant_type=authorization_code&code={code}&code_verifier={VERIFIER}&redirect_uri={}",
        escaped(&format!("{PUBLIC_URL}/auth/callback"))
    );
    for request in [
        form_request(),
        form_request().header(header::AUTHORIZATION, basic("petit", "guess")),
        form_request().header(header::AUTHORIZATION, basic("other", SECRET)),
        form_request().header(header::AUTHORIZATION, "Bearer x"),
        form_request().header(header::AUTHORIZATION, "Basic %%%"),
    ] {
        let refused = browser.send(request, "/oidc/token", body.clone()).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        assert_eq!(refused.json()["error"], "invalid_client");
        assert!(refused.header("www-authenticate").starts_with("Basic"));
    }
    let both = form_request().header(header::AUTHORIZATION, basic("petit", SECRET));
    let both = browser.send(both, "/oidc/token", format!("{body}&client_id=petit&client_secret=x")).await;
    assert_eq!(both.json()["error"], "invalid_request");
    let posted = format!("{body}&client_id=petit&client_secret={}", escaped(SECRET));
    let posted = browser.send(form_request(), "/oidc/token", posted).await;
    assert_eq!(posted.status, StatusCode::OK, "none of that used the code up: {}", posted.body);
}

#[tokio::test]
async fn a_bad_request_for_authorization_sends_nobody_to_a_stranger() {
    let world = World::with_people(SignUp::Closed).await;
    let mut browser = world.firefox();
    for changes in [
        &[("redirect_uri", "https://evil.example/")][..],
        &[("client_id", "other")][..],
        &[("redirect_uri", "https://evil.example/"), ("response_type", "token")][..],
    ] {
        let page = browser.get(&authorize(changes)).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{changes:?}");
        assert!(page.header("location").is_empty() && !page.body.contains("evil.example"), "{}", page.body);
    }
    for bare in
        ["/oidc/authorize", "/oidc/authorize?client_id=petit&client_id=petit", "/oidc/authorize?%FF=%FF"]
    {
        assert_eq!(browser.get(bare).await.status, StatusCode::BAD_REQUEST, "{bare}");
    }
    let told = browser.get(&authorize(&[("code_challenge_method", "plain")])).await;
    assert!(told.location().starts_with(&format!("{PUBLIC_URL}/auth/callback?")), "{}", told.location());
    assert_eq!(told.parameter("error").as_deref(), Some("invalid_request"));
    assert_eq!(told.parameter("state").as_deref(), Some("the state"));
    let silent = browser.get(&authorize(&[("prompt", "none")])).await;
    assert_eq!(silent.parameter("error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn authorization_may_be_asked_for_by_form() {
    let world = World::with_people(SignUp::Closed).await;
    let mut browser = world.firefox();
    let address = authorize(&[]);
    let (path, body) = address.split_once('?').expect("a query");
    let page = browser.send(form_request(), path, body.to_owned()).await;
    assert!(page.status == StatusCode::OK && page.body.contains("name=\"password\""), "{}", page.body);
}

#[tokio::test]
async fn the_end_of_a_session_leads_back_to_the_product_only() {
    let world = World::with_people(SignUp::Closed).await;
    let mut browser = world.firefox();
    browser.get(&authorize(&[])).await;
    assert!(browser.cookie("petit_oidc").is_some());
    let home = escaped(&format!("{PUBLIC_URL}/"));
    let good = browser
        .get(&format!("/oidc/end-session?client_id=petit&post_logout_redirect_uri={home}&state=a%20b"))
        .await;
    assert_eq!(good.location(), format!("{PUBLIC_URL}/?state=a%20b"));
    assert!(browser.cookies.is_empty(), "{:?}", browser.cookies.keys());
    let posted = format!("post_logout_redirect_uri={home}");
    assert_eq!(
        browser.send(form_request(), "/oidc/end-session", posted).await.location(),
        format!("{PUBLIC_URL}/")
    );
    assert!(browser.get("/oidc/end-session").await.body.contains("signed out"));
    for bad in
        ["post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F", "client_id=other", "state=a&state=b"]
    {
        let page = browser.get(&format!("/oidc/end-session?{bad}")).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{bad}");
    }
}

#[tokio::test]
async fn large_and_odd_bodies_are_refused_in_time() {
    let world = World::with_people(SignUp::Closed).await;
    let mut browser = world.firefox();
    let large = format!("form={}", "x".repeat(100_000));
    for path in [
        "/oidc/sign-in",
        "/oidc/sign-up",
        "/oidc/setup",
        "/oidc/token",
        "/oidc/authorize",
        "/oidc/end-session",
    ] {
        for body in [large.clone(), "%".into(), "a=%ff%fe".into(), String::new()] {
            let answer = browser.send(form_request(), path, body).await;
            assert!(answer.status.as_u16() < 500, "{path}: {}", answer.status);
        }
        let json = Request::builder().method(Method::POST).header(header::CONTENT_TYPE, "application/json");
        let answer = browser.send(json, path, "{}".into()).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
    }
}
