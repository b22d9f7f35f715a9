//! The API's description, generated from the handlers' own types; what all routes share is added
//! here once.

mod examples;
mod shapes;

use std::fmt::Write as _;

use serde_json::json;
use twins::daraja::SCENARIOS;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use crate::error::{FieldError, Problem};
use crate::routes::{hooks, offers, operations, order, orders, payment, users};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Kivuko",
        description = "Orders between mobile money and stablecoins: customers buy USDT with M-Pesa shillings, or sell it for them. HEAD answers wherever GET does, without the body.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        orders::create, orders::list, orders::pending,
        payment::pay,
        order::details, order::events, order::deposits, order::cancel,
        offers::create, offers::list, offers::list_by_type, offers::show, offers::amend,
        users::provision,
        hooks::callback,
        operations::health, operations::readiness, operations::metrics, operations::openapi,
    ),
    components(schemas(FieldError, Problem<'static>)),
    security(("bearer" = [])),
    modifiers(&Shared),
)]
#[derive(Debug)]
pub struct ApiDescription;

struct Shared;

/// What any route may answer, by who asks and how.
const EVERYWHERE: [(&str, &str); 4] = [
    ("408", "The request did not arrive in time"),
    ("413", "The body is too large"),
    ("500", "Something went wrong on our side"),
    ("503", "The database is away; try again after `Retry-After`"),
];
const BEHIND_THE_GATE: [(&str, &str); 6] = [
    ("400", "Malformed: every field that is, is named"),
    ("401", "No valid token"),
    ("403", "Not for this caller"),
    ("415", "The body is not application/json, or compressed"),
    ("422", "Well-formed, and against a rule"),
    ("429", "Too many requests; try again after `Retry-After`"),
];

impl Modify for Shared {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        if let Some(components) = &mut openapi.components {
            components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
        }
        for (path, item) in &mut openapi.paths.paths {
            let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch]
                .into_iter()
                .flatten();
            for operation in operations {
                let gated = if path.starts_with("/api/") { &BEHIND_THE_GATE[..] } else { &[] };
                for (status, description) in EVERYWHERE.iter().chain(gated) {
                    let known = &mut operation.responses.responses;
                    known.entry((*status).into()).or_insert_with(|| problem(description).into());
                }
                for response in operation.responses.responses.values_mut() {
                    as_problem(response);
                }
            }
        }
    }
}

fn problem(description: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(description).content(PROBLEM_JSON, content).build()
}

const PROBLEM_JSON: &str = "application/problem+json";

/// Problems that handlers declare are of the problem media type too.
fn as_problem(response: &mut RefOr<Response>) {
    let RefOr::T(response) = response else { return };
    let is_problem = |content: &RefOr<Content>| match content {
        RefOr::T(Content { schema: Some(RefOr::Ref(schema)), .. }) => {
            schema.ref_location.ends_with("/Problem")
        }
        _ => false,
    };
    if response.content.get("application/json").is_some_and(is_problem) {
        let content = response.content.swap_remove("application/json");
        response.content.extend(content.map(|content| (PROBLEM_JSON.to_owned(), content)));
    }
}

/// What a client can try where M-Pesa is a twin: phones with a fate of their own.
fn scenarios() -> String {
    let mut text = "\n\n## Phones to try\n\nWhere M-Pesa is a twin (`KIVUKO_ENV=local`), these phones \
        have a fate of their own, so that a client can walk its error paths. Every other phone pays and \
        can be paid.\n\n| phone | what happens |\n|---|---|\n"
        .to_owned();
    for scenario in SCENARIOS {
        let _a_string_takes_all =
            writeln!(text, "| `{}` | {} |", scenario.phone(), scenario.what_happens);
    }
    text
}

/// The document as JSON text, for readers whose requests go to `server`.
pub fn description(server: &str) -> String {
    let mut document = ApiDescription::openapi();
    let about = document.info.description.get_or_insert_default();
    about.push_str(&scenarios());
    let mut document = serde_json::to_value(document).unwrap_or_default();
    shapes::complete(&mut document);
    examples::add(&mut document);
    document["servers"] = json!([{ "url": server }]);
    document.to_string()
}
