//! Payments as the rail remembers them, a page at a time, and the registrations that they and the
//! notices of our bill number need.

use std::collections::HashSet;

use async_trait::async_trait;
use domain::ports::{NoStatement, Statement, StatementRow, Statements};
use domain::rail::{CallbackToken, Hook, Submission};
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use crate::call::{Call, Outcome};
use crate::classify::{Answer, classify_registration};
use crate::endpoint::Endpoint;
use crate::gateway::gateway_error;
use crate::wire::reading::{code, fiat, phone, receipt, words};
use crate::wire::requests::{self as wire, RegisterBills, RegisterStatements};
use crate::{Mpesa, stamp};

/// The rows of a full page; a shorter one is the last.
const PAGE: usize = 100;
/// Far more than two days of payments: a rail that never sends a short page is not believed.
const MOST_PAGES: usize = 500;
const SAME_PAGE: &str = "a further page brings nothing new";

#[async_trait]
impl Statements for Mpesa {
    async fn statement(
        &self,
        from: OffsetDateTime,
        to: OffsetDateTime,
    ) -> Result<Statement, NoStatement> {
        let (from, to) = (stamp::dashed(from), stamp::dashed(whole_second_after(to)));
        let mut statement = Statement::default();
        let mut known = HashSet::new();
        for page in 0..MOST_PAGES {
            let read = self.page(&from, &to, page.saturating_mul(PAGE)).await;
            let (found, is_first) = match read {
                Ok(found) => (found, page == 0),
                Err(why) if page == 0 => return Err(NoStatement(why)),
                // The pages before it are what they are.
                Err(why) => return Ok(Statement { gap: Some(why), ..statement }),
            };
            let is_last = found.entries < PAGE;
            statement.gap = statement.gap.or(found.gap);
            let before = statement.rows.len();
            let new = found.rows.into_iter().filter(|row| known.insert(row.receipt.clone()));
            statement.rows.extend(new);
            if is_last {
                return Ok(statement);
            }
            if !is_first && statement.rows.len() == before {
                return Ok(Statement { gap: Some(SAME_PAGE.to_owned()), ..statement });
            }
        }
        Ok(Statement { gap: Some("it has no end".to_owned()), ..statement })
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
    async fn page(&self, from: &str, to: &str, offset: usize) -> Result<Page, String> {
        let body = wire::Statement {
            short_code: self.shared.config.stk.short_code.to_string(),
            start_date: from,
            end_date: to,
            offset: offset.to_string(),
        };
        let call = self.shared.caller.ask_in_turn(Endpoint::Statement, &body).await;
        let page = page(&call);
        call.tell(if page.is_ok() { "accepted" } else { "unclear" });
        page
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

/// Daraja's dates have no fractions. Rather a second too much: what a whole statement does not list
/// counts as unpaid.
fn whole_second_after(at: OffsetDateTime) -> OffsetDateTime {
    if at.nanosecond() == 0 { at } else { at.saturating_add(Duration::SECOND) }
}

fn registered(call: Call) -> Submission<()> {
    let endpoint = call.endpoint;
    call.submission(|answer| classify_registration(endpoint, answer))
}

/// A page, as far as it can be read.
struct Page {
    rows: Vec<StatementRow>,
    /// How many the rail listed, readable or not.
    entries: usize,
    gap: Option<String>,
}

fn page(call: &Call) -> Result<Page, String> {
    match &call.outcome {
        Outcome::Answered(answer) => read(answer),
        Outcome::Withheld(not_done) => Err(not_done.detail.clone()),
        Outcome::NoAnswer(how) => Err((*how).to_owned()),
    }
}

/// Code 1001 means "no records found or organization name not available": whether there was nothing
/// or nobody looked cannot be told apart.
fn read(answer: &Answer) -> Result<Page, String> {
    let Some(json) = answer.acknowledgement() else {
        return Err(gateway_error(answer.status, &answer.body).detail());
    };
    match code(&json, "ResponseCode").as_deref() {
        Some("1000") => listed(&json),
        Some("1001") => Err("no records found, or the organization is not known".to_owned()),
        other => Err(format!("response code {}", other.unwrap_or_default())),
    }
}

/// The rows: a list, or a list of lists, as the portal's sample has it.
fn listed(json: &Value) -> Result<Page, String> {
    let entries = json.get("Response").and_then(Value::as_array);
    let mut all: Vec<&Value> = Vec::new();
    for entry in entries.ok_or_else(|| "an answer without a list of rows".to_owned())? {
        match entry {
            Value::Array(inner) => all.extend(inner),
            one => all.push(one),
        }
    }
    let rows: Vec<StatementRow> = all.iter().filter_map(|entry| row(entry)).collect();
    let is_torn = rows.len() < all.len();
    let gap = is_torn.then(|| "a row without a receipt or an amount".to_owned());
    Ok(Page { rows, entries: all.len(), gap })
}

/// One that cannot be read may be anybody's payment: it leaves a gap, and the others stay.
fn row(json: &Value) -> Option<StatementRow> {
    let field = |name: &str| found(json, name);
    Some(StatementRow {
        receipt: receipt(field("transactionId")?)?,
        amount: fiat(field("amount")?)?,
        account_reference: words(json, name_of(json, "billreference").unwrap_or_default()),
        phone: field("msisdn").and_then(phone),
    })
}

fn found<'a>(json: &'a Value, name: &str) -> Option<&'a Value> {
    json.get(name_of(json, name)?)
}

/// The spelling of a field in this row: capitals vary from page to page of the documentation.
fn name_of<'a>(json: &'a Value, name: &str) -> Option<&'a str> {
    let fields = json.as_object()?;
    fields.keys().find(|known| known.eq_ignore_ascii_case(name)).map(String::as_str)
}
