//! The whole way in, tested through its routes. One binary, so that it links once.

mod ended;
mod log;
mod pages;
mod protocol;
mod sign_in;
mod sign_up;
mod support;
