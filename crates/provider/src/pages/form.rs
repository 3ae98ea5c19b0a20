use axum::response::{IntoResponse, Response};
use http::StatusCode;
use maud::{Markup, html};

use super::{
    layout::{Page, with_retry_after},
    words::words,
};
use crate::{SignUp, attempts::Wait};

/// The page that asks for username and password.
pub(crate) struct SignInPage<'a> {
    /// Where this is, for people: the host of the public address.
    pub(crate) place: &'a str,
    /// What the server is called.
    pub(crate) server: &'a str,
    pub(crate) sign_up: SignUp,
    /// Proves that this browser was shown this page, and carries what was asked for.
    pub(crate) form: String,
    /// As typed before.
    pub(crate) username: &'a str,
}

impl SignInPage<'_> {
    pub(crate) fn first(self) -> Response {
        self.page(StatusCode::OK, None).into_response()
    }

    /// One answer for a wrong username and a wrong password: which it was would help a guesser.
    pub(crate) fn no_match(self) -> Response {
        let [what, help] = words().no_match;
        let banner = banner(what, help);
        self.page(StatusCode::UNPROCESSABLE_ENTITY, Some(banner)).into_response()
    }

    pub(crate) fn too_many(self, Wait(seconds): Wait) -> Response {
        let banner = banner(words().too_many, &(words().wait)(seconds));
        with_retry_after(seconds, self.page(StatusCode::TOO_MANY_REQUESTS, Some(banner)))
    }

    pub(crate) fn busy(self) -> Response {
        let [what, help] = words().many_people;
        let banner = banner(what, help);
        with_retry_after(5, self.page(StatusCode::SERVICE_UNAVAILABLE, Some(banner)))
    }

    fn page(&self, status: StatusCode, banner: Option<Markup>) -> Page {
        Page {
            status,
            title: words().sign_in,
            heading: (words().sign_in_to)(self.server),
            lead: self.place.to_owned(),
            card: self.card(banner),
            note: Some(self.note()),
        }
    }

    fn card(&self, banner: Option<Markup>) -> Markup {
        let bad = banner.is_some();
        html! {
            form method="post" action="/oidc/sign-in" {
                @if let Some(banner) = &banner { (banner) }
                input type="hidden" name="form" value=(self.form);
                (Field { bad, autofocus: self.username.is_empty(), ..Field::username(self.username) })
                (Field { bad, autofocus: !self.username.is_empty(), ..Field::password("current-password") })
                button.btn type="submit" { (words().sign_in) }
            }
        }
    }

    fn note(&self) -> Markup {
        let words = words();
        let [before, link, after] = words.no_account;
        html! {
            @match self.sign_up {
                SignUp::Open => { (before) a href="/oidc/sign-up" { (link) } (after) }
                SignUp::Invitation => { (words.no_account_invited) }
                SignUp::Closed => { (words.no_account_closed) }
            }
            " " (words.forgotten)
        }
    }
}

/// The page on which an account is made.
pub(crate) struct SignUpPage<'a> {
    pub(crate) place: &'a str,
    /// What the server is called.
    pub(crate) server: &'a str,
    /// Whether it is the first account, the owner's.
    pub(crate) first: bool,
    /// Where the form goes.
    pub(crate) action: &'static str,
    pub(crate) form: String,
    /// As typed before.
    pub(crate) name: &'a str,
    /// As typed before.
    pub(crate) username: &'a str,
}

/// Which part of a new account was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadPart {
    Name,
    Username,
    Password,
}

impl SignUpPage<'_> {
    pub(crate) fn first(self) -> Response {
        self.page(StatusCode::OK, None).into_response()
    }

    pub(crate) fn refused(self, part: BadPart, what: &str, help: &str) -> Response {
        self.page(StatusCode::UNPROCESSABLE_ENTITY, Some((part, banner(what, help)))).into_response()
    }

    fn page(&self, status: StatusCode, refusal: Option<(BadPart, Markup)>) -> Page {
        let words = words();
        let (title, heading, lead) = if self.first {
            (words.set_up, words.welcome, words.first_account)
        } else {
            (words.create, words.join, self.place)
        };
        let (heading, lead) = (heading(self.server), lead.to_owned());
        Page { status, title, heading, lead, card: self.card(refusal), note: Some(self.note()) }
    }

    fn card(&self, refusal: Option<(BadPart, Markup)>) -> Markup {
        let bad = |part| refusal.as_ref().is_some_and(|(refused, _)| *refused == part);
        let at = refusal.as_ref().map_or(BadPart::Name, |(part, _)| *part);
        html! {
            form method="post" action=(self.action) {
                @if let Some((_, banner)) = &refusal { (banner) }
                input type="hidden" name="form" value=(self.form);
                (Field { bad: bad(BadPart::Name), autofocus: at == BadPart::Name, ..Field::name(self.name) })
                (Field {
                    bad: bad(BadPart::Username),
                    autofocus: at == BadPart::Username,
                    hint: Some(words().username_hint),
                    ..Field::username(self.username)
                })
                (Field {
                    bad: bad(BadPart::Password),
                    autofocus: at == BadPart::Password,
                    hint: Some(words().password_hint),
                    ..Field::password("new-password")
                })
                button.btn type="submit" { (words().create_account) }
            }
        }
    }

    fn note(&self) -> Markup {
        let [before, link, after] = words().have_account;
        html! {
            @if self.first { (words().invite_afterwards) }
            @else { (before) a href="/auth/sign-in" { (link) } (after) }
        }
    }
}

/// A labelled field.
struct Field<'a> {
    id: &'static str,
    label: &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    value: &'a str,
    hint: Option<&'static str>,
    bad: bool,
    autofocus: bool,
}

impl<'a> Field<'a> {
    fn name(value: &'a str) -> Self {
        Self { id: "name", label: words().name, autocomplete: "name", ..Self::username(value) }
    }

    fn username(value: &'a str) -> Self {
        Self {
            id: "username",
            label: words().username,
            kind: "text",
            autocomplete: "username",
            value,
            hint: None,
            bad: false,
            autofocus: false,
        }
    }

    fn password(autocomplete: &'static str) -> Self {
        Self { id: "password", label: words().password, kind: "password", autocomplete, ..Self::username("") }
    }

    /// The ids of what describes the field: the banner when it is wrong, its hint when it has one.
    fn described_by(&self) -> Option<String> {
        let banner = self.bad.then(|| "problem".to_owned());
        let hint = self.hint.map(|_| format!("{}-hint", self.id));
        let ids: Vec<String> = banner.into_iter().chain(hint).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}

impl maud::Render for Field<'_> {
    fn render(&self) -> Markup {
        let plain = (self.id == "username").then_some("none");
        html! {
            div.form-row {
                label for=(self.id) { (self.label) }
                div.field.bad[self.bad] {
                    input id=(self.id) name=(self.id) type=(self.kind) autocomplete=(self.autocomplete)
                        autocapitalize=[plain] spellcheck=[plain.map(|_| "false")] required
                        value=[(!self.value.is_empty()).then_some(self.value)]
                        aria-invalid=[self.bad.then_some("true")] aria-describedby=[self.described_by()]
                        autofocus[self.autofocus];
                }
                @if let Some(hint) = self.hint { p.hint id={ (self.id) "-hint" } { (hint) } }
            }
        }
    }
}

/// What went wrong and what to do, read out at once.
fn banner(what: &str, help: &str) -> Markup {
    html! {
        div.banner role="alert" id="problem" {
            svg viewBox="0 0 24 24" aria-hidden="true" {
                path d="M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17zM12 7.500V13M12 16.300v.010" {}
            }
            p { strong { (what) } (help) }
        }
    }
}
