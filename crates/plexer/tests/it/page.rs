//! `docs/PROTOCOL.md` names what the code knows.

use std::collections::BTreeSet;

const PAGE: &str = include_str!("../../../../docs/PROTOCOL.md");
const FRAMES: &str = include_str!("../../../protocol/src/frame.rs");
const EVENTS: &str = include_str!("../../../domain/src/event.rs");

/// The variants of an enum, as the source names them.
fn variants(source: &str, name: &str) -> BTreeSet<String> {
    let body = source.split(&format!("pub enum {name} {{")).nth(1).expect("the enum is there");
    let body = body.split("\n}").next().expect("it ends");
    let names = body.lines().filter_map(|line| line.strip_prefix("    "));
    let is_name = |line: &&str| line.starts_with(|first: char| first.is_ascii_uppercase());
    let word = |line: &str| line.chars().take_while(char::is_ascii_alphanumeric).collect();
    names.filter(is_name).map(word).collect()
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[test]
fn every_frame_has_an_example() {
    let names: Vec<_> =
        ["ClientFrame", "ServerFrame"].iter().flat_map(|name| variants(FRAMES, name)).collect();
    assert!(names.len() >= 18, "the premise: {names:?}");
    for name in names {
        let example = format!(r#"{{"type":"{}""#, snake(&name));
        assert!(PAGE.contains(&example), "no example of {name}");
    }
}

#[test]
fn every_event_that_clients_get_is_in_the_table() {
    let events = variants(EVENTS, "Event");
    assert!(events.len() >= 12, "the premise: {events:?}");
    for name in events.iter().filter(|name| *name != "SessionRevoked") {
        assert!(PAGE.contains(&format!("\n| `{}` |", snake(name))), "{name} is not in the table");
    }
}

#[test]
fn every_close_code_is_in_the_table() {
    let codes: Vec<&str> = FRAMES
        .split("pub enum CloseCode {")
        .nth(1)
        .expect("the enum is there")
        .lines()
        .filter_map(|line| line.split_once(" = ").map(|(_, code)| code.trim_end_matches(',')))
        .collect();
    assert!(codes.len() >= 12, "the premise: {codes:?}");
    for code in codes {
        assert!(PAGE.contains(&format!("\n| {code} |")), "{code} is not in the table");
    }
}

#[test]
fn every_example_of_a_client_is_read_and_every_example_of_the_server_is_a_frame() {
    let blocks = PAGE.split("```json\n").skip(1).filter_map(|block| block.split("```").next());
    let mut count = 0;
    for block in blocks {
        let block = block.replace('…', "");
        let examples = serde_json::Deserializer::from_str(&block).into_iter::<serde_json::Value>();
        for example in examples {
            let example = example.unwrap_or_else(|error| panic!("{error} in {block}"));
            assert!(example["type"].is_string(), "{example}");
            count += 1;
        }
    }
    assert!(count >= 22, "the premise: {count} examples");
}
