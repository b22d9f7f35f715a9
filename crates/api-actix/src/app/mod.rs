//! The composition root: the only room that knows every adapter. Builds the service from settings, runs
//! it, and takes it down in order: requests, workers, rail, database.

mod inspect;
mod shared;
mod twin_worlds;

pub use self::inspect::inspect;
pub use shared::{cashier, engine};
pub use twin_worlds::RESET;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use actix_web::dev::{Server, ServerHandle};
use adapters_chain::XpubBook;
use adapters_db::PgStore;
use anyhow::{Context, Result, ensure};
use domain::address::Network;
use domain::service::Engine;
use private_pg::PrivatePg;
use twins::anvil::Anvil;
use twins::daraja::DarajaTwin;
use twins::tron::TronTwin;

use self::shared::{Api, Listens, Shared, address_book};
use self::twin_worlds::TwinWorlds;
use crate::chains::{ChainTwins, Chains};
use crate::running::{Note, Running};
use crate::settings::Settings;
use crate::twin_companion::TwinCompanion;
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
    /// Held, not read: nobody else plays these worlds.
    _worlds: Option<TwinWorlds>,
    /// Held, not read: commands beside us find us by it.
    _note: Option<Note>,
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
/// The foreign services that the settings ask us to play ourselves.
struct Twins {
    mpesa: Option<DarajaTwin>,
    chains: ChainTwins,
}

impl Twins {
    async fn start(
        role: Role,
        settings: &mut Settings,
        url: &str,
        folder: Option<&Path>,
    ) -> Result<Self> {
        let mpesa = rail::start_twin(&mut settings.mpesa, url, folder).await?;
        let chains = match role {
            Role::Api => ChainTwins::default(),
            Role::Worker | Role::All => ChainTwins::start(settings, folder).await?,
        };
        Ok(Self { mpesa, chains })
    }
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
        let mut cluster = database::prepare(&mut settings).await?;
        let built = async {
            let worlds = TwinWorlds::open(&settings, cluster.is_some()).await?;
            let folder = worlds.as_ref().map(TwinWorlds::folder);
            let twins = Box::pin(Twins::start(role, &mut settings, &url, folder)).await?;
            let on = Self::build_on(role, settings.clone(), listener, addresses, &twins);
            let built = Box::pin(on).await?;
            let control = twins.mpesa.as_ref().map(DarajaTwin::control_url);
            let note = Running::new(&settings, url, control).leave(&settings)?;
            anyhow::Ok((worlds, note, twins, built))
        };
        let built = Box::pin(built).await;
        match built {
            Ok((worlds, note, Twins { mpesa: twin, chains: chain_twins }, built)) => {
                let Built { servers, workers, engine, chains } = built;
                if let Some(twin) = &twin {
                    let companion = TwinCompanion::new(engine.clone(), &chain_twins);
                    twin.accompany(Arc::new(companion));
                }
                let cluster = cluster.take();
                Ok(Self {
                    address,
                    servers,
                    workers,
                    cluster,
                    twin,
                    chain_twins,
                    _worlds: worlds,
                    _note: note,
                    engine,
                    chains,
                })
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
        twins: &Twins,
    ) -> Result<Built> {
        PgStore::new(&settings.database)?;
        ensure!(
            role == Role::Api || !settings.mpesa.is_there() || !settings.mpesa.initiator.is_empty(),
            NO_INITIATOR
        );
        let shared = Shared::new(role, &settings, addresses).await?;
        if let Some(chains) = &shared.chains {
            twins.chains.fund(chains).await?;
            twins.chains.begin_anew(chains, &shared.engine()).await?;
        }
        shared.note_own_addresses().await?;
        if settings.has_local_key() {
            demo::load(&shared.engine()).await?;
        }
        if settings.mpesa.twin
            && let Some(rail) = &shared.rail
        {
            // Under a new token, at an address that may be another one.
            if let Some(twin) = &twins.mpesa {
                twin.control().unregister_urls();
            }
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

    /// Which of the twins go on where they stopped, and which begin anew.
    pub fn twins_story(&self) -> Option<String> {
        twin_worlds::story(&[
            ("M-Pesa", self.twin.as_ref().map(DarajaTwin::is_continued)),
            ("Tron", self.chain_twins.tron.as_ref().map(TronTwin::is_continued)),
            ("Ethereum", self.chain_twins.anvil.as_ref().map(Anvil::is_continued)),
        ])
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
