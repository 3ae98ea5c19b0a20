use std::{
    io::{Read, Write},
    net::TcpStream,
};

use super::{heard, make_group, place, program, run, say, serve, text};
use crate::support::Server;

#[test]
fn an_empty_folder_becomes_a_server_whose_last_line_is_its_address() {
    let (_place, data) = place();
    let server = serve(&data);
    let setup = server.greeting.iter().find(|line| line.contains("/oidc/setup?token="));
    assert!(setup.is_some_and(|line| line.starts_with("http://")), "{:?}", server.greeting);
    assert_eq!(server.greeting.last(), Some(&format!("http://{}", server.address)));
    assert_eq!(server.api("").get("/readyz").expect("answered").expect(200)["status"], "ok");
    assert_eq!(server.api("").get("/v1/me").expect("answered").status, 401);
}

#[test]
fn the_setup_link_stays_the_same_until_somebody_owns_the_server() {
    let (_place, data) = place();
    let link = |server: &Server| {
        let link = server.greeting.iter().find(|line| line.contains("/oidc/setup"))?;
        Some(link.split_once("token=").expect("a token").1.to_owned())
    };
    let server = serve(&data);
    let first = link(&server);
    assert!(first.is_some());
    server.stop();
    let server = serve(&data);
    assert_eq!(link(&server), first);
    server.petit(&["user", "add", "alice"]);
    server.stop();
    assert_eq!(link(&serve(&data)), None);
}

#[test]
fn what_was_said_is_there_after_a_restart_and_after_a_kill() {
    let (_place, data) = place();
    let server = serve(&data);
    let token = server.person("alice");
    let chat = make_group(&mut server.api(&token), "Harbour");
    say(&mut server.api(&token), &chat, "before the restart");
    assert_eq!(server.stop().code(), Some(0));
    let server = serve(&data);
    say(&mut server.api(&token), &chat, "before the kill");
    server.kill();
    let server = serve(&data);
    assert_eq!(heard(&mut server.api(&token), &chat), ["before the restart", "before the kill"]);
}

#[test]
fn a_taken_port_is_refused_with_a_way_out() {
    let (_place, data) = place();
    let server = serve(&data);
    let other = data.with_file_name("other");
    let (ok, _, complaint) = run(&["serve", "--data", text(&other), "--listen", &server.address.to_string()]);
    assert!(!ok && complaint.contains("--listen"), "{complaint}");
}

#[test]
fn only_the_parts_that_were_asked_for_are_there() {
    let (_place, data) = place();
    let server = Server::start(&program(), &data, &["--roles", "plexer,worker"]);
    let token = server.person("alice");
    let status = |path: &str| server.api(&token).get(path).expect("answered").status;
    assert_eq!((status("/healthz"), status("/readyz")), (200, 200));
    assert_eq!((status("/v1/me"), status("/")), (404, 404));
    assert_ne!(status("/v1/socket"), 404);
}

#[test]
fn the_web_client_is_served_with_a_strict_policy_and_the_api_is_not_a_page() {
    let (_place, data) = place();
    let server = serve(&data);
    let ask = |more: &str| {
        raw(
            &server,
            &format!("GET /chats/some-chat HTTP/1.1\r\nhost: petit\r\n{more}connection: close\r\n\r\n"),
        )
    };
    let stranger = ask("");
    for expected in ["303 See Other", "location: /auth/sign-in?return_to=%2Fchats%2Fsome%2Dchat", "no-store"]
    {
        assert!(stranger.contains(expected), "no {expected} in {stranger}");
    }
    let page = ask("cookie: petit_session=any\r\n");
    for expected in ["200 OK", "text/html", "trusted-types", "nosniff", "no-cache", "etag:"] {
        assert!(page.contains(expected), "no {expected} in {page}");
    }
    let missing = raw(&server, "GET /v1/none HTTP/1.1\r\nhost: petit\r\nconnection: close\r\n\r\n");
    assert!(missing.contains("404") && missing.contains("application/problem+json"), "{missing}");
}

#[test]
fn the_demo_has_people_and_history_and_may_be_asked_for_again() {
    let (_place, data) = place();
    let told = |server: &Server| -> Vec<String> {
        server.greeting.iter().filter(|line| line.starts_with("  ")).cloned().collect()
    };
    let server = Server::start(&program(), &data, &["--demo"]);
    let (first, before) = (told(&server), chats_of_bob(&server));
    assert_eq!(first.len(), 3, "three people with passwords: {first:?}");
    assert!(before.iter().any(|chat| chat["name"] == "Harbour crew" && chat["unread"] == 1), "{before:?}");
    server.stop();
    let server = Server::start(&program(), &data, &["--demo"]);
    assert_eq!(told(&server), first);
    assert_eq!(chats_of_bob(&server), before);
}

fn chats_of_bob(server: &Server) -> Vec<serde_json::Value> {
    let token = server.petit(&["token", "create", "bob"]).trim().to_owned();
    let list = server.api(&token).get("/v1/chats").expect("answered").expect(200);
    list["items"].as_array().expect("a list").clone()
}

fn raw(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(server.address).expect("connected");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    answer
}
