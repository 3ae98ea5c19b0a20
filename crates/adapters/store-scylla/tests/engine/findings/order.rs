//! The order in which rows come, and what is among them.

use futures_util::TryStreamExt;
use petit_domain::{Timestamp, UserId};
use petit_ports::{Clock, SystemClock};
use uuid::Uuid;

use super::plain::{Plain, id};

const LAST: i64 = 49;

/// A log whose messages have even texts of their numbers, among as many changes.
async fn log(plain: &Plain) -> Uuid {
    let chat = id();
    for n in (0..=LAST).rev() {
        for kind in ["0", "1"] {
            let put =
                format!("INSERT INTO chat_log (chat_id, bucket, kind, n, body) VALUES (?, 0, {kind}, ?, ?)");
            plain.run(&put, (chat, n, kind)).await;
        }
    }
    chat
}

fn numbered(numbers: impl Iterator<Item = i64>, kind: &str) -> Vec<(i64, String)> {
    numbers.map(|n| (n, kind.to_owned())).collect()
}

/// Protects pages of messages and changes: exact order both ways, and nothing of the other kind.
#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn pages_are_in_order_and_of_one_kind() {
    let plain = Plain::connect().await;
    let chat = log(&plain).await;
    let below =
        "SELECT n, body FROM chat_log WHERE chat_id = ? AND bucket = 0 AND kind = 0 AND n < ? LIMIT ?";
    let rows = plain.rows::<(i64, String)>(below, (chat, 30_i64, 40_i32)).await;
    assert_eq!(rows, numbered((0..30).rev(), "0"), "downwards, and it ends where the messages end");
    for kind in ["0", "1"] {
        let above = format!(
            "SELECT n, body FROM chat_log WHERE chat_id = ? AND bucket = 0 AND kind = {kind} AND n > ? \
             ORDER BY kind DESC, n ASC LIMIT ?"
        );
        let rows = plain.rows::<(i64, String)>(&above, (chat, 9_i64, 20_i32)).await;
        assert_eq!(rows, numbered(10..30, kind), "upwards");
        let rows = plain.rows::<(i64, String)>(&above, (chat, 9_i64, 1_000_i32)).await;
        assert_eq!(rows, numbered(10..=LAST, kind), "to the end of its kind");
    }
}

/// Protects what walks a log in the driver's own pages: they join without a gap or a repetition.
#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn the_driver_s_pages_join() {
    let plain = Plain::connect().await;
    let chat = log(&plain).await;
    let all = "SELECT n, body FROM chat_log WHERE chat_id = ? AND bucket = 0 AND kind = 0 ORDER BY kind DESC, n ASC";
    let mut statement = plain.0.prepare(all).await.expect("a statement");
    statement.set_page_size(7);
    let pages = plain.0.execute_iter(statement, (chat,)).await.expect("reads");
    let rows: Vec<(i64, String)> =
        pages.rows_stream().expect("of this shape").try_collect().await.expect("reads");
    assert_eq!(rows, numbered(0..=LAST, "0"));
}

/// Protects a message's history: the newest text first, and none that a change that never came about put aside.
#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn earlier_texts_come_newest_first() {
    let (plain, chat) = (Plain::connect().await, id());
    for cseq in [3_i64, 9, 5] {
        plain.run("INSERT INTO editions (chat_id, seq, cseq) VALUES (?, 0, ?)", (chat, cseq)).await;
    }
    let read = "SELECT cseq FROM editions WHERE chat_id = ? AND seq = 0 AND cseq < ? LIMIT 10";
    assert_eq!(plain.rows::<(i64,)>(read, (chat, 9_i64)).await, [(5,), (3,)]);
}

/// Protects the list of open chats: a place in it is a name and an id, and the list goes on right after it.
#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn a_list_goes_on_after_a_name_and_an_id() {
    let (plain, space) = (Plain::connect().await, id());
    let [low, high] = [Uuid::from_u128(1), Uuid::from_u128(2)];
    for (name, chat) in [("b", high), ("a", low), ("b", low), ("ba", low), ("a", high)] {
        let put = "INSERT INTO open_chats (space, folded, chat_id) VALUES (?, ?, ?)";
        plain.run(put, (space, name, chat)).await;
    }
    let read =
        "SELECT folded, chat_id FROM open_chats WHERE space = ? AND (folded, chat_id) > (?, ?) LIMIT 3";
    let rows = plain.rows::<(String, Uuid)>(read, (space, "a", low)).await;
    let after = [("a", high), ("b", low), ("b", high)];
    assert_eq!(rows, after.map(|(name, chat)| (name.to_owned(), chat)));
}

/// Protects pages of members, which begin at nil and go by id: ids are in the order of their bytes, so of their
/// time. And why no column is a `timeuuid`.
#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn ids_are_in_the_order_of_their_time() {
    let (plain, chat) = (Plain::connect().await, id());
    let now = SystemClock.now().micros();
    let later = |ms: i64| UserId::mint(Timestamp::from_micros(now + ms * 1_000), (1_000 - ms) as u64).uuid();
    let ids: Vec<Uuid> = (0..20).map(later).chain([Uuid::max()]).collect();
    for user in ids.iter().rev() {
        plain.run("UPDATE members SET is_in = true WHERE chat_id = ? AND user_id = ?", (chat, *user)).await;
    }
    let read = "SELECT user_id FROM members WHERE chat_id = ? AND user_id > ? LIMIT ?";
    let rows = plain.rows::<(Uuid,)>(read, (chat, Uuid::nil(), 100_i32)).await;
    assert_eq!(rows.into_iter().map(|row| row.0).collect::<Vec<_>>(), ids);
    let table = "CREATE TABLE IF NOT EXISTS engine_times (id timeuuid PRIMARY KEY)";
    plain.0.query_unpaged(table, ()).await.expect("a table");
    let put = format!("INSERT INTO engine_times (id) VALUES ({})", ids[0]);
    plain.0.query_unpaged(put, ()).await.expect_err("a timeuuid is of version 1");
}

/// Protects the look for messages that were sent before: one question finds what several slots have, of all
/// eras, and the number of merged eras is beside packs but is none, whatever the order it was written in.
#[tokio::test]
#[ignore = "needs bin/cluster up"]
async fn one_question_finds_what_several_slots_have() {
    let (plain, chat) = (Plain::connect().await, id());
    for merged in [2_i64, 3, 1] {
        let put = "UPDATE sent USING TIMESTAMP ? SET merged = ? WHERE chat_id = ? AND slot = -1";
        plain.run(put, (1_000 + merged, merged, chat)).await;
    }
    let put = "INSERT INTO sent (chat_id, slot, n, names) VALUES (?, ?, ?, ?)";
    for slot in -1..40_i32 {
        for era in [2_i64, 0, 1] {
            plain.run(put, (chat, slot, era, vec![slot as u8, era as u8])).await;
        }
    }
    let read = "SELECT n, names FROM sent WHERE chat_id = ? AND slot IN ?";
    let mut rows = plain.rows::<(i64, Vec<u8>)>(read, (chat, (0..32).collect::<Vec<i32>>())).await;
    rows.sort();
    let all = (0..3_u8).flat_map(|era| (0..32_u8).map(move |slot| (i64::from(era), vec![slot, era])));
    assert_eq!(rows, all.collect::<Vec<_>>());
    let read = "SELECT merged FROM sent WHERE chat_id = ? AND slot = -1 LIMIT 1";
    assert_eq!(plain.rows::<(i64,)>(read, (chat,)).await, [(3,)]);
    let read = "SELECT n FROM sent WHERE chat_id = ? AND slot = -1 AND n >= ? AND n < ?";
    assert_eq!(plain.rows::<(i64,)>(read, (chat, 1_i64, 9_i64)).await, [(1,), (2,)], "packs, in their order");
    assert_eq!(plain.rows::<(i64,)>(read, (chat, 5_i64, 9_i64)).await, [], "and nothing else");
}
