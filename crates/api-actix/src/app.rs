//! The composition root: the only file that knows every adapter. Builds the service from settings,
//! runs it, and takes it down in order: requests, workers, database.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::from_fn;
use actix_web::{HttpServer, web};
use adapters_chain::XpubBook;
use adapters_db::{DbConfig, PgStore};
use anyhow::{Context, Result};
use domain::ports::TokenShelf;
use domain::service::{Cashier, Engine};
use private_pg::PrivatePg;
use twins::daraja::DarajaTwin;

use crate::auth::{Keys, Verifier};
use crate::environment::{SystemClock, SystemEntropy};
use crate::http::body::BodyLimits;
use crate::http::limits::Limits;
use crate::http::observe::{no_such_route, observe};
use crate::rail::{self, Door, Rail};
use crate::routes::operations::Description;
use crate::settings::{ChainSettings, Settings};
use crate::workers::Workers;
use crate::{database, demo, openapi, server, telemetry};

/// A service that is built, listens, and waits to be run.
pub struct App {
    address: SocketAddr,
    servers: Vec<Server>,
    workers: Workers,
    cluster: Option<PrivatePg>,
    twin: Option<DarajaTwin>,
}

/// Which part of the service a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Role {
    /// Serves requests and callbacks.
    Api,
    /// Carries out what they ask for.
    Worker,
    /// Both.
    All,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("address", &self.address).finish_non_exhaustive()
    }
}

/// What all threads share, and what each makes of it.
#[derive(Clone)]
struct Shared {
    settings: Settings,
    addresses: Arc<XpubBook>,
    verifier: Verifier,
    limits: Limits,
    metrics: metrics_exporter_prometheus::PrometheusHandle,
    description: web::Data<Description>,
    rail: Option<Rail>,
    door: Door,
}

impl Shared {
    async fn new(settings: &Settings, addresses: XpubBook) -> Result<Self> {
        let keys = Keys::load(&settings.auth).await?;
        Ok(Self {
            settings: settings.clone(),
            addresses: Arc::new(addresses),
            verifier: Verifier::new(&settings.auth, keys)?,
            limits: Limits::new(&settings.http),
            metrics: telemetry::metrics()?,
            description: web::Data::new(Description(openapi::description())),
            rail: Rail::new(&settings.mpesa, shelf(settings)?)?,
            door: Door::new(settings)?,
        })
    }

    /// An engine for one thread: connections belong to the runtime that opens them (ADR 0007).
    fn engine(&self) -> Engine {
        self.engine_with(self.settings.database.pool_size)
    }

    fn engine_with(&self, pool_size: usize) -> Engine {
        let database = DbConfig { pool_size, ..self.settings.database.clone() };
        let store = PgStore::new(&database).expect("the settings were tried at start");
        Engine {
            store: Arc::new(store),
            addresses: self.addresses.clone(),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            rules: self.settings.order_rules(),
        }
    }

    /// The loops of this process. Money has connections of its own: requests cannot starve it.
    fn workers(&self, role: Role) -> Workers {
        let (mut workers, settings) = (Workers::none(), &self.settings);
        let (limits, verifier) = (self.limits.clone(), self.verifier.clone());
        workers.keep_house(self.engine(), limits, verifier, settings);
        let rail = self.rail.as_ref();
        if role != Role::Api {
            workers.expire(self.engine(), settings);
            let pool = usize::from(settings.mpesa.job_concurrency) + 2;
            if let Some(cashier) = rail.map(|rail| rail.cashier(self.engine_with(pool))) {
                workers.move_shillings(&cashier, &self.door, settings);
            }
        }
        if role != Role::Worker
            && let Some(cashier) = rail.map(|rail| rail.cashier(self.engine_with(1)))
        {
            workers.drain_spool(&cashier, &self.door, settings);
        }
        workers
    }

    fn listen(&self, listener: TcpListener, has_api: bool, has_operations: bool) -> Result<Server> {
        let (shared, http) = (self.clone(), &self.settings.http);
        let workers = if http.workers == 0 { num_cpus() } else { http.workers };
        let server = HttpServer::new(move || {
            let http = &shared.settings.http;
            let time = Duration::from_millis(http.request_timeout_ms);
            let limits = BodyLimits { bytes: http.body_limit_bytes, time };
            let engine = shared.engine();
            let cashier = shared.rail.as_ref().map(|rail| rail.cashier(engine.clone()));
            actix_web::App::new()
                .app_data(web::Data::new(engine))
                .app_data(web::Data::new(shared.door.clone()))
                .configure(|config| {
                    if let Some(cashier) = cashier {
                        config.app_data(web::Data::new(cashier));
                    }
                })
                .app_data(web::Data::new(shared.verifier.clone()))
                .app_data(web::Data::new(shared.limits.clone()))
                .app_data(web::Data::new(shared.metrics.clone()))
                .app_data(web::Data::new(limits))
                .app_data(shared.description.clone())
                .wrap(from_fn(observe))
                .configure(|config| {
                    if has_api {
                        server::api(config);
                    } else {
                        server::health(config);
                    }
                })
                .configure(|config| {
                    if has_operations {
                        server::operations(config);
                    }
                })
                .default_service(web::to(no_such_route))
        });
        let server = server
            .workers(if has_api { workers } else { 1 })
            .max_connections(http.max_connections)
            .keep_alive(Duration::from_secs(http.keep_alive_s))
            .client_request_timeout(Duration::from_millis(http.request_timeout_ms))
            .shutdown_timeout(http.shutdown_timeout_s)
            .disable_signals()
            .listen(listener)?;
        Ok(server.run())
    }
}

/// Where this process and others share the rail's token.
fn shelf(settings: &Settings) -> Result<Arc<dyn TokenShelf>> {
    let database = DbConfig { pool_size: 1, ..settings.database.clone() };
    Ok(Arc::new(PgStore::new(&database)?))
}

fn address_book(chain: &ChainSettings) -> Result<XpubBook> {
    XpubBook::try_new(&chain.tron_xpub, &chain.ethereum_xpub)
        .context("KIVUKO__CHAIN__TRON_XPUB, KIVUKO__CHAIN__ETHEREUM_XPUB")
}

fn num_cpus() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn bind(host: &str, port: u16, variable: &str) -> Result<TcpListener> {
    let listener = TcpListener::bind((host, port));
    listener
        .with_context(|| format!("cannot listen on {host}:{port}; set {variable} to another port"))
}

impl App {
    /// Starts the database if it is ours to start, migrates it, and listens.
    ///
    /// # Errors
    /// With what to set or do when something is missing, taken or wrong.
    pub async fn build(settings: Settings) -> Result<Self> {
        Self::build_as(Role::All, settings).await
    }

    /// Like [`App::build`], for a process that is only part of the service.
    pub async fn build_as(role: Role, mut settings: Settings) -> Result<Self> {
        // Ports and keys first: a service that cannot work must not start a database.
        let http = settings.http.clone();
        let listener = bind(&http.host, http.port, "KIVUKO__HTTP__PORT")?;
        let address = listener.local_addr()?;
        let addresses = address_book(&settings.chain)?;
        let url = format!("http://{address}");
        let twin = rail::start_twin(&mut settings.mpesa, &url).await?;
        let mut cluster = database::prepare(&mut settings).await?;
        let built = Self::build_on(role, settings, listener, addresses).await;
        match built {
            Ok((servers, workers)) => Ok(Self { address, servers, workers, cluster, twin }),
            Err(error) => {
                cluster.as_mut().map(PrivatePg::stop).transpose()?;
                Err(error)
            }
        }
    }

    async fn build_on(
        role: Role,
        settings: Settings,
        listener: TcpListener,
        addresses: XpubBook,
    ) -> Result<(Vec<Server>, Workers)> {
        PgStore::new(&settings.database)?;
        let shared = Shared::new(&settings, addresses).await?;
        if settings.has_local_key() {
            demo::load(&shared.engine()).await?;
        }
        if settings.mpesa.twin
            && let Some(rail) = &shared.rail
        {
            rail.cashier(shared.engine()).register_bills().await?;
        }
        let ports = settings.http.operations_port;
        let mut servers = vec![shared.listen(listener, role != Role::Worker, ports == 0)?];
        if ports != 0 {
            let private = bind("127.0.0.1", ports, "KIVUKO__HTTP__OPERATIONS_PORT")?;
            servers.push(shared.listen(private, false, true)?);
        }
        Ok((servers, shared.workers(role)))
    }

    /// Where the API is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where a person plays the phone, when a twin is there.
    pub fn twin_url(&self) -> Option<String> {
        self.twin.as_ref().map(DarajaTwin::control_url)
    }

    /// Serves until `stop` ends, then takes everything down.
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> Result<()> {
        let Self { servers, mut workers, mut cluster, twin, .. } = self;
        let handles: Vec<ServerHandle> = servers.iter().map(Server::handle).collect();
        let mut serving = tokio::task::JoinSet::new();
        for server in servers {
            serving.spawn(server);
        }
        let failed = tokio::select! {
            () = stop => None,
            ended = serving.join_next() => Some(anyhow::anyhow!("the HTTP server ended: {ended:?}")),
            ended = workers.ended() => Some(anyhow::anyhow!("a worker ended: {ended}")),
        };
        tracing::info!("stopping");
        for handle in handles {
            handle.stop(true).await;
        }
        while serving.join_next().await.is_some() {}
        workers.stop().await;
        if let Some(twin) = twin {
            twin.stop().await;
        }
        if let Some(mut cluster) = cluster.take() {
            tokio::task::spawn_blocking(move || cluster.stop()).await??;
        }
        failed.map_or(Ok(()), Err)
    }
}

/// An engine on the database of the settings, for commands that serve nothing.
///
/// # Errors
/// With the setting that is wrong.
pub fn engine(settings: &Settings) -> Result<Engine> {
    Ok(Engine {
        store: Arc::new(PgStore::new(&settings.database)?),
        addresses: Arc::new(address_book(&settings.chain)?),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        rules: settings.order_rules(),
    })
}

/// A cashier likewise.
///
/// # Errors
/// With the setting that is wrong or missing.
pub fn cashier(settings: &Settings) -> Result<Cashier> {
    let rail = Rail::new(&settings.mpesa, shelf(settings)?)?;
    let rail = rail.context("KIVUKO__MPESA__BASE_URL must be set")?;
    Ok(rail.cashier(engine(settings)?))
}

/// Ends at the first SIGINT or SIGTERM from now on: ask for it before telling anybody that we run.
///
/// # Errors
/// When the operating system refuses to tell us of signals.
pub fn stop_signal() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
