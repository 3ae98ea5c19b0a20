//! Pages hold against what people type, and are what browsers, password managers and screen readers need.

use crate::support::{Answer, World, hidden_field};
use http::StatusCode;
use petit_provider::SignUp;

/// Every page there is, with the payload wherever a person or an address can put one.
async fn all_pages(payload: &str, languages: &'static str) -> Vec<Answer> {
    let escaped =
        percent_encoding::utf8_percent_encode(payload, percent_encoding::NON_ALPHANUMERIC).to_string();
    let world = World::with_people(SignUp::Open).await;
    let mut browser = world.firefox().speaking(languages);
    let sign_in = world.sign_in_page(&mut browser, &format!("/{escaped}")).await;
    let no_match = world.submit(&mut browser, &sign_in, payload, payload).await;
    let sign_up = browser.get("/oidc/sign-up").await;
    let form = hidden_field(&sign_up.body);
    let fields = [("form", form.as_str()), ("name", payload), ("username", payload), ("password", payload)];
    let refused = browser.post("/oidc/sign-up", &fields).await;
    let state = browser.get("/auth/sign-in").await.parameter("state").expect("a state");
    let mut pages = vec![sign_in, no_match, sign_up, refused];
    for address in [
        format!("/oidc/authorize?client_id={escaped}&redirect_uri={escaped}&state={escaped}"),
        format!("/oidc/sign-up?invitation={escaped}"),
        format!("/oidc/setup?token={escaped}"),
        format!("/oidc/end-session?post_logout_redirect_uri={escaped}"),
        format!("/auth/callback?error={escaped}&error_description={escaped}&state={state}"),
        format!("/auth/callback?code={escaped}&state={escaped}"),
    ] {
        pages.push(browser.get(&address).await);
    }
    let empty = World::empty(SignUp::Open).await;
    let mut browser = empty.firefox().speaking(languages);
    pages.push(empty.sign_in_page(&mut browser, "/").await);
    pages.push(browser.get(&empty.provider.setup_link().await.expect("a link")).await);
    pages
}

#[tokio::test]
async fn no_page_runs_or_shows_as_markup_what_somebody_typed() {
    for payload in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "'><svg onload=alert(1)>",
        "\" autofocus onfocus=\"alert(1)",
        "</title></style><script>alert(1)</script>",
        "javascript:alert(1)",
        "<!--",
        "]]><b>",
        "{{7*7}}${7*7}<%= 7*7 %>",
        "\u{202e}\u{0}\r\nSet-Cookie: a=b",
    ] {
        for page in all_pages(payload, "en").await {
            for markup in ["<script", "<img", "onerror=alert", "<svg onload", "onfocus=\"", "<!--", "<b>"] {
                let live = page.body.contains(markup) && !page.body.contains(&escaped_html(markup));
                assert!(!live, "{markup} of {payload:?} is live in {}", page.body);
            }
            assert!(
                page.headers
                    .get_all("set-cookie")
                    .iter()
                    .all(|cookie| !cookie.as_bytes().starts_with(b"a=b"))
            );
        }
    }
}

fn escaped_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[tokio::test]
async fn every_page_is_closed_to_scripts_frames_and_caches() {
    for page in all_pages("x", "en").await {
        assert!(page.header("content-type").starts_with("text/html"), "{}", page.body);
        let policy = page.header("content-security-policy");
        for rule in [
            "default-src 'none'",
            "style-src 'sha256-",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(rule), "{rule} is missing in {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("referrer-policy"), "same-origin");
        for forbidden in ["<script", " on", "style=", "http-equiv", "<iframe", "javascript:"] {
            let inside: String = page.body.split("<body>").nth(1).expect("a body").to_owned();
            let tags =
                inside.split('<').filter_map(|tag| tag.split('>').next()).collect::<Vec<_>>().join("\n");
            assert!(!tags.contains(forbidden), "{forbidden} in {tags}");
        }
    }
}

#[tokio::test]
async fn every_page_has_a_language_a_title_a_main_part_and_one_heading() {
    for page in all_pages("x", "en").await {
        let count = |text: &str| page.body.matches(text).count();
        assert!(page.body.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{}", page.body);
        assert_eq!((count("<title>"), count("<main>"), count("<h1>")), (1, 1, 1), "{}", page.body);
        assert!(page.body.contains("name=\"viewport\""));
        for field in page.body.split("<input ").skip(1).filter(|field| !field.starts_with("type=\"hidden\""))
        {
            let id = field.split("id=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an id");
            assert!(page.body.contains(&format!("<label for=\"{id}\">")), "{id} has a label");
        }
    }
}

#[tokio::test]
async fn password_managers_understand_the_forms() {
    let world = World::with_people(SignUp::Open).await;
    let mut browser = world.firefox();
    let sign_in = world.sign_in_page(&mut browser, "/").await.body;
    assert!(
        sign_in.contains("autocomplete=\"username\"")
            && sign_in.contains("autocomplete=\"current-password\"")
    );
    let sign_up = browser.get("/oidc/sign-up").await.body;
    assert!(
        sign_up.contains("autocomplete=\"username\"") && sign_up.contains("autocomplete=\"new-password\"")
    );
}

#[tokio::test]
async fn an_error_is_announced_and_tied_to_its_fields() {
    let world = World::with_people(SignUp::Open).await;
    let mut browser = world.firefox();
    let page = world.sign_in_page(&mut browser, "/").await;
    assert!(!page.body.contains("role=\"alert\""), "no error at first");
    let refused = world.submit(&mut browser, &page, "alice", "wrong horse battery").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.body.matches("role=\"alert\" id=\"problem\"").count(), 1);
    assert_eq!(refused.body.matches("aria-invalid=\"true\" aria-describedby=\"problem\"").count(), 2);
    assert!(refused.body.contains("value=\"alice\""), "the username is kept");
}

#[tokio::test]
async fn every_page_speaks_the_language_of_its_browser() {
    for page in all_pages("x", "fr-CA, en;q=0.5").await {
        assert!(page.body.contains("<html lang=\"fr\">"), "{}", page.body);
        for english in [" the ", " you ", " and ", "Sign", "again"] {
            assert!(!page.body.contains(english), "{english:?} is left in {}", page.body);
        }
    }
    for page in all_pages("x", "de").await {
        assert!(page.body.contains("<html lang=\"en\">"), "{}", page.body);
    }
}
