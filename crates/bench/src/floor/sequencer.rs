//! Bare CQL: the conditional batches that a log of messages is written with, by the driver alone, one after
//! the other in each chat; and, if asked, the plain statements that a message takes besides.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use futures_util::future::try_join_all;
use scylla::{
    client::{session::Session, session_builder::SessionBuilder},
    serialize::row::SerializeRow,
    statement::{
        Consistency, SerialConsistency,
        batch::{Batch, BatchType},
        prepared::PreparedStatement,
    },
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{answer_lines, rows::key};
use crate::body;

const SCHEMA: [&str; 4] = [
    "CREATE KEYSPACE IF NOT EXISTS petit_bench_floor \
     WITH replication = {'class': 'NetworkTopologyStrategy', 'replication_factor': 1}",
    "CREATE TABLE IF NOT EXISTS petit_bench_floor.log (chat uuid, n bigint, head bigint static, \
     sent bigint static, last_at bigint static, plan uuid, id uuid, author uuid, kind tinyint, body text, \
     client_id text, at bigint, PRIMARY KEY ((chat), n)) WITH CLUSTERING ORDER BY (n DESC)",
    "CREATE TABLE IF NOT EXISTS petit_bench_floor.packs (chat uuid, slot int, n bigint, names blob, \
     PRIMARY KEY ((chat, slot), n))",
    "CREATE TABLE IF NOT EXISTS petit_bench_floor.marker (chat uuid, author uuid, n bigint, \
     PRIMARY KEY ((chat), author))",
];

/// Who writes, where it does not matter.
const AUTHORS: i64 = 16;
/// What the server does.
const PACK: i64 = 256;
const PACE: Duration = Duration::from_millis(250);

/// One round: in each of so many chats one group after the other, for so long.
#[derive(Debug, Serialize, Deserialize)]
pub struct GroupsAsked {
    pub chats: usize,
    pub group: usize,
    /// Also writes the messages' names to an index, and moves the markers of so many authors.
    pub authors: Option<u32>,
    pub time: Duration,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct GroupsWritten {
    pub messages: u64,
    pub seconds: f64,
}

pub(super) fn serve(node: &str) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let bare = Arc::new(runtime.block_on(Bare::prepare(node))?);
    // Chats of an earlier run are not written again.
    let run = std::time::UNIX_EPOCH.elapsed().map_or(0, |age| age.as_nanos() as u64);
    let mut chats = run;
    answer_lines(|asked: GroupsAsked| {
        let first = chats;
        chats += asked.chats as u64;
        runtime.block_on(round(&bare, first, asked))
    })
}

async fn round(bare: &Arc<Bare>, first: u64, asked: GroupsAsked) -> Result<GroupsWritten> {
    let (start, end) = (Instant::now(), Instant::now() + asked.time);
    let writers = (first..first + asked.chats as u64).map(|chat| {
        let bare = bare.clone();
        tokio::spawn(async move { bare.write(chat, asked.group, asked.authors, end).await })
    });
    let mut messages = 0;
    for writer in writers.collect::<Vec<_>>() {
        messages += writer.await.context("a writer panicked")??;
    }
    Ok(GroupsWritten { messages, seconds: start.elapsed().as_secs_f64() })
}

type Values = Box<dyn SerializeRow + Send + Sync>;

struct Bare {
    session: Session,
    advance: PreparedStatement,
    row: PreparedStatement,
    pack: PreparedStatement,
    mark: PreparedStatement,
}

impl Bare {
    async fn prepare(node: &str) -> Result<Self> {
        let builder = SessionBuilder::new().known_node(node);
        let session = builder.schema_agreement_interval(Duration::from_millis(50)).build().await?;
        for cql in SCHEMA {
            session.query_unpaged(cql, ()).await?;
        }
        let prepare = async |cql: &str| {
            let mut prepared = session.prepare(cql).await?;
            prepared.set_consistency(Consistency::LocalQuorum);
            prepared.set_serial_consistency(Some(SerialConsistency::LocalSerial));
            anyhow::Ok(prepared)
        };
        let advance =
            "UPDATE petit_bench_floor.log SET head = ?, sent = ?, last_at = ? WHERE chat = ? IF head = ?";
        let row = "INSERT INTO petit_bench_floor.log (chat, n, plan, id, author, kind, body, client_id, at) \
                   VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?)";
        let pack = "INSERT INTO petit_bench_floor.packs (chat, slot, n, names) VALUES (?, -1, ?, ?)";
        let mark =
            "UPDATE petit_bench_floor.marker USING TIMESTAMP ? SET n = ? WHERE chat = ? AND author = ?";
        let (advance, row) = (prepare(advance).await?, prepare(row).await?);
        let (pack, mark) = (prepare(pack).await?, prepare(mark).await?);
        Ok(Self { advance, row, pack, mark, session })
    }

    async fn write(&self, chat: u64, group: usize, authors: Option<u32>, end: Instant) -> Result<u64> {
        let (chat, mut head) = (Uuid::from_bytes(key(chat)), None::<i64>);
        let mut marked = HashMap::new();
        while Instant::now() < end {
            let first = head.map_or(0, |head| head + 1);
            let last = first + group as i64 - 1;
            self.append(chat, head, first, last).await?;
            if let Some(authors) = authors {
                self.follow(chat, first, last, i64::from(authors), &mut marked).await?;
            }
            head = Some(last);
        }
        Ok(head.map_or(0, |head| head as u64 + 1))
    }

    async fn append(&self, chat: Uuid, head: Option<i64>, first: i64, last: i64) -> Result<()> {
        let mut batch = Batch::default();
        batch.set_consistency(Consistency::LocalQuorum);
        batch.set_serial_consistency(Some(SerialConsistency::LocalSerial));
        batch.append_statement(self.advance.clone());
        (first..=last).for_each(|_| batch.append_statement(self.row.clone()));
        let mut values: Vec<Values> = vec![Box::new((last, first - 1, last, chat, head))];
        values.extend((first..=last).map(|n| {
            let (number, plan, id) =
                (n as u64, Uuid::from_bytes(key(first as u64)), Uuid::from_bytes(key(n as u64)));
            Box::new((chat, n, plan, id, author(chat, n % AUTHORS), body::text(number), client_id(n), n))
                as Values
        }));
        self.session.batch(&batch, values).await?;
        Ok(())
    }

    /// A row for the names of 256 messages, and each author's marker four times a second; 32 rows in a request,
    /// as few as the engine does not complain about.
    async fn follow(
        &self,
        chat: Uuid,
        first: i64,
        last: i64,
        authors: i64,
        marked: &mut HashMap<Uuid, Instant>,
    ) -> Result<()> {
        let newest: HashMap<Uuid, i64> = (first..=last).map(|n| (author(chat, n % authors), n)).collect();
        let now = Instant::now();
        let is_due = |(author, _): &(Uuid, i64)| match marked.get(author) {
            Some(at) if now < *at + PACE => false,
            _ => {
                marked.insert(*author, now);
                true
            }
        };
        let mark = |(author, n)| (&self.mark, Box::new((n + 1, n, chat, author)) as Values);
        let mut rows: Vec<(&PreparedStatement, Values)> =
            newest.into_iter().filter(is_due).map(mark).collect();
        if (last + 1) / PACK > first / PACK {
            rows.push((&self.pack, Box::new((chat, first / PACK, vec![7_u8; PACK as usize * 8])) as Values));
        }
        let mut requests = Vec::new();
        while !rows.is_empty() {
            let some = rows.split_off(rows.len().saturating_sub(32));
            requests.push(async {
                let mut batch = Batch::new(BatchType::Unlogged);
                batch.set_consistency(Consistency::LocalQuorum);
                let (statements, values): (Vec<_>, Vec<Values>) = some.into_iter().unzip();
                statements.into_iter().for_each(|statement| batch.append_statement(statement.clone()));
                self.session.batch(&batch, values).await
            });
        }
        try_join_all(requests).await?;
        Ok(())
    }
}

fn author(chat: Uuid, number: i64) -> Uuid {
    Uuid::from_u64_pair(chat.as_u64_pair().0, number as u64)
}

fn client_id(n: i64) -> String {
    format!("bench-{n}")
}
