//! What is written down about people signing in: nothing that opens a door or names somebody.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use petit_app::ports::Random;
use petit_provider::{Provider, ProviderSettings, SignUp, keys};
use tracing_subscriber::{filter::LevelFilter, fmt::MakeWriter};

use crate::support::{PUBLIC_URL, World, hidden_field, password_of};

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no writer panics").extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Paper {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_log_holds_no_secret_and_no_name() {
    let paper = Paper::default();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_writer(paper.clone()).finish();
    let _writing = tracing::subscriber::set_default(subscriber);

    let world = World::with_people(SignUp::Open).await;
    let mut browser = world.firefox();
    let page = world.sign_in_page(&mut browser, "/").await;
    let wrong = world.submit(&mut browser, &page, "alice", "canary-password").await;
    let sent = world.submit(&mut browser, &wrong, "alice", &password_of("alice")).await;
    let code = sent.parameter("code").expect("a code");
    let mut thief = browser.clone();
    browser.get(sent.location()).await;
    thief.get(sent.location()).await;
    let session = browser.cookie("petit_session").expect("a session").to_owned();
    world.break_provider(true);
    world.clock.forward(4000);
    browser.get("/auth/sign-in").await;

    let log = String::from_utf8(paper.0.lock().expect("no writer panics").clone()).expect("text");
    assert!(log.contains("A sign-in did not end well"), "the premise: something is written: {log}");
    let secrets =
        ["canary-password", &password_of("alice"), &code, &session, &hidden_field(&page.body), "alice"];
    for secret in secrets {
        assert!(!log.contains(secret), "{secret} is in the log: {log}");
    }
}

#[test]
fn a_provider_that_cannot_start_does_not_say_its_secrets() {
    let world = tokio::runtime::Runtime::new().expect("a runtime").block_on(World::empty(SignUp::Closed));
    let pem = keys::generate_pem(world.app.random().as_ref() as &dyn Random);
    let settings = ProviderSettings {
        public_url: PUBLIC_URL.to_owned(),
        name: None,
        sign_up: SignUp::Closed,
        signing_key_pem: pem[..pem.len() / 2].to_owned(),
        client_secret: "canary-secret".to_owned(),
        secret: [7; 32],
    };
    let error = Provider::new(settings, world.app.clone()).err().expect("a damaged key");
    let text = format!("{error} {error:?}");
    assert!(!text.contains("canary") && !text.contains("PRIVATE"), "{text}");
}
