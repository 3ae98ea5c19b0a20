use std::{fs, path::Path, time::Duration};

use petit_ports::{Clock, Revision, StoreError, SystemClock, Wish};
use petit_store_sqlite::{OpenError, Options, SqliteStore};
use rusqlite::Connection;

use crate::world::{World, log, send};

fn refusal(path: &Path) -> OpenError {
    match SqliteStore::open(path, &Options::default()) {
        Ok(_) => panic!("it opened"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_in_the_files_even_if_nobody_closes_them() {
    let world = World::new();
    let chat = world.chat().await;
    let mut sent = Vec::new();
    for n in 0..100 {
        sent.push(send(&world.store, chat, &format!("number {n}")).await.expect("sent"));
    }
    let copy = tempfile::tempdir().expect("a folder for the copy");
    for name in ["petit.db", "petit.db-wal"] {
        fs::copy(world.folder.path().join(name), copy.path().join(name)).expect("a file is copied");
    }
    let reopened = SqliteStore::open(&copy.path().join("petit.db"), &Options::default()).expect("it opens");
    assert_eq!(log(&reopened.store, chat).await, sent);
}

#[tokio::test]
async fn what_was_deleted_leaves_the_files_while_the_store_is_open() {
    let tidy_after = Duration::from_millis(20);
    let world = World::with(&Options { tidy_after, ..Options::default() });
    let chat = world.chat().await;
    let secret = "Zkqv7-was-said";
    for text in [secret.to_owned(), format!("{secret} {}", "x".repeat(9_000))] {
        let said = send(&world.store, chat, &text).await.expect("sent");
        let (revision, actor, at) = (Revision::Delete, said.author, SystemClock.now());
        let delete = Wish::Revise { seq: said.seq, if_cseq: None, revision, actor, at };
        world.store.log_writer.write(chat, delete).await.expect("deleted");
    }
    let left = || {
        let files = ["petit.db", "petit.db-wal"].map(|name| fs::read(world.folder.path().join(name)));
        let files = files.into_iter().map(|bytes| bytes.expect("a file"));
        files
            .flat_map(|bytes| bytes.windows(secret.len()).map(<[u8]>::to_vec).collect::<Vec<_>>())
            .filter(|window| window == secret.as_bytes())
            .count()
    };
    for _ in 0..500 {
        if left() == 0 {
            return;
        }
        tokio::time::sleep(tidy_after).await;
    }
    panic!("{} copies are left", left());
}

#[tokio::test]
async fn a_closed_store_opens_again_and_goes_on_numbering() {
    let world = World::new();
    let chat = world.chat().await;
    let first = send(&world.store, chat, "before").await.expect("sent");
    world.handle.close();
    let refused = send(&world.store, chat, "too late").await.expect_err("it is closed");
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
    let reopened = SqliteStore::open(&world.path(), &Options::default()).expect("it opens again");
    let second = send(&reopened.store, chat, "after").await.expect("sent");
    assert_eq!(log(&reopened.store, chat).await, [first, second]);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let world = World::new();
    let path = world.folder.path().join("other.db");
    fs::write(&path, "not a database, but long enough to be looked at ".repeat(100)).expect("written");
    assert!(matches!(refusal(&path), OpenError::Damaged(_)));
}

#[tokio::test]
async fn a_damaged_file_is_refused() {
    let world = World::new();
    let chat = world.chat().await;
    for _ in 0..100 {
        send(&world.store, chat, &"x".repeat(1_000)).await.expect("sent");
    }
    world.handle.close();
    let mut bytes = fs::read(world.path()).expect("the file is read");
    bytes[4096..].fill(0xa5);
    fs::write(world.path(), bytes).expect("the file is damaged");
    assert!(matches!(refusal(&world.path()), OpenError::Damaged(_)));
}

#[test]
fn a_database_of_another_program_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    for (name, owner) in [("marked.db", 42), ("unmarked.db", 0)] {
        let path = folder.path().join(name);
        let other = Connection::open(&path).expect("a database");
        other.execute_batch("CREATE TABLE theirs (id INTEGER)").expect("a table of theirs");
        other.pragma_update(None, "application_id", owner).expect("marked");
        drop(other);
        let before = fs::read(&path).expect("the file is read");
        assert!(matches!(refusal(&path), OpenError::Foreign), "{name}");
        assert!(fs::read(&path).expect("the file is read") == before, "{name} was changed");
    }
}

/// As a version with so many more steps leaves it, each of which adds a column.
fn upgraded(world: &World, steps: i64) {
    let newer = Connection::open(world.path()).expect("a database");
    for step in 0..steps {
        newer.execute_batch(&format!("ALTER TABLE messages ADD COLUMN newer_{step} TEXT")).expect("a step");
    }
    let version: i64 = newer.pragma_query_value(None, "user_version", |row| row.get(0)).expect("a version");
    newer.pragma_update(None, "user_version", version + steps).expect("a version of tomorrow");
}

#[tokio::test]
async fn one_may_go_back_by_a_version() {
    let world = World::new();
    let chat = world.chat().await;
    let first = send(&world.store, chat, "before").await.expect("sent");
    world.handle.close();
    upgraded(&world, 3);
    let reopened = SqliteStore::open(&world.path(), &Options::default()).expect("it opens");
    let second = send(&reopened.store, chat, "after").await.expect("sent");
    assert_eq!(log(&reopened.store, chat).await, [first, second]);
}

#[tokio::test]
async fn a_much_newer_schema_is_refused() {
    let world = World::new();
    world.handle.close();
    upgraded(&world, 40);
    assert!(matches!(refusal(&world.path()), OpenError::Newer));
}
