//! Logs and metrics: how they leave the process. What may be in them is up to whoever writes them:
//! ids, states and durations; never a phone, an e-mail address, a token or a body.

use std::sync::OnceLock;

use anyhow::{Context, Result};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::settings::{LogFormat, LogSettings};

/// What libraries may log, whatever the level asked for: in detail they print parameters and headers,
/// which are phones and tokens. And what clients send that is no HTTP is answered 400: no error of ours.
const CAPS: [&str; 7] = [
    "tokio_postgres=info",
    "actix_http=info",
    "actix_http::h1::dispatcher=off",
    "actix_web=info",
    "hyper=info",
    "hyper_util=info",
    "reqwest=info",
];

/// Starts logging to stderr; a process that logs already goes on as it does.
pub fn start_logging(settings: &LogSettings) -> Result<()> {
    let filter = EnvFilter::try_new(&settings.level).context("KIVUKO__LOG__LEVEL")?;
    let filter = CAPS
        .iter()
        .try_fold(filter, |filter, cap| anyhow::Ok(filter.add_directive(cap.parse()?)))?;
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = match settings.format {
        LogFormat::Text => logs.with_ansi(false).try_init(),
        LogFormat::Json => logs.json().flatten_event(true).try_init(),
    };
    Ok(())
}

/// Seconds: from a lookup in memory to the deadline of a request.
const BUCKETS: [f64; 12] =
    [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 8.0];

/// The process's one metrics recorder; a second start in one process (tests) shares it.
pub fn metrics() -> Result<PrometheusHandle> {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    let builder = PrometheusBuilder::new().set_buckets(&BUCKETS)?;
    Ok(RECORDER.get_or_init(|| install(builder)).clone())
}

fn install(builder: PrometheusBuilder) -> PrometheusHandle {
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("another metrics recorder is installed: ours stays empty");
    }
    crate::signals::describe();
    handle
}
