//! The adapter's end of a callback: a listener that keeps what it is sent, byte for byte.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) path: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Letter {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("a JSON body")
    }

    pub(crate) fn stk(&self) -> Value {
        self.json()["Body"]["stkCallback"].clone()
    }

    pub(crate) fn result(&self) -> Value {
        self.json()["Result"].clone()
    }

    /// The code of an STK callback or a result.
    pub(crate) fn code(&self) -> String {
        let json = self.json();
        let code = match json.get("Result") {
            Some(result) => &result["ResultCode"],
            None => &json["Body"]["stkCallback"]["ResultCode"],
        };
        code.as_str().map_or_else(|| code.to_string(), str::to_owned)
    }

    /// An item of an STK callback's metadata.
    pub(crate) fn item(&self, name: &str) -> Value {
        let stk = self.stk();
        let items = stk["CallbackMetadata"]["Item"].as_array().cloned().unwrap_or_default();
        let found = items.into_iter().find(|item| item["Name"] == name);
        found.map_or(Value::Null, |item| item["Value"].clone())
    }

    /// A parameter of a result.
    pub(crate) fn parameter(&self, key: &str) -> Value {
        let result = self.result();
        let list = result["ResultParameters"]["ResultParameter"].as_array().cloned();
        let found = list.unwrap_or_default().into_iter().find(|item| item["Key"] == key);
        found.map_or(Value::Null, |item| item["Value"].clone())
    }
}

#[derive(Debug)]
pub(crate) struct Inbox {
    address: String,
    letters: Arc<Mutex<Vec<Letter>>>,
    status: Arc<Mutex<u16>>,
    _tasks: JoinSet<()>,
}

impl Inbox {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let letters: Arc<Mutex<Vec<Letter>>> = Arc::default();
        let status = Arc::new(Mutex::new(200));
        let mut tasks = JoinSet::new();
        let (kept, told) = (Arc::clone(&letters), Arc::clone(&status));
        tasks.spawn(async move {
            let mut readers = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                readers.spawn(receive(stream, Arc::clone(&kept), Arc::clone(&told)));
            }
        });
        Self { address, letters, status, _tasks: tasks }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}/cb/{path}", self.address)
    }

    pub(crate) fn answer_with(&self, status: u16) {
        *self.status.lock().expect("the status") = status;
    }

    pub(crate) fn letters(&self) -> Vec<Letter> {
        self.letters.lock().expect("the letters").clone()
    }

    /// What came in at a path, in order.
    pub(crate) fn at(&self, path: &str) -> Vec<Letter> {
        let path = format!("/cb/{path}");
        self.letters().into_iter().filter(|letter| letter.path == path).collect()
    }
}

async fn receive(mut stream: TcpStream, kept: Arc<Mutex<Vec<Letter>>>, told: Arc<Mutex<u16>>) {
    let mut bytes = Vec::new();
    let letter = loop {
        if let Some(letter) = parsed(&bytes) {
            break letter;
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(count) if count > 0 => bytes.extend_from_slice(&chunk[..count]),
            _ => return,
        }
    };
    kept.lock().expect("the letters").push(letter);
    let status = *told.lock().expect("the status");
    let answer =
        format!("HTTP/1.1 {status} X\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}");
    let _ = stream.write_all(answer.as_bytes()).await;
}

/// The request, once all of it is there.
fn parsed(bytes: &[u8]) -> Option<Letter> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let lowered = head.to_lowercase();
    let length = lowered.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    let length: usize = length.trim().parse().ok()?;
    let path = head.split(' ').nth(1)?.to_owned();
    (body.len() >= length).then(|| Letter { path, head: lowered, body: body.to_owned() })
}
