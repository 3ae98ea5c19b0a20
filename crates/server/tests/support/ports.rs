use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::atomic::{AtomicU32, Ordering},
};

static TAKEN: AtomicU32 = AtomicU32::new(0);

/// An address that nobody listens on, of those that the kernel gives to no outgoing connection: such a one
/// could take it before the server that it is meant for, or while that is restarted.
pub fn free() -> SocketAddr {
    const FIRST: u32 = 18_000;
    const COUNT: u32 = 14_000;
    let start = std::process::id().wrapping_mul(97);
    loop {
        let place = start.wrapping_add(TAKEN.fetch_add(1, Ordering::Relaxed)) % COUNT;
        let port = u16::try_from(FIRST + place).expect("a port");
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}
