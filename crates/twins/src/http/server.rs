//! Connections: reading requests, and giving answers in every manner, the bad ones included.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use futures_util::stream;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, Limited, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::answer::{Answer, Manner};
use super::call::Call;

/// More than any request of a twin's API holds.
const LARGEST: usize = 1024 * 1024;

type Body = BoxBody<Bytes, io::Error>;

/// Accepts until its task is dropped; the connections go with it.
pub(crate) async fn accept<R, F>(listener: TcpListener, respond: R)
where
    R: Fn(Call) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        if let Ok((stream, _)) = listener.accept().await {
            connections.spawn(converse(stream, respond.clone()));
        }
    }
}

async fn converse<R, F>(stream: TcpStream, respond: R)
where
    R: Fn(Call) -> F + Sync,
    F: Future<Output = Answer> + Send,
{
    let respond = &respond;
    let service =
        service_fn(|request| async move { give(respond(read(request).await?).await).await });
    // An error here is a client that went away, or a fault that was asked for.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn read(request: Request<Incoming>) -> io::Result<Call> {
    let (head, body) = request.into_parts();
    let header = |name: &str| {
        let value = head.headers.get(name).and_then(|value| value.to_str().ok());
        value.map(str::to_owned)
    };
    let (authorization, content_type) = (header("authorization"), header("content-type"));
    let body = Limited::new(body, LARGEST).collect().await.map_err(io::Error::other)?;
    Ok(Call {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        authorization,
        content_type,
        headers: head.headers,
        body: String::from_utf8_lossy(&body.to_bytes()).into_owned(),
    })
}

async fn give(answer: Answer) -> io::Result<Response<Body>> {
    let length = answer.body.len();
    let body = match answer.manner {
        Manner::Plain => whole(answer.body),
        Manner::Drop => return Err(io::Error::other("the connection is dropped on purpose")),
        Manner::Hang => return std::future::pending().await,
        Manner::Truncated => in_pieces(halved(&answer.body), Duration::from_millis(20), true),
        Manner::Drip(byte_ms) => {
            let bytes = answer.body.bytes().map(|byte| Bytes::copy_from_slice(&[byte])).collect();
            in_pieces(bytes, Duration::from_millis(byte_ms), false)
        }
    };
    Response::builder()
        .status(answer.status)
        .header("content-type", answer.content_type)
        .header("content-length", length)
        .body(body)
        .map_err(io::Error::other)
}

fn whole(body: String) -> Body {
    Full::new(Bytes::from(body)).map_err(|never: Infallible| match never {}).boxed()
}

fn halved(body: &str) -> Vec<Bytes> {
    let half = body.len() / 2;
    vec![Bytes::copy_from_slice(&body.as_bytes()[..half])]
}

/// Pieces with a pause after each; `breaks` ends the connection in place of the rest.
fn in_pieces(pieces: Vec<Bytes>, pause: Duration, breaks: bool) -> Body {
    let pieces = pieces.into_iter().map(Ok);
    let end = breaks.then(|| Err(io::Error::other("the body is cut short on purpose")));
    let steps: Vec<io::Result<Bytes>> = pieces.chain(end).collect();
    let paced =
        stream::unfold((steps.into_iter(), false), move |(mut steps, is_late)| async move {
            let step = steps.next()?;
            if is_late {
                // Nothing ever comes of it: a pause.
                let _ = tokio::time::timeout(pause, std::future::pending::<()>()).await;
            }
            Some((step.map(Frame::data), (steps, true)))
        });
    StreamBody::new(Box::pin(paced)).boxed()
}
