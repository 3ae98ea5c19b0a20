//! What a step makes of a database that an older version filled.

use rusqlite::{Connection, Result};
use rusqlite_migration::Migrations;

use crate::connection::STEPS;

/// A database of the version before a step, filled, then brought to this version.
fn stepped(before: usize, filled: &str) -> Connection {
    let mut connection = Connection::open_in_memory().expect("opens");
    Migrations::from_slice(&STEPS[..before]).to_latest(&mut connection).expect("the older steps");
    connection.execute_batch(filled).expect("is filled");
    Migrations::from_slice(STEPS).to_latest(&mut connection).expect("the newer steps");
    connection
}

fn numbers(connection: &Connection, sql: &str) -> Vec<Option<i64>> {
    let mut found = connection.prepare(sql).expect("prepares");
    let numbers = found.query_map([], |row| row.get(0)).expect("asks");
    numbers.collect::<Result<_>>().expect("reads")
}

#[test]
fn messages_of_before_are_counted() {
    // Kinds: text, joined, text, renamed, one of a newer version; and a chat in which nothing happened.
    let connection = stepped(
        8,
        "INSERT INTO chats (chat_id, kind, created_by, created_at, head_seq, last_message_at) VALUES \
           (x'01', 1, x'0a', 0, 4, 0), (x'02', 1, x'0a', 0, 0, 0), (x'03', 1, x'0a', 0, -1, 0);
         INSERT INTO messages (chat_id, seq, cseq, message_id, author, client_id, kind, text, created_at) \
           SELECT x'01', value, -1, x'00', x'0a', value, CASE value WHEN 1 THEN 1 WHEN 3 THEN 3 WHEN 4 THEN 127 ELSE 0 END, \
           '', 0 FROM (SELECT column1 AS value FROM (VALUES (0), (1), (2), (3), (4)));
         INSERT INTO messages (chat_id, seq, cseq, message_id, author, client_id, kind, text, created_at) \
           VALUES (x'02', 0, -1, x'00', x'0a', 'a', 2, '', 0);",
    );
    let of_messages = numbers(&connection, "SELECT uncounted FROM messages ORDER BY chat_id, seq");
    assert_eq!(of_messages, [0, 1, 1, 2, 2, 1].map(Some));
    assert_eq!(numbers(&connection, "SELECT uncounted FROM chats ORDER BY chat_id"), [2, 1, 0].map(Some));
}
