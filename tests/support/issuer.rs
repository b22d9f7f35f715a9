//! A tiny HTTP server that always says the same: the issuer's key set, for services that fetch it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// The running server; it ends when it is dropped.
#[derive(Debug)]
pub struct Issuer {
    pub url: String,
    said: Arc<Said>,
    _task: JoinSet<()>,
}

#[derive(Debug)]
struct Said {
    text: Mutex<String>,
    times: AtomicUsize,
}

/// Serves `text` at every address of a free port.
pub async fn serve_text(text: &str) -> Issuer {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let said = Arc::new(Said { text: Mutex::new(text.to_owned()), times: AtomicUsize::new(0) });
    let mut task = JoinSet::new();
    let shared = said.clone();
    task.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _hung_up = answer(stream, &shared).await;
        }
    });
    Issuer { url: format!("http://{address}/keys"), said, _task: task }
}

async fn answer(mut stream: TcpStream, said: &Said) -> std::io::Result<()> {
    let mut request = [0; 4096];
    let _whole = stream.read(&mut request).await?;
    said.times.fetch_add(1, Ordering::Relaxed);
    let text = said.text.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
    let length = text.len();
    let answer = format!("{head}\r\ncontent-length: {length}\r\n\r\n{text}");
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

impl Issuer {
    /// Says something else from now on.
    pub fn say(&self, text: &str) {
        let mut said = self.said.text.lock().unwrap_or_else(PoisonError::into_inner);
        text.clone_into(&mut said);
    }

    pub fn times_asked(&self) -> usize {
        self.said.times.load(Ordering::Relaxed)
    }
}
