//! Payments as the rail remembers them, a page at a time, and the registrations that they and the
//! notices of our bill number need.

use async_trait::async_trait;
use domain::party::Msisdn;
use domain::ports::{NoStatement, StatementRow, Statements};
use domain::rail::{CallbackToken, Hook, Submission};
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use crate::call::{Call, Outcome};
use crate::classify::{Answer, classify_registration};
use crate::endpoint::Endpoint;
use crate::gateway::gateway_error;
use crate::wire::reading::{code, fiat, receipt, text, words};
use crate::wire::requests::{RegisterBills, RegisterStatements, Statement};
use crate::{Mpesa, stamp};

/// The rows of a full page; a shorter one is the last.
const PAGE: usize = 100;
/// Far more than two days of payments: a rail that never sends a short page is not believed.
const MOST_PAGES: usize = 500;

#[async_trait]
impl Statements for Mpesa {
    async fn statement(
        &self,
        from: OffsetDateTime,
        to: OffsetDateTime,
    ) -> Result<Vec<StatementRow>, NoStatement> {
        let (from, to) = (stamp::dashed(from), stamp::dashed(whole_second_after(to)));
        let mut rows = Vec::new();
        for page in 0..MOST_PAGES {
            let found = self.page(&from, &to, page.saturating_mul(PAGE)).await?;
            let is_last = found.len() < PAGE;
            rows.extend(found);
            if is_last {
                return Ok(rows);
            }
        }
        Err(NoStatement("it has no end".to_owned()))
    }

    /// Registers statements too: both are needed once, and at the same moment.
    async fn register_bills(&self, token: &CallbackToken) -> Submission<()> {
        let bills = self.register_notices(token).await;
        let statements = self.register_statements(token).await;
        match bills {
            Submission::Accepted(()) => statements,
            _ => bills,
        }
    }
}

impl Mpesa {
    async fn page(
        &self,
        from: &str,
        to: &str,
        offset: usize,
    ) -> Result<Vec<StatementRow>, NoStatement> {
        let body = Statement {
            short_code: self.shared.config.stk.short_code.to_string(),
            start_date: from,
            end_date: to,
            offset: offset.to_string(),
        };
        let call = self.shared.caller.ask_in_turn(Endpoint::Statement, &body).await;
        let rows = rows(&call);
        call.tell(if rows.is_ok() { "accepted" } else { "unclear" });
        rows.map_err(NoStatement)
    }

    async fn register_notices(&self, token: &CallbackToken) -> Submission<()> {
        let url = self.callback(Hook::Bill, token);
        let body = RegisterBills {
            short_code: self.shared.config.stk.short_code,
            response_type: "Completed",
            confirmation_url: url.clone(),
            // Asked only of those who have external validation switched on; we have not.
            validation_url: url,
        };
        registered(self.shared.caller.ask(Endpoint::RegisterBills, &body).await)
    }

    async fn register_statements(&self, token: &CallbackToken) -> Submission<()> {
        let config = &self.shared.config;
        let body = RegisterStatements {
            short_code: config.stk.short_code.to_string(),
            request_type: "Pull",
            nominated_number: &config.nominated_number,
            callback_url: self.callback(Hook::Bill, token),
        };
        registered(self.shared.caller.ask(Endpoint::RegisterStatements, &body).await)
    }
}

/// Daraja's dates have no fractions. Rather a second too much: what is absent counts as unpaid.
fn whole_second_after(at: OffsetDateTime) -> OffsetDateTime {
    if at.nanosecond() == 0 { at } else { at.saturating_add(Duration::SECOND) }
}

fn registered(call: Call) -> Submission<()> {
    let endpoint = call.endpoint;
    call.submission(|answer| classify_registration(endpoint, answer))
}

fn rows(call: &Call) -> Result<Vec<StatementRow>, String> {
    match &call.outcome {
        Outcome::Answered(answer) => read(answer),
        Outcome::Withheld(not_done) => Err(not_done.detail.clone()),
        Outcome::NoAnswer(how) => Err((*how).to_owned()),
    }
}

fn read(answer: &Answer) -> Result<Vec<StatementRow>, String> {
    let Some(json) = answer.acknowledgement() else {
        return Err(gateway_error(answer.status, &answer.body).detail());
    };
    match code(&json, "ResponseCode").as_deref() {
        Some("1000") => listed(&json).into_iter().map(row).collect(),
        Some("1001") => Ok(vec![]),
        other => Err(format!("response code {}", other.unwrap_or_default())),
    }
}

/// The rows: a list, or a list of lists, as the portal's sample has it.
fn listed(json: &Value) -> Vec<&Value> {
    let entries = json.get("Response").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut rows = Vec::new();
    for entry in entries {
        match entry {
            Value::Array(inner) => rows.extend(inner),
            one => rows.push(one),
        }
    }
    rows
}

/// A row that cannot be read makes the whole statement worthless: an absent payment is taken for an
/// unpaid one.
fn row(json: &Value) -> Result<StatementRow, String> {
    let field = |name: &str| found(json, name);
    let row = || {
        Some(StatementRow {
            receipt: receipt(field("transactionId")?)?,
            amount: fiat(field("amount")?)?,
            account_reference: words(json, name_of(json, "billreference").unwrap_or_default()),
            phone: name_of(json, "msisdn")
                .and_then(|name| text(json, name))
                .and_then(|told| in_full(&told)),
        })
    };
    row().ok_or_else(|| "a row without a receipt or an amount".to_owned())
}

fn found<'a>(json: &'a Value, name: &str) -> Option<&'a Value> {
    json.get(name_of(json, name)?)
}

/// The spelling of a field in this row: capitals vary from page to page of the documentation.
fn name_of<'a>(json: &'a Value, name: &str) -> Option<&'a str> {
    let fields = json.as_object()?;
    fields.keys().find(|known| known.eq_ignore_ascii_case(name)).map(String::as_str)
}

/// Statements name phones in full, with the country's code or without.
fn in_full(digits: &str) -> Option<Msisdn> {
    let digits = digits.trim_start_matches('+');
    let local = digits.strip_prefix('0').unwrap_or(digits);
    Msisdn::parse(digits).or_else(|_| Msisdn::parse(&format!("254{local}"))).ok()
}
