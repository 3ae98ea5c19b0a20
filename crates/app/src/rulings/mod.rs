//! Members, roles, names and settings of chats are decided in the chat's log: a change is written only if nothing came after the
//! state it was decided on, and what stores show of members and name follows the log (ADR 16).

mod rules;
mod settle;
#[cfg(test)]
mod tests;

use std::time::Duration;

use petit_domain::{ChatId, ClientId, IntentId, MessageKind, UserId};
use petit_ports::{Change, Effect, NewChange, NewMessage, Ruling, StoreError, Why, Wish, Written};
use petit_protocol::codes;

use self::rules::{Facts, Next, Others, Refusal, next};
pub(crate) use self::{
    rules::Wanted,
    settle::{Settled, follow_now_and_then, settle, settle_settings},
};
use crate::{
    App, AppError,
    intents::{self, IntentKind},
};

/// How often it is decided anew because something else came first.
const TRIES: u32 = 40;
/// The longest pause before that.
const PAUSE_US: u64 = 8_000;
/// How many members are looked at at once.
const PAGE: usize = 500;

/// Does what somebody wants, if the rules allow it at the moment in which it is written. Answers whether it changed
/// anything. Durable, and seen by everybody who asks, when this returns.
pub(crate) async fn rule(app: &App, by: UserId, chat: ChatId, wanted: &Wanted) -> Result<bool, AppError> {
    let mut ruling = Attempt { app, by, chat, noted: None, has_changed: false };
    let outcome = ruling.all(wanted).await;
    // After a refusal nothing is open either: what was written was followed before it was decided again.
    let is_open =
        matches!(outcome, Err(AppError::Unavailable(_) | AppError::StorageFull | AppError::Internal(_)));
    match ruling.noted {
        Some(intent) if !is_open => app.store().intents.done(intent).await?,
        _ => {}
    }
    outcome.map(|()| ruling.has_changed)
}

struct Attempt<'a> {
    app: &'a App,
    by: UserId,
    chat: ChatId,
    /// Noted before the first entry: whoever finds it has members and name follow the log.
    noted: Option<IntentId>,
    has_changed: bool,
}

impl Attempt<'_> {
    async fn all(&mut self, wanted: &Wanted) -> Result<(), AppError> {
        for _ in 0..TRIES {
            let settled = settle(self.app.store(), self.chat).await?.ok_or(AppError::NotFound)?;
            let (ruling, is_said, is_last) = match self.decide(wanted, settled).await? {
                Next::Say(ruling) => (ruling, true, true),
                Next::Note(ruling) => (ruling, false, true),
                Next::First(ruling) => (ruling, false, false),
                Next::Nothing | Next::Look => return Ok(()),
            };
            if self.noted.is_none() {
                self.noted =
                    Some(intents::note(self.app, self.by, IntentKind::Settle { chat: self.chat }).await?);
            }
            let Some(cseq) = self.write(settled, &ruling, is_said).await? else {
                self.pause().await;
                continue;
            };
            self.follow(settled, cseq, &ruling).await?;
            self.has_changed = true;
            if is_last {
                return Ok(());
            }
        }
        Err(AppError::Unavailable(None))
    }

    async fn decide(&self, wanted: &Wanted, settled: Settled) -> Result<Next, AppError> {
        let store = self.app.store();
        let record = store.chats.get(self.chat).await?.ok_or(AppError::NotFound)?;
        let own = store.members.get(self.chat, self.by).await?;
        let target = match wanted.person() {
            Some(user) if user == self.by => own.clone(),
            Some(user) => store.members.get(self.chat, user).await?,
            None => None,
        };
        let facts = Facts {
            chat: self.chat,
            kind: record.kind,
            name: record.name.as_ref(),
            settings: &record.settings,
            by: self.by,
            own: own.as_ref(),
            target: target.as_ref(),
            others: None,
            seq: settled.head.seq,
            now: self.app.now(),
        };
        let first = next(wanted, &facts).map_err(refused)?;
        if first != Next::Look {
            return Ok(first);
        }
        let others = self.others(wanted.person()).await?;
        next(wanted, &Facts { others: Some(&others), ..facts }).map_err(refused)
    }

    async fn others(&self, but: Option<UserId>) -> Result<Others, StoreError> {
        let (mut others, mut after) = (Others::default(), None);
        loop {
            let members = self.app.store().members.list(self.chat, after, PAGE).await?;
            let Some(last) = members.last() else { return Ok(others) };
            after = Some(last.user);
            members
                .into_iter()
                .filter(|member| Some(member.user) != but)
                .for_each(|member| others.see(member));
        }
    }

    /// Writes what was decided, if it was decided on the newest state. Answers the change's number.
    async fn write(&self, settled: Settled, ruling: &Ruling, is_said: bool) -> Result<Option<i64>, AppError> {
        let Some(effect) = ruling.effect() else { return Ok(None) };
        let if_cseq = Some(settled.head.cseq);
        let wish = match line(ruling).filter(|_| is_said) {
            Some(line) => Wish::Append(self.message(line, effect, if_cseq)?),
            None => Wish::Note(NewChange { effect, actor: self.by, at: self.app.now(), if_cseq }),
        };
        match self.app.store().log_writer.write(self.chat, wish).await? {
            Written::New(message) | Written::Repeated(message) => Ok(Some(message.cseq)),
            Written::Noted(change) => Ok(Some(change.cseq)),
            Written::Refused(Why::Overtaken) => Ok(None),
            Written::Refused(Why::NoSuchChat) => Err(AppError::NotFound),
            other => Err(AppError::Internal(format!("the log answered {other:?}").into())),
        }
    }

    /// The client id is new for every attempt: the number it was decided on makes it harmless to repeat.
    fn message(
        &self,
        (kind, subject, text): Line,
        effect: Effect,
        if_cseq: Option<i64>,
    ) -> Result<NewMessage, AppError> {
        let (now, random) = (self.app.now(), self.app.random().next_u64());
        let client_id = ClientId::try_from(IntentId::mint(now, random).to_string())?;
        let said = NewMessage::text(self.by, client_id, text, now, random);
        Ok(NewMessage { kind, subject, change: Some(effect), if_cseq, marks_read: false, ..said })
    }

    async fn follow(&self, settled: Settled, cseq: i64, ruling: &Ruling) -> Result<(), AppError> {
        let store = self.app.store();
        let ruling = &ruling.numbered(cseq);
        if store.members.follow(self.chat, settled.applied, cseq, ruling).await? == Change::AlreadySo {
            settle(store, self.chat).await?;
        }
        if let Some(user) = ruling.person() {
            self.app.memberships.forget(&(self.chat, user));
        }
        if matches!(ruling, Ruling::Set(_)) {
            self.app.chat_rules.forget(&self.chat);
        }
        Ok(())
    }

    async fn pause(&self) {
        tokio::time::sleep(Duration::from_micros(self.app.random().next_u64() % PAUSE_US)).await;
    }
}

/// A line of the timeline: what it is, whom it is about, and what it says.
type Line = (MessageKind, Option<UserId>, String);

fn line(ruling: &Ruling) -> Option<Line> {
    match ruling {
        Ruling::In(member) => Some((MessageKind::MemberJoined, Some(member.user), String::new())),
        Ruling::Out(user) => Some((MessageKind::MemberLeft, Some(*user), String::new())),
        Ruling::Named(name, _) => Some((MessageKind::ChatRenamed, None, name.as_str().to_owned())),
        Ruling::Set(_) | Ruling::Silent => None,
    }
}

fn refused(refusal: Refusal) -> AppError {
    match refusal {
        Refusal::NotFound => AppError::NotFound,
        Refusal::Forbidden => AppError::forbidden("Your role in this chat does not allow this."),
        Refusal::LastOwner => AppError::conflict(
            codes::LAST_OWNER,
            "A chat keeps at least one owner. Make somebody else owner first.",
        ),
    }
}
