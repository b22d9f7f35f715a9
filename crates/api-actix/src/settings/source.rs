//! Where settings come from: the embedded files, then the variables.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use config::{Config, File, FileFormat, Value, ValueKind};
use serde::Deserialize;

use super::faults::Faults;
use super::names::{Names, PREFIX};
use super::{
    AuthSettings, ChainSettings, EthereumSettings, HttpSettings, LogSettings, MpesaSettings,
    OrderSettings, RailSettings, Settings, Stage, TreasurySettings, TronSettings, WorkerSettings,
};
use adapters_db::DbConfig;

const DEFAULT: &str = include_str!("../../../../config/default.toml");
const LOCAL: &str = include_str!("../../../../config/local.toml");
const TEST: &str = include_str!("../../../../config/test.toml");
const PRODUCTION: &str = include_str!("../../../../config/production.toml");

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
    /// With everything that is wrong at once: the names of all variables that are unknown, missing,
    /// mistyped or unsafe, and why.
    pub fn load(environment: &Environment) -> Result<Self> {
        let (settings, faults) = Self::inspect(environment);
        match settings {
            Some(settings) => faults.finish(settings),
            None => Err(faults.into()),
        }
    }

    /// The settings as far as they can be read, and everything that is wrong with them.
    pub fn inspect(environment: &Environment) -> (Option<Self>, Faults) {
        let mut faults = Faults::default();
        let settings = match Files::read() {
            Ok(files) => files.settings(environment, &mut faults),
            Err(error) => faults.note(Err(error)),
        };
        (settings, faults)
    }

    fn of(stage: Stage, data_dir: PathBuf, sections: Sections) -> Self {
        Self {
            stage,
            data_dir,
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
        }
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

/// The embedded files, and the variables that they know.
struct Files {
    names: Names,
}

/// A variable, the setting that it sets, and to what.
type Override<'a> = (&'a str, &'a str, &'a str);

impl Files {
    fn read() -> Result<Self> {
        let known = Config::builder().add_source(File::from_str(DEFAULT, FileFormat::Toml));
        Ok(Self { names: Names::of(&known.build()?)? })
    }

    fn settings(&self, environment: &Environment, faults: &mut Faults) -> Option<Settings> {
        self.names.refuse_unknown(environment, faults);
        let data_dir = faults.note(data_dir(environment));
        let stage = faults.note(stage(environment))?;
        let (good, bad) = self.overrides(stage, environment, faults);
        let sections = faults.note(sections(stage, &good))?;
        let settings = Settings::of(stage, data_dir?, sections);
        let mut further = Faults::default();
        settings.check(&mut further);
        // What could not be read has been told already; its default says nothing.
        let speaks_of_bad = |fault: &&str| bad.iter().any(|variable| fault.contains(variable));
        further.iter().filter(|fault| !speaks_of_bad(fault)).for_each(|fault| faults.add(fault));
        Some(settings)
    }

    /// The variables that can be read, and the names of those that cannot.
    fn overrides<'a>(
        &'a self,
        stage: Stage,
        environment: &'a Environment,
        faults: &mut Faults,
    ) -> (Vec<Override<'a>>, Vec<&'a str>) {
        let database = environment.get_key_value("DATABASE_URL");
        let database = database.map(|(name, url)| (name.as_str(), "database.url", url.as_str()));
        let known = environment.iter().filter_map(|(name, value)| {
            self.names.key(name).map(|key| (name.as_str(), key, value.as_str()))
        });
        let all: Vec<Override<'a>> = database.into_iter().chain(known).collect();
        if sections(stage, &all).is_ok() {
            return (all, vec![]);
        }
        // One by one, so that each is told.
        let (mut good, mut bad) = (vec![], vec![]);
        for one in all {
            match sections(stage, &[one]) {
                Ok(_) => good.push(one),
                Err(error) => {
                    bad.push(one.0);
                    faults.add(error.to_string());
                }
            }
        }
        (good, bad)
    }
}

/// The files with these over them.
fn sections(stage: Stage, overrides: &[Override<'_>]) -> Result<Sections> {
    let of_stage = match stage {
        Stage::Local => LOCAL,
        Stage::Test => TEST,
        Stage::Production => PRODUCTION,
    };
    let mut builder = Config::builder()
        .add_source(File::from_str(DEFAULT, FileFormat::Toml))
        .add_source(File::from_str(of_stage, FileFormat::Toml));
    for (variable, key, value) in overrides {
        let origin = (*variable).to_owned();
        builder = builder.set_override(key, Value::new(Some(&origin), ValueKind::from(*value)))?;
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

/// `KIVUKO_DATA_DIR`; else `.kivuko` of the working directory, where it is there or the directory is a
/// clone of the repository; else the user's folder for data.
///
/// # Errors
/// When there is no such folder.
pub fn data_dir(environment: &Environment) -> Result<PathBuf> {
    if let Some(chosen) = environment.get("KIVUKO_DATA_DIR") {
        return std::path::absolute(chosen).with_context(|| format!("KIVUKO_DATA_DIR={chosen}"));
    }
    let working = std::env::current_dir().context("no working directory; set KIVUKO_DATA_DIR")?;
    let here = working.join(".kivuko");
    if here.is_dir() || working.join("config/default.toml").is_file() {
        return Ok(here);
    }
    let set = |name: &str| environment.get(name).map(PathBuf::from).filter(|it| it.is_absolute());
    let of_user = set("XDG_DATA_HOME").or_else(|| Some(set("HOME")?.join(".local/share")));
    Ok(of_user.map_or(here, |folder| folder.join("kivuko")))
}
