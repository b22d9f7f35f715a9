//! Query strings, read like bodies: everything wrong is told at once. Unlike bodies they may carry
//! parameters that we do not know: proxies and trackers add theirs.

use crate::error::{ApiError, FieldError};
use crate::http::fields::Fault;

/// The parameters of a request, and what has been found wrong with them so far.
#[derive(Debug)]
pub struct Query {
    values: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

impl Query {
    pub fn parse(query: &str) -> Self {
        let pairs = form_urlencoded::parse(query.as_bytes());
        Self { values: pairs.into_owned().collect(), errors: Vec::new() }
    }

    /// The first value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn optional<T>(
        &mut self,
        name: &str,
        read: impl Fn(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        match read(self.get(name)?) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.fault(name, fault);
                None
            }
        }
    }

    pub fn fault(&mut self, name: &str, fault: Fault) {
        let Fault { code, message, malformed } = fault;
        self.errors.push(FieldError { field: name.to_owned(), code, message, malformed });
    }

    /// The result, if nothing was wrong with any parameter.
    pub fn finish<T>(self, result: T) -> Result<T, ApiError> {
        if self.errors.is_empty() { Ok(result) } else { Err(ApiError::Fields(self.errors)) }
    }
}
