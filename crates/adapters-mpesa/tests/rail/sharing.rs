//! Several processes, one token: a new one may kill the old one, so they share it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use adapters_mpesa::Mpesa;
use async_trait::async_trait;
use domain::ports::{Clock, Collecting as _, SharedToken, StoreError, TokenShelf};
use domain::rail::Submission;
use serde_json::json;
use time::OffsetDateTime;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use crate::support::{Server, Step, at, config, push};

/// A shelf in memory, which can be away.
#[derive(Default)]
struct Shelf {
    token: Mutex<Option<SharedToken>>,
    is_claimed: AtomicBool,
    is_away: AtomicBool,
}

impl Shelf {
    fn check(&self) -> Result<(), StoreError> {
        let is_away = self.is_away.load(Ordering::SeqCst);
        if is_away { Err(StoreError::Unavailable("away".into())) } else { Ok(()) }
    }
}

#[async_trait]
impl TokenShelf for Shelf {
    async fn read(&self) -> Result<Option<SharedToken>, StoreError> {
        self.check()?;
        Ok(self.token.lock().await.clone())
    }

    async fn claim(&self) -> Result<bool, StoreError> {
        self.check()?;
        Ok(!self.is_claimed.swap(true, Ordering::SeqCst))
    }

    async fn put(&self, token: Option<&SharedToken>) -> Result<(), StoreError> {
        self.check()?;
        if let Some(token) = token {
            *self.token.lock().await = Some(token.clone());
        }
        self.is_claimed.store(false, Ordering::SeqCst);
        Ok(())
    }
}

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> OffsetDateTime {
        at()
    }
}

fn processes(server: &Server, shelf: &Arc<Shelf>, count: usize) -> Vec<Mpesa> {
    let process = |_| Mpesa::sharing(config(&server.url), Arc::new(Fixed), shelf.clone());
    (0..count).map(process).map(|process| process.expect("settings that are right")).collect()
}

async fn push_from_each(processes: &[Mpesa], times: usize) -> usize {
    let mut tasks = JoinSet::new();
    for process in processes.iter().cycle().take(processes.len() * times) {
        let process = process.clone();
        tasks.spawn(async move { process.push(&push()).await });
    }
    let ended = tasks.join_all().await;
    ended.iter().filter(|submission| matches!(submission, Submission::Accepted(_))).count()
}

fn accepted() -> Step {
    let body = json!({"MerchantRequestID": "1", "CheckoutRequestID": "2", "ResponseCode": "0"});
    Step::Answer(200, body.to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_processes_share_one_request_for_a_token() {
    let server = Server::start(|_| accepted());
    let shelf = Arc::new(Shelf::default());
    assert_eq!(push_from_each(&processes(&server, &shelf, 4), 10).await, 40);
    assert_eq!(server.token_requests(), 1);
    assert_eq!(push_from_each(&processes(&server, &shelf, 2), 1).await, 2, "later ones too");
    assert_eq!(server.token_requests(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_dies_under_four_processes_is_replaced_once() {
    let server = Server::start(|request| match request.header("authorization") {
        Some("Bearer token-1") => {
            let body = json!({"errorCode": "404.001.03", "errorMessage": "Invalid Access Token"});
            Step::Answer(404, body.to_string())
        }
        _ => accepted(),
    });
    let shelf = Arc::new(Shelf::default());
    assert_eq!(push_from_each(&processes(&server, &shelf, 4), 10).await, 40);
    assert_eq!(server.token_requests(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shelf_that_is_away_does_not_stop_a_payment() {
    let server = Server::start(|_| accepted());
    let shelf = Arc::new(Shelf::default());
    shelf.is_away.store(true, Ordering::SeqCst);
    assert_eq!(push_from_each(&processes(&server, &shelf, 2), 5).await, 10);
    assert_eq!(server.token_requests(), 2, "each asks for itself");
}
