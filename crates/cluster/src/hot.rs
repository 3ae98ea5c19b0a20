use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use async_trait::async_trait;
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use parking_lot::Mutex;
use petit_domain::{ChatId, Edition, Head, Message};
use petit_ports::{ChangeRecord, LogReader, PageAt, StoreError};

/// How many of a chat's newest messages are kept.
const KEPT: usize = 256;
/// When this many chats are kept, all are forgotten: a bound, not a policy.
const CHATS: usize = 2_000;
/// When more changes than this came since, what is kept is read anew.
const CHANGES: i64 = 256;

/// A log that keeps the newest messages of chats that are looked at, and runs equal reads once.
///
/// What is kept belongs to a head. A head is read, which is little, before anything kept is shown: since
/// every change of a message is numbered, the same head means the same messages, whoever wrote them.
pub struct HotLog {
    inner: Arc<dyn LogReader>,
    kept: Arc<Mutex<HashMap<ChatId, Hot>>>,
    running: Arc<Mutex<HashMap<Question, Running>>>,
}

type Question = (ChatId, PageAt, usize);
type Running = Shared<BoxFuture<'static, Result<Arc<Vec<Message>>, Arc<StoreError>>>>;

#[derive(Clone)]
struct Hot {
    head: Head,
    /// Rising and without a gap up to the head.
    newest: Arc<Vec<Message>>,
}

impl HotLog {
    /// Around another log.
    pub fn new(inner: Arc<dyn LogReader>) -> Self {
        Self { inner, kept: Arc::default(), running: Arc::default() }
    }

    /// Reads, or joins the same read that is under way.
    fn join(&self, question: Question) -> Running {
        let mut running = self.running.lock();
        if let Some(same) = running.get(&question) {
            return same.clone();
        }
        let (inner, kept, list) = (self.inner.clone(), self.kept.clone(), self.running.clone());
        let read = async move {
            let page = read(&*inner, &kept, question).await;
            list.lock().remove(&question);
            page.map(Arc::new).map_err(Arc::new)
        };
        let read = read.boxed().shared();
        running.insert(question, read.clone());
        // Somebody has to drive it, even if whoever asked first goes away.
        tokio::spawn(read.clone().map(drop));
        read
    }
}

async fn read(
    log: &dyn LogReader,
    kept: &Mutex<HashMap<ChatId, Hot>>,
    (chat, at, limit): Question,
) -> Result<Vec<Message>, StoreError> {
    let end = match at {
        PageAt::Newest => i64::MAX,
        PageAt::Before(seq) => seq,
        PageAt::After(_) | PageAt::Around(_) => return log.page(chat, at, limit).await,
    };
    let known = kept.lock().get(&chat).cloned();
    if known.is_none() && at != PageAt::Newest {
        return log.page(chat, at, limit).await;
    }
    let Some(head) = log.head(chat).await? else { return Ok(Vec::new()) };
    if let Some(hot) = freshened(log, kept, chat, head, known).await?
        && let Some(page) = hot.page(end.min(head.seq.saturating_add(1)), limit)
    {
        return Ok(page);
    }
    let page = log.page(chat, at, limit).await?;
    if at == PageAt::Newest {
        keep(kept, chat, Hot { head, newest: Arc::new(page.clone()) });
    }
    Ok(page)
}

/// What is kept, brought to this head: new messages are added, and those that changes touched are read again.
async fn freshened(
    log: &dyn LogReader,
    kept: &Mutex<HashMap<ChatId, Hot>>,
    chat: ChatId,
    head: Head,
    known: Option<Hot>,
) -> Result<Option<Hot>, StoreError> {
    let Some(hot) = known else { return Ok(None) };
    if hot.head == head {
        return Ok(Some(hot));
    }
    let (missing, changed) = (head.seq - hot.head.seq, head.cseq - hot.head.cseq);
    if !(0..=KEPT as i64).contains(&missing) || !(0..=CHANGES).contains(&changed) {
        return Ok(None);
    }
    let mut newest = hot.newest.to_vec();
    if changed > 0 && !revised(log, chat, hot.head.cseq, changed, &mut newest).await? {
        return Ok(None);
    }
    if missing > 0 {
        newest.extend(log.page(chat, PageAt::After(hot.head.seq), missing as usize).await?);
        newest.drain(..newest.len().saturating_sub(KEPT));
    }
    let hot = Hot { head, newest: Arc::new(newest) };
    keep(kept, chat, hot.clone());
    Ok(Some(hot))
}

/// Puts the messages that so many changes touched in the place of what is kept of them. `false`: nobody knows any more
/// what they were.
async fn revised(
    log: &dyn LogReader,
    chat: ChatId,
    after: i64,
    count: i64,
    newest: &mut [Message],
) -> Result<bool, StoreError> {
    let changes = log.changes_after(chat, after, count as usize).await?;
    if changes.len() as i64 != count || changes.first().is_none_or(|first| first.cseq != after + 1) {
        return Ok(false);
    }
    let Some(first) = newest.first().map(|first| first.seq) else { return Ok(true) };
    let touched: BTreeSet<i64> = changes
        .iter()
        .filter_map(|change| change.kind.parts().1.message())
        .filter(|seq| (first..first + newest.len() as i64).contains(seq))
        .collect();
    if touched.is_empty() {
        return Ok(true);
    }
    for message in log.get_many(chat, &touched.into_iter().collect::<Vec<_>>()).await? {
        let place = (message.seq - first) as usize;
        newest[place] = message;
    }
    Ok(true)
}

fn keep(kept: &Mutex<HashMap<ChatId, Hot>>, chat: ChatId, hot: Hot) {
    let mut kept = kept.lock();
    if kept.len() >= CHATS {
        kept.clear();
    }
    kept.insert(chat, hot);
}

impl Hot {
    /// The page that ends below `end`, if all of it is here.
    fn page(&self, end: i64, limit: usize) -> Option<Vec<Message>> {
        let first = self.newest.first()?.seq;
        let start = end.saturating_sub(limit as i64).max(0);
        if start < first || end > self.head.seq + 1 || end <= first {
            return None;
        }
        let (from, to) = ((start - first) as usize, (end - first) as usize);
        self.newest.get(from..to).map(<[Message]>::to_vec)
    }
}

/// Everybody who joined a read hears of its failure in the same words.
fn shared(error: &StoreError) -> StoreError {
    match error {
        StoreError::Unavailable(_) => StoreError::Unavailable(None),
        StoreError::ReadOnly => StoreError::ReadOnly,
        StoreError::Inconsistent(what) => StoreError::Inconsistent(what.clone()),
    }
}

#[async_trait]
impl LogReader for HotLog {
    async fn head(&self, chat: ChatId) -> Result<Option<Head>, StoreError> {
        self.inner.head(chat).await
    }

    async fn get(&self, chat: ChatId, seq: i64) -> Result<Option<Message>, StoreError> {
        self.inner.get(chat, seq).await
    }

    async fn get_many(&self, chat: ChatId, seqs: &[i64]) -> Result<Vec<Message>, StoreError> {
        self.inner.get_many(chat, seqs).await
    }

    async fn page(&self, chat: ChatId, at: PageAt, limit: usize) -> Result<Vec<Message>, StoreError> {
        let page = self.join((chat, at, limit)).await.map_err(|error| shared(&error))?;
        Ok(page.to_vec())
    }

    async fn changes_after(
        &self,
        chat: ChatId,
        cseq: i64,
        limit: usize,
    ) -> Result<Vec<ChangeRecord>, StoreError> {
        self.inner.changes_after(chat, cseq, limit).await
    }

    async fn history(&self, chat: ChatId, seq: i64, limit: usize) -> Result<Vec<Edition>, StoreError> {
        self.inner.history(chat, seq, limit).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.inner.ready().await
    }
}
