use petit_ports::IdentityError;

use super::fake::{Fake, Key, signed};

#[tokio::test]
async fn keys_are_fetched_once_and_kept() {
    let fake = Fake::new();
    let identity = fake.identity();
    for _ in 0..5 {
        fake.sign_in(&identity).await.expect("signed in");
    }
    assert_eq!(fake.script.lock().fetched, 1);
}

#[tokio::test]
async fn a_new_key_is_learned_when_it_is_first_seen() {
    let fake = Fake::new();
    let identity = fake.identity();
    fake.sign_in(&identity).await.expect("with the first key");
    let new = Key::new("two");
    fake.script.lock().published = vec![new.clone()];
    fake.script.lock().mint = signed(new);
    fake.sign_in(&identity).await.expect("with the second key");
    assert_eq!(fake.script.lock().fetched, 2);
}

#[tokio::test]
async fn unknown_keys_make_us_ask_at_most_once_a_minute() {
    let fake = Fake::new();
    let identity = fake.identity();
    fake.script.lock().mint = signed(Key::new("of a stranger"));
    for _ in 0..20 {
        let result = fake.sign_in(&identity).await;
        assert!(matches!(result, Err(IdentityError::Refused(_))), "{result:?}");
    }
    assert_eq!(fake.script.lock().fetched, 2, "once to know the provider, once for the unknown key");
    fake.clock.move_by(60);
    for _ in 0..20 {
        fake.sign_in(&identity).await.expect_err("still unknown");
    }
    assert_eq!(fake.script.lock().fetched, 3);
}

#[tokio::test]
async fn unknown_keys_at_the_same_time_ask_once() {
    let fake = Fake::new();
    let identity = fake.identity();
    fake.script.lock().mint = signed(Key::new("of a stranger"));
    let (a, b, c) = tokio::join!(fake.sign_in(&identity), fake.sign_in(&identity), fake.sign_in(&identity));
    assert!(a.is_err() && b.is_err() && c.is_err());
    assert_eq!(fake.script.lock().fetched, 2);
}

#[tokio::test]
async fn what_is_known_is_asked_anew_after_an_hour() {
    let fake = Fake::new();
    let identity = fake.identity();
    fake.sign_in(&identity).await.expect("signed in");
    fake.clock.move_by(3600);
    fake.sign_in(&identity).await.expect("signed in");
    assert_eq!(fake.script.lock().fetched, 2);
}

#[tokio::test]
async fn a_clock_that_was_set_back_does_not_stop_learning() {
    let fake = Fake::new();
    let identity = fake.identity();
    fake.script.lock().mint = signed(Key::new("of a stranger"));
    fake.sign_in(&identity).await.expect_err("unknown");
    fake.clock.move_by(-7200);
    let new = Key::new("two");
    fake.script.lock().published = vec![new.clone()];
    fake.script.lock().mint = signed(new);
    fake.sign_in(&identity).await.expect("the new key is learned");
}
