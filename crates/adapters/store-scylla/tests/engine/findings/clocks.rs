//! Write times: registers whose value is their time, and rows that end.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::plain::{Plain, id};
use uuid::Uuid;

/// 2020-01-01 in microseconds, as the adapter has it.
const ORIGIN: i64 = 1_577_836_800_000_000;
const MARK: &str = "UPDATE read_markers USING TIMESTAMP ? SET seq = ? WHERE chat_id = ? AND user_id = ?";
const READ: &str = "SELECT seq FROM read_markers WHERE chat_id = ? AND user_id = ?";

async fn mark(plain: &Plain, (chat, user): (Uuid, Uuid), time: i64, seq: i64) -> Option<i64> {
    plain.run(MARK, (ORIGIN + time, seq, chat, user)).await;
    plain.rows::<(Option<i64>,)>(READ, (chat, user)).await.first().and_then(|row| row.0)
}

/// Protects read markers, hints to a log's newest part, mirrors of memberships and times of last use: the
/// highest one stays, in whatever order they arrive.
#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn the_highest_register_stays() {
    let (plain, place) = (Plain::connect().await, (id(), id()));
    assert_eq!(mark(&plain, place, 3, 3).await, Some(3));
    assert_eq!(mark(&plain, place, 2, 2).await, Some(3), "it comes later and is older");
    assert_eq!(mark(&plain, place, 4, 4).await, Some(4));
}

/// Why −1 is never written into a register and none is ever deleted: of equal times the larger bytes stay, and
/// a deletion has the time of the clock, which is later than any of these.
#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn a_register_loses_against_minus_one_and_against_deletion() {
    let (plain, place) = (Plain::connect().await, (id(), id()));
    assert_eq!(mark(&plain, place, 5, 5).await, Some(5));
    assert_eq!(mark(&plain, place, 5, -1).await, Some(-1), "−1 is all ones");
    plain.run("DELETE FROM read_markers WHERE chat_id = ? AND user_id = ?", place).await;
    assert_eq!(mark(&plain, place, 1_000_000, 6).await, None, "it is gone for ever");
}

/// Protects the log's head from the end of its changes: rows with a life time vanish, the statics stay.
#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn rows_that_end_leave_the_head() {
    let (plain, chat) = (Plain::connect().await, id());
    let put = "INSERT INTO chat_log (chat_id, bucket, kind, n, c_type) VALUES (?, 0, 1, 0, 1) USING TTL 1";
    plain.run("UPDATE chat_log SET head_cseq = 0 WHERE chat_id = ? AND bucket = 0", (chat,)).await;
    plain.run(put, (chat,)).await;
    let read = "SELECT head_cseq, n FROM chat_log WHERE chat_id = ? AND bucket = 0";
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let rows = plain.rows::<(Option<i64>, Option<i64>)>(read, (chat,)).await;
        if rows == [(Some(0), None)] {
            return;
        }
        assert_eq!(rows, [(Some(0), Some(0))]);
        assert!(Instant::now() < deadline, "the row does not end");
        sleep(Duration::from_millis(50)).await;
    }
}
