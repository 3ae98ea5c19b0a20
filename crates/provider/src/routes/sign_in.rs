use std::sync::Arc;

use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    response::Response,
};
use petit_app::{AppError, ports::Account};
use petit_domain::Username;
use serde::Deserialize;

use super::authorize::{FORM, ask, grant};
use crate::{
    Provider, attempts::Target, authorization::Authorization, errors, forms, pages, passwords::Password,
    visitor::Visitor,
};

/// What the sign-in form sends. Has no `Debug`: it holds a password.
#[derive(Deserialize)]
pub(super) struct SignInForm {
    form: String,
    username: String,
    password: String,
}

pub(super) async fn submit(
    State(provider): State<Arc<Provider>>,
    visitor: Visitor,
    sent: Result<Form<SignInForm>, FormRejection>,
) -> Response {
    let Ok(Form(sent)) = sent else { return pages::page_too_old() };
    match forms::open(&provider, FORM, &visitor, &sent.form) {
        Some(request) => attempt(&provider, &visitor, request, &sent).await.unwrap_or_else(errors::page),
        None => pages::page_too_old(),
    }
}

async fn attempt(
    provider: &Provider,
    visitor: &Visitor,
    request: Authorization,
    sent: &SignInForm,
) -> Result<Response, AppError> {
    let username = sent.username.trim();
    let targets: Vec<Target> = visitor.address.iter().cloned().chain([Target::username(username)]).collect();
    let attempt = match provider.attempts.begin(targets, provider.now()) {
        Ok(attempt) => attempt,
        Err(wait) => return Ok(ask(provider, visitor, request, username, |page| page.too_many(wait))),
    };
    match check(provider, username, &sent.password).await {
        Ok(Some(account)) => {
            attempt.forget();
            Ok(grant(provider, request, account.subject, provider.now()))
        }
        Ok(None) => Ok(ask(provider, visitor, request, username, |page| page.no_match())),
        Err(error) => {
            attempt.forget();
            match error {
                AppError::RateLimited { .. } => {
                    Ok(ask(provider, visitor, request, username, |page| page.busy()))
                }
                error => Err(error),
            }
        }
    }
}

/// The account with this username and password. Takes as long if there is no such account.
async fn check(provider: &Provider, username: &str, password: &str) -> Result<Option<Account>, AppError> {
    let account = match Username::try_from(username) {
        Ok(username) => provider.app.store().accounts.find(&username).await?,
        Err(_) => None,
    };
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    let matches = provider.passwords.matches(Password::typed(password), hash).await?;
    Ok(account.filter(|_| matches))
}
