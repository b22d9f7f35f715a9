//! What operators, tools and readers get: health, metrics, the description of the API, its page.

use std::collections::{BTreeMap, BTreeSet};

use e2e::{Answer, Stage, TestApp, buy, send};
use reqwest::Method;
use serde_json::{Value, json};

const LIST: &str = "/api/v1/auth/orders?page_id=1&page_size=10";

/// Every route that the service has.
const ROUTES: [(&str, &str); 19] = [
    ("/api/v1/auth/offers", "GET"),
    ("/api/v1/auth/offers", "POST"),
    ("/api/v1/auth/offers/type/{offer_type}", "GET"),
    ("/api/v1/auth/offers/{id}", "GET"),
    ("/api/v1/auth/offers/{id}", "PATCH"),
    ("/api/v1/auth/order/id/{id}/cancel", "PUT"),
    ("/api/v1/auth/order/id/{id}/deposits", "GET"),
    ("/api/v1/auth/order/id/{id}/details", "GET"),
    ("/api/v1/auth/order/id/{id}/events", "GET"),
    ("/api/v1/auth/orders", "GET"),
    ("/api/v1/auth/orders", "POST"),
    ("/api/v1/auth/orders/payment", "POST"),
    ("/api/v1/auth/orders/pending", "GET"),
    ("/api/v1/auth/users/provision", "POST"),
    ("/healthz", "GET"),
    ("/hooks/{door}/{token}", "POST"),
    ("/metrics", "GET"),
    ("/openapi.json", "GET"),
    ("/readyz", "GET"),
];

#[tokio::test]
async fn health_and_readiness_are_told_to_anybody() {
    let app = TestApp::start().await;
    for path in ["/healthz", "/readyz"] {
        for token in ["", "nonsense"] {
            let answer = app.get(path, token).await.expect(200);
            assert_eq!(answer.json["status"], "ok");
            assert!(answer.text_of("version").starts_with(|c: char| c.is_ascii_digit()));
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn metrics_count_requests_by_route_and_name_nobody() {
    let app = TestApp::start().await;
    let placed = app.place(&app.customer, &buy()).await;
    app.details(&app.customer, placed.id()).await.expect(200);
    app.get("/somewhere/254727648169", &app.customer).await;
    let metrics = app.get("/metrics", "").await.expect(200);
    let media_type = metrics.header("content-type").unwrap_or_default();
    assert!(media_type.starts_with("text/plain; version=0.0.4"), "{media_type}");
    let counted = |method: &str, route: &str, status: &str| {
        metrics.text.lines().any(|line| {
            line.starts_with("http_requests_total{")
                && [("method", method), ("route", route), ("status", status)]
                    .iter()
                    .all(|(name, value)| line.contains(&format!("{name}=\"{value}\"")))
        })
    };
    assert!(counted("POST", "/api/v1/auth/orders", "201"), "{}", metrics.text);
    let details = "/api/v1/auth/order/id/{id}/details";
    assert!(counted("GET", details, "200"), "{}", metrics.text);
    assert!(metrics.text.contains("http_request_seconds_bucket"));
    for private in [placed.id(), "254727648169", "amina", "b523ed51"] {
        assert!(!metrics.text.contains(private), "{private}");
    }
    app.finish().await;
}

/// The methods that the document has for every path.
fn documented(document: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let paths = document["paths"].as_object().expect("paths");
    let methods = |item: &Value| {
        let names = item.as_object().expect("an item").keys();
        names.map(|name| name.to_uppercase()).collect()
    };
    paths.iter().map(|(path, item)| (path.clone(), methods(item))).collect()
}

#[tokio::test]
async fn the_description_lists_exactly_the_routes_that_are_served() {
    let app = TestApp::start().await;
    let answer = app.get("/openapi.json", "").await.expect(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let document = &answer.json;
    assert!(document["openapi"].as_str().is_some_and(|v| v.starts_with("3.1.")));
    let documented = documented(document);
    let mut known: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, method) in ROUTES {
        known.entry(path.into()).or_default().insert(method.into());
    }
    assert_eq!(documented, known);
    for (path, methods) in documented {
        let path = path
            .replace("{id}", "00000000-0000-7000-8000-00000000dead")
            .replace("{offer_type}", "SELL");
        let odd = Method::from_bytes(b"BREW").expect("a method");
        let refused = send(app.request(odd, &path, &app.admin)).await;
        refused.problem(405, "method_not_allowed");
        let allowed = refused.header("allow").expect("allow");
        let mut allowed: BTreeSet<String> = allowed.split(", ").map(str::to_owned).collect();
        // HEAD goes wherever GET does, and needs no description of its own.
        assert_eq!(allowed.remove("HEAD"), allowed.contains("GET"), "{path}");
        assert_eq!(allowed, methods, "{path}");
    }
    app.finish().await;
}

/// Every `$ref` in the document.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str() {
                    Some(target) if name == "$ref" => drop(found.insert(target.to_owned())),
                    _ => references(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn the_description_is_whole() {
    let app = TestApp::start().await;
    let document = app.get("/openapi.json", "").await.expect(200).json;
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        let pointer = reference.strip_prefix('#').expect("a local reference");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("an item") {
            let id = operation["operationId"].as_str().expect("an operationId");
            assert!(ids.insert(id.to_owned()), "{id} twice");
            let responses = operation["responses"].as_object().expect("responses");
            let lists = ["parameters", "security", "tags"].map(|name| operation.get(name));
            assert!(lists.into_iter().flatten().all(Value::is_array), "{method} {path}");
            let gated = path.starts_with("/api/");
            assert_eq!(responses.contains_key("401"), gated, "{method} {path}");
            for (status, response) in
                responses.iter().filter(|(status, _)| status.as_str() >= "400")
            {
                let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/Problem", "{method} {path} {status}");
            }
        }
    }
    app.finish().await;
}

/// The values of an attribute in an HTML text.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let begin = format!("{name}=\"");
    let rest = html.split(begin.as_str()).skip(1);
    rest.filter_map(|rest| rest.split('"').next()).collect()
}

#[tokio::test]
async fn the_docs_page_and_all_it_needs_come_from_the_service() {
    let app = TestApp::start().await;
    let moved = app.get("/docs", "").await;
    assert!((300..400).contains(&moved.status), "{}", moved.status);
    assert_eq!(moved.header("location"), Some("/docs/"));
    let html = app.get("/docs/", "").await.expect(200);
    assert!(html.header("content-type").is_some_and(|t| t.starts_with("text/html")));
    let mut assets = attributes(&html.text, "src");
    assets.extend(attributes(&html.text, "href"));
    assert!(assets.len() >= 4, "{}", html.text);
    let mut texts = vec![html.text.clone()];
    for asset in assets {
        assert!(!asset.contains("//"), "{asset} is elsewhere");
        let path = format!("/docs/{}", asset.trim_start_matches("./"));
        texts.push(app.get(&path, "").await.expect(200).text);
    }
    let inline: Vec<&str> = html.text.split("<script").skip(1).collect();
    assert!(
        inline.iter().all(|script| !script.contains("http://") && !script.contains("https://"))
    );
    assert!(texts.iter().any(|text| text.contains("/openapi.json")));
    app.finish().await;
}

async fn with_id(app: &TestApp, path: &str, id: &[u8]) -> Answer {
    let request = app.request(Method::GET, path, &app.customer);
    send(request.header("x-request-id", id)).await
}

#[tokio::test]
async fn a_request_id_is_taken_over_or_made() {
    let app = TestApp::start().await;
    for path in [LIST, "/healthz", "/nothing", "/api/v1/auth/orders"] {
        let answer = with_id(&app, path, b"my-request.1:a/b").await;
        assert_eq!(answer.header("x-request-id"), Some("my-request.1:a/b"), "{path}");
        let mut made = BTreeSet::new();
        for unfit in [&b""[..], &[b'x'; 129], b"two words", "ключ".as_bytes()] {
            let answer = with_id(&app, path, unfit).await;
            let id = answer.header("x-request-id").expect("an id").to_owned();
            assert!(id.parse::<uuid::Uuid>().is_ok(), "{id}");
            assert!(made.insert(id), "every request has its own");
        }
    }
    app.finish().await;
}

#[tokio::test]
async fn operations_can_have_a_port_of_their_own() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let stage = Stage::test().set("KIVUKO__HTTP__OPERATIONS_PORT", port);
    let app = stage.start().await;
    let elsewhere = async |path: &str| {
        let answer = reqwest::get(format!("http://127.0.0.1:{port}{path}")).await;
        answer.expect("an answer")
    };
    for path in ["/readyz", "/metrics"] {
        app.get(path, "").await.problem(404, "not_found");
        assert_eq!(elsewhere(path).await.status(), 200, "{path}");
    }
    // The page stands beside the API, so that what is tried there reaches it.
    let document = app.get("/openapi.json", "").await.expect(200).json;
    assert_eq!(document["servers"][0]["url"], "/");
    app.get("/docs/", "").await.expect(200);
    for path in ["/docs", "/docs/", "/docs/index.html"] {
        let led = elsewhere(path).await;
        assert_eq!((led.status().as_u16(), led.url().path()), (200, "/docs/"), "{path}");
        assert_eq!(led.url().port(), app.url.rsplit(':').next().and_then(|it| it.parse().ok()));
    }
    let told: Value = elsewhere("/openapi.json").await.json().await.expect("a description");
    let server = told["servers"][0]["url"].as_str().expect("a server").to_owned();
    let list = reqwest::Client::new().get(format!("{server}{LIST}")).bearer_auth(&app.customer);
    assert_eq!(list.send().await.expect("an answer").status(), 200, "{server}");
    app.get("/healthz", "").await.expect(200);
    let api = reqwest::get(format!("http://127.0.0.1:{port}{LIST}")).await;
    let api = api.expect("an answer");
    assert_eq!(api.status(), 404);
    let problem: Value = api.json().await.expect("a problem");
    assert_eq!(problem["code"], json!("not_found"));
    app.finish().await;
}

async fn description(app: &TestApp) -> Value {
    app.get("/openapi.json", "").await.expect(200).json
}

/// The enum of a schema, or of the property of one.
fn words_of(document: &Value, pointer: &str) -> BTreeSet<String> {
    let mut schema = document.pointer(&format!("/components/schemas/{pointer}"));
    let choice = schema.and_then(|schema| schema["oneOf"].as_array());
    if let Some(choices) = choice {
        schema = choices.iter().find(|choice| choice["type"] != "null");
    }
    if let Some(target) = schema.and_then(|schema| schema["$ref"].as_str()) {
        schema = document.pointer(target.trim_start_matches('#'));
    }
    let words = schema.and_then(|schema| schema["enum"].as_array());
    let words = words.unwrap_or_else(|| panic!("{pointer} is no closed set"));
    words.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[tokio::test]
async fn closed_sets_are_enums_in_the_description() {
    let app = TestApp::start().await;
    let document = description(&app).await;
    for (pointer, some) in [
        ("Order/properties/status_reason", "under_review"),
        ("Waiting/properties/actor", "operator"),
        ("Waiting/properties/code", "prompt_answer"),
        ("Deposit/properties/disposition", "look_alike"),
        ("Deposit/properties/stage", "reverted"),
        ("Deposit/properties/network", "ethereum"),
        ("Deposit/properties/asset", "USDC"),
        ("ChainHealth/properties/network", "tron"),
        ("OrderEvent/properties/actor", "system"),
        ("OrderEvent/properties/kind", "place"),
        ("OrderEvent/properties/kind", "payment_confirmed"),
        ("OrderEvent/properties/state", "on_hold"),
        ("PaymentBody/properties/state", "submit_unknown"),
        ("Readiness/properties/status", "degraded"),
        ("Problem/properties/code", "network_not_open"),
        ("FieldError/properties/code", "unknown_parameter"),
    ] {
        assert!(words_of(&document, pointer).contains(some), "{some} in {pointer}");
    }
    let codes = words_of(&document, "Problem/properties/code");
    assert_eq!(codes.iter().map(String::as_str).collect::<BTreeSet<_>>(), e2e::problem_codes());
    app.finish().await;
}

/// The names that a schema requires, and all that it has.
fn fields_of(document: &Value, schema: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let schema = &document["components"]["schemas"][schema];
    let required = schema["required"].as_array().expect("required fields");
    let required = required.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let all = schema["properties"].as_object().expect("properties").keys().cloned().collect();
    (required, all)
}

fn members(value: &Value) -> BTreeSet<String> {
    value.as_object().expect("an object").keys().cloned().collect()
}

#[tokio::test]
async fn what_is_always_sent_is_required_and_what_is_sent_is_described() {
    let app = TestApp::start().await;
    let document = description(&app).await;
    let placed = app.place(&app.customer, &buy()).await;
    let (required, all) = fields_of(&document, "Order");
    assert_eq!(members(&placed.json), required, "the common fields");
    let details = app.details(&app.customer, placed.id()).await.expect(200);
    assert!(
        members(&details.json).is_superset(&required) && all.is_superset(&members(&details.json))
    );
    let events = app.events(&app.customer, placed.id()).await.expect(200);
    let offer = app.offer(e2e::SELL_OFFER).await;
    let refused = app.post("/api/v1/auth/orders", &app.customer, &json!({})).await;
    for (schema, sent) in [
        ("Waiting", &placed.json["waiting_for"]),
        ("OrderEvent", &events.json[0]),
        ("Offer", &offer.json),
        ("Problem", &refused.json),
        ("FieldError", &refused.json["errors"][0]),
    ] {
        let (required, all) = fields_of(&document, schema);
        assert_eq!((&required, &all), (&members(sent), &members(sent)), "{schema}");
    }
    app.finish().await;
}

#[tokio::test]
async fn plain_nulls_have_schemas_of_their_own() {
    let app = TestApp::start().await;
    let document = description(&app).await;
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["NullString"]["required"], json!(["String", "Valid"]), "no union");
    assert!(schemas["NullTime"].get("oneOf").is_none());
    let reference = "#/components/schemas/NullTime";
    assert_eq!(schemas["Order"]["properties"]["completed_at"]["$ref"], reference);
    let plain = &schemas["OrderPlain"]["properties"]["completed_at"];
    assert_eq!(
        (&plain["type"], &plain["format"]),
        (&json!(["string", "null"]), &json!("date-time"))
    );
    assert_eq!(schemas["OrderPlain"]["required"], schemas["Order"]["required"]);
    let list = &document["paths"]["/api/v1/auth/orders"]["get"]["responses"]["200"]["content"];
    let items = |media: &str| list[media]["schema"]["items"]["$ref"].clone();
    assert_eq!(items("application/json"), "#/components/schemas/Order");
    assert_eq!(items("application/json; nulls=plain"), "#/components/schemas/OrderPlain");
    // Clients that are made from it ask for both, and get what everybody gets.
    let both = "application/json, application/json; nulls=plain";
    let request = app.request(Method::GET, LIST, &app.customer).header("accept", both);
    app.place(&app.customer, &buy()).await;
    let listed = send(request).await.expect(200);
    assert_eq!(listed.json[0]["completed_at"]["Valid"], false, "{}", listed.text);
    app.finish().await;
}

#[tokio::test]
async fn the_examples_of_the_description_work_as_printed() {
    let app = TestApp::start().await;
    let document = description(&app).await;
    let mut tried = 0;
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("an item") {
            let body = &operation["requestBody"]["content"]["application/json"];
            for (name, example) in body["examples"].as_object().into_iter().flatten() {
                let body = &example["value"];
                let token = match (operation["operationId"].as_str(), name.as_str()) {
                    (Some("create_order"), "sell") => &app.seller,
                    (Some("create_order" | "cancel_order"), _) => &app.customer,
                    (Some("create_offer" | "amend_offer"), _) => &app.vendor,
                    _ => &app.admin,
                };
                let placed = app.place(&app.customer, &buy()).await;
                let id = if path.contains("/offers/") {
                    e2e::SELL_OFFER.to_string()
                } else {
                    placed.id().to_owned()
                };
                let method = method.to_uppercase().parse::<Method>().expect("a method");
                let request = app.request(method.clone(), &path.replace("{id}", &id), token);
                let answer = send(request.json(body)).await;
                let expected = if method == Method::POST { 201 } else { 200 };
                assert_eq!(answer.status, expected, "{path} {name}: {}", answer.text);
                tried += 1;
            }
        }
    }
    assert!(tried >= 6, "{tried}");
    let cancel = &document["paths"]["/api/v1/auth/order/id/{id}/cancel"]["put"]["requestBody"];
    assert_ne!(cancel["required"], true, "no body is needed");
    let schema = &cancel["content"]["application/json"]["schema"]["$ref"];
    assert_eq!(schema, "#/components/schemas/CancelOrder", "and null is not offered");
    app.finish().await;
}
