//! A whole application for tests: the API on the embedded store in a temporary folder, with people who
//! are signed in, a clock and randomness that tests decide, and everything observable.
//!
//! [`TestApp`] is the entrance. [`Client`] calls the router in this process. [`RecordingBus`] remembers
//! what was published, [`Spy`] counts the store's calls and makes them fail. [`Screen`] is what a client
//! knows, brought forward by events.

mod bus;
mod client;
mod clock;
mod people;
mod random;
mod screen;
mod spy;
mod test_app;
mod wait;

pub use bus::{Published, RecordingBus};
pub use client::{Answer, Client};
pub use clock::TestClock;
pub use people::Somebody;
pub use random::SeededRandom;
pub use screen::{ChatScreen, Screen, saved_by};
pub use spy::Spy;
pub use test_app::{Builder, TestApp};
pub use wait::{eventually, listen};
