//! The program as people run it: with a twin inside, with a phone to play, and from the command line.

use std::process::Stdio;
use std::time::Duration;

use e2e::{Answer, Database, Program, Serving, Sql, Stage, buy, eventually, in_time, twin, with};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

/// The phone that waits to be played.
const BY_HAND: &str = "254700000015";

/// A local service with a folder of its own, its tokens, and where its phone is played.
struct Local {
    url: String,
    serving: Option<Serving>,
    phone_url: String,
    customer: String,
    folder: std::path::PathBuf,
}

impl Local {
    async fn start(program: Program, name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("kivuko-{name}-{}", std::process::id()));
        let program = program.set("KIVUKO_DATA_DIR", folder.display());
        let mut serving = program.serve().await;
        let line = serving.line().await;
        assert_eq!(line, "twins begin anew: M-Pesa, Tron");
        let line = serving.line().await;
        let url = line.strip_prefix("M-Pesa is a twin: play the phone at ").map(str::to_owned);
        let phone_url = url.unwrap_or_else(|| panic!("{line}"));
        let banner = serving.banner().await;
        let customer = banner.lines().find_map(|line| line.strip_prefix("customer "));
        let customer = customer.expect("a token").trim().to_owned();
        Self { url: serving.url.clone(), serving: Some(serving), phone_url, customer, folder }
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        let url = format!("{}/api/v1/auth/{path}", self.url);
        e2e::send(Client::new().post(url).bearer_auth(&self.customer).json(body)).await
    }

    async fn status(&self, id: &str) -> String {
        let url = format!("{}/api/v1/auth/order/id/{id}/details", self.url);
        let details = e2e::send(Client::new().get(url).bearer_auth(&self.customer)).await;
        details.expect(200).text_of("status").to_owned()
    }

    async fn pay(&self, phone: &str) -> String {
        let order = self.post("orders", &buy()).await.expect(201);
        let body = json!({ "order_id": order.id(), "phone_number": phone });
        self.post("orders/payment", &body).await.expect(200);
        order.id().to_owned()
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        let _gone_already = std::fs::remove_dir_all(&self.folder);
    }
}

fn local() -> Program {
    Program::new().set("KIVUKO__HTTP__PORT", 0).set("KIVUKO__MPESA__TWIN_CONTROL_PORT", 0)
}

#[tokio::test]
async fn without_any_configuration_a_person_plays_the_phone_and_the_order_is_paid() {
    let local = Local::start(local(), "phone").await;
    let id = local.pay(BY_HAND).await;
    let page = e2e::send(Client::new().get(&local.phone_url)).await.expect(200);
    assert!(page.text.contains("<html"), "a page: {}", page.text);
    let url = format!("{}/prompts", local.phone_url.trim_end_matches('/'));
    eventually("the prompt is on the phone", async || {
        let prompts = e2e::send(Client::new().get(&url)).await.expect(200);
        prompts.text.contains(BY_HAND)
    })
    .await;
    assert_eq!(local.status(&id).await, "pending");
    let played = Client::new().post(format!("{url}/{BY_HAND}")).json(&json!({"answer": "approve"}));
    assert!((200..300).contains(&e2e::send(played).await.status));
    eventually("the order is paid", async || local.status(&id).await == "processing").await;
}

#[tokio::test]
async fn a_payment_leaves_no_phone_token_or_credential_in_the_logs() {
    let program = local().set("KIVUKO__LOG__LEVEL", "debug").set("KIVUKO__MPESA__TWIN_SPEED", 100);
    let mut local = Local::start(program, "rail-logs").await;
    let phone = "254799887755";
    let id = local.pay(phone).await;
    eventually("the order is paid", async || local.status(&id).await == "processing").await;
    let idle = local.phone_url.clone();
    let journal = e2e::send(Client::new().get(format!("{idle}/journal"))).await.expect(200);
    assert!(journal.text.contains("stk"), "{}", journal.text);
    let logs = local.serving.take().expect("it serves").logs().await;
    assert!(logs.contains("asked the rail"), "calls are logged: {logs}");
    for secret in [phone, "99887755", "/hooks/c/", "Bearer ", "twin-secret", "ws_CO_"] {
        assert!(!logs.contains(secret), "{secret} in {logs}");
    }
}

/// Runs the credential command with a password on its standard input.
async fn credential(certificate: &str, password: &str) -> std::process::Output {
    let folder = std::env::temp_dir().join(format!("kivuko-cert-{}", uuid::Uuid::now_v7()));
    std::fs::create_dir(&folder).expect("a folder");
    let file = folder.join("Sandbox.cer");
    std::fs::write(&file, certificate).expect("a file");
    let arguments = ["mpesa", "credential", "--certificate", file.to_str().expect("a path")];
    let mut command = Program::new().prepare(&arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("kivuko starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(password.as_bytes()).await.expect("written");
    drop(stdin);
    let output = in_time("kivuko", Duration::from_secs(30), child.wait_with_output()).await;
    std::fs::remove_dir_all(&folder).expect("removed");
    output.expect("kivuko ends")
}

#[tokio::test]
async fn a_credential_made_here_is_one_that_the_rail_takes() {
    let twin = twin().await;
    let made = credential(twin.certificate_pem(), "twin-password\n").await;
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let text = String::from_utf8(made.stdout).expect("text");
    assert_eq!(text.trim().len(), 344);
    let database = Database::fresh().await;
    let stage =
        Stage::test().with_rail(&twin).set("KIVUKO__MPESA__SECURITY_CREDENTIAL", text.trim());
    let app = stage.start_on(&database).await;
    let engine = e2e::engine(&app.settings);
    let changes =
        json!({ "usdt_amount": "1", "fiat_amount": "141.00", "payout_phone": "254711333444" });
    let sold = app.place(&app.seller, &with(e2e::sell(), &changes)).await;
    e2e::deposit(&engine, sold.id()).await;
    eventually("the payout is made", async || {
        app.details(&app.admin, sold.id()).await.json["status"] == "completed"
    })
    .await;
    assert_eq!(twin.control().oracle().payouts.len(), 1);
    app.finish().await;
    for (certificate, password) in [("not a certificate", "x"), (twin.certificate_pem(), "")] {
        let refused = credential(certificate, password).await;
        assert_eq!((refused.status.code(), refused.stdout.len()), (Some(1), 0));
    }
    twin.stop().await;
}

#[tokio::test]
async fn an_operator_sees_and_works_the_breaker_from_the_command_line() {
    let (database, twin) = (Database::fresh().await, twin().await);
    let program = Program::of_stage(&Stage::test().with_rail(&twin), &database);
    let say = async |arguments: &[&str]| {
        let said = program.output(arguments).await;
        assert!(said.status.success(), "{}", said.stderr);
        said.stdout
    };
    assert!(say(&["mpesa", "status"]).await.starts_with("payouts: probing"));
    let opened = say(&["mpesa", "open-circuit", "--reason", "an audit"]).await;
    assert!(opened.starts_with("payouts: open") && opened.contains("an audit"), "{opened}");
    assert!(say(&["mpesa", "status"]).await.contains("an audit"));
    assert!(say(&["mpesa", "close-circuit"]).await.starts_with("payouts: probing"));
    say(&["mpesa", "book-float", "--shillings", "5000", "--reason", "a top-up"]).await;
    say(&["mpesa", "book-float", "--shillings=-200", "--reason", "bank charges"]).await;
    let utility = "SELECT sum(amount)::bigint FROM ledger_postings WHERE account = 'mpesa_utility'";
    assert_eq!(Sql::connect(&database.url).await.number(utility).await, 480_000);
    let helpless = Program::new().output(&["mpesa", "status"]).await;
    assert_eq!(helpless.status.code(), Some(1));
    assert!(helpless.stderr.contains("DATABASE_URL"), "{}", helpless.stderr);
    twin.stop().await;
}

#[tokio::test]
async fn production_refuses_what_must_not_be_near_real_money() {
    let (database, twin) = (Database::fresh().await, twin().await);
    let stage = Stage::named("production").with_rail(&twin);
    let stage = stage
        .set("KIVUKO__AUTH__JWKS_URL", "https://issuer.example/jwks")
        .set("KIVUKO__AUTH__ISSUER", "issuer")
        .set("KIVUKO__AUTH__AUDIENCE", "kivuko")
        .set("KIVUKO__CHAIN__TRON_XPUB", TRON)
        .set("KIVUKO__CHAIN__ETHEREUM_XPUB", ETHEREUM)
        .set("KIVUKO__MPESA__BASE_URL", "https://daraja.example")
        .set("KIVUKO__MPESA__CALLBACK_BASE", "https://pay.example.co.ke")
        .set("KIVUKO__MPESA__SHORT_CODE", 600_111);
    assert!(stage.settings(&database).is_ok(), "{:?}", stage.settings(&database));
    for (variable, value) in [
        ("KIVUKO__MPESA__TWIN", "true"),
        ("KIVUKO__MPESA__BASE_URL", "http://daraja.example"),
        ("KIVUKO__MPESA__CALLBACK_BASE", "http://pay.example.co.ke"),
        ("KIVUKO__MPESA__SECOND_MS", "10"),
        ("KIVUKO__MPESA__LEASE_S", "2"),
        ("KIVUKO__MPESA__ENFORCE_SOURCES", "false"),
        ("KIVUKO__MPESA__SOURCES", "127.0.0.1"),
        ("KIVUKO__MPESA__SOURCES", "everybody"),
        ("KIVUKO__MPESA__SHORT_CODE", "174379"),
        ("KIVUKO__MPESA__TRUSTED_PROXIES", "10.0.0.0/99"),
    ] {
        let refused = stage.clone().set(variable, value).settings(&database);
        let error = format!("{:#}", refused.expect_err(variable));
        assert!(error.contains(variable), "{variable}={value}: {error}");
    }
    twin.stop().await;
}

/// Keys of config/test.toml: nobody has their private keys.
const TRON: &str = "xpub6CQPrXW9aur9sHoq4z4N8kE4Fgy1mseMiShqFc764vj6gXWbVQt4WSc8m6yWrJAp91JxQGz8go6mgydq4jRmC1TgMMxiCvZ5dkJmqKAJhxD";
const ETHEREUM: &str = "xpub6BxoS5oTJvthJ2tDApx272a9aFF6K81U2r67hFyK6sjz7tvvEip2QSkRypjfhmMY7EKtLFVPZ2zN13DRywZVQCZap613yFd2p79YFzq5KjP";
