//! Where the next page of a list begins: opaque to clients, signed, good for one list.

use petit_domain::Page;
use petit_protocol::codes;
use serde::{Serialize, de::DeserializeOwned};

use crate::{App, AppError};

/// Reads a cursor that this list gave out.
pub(crate) fn read<T: DeserializeOwned>(
    app: &App,
    list: &str,
    cursor: Option<&str>,
) -> Result<Option<T>, AppError> {
    let Some(cursor) = cursor else { return Ok(None) };
    let payload = app.verify(&purpose(app, list), cursor);
    let position = payload.and_then(|payload| serde_json::from_slice(&payload).ok());
    position.map(Some).ok_or_else(|| {
        AppError::invalid(codes::INVALID_CURSOR, "This cursor was not made for this list.", "cursor")
    })
}

/// One page out of `found`, which holds one item more than a page if there is a next one.
pub(crate) fn page<I, T: Serialize>(
    app: &App,
    list: &str,
    mut found: Vec<I>,
    limit: usize,
    position: impl Fn(&I) -> T,
) -> (Vec<I>, Option<String>) {
    if found.len() <= limit {
        return (found, None);
    }
    found.truncate(limit);
    let next = found.last().map(|last| write(app, list, &position(last)));
    (found, next)
}

/// A cursor for a place in a list.
pub(crate) fn write<T: Serialize>(app: &App, list: &str, position: &T) -> String {
    app.sign(&purpose(app, list), &serde_json::to_vec(position).expect("positions are plain values"))
}

/// A place in a list is one in a history: after a restore it may be another place.
fn purpose(app: &App, list: &str) -> String {
    let generation = app.store().generation;
    match generation.is_first() {
        true => format!("cursor:1:{list}"),
        false => format!("cursor:1:{}:{list}", generation.name()),
    }
}

/// A page whose items are made from what was found.
pub(crate) fn mapped<I, T>((items, next): (Vec<I>, Option<String>), make: impl FnMut(I) -> T) -> Page<T> {
    Page { items: items.into_iter().map(make).collect(), next }
}
