//! The composition root: the only room that knows every adapter. Builds the service from settings, runs
//! it, and takes it down in order: requests, workers, rail, database.

mod inspect;
mod shared;

pub use self::inspect::inspect;
pub use shared::{cashier, engine};

use std::net::{SocketAddr, TcpListener};

use actix_web::dev::{Server, ServerHandle};
use adapters_chain::XpubBook;
use adapters_db::PgStore;
use anyhow::{Context, Result, ensure};
use domain::address::Network;
use domain::service::Engine;
use private_pg::PrivatePg;
use twins::daraja::DarajaTwin;

use self::shared::{Api, Listens, Shared, address_book};
use crate::chains::{ChainTwins, Chains};
use crate::settings::Settings;
use crate::workers::Workers;
use crate::{database, demo, rail};

/// A service that is built, listens, and waits to be run.
pub struct App {
    address: SocketAddr,
    servers: Vec<Server>,
    workers: Workers,
    cluster: Option<PrivatePg>,
    twin: Option<DarajaTwin>,
    chain_twins: ChainTwins,
    engine: Engine,
    chains: Option<Chains>,
}

/// What stands once the database does.
struct Built {
    servers: Vec<Server>,
    workers: Workers,
    engine: Engine,
    chains: Option<Chains>,
}

const NO_INITIATOR: &str =
    "KIVUKO__MPESA__INITIATOR must be set where payouts are made; `serve --role api` needs none";

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
        let chain_twins = match role {
            Role::Api => ChainTwins::default(),
            Role::Worker | Role::All => ChainTwins::start(&mut settings).await?,
        };
        let mut cluster = database::prepare(&mut settings).await?;
        let built =
            Box::pin(Self::build_on(role, settings, listener, addresses, &chain_twins)).await;
        match built {
            Ok(Built { servers, workers, engine, chains }) => {
                Ok(Self { address, servers, workers, cluster, twin, chain_twins, engine, chains })
            }
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
        twins: &ChainTwins,
    ) -> Result<Built> {
        PgStore::new(&settings.database)?;
        ensure!(
            role == Role::Api || !settings.mpesa.is_there() || !settings.mpesa.initiator.is_empty(),
            NO_INITIATOR
        );
        let shared = Shared::new(role, &settings, addresses).await?;
        if let Some(chains) = &shared.chains {
            twins.fund(chains).await?;
            twins.begin_anew(chains, &shared.engine()).await?;
        }
        shared.note_own_addresses().await?;
        if settings.has_local_key() {
            demo::load(&shared.engine()).await?;
        }
        if settings.mpesa.twin
            && let Some(rail) = &shared.rail
        {
            rail.cashier(shared.engine()).register_bills().await?;
        }
        let ports = settings.http.operations_port;
        let has_api = role != Role::Worker;
        let port = listener.local_addr()?.port();
        let (here, there) =
            if has_api { (Api::Here, Api::At(port)) } else { (Api::Nowhere, Api::Nowhere) };
        let public = Listens { api: here, operations: ports == 0 };
        let mut servers = vec![shared.listen(listener, public)?];
        if ports != 0 {
            let private = bind("127.0.0.1", ports, "KIVUKO__HTTP__OPERATIONS_PORT")?;
            servers.push(shared.listen(private, Listens { api: there, operations: true })?);
        }
        let (workers, engine) = (shared.workers(role)?, shared.engine());
        Ok(Built { servers, workers, engine, chains: shared.chains.clone() })
    }

    /// Where the API is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where a person plays the phone, when a twin is there.
    pub fn twin_url(&self) -> Option<String> {
        self.twin.as_ref().map(DarajaTwin::control_url)
    }

    /// An engine on the service's own store.
    pub fn engine(&self) -> Engine {
        self.engine.clone()
    }

    /// Our address on a network.
    ///
    /// # Errors
    /// When this process moves no coin there.
    pub fn hot_address(&self, network: Network) -> Result<String> {
        self.chains.as_ref().context("no chain is configured")?.hot_address(network)
    }

    /// The chains that were started beside the service.
    pub fn chain_twins(&self) -> &ChainTwins {
        &self.chain_twins
    }

    /// The twin of Daraja, when one was started.
    pub fn twin(&self) -> Option<&DarajaTwin> {
        self.twin.as_ref()
    }

    /// Serves until `stop` ends, then takes everything down.
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> Result<()> {
        let Self { servers, mut workers, mut cluster, twin, chain_twins, .. } = self;
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
        chain_twins.stop().await;
        if let Some(mut cluster) = cluster.take() {
            tokio::task::spawn_blocking(move || cluster.stop()).await??;
        }
        failed.map_or(Ok(()), Err)
    }
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
