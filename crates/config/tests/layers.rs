//! What wins over what, what is refused, and what the manual says.

use std::path::PathBuf;

use petit_config::{Bad, Config, Flags, Identity, Loaded, Role, SignUp, Source, example, load};

fn with(file: &str, variables: &[(&str, &str)], flags: Flags) -> Result<Loaded, Bad> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("given.toml");
    std::fs::write(&path, file).expect("written");
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    load(&Flags { file: Some(path), ..flags }, variables)
}

fn refusal(file: &str, variables: &[(&str, &str)]) -> String {
    with(file, variables, Flags::default()).err().expect("refused").to_string()
}

#[test]
fn nothing_at_all_is_the_embedded_profile() {
    let loaded = with("", &[], Flags::default()).expect("fine");
    assert_eq!(loaded.config, Config::default());
    assert_eq!(loaded.config.server.listen.to_string(), "127.0.0.1:8420");
    assert_eq!(loaded.config.server.roles, Role::ALL);
}

#[test]
fn flags_win_over_the_environment_which_wins_over_the_file() {
    let file = "[server]\nlisten = '127.0.0.1:1'\ndata = 'a'\npublic_url = 'https://a.example'";
    let env = [("PETIT_SERVER__LISTEN", "127.0.0.1:2"), ("PETIT_SERVER__DATA", "b")];
    let flags = Flags { listen: "127.0.0.1:3".parse().ok(), ..Flags::default() };
    let loaded = with(file, &env, flags).expect("fine");
    assert_eq!(loaded.config.server.listen.port(), 3);
    assert_eq!(loaded.config.server.data, PathBuf::from("b"));
    assert_eq!(loaded.config.server.public_url.as_ref().map(|url| url.as_str()), Some("https://a.example"));
    assert_eq!(loaded.source("server.listen"), Source::Set("the command line".to_owned()));
    assert_eq!(loaded.source("server.data"), Source::Set("PETIT_SERVER__DATA".to_owned()));
    assert!(matches!(loaded.source("server.public_url"), Source::Set(file) if file.ends_with("given.toml")));
    assert_eq!(loaded.source("log.level"), Source::Default);
}

#[test]
fn the_data_folder_may_hold_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("petit.toml"), "[log]\nlevel = 'info'").expect("written");
    let flags = Flags { data: Some(folder.path().to_owned()), ..Flags::default() };
    assert_eq!(load(&flags, []).expect("fine").config.log.level, "info");
}

#[test]
fn unknown_keys_are_errors_that_say_where() {
    for (file, key) in [
        ("[server]\nlisen = '127.0.0.1:1'", "lisen"),
        ("[servr]\nlisten = '127.0.0.1:1'", "servr"),
        ("[identity]\nissuer = 'https://a.example'", "issuer"),
        ("[bus]\nkind = 'pigeons'", "pigeons"),
        ("port = 3", "port"),
    ] {
        let refusal = refusal(file, &[]);
        assert!(refusal.contains(key), "{file:?} says {refusal:?}");
    }
    let refusal = refusal("", &[("PETIT_SERVER__LISEN", "127.0.0.1:1")]);
    assert!(refusal.contains("lisen") && refusal.contains("PETIT_SERVER"), "{refusal}");
}

#[test]
fn a_wrong_value_names_its_key_and_its_place() {
    let from_file = refusal("[server]\nlisten = 'here'", &[]);
    assert!(from_file.contains("server.listen") && from_file.contains("given.toml"), "{from_file}");
    let from_env = refusal("", &[("PETIT_SERVER__PUBLIC_URL", "chat")]);
    assert!(from_env.contains("PETIT_SERVER__PUBLIC_URL") && from_env.contains("\"chat\""), "{from_env}");
    let path = refusal("[server]\npublic_url = 'https://a.example/chat'", &[]);
    assert!(path.contains("server.public_url"), "{path}");
}

#[test]
fn variables_of_others_are_left_alone() {
    assert!(with("", &[("PETIT_BIN", "x"), ("PETIT", "y"), ("OTHER__KEY", "z")], Flags::default()).is_ok());
}

#[test]
fn the_environment_takes_lists_and_keeps_text_as_it_is() {
    let env = [
        ("PETIT_SERVER__ROLES", "[api, plexer]"),
        ("PETIT_IDENTITY__KIND", "oidc"),
        ("PETIT_IDENTITY__ISSUER", "https://login.example/"),
        ("PETIT_IDENTITY__CLIENT_SECRET", "007"),
    ];
    let config = with("", &env, Flags::default()).expect("fine").config;
    assert_eq!(config.server.roles, [Role::Api, Role::Plexer]);
    let Identity::Oidc(oidc) = config.identity else { panic!("oidc was asked for") };
    assert_eq!(oidc.issuer, "https://login.example/");
    assert_eq!(oidc.secret().expect("given").expose(), "007");
}

#[test]
fn an_outside_provider_needs_its_address_and_one_secret() {
    let half = "[identity]\nkind = 'oidc'";
    assert!(refusal(half, &[]).contains("identity.issuer"));
    let no_secret = format!("{half}\nissuer = 'https://a.example'");
    assert!(refusal(&no_secret, &[]).contains("identity.client_secret"));
    let two = format!("{no_secret}\nclient_secret = 'a'\nclient_secret_file = 'b'");
    assert!(refusal(&two, &[]).contains("one of them"));
    let missing = format!("{no_secret}\nclient_secret_file = '/nowhere/at/all'");
    assert!(refusal(&missing, &[]).contains("/nowhere/at/all"));
}

#[test]
fn anybody_may_sign_up_only_where_nobody_else_can_reach_the_server() {
    let sign_up = |file: &str| with(file, &[], Flags::default()).expect("fine").config.sign_up();
    assert_eq!(sign_up(""), Some(SignUp::Open));
    assert_eq!(sign_up("[server]\nlisten = '0.0.0.0:8420'"), Some(SignUp::Invitation));
    assert_eq!(sign_up("[server]\npublic_url = 'https://a.example'"), Some(SignUp::Invitation));
    assert_eq!(sign_up("[identity]\nsign_up = 'closed'"), Some(SignUp::Closed));
}

#[test]
fn the_report_says_who_set_what_and_hides_secrets() {
    let file = "[identity]\nkind = 'oidc'\nissuer = 'https://a.example'\nclient_secret = 'hunter2'";
    let report =
        with(file, &[("PETIT_LOG__LEVEL", "info")], Flags::default()).expect("fine").report().join("\n");
    assert!(report.contains("log.level = \"info\"  (PETIT_LOG__LEVEL)"), "{report}");
    assert!(report.contains("server.data = \"petit-data\"  (default)"), "{report}");
    assert!(report.contains("identity.client_secret = \"••••••\""), "{report}");
    assert!(!report.contains("hunter2"), "{report}");
}

#[test]
fn the_example_changes_nothing_as_it_is() {
    let config = with(&example(), &[], Flags::default()).expect("it can be read").config;
    assert_eq!(config, Config::default());
}

#[test]
fn every_line_of_the_example_is_one_that_may_be_used() {
    for kinds in [["builtin", "sqlite", "local"], ["oidc", "scylla", "nats"], ["oidc", "scylla", "notifier"]]
    {
        let file = used(&example(), &kinds);
        let loaded = with(&file, &[], Flags::default()).unwrap_or_else(|bad| panic!("{bad}\n{file}"));
        assert!(loaded.report().iter().all(|line| !line.contains("(default)")), "every key is shown");
    }
}

/// The example with every key in use, for one kind of each section and with one way to give each secret.
fn used(example: &str, kinds: &[&str]) -> String {
    let is_key = |line: &str| {
        line.starts_with('[') || line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '))
    };
    let mut file = String::new();
    let mut skipping = false;
    let lines: Vec<&str> =
        example.lines().map(|line| line.trim_start_matches('#')).filter(|l| is_key(l)).collect();
    for (place, line) in lines.iter().enumerate() {
        if line.starts_with('[') {
            let kind = lines[place + 1].strip_prefix("kind = ").map(|kind| kind.trim_matches('"'));
            skipping = kind.is_some_and(|kind| !kinds.contains(&kind));
        }
        let second_way = ["client_secret_file", "password_file"].iter().any(|key| line.starts_with(key));
        if !skipping && !second_way {
            file.push_str(line);
            file.push('\n');
        }
    }
    file
}

#[test]
fn a_bus_through_notifiers_needs_to_know_one() {
    let alone = with("[bus]\nkind = \"notifier\"", &[], Flags::default()).err().expect("nobody to ask");
    assert!(alone.to_string().contains("cluster.notifiers"), "{alone}");
    let known = "[bus]\nkind = \"notifier\"\n[cluster]\nnotifiers = [\"http://127.0.0.1:8440\"]";
    with(known, &[], Flags::default()).expect("fine");
}
