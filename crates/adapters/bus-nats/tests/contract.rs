//! The laws of the bus, on a real NATS.

use petit_bus_nats::Settings;

/// What `bin/cluster` wrote down: addresses and passwords of what runs.
fn cluster(key: &str) -> String {
    let usual = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../.cache/cluster/env");
    let path = std::env::var("PETIT_CLUSTER_ENV").unwrap_or_else(|_| usual.to_owned());
    let text = std::fs::read_to_string(&path).expect("bin/cluster is up");
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    line.unwrap_or_else(|| panic!("{path} has no {key}")).to_owned()
}

fn settings() -> Settings {
    let login = Some((cluster("NATS_USER"), cluster("NATS_PASSWORD")));
    Settings { servers: vec![cluster("NATS")], login, prefix: "laws".to_owned() }
}

mod bus_nats {
    use std::sync::Arc;

    use petit_bus_nats::NatsBus;
    use petit_ports::Bus;

    async fn fresh() -> (Arc<dyn Bus>, ()) {
        let bus = NatsBus::connect(&super::settings()).await.expect("NATS answers");
        (Arc::new(bus), ())
    }

    petit_contract::bus_contract!(
        #[ignore = "needs bin/cluster up"]
        fresh
    );
}

#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn a_wrong_password_is_refused_in_words() {
    let login = Some((cluster("NATS_USER"), "wrong".to_owned()));
    let refused = petit_bus_nats::NatsBus::connect(&Settings { login, ..settings() }).await.err();
    let text = refused.expect("refused").to_string();
    assert!(text.contains("authorization"), "{text}");
}
