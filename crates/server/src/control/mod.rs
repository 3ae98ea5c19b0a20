//! How the command line speaks to the server that holds its data folder: a socket in that folder, one
//! JSON line each way. Without a server the same task is done here, under the folder's lock.

mod client;
mod desk;
mod server;
mod socket;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::doctor::Finding;
pub use client::ask;
pub use desk::Desk;
pub use server::{Reception, Tasks};

/// Said by a process that cannot do any task.
const NO_STORE: &str =
    "this is the data folder of a plexer, which has no store: ask a process with the role api";

/// What can be asked.
#[derive(Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Task {
    AddUser { username: String, name: Option<String>, role: ServerRoleName, password: Option<String> },
    ListUsers,
    ResetUser { username: String },
    CreateToken { username: String, label: String, days: Option<u32> },
    Examine,
    BackUp { folder: PathBuf },
}

/// What is answered.
#[derive(Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    UserAdded { username: String, role: String, password: String },
    Users { users: Vec<UserRow> },
    PasswordReset { username: String, password: String },
    TokenCreated { token: String },
    Examined { findings: Vec<Finding> },
    BackedUp { files: usize, bytes: u64 },
}

/// The answer, or a sentence that says why there is none.
type Reply = Result<Answer, String>;

/// A person in a list.
#[derive(Serialize, Deserialize)]
pub struct UserRow {
    pub username: String,
    pub name: String,
    pub role: String,
}

/// What an account may do on the whole server, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerRoleName {
    Member,
    Admin,
    Owner,
}
