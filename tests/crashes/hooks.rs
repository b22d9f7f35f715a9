//! The smallest HTTP server that a callback can knock at: it hands the body to whichever process is
//! up, and answers when that has it.

use std::sync::{Arc, Mutex, PoisonError};

use domain::ports::{Clock as _, Received};
use domain::rail::{CallbackToken, Hook};
use domain::service::Cashier;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Whoever is up.
pub(crate) type Up = Arc<Mutex<Option<Cashier>>>;

/// Listens until it is dropped; answers where.
pub(crate) async fn listen(up: Up) -> (String, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let mut server = JoinSet::new();
    server.spawn(async move {
        let mut visitors = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let up = Arc::clone(&up);
            visitors.spawn(async move { drop(serve(stream, up).await) });
        }
    });
    (url, server)
}

async fn serve(stream: TcpStream, up: Up) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let Some((path, body)) = read(&mut stream).await? else {
        return Ok(());
    };
    let cashier = up.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let kept = match (cashier, received(&path, body)) {
        (Some(cashier), Some(received)) => cashier.receive(&received).await.is_ok(),
        _ => false,
    };
    let status = if kept { "200 OK" } else { "500 Internal Server Error" };
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

async fn read(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<(String, Vec<u8>)>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    let path = head.split_whitespace().nth(1).map(str::to_owned);
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length: Option<usize> = length.and_then(|length| length.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await?;
    Ok(path.map(|path| (path, body)))
}

fn received(path: &str, body: Vec<u8>) -> Option<Received> {
    let (door, token) = path.strip_prefix("/hooks/")?.split_once('/')?;
    Some(Received {
        hook: Hook::parse(door)?,
        token_hash: CallbackToken::parse(token)?.hash(),
        source: "127.0.0.1".to_owned(),
        from_rail: true,
        body,
        at: api_actix::environment::SystemClock.now(),
    })
}
