#![expect(missing_docs, reason = "the names of laws are sentences")]

use petit_domain::ServerRole;

use super::world::{at, name, user, username};
use crate::{Account, AccountCreated, Change, Invitation, Redeemed, Store};

fn account(short: &str) -> Account {
    Account {
        subject: user(),
        username: username(short),
        name: name("Ada Holm"),
        role: ServerRole::Owner,
        password_hash: "$argon2id$v=19$…".to_owned(),
        created_at: at(1),
    }
}

async fn made(store: &Store, short: &str) -> Account {
    let account = account(short);
    assert_eq!(store.accounts.create(&account).await.expect("makes"), AccountCreated::Done);
    account
}

pub async fn an_account_is_found_by_name_and_subject(store: Store) {
    let ada = made(&store, "ada").await;
    assert_eq!(store.accounts.find(&ada.username).await.expect("reads"), Some(ada.clone()));
    assert_eq!(store.accounts.get(ada.subject).await.expect("reads"), Some(ada));
    assert_eq!(store.accounts.find(&username("nobody")).await.expect("reads"), None);
    assert_eq!(store.accounts.get(user()).await.expect("reads"), None);
}

pub async fn a_username_has_one_account(store: Store) {
    made(&store, "ada").await;
    assert_eq!(store.accounts.create(&account("ada")).await.expect("answers"), AccountCreated::UsernameTaken);
}

pub async fn creating_twice_changes_nothing(store: Store) {
    let ada = made(&store, "ada").await;
    let again = Account { password_hash: "other".to_owned(), ..ada.clone() };
    assert_eq!(store.accounts.create(&again).await.expect("answers"), AccountCreated::AlreadySo);
    assert_eq!(store.accounts.get(ada.subject).await.expect("reads"), Some(ada));
}

pub async fn a_password_is_replaced(store: Store) {
    let ada = made(&store, "ada").await;
    assert_eq!(store.accounts.set_password(ada.subject, "new").await.expect("sets"), Change::Done);
    let changed = store.accounts.get(ada.subject).await.expect("reads").expect("is there");
    assert_eq!(changed, Account { password_hash: "new".to_owned(), ..ada });
    assert_eq!(store.accounts.set_password(user(), "new").await.expect("answers"), Change::AlreadySo);
}

pub async fn accounts_are_listed_by_username(store: Store) {
    for short in ["cy", "ada", "bo"] {
        made(&store, short).await;
    }
    let names = |page: Vec<Account>| page.into_iter().map(|a| a.username.to_string()).collect::<Vec<_>>();
    let page = store.accounts.list(None, 2).await.expect("reads");
    let after = page.last().map(|account| account.username.clone());
    assert_eq!(names(page), ["ada", "bo"]);
    assert_eq!(names(store.accounts.list(after.as_ref(), 2).await.expect("reads")), ["cy"]);
}

fn invitation(hash: u8) -> Invitation {
    Invitation {
        token_hash: [hash; 32],
        role: ServerRole::Admin,
        created_by: Some(user()),
        created_at: at(1),
        expires_at: Some(at(100)),
        used_by: None,
    }
}

pub async fn an_invitation_makes_one_account(store: Store) {
    let (link, ada, bo) = (invitation(1), user(), user());
    assert_eq!(store.accounts.invite(&link).await.expect("keeps"), Change::Done);
    assert_eq!(store.accounts.invite(&link).await.expect("answers"), Change::AlreadySo);
    assert_eq!(store.accounts.find_invitation(&[1; 32]).await.expect("reads"), Some(link.clone()));
    let redeem = async |who| store.accounts.redeem(&[1; 32], who, at(50)).await.expect("answers");
    assert_eq!(redeem(ada).await, Redeemed::Done(ServerRole::Admin));
    assert_eq!(redeem(ada).await, Redeemed::Done(ServerRole::Admin), "a repeat is the same");
    assert_eq!(redeem(bo).await, Redeemed::Refused);
    let used = store.accounts.find_invitation(&[1; 32]).await.expect("reads");
    assert_eq!(used, Some(Invitation { used_by: Some(ada), ..link }));
}

pub async fn an_expired_or_unknown_invitation_is_refused(store: Store) {
    store.accounts.invite(&invitation(1)).await.expect("keeps");
    assert_eq!(store.accounts.redeem(&[1; 32], user(), at(100)).await.expect("answers"), Redeemed::Refused);
    assert_eq!(store.accounts.redeem(&[2; 32], user(), at(1)).await.expect("answers"), Redeemed::Refused);
    assert_eq!(store.accounts.find_invitation(&[2; 32]).await.expect("reads"), None);
}

pub async fn of_many_who_redeem_one_wins(store: Store) {
    store.accounts.invite(&invitation(1)).await.expect("keeps");
    let tries = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.accounts.redeem(&[1; 32], user(), at(50)).await.expect("answers") })
    });
    let mut done = 0;
    for attempt in tries.collect::<Vec<_>>() {
        done += usize::from(attempt.await.expect("ends well") != Redeemed::Refused);
    }
    assert_eq!(done, 1);
}
