//! The pages people see on their way in: plain HTML without any script, escaped by `maud`.

mod form;
mod layout;
mod message;
mod words;

pub(crate) use form::{BadPart, SignInPage, SignUpPage};
pub(crate) use message::{
    busy, disk_full, failed, invitation_useless, no_account_yet, not_signed_in, page_too_old, sign_up_closed,
    signed_out, unusual_address, wrong_request,
};
pub(crate) use words::{speak, words};
