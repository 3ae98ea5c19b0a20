//! What a durable message costs through the log, beside the least that the engine asks for the same rows: one
//! loop of conditional batches of the same size. Printed, not judged: only the size of natural groups is.
//!
//! `cargo test --release -p petit-store-scylla --test measure -- --ignored --nocapture`

mod support;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use petit_domain::{ChatId, ChatKind, ChatName, ChatRecord, ClientId, Head, MessageKind, UserId};
use petit_ports::{Appended, Clock, NewMessage, Random, Store, SystemClock, SystemRandom};
use scylla::{
    client::{session::Session, session_builder::SessionBuilder},
    statement::{batch::Batch, prepared::PreparedStatement},
};

const POSTERS: usize = 64;
const TURN: Duration = Duration::from_secs(4);
const TURNS: usize = 3;

/// CPU seconds of this process and of every Cassandra on this machine.
fn cpu_s() -> f64 {
    let mut ticks = 0;
    for entry in std::fs::read_dir("/proc").expect("Linux").flatten() {
        let path = entry.path();
        let is_own = entry.file_name().to_string_lossy() == std::process::id().to_string();
        let is_cassandra = std::fs::read(path.join("cmdline"))
            .is_ok_and(|words| String::from_utf8_lossy(&words).contains("CassandraDaemon"));
        if !is_own && !is_cassandra {
            continue;
        }
        let stat = std::fs::read_to_string(path.join("stat")).unwrap_or_default();
        let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let spent: Vec<u64> = fields.split_whitespace().filter_map(|field| field.parse().ok()).collect();
        // The state is no number, so the fourteenth and fifteenth fields are the eleventh and twelfth here.
        ticks += spent.get(10).unwrap_or(&0) + spent.get(11).unwrap_or(&0);
    }
    ticks as f64 / 100.0
}

struct Figures {
    per_second: f64,
    cpu_ms: f64,
}

async fn measured(work: impl AsyncFnOnce() -> u64) -> Figures {
    let (cpu, begun) = (cpu_s(), Instant::now());
    let count = work().await as f64;
    Figures { per_second: count / begun.elapsed().as_secs_f64(), cpu_ms: (cpu_s() - cpu) * 1_000.0 / count }
}

async fn chat(store: &Store) -> ChatId {
    let (at, random) = (SystemClock.now(), SystemRandom.next_u64());
    let record = ChatRecord {
        id: ChatId::mint(at, random),
        kind: ChatKind::Group,
        name: ChatName::try_from("Measured").ok(),
        created_by: UserId::mint(at, random),
        created_at: at,
        head: Head::EMPTY,
        last_message_at: at,
        member_count: 0,
    };
    store.chats.create(&record).await.expect("makes");
    record.id
}

/// Posters who each wait for their answer, all in one chat.
async fn through_the_log(store: &Store, chat: ChatId) -> u64 {
    let end = Instant::now() + TURN;
    let posters = (0..POSTERS).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            let author = UserId::mint(SystemClock.now(), SystemRandom.next_u64());
            let mut count = 0;
            while Instant::now() < end {
                let message = NewMessage {
                    author,
                    kind: MessageKind::Text,
                    text: "x".repeat(200),
                    client_id: ClientId::try_from(format!("{}", SystemRandom.next_u64())).expect("an id"),
                    reply_to: None,
                    subject: None,
                    at: SystemClock.now(),
                    random: SystemRandom.next_u64(),
                    change: None,
                };
                let appended = store.log.append(chat, message).await.expect("takes it");
                assert!(matches!(appended, Appended::New(_)));
                count += 1;
            }
            count
        })
    });
    let mut all = 0;
    for poster in posters.collect::<Vec<_>>() {
        all += poster.await.expect("ends well");
    }
    all
}

struct Bare {
    session: Session,
    advance: PreparedStatement,
    row: PreparedStatement,
}

impl Bare {
    async fn prepare(node: &str) -> Self {
        let session = SessionBuilder::new().known_node(node).build().await.expect("Cassandra answers");
        let table = "CREATE TABLE IF NOT EXISTS petit_tests.bare (chat uuid, n bigint, head bigint static, body text, \
                     PRIMARY KEY ((chat), n))";
        session.query_unpaged(table, ()).await.expect("a table");
        let prepare = async |cql: &str| session.prepare(cql).await.expect("a statement");
        let advance = prepare("UPDATE petit_tests.bare SET head = ? WHERE chat = ? IF head = ?").await;
        let row = prepare("INSERT INTO petit_tests.bare (chat, n, body) VALUES (?, ?, ?)").await;
        Self { session, advance, row }
    }

    /// One conditional batch after the other on one partition.
    async fn write(&self, group: usize) -> u64 {
        let chat = ChatId::mint(SystemClock.now(), SystemRandom.next_u64()).uuid();
        let (end, mut head) = (Instant::now() + TURN, None::<i64>);
        let body = "x".repeat(200);
        while Instant::now() < end {
            let first = head.map_or(0, |head| head + 1);
            let last = first + group as i64 - 1;
            let mut batch = Batch::default();
            batch.append_statement(self.advance.clone());
            (first..=last).for_each(|_| batch.append_statement(self.row.clone()));
            type Values = Box<dyn scylla::serialize::row::SerializeRow>;
            let mut values: Vec<Values> = vec![Box::new((last, chat, head))];
            values.extend((first..=last).map(|n| Box::new((chat, n, body.clone())) as Values));
            self.session.batch(&batch, values).await.expect("applies");
            head = Some(last);
        }
        head.map_or(0, |head| head as u64 + 1)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs bin/cluster up; measures"]
async fn a_message_beside_the_least_that_it_could_cost() {
    let opened = support::fresh().await;
    let (store, bare) = (opened.store, Arc::new(Bare::prepare(&support::cluster("CASSANDRA")).await));
    let id = chat(&store).await;
    through_the_log(&store, id).await;
    let mut ratios = Vec::new();
    for _ in 0..TURNS {
        let before = opened.handle.counters();
        let ours = measured(async || through_the_log(&store, id).await).await;
        let now = opened.handle.counters();
        let group = (now.entries - before.entries) as f64 / (now.groups - before.groups) as f64;
        let statements = (now.statements - before.statements) as f64 / (now.entries - before.entries) as f64;
        let floor = measured(async || bare.write(group.round() as usize).await).await;
        println!(
            "log {:.0}/s, {:.3} CPU-ms, groups of {group:.0}, {statements:.2} statements each; bare groups of the \
             same size {:.0}/s, {:.3} CPU-ms; ratio {:.1}",
            ours.per_second,
            ours.cpu_ms,
            floor.per_second,
            floor.cpu_ms,
            ours.cpu_ms / floor.cpu_ms
        );
        assert!(group >= 16.0, "natural groups of 64 posters: {group}");
        ratios.push(ours.cpu_ms / floor.cpu_ms);
    }
    ratios.sort_by(f64::total_cmp);
    println!("median ratio of CPU {:.1}; {} posters, one chat, 200 bytes", ratios[TURNS / 2], POSTERS);
}
