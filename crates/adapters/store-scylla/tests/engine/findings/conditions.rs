//! Conditions: how the log, its parts and memberships are decided.

use scylla::value::{MaybeUnset, Unset};

use super::plain::{Plain, id};

const OPEN: &str = "UPDATE chat_log SET head_seq = ?, head_cseq = ?, sealed = false WHERE chat_id = ? AND bucket = ? \
                    IF head_seq = null";
const ADVANCE: &str = "UPDATE chat_log SET head_seq = ?, head_cseq = ? WHERE chat_id = ? AND bucket = ? \
                       IF head_seq = ? AND head_cseq = ?";
const HEAD: &str = "SELECT head_seq, head_cseq FROM chat_log WHERE chat_id = ? AND bucket = ? LIMIT 1";

type Head = (Option<i64>, Option<i64>);

/// Protects the opening of a log and of its parts: whoever comes first opens it, others change nothing.
#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn a_part_is_opened_once_though_nothing_of_it_was_there() {
    let (plain, chat) = (Plain::connect().await, id());
    assert!(plain.condition(OPEN, (-1_i64, -1_i64, chat, 0_i64)).await.0, "opens what is not there");
    let (again, row) = plain.condition(OPEN, (7_i64, 7_i64, chat, 0_i64)).await;
    assert!(!again, "only once");
    let head = row.columns[1].as_ref().and_then(|value| value.as_bigint());
    assert_eq!(head, Some(-1), "the answer carries the head that was in the way");
    assert_eq!(plain.serial::<Head>(HEAD, (chat, 0_i64)).await, [(Some(-1), Some(-1))]);
}

/// Protects against a sequencer with wrong memories: without a part nothing can be appended to it.
#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn nothing_is_appended_to_a_part_that_is_not_there() {
    let (plain, chat) = (Plain::connect().await, id());
    assert!(!plain.condition(ADVANCE, (6_i64, 0_i64, chat, 0_i64, 5_i64, 0_i64)).await.0);
    assert!(plain.serial::<Head>(HEAD, (chat, 0_i64)).await.is_empty(), "and no row says otherwise");
}

/// Protects renaming a chat without a name: its old name is bound as null, and must not be left unset.
#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn a_condition_takes_a_bound_null_and_refuses_what_is_unset() {
    let (plain, chat) = (Plain::connect().await, id());
    plain.run("INSERT INTO chats (chat_id, kind) VALUES (?, ?)", (chat, 1_i8)).await;
    let rename = "UPDATE chats SET name = ? WHERE chat_id = ? IF name = ?";
    assert!(plain.ask(rename, ("a", chat, Unset)).await.is_err(), "unset is no value to compare with");
    assert!(plain.condition(rename, ("a", chat, None::<&str>)).await.0);
    assert!(!plain.condition(rename, ("b", chat, None::<&str>)).await.0, "it has a name now");
    assert!(plain.condition(rename, ("b", chat, Some("a"))).await.0);
}

/// Protects every look at a head (`LIMIT 1` and no clustering column): an empty log has one row, so has a long
/// one; asked with a clustering column the head of an empty log would look like no log.
#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn a_serial_read_of_statics_gives_one_row_unless_it_names_a_row() {
    let (plain, chat) = (Plain::connect().await, id());
    plain.condition(OPEN, (-1_i64, -1_i64, chat, 0_i64)).await;
    let named = "SELECT n, head_seq FROM chat_log WHERE chat_id = ? AND bucket = ? AND kind = 0 AND n > -1";
    assert_eq!(plain.serial::<Head>(HEAD, (chat, 0_i64)).await.len(), 1);
    assert!(plain.serial::<Head>(named, (chat, 0_i64)).await.is_empty());
    for n in 0..3_i64 {
        plain.run("INSERT INTO chat_log (chat_id, bucket, kind, n) VALUES (?, 0, 0, ?)", (chat, n)).await;
    }
    assert_eq!(plain.serial::<Head>(HEAD, (chat, 0_i64)).await, [(Some(-1), Some(-1))]);
}

/// Protects changes of messages in older parts: the later one stays in whatever order they arrive, and a
/// message that is not there does not come into being.
#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn a_change_that_comes_late_does_not_apply() {
    let (plain, chat) = (Plain::connect().await, id());
    let revise = "UPDATE chat_log SET cseq = ?, body = ? WHERE chat_id = ? AND bucket = 0 AND kind = 0 AND n = ? \
                  IF cseq < ?";
    let put = "INSERT INTO chat_log (chat_id, bucket, kind, n, cseq, body) VALUES (?, 0, 0, 1, 0, 'first')";
    plain.run(put, (chat,)).await;
    assert!(plain.condition(revise, (5_i64, "", chat, 1_i64, 5_i64)).await.0);
    assert!(!plain.condition(revise, (4_i64, "late", chat, 1_i64, 4_i64)).await.0);
    assert!(!plain.condition(revise, (9_i64, "of nothing", chat, 2_i64, 9_i64)).await.0);
    let read = "SELECT n, body FROM chat_log WHERE chat_id = ? AND bucket = 0 AND kind = 0";
    let rows = plain.rows::<(i64, Option<String>)>(read, (chat,)).await;
    assert_eq!(rows, [(1, Some(String::new()))], "an empty text stays one and is not null");
}

/// Protects the size of the log: what a message does not have is left unset, and costs no tombstone.
#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn what_is_unset_leaves_a_column_as_it_is() {
    let (plain, chat) = (Plain::connect().await, id());
    let put = "UPDATE chat_log SET edited_at = ?, deleted = ? WHERE chat_id = ? AND bucket = 0 AND kind = 0 AND n = 0";
    plain.run(put, (Some(8_i64), false, chat)).await;
    plain.run(put, (MaybeUnset::<i64>::Unset, true, chat)).await;
    let read =
        "SELECT edited_at, deleted FROM chat_log WHERE chat_id = ? AND bucket = 0 AND kind = 0 AND n = 0";
    assert_eq!(plain.rows::<(Option<i64>, Option<bool>)>(read, (chat,)).await, [(Some(8), Some(true))]);
}
