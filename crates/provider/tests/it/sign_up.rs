//! Making accounts: the owner's link, invitations, the open page and the command line.

use crate::support::{Answer, Browser, PUBLIC_URL, World, hidden_field, password_of};
use http::StatusCode;
use petit_app::{ports::Invitation, sessions};
use petit_domain::{ServerRole, Timestamp, Username};
use petit_provider::{SignUp, accounts};
use sha2::{Digest, Sha256};

/// Fills the page at `link` and sends it.
async fn fill(browser: &mut Browser, page: &Answer, action: &str, username: &str, password: &str) -> Answer {
    let form = hidden_field(&page.body);
    let fields =
        [("form", form.as_str()), ("name", "New Person"), ("username", username), ("password", password)];
    browser.post(action, &fields).await
}

async fn role_of(world: &World, username: &str) -> Option<ServerRole> {
    let username = Username::try_from(username).expect("a username");
    let account = world.app.store().accounts.find(&username).await.expect("the store answers");
    account.map(|account| account.role)
}

async fn invite(world: &World, secret: &str, role: ServerRole, expires_at: Option<Timestamp>) -> String {
    let invitation = Invitation {
        token_hash: Sha256::digest(secret.as_bytes()).into(),
        role,
        created_by: None,
        created_at: world.app.now(),
        expires_at,
        used_by: None,
    };
    world.app.store().accounts.invite(&invitation).await.expect("invited");
    format!("/oidc/sign-up?invitation={secret}")
}

#[tokio::test]
async fn the_printed_link_makes_the_owner_and_then_works_no_more() {
    let world = World::empty(SignUp::Invitation).await;
    let link = world.provider.setup_link().await.expect("a link");
    assert!(link.starts_with(&format!("{PUBLIC_URL}/oidc/setup?token=")), "{link}");
    assert_eq!(world.provider.setup_link().await.as_deref(), Some(link.as_str()), "the same at every start");

    let mut browser = world.firefox();
    let page = browser.get(&link).await;
    assert!(page.body.contains("Make the first account"), "{}", page.body);
    let sent = fill(&mut browser, &page, "/oidc/setup", "owner", "a few good words").await;
    assert_eq!(sent.location(), "/auth/sign-in");
    let home = signed_in_without_password(&mut browser, sent).await;
    assert_eq!(home, "/");
    assert_eq!(role_of(&world, "owner").await, Some(ServerRole::Owner));

    assert_eq!(world.provider.setup_link().await, None);
    assert_eq!(world.chromium().get(&link).await.status, StatusCode::FORBIDDEN);
    let mut late = world.chromium();
    let again = fill(&mut late, &page, "/oidc/setup", "second", "a few good words").await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST, "the page of another browser");
    assert_eq!(role_of(&world, "second").await, None);
}

/// Follows the redirects after an account was made until the product is reached.
async fn signed_in_without_password(browser: &mut Browser, sent: Answer) -> String {
    let authorize = browser.get(sent.location()).await;
    let callback = browser.get(authorize.location()).await;
    let home = browser.get(callback.location()).await;
    assert!(browser.cookie("petit_session").is_some(), "signed in");
    assert!(browser.cookie("petit_oidc_arrival").is_none(), "the pass is used up");
    home.location().to_owned()
}

#[tokio::test]
async fn two_people_with_the_owners_page_make_one_owner() {
    let world = World::empty(SignUp::Open).await;
    let link = world.provider.setup_link().await.expect("a link");
    let (mut one, mut two) = (world.firefox(), world.chromium());
    let (first, second) = (one.get(&link).await, two.get(&link).await);
    let (a, b) = tokio::join!(
        fill(&mut one, &first, "/oidc/setup", "anna", "a few good words"),
        fill(&mut two, &second, "/oidc/setup", "bert", "a few good words"),
    );
    let won = [&a, &b].iter().filter(|answer| answer.status == StatusCode::SEE_OTHER).count();
    assert_eq!(won, 1, "{} {}", a.status, b.status);
    assert_eq!(accounts::list(&world.provider).await.expect("accounts").len(), 1);
}

#[tokio::test]
async fn a_guessed_setup_link_is_refused() {
    let world = World::empty(SignUp::Open).await;
    for link in
        ["/oidc/setup", "/oidc/setup?token=", "/oidc/setup?token=guess", "/oidc/setup?token=a&token=b"]
    {
        assert_eq!(world.firefox().get(link).await.status, StatusCode::FORBIDDEN, "{link}");
    }
}

#[tokio::test]
async fn before_the_first_account_everybody_is_told_where_the_link_is() {
    let world = World::empty(SignUp::Open).await;
    let mut browser = world.firefox();
    let page = world.sign_in_page(&mut browser, "/").await;
    assert!(page.body.contains("printed in the terminal"), "{}", page.body);
    assert!(!page.body.contains("<form"), "there is nobody to sign in");
    let sign_up = world.firefox().get("/oidc/sign-up").await;
    assert!(
        sign_up.body.contains("printed in the terminal"),
        "not even where sign-up is open: {}",
        sign_up.body
    );
}

#[tokio::test]
async fn an_invitation_makes_one_account_with_its_role() {
    let world = World::with_people(SignUp::Invitation).await;
    let link = invite(&world, "secret-of-the-link", ServerRole::Admin, None).await;
    let mut browser = world.firefox();
    let page = browser.get(&link).await;
    assert_eq!(page.status, StatusCode::OK);
    let sent = fill(&mut browser, &page, "/oidc/sign-up", "carol", &password_of("carol")).await;
    assert_eq!(signed_in_without_password(&mut browser, sent).await, "/");
    assert_eq!(role_of(&world, "carol").await, Some(ServerRole::Admin));
    let again = fill(&mut browser, &page, "/oidc/sign-up", "dave", &password_of("dave")).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.get(&link).await.status, StatusCode::FORBIDDEN);
    world.sign_in(&mut world.chromium(), "carol").await;
}

#[tokio::test]
async fn of_two_people_with_one_invitation_one_wins() {
    let world = World::with_people(SignUp::Invitation).await;
    let link = invite(&world, "shared", ServerRole::Member, None).await;
    let (mut one, mut two) = (world.firefox(), world.chromium());
    let (first, second) = (one.get(&link).await, two.get(&link).await);
    let (a, b) = tokio::join!(
        fill(&mut one, &first, "/oidc/sign-up", "carol", "a few good words"),
        fill(&mut two, &second, "/oidc/sign-up", "dave", "a few good words"),
    );
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 403]);
}

#[tokio::test]
async fn a_taken_username_or_a_weak_password_does_not_use_the_invitation_up() {
    let world = World::with_people(SignUp::Invitation).await;
    let link = invite(&world, "patient", ServerRole::Member, None).await;
    let mut browser = world.firefox();
    let mut page = browser.get(&link).await;
    for (username, password, words) in [
        ("Alice", "a few good words", "That username is taken"),
        ("a b", "a few good words", "2 to 32"),
        ("Everyone", "a few good words", "means everybody"),
        ("carol", "12345678", "first to be guessed"),
        ("carol", "short", "8 to 256"),
    ] {
        page = fill(&mut browser, &page, "/oidc/sign-up", username, password).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains(words), "{words}: {}", page.body);
        assert!(page.body.contains("value=\"New Person\""), "what was typed is kept");
        assert!(!page.body.contains(password), "but not the password");
    }
    let sent = fill(&mut browser, &page, "/oidc/sign-up", "carol", "a few good words").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_old_or_unknown_invitation_is_refused() {
    let world = World::with_people(SignUp::Open).await;
    let link =
        invite(&world, "short-lived", ServerRole::Member, Some(world.app.now().plus_seconds(60))).await;
    let mut browser = world.firefox();
    let page = browser.get(&link).await;
    assert_eq!(page.status, StatusCode::OK);
    world.clock.forward(60);
    let sent = fill(&mut browser, &page, "/oidc/sign-up", "carol", "a few good words").await;
    assert_eq!(sent.status, StatusCode::FORBIDDEN, "it ran out while the page was open");
    assert_eq!(browser.get(&link).await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.get("/oidc/sign-up?invitation=unknown").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn who_may_sign_up_is_decided_by_the_operator() {
    for (sign_up, status) in [
        (SignUp::Open, StatusCode::OK),
        (SignUp::Invitation, StatusCode::FORBIDDEN),
        (SignUp::Closed, StatusCode::FORBIDDEN),
    ] {
        let world = World::with_people(sign_up).await;
        assert_eq!(world.firefox().get("/oidc/sign-up").await.status, status, "{sign_up:?}");
        let sign_in = world.sign_in_page(&mut world.firefox(), "/").await;
        assert_eq!(sign_in.body.contains("/oidc/sign-up"), sign_up == SignUp::Open, "{sign_up:?}");
    }
    let world = World::with_people(SignUp::Closed).await;
    let link = invite(&world, "from-before", ServerRole::Member, None).await;
    assert_eq!(world.firefox().get(&link).await.status, StatusCode::FORBIDDEN, "closed is closed");
}

#[tokio::test]
async fn anybody_may_sign_up_where_it_is_open_and_is_a_member() {
    let world = World::with_people(SignUp::Open).await;
    let mut browser = world.firefox();
    let page = browser.get("/oidc/sign-up").await;
    let sent = fill(&mut browser, &page, "/oidc/sign-up", "carol", "a few good words").await;
    signed_in_without_password(&mut browser, sent).await;
    assert_eq!(role_of(&world, "carol").await, Some(ServerRole::Member));
    let token = browser.cookie("petit_session").expect("a session");
    sessions::authenticate(&world.app, token).await.expect("a live session");
}

#[tokio::test]
async fn the_pass_of_a_new_account_works_once_soon_and_only_there() {
    let world = World::with_people(SignUp::Open).await;
    let mut browser = world.firefox();
    let page = browser.get("/oidc/sign-up").await;
    fill(&mut browser, &page, "/oidc/sign-up", "carol", "a few good words").await;
    let mut copy = browser.clone();
    let mut late = browser.clone();
    let authorize = browser.get("/auth/sign-in").await;
    assert_eq!(browser.get(authorize.location()).await.status, StatusCode::SEE_OTHER);
    let authorize = copy.get("/auth/sign-in").await;
    assert_eq!(
        copy.get(authorize.location()).await.status,
        StatusCode::OK,
        "used: the page asks for the password"
    );

    let page = late.get("/oidc/sign-up").await;
    fill(&mut late, &page, "/oidc/sign-up", "dave", "a few good words").await;
    world.clock.forward(61);
    let authorize = late.get("/auth/sign-in").await;
    assert_eq!(late.get(authorize.location()).await.status, StatusCode::OK, "too late");
}

#[tokio::test]
async fn a_sign_up_form_of_another_browser_is_refused() {
    let world = World::with_people(SignUp::Open).await;
    let page = world.chromium().get("/oidc/sign-up").await;
    let mut victim = world.firefox();
    victim.get("/oidc/sign-up").await;
    let forced = fill(&mut victim, &page, "/oidc/sign-up", "carol", "a few good words").await;
    assert_eq!(forced.status, StatusCode::BAD_REQUEST);
    let page = world.sign_in_page(&mut victim, "/").await;
    let mixed = fill(&mut victim, &page, "/oidc/sign-up", "carol", "a few good words").await;
    assert_eq!(mixed.status, StatusCode::BAD_REQUEST, "nor is a form of another page");
}

#[tokio::test]
async fn the_command_line_makes_the_owner_first_and_then_what_is_asked() {
    let world = World::empty(SignUp::Closed).await;
    let (owner, password) =
        accounts::add(&world.provider, "Zoe", "Zoë", None, ServerRole::Member).await.expect("added");
    assert_eq!((owner.username.as_str(), owner.role), ("zoe", ServerRole::Owner));
    let (bob, _) =
        accounts::add(&world.provider, "bob", "Bob", None, ServerRole::Member).await.expect("added");
    assert_eq!(bob.role, ServerRole::Member);
    let taken =
        accounts::add(&world.provider, "ZOE", "Other", None, ServerRole::Member).await.expect_err("taken");
    assert_eq!(taken.code(), "username_taken");
    let weak =
        accounts::add(&world.provider, "carol", "C", Some("12345678".into()), ServerRole::Member).await;
    assert!(weak.is_err());
    let names: Vec<String> = accounts::list(&world.provider)
        .await
        .expect("accounts")
        .into_iter()
        .map(|account| account.username.to_string())
        .collect();
    assert_eq!(names, ["bob", "zoe"]);

    let mut browser = world.firefox();
    let page = world.sign_in_page(&mut browser, "/").await;
    let sent = world.submit(&mut browser, &page, "zoe", &password).await;
    let done = browser.get(sent.location()).await;
    assert_eq!(done.location(), "/");
    let token = browser.cookie("petit_session").expect("a session");
    let caller = sessions::authenticate(&world.app, token).await.expect("signed in");
    assert_eq!(caller.user, owner.id, "the person made on the command line");
}
