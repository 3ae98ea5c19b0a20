use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use petit_domain::{ExternalId, ServerRole};
use petit_ports::{Identity, IdentityError, SignedIn};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::fake::{Fake, ISSUER, Key, REDIRECT, SECRET, assembled, signed};

fn is_refused(result: &Result<SignedIn, IdentityError>) -> bool {
    matches!(result, Err(IdentityError::Refused(_)))
}

#[tokio::test]
async fn a_good_answer_says_who_signed_in() {
    let fake = Fake::new();
    let who = fake.sign_in(&fake.identity()).await.expect("signed in");
    let expected = SignedIn {
        external: ExternalId { issuer: ISSUER.into(), subject: "subject-1".into() },
        username: Some("nadia".into()),
        name: Some("Nadia F.".into()),
        role: ServerRole::Admin,
        verified_email: None,
        session: Some("session-1".into()),
        id_token: who.id_token.clone(),
    };
    assert!(who.id_token.starts_with("eyJ"), "it is kept to be shown when leaving");
    assert_eq!(who, expected);
}

#[tokio::test]
async fn a_sign_in_begins_with_fresh_secrets_and_a_challenge() {
    let fake = Fake::new();
    let identity = fake.identity();
    let (one, two) =
        (identity.start(REDIRECT).await.expect("one"), identity.start(REDIRECT).await.expect("two"));
    assert_ne!(one.pending.state, two.pending.state);
    assert_ne!(one.pending.nonce, two.pending.nonce);
    assert_ne!(one.pending.pkce_verifier, two.pending.pkce_verifier);
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&one.pending.pkce_verifier));
    for part in [
        "https://id.example/authorize?response_type=code",
        "client_id=petit",
        "code_challenge_method=S256",
        "scope=openid+profile+email",
        "redirect_uri=https%3A%2F%2Fchat.example%2Fauth%2Fcallback",
        &format!("state={}", one.pending.state),
        &format!("nonce={}", one.pending.nonce),
        &format!("code_challenge={challenge}"),
    ] {
        assert!(one.authorize_url.contains(part), "{part} is missing in {}", one.authorize_url);
    }
    assert!(!one.authorize_url.contains(&one.pending.pkce_verifier), "the verifier stays here");
}

#[tokio::test]
async fn the_code_is_redeemed_with_its_verifier() {
    let fake = Fake::new();
    let identity = fake.identity();
    let pending = fake.begin(&identity).await;
    identity.finish(REDIRECT, &pending, &pending.state, "the code").await.expect("signed in");
    let sent = fake.script.lock().sent.clone();
    for pair in [("code", "the code"), ("code_verifier", &pending.pkce_verifier), ("redirect_uri", REDIRECT)]
    {
        assert!(
            sent.iter().any(|(name, value)| (name.as_str(), value.as_str()) == pair),
            "{pair:?} in {sent:?}"
        );
    }
}

#[tokio::test]
async fn another_state_is_refused_before_anything_is_asked() {
    let fake = Fake::new();
    let identity = fake.identity();
    let pending = fake.begin(&identity).await;
    assert!(is_refused(&identity.finish(REDIRECT, &pending, "another", "the code").await));
    assert!(fake.script.lock().sent.is_empty());
}

#[tokio::test]
async fn claims_that_are_not_for_us_now_are_refused() {
    type Bad = (&'static str, fn(&mut Value, i64));
    let bad: [Bad; 16] = [
        ("another issuer", |claims, _| claims["iss"] = json!("https://evil.example")),
        ("an issuer that looks alike", |claims, _| claims["iss"] = json!("https://id.example/")),
        ("another audience", |claims, _| claims["aud"] = json!("other")),
        ("a second audience", |claims, _| claims["aud"] = json!(["petit", "other"])),
        ("no audience", |claims, _| claims["aud"] = Value::Null),
        ("another nonce", |claims, _| claims["nonce"] = json!("other")),
        ("no nonce", |claims, _| claims["nonce"] = Value::Null),
        ("expired", |claims, now| claims["exp"] = json!(now - 61)),
        ("from the future", |claims, now| claims["iat"] = json!(now + 61)),
        ("no expiry", |claims, _| claims["exp"] = Value::Null),
        ("several audiences and no party", |claims, _| claims["aud"] = json!(["petit", "account"])),
        ("ours as the party of others' token", |claims, _| {
            claims["aud"] = json!(["account"]);
            claims["azp"] = json!("petit");
        }),
        ("no audience at all", |claims, _| claims["aud"] = json!([])),
        ("several audiences for another party", |claims, _| {
            claims["aud"] = json!(["petit", "account"]);
            claims["azp"] = json!("account");
        }),
        ("made for another party", |claims, _| claims["azp"] = json!("other")),
        ("another access token", |claims, _| claims["at_hash"] = json!("AAAAAAAAAAAAAAAAAAAAAA")),
    ];
    for (what, change) in bad {
        let fake = Fake::new();
        let now = fake.clock.seconds();
        fake.change(move |claims| change(claims, now));
        let result = fake.sign_in(&fake.identity()).await;
        assert!(is_refused(&result), "{what}: {result:?}");
    }
}

/// What providers were seen to send, none of it as the standard has it.
#[tokio::test]
async fn claims_about_people_may_look_like_anything() {
    let changes = [
        json!({"updated_at": "2026-11-27T10:59:07.841Z"}),
        json!({"updated_at": 1_764_241_147_841_i64, "auth_time": "1764241147"}),
        json!({"email_verified": "true", "phone_number_verified": "yes", "phone_number": 4_930_123}),
        json!({"address": "1 Road", "locale": null, "birthdate": 1990, "gender": {}, "zoneinfo": []}),
        json!({"acr": 1, "amr": "pwd", "picture": {"data": {"url": "x"}}, "website": "", "profile": false}),
        json!({"aud": ["petit", "account"], "azp": "petit"}),
        json!({"aud": ["petit"], "azp": "petit"}),
        json!({"exp": 9_999_999_999.5, "groups": {"a": [1]}, "given_name": [], "family_name": 7}),
    ];
    for change in changes {
        let fake = Fake::new();
        let more = change.clone();
        fake.change(move |claims| {
            for (name, value) in more.as_object().expect("claims") {
                claims[name] = value.clone();
            }
        });
        let who = fake.sign_in(&fake.identity()).await.unwrap_or_else(|error| panic!("{change}: {error}"));
        assert_eq!(who.external.subject, "subject-1", "{change}");
        assert_eq!(who.username.as_deref(), Some("nadia"), "{change}");
    }
}

#[tokio::test]
async fn a_subject_may_be_a_number_and_must_be_something() {
    for (subject, expected) in [
        (json!(1234), Some("1234")),
        (json!(9_007_199_254_740_993_i64), Some("9007199254740993")),
        (json!("1234"), Some("1234")),
        (json!(""), None),
        (json!(1.5), None),
        (json!(true), None),
        (json!(null), None),
        (json!({"id": 1}), None),
    ] {
        let fake = Fake::new();
        let sent = subject.clone();
        fake.change(move |claims| claims["sub"] = sent.clone());
        let result = fake.sign_in(&fake.identity()).await;
        match expected {
            Some(expected) => assert_eq!(result.expect("signed in").external.subject, expected),
            None => assert!(is_refused(&result), "{subject}: {result:?}"),
        }
    }
}

#[tokio::test]
async fn clocks_may_differ_by_a_minute() {
    for change in [
        |claims: &mut Value, now: i64| claims["exp"] = json!(now - 59),
        |claims: &mut Value, now: i64| {
            claims["iat"] = json!(now + 60);
        },
    ] {
        let fake = Fake::new();
        let now = fake.clock.seconds();
        fake.change(move |claims| change(claims, now));
        fake.sign_in(&fake.identity()).await.expect("taken");
    }
}

#[tokio::test]
async fn tokens_that_prove_nothing_are_refused() {
    let fake = Fake::new();
    let identity = fake.identity();
    let stranger = Key { name: "one".into(), ..Key::new("stranger") };
    let good = fake.script.lock().published[0].clone();
    let demanding = good.clone();
    let swapped = signed(good);
    type Bad = Box<dyn Fn(&Value) -> String + Send + Sync>;
    let bad: Vec<(&str, Bad)> = vec![
        ("alg none", Box::new(|claims| assembled(&json!({ "alg": "none" }), claims, b""))),
        ("alg none in capitals", Box::new(|claims| assembled(&json!({ "alg": "NONE" }), claims, b""))),
        ("no signature", Box::new(|claims| assembled(&json!({ "alg": "ES256", "kid": "one" }), claims, b""))),
        (
            "a signature of zeros",
            Box::new(|claims| assembled(&json!({ "alg": "ES256", "kid": "one" }), claims, &[0; 64])),
        ),
        ("another's key under the same name", Box::new(move |claims| signed(stranger.clone())(claims))),
        (
            "signed with the shared secret",
            Box::new(|claims| {
                let key = EncodingKey::from_secret(SECRET.as_bytes());
                jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).expect("signed")
            }),
        ),
        (
            "claims changed after signing",
            Box::new(move |claims| {
                let token = swapped(claims);
                let signature = token.rsplit('.').next().expect("a signature").to_owned();
                let mut other = claims.clone();
                other["sub"] = json!("somebody else");
                let unsigned = assembled(&json!({ "alg": "ES256", "kid": "one" }), &other, b"");
                format!("{unsigned}{signature}")
            }),
        ),
        (
            "a demand that nobody knows here",
            Box::new(move |claims| {
                let head = json!({ "alg": "ES256", "kid": "one", "crit": ["sealed"] });
                let unsigned = assembled(&head, claims, b"");
                let signature = jsonwebtoken::crypto::sign(
                    unsigned.trim_end_matches('.').as_bytes(),
                    &demanding.key,
                    Algorithm::ES256,
                )
                .expect("signed");
                format!("{unsigned}{signature}")
            }),
        ),
        ("not a token", Box::new(|_| "rubbish".to_owned())),
        ("two parts", Box::new(|_| "e30.e30".to_owned())),
        ("empty", Box::new(|_| String::new())),
    ];
    for (what, mint) in bad {
        fake.mint(mint);
        let result = fake.sign_in(&identity).await;
        assert!(is_refused(&result), "{what}: {result:?}");
    }
}

#[tokio::test]
async fn an_error_message_never_carries_a_secret() {
    let fake = Fake::new();
    let identity = fake.identity();
    fake.change(|claims| claims["nonce"] = json!("other"));
    let error = fake.sign_in(&identity).await.expect_err("refused");
    let text = format!("{error} {error:?}");
    assert!(!text.contains(SECRET) && !text.contains("eyJ"), "{text}");
}

#[tokio::test]
async fn leaving_goes_through_the_provider_and_back() {
    let fake = Fake::new();
    let url = fake
        .identity()
        .end_session_url("https://chat.example/", None)
        .await
        .expect("answers")
        .expect("a place");
    assert_eq!(
        url,
        "https://id.example/bye?client_id=petit&post_logout_redirect_uri=https%3A%2F%2Fchat.example%2F"
    );
}

#[tokio::test]
async fn only_an_address_that_was_verified_counts() {
    let fake = Fake::new();
    let identity = fake.identity();
    for (claims, expected) in [
        (json!({"email": "nadia@example.org", "email_verified": true}), Some("nadia@example.org")),
        (json!({"email": "nadia@example.org", "email_verified": false}), None),
        (json!({"email": "nadia@example.org"}), None),
        (json!({"email_verified": true}), None),
        (json!({"email": "nadia@example.org", "email_verified": "true"}), Some("nadia@example.org")),
        (json!({"email": "nadia@example.org", "email_verified": "True"}), Some("nadia@example.org")),
        (json!({"email": "nadia@example.org", "email_verified": "false"}), None),
        (json!({"email": "nadia@example.org", "email_verified": 1}), None),
        (json!({"email": "nadia@example.org", "email_verified": null}), None),
        (json!({"email": ["nadia@example.org"], "email_verified": true}), None),
    ] {
        let more = claims.clone();
        fake.change(move |claims| {
            for (name, value) in more.as_object().expect("claims") {
                claims[name] = value.clone();
            }
        });
        let who = fake.sign_in(&identity).await.expect("signed in");
        assert_eq!(who.verified_email.as_deref(), expected, "{claims}");
    }
}

#[tokio::test]
async fn a_logout_token_says_who_is_to_go() {
    let fake = Fake::new();
    let identity = fake.identity();
    let token = fake.logout_token(|_| {});
    let out = identity.logged_out(&token).await.expect("believed");
    assert_eq!((out.external.subject.as_str(), out.session.as_deref()), ("subject-1", Some("session-1")));
    let all = fake.logout_token(|claims| drop(claims.as_object_mut().expect("claims").remove("sid")));
    assert_eq!(identity.logged_out(&all).await.expect("believed").session, None);
}

#[tokio::test]
async fn what_is_not_quite_a_logout_token_is_refused() {
    type Change = fn(&mut Value);
    let bad: [(&str, Change); 9] = [
        ("kept for a while", |claims| claims["iat"] = json!(claims["iat"].as_i64().expect("a time") - 400)),
        ("a nonce", |claims| claims["nonce"] = json!("n")),
        ("no event", |claims| claims["events"] = json!({})),
        ("another event", |claims| claims["events"] = json!({"http://other.example": {}})),
        ("another audience", |claims| claims["aud"] = json!("other")),
        ("another issuer", |claims| claims["iss"] = json!("https://evil.example")),
        ("too old", |claims| claims["exp"] = json!(1)),
        ("of the future", |claims| claims["iat"] = json!(9_999_999_999_i64)),
        ("no name of its own", |claims| drop(claims.as_object_mut().expect("claims").remove("jti"))),
    ];
    let fake = Fake::new();
    let identity = fake.identity();
    for (what, change) in bad {
        let refused = identity.logged_out(&fake.logout_token(change)).await;
        assert!(matches!(refused, Err(IdentityError::Refused(_))), "{what}");
    }
    fake.mint(move |claims| signed(Key::new("one"))(claims));
    let forged = identity.logged_out(&fake.logout_token(|_| {})).await;
    assert!(matches!(forged, Err(IdentityError::Refused(_))), "signed by somebody else");
    for rubbish in ["", "a.b.c", "eyJ"] {
        assert!(identity.logged_out(rubbish).await.is_err(), "{rubbish:?}");
    }
}
