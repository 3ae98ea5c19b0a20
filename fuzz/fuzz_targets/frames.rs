//! Whatever a client sends, the socket's reader says the same however it is cut into pieces, and
//! never panics. `cargo +nightly fuzz run frames`
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    petit_plexer::fuzz::client_bytes(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        petit_plexer::fuzz::client_text(text);
    }
});
