//! A tiny HTTP server on plain sockets, so that it can cut, hang, drip and leave.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("a JSON body")
    }

    pub(crate) fn is_for_token(&self) -> bool {
        self.path.starts_with("/oauth/")
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// What the server does with a request that it has read.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Answer(u16, String),
    /// Closes without an answer.
    Drop,
    /// Answers nothing until the client goes.
    Hang,
    /// Promises more than it sends, and closes.
    Truncate(String),
    /// Sends a byte, waits a moment, and so on, until the client goes.
    Drip,
    /// Sends to another path.
    Redirect(String),
    /// Sends bytes without end.
    Flood,
}

type Script = dyn Fn(&Request) -> Step + Send + Sync;

pub(crate) struct Server {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers everything but tokens, which it gives out: `token-1`, `token-2` and so on.
    pub(crate) fn start(script: impl Fn(&Request) -> Step + Send + Sync + 'static) -> Self {
        let count = Mutex::new(0);
        Self::bare(move |request| {
            if !request.is_for_token() {
                return script(request);
            }
            let mut count = count.lock().expect("a lock");
            *count += 1;
            Step::Answer(200, format!(r#"{{"access_token":"token-{count}","expires_in":"3599"}}"#))
        })
    }

    /// The same answer to everything but tokens.
    pub(crate) fn answering(status: u16, body: &str) -> Self {
        let body = body.to_owned();
        Self::start(move |_| Step::Answer(status, body.clone()))
    }

    pub(crate) fn bare(script: impl Fn(&Request) -> Step + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let server = Self::of(&listener);
        let (requests, script) = (server.requests.clone(), Arc::new(script) as Arc<Script>);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (requests, script) = (requests.clone(), script.clone());
                thread::spawn(move || serve(stream, &requests, script.as_ref()));
            }
        });
        server
    }

    /// Gives one token and is gone: the port is closed before the token is sent.
    pub(crate) fn gone_after_token() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let server = Self::of(&listener);
        let requests = server.requests.clone();
        thread::spawn(move || {
            let (stream, _) = listener.accept().expect("a connection");
            drop(listener);
            let token = r#"{"access_token":"token-1","expires_in":"3599"}"#;
            serve(stream, &requests, &|_| Step::Answer(200, token.to_owned()));
        });
        server
    }

    /// Gives one token, and resets the next connection with its request unread.
    pub(crate) fn resetting_after_token() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let server = Self::of(&listener);
        let requests = server.requests.clone();
        thread::spawn(move || {
            let (stream, _) = listener.accept().expect("a connection");
            let token = r#"{"access_token":"token-1","expires_in":"3599"}"#;
            serve(stream, &requests, &|_| Step::Answer(200, token.to_owned()));
            for stream in listener.incoming().flatten() {
                // A socket that is closed with unread bytes resets its connection.
                stream.peek(&mut [0; 1]).expect("a first byte");
                let unread = Request {
                    method: String::new(),
                    path: "unread".to_owned(),
                    head: String::new(),
                    body: String::new(),
                };
                requests.lock().expect("a lock").push(unread);
            }
        });
        server
    }

    fn of(listener: &TcpListener) -> Self {
        let address = listener.local_addr().expect("an address");
        Self { url: format!("http://{address}"), requests: Arc::default() }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("a lock").clone()
    }

    /// What came, tokens apart.
    pub(crate) fn calls(&self) -> Vec<Request> {
        self.requests().into_iter().filter(|request| !request.is_for_token()).collect()
    }

    pub(crate) fn token_requests(&self) -> usize {
        self.requests().len() - self.calls().len()
    }

    pub(crate) fn only_call(&self) -> Request {
        let mut calls = self.calls();
        assert_eq!(calls.len(), 1, "{calls:?}");
        calls.remove(0)
    }
}

fn serve(mut stream: TcpStream, requests: &Mutex<Vec<Request>>, script: &Script) {
    let Some(request) = read(&mut stream) else { return };
    requests.lock().expect("a lock").push(request.clone());
    // The client may go at any time; that is not the server's concern.
    let _ = act(&mut stream, script(&request));
}

fn act(stream: &mut TcpStream, step: Step) -> std::io::Result<()> {
    match step {
        Step::Answer(status, body) => stream.write_all(&whole(status, &body)),
        Step::Drop => Ok(()),
        Step::Hang => stream.read(&mut [0; 1]).map(drop),
        Step::Truncate(body) => {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len() + 10);
            stream.write_all(head.as_bytes())?;
            stream.write_all(body.as_bytes())
        }
        Step::Drip => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")?;
            stream.set_read_timeout(Some(Duration::from_millis(20)))?;
            while !matches!(stream.read(&mut [0; 1]), Ok(0)) {
                stream.write_all(b" ")?;
            }
            Ok(())
        }
        Step::Redirect(to) => {
            let head = format!("HTTP/1.1 307 X\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
            stream.write_all(head.as_bytes())
        }
        Step::Flood => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n")?;
            stream.write_all(&vec![b' '; 10_000_000])
        }
    }
}

fn whole(status: u16, body: &str) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body.as_bytes()].concat()
}

fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    let split = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        let count = stream.read(&mut chunk).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
    };
    let head = String::from_utf8(bytes[..split].to_vec()).ok()?;
    let mut words = head.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut request = Request { method, path, head, body: String::new() };
    let length = request.header("content-length").map_or(0, |length| length.parse().expect("one"));
    while bytes.len() < split + 4 + length {
        let count = stream.read(&mut chunk).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
    }
    request.body = String::from_utf8(bytes[split + 4..].to_vec()).ok()?;
    Some(request)
}
