//! The rows of the table: for each, what the load generator sends and how pgbench picks the same.

use crate::pgbench::Swaps;
use crate::world::{
    ADMIN, Block, CALLERS, COINS, CUSTOMER_PREFIX, HOT_OFFER, OFFER_PREFIX, OFFERS, ORDER_ID_SQL,
    RATE, VENDOR_PREFIX, VENDORS, WALLET, numbered, numbered_sql,
};
use clap::ValueEnum;
use serde::Serialize;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Row {
    List,
    Cursor,
    Pending,
    Details,
    Create,
    CreateHot,
    Cancel,
}

/// The bearer tokens that requests are sent with.
#[derive(Debug, Clone)]
pub(crate) struct Tokens {
    pub(crate) admin: String,
    /// Every order can be read by its vendor, so vendors ask for details.
    pub(crate) vendors: Vec<String>,
    pub(crate) customers: Vec<String>,
}

/// What the requests of a run are about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Aim {
    pub(crate) past: Block,
    /// The orders to cancel; each once.
    pub(crate) pool: Block,
}

/// Of the capture: who asked for what. The swaps look for these values.
pub(crate) const CAPTURED_CUSTOMER: i64 = 3;
pub(crate) const CAPTURED_OFFER: i64 = 17;

impl Aim {
    /// The order whose cursor is `depth` orders below the newest of the past.
    pub(crate) fn at_depth(&self, depth: i64) -> i64 {
        (self.past.count - depth).clamp(0, self.past.count - 1)
    }

    /// 900,000 of a million.
    pub(crate) fn depth(&self) -> i64 {
        self.past.count / 10 * 9
    }

    /// Cursors to choose among: those of the orders from the depth on.
    fn cursors(&self) -> (i64, i64) {
        let first = self.at_depth(self.depth());
        ((first - self.past.count / 100).max(0), first)
    }
}

impl Row {
    pub(crate) const ALL: [Self; 7] = [
        Self::List,
        Self::Cursor,
        Self::Pending,
        Self::Details,
        Self::Create,
        Self::CreateHot,
        Self::Cancel,
    ];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::List => "list, page 1",
            Self::Cursor => "list, by cursor at 90 % depth",
            Self::Pending => "pending, page 1",
            Self::Details => "details",
            Self::Create => "create, 1,000 offers",
            Self::CreateHot => "create, one hot offer",
            Self::Cancel => "cancel",
        }
    }

    /// The least share of pgbench's transactions per second that is wanted.
    pub(crate) fn target(self) -> Option<f64> {
        match self {
            Self::List => Some(0.4),
            Self::Details => Some(0.45),
            Self::Create | Self::CreateHot => Some(0.6),
            Self::Cursor | Self::Pending | Self::Cancel => None,
        }
    }

    pub(crate) fn writes(self) -> bool {
        matches!(self, Self::Create | Self::CreateHot | Self::Cancel)
    }

    /// The Lua that sends this row's requests.
    pub(crate) fn lua(self, aim: &Aim, tokens: &Tokens) -> String {
        let admin = &tokens.admin;
        match self {
            Self::List => fixed("/api/v1/auth/orders?page_id=1&page_size=20", admin),
            Self::Pending => fixed("/api/v1/auth/orders/pending?page_id=1&page_size=20", admin),
            Self::Cursor => {
                let ((first, last), Block { start_ms, step_ms, .. }) = (aim.cursors(), aim.past);
                format!(
                    r#"
local token = "{admin}"
function request()
  local ms = {start_ms} + math.random({first}, {last}) * {step_ms}
  local cursor = string.format("c1%08x%04x70008000000000000000", math.floor(ms / 65536), ms % 65536)
  return get("/api/v1/auth/orders?page_size=20&cursor=" .. cursor, token)
end"#
                )
            }
            Self::Details => {
                let Block { start_ms, step_ms, count } = aim.past;
                let (tokens, last) = (lua_list(&tokens.vendors), count - 1);
                format!(
                    r#"
local tokens = {tokens}
function request()
  local n = math.random(0, {last})
  local ms = {start_ms} + n * {step_ms}
  local id = string.format("%08x-%04x-7000-8000-000000000000", math.floor(ms / 65536), ms % 65536)
  return get("/api/v1/auth/order/id/" .. id .. "/details", tokens[n % {OFFERS} % {VENDORS} + 1])
end"#
                )
            }
            Self::Create => creates("math.random(0, 999)", tokens),
            Self::CreateHot => creates(&HOT_OFFER.to_string(), tokens),
            Self::Cancel => {
                let Block { start_ms, step_ms, .. } = aim.pool;
                let tokens = lua_list(&tokens.customers);
                format!(
                    r#"
local tokens = {tokens}
local turn = 0
function request()
  local n = turn * 2 + number
  turn = turn + 1
  local ms = {start_ms} + n * {step_ms}
  local id = string.format("%08x-%04x-7000-8000-000000000000", math.floor(ms / 65536), ms % 65536)
  return send("PUT", "/api/v1/auth/order/id/" .. id .. "/cancel", tokens[n % {CALLERS} + 1], "")
end"#
                )
            }
        }
    }

    /// How pgbench picks what this row's statements are about. `captured` is the id of the order
    /// that the captured request was about, or whose cursor it sent.
    pub(crate) fn swaps(self, aim: &Aim, captured: &str, now_ms: i64, clients: u32) -> Swaps {
        let Block { start_ms, step_ms, count } = aim.past;
        let order = (captured.to_owned(), ORDER_ID_SQL.to_owned());
        match self {
            Self::List | Self::Pending => Swaps::default(),
            Self::Cursor | Self::Details => {
                let (first, last) = match self {
                    Self::Cursor => aim.cursors(),
                    _ => (0, count - 1),
                };
                Swaps {
                    prelude: format!("\\set ms {start_ms} + random({first}, {last}) * {step_ms}\n"),
                    exact: vec![order],
                    fresh_times: false,
                }
            }
            Self::Create | Self::CreateHot => {
                let offer = match self {
                    Self::Create => "random(0, 999)".to_owned(),
                    _ => HOT_OFFER.to_string(),
                };
                // As the service makes ids: 48 bits of milliseconds, version 7, then chance.
                let id = "(lpad(to_hex(:high::bigint), 16, '0') || to_hex(:low::bigint))::uuid";
                let mut exact = people_and_offer();
                exact.push((captured.to_owned(), id.to_owned()));
                Swaps {
                    prelude: format!(
                        "\\set offer {offer}\n\
                         \\set vendor :offer % {VENDORS}\n\
                         \\set customer {CALLERS} + random(0, {})\n\
                         \\set turn :turn + 1\n\
                         \\set high ({now_ms} + :turn) * 65536 + 28672\n\
                         \\set low -9223372036854775807 + random(0, 4611686018427387902)\n",
                        CALLERS - 1
                    ),
                    exact,
                    fresh_times: true,
                }
            }
            Self::Cancel => {
                let Block { start_ms, step_ms, .. } = aim.pool;
                let mut exact = people_and_offer();
                exact.push(order);
                Swaps {
                    prelude: format!(
                        "\\set n :turn * {clients} + :client_id\n\
                         \\set turn :turn + 1\n\
                         \\set offer :n % {OFFERS}\n\
                         \\set customer {CALLERS} + :n % {CALLERS}\n\
                         \\set ms {start_ms} + :n * {step_ms}\n"
                    ),
                    exact,
                    fresh_times: true,
                }
            }
        }
    }
}

fn people_and_offer() -> Vec<(String, String)> {
    let swap =
        |prefix, number, variable| (numbered(prefix, number), numbered_sql(prefix, variable));
    vec![
        swap(OFFER_PREFIX, CAPTURED_OFFER, "offer"),
        swap(VENDOR_PREFIX, CAPTURED_OFFER % VENDORS, "vendor"),
        swap(CUSTOMER_PREFIX, CAPTURED_CUSTOMER, "customer"),
    ]
}

/// The body that creates an order of the usual size.
pub(crate) fn create_body(customer: &str, vendor: &str, offer: &str) -> String {
    let shillings = COINS * RATE;
    format!(
        r#"{{"customer_id":"{customer}","vendor_id":"{vendor}","offer_id":"{offer}","usdt_amount":"{COINS}.00","fiat_amount":"{shillings}.00","fiat_currency":"KES","wallet_address":"{WALLET}","payment_method":"mpesa","order_type":"ON_RAMP_BUY"}}"#
    )
}

/// A thousand prepared orders, sent in any order.
fn creates(offer: &str, tokens: &Tokens) -> String {
    let body = create_body("%s", "%s", "%s");
    let tokens = lua_list(&tokens.customers);
    format!(
        r#"
local tokens = {tokens}
local requests = {{}}
function prepare()
  for i = 1, 1000 do
    local offer, customer = {offer}, math.random(0, {CALLERS} - 1)
    local body = string.format('{body}',
      string.format("{CUSTOMER_PREFIX}%012x", customer),
      string.format("{VENDOR_PREFIX}%012x", offer % {VENDORS}),
      string.format("{OFFER_PREFIX}%012x", offer))
    requests[i] = send("POST", "/api/v1/auth/orders", tokens[customer + 1], body)
  end
end
function request()
  return requests[math.random(1, 1000)]
end"#
    )
}

fn fixed(path: &str, token: &str) -> String {
    format!("\nlocal fixed = get(\"{path}\", \"{token}\")\nfunction request() return fixed end")
}

fn lua_list(texts: &[String]) -> String {
    let quoted: Vec<_> = texts.iter().map(|text| format!("\"{text}\"")).collect();
    format!("{{{}}}", quoted.join(","))
}

/// Whom tokens are made for: role and id.
pub(crate) fn callers() -> (Vec<String>, Vec<String>, &'static str) {
    let numbers = |prefix, count| (0..count).map(|n| numbered(prefix, n)).collect();
    (numbers(VENDOR_PREFIX, VENDORS), numbers(CUSTOMER_PREFIX, CALLERS), ADMIN)
}
