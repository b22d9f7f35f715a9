//! Everything that is wrong with the settings, told at once: whoever sets a service up mends all of it
//! before the next start.

use std::fmt;

/// What is wrong, each with the variable to set and the reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<String>);

impl Faults {
    pub fn add(&mut self, fault: impl Into<String>) {
        let fault = fault.into();
        if !self.0.contains(&fault) {
            self.0.push(fault);
        }
    }

    /// Notes why something could not be made of the settings; answers it when it could.
    pub fn note<T>(&mut self, made: anyhow::Result<T>) -> Option<T> {
        made.map_err(|error| self.add(format!("{error:#}"))).ok()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// `value`, if nothing is wrong.
    ///
    /// # Errors
    /// With all faults.
    pub fn finish<T>(self, value: T) -> anyhow::Result<T> {
        if self.is_empty() { Ok(value) } else { Err(self.into()) }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [only] => f.write_str(only),
            all => {
                write!(f, "{} settings are wrong:", all.len())?;
                all.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
            }
        }
    }
}

impl std::error::Error for Faults {}

/// Notes a fault unless the condition holds.
macro_rules! require {
    ($faults:expr, $holds:expr, $($fault:tt)*) => {
        if !$holds {
            $faults.add(format!($($fault)*));
        }
    };
}
pub(super) use require;
