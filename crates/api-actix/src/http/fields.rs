//! A JSON object read field by field, so that everything wrong with it is told at once: what is
//! missing, mistyped, unknown or there twice.

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::error::{ApiError, FieldError};

/// What is wrong with a value: a code, a message, and whether it is malformed (400) or only against
/// a rule (422).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub code: &'static str,
    pub message: String,
    pub malformed: bool,
}

/// Reads a value of one kind.
pub type Reader<T> = fn(&Value) -> Result<T, Fault>;

/// The fields of an object, and what has been found wrong with them so far.
#[derive(Debug, Default)]
pub struct Fields {
    values: Vec<(String, Value)>,
    read: Vec<&'static str>,
    errors: Vec<FieldError>,
}

struct Pairs(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Pairs;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

impl Fields {
    /// Takes a body apart.
    ///
    /// # Errors
    /// `InvalidJson` when it is no JSON object.
    pub fn parse(body: &[u8]) -> Result<Self, ApiError> {
        if body.is_empty() {
            return Err(ApiError::InvalidJson("a JSON object is required as the body".into()));
        }
        let Pairs(pairs) = serde_json::from_slice(body).map_err(|error| {
            ApiError::InvalidJson(format!("the body is no JSON object: {error}"))
        })?;
        let mut fields = Self::default();
        for (name, value) in pairs {
            if fields.values.iter().any(|(known, _)| *known == name) {
                fields.malformed(&name, "duplicate_field", "is there twice; send it once".into());
            } else {
                fields.values.push((name, value));
            }
        }
        Ok(fields)
    }

    /// The canonical text of the object: sorted by name, without spaces.
    pub fn canonical(&self) -> String {
        let sorted: std::collections::BTreeMap<_, _> =
            self.values.iter().map(|(name, value)| (name, value)).collect();
        serde_json::to_string(&sorted).unwrap_or_default()
    }

    /// A field that must be there.
    pub fn required<T>(&mut self, name: &'static str, reader: Reader<T>) -> Option<T> {
        let there = self.is_there(name);
        let value = self.optional(name, reader);
        if !there {
            self.malformed(name, "missing_field", "is required".into());
        }
        value
    }

    /// A field that may be left out, or be null.
    pub fn optional<T>(&mut self, name: &'static str, reader: Reader<T>) -> Option<T> {
        self.read.push(name);
        let value = self.values.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        match value.filter(|value| !value.is_null()).map(reader)? {
            Ok(value) => Some(value),
            Err(fault) => {
                let Fault { code, message, malformed } = fault;
                self.errors.push(FieldError { field: name.to_owned(), code, message, malformed });
                None
            }
        }
    }

    pub fn is_there(&self, name: &str) -> bool {
        self.values.iter().any(|(known, value)| known == name && !value.is_null())
    }

    /// The fields that have been asked for, in that order.
    #[cfg(test)]
    pub fn asked_for(&self) -> Vec<&'static str> {
        self.read.clone()
    }

    /// Adds what is wrong between fields.
    pub fn fault(&mut self, field: &str, fault: Fault) {
        let Fault { code, message, malformed } = fault;
        self.errors.push(FieldError { field: field.to_owned(), code, message, malformed });
    }

    /// The result, if nothing was wrong with any field and none is unknown.
    ///
    /// # Errors
    /// Everything that was wrong, all at once.
    pub fn finish<T>(mut self, result: Option<T>) -> Result<T, ApiError> {
        let known = self.read.join(", ");
        let names = self.values.iter().map(|(name, _)| name.clone());
        let unknown: Vec<_> = names.filter(|name| !self.read.contains(&name.as_str())).collect();
        for name in unknown {
            let message = format!("is no field of this request; there are: {known}");
            self.malformed(&name, "unknown_field", message);
        }
        match result {
            Some(result) if self.errors.is_empty() => Ok(result),
            None if self.errors.is_empty() => Err(ApiError::Internal("a field was lost".into())),
            _ => Err(ApiError::of_fields(self.errors)),
        }
    }

    fn malformed(&mut self, field: &str, code: &'static str, message: String) {
        self.fault(field, Fault { code, message, malformed: true });
    }
}
