//! A running twin: its two ports, and the tasks behind them.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Client;
use reqwest::redirect::Policy;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::companion::{Beside, Companion};
use super::control::Control;
use super::credential;
use super::driver::drive;
use super::options::Options;
use super::server::{Port, answer};
use super::shared::Shared;
use super::world::World;
use crate::http::{accept, bind};
use crate::keeping::{Keeper, Snapshot};

/// The world, in the folder that it is kept in.
const FILE: &str = "mpesa.json";

/// A running twin. Clones are handles on the same one; with the last of them it stops.
#[derive(Debug, Clone)]
pub struct DarajaTwin {
    api: SocketAddr,
    control: SocketAddr,
    security_credential: String,
    is_continued: bool,
    shared: Arc<Shared>,
    beside: Beside,
    tasks: Arc<Mutex<JoinSet<()>>>,
}

impl DarajaTwin {
    /// Starts a twin on the current runtime.
    ///
    /// # Errors
    /// When the address is not a loopback one, or a port is taken.
    pub async fn start(options: Options) -> io::Result<Self> {
        let api_listener = bind(options.host, options.port).await?;
        let control_listener = bind(options.host, options.control_port).await?;
        let security_credential = credential::seal(&options.credentials.initiator_password)
            .ok_or_else(|| io::Error::other("the initiator's password cannot be encrypted"))?;
        let (api, control) = (api_listener.local_addr()?, control_listener.local_addr()?);
        let (world, keeper, is_continued) = world(&options)?;
        let shared = Arc::new(Shared::new(world, keeper));
        let beside = Beside::default();
        let tasks = tasks(&shared, &beside, api_listener, control_listener)?;
        let tasks = Arc::new(Mutex::new(tasks));
        Ok(Self { api, control, security_credential, is_continued, shared, beside, tasks })
    }

    /// What an adapter takes for Daraja.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.api)
    }

    /// Whether a world is kept in a folder.
    pub fn is_kept_in(folder: &Path) -> bool {
        folder.join(FILE).exists()
    }

    /// Whether it goes on with a world that was kept.
    pub fn is_continued(&self) -> bool {
        self.is_continued
    }

    pub fn control_port(&self) -> u16 {
        self.control.port()
    }

    pub fn control_url(&self) -> String {
        format!("http://{}", self.control)
    }

    /// The initiator's password, encrypted for the twin's certificate.
    pub fn security_credential(&self) -> String {
        self.security_credential.clone()
    }

    /// The certificate to encrypt the initiator's password for; a test's, worth nothing.
    pub fn certificate_pem(&self) -> &'static str {
        credential::CERTIFICATE_PEM
    }

    pub fn control(&self) -> Control {
        Control { shared: Arc::clone(&self.shared) }
    }

    /// Puts somebody beside it who answers what it does not know; the first one stays.
    pub fn accompany(&self, companion: Arc<dyn Companion>) {
        let _there_is_one = self.beside.set(companion);
    }

    /// Closes both ports and every connection; what was scheduled does not happen.
    pub async fn stop(&self) {
        let mut tasks = {
            let mut held = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *held)
        };
        tasks.shutdown().await;
    }

    /// Comes back on the same ports after [`stop`](Self::stop), with everything remembered. What
    /// fell due meanwhile happens now; callbacks that were under way are lost.
    pub async fn restart(&self) -> io::Result<()> {
        self.stop().await;
        let api = bind(self.api.ip(), self.api.port()).await?;
        let control = bind(self.control.ip(), self.control.port()).await?;
        self.shared.change(|world| world.in_flight.clear());
        let tasks = tasks(&self.shared, &self.beside, api, control)?;
        *self.tasks.lock().unwrap_or_else(PoisonError::into_inner) = tasks;
        Ok(())
    }
}

type Begun = (World, Option<Box<dyn Keeper<World>>>, bool);

/// The world that was kept, or a new one; and what keeps it from now on.
fn world(options: &Options) -> io::Result<Begun> {
    let Some(folder) = &options.folder else { return Ok((World::new(options), None, false)) };
    std::fs::create_dir_all(folder)?;
    let mut kept = Snapshot::at(folder.join(FILE));
    let old: Option<World> = kept.read()?;
    let is_continued = old.is_some();
    let world = old.map_or_else(|| World::new(options), |old| old.continued(options));
    kept.write(&world)?;
    Ok((world, Some(Box::new(kept)), is_continued))
}

/// Posts callbacks: once, to the URL that was given, and to nobody else.
fn poster() -> io::Result<Client> {
    let client = Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .pool_max_idle_per_host(0)
        // On loopback a certificate proves nothing, and a test's is its own.
        .tls_danger_accept_invalid_certs(true);
    client.build().map_err(io::Error::other)
}

fn tasks(
    shared: &Arc<Shared>,
    beside: &Beside,
    api: TcpListener,
    control: TcpListener,
) -> io::Result<JoinSet<()>> {
    let client = poster()?;
    let mut tasks = JoinSet::new();
    for (listener, port) in [(api, Port::Api), (control, Port::Control)] {
        let (shared, beside) = (Arc::clone(shared), Arc::clone(beside));
        let answered = move |call| answer(Arc::clone(&shared), Arc::clone(&beside), port, call);
        tasks.spawn(accept(listener, answered));
    }
    tasks.spawn(drive(Arc::clone(shared), client));
    Ok(tasks)
}
