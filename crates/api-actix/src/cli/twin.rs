//! `kivuko twin …`: what customers and M-Pesa do, by hand. Everything here is a request to the control
//! port of the twin that runs beside the local service.

use anyhow::{Context, Result, bail};
use clap::{Subcommand, ValueEnum};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::running::Running;
use crate::settings::{Environment, data_dir};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Send coin to a sell's escrow address: what it waits for, unless said otherwise. Too little, too
    /// much, twice, after its end or of the wrong kind: the order says what becomes of it.
    Deposit {
        order: Uuid,
        /// Coins, such as 12.5.
        #[arg(long)]
        amount: Option<String>,
        /// usdt, usdc, or other: a token that nobody trades in.
        #[arg(long, conflicts_with = "native")]
        token: Option<String>,
        /// TRX or ether instead of a token.
        #[arg(long)]
        native: bool,
    },
    /// Play a phone that has a prompt.
    Answer { phone: String, answer: Answer },
    /// What a phone does with its prompts from now on.
    Payer {
        phone: String,
        behaviour: Behaviour,
        /// How long it takes, in M-Pesa's seconds; else as long as people do.
        #[arg(long)]
        seconds: Option<u32>,
    },
    /// Pay to the short code without having been asked.
    Bill {
        phone: String,
        /// Whole shillings.
        shillings: u32,
        /// The account reference that the payer types.
        account: String,
    },
    /// Set what the account that payouts come from holds, in whole shillings.
    Float { shillings: u32 },
    /// Set what a phone's wallet holds, in whole shillings.
    Wallet { phone: String, shillings: u32 },
    /// Let something go wrong: an endpoint such as stk_push, and a kind as JSON, such as
    /// '"callback_drop"' or '{"drop":{"accepted":true}}'.
    Fault {
        endpoint: String,
        kind: String,
        /// Only this phone.
        #[arg(long)]
        phone: Option<String>,
        /// At most so many times.
        #[arg(long)]
        times: Option<u32>,
    },
    /// Let nothing go wrong any more.
    ClearFaults,
    /// Let M-Pesa's clock jump ahead.
    Advance { seconds: u32 },
    /// Show what really happened to the shillings.
    Books,
    /// Show the prompts that stand on phones.
    Prompts,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(super) enum Answer {
    Approve,
    Cancel,
    WrongPin,
    Ignore,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(super) enum Behaviour {
    Approve,
    Cancel,
    WrongPin,
    Ignore,
    Offline,
    Busy,
    ByHand,
}

/// A request to the control port; without a body it is a question.
struct Request {
    path: String,
    body: Option<Value>,
    is_removal: bool,
}

pub(super) async fn run(command: Command, environment: &Environment) -> Result<()> {
    let folder = data_dir(environment)?;
    let running = Running::find(&folder);
    let running = running.with_context(|| {
        format!("no local service runs on {}: start `kivuko` first", folder.display())
    })?;
    let twin = running.twin.context("the service that runs has no twin of M-Pesa")?;
    let request = request(command)?;
    let url = format!("{twin}/{}", request.path);
    let http = reqwest::Client::builder().no_proxy().build()?;
    let sent = match &request.body {
        Some(body) => http.post(url).json(body).send(),
        None if request.is_removal => http.delete(url).send(),
        None => http.get(url).send(),
    };
    let answer = sent.await.context("the twin does not answer")?;
    let (is_done, text) = (answer.status().is_success(), answer.text().await?);
    if !is_done {
        let error: Value = serde_json::from_str(&text).unwrap_or_default();
        bail!("{}", error["error"].as_str().unwrap_or(&text));
    }
    let shown: Value = serde_json::from_str(&text).unwrap_or(Value::String(text));
    println!("{}", serde_json::to_string_pretty(&shown)?);
    Ok(())
}

fn request(command: Command) -> Result<Request> {
    let cents = |shillings: u32| i64::from(shillings) * 100;
    Ok(match command {
        Command::Deposit { order, amount, token, native } => {
            let token = if native { Some("native".to_owned()) } else { token };
            told("deposits", json!({ "order": order, "amount": amount, "token": token }))
        }
        Command::Answer { phone, answer } => {
            told(&format!("prompts/{phone}"), json!({ "answer": name(&answer) }))
        }
        Command::Payer { phone, behaviour, seconds } => {
            let payer = json!({ "behaviour": name(&behaviour), "delay": seconds });
            told(&format!("payers/{phone}"), payer)
        }
        Command::Bill { phone, shillings, account } => {
            let cents = cents(shillings);
            told("bills", json!({ "msisdn": phone, "cents": cents, "account": account }))
        }
        Command::Float { shillings } => told("float", json!({ "cents": cents(shillings) })),
        Command::Wallet { phone, shillings } => {
            told(&format!("wallets/{phone}"), json!({ "cents": cents(shillings) }))
        }
        Command::Fault { endpoint, kind, phone, times } => {
            let kind: Value = serde_json::from_str(&kind)
                .with_context(|| format!("{kind} is no JSON: quote it as '\"callback_drop\"'"))?;
            let mut fault = Map::from_iter([("endpoint".to_owned(), json!(endpoint))]);
            fault.insert("kind".to_owned(), kind);
            fault.extend(phone.map(|phone| ("msisdn".to_owned(), json!(phone))));
            fault.extend(times.map(|times| ("times".to_owned(), json!(times))));
            told("faults", Value::Object(fault))
        }
        Command::ClearFaults => Request { is_removal: true, ..asked("faults") },
        Command::Advance { seconds } => told("clock", json!({ "advance_s": seconds })),
        Command::Books => asked("oracle"),
        Command::Prompts => asked("prompts"),
    })
}

fn told(path: &str, body: Value) -> Request {
    Request { path: path.to_owned(), body: Some(body), is_removal: false }
}

fn asked(path: &str) -> Request {
    Request { path: path.to_owned(), body: None, is_removal: false }
}

/// As the command line and the control port both spell it.
fn name(value: &impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}
