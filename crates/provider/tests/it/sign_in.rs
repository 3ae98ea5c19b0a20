//! Signing in and out with real routes, forms and cookies.

use std::collections::BTreeMap;

use crate::support::{PUBLIC_URL, World, hidden_field, password_of};
use http::{Method, Request, StatusCode};
use petit_app::sessions;
use petit_provider::{SignUp, accounts};

#[tokio::test]
async fn two_people_sign_in_with_two_browsers() {
    let world = World::with_people(SignUp::Invitation).await;
    let (mut firefox, mut chromium) = (world.firefox(), world.chromium());
    let (alice, bob) =
        (world.sign_in(&mut firefox, "alice").await, world.sign_in(&mut chromium, "bob").await);
    let callers = [
        sessions::authenticate(&world.app, &alice).await.expect("alice's session"),
        sessions::authenticate(&world.app, &bob).await.expect("bob's session"),
    ];
    assert_ne!(callers[0].user, callers[1].user);
    let label = |n: usize| world.app.store().sessions.list(callers[n].user);
    assert_eq!(label(0).await.expect("sessions")[0].label, "Firefox on Linux");
    assert_eq!(label(1).await.expect("sessions")[0].label, "Chromium on Linux");
}

#[tokio::test]
async fn signing_in_again_is_the_same_person_and_ends_the_session_it_replaces() {
    let world = World::with_people(SignUp::Invitation).await;
    let mut browser = world.firefox();
    let first = world.sign_in(&mut browser, "alice").await;
    let before = sessions::authenticate(&world.app, &first).await.expect("signed in");
    let second = world.sign_in(&mut browser, "alice").await;
    let after = sessions::authenticate(&world.app, &second).await.expect("signed in");
    assert_eq!(before.user, after.user);
    assert_ne!(before.session, after.session);
    assert!(sessions::authenticate(&world.app, &first).await.is_err(), "the old session is over");
}

#[tokio::test]
async fn people_come_back_to_where_they_wanted_to_be() {
    let world = World::with_people(SignUp::Invitation).await;
    for (wish, place) in
        [("/chats/1%3Fa%3Db", "/chats/1?a=b"), ("//evil.example", "/"), ("https%3A%2F%2Fevil", "/")]
    {
        let mut browser = world.firefox();
        let page = world.sign_in_page(&mut browser, wish).await;
        let sent = world.submit(&mut browser, &page, "alice", &password_of("alice")).await;
        let done = browser.get(sent.location()).await;
        assert_eq!(done.location(), place);
    }
}

#[tokio::test]
async fn two_tabs_may_sign_in_side_by_side() {
    let world = World::with_people(SignUp::Invitation).await;
    let mut browser = world.firefox();
    let one = world.sign_in_page(&mut browser, "/one").await;
    let two = world.sign_in_page(&mut browser, "/two").await;
    for (page, place) in [(&one, "/one"), (&two, "/two")] {
        let sent = world.submit(&mut browser, page, "alice", &password_of("alice")).await;
        assert_eq!(browser.get(sent.location()).await.location(), place);
    }
}

#[tokio::test]
async fn begun_sign_ins_do_not_pile_up_in_the_browser() {
    let world = World::with_people(SignUp::Invitation).await;
    let mut browser = world.firefox();
    for _ in 0..20 {
        browser.get("/auth/sign-in").await;
        assert!(browser.cookies.len() <= 5, "{:?}", browser.cookies.keys());
    }
    world.sign_in(&mut browser, "alice").await;
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_username_look_the_same() {
    let world = World::with_people(SignUp::Invitation).await;
    let mut pages = Vec::new();
    for username in ["alice", "nobody", "not a username"] {
        let mut browser = world.firefox();
        let page = world.sign_in_page(&mut browser, "/").await;
        let answer = world.submit(&mut browser, &page, username, "wrong horse battery").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains("That username and password do not match"), "{}", answer.body);
        assert!(!answer.body.contains("wrong horse"), "the password is not sent back");
        let form = hidden_field(&answer.body);
        pages.push(answer.body.replace(&form, "").replace(username, "USERNAME"));
    }
    assert_eq!(pages[0], pages[1]);
    assert_eq!(pages[0], pages[2]);
}

#[tokio::test]
async fn a_page_with_an_error_can_be_sent_again() {
    let world = World::with_people(SignUp::Invitation).await;
    let mut browser = world.firefox();
    let page = world.sign_in_page(&mut browser, "/there").await;
    let refused = world.submit(&mut browser, &page, "alice", "wrong horse battery").await;
    let sent = world.submit(&mut browser, &refused, "alice", &password_of("alice")).await;
    assert_eq!(browser.get(sent.location()).await.location(), "/there");
}

#[tokio::test]
async fn five_failures_in_a_minute_lock_a_username_for_the_rest_of_it() {
    let world = World::with_people(SignUp::Invitation).await;
    let mut browser = world.firefox();
    let mut page = world.sign_in_page(&mut browser, "/").await;
    for _ in 0..5 {
        page = world.submit(&mut browser, &page, "alice", "wrong horse battery").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    page = world.submit(&mut browser, &page, " ALICE ", &password_of("alice")).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "even with the right password");
    let wait: i64 = page.header("retry-after").parse().expect("seconds");
    assert!((1..=61).contains(&wait), "{wait}");
    assert!(page.body.contains("Too many tries"), "{}", page.body);
    world.sign_in(&mut world.chromium(), "bob").await;
    world.clock.forward(wait);
    let sent = world.submit(&mut browser, &page, "alice", &password_of("alice")).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn successful_sign_ins_are_not_counted() {
    let world = World::with_people(SignUp::Invitation).await;
    for _ in 0..8 {
        world.sign_in(&mut world.firefox(), "alice").await;
    }
}

#[tokio::test]
async fn a_form_works_only_in_the_browser_it_was_shown_to_and_for_an_hour() {
    let world = World::with_people(SignUp::Invitation).await;
    let (mut mallory, mut victim) = (world.chromium(), world.firefox());
    let page = world.sign_in_page(&mut mallory, "/").await;
    assert_eq!(
        world.submit(&mut victim.clone(), &page, "bob", &password_of("bob")).await.status,
        StatusCode::BAD_REQUEST
    );
    world.sign_in_page(&mut victim, "/").await;
    let forced = world.submit(&mut victim, &page, "bob", &password_of("bob")).await;
    assert_eq!(forced.status, StatusCode::BAD_REQUEST, "with a cookie of its own, too");
    world.clock.forward(3601);
    let late = world.submit(&mut mallory, &page, "bob", &password_of("bob")).await;
    assert_eq!(late.status, StatusCode::BAD_REQUEST);
    assert!(late.body.contains("/auth/sign-in"), "there is a way on: {}", late.body);
}

#[tokio::test]
async fn forged_forms_are_refused() {
    let world = World::with_people(SignUp::Invitation).await;
    let mut browser = world.firefox();
    let page = world.sign_in_page(&mut browser, "/").await;
    let form = hidden_field(&page.body);
    let (payload, mac) = form.split_once('.').expect("two parts");
    let last = if mac.ends_with('A') { "B" } else { "A" };
    let forgeries = [
        String::new(),
        "x.y".into(),
        payload.into(),
        format!("{payload}."),
        format!("{payload}.{}{last}", &mac[..mac.len() - 1]),
    ];
    for forged in forgeries {
        let fields = [("form", forged.as_str()), ("username", "alice"), ("password", "alice alice alice")];
        assert_eq!(browser.post("/oidc/sign-in", &fields).await.status, StatusCode::BAD_REQUEST, "{forged}");
    }
    for incomplete in [&[][..], &[("form", form.as_str())][..]] {
        assert_eq!(browser.post("/oidc/sign-in", incomplete).await.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn coming_back_needs_the_browser_the_state_and_time() {
    let world = World::with_people(SignUp::Invitation).await;
    let mut browser = world.firefox();
    let page = world.sign_in_page(&mut browser, "/").await;
    let sent = world.submit(&mut browser, &page, "alice", &password_of("alice")).await;
    let (code, state) = (sent.parameter("code").expect("a code"), sent.parameter("state").expect("a state"));
    let back = |code: &str, state: &str| format!("/auth/callback?code={code}&state={state}");
    let elsewhere = world.chromium().get(&back(&code, &state)).await;
    assert_eq!(elsewhere.status, StatusCode::BAD_REQUEST, "another browser");
    assert_eq!(browser.get(&back(&code, "other")).await.status, StatusCode::BAD_REQUEST, "another state");
    assert_eq!(browser.get("/auth/callback").await.status, StatusCode::BAD_REQUEST, "nothing at all");
    let mut late = browser.clone();
    world.clock.forward(3601);
    assert_eq!(late.get(&back(&code, &state)).await.status, StatusCode::BAD_REQUEST, "too late");
}

#[tokio::test]
async fn a_code_works_once_for_a_minute_and_only_for_who_asked() {
    let world = World::with_people(SignUp::Invitation).await;
    let mut browser = world.firefox();
    let page = world.sign_in_page(&mut browser, "/").await;
    let sent = world.submit(&mut browser, &page, "alice", &password_of("alice")).await;
    let mut again = browser.clone();
    assert_eq!(browser.get(sent.location()).await.status, StatusCode::SEE_OTHER);
    let back = browser.get(sent.location()).await;
    assert_eq!((back.status, back.location()), (StatusCode::SEE_OTHER, "/"), "who is signed in goes on");
    let repeated = again.get(sent.location()).await;
    assert_eq!(repeated.status, StatusCode::FORBIDDEN, "used");
    assert!(again.cookie("petit_session").is_none());

    let page = world.sign_in_page(&mut browser, "/").await;
    let sent = world.submit(&mut browser, &page, "alice", &password_of("alice")).await;
    world.clock.forward(61);
    assert_eq!(browser.get(sent.location()).await.status, StatusCode::FORBIDDEN, "too old");

    // Mallory puts her own code into the sign-in that alice began: nonce and verifier do not fit.
    let mut mallory = world.chromium();
    let page = world.sign_in_page(&mut mallory, "/").await;
    let hers = world
        .submit(&mut mallory, &page, "bob", &password_of("bob"))
        .await
        .parameter("code")
        .expect("a code");
    let begun = browser.get("/auth/sign-in").await;
    let state = begun.parameter("state").expect("a state");
    let injected = browser.get(&format!("/auth/callback?code={hers}&state={state}")).await;
    assert_eq!(injected.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_refusal_of_the_provider_is_said_kindly() {
    let world = World::with_people(SignUp::Invitation).await;
    for (error, status, words) in [
        ("access_denied", StatusCode::FORBIDDEN, "cancelled"),
        ("server_error", StatusCode::SERVICE_UNAVAILABLE, "Try again in a moment"),
        ("%3Cscript%3E", StatusCode::BAD_REQUEST, "did not let you in"),
    ] {
        let mut browser = world.firefox();
        let state = browser.get("/auth/sign-in").await.parameter("state").expect("a state");
        let page = browser.get(&format!("/auth/callback?error={error}&state={state}")).await;
        assert_eq!(page.status, status);
        assert!(page.body.contains(words) && !page.body.contains("<script"), "{}", page.body);
    }
}

#[tokio::test]
async fn without_the_provider_nobody_signs_in_and_nobody_is_signed_out() {
    let world = World::with_people(SignUp::Invitation).await;
    let mut browser = world.firefox();
    world.break_provider(true);
    let page = browser.get("/auth/sign-in").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(page.header("retry-after"), "5");
    world.break_provider(false);
    world.clock.forward(6);
    let token = world.sign_in(&mut browser, "alice").await;
    world.break_provider(true);
    sessions::authenticate(&world.app, &token).await.expect("alice stays signed in");
    let mut other = world.chromium();
    let page = world.sign_in_page(&mut other, "/").await;
    let sent = world.submit(&mut other, &page, "bob", &password_of("bob")).await;
    assert_eq!(
        other.get(sent.location()).await.status,
        StatusCode::SERVICE_UNAVAILABLE,
        "the code cannot be redeemed"
    );
}

#[tokio::test]
async fn signing_out_ends_the_session_everywhere() {
    let world = World::with_people(SignUp::Invitation).await;
    let mut browser = world.firefox();
    let token = world.sign_in(&mut browser, "alice").await;
    let answer = browser.post("/auth/sign-out", &[]).await;
    assert!(
        answer.location().starts_with(&format!("{PUBLIC_URL}/oidc/end-session?")),
        "{}",
        answer.location()
    );
    let home = browser.get(answer.location()).await;
    assert_eq!(home.location(), format!("{PUBLIC_URL}/"));
    assert!(sessions::authenticate(&world.app, &token).await.is_err());
    assert_eq!(browser.cookies, BTreeMap::new(), "nothing is left in the browser");
    assert_eq!(browser.post("/auth/sign-out", &[]).await.status, StatusCode::SEE_OTHER, "again is fine");
}

#[tokio::test]
async fn another_site_cannot_sign_anybody_out() {
    let world = World::with_people(SignUp::Invitation).await;
    let mut browser = world.firefox();
    let token = world.sign_in(&mut browser, "alice").await;
    let request = Request::builder().method(Method::POST).header("sec-fetch-site", "cross-site");
    assert_eq!(browser.send(request, "/auth/sign-out", String::new()).await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.get("/auth/sign-out").await.status, StatusCode::METHOD_NOT_ALLOWED);
    sessions::authenticate(&world.app, &token).await.expect("alice stays signed in");
}

#[tokio::test]
async fn another_name_of_this_machine_is_led_to_the_known_one() {
    let world = World::with_people(SignUp::Invitation).await;
    let mut browser = world.firefox();
    let at = |host: &str| Request::builder().method(Method::GET).header("host", host);
    let alias = browser.send(at("localhost:8420"), "/auth/sign-in?return_to=/a", String::new()).await;
    assert_eq!(alias.location(), format!("{PUBLIC_URL}/auth/sign-in?return_to=%2Fa"));
    let lan = browser.send(at("192.168.1.5:8420"), "/auth/sign-in", String::new()).await;
    assert_eq!(lan.status, StatusCode::BAD_REQUEST);
    assert!(lan.body.contains("--public-url http://192.168.1.5:8420"), "{}", lan.body);
}

#[tokio::test]
async fn a_new_password_signs_browsers_out() {
    let world = World::with_people(SignUp::Invitation).await;
    let mut browser = world.firefox();
    let token = world.sign_in(&mut browser, "bob").await;
    let password = accounts::reset(&world.provider, "Bob").await.expect("reset");
    assert!(sessions::authenticate(&world.app, &token).await.is_err());
    let page = world.sign_in_page(&mut browser, "/").await;
    let old = world.submit(&mut browser, &page, "bob", &password_of("bob")).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    let new = world.submit(&mut browser, &old, "bob", &password).await;
    assert_eq!(new.status, StatusCode::SEE_OTHER);
    assert!(accounts::reset(&world.provider, "nobody").await.is_err());
}

#[tokio::test]
async fn nobody_is_signed_out_by_a_token_that_is_none() {
    let world = World::with_people(SignUp::Invitation).await;
    let mut browser = world.firefox();
    let token = world.sign_in(&mut browser, "alice").await;
    for fields in [&[("logout_token", "a.b.c")][..], &[("logout_token", "")], &[("other", "x")], &[]] {
        let answer = browser.post("/auth/backchannel-logout", fields).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{fields:?}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    sessions::authenticate(&world.app, &token).await.expect("still signed in");
}
