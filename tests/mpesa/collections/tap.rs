//! A tap on the line between the rail and the service: keeps the callbacks of prompts back, for a
//! scenario to read and to deliver, and passes everything else on.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use e2e::{Answer, eventually, send};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// A callback as the rail sent it.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) path: String,
    pub(super) body: String,
}

#[derive(Debug, Default)]
struct Line {
    kept: Mutex<Vec<Kept>>,
    service: OnceLock<String>,
}

/// Listens until it is dropped.
#[derive(Debug)]
pub(super) struct Tap {
    pub(super) url: String,
    line: Arc<Line>,
    _task: JoinSet<()>,
}

impl Tap {
    pub(super) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let line = Arc::new(Line::default());
        let mut task = JoinSet::new();
        let shared = line.clone();
        task.spawn(async move {
            let mut calls = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                calls.spawn(answer(stream, shared.clone()));
            }
        });
        Self { url, line, _task: task }
    }

    /// Passes on to this service.
    pub(super) fn leads_to(&self, url: &str) {
        self.line.service.set(url.to_owned()).expect("said once");
    }

    /// The first callback that was kept back whose body has these words.
    pub(super) async fn keeps(&self, words: &str) -> Kept {
        let found = || {
            let kept = self.line.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.iter().find(|one| one.body.contains(words)).cloned()
        };
        eventually("a callback is kept back", async || found().is_some()).await;
        found().expect("just seen")
    }
}

/// Posts to a path of the service, as anybody could.
pub(super) async fn post(service: &str, path: &str, body: &str) -> Answer {
    let request = reqwest::Client::new().post(format!("{service}{path}"));
    send(request.header("content-type", "application/json").body(body.to_owned())).await
}

async fn answer(mut stream: TcpStream, line: Arc<Line>) {
    let Some(kept) = read(&mut stream).await else { return };
    if kept.path.starts_with("/hooks/c/") {
        line.kept.lock().unwrap_or_else(PoisonError::into_inner).push(kept);
    } else if let Some(service) = line.service.get() {
        post(service, &kept.path, &kept.body).await;
    }
    let said = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
    let _hung_up = stream.write_all(said.as_bytes()).await;
}

/// A whole request; `None` when the caller hangs up before its end.
async fn read(stream: &mut TcpStream) -> Option<Kept> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let lines = head.lines().filter_map(|line| line.split_once(':'));
        let mut length = lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let length: usize = length.next_back()?.1.trim().parse().ok()?;
        if body.len() >= length {
            let path = head.split(' ').nth(1)?.to_owned();
            return Some(Kept { path, body: body.to_owned() });
        }
    }
}
