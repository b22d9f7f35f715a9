//! Opening connections: plain over a Unix socket or loopback, TLS where the URL asks for it.

use diesel::ConnectionError;
use diesel_async::AsyncPgConnection;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Opens a connection with the given session options (`-c name=value …`).
pub(crate) async fn open(
    url: &str,
    session_options: &str,
) -> Result<AsyncPgConnection, ConnectionError> {
    let mut config: Config = url.parse().map_err(bad)?;
    config.options(session_options).application_name("kivuko");
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(std::time::Duration::from_secs(3));
    }
    if config.get_ssl_mode() == SslMode::Require {
        let (client, connection) = config.connect(tls()?).await.map_err(bad)?;
        return AsyncPgConnection::try_from_client_and_connection(client, connection).await;
    }
    let (client, connection) = config.connect(NoTls).await.map_err(bad)?;
    AsyncPgConnection::try_from_client_and_connection(client, connection).await
}

fn bad(error: impl std::error::Error) -> ConnectionError {
    ConnectionError::BadConnection(chain(&error))
}

/// The error and its causes: a bare "error connecting to server" helps nobody.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// Verifies the server's certificate against the platform's roots.
fn tls() -> Result<MakeRustlsConnect, ConnectionError> {
    use rustls_platform_verifier::ConfigVerifierExt as _;
    let config = rustls::ClientConfig::with_platform_verifier().map_err(bad)?;
    Ok(MakeRustlsConnect::new(config))
}
