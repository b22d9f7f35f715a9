//! What the generated schemas leave unsaid: which fields are always sent, and how bodies look with
//! `nulls=plain`.

use serde_json::{Map, Value, json};

/// Bodies of requests: what they need, their fields say.
const REQUESTS: [&str; 6] =
    ["CreateOrder", "CreateOffer", "AmendOffer", "ProvisionUser", "PayOrder", "CancelOrder"];

/// Fields that only some views of an order have.
const OF_A_VIEW: [&str; 8] = [
    "attempts",
    "rate",
    "customer_email",
    "customer_phone",
    "vendor_email",
    "vendor_phone",
    "offer_type",
    "offer_rate",
];

/// Bodies with wrapped nulls.
const WRAPPED: [&str; 2] = ["Order", "Offer"];

const JSON: &str = "application/json";
const PLAIN_JSON: &str = "application/json; nulls=plain";

pub(super) fn complete(document: &mut Value) {
    if let Some(schemas) =
        document.pointer_mut("/components/schemas").and_then(Value::as_object_mut)
    {
        require_what_is_sent(schemas);
        add_plain_schemas(schemas);
    }
    let paths = document.pointer_mut("/paths").and_then(Value::as_object_mut);
    let items = paths.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut);
    for operation in items.flat_map(Map::values_mut) {
        add_plain_answers(operation);
        let parameters = operation.pointer_mut("/parameters").and_then(Value::as_array_mut);
        parameters.into_iter().flatten().for_each(separate_by_commas);
        let body = operation.pointer_mut("/requestBody/content/application~1json/schema");
        body.into_iter().for_each(leave_null_out);
    }
}

/// Every field of an answer is always there, empty or not.
fn require_what_is_sent(schemas: &mut Map<String, Value>) {
    let answers = schemas.iter_mut().filter(|(name, _)| !REQUESTS.contains(&name.as_str()));
    for (name, schema) in answers {
        let Some(properties) = schema["properties"].as_object() else { continue };
        let may_miss = |field: &str| name == "Order" && OF_A_VIEW.contains(&field);
        let sent: Vec<_> = properties.keys().filter(|field| !may_miss(field)).cloned().collect();
        schema["required"] = json!(sent);
    }
}

fn add_plain_schemas(schemas: &mut Map<String, Value>) {
    for name in WRAPPED {
        if let Some(schema) = schemas.get(name) {
            let plain = plain(schema);
            schemas.insert(format!("{name}Plain"), plain);
        }
    }
}

/// Beside each answer with wrapped nulls, the one with plain ones.
fn add_plain_answers(operation: &mut Value) {
    let responses = operation.pointer_mut("/responses").and_then(Value::as_object_mut);
    for response in responses.into_iter().flat_map(Map::values_mut) {
        let Some(content) = response.pointer_mut("/content").and_then(Value::as_object_mut) else {
            continue;
        };
        let Some(wrapped) = content.get(JSON) else { continue };
        let unwrapped = plain(wrapped);
        if unwrapped != *wrapped {
            content.insert(PLAIN_JSON.to_owned(), unwrapped);
        }
    }
}

/// The same without wrapped values.
fn plain(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let target = members.get("$ref").and_then(Value::as_str).unwrap_or_default();
            let schema = |name: &str| format!("#/components/schemas/{name}");
            if target == schema("NullString") {
                return described(members, json!({ "type": ["string", "null"] }));
            }
            if target == schema("NullTime") {
                let time = json!({ "type": ["string", "null"], "format": "date-time" });
                return described(members, time);
            }
            if let Some(name) = WRAPPED.into_iter().find(|name| target == schema(name)) {
                return json!({ "$ref": schema(&format!("{name}Plain")) });
            }
            members.iter().map(|(name, member)| (name.clone(), plain(member))).collect()
        }
        Value::Array(items) => items.iter().map(plain).collect(),
        other => other.clone(),
    }
}

fn described(members: &Map<String, Value>, mut schema: Value) -> Value {
    if let Some(description) = members.get("description") {
        schema["description"] = description.clone();
    }
    schema
}

/// `status=a,b`, not `status=a&status=b`.
fn separate_by_commas(parameter: &mut Value) {
    let is_list = parameter["schema"]["items"].is_object();
    if is_list {
        parameter["style"] = json!("form");
        parameter["explode"] = json!(false);
    }
}

/// A body that need not be sent is left out, rather than sent as `null`: generated clients stumble over
/// the choice.
fn leave_null_out(schema: &mut Value) {
    let is_null = |choice: &Value| choice["type"] == "null";
    let choices = schema["oneOf"].as_array();
    let only = choices.and_then(|choices| choices.iter().find(|choice| !is_null(choice)));
    if let Some(only) = only.cloned() {
        *schema = only;
    }
}
