//! Where settings come from: the embedded files, then the variables.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use config::{Config, File, FileFormat, Map, Value, ValueKind};
use serde::Deserialize;

use super::{
    AuthSettings, ChainSettings, EthereumSettings, HttpSettings, LogSettings, MpesaSettings,
    OrderSettings, RailSettings, Settings, Stage, TreasurySettings, TronSettings, WorkerSettings,
};
use adapters_db::DbConfig;

const DEFAULT: &str = include_str!("../../../../config/default.toml");
const LOCAL: &str = include_str!("../../../../config/local.toml");
const TEST: &str = include_str!("../../../../config/test.toml");
const PRODUCTION: &str = include_str!("../../../../config/production.toml");
const PREFIX: &str = "KIVUKO__";

/// Environment variables, given as a map so that tests need not change their own.
pub type Environment = BTreeMap<String, String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sections {
    http: HttpSettings,
    database: DbConfig,
    auth: AuthSettings,
    orders: OrderSettings,
    rails: RailSettings,
    mpesa: MpesaSettings,
    chain: ChainSettings,
    tron: TronSettings,
    ethereum: EthereumSettings,
    treasury: TreasurySettings,
    workers: WorkerSettings,
    log: LogSettings,
}

impl Settings {
    /// Reads and checks all settings.
    ///
    /// # Errors
    /// With the name of the variable that is unknown, missing, mistyped or unsafe.
    pub fn load(environment: &Environment) -> Result<Self> {
        let stage = stage(environment)?;
        let sections = layered(stage, environment)?;
        let settings = Self {
            stage,
            data_dir: data_dir(environment)?,
            http: sections.http,
            database: sections.database,
            auth: sections.auth,
            orders: sections.orders,
            rails: sections.rails,
            mpesa: sections.mpesa,
            chain: sections.chain,
            tron: sections.tron,
            ethereum: sections.ethereum,
            treasury: sections.treasury,
            workers: sections.workers,
            log: sections.log,
        };
        settings.check()?;
        Ok(settings)
    }
}

fn stage(environment: &Environment) -> Result<Stage> {
    Ok(match environment.get("KIVUKO_ENV").map_or("local", String::as_str) {
        "local" => Stage::Local,
        "test" => Stage::Test,
        "production" => Stage::Production,
        other => bail!("KIVUKO_ENV={other}: must be local, test or production"),
    })
}

fn layered(stage: Stage, environment: &Environment) -> Result<Sections> {
    let of_stage = match stage {
        Stage::Local => LOCAL,
        Stage::Test => TEST,
        Stage::Production => PRODUCTION,
    };
    let known = Config::builder().add_source(File::from_str(DEFAULT, FileFormat::Toml)).build()?;
    let mut builder = Config::builder()
        .add_source(File::from_str(DEFAULT, FileFormat::Toml))
        .add_source(File::from_str(of_stage, FileFormat::Toml));
    if let Some(url) = environment.get("DATABASE_URL") {
        builder = builder.set_override("database.url", url.as_str())?;
    }
    for (variable, value) in environment.iter().filter(|(name, _)| name.starts_with(PREFIX)) {
        let key = key_of(variable, &known)?;
        builder = builder
            .set_override(key, Value::new(Some(variable), ValueKind::from(value.as_str())))?;
    }
    let built = builder.build()?.try_deserialize();
    built.map_err(|error| anyhow!("{}", with_variable(&error.to_string())))
}

/// Some errors name only the key of the file; the variable is what whoever starts us can set.
fn with_variable(error: &str) -> String {
    let key = error.split("for key `").nth(1);
    match key.and_then(|rest| rest.split('`').next()) {
        Some(key) => format!("{PREFIX}{}: {error}", key.replace('.', "__").to_uppercase()),
        None => error.to_owned(),
    }
}

/// `KIVUKO__HTTP__PORT` sets `http.port`; anything that the default file does not list is a mistake.
fn key_of(variable: &str, known: &Config) -> Result<String> {
    let key = variable.trim_start_matches(PREFIX).to_lowercase().replace("__", ".");
    let section: Option<(&str, &str)> = key.split_once('.');
    let keys = |section: &str| known.get_table(section).map(Map::into_keys).into_iter().flatten();
    match section {
        Some((section, name)) if keys(section).any(|known| known == name) => Ok(key),
        Some((section, _)) if keys(section).next().is_some() => {
            let mut names: Vec<_> = keys(section)
                .map(|name| format!("{PREFIX}{section}__{name}").to_uppercase())
                .collect();
            names.sort();
            bail!("{variable} is no setting; there are: {}", names.join(", "))
        }
        _ => bail!("{variable} is no setting; see config/default.toml for all of them"),
    }
}

/// `KIVUKO_DATA_DIR`, else `.kivuko` of the repository, else of the working directory.
fn data_dir(environment: &Environment) -> Result<PathBuf> {
    if let Some(chosen) = environment.get("KIVUKO_DATA_DIR") {
        return std::path::absolute(chosen).with_context(|| format!("KIVUKO_DATA_DIR={chosen}"));
    }
    let repository = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let home = repository.canonicalize().or_else(|_| std::env::current_dir());
    Ok(home.context("no working directory; set KIVUKO_DATA_DIR")?.join(".kivuko"))
}
