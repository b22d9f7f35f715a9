//! HTTP by hand, for what no well-behaved client would send.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::wait::in_time;

/// A TCP connection to the service.
#[derive(Debug)]
pub struct Connection(TcpStream);

/// Everything that came until the service closed the connection.
#[derive(Debug)]
pub struct Spoken {
    pub status: u16,
    pub text: String,
}

impl Connection {
    pub async fn open(url: &str) -> Self {
        let address = url.strip_prefix("http://").expect("a plain URL");
        let stream = TcpStream::connect(address).await;
        Self(stream.expect("the service accepts connections"))
    }

    pub async fn say(&mut self, text: &str) {
        let said = self.0.write_all(text.as_bytes()).await;
        said.expect("the service listens");
    }

    /// Says as much as the service cares to hear: it may hang up on a request that is too long.
    pub async fn say_what_is_heard(&mut self, text: &str) {
        let _hung_up = self.0.write_all(text.as_bytes()).await;
    }

    /// Reads until the service closes the connection, which it must do within `limit`. A reset is
    /// an end too: the service had bytes left that it did not want.
    pub async fn hear_the_end(&mut self, limit: Duration) -> Spoken {
        let mut bytes = Vec::new();
        let heard = in_time("closing", limit, self.0.read_to_end(&mut bytes)).await;
        drop(heard);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let status = text.split(' ').nth(1).and_then(|word| word.parse().ok());
        Spoken { status: status.unwrap_or(0), text }
    }
}
