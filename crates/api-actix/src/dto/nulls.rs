//! The seeds' wrapped nulls, in their one place: `{"String":"…","Valid":true}` and its kin. Clients
//! that ask for `nulls=plain` get the value or `null` instead.

use std::sync::LazyLock;

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT;
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use time::OffsetDateTime;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use super::shown::Time;
use crate::error::ApiError;
use crate::http::query::Query;
use crate::http::read;

/// How empty values look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// As the seeds have it.
    Wrapped,
    Plain,
}

impl Nulls {
    /// For requests with no other parameter.
    ///
    /// # Errors
    /// When `nulls` is anything but `plain`, or when there is something else.
    pub fn asked_by(request: &HttpRequest) -> Result<Self, ApiError> {
        let mut query = Query::of(request);
        let nulls = Self::read(&mut query, request);
        query.finish(nulls)
    }

    /// `?nulls=plain`, or `Accept: application/json; nulls=plain`.
    pub fn read(query: &mut Query, request: &HttpRequest) -> Self {
        let by_query = query.optional("nulls", |text| {
            read::one_of(text, |text| (text == "plain").then_some(()), &["plain"])
        });
        let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
        let by_header = accept.is_some_and(prefers_plain);
        if by_header || by_query.is_some() { Self::Plain } else { Self::Wrapped }
    }
}

/// Asked for by name, and not beside the form that everybody gets: a client that takes both has no
/// preference.
fn prefers_plain(accept: &str) -> bool {
    let is_json = |range: &&str| range.trim().starts_with("application/json");
    let is_plain = |range: &str| {
        range.split(';').skip(1).any(|part| part.trim().eq_ignore_ascii_case("nulls=plain"))
    };
    let mut ranges = accept.split(',').filter(is_json).peekable();
    ranges.peek().is_some() && ranges.all(is_plain)
}

/// A text that may be empty.
#[derive(Debug, Clone)]
pub struct NullString<'a>(pub Option<&'a str>, pub Nulls);

/// A time that may be empty.
#[derive(Debug, Clone)]
pub struct NullTime(pub Option<OffsetDateTime>, pub Nulls);

/// The empty values, written once: an order has a dozen of them.
static NO_STRING: LazyLock<Box<RawValue>> = LazyLock::new(|| raw(r#"{"String":"","Valid":false}"#));
static NO_TIME: LazyLock<Box<RawValue>> =
    LazyLock::new(|| raw(r#"{"Time":"0001-01-01T00:00:00Z","Valid":false}"#));

fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.to_owned()).expect("the two texts above are JSON")
}

impl Serialize for NullString<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.1 == Nulls::Plain {
            return self.0.serialize(serializer);
        }
        let Some(text) = self.0 else { return NO_STRING.serialize(serializer) };
        let mut wrapped = serializer.serialize_struct("NullString", 2)?;
        wrapped.serialize_field("String", text)?;
        wrapped.serialize_field("Valid", &true)?;
        wrapped.end()
    }
}

impl Serialize for NullTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.1 == Nulls::Plain {
            return self.0.map(Time).serialize(serializer);
        }
        let Some(time) = self.0 else { return NO_TIME.serialize(serializer) };
        let mut wrapped = serializer.serialize_struct("NullTime", 2)?;
        wrapped.serialize_field("Time", &Time(time))?;
        wrapped.serialize_field("Valid", &true)?;
        wrapped.end()
    }
}

/// The wrapped form; the description has schemas of their own for `nulls=plain`.
fn schema_of(name: &str, format: Option<&SchemaFormat>) -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(Type::String).format(format.cloned());
    let wrapped = ObjectBuilder::new()
        .property(name, text)
        .required(name)
        .property("Valid", ObjectBuilder::new().schema_type(Type::Boolean))
        .required("Valid")
        .description(Some("A value that may be empty: then `Valid` is false."));
    RefOr::T(wrapped.build().into())
}

impl PartialSchema for NullString<'_> {
    fn schema() -> RefOr<Schema> {
        schema_of("String", None)
    }
}

impl ToSchema for NullString<'_> {
    fn name() -> std::borrow::Cow<'static, str> {
        "NullString".into()
    }
}

impl PartialSchema for NullTime {
    fn schema() -> RefOr<Schema> {
        schema_of("Time", Some(&SchemaFormat::KnownFormat(KnownFormat::DateTime)))
    }
}

impl ToSchema for NullTime {
    fn name() -> std::borrow::Cow<'static, str> {
        "NullTime".into()
    }
}
