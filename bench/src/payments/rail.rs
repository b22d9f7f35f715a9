//! The twin of Daraja that the payments go through: on threads of its own, so that its share of the
//! processor can be told from the service's.

use anyhow::{Context, Result};
use tokio::runtime::{Builder, Runtime};
use twins::daraja::{Behaviour, Credentials, DarajaTwin, Options, Oracle, Payer};

/// What the twin's threads are called.
pub(crate) const THREADS: &str = "twin";

/// The twin's seconds per second: it answers, and calls back, in a few milliseconds.
const SPEED: u32 = 1_000;

#[derive(Debug)]
pub(crate) struct Rail {
    twin: DarajaTwin,
    _runtime: Runtime,
}

impl Rail {
    pub(crate) fn start() -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name(THREADS)
            .enable_all()
            .build()?;
        let options = Options { speed: SPEED, ..Options::default() };
        let twin = runtime.block_on(DarajaTwin::start(options)).context("the twin of Daraja")?;
        let control = twin.control();
        let delay = Some(time::Duration::ZERO);
        control.set_default_payer(Payer { behaviour: Behaviour::Approve, delay });
        control.change_rules(|rules| {
            rules.query_noise_percent = 0;
            // An hour of the twin's is over in seconds.
            rules.token_life = time::Duration::days(365);
        });
        Ok(Self { twin, _runtime: runtime })
    }

    /// What payouts come from.
    pub(crate) fn set_float(&self, cents: i64) {
        self.twin.control().set_float(cents);
    }

    pub(crate) fn oracle(&self) -> Oracle {
        self.twin.control().oracle()
    }

    /// What points the service to the twin, with schedules as short as its seconds and no limit to
    /// its rates.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        let of = Credentials::default();
        let mut settings = vec![
            ("KIVUKO__MPESA__BASE_URL", self.twin.base_url()),
            ("KIVUKO__MPESA__CONSUMER_KEY", of.consumer_key),
            ("KIVUKO__MPESA__CONSUMER_SECRET", of.consumer_secret),
            ("KIVUKO__MPESA__PASSKEY", of.passkey),
            ("KIVUKO__MPESA__SHORT_CODE", of.stk_short_code.to_string()),
            ("KIVUKO__MPESA__B2C_SHORT_CODE", of.b2c_short_code.to_string()),
            ("KIVUKO__MPESA__INITIATOR", of.initiator_name),
            ("KIVUKO__MPESA__SECURITY_CREDENTIAL", self.twin.security_credential()),
            ("KIVUKO__MPESA__SECOND_MS", "10".to_owned()),
            ("KIVUKO__MPESA__JOB_INTERVAL_MS", "20".to_owned()),
        ];
        let rates = [
            "KIVUKO__MPESA__COLLECTIONS_PER_SECOND",
            "KIVUKO__MPESA__PAYOUTS_PER_SECOND",
            "KIVUKO__MPESA__QUERIES_PER_SECOND",
            "KIVUKO__MPESA__STATUSES_PER_SECOND",
        ];
        settings.extend(rates.map(|rate| (rate, "100000".to_owned())));
        settings
    }
}
