//! Who may write in a chat now. What decides is remembered beside the membership, so a chat without settings costs nothing;
//! that nothing newer came is said by the log, which does not take a message that was written under older settings.

use petit_domain::{ClientId, MemberRole, Message, Posting};
use petit_ports::Turn;
use petit_protocol::codes;

use crate::{
    App, AppError,
    access::{self, Membership},
    rulings,
    sent::find_sent,
};

/// Lets a message through, or answers it if it was sent before: a repetition is never refused for what came after.
pub(crate) async fn admit(
    app: &App,
    by: &mut Membership,
    client_id: &ClientId,
) -> Result<Option<Message>, AppError> {
    if refusal(by).is_ok() && !has_to_wait(by) {
        return Ok(None);
    }
    *by = as_it_is_now(app, by).await?;
    let refusal = refusal(by).err();
    if refusal.is_none() && !has_to_wait(by) {
        return Ok(None);
    }
    if let Some(sent) = find_sent(app, by.chat(), by.user(), client_id).await? {
        return Ok(Some(sent));
    }
    match refusal {
        Some(refusal) => Err(refusal),
        None => take_turn(app, by, client_id).await.map(|()| None),
    }
}

/// Nothing is refused because of something remembered.
async fn as_it_is_now(app: &App, by: &Membership) -> Result<Membership, AppError> {
    let now = access::member_now(app, by.chat(), by.user()).await?;
    Ok(if by.holds_whatever_came() { now.whatever_came() } else { now })
}

fn has_to_wait(by: &Membership) -> bool {
    !by.rules().slow_s.is_off() && by.role() < MemberRole::Admin
}

fn refusal(by: &Membership) -> Result<(), AppError> {
    by.writable()?;
    match by.rules().posting {
        Posting::All => Ok(()),
        Posting::Admins | Posting::Other(_) => among_admins(by),
    }
}

fn among_admins(by: &Membership) -> Result<(), AppError> {
    if by.role() >= MemberRole::Admin {
        return Ok(());
    }
    let detail = "Only admins and owners of this chat write in it.".to_owned();
    Err(AppError::Forbidden { code: codes::ADMINS_ONLY, detail })
}

/// Lets somebody pin and take pins away, which is what a chat says too, and have a message held. Whose turn it is is asked
/// when that is sent.
pub(crate) async fn may_write(app: &App, by: &Membership) -> Result<(), AppError> {
    match refusal(by) {
        Ok(()) => Ok(()),
        Err(_) => refusal(&as_it_is_now(app, by).await?),
    }
}

/// Lets somebody change what is said: not in a chat that is archived. Who asks right after that on another node may still
/// be let through, as whoever was just removed is.
pub(crate) async fn may_change(app: &App, by: &Membership) -> Result<(), AppError> {
    match by.writable() {
        Ok(()) => Ok(()),
        Err(_) => as_it_is_now(app, by).await?.writable(),
    }
}

async fn take_turn(app: &App, by: &Membership, client_id: &ClientId) -> Result<(), AppError> {
    let (now, slow_s) = (app.now(), by.rules().slow_s.seconds());
    match app.store().turns.take(by.chat(), by.user(), client_id, now, slow_s).await? {
        Turn::Taken => Ok(()),
        Turn::Wait(last) => {
            let left = last.plus_seconds(i64::from(slow_s)).micros() - now.micros();
            let seconds = u32::try_from((left.max(1) + 999_999) / 1_000_000).unwrap_or(u32::MAX);
            Err(AppError::Slow { retry_after_s: seconds })
        }
    }
}

/// The membership with the chat's settings as its log has them now: the log refused what was written under older ones.
/// Where none are found that are newer, such as of a change that expired, the log is not asked again.
pub(crate) async fn look_again(app: &App, by: Membership) -> Result<Membership, AppError> {
    rulings::settle_settings(app.store(), by.chat(), by.rules().cseq).await?;
    app.chat_rules.forget(&by.chat());
    let now = access::member_now(app, by.chat(), by.user()).await?;
    Ok(if now.rules().cseq > by.rules().cseq { now } else { now.whatever_came() })
}
