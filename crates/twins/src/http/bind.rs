//! Where a twin may listen: on this machine only.

use std::io;
use std::net::IpAddr;

use tokio::net::TcpListener;

/// # Errors
/// When the address is not a loopback one, or the port is taken.
pub(crate) async fn bind(host: IpAddr, port: u16) -> io::Result<TcpListener> {
    if !host.is_loopback() {
        let words = format!("{host} is not a loopback address: a twin is for this machine only");
        return Err(io::Error::new(io::ErrorKind::AddrNotAvailable, words));
    }
    TcpListener::bind((host, port)).await
}
