use petit_domain::ChatId;
use petit_ports::Store;
use petit_store_sqlite::{Options, SqliteStore};
use tokio::{sync::watch, task::JoinSet};

use crate::world::{World, log, send};

/// Sends to the chat until told to stop.
async fn keep_sending(store: Store, chat: ChatId, sent: watch::Sender<u32>, stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        send(&store, chat, "one more").await.expect("sent");
        sent.send_modify(|count| *count += 1);
    }
}

async fn at_least(sent: &mut [watch::Receiver<u32>], count: u32) {
    for sent in sent {
        sent.wait_for(|sent| *sent >= count).await.expect("somebody sends");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_writes_holds_the_beginning_of_every_log() {
    let world = World::new();
    let chats = [world.chat().await, world.chat().await, world.chat().await];
    let (stop, stopped) = watch::channel(false);
    let (mut writers, mut sent) = (JoinSet::new(), Vec::new());
    for chat in chats {
        let (count, counted) = watch::channel(0);
        sent.push(counted);
        writers.spawn(keep_sending(world.store.clone(), chat, count, stopped.clone()));
    }
    at_least(&mut sent, 30).await;
    let target = world.folder.path().join("backup.db");
    world.handle.backup_to(&target).await.expect("a backup is made");
    let after = sent.iter().map(|sent| *sent.borrow()).max().unwrap_or_default();
    at_least(&mut sent, after + 5).await;
    stop.send(true).expect("they listen");
    writers.join_all().await;

    let backup = SqliteStore::open(&target, &Options::default()).expect("the backup opens");
    backup.handle.integrity_check().await.expect("nothing is missing inside");
    for chat in chats {
        let (whole, kept) = (log(&world.store, chat).await, log(&backup.store, chat).await);
        assert!((30..whole.len()).contains(&kept.len()), "{} of {}", kept.len(), whole.len());
        assert!(whole.starts_with(&kept), "the backup holds something else");
        let head = backup.store.log.head(chat).await.expect("a head").expect("the chat is there");
        assert_eq!(head.seq, kept.len() as i64 - 1);
    }
}
