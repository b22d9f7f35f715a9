//! What may be asked of the log. The filter's own reader takes any word for the name of a module, and
//! then logs nothing.

use anyhow::{Result, bail};

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

fn is_level(word: &str) -> bool {
    LEVELS.iter().any(|level| level.eq_ignore_ascii_case(word))
}

/// A level, or several filters `target=level`, separated by commas.
pub(super) fn check_level(text: &str) -> Result<()> {
    for part in text.split(',').map(str::trim) {
        let is_right = match part.rsplit_once('=') {
            None => is_level(part),
            Some((target, level)) => !target.is_empty() && is_level(level),
        };
        if !is_right {
            bail!(
                "KIVUKO__LOG__LEVEL={text}: \"{part}\" must be one of {}, or a filter such as kivuko=debug",
                LEVELS.join(", ")
            );
        }
    }
    tracing_subscriber::EnvFilter::try_new(text)
        .map(drop)
        .map_err(|error| anyhow::anyhow!("KIVUKO__LOG__LEVEL={text}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::check_level;

    #[test]
    fn a_level_or_filters_are_taken_and_any_other_word_is_not() {
        for right in ["info", "WARN", "off", "info,kivuko=debug", "warn,domain::service=trace"] {
            assert!(check_level(right).is_ok(), "{right}");
        }
        for wrong in ["chatty", "", "info,", "kivuko", "=,=", "kivuko=loud", "=info", "info;debug"]
        {
            let told = check_level(wrong).expect_err(wrong).to_string();
            assert!(told.starts_with("KIVUKO__LOG__LEVEL="), "{told}");
        }
    }
}
