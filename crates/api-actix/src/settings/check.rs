//! What may not be together: nonsense, missing secrets, and test keys near real money.

use super::faults::{Faults, require};
use super::{Settings, Stage};
use adapters_chain::test_keys::is_test_key;

/// The secret of `config/local.toml`: known to everybody.
fn is_local_secret(secret: &str) -> bool {
    secret.starts_with("local-only")
}

/// Scheme, host and perhaps a port, as browsers send it.
fn is_origin(text: &str) -> bool {
    let url = reqwest::Url::parse(text).ok();
    url.is_some_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == text
    })
}

impl Settings {
    /// Whether tokens may be made by whoever sits at this machine.
    pub fn has_local_key(&self) -> bool {
        self.auth.algorithm == "HS256" && is_local_secret(&self.auth.shared_secret)
    }

    /// Everything that the settings by themselves tell to be wrong.
    pub(super) fn check(&self, faults: &mut Faults) {
        faults.note(super::log::check_level(&self.log.level));
        self.check_auth(faults);
        self.check_chain(faults);
        self.check_limits(faults);
        self.check_database(faults);
        self.check_mpesa(faults);
        self.check_chains(faults);
        if self.stage == Stage::Production {
            self.check_production(faults);
        }
    }

    fn check_auth(&self, faults: &mut Faults) {
        let auth = &self.auth;
        match auth.algorithm.as_str() {
            "HS256" => require!(
                faults,
                auth.shared_secret.len() >= 32,
                "KIVUKO__AUTH__SHARED_SECRET must be set to at least 32 characters for HS256"
            ),
            "EdDSA" | "ES256" | "RS256" => require!(
                faults,
                auth.jwks_file.is_empty() != auth.jwks_url.is_empty(),
                "exactly one of KIVUKO__AUTH__JWKS_FILE and KIVUKO__AUTH__JWKS_URL must be set for {}",
                auth.algorithm
            ),
            other => faults.add(format!(
                "KIVUKO__AUTH__ALGORITHM={other}: must be EdDSA, ES256, RS256 or HS256"
            )),
        }
    }

    fn check_chain(&self, faults: &mut Faults) {
        let keys = [
            ("KIVUKO__CHAIN__TRON_XPUB", &self.chain.tron_xpub, self.tron.is_worth_something()),
            (
                "KIVUKO__CHAIN__ETHEREUM_XPUB",
                &self.chain.ethereum_xpub,
                self.ethereum.is_worth_something(),
            ),
        ];
        for (variable, key, is_worth_something) in keys {
            require!(
                faults,
                !key.is_empty(),
                "{variable} must be set to an account-level extended public key"
            );
            require!(
                faults,
                !is_test_key(key) || (self.stage == Stage::Local && !is_worth_something),
                "{variable} is a well-known test key, for KIVUKO_ENV=local and test networks (is_test_network) only: everybody can take what is sent to its addresses"
            );
        }
    }

    fn check_limits(&self, faults: &mut Faults) {
        let (orders, rails) = (&self.orders, &self.rails);
        require!(faults, orders.ttl_s > 0, "KIVUKO__ORDERS__TTL_S must be more than 0");
        require!(
            faults,
            (orders.ttl_s..=31_536_000).contains(&orders.max_ttl_s),
            "KIVUKO__ORDERS__MAX_TTL_S must be between KIVUKO__ORDERS__TTL_S and a year"
        );
        require!(
            faults,
            orders.rate_tolerance_bps <= 1_000,
            "KIVUKO__ORDERS__RATE_TOLERANCE_BPS must be at most 1000"
        );
        require!(
            faults,
            rails.collection_min <= rails.collection_max,
            "KIVUKO__RAILS__COLLECTION_MIN must not be above KIVUKO__RAILS__COLLECTION_MAX"
        );
        require!(
            faults,
            rails.payout_min <= rails.payout_max,
            "KIVUKO__RAILS__PAYOUT_MIN must not be above KIVUKO__RAILS__PAYOUT_MAX"
        );
        require!(
            faults,
            self.http.origins().into_iter().all(is_origin),
            "KIVUKO__HTTP__CORS_ORIGINS must be origins such as https://shop.example, separated by commas, without a path and without *"
        );
        let positive = [
            ("KIVUKO__HTTP__RATE_PER_SECOND", u64::from(self.http.rate_per_second)),
            ("KIVUKO__HTTP__RATE_BURST", u64::from(self.http.rate_burst)),
            ("KIVUKO__HTTP__REQUEST_TIMEOUT_MS", self.http.request_timeout_ms),
            ("KIVUKO__WORKERS__EXPIRY_INTERVAL_MS", self.workers.expiry_interval_ms),
            ("KIVUKO__WORKERS__EXPIRY_BATCH", u64::from(self.workers.expiry_batch)),
        ];
        for (variable, value) in positive {
            require!(faults, value > 0, "{variable} must be more than 0");
        }
        require!(
            faults,
            (24..=87_600).contains(&self.workers.idempotency_keep_h),
            "KIVUKO__WORKERS__IDEMPOTENCY_KEEP_H must be between 24 and 87600, which is ten years"
        );
    }

    /// Zero would mean "for ever" to PostgreSQL.
    fn check_database(&self, faults: &mut Faults) {
        let of = &self.database;
        let positive = [
            ("KIVUKO__DATABASE__POOL_SIZE", of.pool_size as u64),
            ("KIVUKO__DATABASE__POOL_WAIT_MS", of.pool_wait_ms),
            ("KIVUKO__DATABASE__LOCK_TIMEOUT_MS", of.lock_timeout_ms),
            ("KIVUKO__DATABASE__IDLE_TIMEOUT_MS", of.idle_timeout_ms),
        ];
        for (variable, value) in positive {
            require!(faults, value > 0, "{variable} must be more than 0");
        }
        require!(
            faults,
            of.statement_timeout_ms > of.lock_timeout_ms,
            "KIVUKO__DATABASE__STATEMENT_TIMEOUT_MS must be above KIVUKO__DATABASE__LOCK_TIMEOUT_MS"
        );
    }

    /// What the adapter checks itself is not repeated here.
    fn check_mpesa(&self, faults: &mut Faults) {
        let of = &self.mpesa;
        faults.note(of.source_networks());
        faults.note(of.proxy_networks());
        require!(
            faults,
            !of.twin || self.stage != Stage::Production,
            "KIVUKO__MPESA__TWIN is for local work and tests: production talks to Daraja"
        );
        require!(
            faults,
            !of.twin || of.base_url.is_empty(),
            "KIVUKO__MPESA__TWIN and KIVUKO__MPESA__BASE_URL exclude each other"
        );
        let positive = [
            ("KIVUKO__MPESA__SECOND_MS", of.second_ms),
            ("KIVUKO__MPESA__LEASE_S", of.lease_s),
            ("KIVUKO__MPESA__JOB_CONCURRENCY", i64::from(of.job_concurrency)),
            ("KIVUKO__MPESA__TWIN_SPEED", i64::from(of.twin_speed)),
            ("KIVUKO__MPESA__JOB_INTERVAL_MS", i64::try_from(of.job_interval_ms).unwrap_or(0)),
            ("KIVUKO__MPESA__SWEEP_INTERVAL_MS", i64::try_from(of.sweep_interval_ms).unwrap_or(0)),
        ];
        for (variable, value) in positive {
            require!(faults, value > 0, "{variable} must be more than 0");
        }
    }

    fn check_chains(&self, faults: &mut Faults) {
        let (tron, ethereum, of) = (&self.tron, &self.ethereum, &self.treasury);
        faults.note(of.sweep_least());
        faults.note(of.max_coin());
        faults.note(super::chains::networks(&self.chain.networks));
        require!(
            faults,
            self.stage != Stage::Production || !(tron.twin || ethereum.anvil),
            "KIVUKO__TRON__TWIN and KIVUKO__ETHEREUM__ANVIL are for local work and tests"
        );
        require!(
            faults,
            !tron.twin || tron.nodes.is_empty(),
            "KIVUKO__TRON__TWIN and KIVUKO__TRON__NODES exclude each other"
        );
        require!(
            faults,
            !ethereum.anvil || ethereum.nodes.is_empty(),
            "KIVUKO__ETHEREUM__ANVIL and KIVUKO__ETHEREUM__NODES exclude each other"
        );
        let positive = [
            ("KIVUKO__TREASURY__SECOND_MS", of.second_ms),
            ("KIVUKO__TREASURY__LEASE_S", of.lease_s),
            ("KIVUKO__TREASURY__JOB_CONCURRENCY", i64::from(of.job_concurrency)),
            ("KIVUKO__TREASURY__JOB_INTERVAL_MS", i64::try_from(of.job_interval_ms).unwrap_or(0)),
            (
                "KIVUKO__TREASURY__WATCH_INTERVAL_MS",
                i64::try_from(of.watch_interval_ms).unwrap_or(0),
            ),
            ("KIVUKO__TRON__BATCH", i64::try_from(tron.batch).unwrap_or(0)),
            ("KIVUKO__ETHEREUM__BATCH", i64::try_from(ethereum.batch).unwrap_or(0)),
        ];
        for (variable, value) in positive {
            require!(faults, value > 0, "{variable} must be more than 0");
        }
    }

    /// Real coin: no shortened time, no phrase in the settings, no node in the clear.
    fn check_chains_in_production(&self, faults: &mut Faults) {
        let of = &self.treasury;
        require!(
            faults,
            of.second_ms == 1_000,
            "KIVUKO__TREASURY__SECOND_MS must be 1000 in production"
        );
        require!(
            faults,
            of.lease_s >= 120,
            "KIVUKO__TREASURY__LEASE_S must be at least 120 in production"
        );
        require!(
            faults,
            of.hot_phrase.is_empty() && of.escrow_phrase.is_empty(),
            "KIVUKO__TREASURY__HOT_PHRASE and _ESCROW_PHRASE are for local work: production reads files"
        );
        let nodes = [
            ("KIVUKO__TRON__NODES", self.tron.node_urls()),
            ("KIVUKO__ETHEREUM__NODES", self.ethereum.node_urls()),
        ];
        for (variable, urls) in nodes {
            let is_safe =
                |url: &String| url.starts_with("https://") || url.starts_with("http://127.0.0.1");
            require!(
                faults,
                urls.iter().all(is_safe),
                "{variable} must be https in production, or a node on this machine"
            );
        }
    }

    /// Real money: no shortened time, no loopback, nobody unknown.
    fn check_mpesa_in_production(&self, faults: &mut Faults) {
        let of = &self.mpesa;
        if !of.is_there() {
            return;
        }
        let https = [
            ("KIVUKO__MPESA__BASE_URL", &of.base_url),
            ("KIVUKO__MPESA__CALLBACK_BASE", &of.callback_base),
        ];
        for (variable, url) in https {
            require!(faults, url.starts_with("https://"), "{variable} must be https in production");
        }
        require!(
            faults,
            of.second_ms == 1_000,
            "KIVUKO__MPESA__SECOND_MS must be 1000 in production"
        );
        require!(
            faults,
            of.lease_s >= 180,
            "KIVUKO__MPESA__LEASE_S must be at least 180 in production"
        );
        require!(
            faults,
            of.enforce_sources,
            "KIVUKO__MPESA__ENFORCE_SOURCES must be true in production: callbacks are not signed"
        );
        let loopback = |net: &ipnet::IpNet| net.addr().is_loopback();
        require!(
            faults,
            !of.source_networks().is_ok_and(|sources| sources.iter().any(loopback)),
            "KIVUKO__MPESA__SOURCES must not name this machine in production"
        );
        require!(
            faults,
            of.short_code != 174_379,
            "KIVUKO__MPESA__SHORT_CODE is the sandbox's in production"
        );
    }

    fn check_production(&self, faults: &mut Faults) {
        self.check_mpesa_in_production(faults);
        self.check_chains_in_production(faults);
        let (auth, database) = (&self.auth, &self.database);
        require!(faults, !database.url.is_empty(), "DATABASE_URL must be set in production");
        require!(
            faults,
            auth.algorithm != "HS256",
            "KIVUKO__AUTH__ALGORITHM=HS256 is for local work: use EdDSA, ES256 or RS256 with a JWKS"
        );
        require!(faults, !auth.issuer.is_empty(), "KIVUKO__AUTH__ISSUER must be set in production");
        require!(
            faults,
            !auth.audience.is_empty(),
            "KIVUKO__AUTH__AUDIENCE must be set in production"
        );
        require!(
            faults,
            auth.jwks_url.is_empty() || auth.jwks_url.starts_with("https://"),
            "KIVUKO__AUTH__JWKS_URL must be https in production"
        );
    }
}
