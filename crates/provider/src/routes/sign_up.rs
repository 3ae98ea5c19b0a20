//! Making an account: the open page, invitation links, and the owner's setup link.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Query, State, rejection::FormRejection, rejection::QueryRejection},
    response::Response,
};
use petit_app::{AppError, ports::Invitation};
use petit_domain::{DisplayName, Fresh, Invalid, ServerRole, UserId, Username};
use serde::{Deserialize, Serialize};

use super::redirect::see_other;
use crate::{
    Arrival, Provider, SignUp,
    cookies::Cookie,
    errors, forms,
    grants::CODE_SECONDS,
    pages::{self, BadPart, SignUpPage},
    passwords::Password,
    registration::{self, Made, NewAccount},
    visitor::{Visitor, arrival_cookie, browser_cookie},
};

const FORM: &str = "oidc sign-up form";

/// By which door somebody comes.
#[derive(Clone, Serialize, Deserialize)]
enum Door {
    Open,
    Invited(String),
    Setup(String),
}

/// A door that was tried and is open.
enum Entry {
    Anybody,
    Invited(Box<Invitation>),
}

#[derive(Deserialize)]
pub(super) struct SignUpLink {
    invitation: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct SetupLink {
    token: String,
}

/// What the form sends. Has no `Debug`: it holds a password.
#[derive(Deserialize)]
pub(super) struct SignUpForm {
    form: String,
    name: String,
    username: String,
    password: String,
}

pub(super) async fn show(
    State(provider): State<Arc<Provider>>,
    visitor: Visitor,
    link: Result<Query<SignUpLink>, QueryRejection>,
) -> Response {
    let Ok(Query(link)) = link else { return pages::invitation_useless() };
    let door = link.invitation.map_or(Door::Open, Door::Invited);
    show_door(&provider, &visitor, door).await
}

pub(super) async fn show_setup(
    State(provider): State<Arc<Provider>>,
    visitor: Visitor,
    link: Result<Query<SetupLink>, QueryRejection>,
) -> Response {
    let Ok(Query(link)) = link else { return pages::invitation_useless() };
    show_door(&provider, &visitor, Door::Setup(link.token)).await
}

pub(super) async fn submit(
    State(provider): State<Arc<Provider>>,
    visitor: Visitor,
    sent: Result<Form<SignUpForm>, FormRejection>,
) -> Response {
    let Ok(Form(sent)) = sent else { return pages::page_too_old() };
    match forms::open(&provider, FORM, &visitor, &sent.form) {
        Some(door) => register(&provider, &visitor, door, &sent).await.unwrap_or_else(errors::page),
        None => pages::page_too_old(),
    }
}

async fn show_door(provider: &Provider, visitor: &Visitor, door: Door) -> Response {
    match enter(provider, &door).await {
        Ok(Ok(_)) => ask(provider, visitor, door, ("", ""), |page| page.first()),
        Ok(Err(closed)) => closed,
        Err(error) => errors::page(error),
    }
}

/// Tries the door; a closed one is a page that says why.
async fn enter(provider: &Provider, door: &Door) -> Result<Result<Entry, Response>, AppError> {
    let invitation = match door {
        Door::Setup(token) => registration::setup_invitation(provider, token).await?,
        _ if registration::is_empty(provider).await? => return Ok(Err(pages::no_account_yet())),
        _ if provider.sign_up == SignUp::Closed => return Ok(Err(pages::sign_up_closed())),
        Door::Open if provider.sign_up == SignUp::Open => return Ok(Ok(Entry::Anybody)),
        Door::Open => None,
        Door::Invited(token) => registration::invitation(provider, token).await?,
    };
    Ok(invitation.map(|found| Entry::Invited(Box::new(found))).ok_or_else(pages::invitation_useless))
}

async fn register(
    provider: &Provider,
    visitor: &Visitor,
    door: Door,
    sent: &SignUpForm,
) -> Result<Response, AppError> {
    let entry = match enter(provider, &door).await? {
        Ok(entry) => entry,
        Err(closed) => return Ok(closed),
    };
    let words = pages::words();
    let again = |part, what: &str, help: &str| {
        ask(provider, visitor, door.clone(), (&sent.name, &sent.username), |page| {
            page.refused(part, what, help)
        })
    };
    let new = match chosen(sent) {
        Ok(new) => new,
        Err((part, invalid)) => {
            let why = (words.refusal)(invalid.code).unwrap_or(&invalid.detail);
            return Ok(again(part, words.one_thing, why));
        }
    };
    let made = match &entry {
        Entry::Anybody => registration::freely(provider, ServerRole::Member, new).await?,
        Entry::Invited(invitation) => registration::by_invitation(provider, invitation, new).await?,
    };
    Ok(match made {
        Made::Done(subject) => let_in(provider, subject),
        Made::UsernameTaken => {
            let [what, help] = words.taken;
            again(BadPart::Username, what, help)
        }
        Made::Refused => pages::invitation_useless(),
    })
}

/// What was typed, if all of it may be.
fn chosen(sent: &SignUpForm) -> Result<NewAccount, (BadPart, Invalid)> {
    let name = DisplayName::try_from(sent.name.as_str()).map_err(|bad| (BadPart::Name, bad))?;
    let username = Username::try_from(sent.username.as_str()).map_err(|bad| (BadPart::Username, bad))?;
    name.check().map_err(|bad| (BadPart::Name, bad))?;
    username.check().map_err(|bad| (BadPart::Username, bad))?;
    let password = Password::chosen(&sent.password, &username).map_err(|bad| (BadPart::Password, bad))?;
    Ok(NewAccount { username, name, password })
}

/// Starts a sign-in that this browser passes without typing the password a second time.
fn let_in(provider: &Provider, subject: UserId) -> Response {
    let now = provider.now();
    let arrival = Arrival { subject, at: now };
    let secret = provider.arrivals.keep(arrival, now.plus_seconds(CODE_SECONDS), now, provider.random());
    let cookie = arrival_cookie(&secret, CODE_SECONDS, provider.is_secure());
    Cookie::set(&[cookie], see_other("/auth/sign-in"))
}

/// A page for this browser and door, with what was typed before.
fn ask(
    provider: &Provider,
    visitor: &Visitor,
    door: Door,
    (name, username): (&str, &str),
    show: impl FnOnce(SignUpPage<'_>) -> Response,
) -> Response {
    let browser = visitor.browser(provider.random());
    let first = matches!(door, Door::Setup(_));
    let page = SignUpPage {
        place: provider.place(),
        server: provider.name(),
        first,
        action: if first { "/oidc/setup" } else { "/oidc/sign-up" },
        form: forms::seal(provider, FORM, &browser, door),
        name,
        username,
    };
    Cookie::set(&[browser_cookie(&browser, forms::FORM_SECONDS, provider.is_secure())], show(page))
}
