//! Copies an embedded installation into the database of a cluster, chat by chat, and compares both sides.
//! Everything may be done again; chats that were compared before are left alone.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::PathBuf,
    sync::Arc,
};

use anyhow::{Context, Result, ensure};
use petit_config::Loaded;
use petit_domain::{ChatId, Emoji, Message, Timestamp, UserId};
use petit_ports::{ChatFrame, Clock, Directory, OldText, PageAt, Ruling, Saved, Store, SystemClock};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{folder::DataFolder, logging, wiring::Engine};

/// Where it is noted which chats were compared, in the embedded folder.
const PROGRESS: &str = "migrated-chats.json";
/// Rows at once.
const PAGE: usize = 500;

/// How much there was.
#[derive(Debug, Default)]
pub struct Copied {
    pub chats: usize,
    pub messages: usize,
    pub changes: usize,
    pub people: usize,
    pub sessions: usize,
}

/// Copies from the embedded store of one configuration to the database of another.
pub fn run(from: &Loaded, to: &Loaded) -> Result<Copied> {
    logging::start(&from.config.log)?;
    // The lock of the folder says that no server runs on it.
    let folder = DataFolder::hold(&from.config.server.data)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let source = Engine::open(&from.config.store, folder.path(), &clock).await?;
        let target = Engine::open(&to.config.store, folder.path(), &clock).await?;
        let migration = Migration { source, target, progress: folder.path().join(PROGRESS) };
        let copied = migration.run().await;
        migration.target.close().await;
        migration.source.close().await;
        copied
    })
}

struct Migration {
    source: Engine,
    target: Engine,
    progress: PathBuf,
}

impl Migration {
    async fn run(&self) -> Result<Copied> {
        let embedded = self.source.embedded().context("the source is not an embedded installation")?;
        ensure!(self.target.database_handle().is_some(), "the target has no database: see [store] of --to");
        let directory = embedded.directory().await?;
        self.copy_directory(&directory).await.context("people, accounts and sessions")?;
        let mut copied = Copied {
            people: directory.people.len(),
            sessions: directory.sessions.len(),
            ..Copied::default()
        };
        let mut done = self.done();
        for chat in &directory.chats {
            let facts = self.chat(*chat, &mut done).await.with_context(|| format!("chat {chat}"))?;
            copied.chats += 1;
            copied.messages += facts.messages;
            copied.changes += facts.changes;
        }
        self.compare_directory(&directory).await?;
        Ok(copied)
    }

    async fn copy_directory(&self, directory: &Directory) -> Result<()> {
        let store = &self.target.store;
        for person in &directory.people {
            store.people.create(person).await?;
        }
        for (external, user) in &directory.links {
            ensure!(
                store.people.link(external, *user).await? == *user,
                "{external:?} is somebody else there"
            );
        }
        for account in &directory.accounts {
            store.accounts.create(account).await?;
        }
        for invitation in &directory.invitations {
            store.accounts.invite(invitation).await?;
        }
        for session in &directory.sessions {
            store.sessions.create(session).await?;
        }
        for (a, b, chat) in &directory.pairs {
            store.chats.claim_direct(*a, *b, *chat).await?;
        }
        for intent in &directory.intents {
            store.intents.put(intent).await?;
        }
        // Timers first: a message without its timer would never be sent, a timer without its message does nothing.
        for timer in &directory.timers {
            store.timers.put(timer).await?;
        }
        for scheduled in &directory.scheduled {
            store.scheduled.put(scheduled).await?;
        }
        for (user, chat, choices) in &directory.choices {
            let at = Timestamp::from_micros(choices.version);
            store.choices.choose(*user, *chat, &choices.all(), at).await?;
        }
        for (user, saved) in &directory.saved {
            store.saved.add(*user, saved).await?;
        }
        for (user, settings) in &directory.settings {
            store.settings.set(*user, &settings.all(), Timestamp::from_micros(settings.version)).await?;
        }
        Ok(())
    }

    async fn compare_directory(&self, directory: &Directory) -> Result<()> {
        let store = &self.target.store;
        for person in &directory.people {
            ensure!(
                store.people.get(person.id).await?.as_ref() == Some(person),
                "{} differs",
                person.username
            );
        }
        for account in &directory.accounts {
            let found = store.accounts.get(account.subject).await?;
            ensure!(found.as_ref() == Some(account), "the account of {} differs", account.username);
        }
        for session in &directory.sessions {
            let found = store.sessions.find(&session.token_hash).await?;
            ensure!(found.as_ref() == Some(session), "the session {} differs", session.id);
        }
        for scheduled in &directory.scheduled {
            let found = store.scheduled.get(scheduled.author, scheduled.id).await?;
            ensure!(found.as_ref() == Some(scheduled), "the scheduled message {} differs", scheduled.id);
        }
        for (user, chat, choices) in &directory.choices {
            let found = store.choices.get(*user, *chat).await?;
            // Choices that were all taken back leave nothing to carry.
            ensure!(found.all() == choices.all(), "what {user} chose about {chat} differs");
        }
        let mut saved: HashMap<UserId, Vec<Saved>> = HashMap::new();
        for (user, one) in &directory.saved {
            saved.entry(*user).or_default().push(*one);
        }
        for (user, mut saved) in saved {
            saved.sort_unstable_by_key(Saved::position);
            ensure!(store.saved.list(user).await? == saved, "what {user} saved differs");
        }
        for (user, settings) in &directory.settings {
            ensure!(
                store.settings.get(*user).await?.all() == settings.all(),
                "the settings of {user} differ"
            );
        }
        Ok(())
    }

    /// Copies one chat unless that was done, and compares it. Answers how much there is in it.
    async fn chat(&self, chat: ChatId, done: &mut BTreeMap<String, String>) -> Result<Facts> {
        let embedded = self.source.embedded().context("an embedded source")?;
        let frame = embedded.chat_frame(chat).await?.context("it is not there any more")?;
        let ours = Facts::of(&self.source.store, &frame).await?;
        if done.get(&chat.to_string()) == Some(&ours.hash) {
            return Ok(ours);
        }
        self.copy_chat(&frame, embedded.old_texts(chat).await?).await?;
        let database = self.target.database_handle().context("a database")?;
        database.import_reactions(chat, &embedded.reaction_sets(chat).await?).await?;
        database.import_pins(chat, &embedded.pins(chat).await?).await?;
        let theirs = Facts::of(&self.target.store, &frame).await?;
        ensure!(
            (ours.messages, ours.changes) == (theirs.messages, theirs.changes),
            "{} messages and {} changes here, {} and {} there",
            ours.messages,
            ours.changes,
            theirs.messages,
            theirs.changes
        );
        ensure!(ours.hash == theirs.hash, "the copy differs");
        done.insert(chat.to_string(), ours.hash.clone());
        fs::write(&self.progress, serde_json::to_vec(done)?)?;
        Ok(ours)
    }

    async fn copy_chat(&self, frame: &ChatFrame, old_texts: Vec<OldText>) -> Result<()> {
        let (store, log) = (&self.target.store, &self.source.store.log);
        let database = self.target.database_handle().context("a database")?;
        let chat = frame.record.id;
        store.chats.create(&frame.record, &frame.members).await?;
        let ruling = match frame.record.settings.cseq {
            -1 => Ruling::Silent,
            _ => Ruling::Set(frame.record.settings.clone()),
        };
        store.members.follow(chat, -1, frame.applied, &ruling).await?;
        let mut after = -1;
        loop {
            let page = log.page(chat, PageAt::After(after), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            database.import_messages(chat, &page).await?;
        }
        let mut after = -1;
        loop {
            let page = log.changes_after(chat, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.cseq;
            database.import_changes(chat, &page).await?;
        }
        database.import_old_texts(chat, &with_makers(old_texts)).await?;
        for (user, seq) in &frame.read_markers {
            store.read_markers.mark(chat, *user, *seq).await?;
        }
        // When each number rose is not carried: it is told only of what was said lately.
        store.receipts.raise(chat, &frame.receipts, None).await?;
        Ok(())
    }

    /// Chats that were compared before, with what they were.
    fn done(&self) -> BTreeMap<String, String> {
        let text = fs::read(&self.progress).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }
}

/// Each earlier text with the change that had made it; the first one came with its message.
fn with_makers(old_texts: Vec<OldText>) -> Vec<(OldText, i64)> {
    let mut made_by: HashMap<i64, i64> = HashMap::new();
    old_texts
        .into_iter()
        .map(|old| {
            let maker = made_by.insert(old.seq, old.cseq).unwrap_or(-1);
            (old, maker)
        })
        .collect()
}

/// What is in a chat: counted, and as one hash over everything in its order.
struct Facts {
    messages: usize,
    changes: usize,
    hash: String,
}

impl Facts {
    async fn of(store: &Store, frame: &ChatFrame) -> Result<Self> {
        let chat = frame.record.id;
        let (mut hash, mut messages, mut changes) = (Sha256::new(), 0, 0);
        let mut after = -1;
        loop {
            let page = store.log.page(chat, PageAt::After(after), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            messages += page.len();
            for message in &page {
                add(&mut hash, message)?;
                add(&mut hash, &message.parts.place())?;
                add_reactions(&mut hash, store, message).await?;
                if message.edited_at.is_some() {
                    add(&mut hash, &store.log.history(chat, message.seq, PAGE).await?)?;
                }
            }
        }
        let mut after = -1;
        loop {
            let page = store.log.changes_after(chat, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.cseq;
            changes += page.len();
            page.iter().try_for_each(|change| add(&mut hash, change))?;
        }
        let record = store.chats.get(chat).await?.context("the chat is not there")?;
        add(&mut hash, &(record.settings.text(), record.settings.cseq))?;
        add(&mut hash, &(record.head, record.name.map(String::from), record.member_count))?;
        let mut members = frame.members.clone();
        members.sort_by_key(|member| member.user);
        for member in &members {
            let found = store.members.get(chat, member.user).await?.context("a member is missing")?;
            add(&mut hash, &(found.user, found.role, found.joined_seq, found.joined_at))?;
        }
        let told: Vec<UserId> = frame.receipts.iter().map(|(user, _)| *user).collect();
        for (user, reached) in told.iter().zip(store.receipts.reached(chat, &told).await?) {
            add(&mut hash, &(user, reached.delivered, reached.seen))?;
        }
        for (user, _) in &frame.read_markers {
            add(&mut hash, &(user, store.read_markers.get(chat, *user).await?))?;
        }
        store.pins.list(chat).await?.iter().try_for_each(|pin| add(&mut hash, pin))?;
        let hash = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { messages, changes, hash })
    }
}

/// Who reacted to a message, as far as it shows any.
async fn add_reactions(hash: &mut Sha256, store: &Store, message: &Message) -> Result<()> {
    if message.reactions.is_empty() {
        return Ok(());
    }
    let (chat, seq) = (message.chat, message.seq);
    add(hash, &store.reactions.summary(chat, seq).await?)?;
    let mut after: Option<(Emoji, UserId)> = None;
    loop {
        let above = after.as_ref().map(|(emoji, user)| (emoji, *user));
        let page = store.reactions.list(chat, seq, None, above, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some((last.emoji.clone(), last.user));
        page.iter().try_for_each(|one| add(hash, one))?;
    }
}

fn add(hash: &mut Sha256, thing: &impl Serialize) -> Result<()> {
    hash.update(serde_json::to_vec(thing)?);
    hash.update([0]);
    Ok(())
}
