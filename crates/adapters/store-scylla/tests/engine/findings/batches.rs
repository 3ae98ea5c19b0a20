//! Conditional batches: a group of the log, a change of the members.

use super::plain::{Plain, Values, id};
use uuid::Uuid;

const OPEN: &str =
    "UPDATE chat_log SET head_seq = -1, head_cseq = -1 WHERE chat_id = ? AND bucket = 0 IF head_seq = null";
const ADVANCE: &str = "UPDATE chat_log SET head_seq = ?, head_cseq = ? WHERE chat_id = ? AND bucket = 0 \
                       IF head_seq = ? AND head_cseq = ?";
const MESSAGE: &str = "INSERT INTO chat_log (chat_id, bucket, kind, n, body) VALUES (?, 0, 0, ?, ?)";
const CHANGE: &str =
    "INSERT INTO chat_log (chat_id, bucket, kind, n, c_type) VALUES (?, 0, 1, ?, 1) USING TTL 2592000";
const HEAD: &str = "SELECT head_seq, head_cseq FROM chat_log WHERE chat_id = ? AND bucket = 0 LIMIT 1";
const NEXT: &str = "UPDATE members SET total = ?, ver = ? WHERE chat_id = ? IF ver = ?";
const MEMBER: &str = "UPDATE members SET is_in = true WHERE chat_id = ? AND user_id = ?";

/// As many messages and changes, the head moved over them.
fn group(chat: Uuid, from: i64, count: i64, bytes: usize) -> Vec<(&'static str, Values)> {
    let (before, after) = (from - 1, from - 1 + count);
    let mut statements = vec![(ADVANCE, Box::new((after, after, chat, before, before)) as Values)];
    for n in from..from + count {
        statements.push((MESSAGE, Box::new((chat, n, "x".repeat(bytes)))));
        statements.push((CHANGE, Box::new((chat, n))));
    }
    statements
}

async fn count(plain: &Plain, chat: Uuid) -> usize {
    plain
        .rows::<(i64,)>("SELECT n FROM chat_log WHERE chat_id = ? AND bucket = 0 AND kind = 0", (chat,))
        .await
        .len()
}

/// Protects the size of a group (64 entries, 256 KiB): the limits for batches do not count on one partition,
/// and what is above the engine's own limit is refused whole, so that no half of a group is ever read.
#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn a_group_is_taken_whole_or_not_at_all() {
    let (plain, chat) = (Plain::connect().await, id());
    plain.condition(OPEN, (chat,)).await;
    assert!(plain.batch(group(chat, 0, 64, 4 * 1024)).await.expect("is taken").0);
    assert_eq!(count(&plain, chat).await, 64);
    let refused = plain.batch(group(chat, 64, 64, 70 * 1024)).await;
    refused.expect_err("more than half of a segment of the commit log");
    assert_eq!(plain.serial::<(i64, i64)>(HEAD, (chat,)).await, [(63, 63)]);
    assert_eq!(count(&plain, chat).await, 64, "nothing of it is there");
    assert!(plain.batch(group(chat, 64, 1, 1)).await.expect("is taken").0, "and nothing is in the way");
}

/// Protects the compare-and-set of the log: of two groups for one head one is written, of the other no row.
#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn of_a_group_for_an_old_head_nothing_is_written() {
    let (plain, chat) = (Plain::connect().await, id());
    plain.condition(OPEN, (chat,)).await;
    assert!(plain.batch(group(chat, 0, 2, 10)).await.expect("is taken").0);
    let (applied, _) = plain.batch(group(chat, 0, 9, 10)).await.expect("is decided, in one row");
    assert!(!applied);
    assert_eq!(count(&plain, chat).await, 2);
}

/// Protects the changes' thirty days: they end with their rows, not with the head or the messages.
#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn a_life_time_is_its_row_s_alone() {
    let (plain, chat) = (Plain::connect().await, id());
    plain.condition(OPEN, (chat,)).await;
    plain.batch(group(chat, 0, 1, 10)).await.expect("is taken");
    let read = "SELECT TTL(head_seq), TTL(body), TTL(c_type) FROM chat_log WHERE chat_id = ? AND bucket = 0";
    let rows = plain.rows::<(Option<i32>, Option<i32>, Option<i32>)>(read, (chat,)).await;
    assert_eq!((rows[0].0, rows[0].1), (None, None), "the head and the message stay");
    assert!(rows[1].2.is_some_and(|left| left > 2_591_000), "{rows:?}");
}

/// Protects membership: its row, the count and the version change together or not at all.
#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn members_and_their_count_change_together() {
    let (plain, chat, user) = (Plain::connect().await, id(), id());
    plain.run("UPDATE members SET total = 0, ver = 0 WHERE chat_id = ? IF ver = null", (chat,)).await;
    let change = |ver: i64| -> Vec<(&str, Values)> {
        vec![(NEXT, Box::new((1_i64, ver + 1, chat, ver))), (MEMBER, Box::new((chat, user)))]
    };
    assert!(!plain.batch(change(4)).await.expect("is decided").0);
    let read = "SELECT user_id, total FROM members WHERE chat_id = ?";
    assert_eq!(plain.rows::<(Option<Uuid>, i64)>(read, (chat,)).await, [(None, 0)]);
    assert!(plain.batch(change(0)).await.expect("is decided").0);
    assert_eq!(plain.rows::<(Option<Uuid>, i64)>(read, (chat,)).await, [(Some(user), 1)]);
}

/// Why a person's own list and the index of sent messages are written after the decision and not with it: a
/// conditional batch takes one partition of one table.
#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn a_condition_reaches_no_further_than_its_partition() {
    let (plain, chat, user) = (Plain::connect().await, id(), id());
    plain.run("UPDATE members SET total = 0, ver = 0 WHERE chat_id = ? IF ver = null", (chat,)).await;
    let mirror = "UPDATE inbox SET is_in = true WHERE user_id = ? AND chat_id = ?";
    let others: [(&str, Values); 2] = [(MEMBER, Box::new((id(), user))), (mirror, Box::new((user, chat)))];
    for other in others {
        let next = (NEXT, Box::new((1_i64, 1_i64, chat, 0_i64)) as Values);
        plain.batch(vec![next, other]).await.expect_err("two partitions, two tables");
    }
    let read = "SELECT total, ver FROM members WHERE chat_id = ?";
    assert_eq!(plain.rows::<(i64, i64)>(read, (chat,)).await, [(0, 0)], "and nothing of it is there");
}
