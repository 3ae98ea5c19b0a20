use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use parking_lot::Mutex;

use super::patience::Pulse;

/// A body that comes back when nobody began to read it.
pub(super) struct Lent {
    body: Option<Body>,
    was_read: bool,
    /// Beats with each piece that is taken.
    pulse: Pulse,
    back: Back,
}

/// Where it comes back.
#[derive(Clone, Default)]
pub(super) struct Back(Arc<Mutex<Option<Body>>>);

impl Back {
    /// The body, if it came back whole.
    pub(super) fn take(&self) -> Option<Body> {
        self.0.lock().take()
    }
}

impl Lent {
    pub(super) fn new(body: Body, pulse: Pulse) -> (Self, Back) {
        let back = Back::default();
        (Self { was_read: false, pulse, body: Some(body), back: back.clone() }, back)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.was_read {
            *self.back.0.lock() = self.body.take();
        }
    }
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let is_empty = self.is_end_stream();
        self.was_read |= !is_empty;
        let taken = match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        };
        if taken.is_ready() {
            self.pulse.beat();
        }
        taken
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}
