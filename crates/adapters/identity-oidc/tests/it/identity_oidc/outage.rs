use petit_ports::{Identity, IdentityError};

use super::fake::{Fake, REDIRECT};

#[tokio::test]
async fn a_provider_that_was_never_there_is_unavailable_and_left_alone_for_a_moment() {
    let fake = Fake::new();
    let identity = fake.identity();
    fake.script.lock().is_down = true;
    assert!(matches!(identity.start(REDIRECT).await, Err(IdentityError::Unavailable(_))));
    fake.script.lock().is_down = false;
    assert!(
        matches!(identity.start(REDIRECT).await, Err(IdentityError::Unavailable(None))),
        "not asked again yet"
    );
    fake.clock.move_by(5);
    identity.start(REDIRECT).await.expect("back");
}

#[tokio::test]
async fn what_was_known_stays_in_use_while_the_provider_is_away() {
    let fake = Fake::new();
    let identity = fake.identity();
    fake.sign_in(&identity).await.expect("known");
    fake.clock.move_by(3601);
    fake.script.lock().is_down = true;
    identity.start(REDIRECT).await.expect("the stale document is good enough to begin");
    fake.script.lock().is_down = false;
    fake.clock.move_by(5);
    fake.sign_in(&identity).await.expect("back");
}

#[tokio::test]
async fn a_provider_that_fails_while_redeeming_is_unavailable_and_not_a_refusal() {
    let fake = Fake::new();
    let identity = fake.identity();
    let pending = fake.begin(&identity).await;
    fake.script.lock().is_down = true;
    let result = identity.finish(REDIRECT, &pending, &pending.state, "the code").await;
    assert!(matches!(result, Err(IdentityError::Unavailable(_))), "{result:?}");
}
