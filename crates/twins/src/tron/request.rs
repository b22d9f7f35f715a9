//! The fields of a request, read as a node reads them.

use serde_json::{Map, Value};

use super::address::Address;
use super::hashing::Hash;
use super::hex;
use crate::http::Call;

/// What cannot be read, in the node's words: it says so with status 200.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misread(pub(super) String);

pub(super) type Read<T> = Result<T, Misread>;

#[derive(Debug)]
pub(super) struct Request {
    fields: Map<String, Value>,
    /// Addresses are in base58 and messages in words.
    pub(super) is_visible: bool,
}

impl Misread {
    pub(super) fn new(class: &str, words: impl std::fmt::Display) -> Self {
        Self(format!("class {class} : {words}"))
    }

    fn argument(words: impl std::fmt::Display) -> Self {
        Self::new("java.lang.IllegalArgumentException", words)
    }
}

impl Request {
    pub(super) fn read(call: &Call) -> Read<Self> {
        let fields = if call.method == "GET" { from_query(&call.query) } else { json(&call.body)? };
        Ok(Self::new(fields))
    }

    fn new(fields: Map<String, Value>) -> Self {
        let is_visible = match fields.get("visible") {
            Some(Value::String(text)) => text == "true",
            Some(value) => value.as_bool().unwrap_or_default(),
            None => false,
        };
        Self { fields, is_visible }
    }

    /// What is within is written as what is around it.
    pub(super) fn within(fields: Map<String, Value>, is_visible: bool) -> Self {
        Self { fields, is_visible }
    }

    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.value(name)?.as_str()
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.value(name).and_then(Value::as_bool).unwrap_or_default()
    }

    /// A number, or its digits; what is not there is 0.
    pub(super) fn number(&self, name: &str) -> Read<i64> {
        let Some(value) = self.value(name) else { return Ok(0) };
        let digits = value.as_str().and_then(|text| text.parse().ok());
        let number = value.as_i64().or(digits);
        number.ok_or_else(|| Misread::argument(format_args!("{name} is no number")))
    }

    pub(super) fn height(&self, name: &str) -> Read<Option<u64>> {
        Ok(u64::try_from(self.number(name)?).ok())
    }

    /// In hex, or in base58 where `visible` is set.
    pub(super) fn address(&self, name: &str) -> Read<Address> {
        let text = self.text(name).unwrap_or_default();
        let is_hex = text.len() == 42;
        let address = text.parse().ok().filter(|_| is_hex != self.is_visible);
        address.ok_or_else(|| {
            let class = "org.tron.core.services.http.JsonFormat$ParseException";
            Misread::new(class, format_args!("{name}: INVALID address, {text}"))
        })
    }

    pub(super) fn bytes(&self, name: &str) -> Read<Vec<u8>> {
        let text = self.text(name).unwrap_or_default();
        hex::decode(text).ok_or_else(|| {
            let class = "org.bouncycastle.util.encoders.DecoderException";
            Misread::new(class, format_args!("exception decoding Hex string: {name}"))
        })
    }

    /// `None` where the bytes are no id of anything.
    pub(super) fn hash(&self, name: &str) -> Read<Option<Hash>> {
        Ok(self.bytes(name)?.try_into().ok())
    }
}

fn json(body: &str) -> Read<Map<String, Value>> {
    if body.trim().is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_str(body)
        .map_err(|error| Misread::new("com.alibaba.fastjson.JSONException", error))
}

/// Numbers and flags stay texts; [`Request`] reads them all the same.
fn from_query(query: &str) -> Map<String, Value> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
}
