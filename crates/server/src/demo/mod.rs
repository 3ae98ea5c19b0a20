//! People, chats and some history to look at, made through the same services as everything else. What
//! is there already is left alone, so telling the story twice is harmless.

mod clock;
mod people;
mod story;

use anyhow::{Context, Result};
use petit_app::{App, access, chats, messages};
use petit_domain::{ChatId, ChatKind, ClientId, Message, MessageText, Timestamp};
use petit_protocol::{CreateChat, SendMessage};

use crate::installation::Installation;
pub use clock::StoryClock;
use people::Cast;
use story::{CHATS, Chapter, Line};

/// What was told: the passwords people were made with.
pub struct Told {
    pub passwords: Vec<(&'static str, String)>,
}

/// Makes what is missing. Nobody may be connected yet: the clock is moved meanwhile.
pub async fn tell(installation: &Installation, clock: &StoryClock) -> Result<Told> {
    let now = installation.app.now();
    let provider = installation.provider.as_deref().context("the demo needs the built-in sign-in")?;
    clock.go_to(now.plus_seconds(-story::BEGAN_S));
    let (cast, passwords) = people::gather(&installation.app, provider).await?;
    for chapter in CHATS {
        clock.go_to(now.plus_seconds(-chapter.began_s));
        write(&installation.app, clock, &cast, chapter, now).await?;
    }
    installation.app.settle().await;
    clock.be_present();
    Ok(Told { passwords })
}

async fn write(app: &App, clock: &StoryClock, cast: &Cast, chapter: &Chapter, now: Timestamp) -> Result<()> {
    let chat = open(app, cast, chapter).await?;
    if is_told(app, cast, chapter, chat).await? {
        return Ok(());
    }
    let mut written: Vec<Message> = Vec::new();
    for line in chapter.lines {
        clock.go_to(now.plus_seconds(-line.ago_s));
        let said = say(app, cast, chat, line, &written).await?;
        clock.go_to(now.plus_seconds(story::CORRECTED_AFTER_S - line.ago_s));
        written.push(correct(app, cast, line, said).await?);
    }
    Ok(())
}

async fn open(app: &App, cast: &Cast, chapter: &Chapter) -> Result<ChatId> {
    let members = chapter.with.iter().map(|who| cast.of(who).user).collect();
    let name = chapter.name.map(petit_domain::ChatName::try_from).transpose()?;
    let key = chapter.name.map(|name| format!("demo {name}"));
    let request = CreateChat { kind: chapter.kind, name, members };
    let by = cast.of(chapter.by);
    // Keys are forgotten after some days; the chat itself is not.
    if let Some(known) = named_already(app, cast, chapter).await? {
        return Ok(known);
    }
    Ok(chats::create(app, &by, &request, key.as_deref()).await?.chat.id)
}

async fn named_already(app: &App, cast: &Cast, chapter: &Chapter) -> Result<Option<ChatId>> {
    if chapter.kind == ChatKind::Direct {
        return Ok(None);
    }
    let mine = app.store().chats.list_for(cast.of(chapter.by).user, false, app.now(), None, 100).await?;
    let same =
        |view: &petit_app::ports::ChatView| view.chat.name.as_ref().map(|n| n.as_str()) == chapter.name;
    Ok(mine.into_iter().find(same).map(|view| view.chat.id))
}

/// Whether everything was said. Repeating an interrupted telling is harmless: lines have fixed client ids.
async fn is_told(app: &App, cast: &Cast, chapter: &Chapter, chat: ChatId) -> Result<bool> {
    let view = app.store().chats.find_for(cast.of(chapter.by).user, chat).await?;
    Ok(view.is_none_or(|view| view.chat.head.seq + 1 >= chapter.lines.len() as i64))
}

async fn say(app: &App, cast: &Cast, chat: ChatId, line: &Line, before: &[Message]) -> Result<Message> {
    let caller = cast.of(line.who);
    let by = access::member(app, chat, caller.user).await?;
    let client_id = ClientId::try_from(format!("demo-{}", before.len()))?;
    let reply_to = line.answers.and_then(|place| before.get(place)).map(|message| message.seq);
    Ok(messages::send(app, &by, SendMessage::text(MessageText::try_from(line.text)?, client_id, reply_to))
        .await?)
}

async fn correct(app: &App, cast: &Cast, line: &Line, said: Message) -> Result<Message> {
    let Some(text) = line.corrected else { return Ok(said) };
    let caller = cast.of(line.who);
    Ok(messages::edit(app, &caller, said.chat, said.seq, MessageText::try_from(text)?).await?)
}
