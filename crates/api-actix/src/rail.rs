//! Wiring of the M-Pesa rail: the adapter from its settings, the doors for its callbacks, and, where
//! the settings ask for one, a twin of Daraja to talk to.

use std::path::Path;
use std::sync::Arc;

use adapters_mpesa::{
    B2cApi, B2cConfig, Limits, Mpesa, MpesaConfig, StatusKeyField, StkConfig, StkKind, Timeouts,
};
use anyhow::{Context, Result, bail};
use domain::ports::TokenShelf;
use domain::service::{Cashier, Engine};
use ipnet::IpNet;
use tokio::sync::Notify;
use twins::daraja::{Credentials, DarajaTwin, Options};
use uuid::Uuid;

use crate::app::RESET;
use crate::environment::SystemClock;
use crate::settings::{MpesaSettings, Settings};
use crate::spool::Spool;

/// What stands at the doors of callbacks, shared by all threads.
#[derive(Debug, Clone)]
pub struct Door {
    pub proxies: Arc<[IpNet]>,
    pub sources: Arc<[IpNet]>,
    pub spool: Spool,
    /// Rung when a callback has come in; keeps ringing until somebody has heard it.
    pub callbacks: Arc<Notify>,
    /// Rung when a callback has been read, which may have brought a job forward.
    pub jobs: Arc<Notify>,
}

impl Door {
    pub fn new(settings: &Settings) -> Result<Self> {
        let limit = settings.mpesa.spool_limit_mb.saturating_mul(1024 * 1024);
        Ok(Self {
            proxies: settings.mpesa.proxy_networks()?.into(),
            sources: settings.mpesa.source_networks()?.into(),
            spool: Spool::new(settings.data_dir.join("spool"), limit),
            callbacks: Arc::new(Notify::new()),
            jobs: Arc::new(Notify::new()),
        })
    }
}

/// The rail as every thread uses it.
#[derive(Debug, Clone)]
pub struct Rail {
    mpesa: Arc<Mpesa>,
    settings: MpesaSettings,
}

impl Rail {
    /// `None` when the settings name no rail.
    ///
    /// # Errors
    /// With the setting that cannot be right.
    pub fn new(settings: &MpesaSettings, shelf: Arc<dyn TokenShelf>) -> Result<Option<Self>> {
        if !settings.is_there() {
            return Ok(None);
        }
        let clock = Arc::new(SystemClock);
        let mpesa = Mpesa::sharing(config(settings)?, clock, shelf);
        let mpesa = mpesa.context("KIVUKO__MPESA__…")?;
        Ok(Some(Self { mpesa: Arc::new(mpesa), settings: settings.clone() }))
    }

    /// A cashier on an engine of the caller's own runtime.
    pub fn cashier(&self, engine: Engine) -> Cashier {
        Cashier {
            engine,
            rail: self.mpesa.clone(),
            tempo: self.settings.tempo(),
            enforces_sources: self.settings.enforce_sources,
        }
    }
}

/// What the settings say, as the adapter wants it.
///
/// # Errors
/// With the variable whose word is not known.
pub fn config(settings: &MpesaSettings) -> Result<MpesaConfig> {
    let of = settings.clone();
    let is_till = of.till != 0;
    Ok(MpesaConfig {
        base_url: of.base_url,
        consumer_key: of.consumer_key.into(),
        consumer_secret: of.consumer_secret.into(),
        stk: StkConfig {
            short_code: of.short_code,
            party_b: if is_till { of.till } else { of.short_code },
            kind: if is_till { StkKind::Till } else { StkKind::PayBill },
            passkey: of.passkey.into(),
        },
        b2c: initiator(settings)?,
        callback_base: of.callback_base,
        nominated_number: of.nominated_number,
        status_key_field: match of.status_key_field.as_str() {
            "OriginalConversationID" => StatusKeyField::Original,
            "OriginatorConversationID" => StatusKeyField::Originator,
            other => bail!(
                "KIVUKO__MPESA__STATUS_KEY_FIELD={other}: must be OriginalConversationID or OriginatorConversationID"
            ),
        },
        limits: Limits {
            stk_per_second: of.collections_per_second,
            b2c_per_second: of.payouts_per_second,
            query_per_second: of.queries_per_second,
            status_per_second: of.statuses_per_second,
            statement_per_second: of.queries_per_second,
        },
        timeouts: Timeouts {
            connect: of.connect_timeout_ms,
            stk: of.collection_timeout_ms,
            b2c: of.payout_timeout_ms,
            query: of.query_timeout_ms,
        },
    })
}

/// Who moves money out; `None` where the settings name nobody.
fn initiator(of: &MpesaSettings) -> Result<Option<B2cConfig>> {
    let api = match of.b2c_api.as_str() {
        "v3" => B2cApi::V3,
        "v1" => B2cApi::V1,
        other => bail!("KIVUKO__MPESA__B2C_API={other}: must be v3 or v1"),
    };
    Ok((!of.initiator.is_empty()).then(|| B2cConfig {
        short_code: of.b2c_short_code,
        initiator: of.initiator.clone(),
        security_credential: of.security_credential.clone().into(),
        api,
    }))
}

/// Starts a twin of Daraja and points the settings to it, when they ask for one.
///
/// # Errors
/// When its ports are taken.
pub async fn start_twin(
    settings: &mut MpesaSettings,
    url: &str,
    folder: Option<&Path>,
) -> Result<Option<DarajaTwin>> {
    if settings.callback_base.is_empty() {
        url.clone_into(&mut settings.callback_base);
    }
    if !settings.twin {
        return Ok(None);
    }
    let options = Options {
        control_port: settings.twin_control_port,
        speed: settings.twin_speed,
        // Receipts of one world are not those of another, as those of one year are not of the next.
        seed: Uuid::new_v4().as_u64_pair().0,
        folder: folder.map(Path::to_owned),
        ..Options::default()
    };
    let credentials = options.credentials.clone();
    let twin = DarajaTwin::start(options).await.with_context(|| {
        format!(
            "the twin of Daraja does not start on 127.0.0.1:{}; set KIVUKO__MPESA__TWIN_CONTROL_PORT to another port, or {RESET}",
            settings.twin_control_port
        )
    })?;
    adopt(settings, &twin, credentials)?;
    Ok(Some(twin))
}

/// Takes over what the twin expects of its one customer.
fn adopt(settings: &mut MpesaSettings, twin: &DarajaTwin, of: Credentials) -> Result<()> {
    settings.base_url = twin.base_url();
    settings.twin_control_port = twin.control_port();
    settings.consumer_key = of.consumer_key;
    settings.consumer_secret = of.consumer_secret;
    settings.passkey = of.passkey;
    settings.short_code = of.stk_short_code.try_into()?;
    settings.b2c_short_code = of.b2c_short_code.try_into()?;
    settings.initiator = of.initiator_name;
    settings.security_credential = twin.security_credential();
    Ok(())
}
