use super::{place, program, run, serve, text};
use crate::support::Server;

#[test]
fn accounts_and_tokens_are_made_beside_a_running_server() {
    let (_place, data) = place();
    let server = serve(&data);
    let printed = server.petit(&["user", "add", "alice", "--name", "Alice Marlow"]);
    assert!(
        printed.contains("owner") && printed.contains("Password: "),
        "the first one owns the server: {printed}"
    );
    let printed = server.petit(&["token", "create", "alice"]);
    let token = printed.lines().last().expect("a token");
    let me = server.api(token).get("/v1/me").expect("answered").expect(200);
    assert_eq!(
        (&me["username"], &me["name"], &me["role"]),
        (&"alice".into(), &"Alice Marlow".into(), &"owner".into())
    );
    assert!(server.petit(&["user", "add", "bob"]).contains("member"));
    let list = server.petit(&["user", "list"]);
    assert!(list.lines().count() == 2 && list.contains("Alice Marlow"), "{list}");
}

#[test]
fn the_same_commands_work_without_a_server() {
    let (_place, data) = place();
    let data = text(&data);
    let (ok, _, complaint) = run(&["user", "add", "alice", "--data", data]);
    assert!(ok, "{complaint}");
    let (ok, token, complaint) = run(&["token", "create", "alice", "--data", data]);
    assert!(ok, "{complaint}");
    let server = Server::start(&program(), data.as_ref(), &[]);
    server.api(token.trim()).get("/v1/me").expect("answered").expect(200);
}

#[test]
fn a_new_password_is_printed_and_nobody_unknown_gets_one() {
    let (_place, data) = place();
    let server = serve(&data);
    let made = server.petit(&["user", "add", "alice"]);
    let reset = server.petit(&["user", "reset", "alice"]);
    assert_ne!(made.lines().last(), reset.lines().last());
    for words in [["user", "reset", "nobody"], ["token", "create", "nobody"]] {
        let (ok, out, complaint) = run(&[&words[..], &["--data", text(&data)]].concat());
        assert!(!ok && out.is_empty() && complaint.contains("nobody"), "{complaint}");
    }
}

#[test]
fn a_command_never_makes_a_folder_that_was_not_named() {
    let place = tempfile::tempdir().expect("a folder");
    let mut list = crate::support::process::command(&program());
    let output = list.args(["user", "list"]).current_dir(&place).output().expect("it runs");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("--data"));
    assert_eq!(place.path().read_dir().expect("readable").count(), 0);
}

#[test]
fn a_folder_with_a_very_long_name_is_spoken_to_like_any_other() {
    let place = tempfile::tempdir().expect("a folder");
    let data = place.path().join("a-long-name-".repeat(12)).join("data");
    assert!(data.as_os_str().len() > 150);
    let server = serve(&data);
    assert!(!server.person("alice").is_empty());
}

#[test]
fn the_doctor_finds_a_running_server_well() {
    let (_place, data) = place();
    let server = serve(&data);
    server.petit(&["user", "add", "alice"]);
    let findings = server.petit(&["doctor"]);
    for part in ["store", "bus", "live delivery", "timers", "disk", "public_url", "sign-up"] {
        let line = findings.lines().find(|line| line.contains(part));
        assert!(line.is_some_and(|line| line.starts_with("ok ")), "{part} in\n{findings}");
    }
}

#[test]
fn the_doctor_fails_when_others_may_read_the_secret() {
    use std::os::unix::fs::PermissionsExt;
    let (_place, data) = place();
    let server = serve(&data);
    let secret = data.join("secret");
    std::fs::set_permissions(secret, std::fs::Permissions::from_mode(0o644)).expect("changed");
    let (ok, findings, _) = run(&["doctor", "--data", text(&data)]);
    assert!(!ok && findings.contains("FAILED  permissions"), "{findings}");
    drop(server);
}

#[test]
fn the_example_configuration_checks_out_and_a_wrong_one_is_explained() {
    let place = tempfile::tempdir().expect("a folder");
    let file = place.path().join("petit.toml");
    let (_, example, _) = run(&["config", "example"]);
    std::fs::write(&file, example).expect("written");
    let (ok, report, _) = run(&["config", "check", text(&file)]);
    assert!(ok && report.contains("server.listen = \"127.0.0.1:8420\""), "{report}");
    std::fs::write(&file, "[server]\nlisen = \"127.0.0.1:1\"\n").expect("written");
    let (ok, _, complaint) = run(&["config", "check", text(&file)]);
    assert!(!ok && complaint.contains("lisen") && complaint.contains("petit.toml"), "{complaint}");
}

#[test]
fn measuring_and_checking_are_done_by_the_program_beside_this_one() {
    let place = tempfile::tempdir().expect("a folder");
    let petit = place.path().join("petit");
    std::fs::hard_link(program(), &petit)
        .or_else(|_| std::fs::copy(program(), &petit).map(drop))
        .expect("a copy");
    let run = |words: &[&str]| {
        let output = std::process::Command::new(&petit).args(words).output().expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    let (code, said) = run(&["bench", "--quick"]);
    assert!(code == Some(1) && said.contains("cargo build --release -p petit-bench"), "{said}");

    let beside = place.path().join("petit-bench");
    std::fs::write(&beside, "#!/bin/sh\necho \"$PETIT_BIN\" \"$@\"\nexit 7\n").expect("a script");
    std::fs::set_permissions(&beside, std::os::unix::fs::PermissionsExt::from_mode(0o700))
        .expect("it may run");
    for words in [&["bench", "--only", "w1"][..], &["check", "--help"], &["check", "--data", "x", "--", "y"]]
    {
        let expected = format!("{} {}\n", petit.display(), words.join(" "));
        assert_eq!(run(words), (Some(7), expected), "its words and its end are those of the other program");
    }
}
