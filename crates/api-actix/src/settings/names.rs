//! The names of all variables that there are, and what somebody meant who wrote another.

use std::collections::BTreeMap;

use config::{Config, ConfigError, Value};

use super::Environment;
use super::faults::Faults;

pub(super) const PREFIX: &str = "KIVUKO__";

/// Those that are no settings of the files.
const OTHERS: [&str; 5] =
    ["KIVUKO_ENV", "KIVUKO_DATA_DIR", "KIVUKO_PG_BIN", "KIVUKO_PG_OS_USER", "KIVUKO_ANVIL_BIN"];

/// So many letters may be wrong, missing or too many.
const SLIPS: usize = 3;

/// What the default file lists: `http.port` is set by `KIVUKO__HTTP__PORT`.
#[derive(Debug)]
pub(super) struct Names(Vec<(String, String)>);

impl Names {
    pub(super) fn of(known: &Config) -> Result<Self, ConfigError> {
        let sections: BTreeMap<String, BTreeMap<String, Value>> =
            known.clone().try_deserialize()?;
        let mut names = Vec::new();
        for (section, keys) in sections {
            for key in keys.keys() {
                let variable = format!("{PREFIX}{section}__{key}").to_uppercase();
                names.push((variable, format!("{section}.{key}")));
            }
        }
        names.sort();
        Ok(Self(names))
    }

    /// The setting that a variable sets.
    pub(super) fn key(&self, variable: &str) -> Option<&str> {
        // As it is written in the files, whatever its case here.
        let known = self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(variable));
        known.filter(|_| variable.starts_with(PREFIX)).map(|(_, key)| key.as_str())
    }

    /// Tells of every variable that looks like ours and sets nothing.
    pub(super) fn refuse_unknown(&self, environment: &Environment, faults: &mut Faults) {
        for variable in environment.keys() {
            let is_ours = variable.get(..7).is_some_and(|it| it.eq_ignore_ascii_case("KIVUKO_"));
            let is_known = OTHERS.contains(&variable.as_str()) || self.key(variable).is_some();
            if is_ours && !is_known {
                faults.add(format!("{variable} is no setting; {}", self.meant(variable)));
            }
        }
    }

    /// What whoever wrote `variable` may have meant.
    fn meant(&self, variable: &str) -> String {
        let letters = |name: &str| name.replace('_', "").to_uppercase();
        let written = letters(variable);
        let all = self.0.iter().map(|(name, _)| name.as_str()).chain(OTHERS);
        let near = all.map(|name| (strsim::damerau_levenshtein(&letters(name), &written), name));
        match near.min() {
            Some((slips, name)) if slips <= SLIPS => format!("is it {name}?"),
            _ => self.siblings(variable),
        }
    }

    /// The settings of the same section, when there is such a section.
    fn siblings(&self, variable: &str) -> String {
        let section = variable.trim_start_matches(PREFIX).split("__").next().unwrap_or_default();
        let begin = format!("{PREFIX}{section}__");
        let names = self.0.iter().map(|(name, _)| name.as_str());
        let names: Vec<&str> = names.filter(|name| name.starts_with(&begin)).collect();
        if names.is_empty() {
            return "see config/default.toml for all of them".to_owned();
        }
        format!("there are: {}", names.join(", "))
    }
}
