//! What all threads of a process share, and what each makes of it: engines, servers, loops.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, Condition, from_fn};
use actix_web::{HttpServer, web};
use adapters_chain::XpubBook;
use adapters_db::{DbConfig, PgStore};
use anyhow::{Context, Result};
use domain::address::AddressBook;
use domain::ports::{Clock as _, TokenShelf};
use domain::service::{Cashier, Engine};

use super::Role;
use crate::auth::{Keys, Verifier};
use crate::chains::{Chains, Nodes, own_addresses};
use crate::environment::{SystemClock, SystemEntropy};
use crate::http::body::BodyLimits;
use crate::http::cors::cors;
use crate::http::limits::Limits;
use crate::http::observe::{no_such_route, observe};
use crate::rail::{Door, Rail};
use crate::routes::entry::EntryPage;
use crate::routes::operations::{ApiPort, Description};
use crate::settings::{ChainSettings, Settings};
use crate::workers::Workers;
use crate::{openapi, server, telemetry};

/// Where the API is, seen from a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Api {
    Here,
    /// On another port of this host.
    At(u16),
    Nowhere,
}

/// What a listener serves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listens {
    pub(super) api: Api,
    pub(super) operations: bool,
}

/// What all threads share, and what each makes of it.
#[derive(Clone)]
pub(super) struct Shared {
    settings: Settings,
    addresses: Arc<XpubBook>,
    verifier: Verifier,
    limits: Limits,
    metrics: metrics_exporter_prometheus::PrometheusHandle,
    entry: web::Data<EntryPage>,
    pub(super) rail: Option<Rail>,
    pub(super) chains: Option<Chains>,
    door: Door,
}

impl Shared {
    pub(super) async fn new(role: Role, settings: &Settings, addresses: XpubBook) -> Result<Self> {
        let keys = Keys::load(&settings.auth).await?;
        let addresses = Arc::new(addresses);
        let book: Arc<dyn AddressBook> = addresses.clone();
        Ok(Self {
            settings: settings.clone(),
            addresses,
            verifier: Verifier::new(&settings.auth, keys)?,
            limits: Limits::new(&settings.http),
            metrics: telemetry::metrics()?,
            entry: web::Data::new(EntryPage::new(settings)),
            rail: Rail::new(&settings.mpesa, shelf(settings)?)?,
            // A process that only takes requests holds no key.
            chains: match role {
                Role::Api => None,
                Role::Worker | Role::All => Chains::open(settings, &book).await?,
            },
            door: Door::new(settings)?,
        })
    }

    /// An engine for one thread: connections belong to the runtime that opens them (ADR 0007).
    pub(super) fn engine(&self) -> Engine {
        self.engine_with(self.settings.database.pool_size)
    }

    /// Tells all processes which addresses are ours: those that take requests hold no keys.
    ///
    /// # Errors
    /// With the setting that is wrong, or the store's.
    pub(super) async fn note_own_addresses(&self) -> Result<()> {
        let own = own_addresses(&self.settings, self.chains.as_ref(), &*self.addresses)?;
        let (store, now) = (self.engine_with(1).store, SystemClock.now());
        store.note_own_addresses(&own, now).await.context("own addresses")
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

    fn nodes(&self) -> Nodes {
        self.chains.as_ref().map(Chains::nodes).unwrap_or_default()
    }

    /// The loops of this process. Money has connections of its own: requests cannot starve it.
    ///
    /// # Errors
    /// With the setting that is wrong.
    pub(super) fn workers(&self, role: Role) -> Result<Workers> {
        let settings = &self.settings;
        let mut workers = Workers::none(Duration::from_secs(settings.http.shutdown_timeout_s));
        let (limits, verifier) = (self.limits.clone(), self.verifier.clone());
        workers.keep_house(self.engine(), limits, verifier, settings);
        let rail = self.rail.as_ref();
        if role != Role::Api {
            workers.expire(self.engine(), settings);
            workers.supervise(self.engine());
            let pool = usize::from(settings.mpesa.job_concurrency) + 2;
            if let Some(cashier) = rail.map(|rail| rail.cashier(self.engine_with(pool))) {
                workers.move_shillings(&cashier, &self.door, settings);
            }
        }
        if let Some(chains) = &self.chains {
            workers.visit_nodes(chains.nodes());
            let pool = usize::from(settings.treasury.job_concurrency) + 2;
            workers.move_coin(&chains.treasurer(self.engine_with(pool))?, settings);
            for watcher in chains.watchers(&self.engine_with(4)) {
                workers.watch(watcher, settings);
            }
        } else if role != Role::Api && settings.order_rules().open.is_empty() {
            workers.strand(self.engine_with(1), settings);
        }
        if role != Role::Worker
            && let Some(cashier) = rail.map(|rail| rail.cashier(self.engine_with(1)))
        {
            workers.drain_spool(&cashier, &self.door, settings);
        }
        Ok(workers)
    }

    pub(super) fn listen(&self, listener: TcpListener, what: Listens) -> Result<Server> {
        let (shared, http) = (self.clone(), &self.settings.http);
        let has_api = what.api == Api::Here;
        // Who reads the description at the API itself finds the requests' way by its own address.
        let server = match what.api {
            Api::At(port) => format!("http://127.0.0.1:{port}"),
            Api::Here | Api::Nowhere => "/".to_owned(),
        };
        let description = web::Data::new(Description(openapi::description(&server)));
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
                .app_data(description.clone())
                .app_data(web::Data::new(shared.nodes()))
                .wrap(Compress::default())
                .wrap(Condition::new(!http.origins().is_empty(), cors(http)))
                .app_data(shared.entry.clone())
                .wrap(from_fn(observe))
                .configure(|config| {
                    match what.api {
                        Api::Here => {
                            server::api(config);
                            server::docs(config);
                        }
                        Api::At(port) => {
                            server::health(config);
                            config.app_data(web::Data::new(ApiPort(port)));
                            server::way_to_docs(config);
                        }
                        Api::Nowhere => server::health(config),
                    }
                    server::description(config);
                })
                .configure(|config| {
                    if what.operations {
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
pub(super) fn shelf(settings: &Settings) -> Result<Arc<dyn TokenShelf>> {
    let database = DbConfig { pool_size: 1, ..settings.database.clone() };
    Ok(Arc::new(PgStore::new(&database)?))
}

pub(super) fn address_book(chain: &ChainSettings) -> Result<XpubBook> {
    XpubBook::try_new(&chain.tron_xpub, &chain.ethereum_xpub)
        .context("KIVUKO__CHAIN__TRON_XPUB, KIVUKO__CHAIN__ETHEREUM_XPUB")
}

fn num_cpus() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
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
