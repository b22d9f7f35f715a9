//! A running service and a client that talks to it.

use std::fmt::Display;
use std::path::PathBuf;

use anyhow::{Context, Result};
use api_actix::app::{App, Role as Part};
use api_actix::auth::local_token;
use api_actix::environment::SystemClock;
use api_actix::settings::Settings;
use domain::ids::PartyId;
use domain::party::Role;
use domain::ports::Clock as _;
use domain::testing::samples::{ADMIN, BUYING_VENDOR, CUSTOMER, SELLER, VENDOR};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use time::{Duration, OffsetDateTime};
use tokio::sync::oneshot;

use crate::answer::Answer;
use crate::books::check_books;
use crate::cluster::Database;
use crate::sql::Sql;

/// Settings of a stage, varied: what goes into the service's environment.
#[derive(Debug, Clone)]
pub struct Stage(Vec<(String, String)>);

impl Stage {
    /// The stage for automated tests, with patience: a busy machine is no reason to fail.
    pub fn test() -> Self {
        Self::named("test")
            .set("KIVUKO__DATABASE__POOL_WAIT_MS", 20_000)
            .set("KIVUKO__DATABASE__LOCK_TIMEOUT_MS", 15_000)
            .set("KIVUKO__DATABASE__STATEMENT_TIMEOUT_MS", 20_000)
    }

    pub fn named(name: &str) -> Self {
        Self(vec![])
            .set("KIVUKO_ENV", name)
            .set("KIVUKO_DATA_DIR", data_dir().display())
            .set("KIVUKO__HTTP__PORT", "0")
            .set("KIVUKO__HTTP__WORKERS", "2")
            .set("KIVUKO__LOG__LEVEL", "warn")
    }

    #[must_use]
    pub fn set(mut self, variable: &str, value: impl Display) -> Self {
        self.0.push((variable.to_owned(), value.to_string()));
        self
    }

    pub(crate) fn variables(&self) -> &[(String, String)] {
        &self.0
    }

    /// The settings that a service with this environment would have.
    pub fn settings(&self, database: &Database) -> Result<Settings> {
        let with_database = self.clone().set("DATABASE_URL", &database.url);
        Settings::load(&with_database.0.into_iter().collect())
    }

    pub async fn start(self) -> TestApp {
        let database = Database::fresh().await;
        self.start_on(&database).await
    }

    /// Starts on a database that others may use too.
    pub async fn start_on(self, database: &Database) -> TestApp {
        self.start_part(Part::All, database).await
    }

    /// Starts a part of a service whose other parts are other processes.
    pub async fn start_part(self, part: Part, database: &Database) -> TestApp {
        let started = TestApp::try_start_part(part, self.settings(database), database).await;
        started.expect("the service starts")
    }
}

/// A folder that no other service uses; made only if something must be kept there.
fn data_dir() -> PathBuf {
    std::env::temp_dir().join(format!("kivuko-data-{}", uuid::Uuid::now_v7()))
}

/// A service over a database of its own, with the demo parties and offers. Ends with
/// [`TestApp::finish`], which checks the books; a scenario that forgets to fails.
#[derive(Debug)]
pub struct TestApp {
    pub url: String,
    /// Boxed: a scenario's future holds it across every await.
    pub settings: Box<Settings>,
    pub sql: Sql,
    pub customer: String,
    pub seller: String,
    pub vendor: String,
    pub buying_vendor: String,
    pub admin: String,
    client: Client,
    running: Option<Running>,
}

/// The service's thread.
#[derive(Debug)]
struct Running {
    stop: oneshot::Sender<()>,
    thread: std::thread::JoinHandle<Result<()>>,
}

/// Runs the service on a thread of its own, as a program would; answers where it listens.
async fn run(part: Part, settings: Settings) -> Result<(String, Running)> {
    let (stop, stopped) = oneshot::channel::<()>();
    let (told, listens) = oneshot::channel();
    let serve = async move {
        let app = App::build_as(part, settings).await?;
        let _nobody_waits = told.send(app.url());
        app.run_until(async { drop(stopped.await) }).await
    };
    let thread = std::thread::spawn(|| {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build()?;
        runtime.block_on(serve)
    });
    match listens.await {
        Ok(url) => Ok((url, Running { stop, thread })),
        Err(_) => match joined(thread).await {
            Err(error) => Err(error),
            Ok(()) => anyhow::bail!("the service ended at once"),
        },
    }
}

async fn joined(thread: std::thread::JoinHandle<Result<()>>) -> Result<()> {
    let ended = tokio::task::spawn_blocking(|| thread.join()).await?;
    ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

impl TestApp {
    /// With the settings of the test stage.
    pub async fn start() -> Self {
        Stage::test().start().await
    }

    /// Like [`Stage::start_on`], where starting may fail.
    pub async fn try_start(settings: Result<Settings>, database: &Database) -> Result<Self> {
        Self::try_start_part(Part::All, settings, database).await
    }

    async fn try_start_part(
        part: Part,
        settings: Result<Settings>,
        database: &Database,
    ) -> Result<Self> {
        let settings = settings?;
        let (url, running) = run(part, settings.clone()).await?;
        let client = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        // Where the key is not the local one, the scenario brings tokens of its own.
        let token = |role, id| token_of(&settings, role, id).unwrap_or_default();
        Ok(Self {
            url,
            customer: token(Role::Customer, CUSTOMER),
            seller: token(Role::Customer, SELLER),
            vendor: token(Role::Vendor, VENDOR),
            buying_vendor: token(Role::Vendor, BUYING_VENDOR),
            admin: token(Role::Admin, ADMIN),
            sql: Sql::connect(&database.url).await,
            client: client.build().context("a client")?,
            settings: Box::new(settings),
            running: Some(running),
        })
    }

    /// A token for anybody, good for an hour.
    #[track_caller]
    pub fn token(&self, role: Role, id: PartyId) -> String {
        token_of(&self.settings, role, id).expect("the local key")
    }

    /// A request to a path of the service.
    pub fn request(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.url));
        if token.is_empty() {
            return request;
        }
        request.bearer_auth(token)
    }

    pub async fn get(&self, path: &str, token: &str) -> Answer {
        send(self.request(Method::GET, path, token)).await
    }

    pub async fn post(&self, path: &str, token: &str, body: &Value) -> Answer {
        send(self.request(Method::POST, path, token).json(body)).await
    }

    pub async fn put(&self, path: &str, token: &str) -> Answer {
        send(self.request(Method::PUT, path, token)).await
    }

    pub async fn patch(&self, path: &str, token: &str, body: &Value) -> Answer {
        send(self.request(Method::PATCH, path, token).json(body)).await
    }

    /// Places an order, which must go well.
    pub async fn place(&self, token: &str, body: &Value) -> Answer {
        let placed = self.post("/api/v1/auth/orders", token, body).await;
        placed.expect(201)
    }

    pub async fn details(&self, token: &str, id: &str) -> Answer {
        self.get(&format!("/api/v1/auth/order/id/{id}/details"), token).await
    }

    pub async fn cancel(&self, token: &str, id: &str) -> Answer {
        self.put(&format!("/api/v1/auth/order/id/{id}/cancel"), token).await
    }

    pub async fn events(&self, token: &str, id: &str) -> Answer {
        self.get(&format!("/api/v1/auth/order/id/{id}/events"), token).await
    }

    /// The offer as anybody sees it.
    pub async fn offer(&self, id: impl Display) -> Answer {
        let path = format!("/api/v1/auth/offers/{id}");
        self.get(&path, &self.customer).await.expect(200)
    }

    /// The service's host and port.
    pub fn address(&self) -> &str {
        self.url.strip_prefix("http://").expect("a plain URL")
    }

    /// Stops the service, lets requests under way end, and checks the books.
    pub async fn finish(mut self) {
        // Idle connections are ours to close: the service gives them time to say something.
        self.client = Client::new();
        if self.running.is_some() {
            self.begin_stop().await;
        }
        check_books(&self.sql).await;
    }

    /// Tells the service to stop; what is returned ends when it has.
    pub fn begin_stop(&mut self) -> impl Future<Output = ()> + use<> {
        let running = self.running.take().expect("stopped once");
        let _ended_already = running.stop.send(());
        async {
            let ended = joined(running.thread).await;
            ended.expect("the service ends without an error");
        }
    }
}

/// Sends a request and reads its answer to the end.
pub async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("the service answers");
    Answer::read(response).await.expect("whole answers")
}

fn token_of(settings: &Settings, role: Role, id: PartyId) -> Result<String> {
    local_token(settings, role, id.0, now(), Duration::HOUR)
}

/// The service's own clock.
pub fn now() -> OffsetDateTime {
    SystemClock.now()
}

impl Drop for TestApp {
    fn drop(&mut self) {
        let forgotten = self.running.is_some() && !std::thread::panicking();
        assert!(!forgotten, "the scenario did not end with finish()");
    }
}
