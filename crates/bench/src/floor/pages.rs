//! Bare SQLite: pages of fifty messages before a random number.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::{answer_lines, rows};
use crate::{dice::Dice, machine, stats::percentile};

#[derive(Debug, Serialize, Deserialize)]
pub struct PagesAsked {
    pub time: Duration,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct PagesRead {
    pub pages: u64,
    pub cpu_micros_per_page: f64,
    pub p99_millis: f64,
}

const PAGE: i64 = 50;

pub(super) fn serve(folder: &Path, rows: u64, chats: u64) -> Result<()> {
    let database = rows::open(folder)?;
    fill(&database, rows, chats)?;
    let mut dice = Dice::new(3);
    answer_lines(|asked: PagesAsked| read_pages(&database, &mut dice, rows, chats, asked.time))
}

fn fill(database: &Connection, rows: u64, chats: u64) -> Result<()> {
    let mut from = 0;
    while from < rows {
        let to = rows.min(from + 2_000);
        rows::insert(database, from..to, chats)?;
        from = to;
    }
    Ok(())
}

fn read_pages(
    database: &Connection,
    dice: &mut Dice,
    rows: u64,
    chats: u64,
    time: Duration,
) -> Result<PagesRead> {
    let (start, pid, mut times) = (Instant::now(), std::process::id(), Vec::new());
    let cpu = machine::cpu_seconds(pid)?;
    while start.elapsed() < time {
        let begun = Instant::now();
        let before = PAGE as u64 + dice.below((rows / chats).saturating_sub(PAGE as u64).max(1));
        let page = read_page(database, dice.below(chats), before as i64)?;
        ensure!(!page.is_empty(), "an empty page before {before}");
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    let used = machine::cpu_seconds(pid)? - cpu;
    let cpu_micros_per_page = used * 1e6 / times.len() as f64;
    Ok(PagesRead { pages: times.len() as u64, cpu_micros_per_page, p99_millis: percentile(&mut times, 0.99) })
}

type Row = (i64, [u8; 16], [u8; 16], String, String, i64);

fn read_page(database: &Connection, chat: u64, before: i64) -> Result<Vec<Row>> {
    let mut statement = database.prepare_cached(
        "SELECT seq, id, author, text, client_id, created_at FROM message
         WHERE chat = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3",
    )?;
    let page = statement.query_map(params![rows::key(chat), before, PAGE], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
    })?;
    Ok(page.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_holds_the_fifty_before() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = rows::open(folder.path()).expect("a database");
        fill(&database, 1_000, 10).expect("filled");
        let numbers: Vec<i64> =
            read_page(&database, 4, 80).expect("a page").iter().map(|row| row.0).collect();
        assert_eq!(numbers, (30..80).rev().collect::<Vec<_>>());
        let read =
            read_pages(&database, &mut Dice::new(1), 1_000, 10, Duration::from_millis(20)).expect("read");
        assert!(read.pages > 0 && read.p99_millis > 0.0);
    }
}
