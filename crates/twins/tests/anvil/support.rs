//! Nodes to test on. Nothing here asserts.

use serde_json::{Value, json};
use twins::anvil::{Address, Anvil, AnvilOptions, Chain, Mining, Sender};

pub(crate) const CUSTOMER: Sender = Sender::Account(1);
pub(crate) const OTHER: Sender = Sender::Account(2);

/// One dollar.
pub(crate) const UNIT: u128 = 1_000_000;

pub(crate) async fn node(mining: Mining) -> (Anvil, Chain) {
    let anvil = Anvil::start(AnvilOptions::mined(mining)).await.expect("a node");
    let chain = anvil.chain();
    (anvil, chain)
}

/// An address that nobody has a key of.
pub(crate) fn somebody(number: u8) -> Address {
    Address([number; 20])
}

/// A call over plain HTTP, as a foreign client makes it: the status, and the body if it is JSON.
pub(crate) async fn ask(url: &str, method: &str, params: Value) -> Result<(u16, Value), String> {
    let asked = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
    post(url, &asked).await
}

pub(crate) async fn post(url: &str, body: &Value) -> Result<(u16, Value), String> {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let answer = client.post(url).json(body).send().await.map_err(|error| error.to_string())?;
    let status = answer.status().as_u16();
    let text = answer.text().await.map_err(|error| error.to_string())?;
    Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
}

pub(crate) async fn result(url: &str, method: &str, params: Value) -> Value {
    let (status, answer) = ask(url, method, params).await.expect("an answer");
    assert_eq!(status, 200, "{answer}");
    answer.get("result").cloned().unwrap_or_else(|| panic!("{answer}"))
}
