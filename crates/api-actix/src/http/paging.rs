//! Pages: `page_id` and `page_size`, and the cursor that walks any depth at the same cost.

use actix_web::HttpRequest;
use domain::ports::{ArrivalPage, ArrivalPlace, ArrivalStart, PageRequest, Start};
use uuid::Uuid;

use super::fields::Fault;
use super::query::Query;
use super::read::rule;

/// Deeper than any list of ours; keeps offsets inside what the database counts with.
const MAX_PAGE_ID: i64 = 1_000_000_000;

/// Higher than any chain; keeps heights inside what the database counts with.
const MAX_HEIGHT: u64 = 1_000_000_000_000;

fn number(text: &str) -> Result<i64, Fault> {
    text.parse().map_err(|_| Fault {
        code: "wrong_type",
        message: "must be a whole number".into(),
        malformed: true,
    })
}

fn within(text: &str, least: i64, most: i64) -> Result<i64, Fault> {
    let value = number(text)?;
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    Err(rule("out_of_range", format!("must be between {least} and {most}")))
}

/// Rows of a page whose size nobody has asked for.
const DEFAULT_SIZE: i64 = 20;

/// Reads the page that a query must ask for, as the seeds' lists have it; a `cursor` takes the place of
/// `page_id`.
pub fn required_page(query: &mut Query) -> PageRequest {
    let page = page(query);
    let needed = [("page_size", true), ("page_id", query.get("cursor").is_none())];
    for (name, needed) in needed {
        if needed && query.get(name).is_none() {
            let message = "is required".to_owned();
            query.fault(name, Fault { code: "missing_field", message, malformed: true });
        }
    }
    page
}

/// Reads the page that a query asks for: the first of twenty rows, unless it says otherwise.
pub fn page(query: &mut Query) -> PageRequest {
    let size = query.optional("page_size", |text| within(text, 1, 100));
    let cursor = query.optional("cursor", cursor_from);
    let page_id = query.optional("page_id", |text| within(text, 1, MAX_PAGE_ID));
    let size = u8::try_from(size.unwrap_or(DEFAULT_SIZE)).unwrap_or(100);
    let start = match cursor {
        Some(id) => Start::After(id),
        None => Start::Offset((page_id.unwrap_or(1) - 1) * i64::from(size)),
    };
    PageRequest { start, size }
}

/// A cursor is the id of the last row, in hexadecimal behind a version; clients treat it as opaque.
fn cursor_from(text: &str) -> Result<Uuid, Fault> {
    let id = text.strip_prefix("c1").and_then(|hex| Uuid::try_parse(hex).ok());
    id.filter(|_| text.len() == 34).ok_or_else(no_cursor)
}

pub fn cursor(last: Uuid) -> String {
    format!("c1{}", last.simple())
}

/// Of what arrived for an order: who asks for no page gets the first.
pub fn arrivals(query: &mut Query) -> ArrivalPage {
    let size = query.optional("page_size", |text| within(text, 1, 100));
    let page_id = query.optional("page_id", |text| within(text, 1, MAX_PAGE_ID));
    let cursor = query.optional("cursor", arrival_from);
    let size = u8::try_from(size.unwrap_or(DEFAULT_SIZE)).unwrap_or(100);
    let offset = (page_id.unwrap_or(1) - 1) * i64::from(size);
    let start = cursor.map_or(ArrivalStart::Offset(offset), ArrivalStart::After);
    ArrivalPage { start, size }
}

/// The place of the last row, behind a version.
pub fn arrival_cursor(last: &ArrivalPlace) -> String {
    format!("d1.{}.{}.{}", last.height, last.ordinal, last.tx_hash)
}

fn arrival_from(text: &str) -> Result<ArrivalPlace, Fault> {
    let place = || {
        let mut parts = text.strip_prefix("d1.")?.splitn(3, '.');
        let height = parts.next()?.parse().ok().filter(|it| *it <= MAX_HEIGHT)?;
        let ordinal = parts.next()?.parse().ok()?;
        let tx_hash =
            parts.next().filter(|hash| hash.bytes().all(|it| it.is_ascii_alphanumeric()))?;
        Some(ArrivalPlace { height, ordinal, tx_hash: tx_hash.to_owned() })
    };
    place().ok_or_else(no_cursor)
}

fn no_cursor() -> Fault {
    Fault {
        code: "invalid_cursor",
        message: "is no cursor of ours: take it from the Link header".into(),
        malformed: true,
    }
}

/// `Link: <…>; rel="next"` for the page that begins at `cursor`: the same query, from there on.
pub fn next_link(request: &HttpRequest, cursor: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(request.query_string().as_bytes()) {
        match name.as_ref() {
            "cursor" => {}
            "page_id" => {
                let next = value.parse::<i64>().map_or(1, |page| page.saturating_add(1));
                query.append_pair("page_id", &next.min(MAX_PAGE_ID).to_string());
            }
            _ => drop(query.append_pair(&name, &value)),
        }
    }
    query.append_pair("cursor", cursor);
    format!("<{}?{}>; rel=\"next\"", request.path(), query.finish())
}
