//! The program itself: what it prints, how it starts, ends and refuses to start.

use std::path::{Path, PathBuf};
use std::time::Duration;

use e2e::{Answer, CUSTOMER, Program, eventually, in_time, jwks_file};
use reqwest::Client;
use serde_json::Value;
use tokio::process::Command;

/// A folder of one scenario's own; removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = format!("kivuko-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir(&folder).expect("a new folder");
        Self(folder)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone_already = std::fs::remove_dir_all(&self.0);
    }
}

/// The command lines of all processes that name the folder.
fn processes_of(folder: &Path) -> Vec<String> {
    let name = folder.to_str().expect("a plain name");
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let lines = processes.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    lines
        .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
        .filter(|line| line.contains(name))
        .collect()
}

async fn get(url: &str, token: &str) -> Answer {
    e2e::send(Client::new().get(url).bearer_auth(token)).await
}

/// The banner's first request, as it was printed.
fn printed_request(banner: &str) -> &str {
    let start = banner.find("BUY=$(").expect("a buy") + "BUY=$(".len();
    let end = banner[start..].find(" | cut").expect("its end");
    &banner[start..start + end]
}

async fn run_in_shell(command: &str) -> String {
    let shell = Command::new("sh").args(["-c", command]).output();
    let output = in_time("curl", Duration::from_secs(20), shell).await;
    let output = output.expect("a shell");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text")
}

async fn printed_token(program: &Program, role: &str) -> String {
    let sub = CUSTOMER.to_string();
    let said = program.output(&["token", "--role", role, "--sub", &sub]).await;
    assert!(said.status.success(), "{}", said.stderr);
    assert_eq!(said.stderr, "");
    let token = said.stdout.strip_suffix('\n').expect("one line").to_owned();
    let is_token = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    assert!(token.chars().all(is_token), "nothing but a token: {token}");
    assert_eq!(token.matches('.').count(), 2);
    token
}

#[tokio::test]
async fn a_newcomer_starts_it_copies_the_request_and_stops_it() {
    let folder = Folder::new("newcomer");
    let program = Program::in_folder(folder.path());
    let mut serving = program.serve().await;
    println!("from nothing to listening: {:?}", serving.startup);
    let banner = serving.banner().await;
    assert!(banner.contains(&format!("{}/docs/", serving.url)), "{banner}");

    let body = run_in_shell(printed_request(&banner)).await;
    let order: Value = serde_json::from_str(&body).expect(&body);
    assert_eq!(order["status"], "pending", "{body}");
    let with_status = format!("{} -w '%{{http_code}}'", printed_request(&banner));
    assert!(run_in_shell(&with_status).await.ends_with("}201"));

    for (role, seen) in [("customer", 200), ("admin", 200)] {
        let token = printed_token(&program, role).await;
        let id = order["id"].as_str().expect("an id");
        let details = format!("{}/api/v1/auth/order/id/{id}/details", serving.url);
        assert_eq!(get(&details, &token).await.status, seen);
    }
    let tokens = banner.lines().filter_map(|line| {
        let (role, token) = line.split_once(' ')?;
        ["customer", "vendor", "admin"].contains(&role).then(|| token.trim())
    });
    for token in tokens {
        let list = format!("{}/api/v1/auth/orders?page_id=1&page_size=1", serving.url);
        assert_eq!(get(&list, token).await.expect(200).rows().len(), 1);
    }
    assert!(!processes_of(folder.path()).is_empty(), "a private PostgreSQL runs");
    assert_eq!(serving.terminate().await.code(), Some(0));
    eventually("nothing is left running", async || processes_of(folder.path()).is_empty()).await;

    let again = program.serve().await;
    println!("from an existing folder to listening: {:?}", again.startup);
    assert_eq!(again.terminate().await.code(), Some(0));
}

#[tokio::test]
async fn the_banners_buy_and_sell_work_as_printed_and_the_first_page_leads_on() {
    let folder = Folder::new("printed");
    let program = Program::in_folder(folder.path())
        .set("KIVUKO__MPESA__TWIN_SPEED", "10")
        .set("KIVUKO__MPESA__SECOND_MS", "100")
        .set("KIVUKO__TRON__TWIN_SLOT_MS", "150")
        .set("KIVUKO__TRON__REQUESTS_PER_SECOND", "1000")
        .set("KIVUKO__TREASURY__SECOND_MS", "100")
        .set("KIVUKO__TREASURY__WATCH_INTERVAL_MS", "150");
    let mut serving = program.serve().await;
    let banner = serving.banner().await;
    let script = banner.find("# Amina").expect("the requests");
    let said = run_in_shell(&banner[script..]).await;
    assert!(said.contains("ON_RAMP_BUY") && said.contains("OFF_RAMP_SELL"), "{said}");
    let token = printed_token(&program, "admin").await;
    let list = format!("{}/api/v1/auth/orders?page_id=1&page_size=5", serving.url);
    eventually("both orders complete", async || {
        let rows = get(&list, &token).await.expect(200).json;
        let rows = rows.as_array().cloned().unwrap_or_default();
        rows.len() == 2 && rows.iter().all(|order| order["status"] == "completed")
    })
    .await;
    let first = get(&serving.url, "").await.expect(200).text;
    let twin = banner.lines().find_map(|line| line.split(" are at ").nth(1)).expect("the twin");
    for link in ["/docs/", "/openapi.json", twin.trim_end_matches(':')] {
        assert!(first.contains(link), "{link} in {first}");
    }
    let ids = get(&list, &token).await.expect(200).json;
    let ids: Vec<String> = ids.as_array().into_iter().flatten().map(id_of).collect();
    let log = serving.logs().await;
    for id in &ids {
        assert_changes_are_logged(&log, id);
    }
}

fn id_of(order: &Value) -> String {
    order["id"].as_str().expect("an id").to_owned()
}

/// One line for each change, found by the order's id as the API prints it.
fn assert_changes_are_logged(log: &str, id: &str) {
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("order changed")).collect();
    let of_order = lines.iter().filter(|line| line.contains(&format!("order={id} ")));
    let of_order: Vec<&str> = of_order.copied().collect();
    let seq = |line: &&str| line.split("seq=").nth(1)?.split(' ').next()?.parse::<usize>().ok();
    let seqs: Vec<usize> = of_order.iter().filter_map(seq).collect();
    assert_eq!(seqs, (1..=of_order.len()).collect::<Vec<_>>(), "each once, in order: {of_order:?}");
    let last = of_order.last().expect("lines");
    for part in ["event=", "from=", "to=\"completed\"", "actor=\"system\"", "job{key="] {
        assert!(of_order.iter().any(|line| line.contains(part)), "{part} in {of_order:?}");
    }
    assert!(last.contains("to=\"completed\""), "{last}");
}

#[tokio::test]
async fn data_lies_in_the_working_folder_or_the_users_and_never_where_it_was_built() {
    let folder = Folder::new("where");
    let (home, working) = (folder.path().join("home"), folder.path().join("work"));
    std::fs::create_dir(&working).expect("a folder");
    let looked = async |xdg: Option<&Path>| {
        let mut command = Program::new().prepare(&["status"]);
        command.current_dir(&working).env("HOME", &home);
        if let Some(xdg) = xdg {
            command.env("XDG_DATA_HOME", xdg);
        }
        let output = in_time("status", Duration::from_secs(20), command.output()).await;
        String::from_utf8(output.expect("it runs").stdout).expect("text")
    };
    let of_user = home.join(".local/share/kivuko");
    let (xdg, here) = (folder.path().join("xdg"), working.join(".kivuko"));
    assert!(looked(None).await.contains(&of_user.display().to_string()));
    assert!(looked(Some(&xdg)).await.contains(&xdg.join("kivuko").display().to_string()));
    std::fs::create_dir(&here).expect("a folder");
    let said = looked(Some(&xdg)).await;
    assert!(said.contains(&here.display().to_string()), "{said}");
    assert!(said.contains("does not run here"), "{said}");
}

#[tokio::test]
async fn what_was_answered_survives_a_kill() {
    let folder = Folder::new("killed");
    let program = Program::in_folder(folder.path());
    let mut serving = program.serve().await;
    let banner = serving.banner().await;
    let mut orders = vec![];
    for _ in 0..3 {
        let body = run_in_shell(printed_request(&banner)).await;
        let order: Value = serde_json::from_str(&body).expect(&body);
        orders.push(order["id"].clone());
    }
    serving.kill().await;

    let serving = program.serve().await;
    let token = printed_token(&program, "customer").await;
    let list = format!("{}/api/v1/auth/orders?page_id=1&page_size=10", serving.url);
    let mut listed = get(&list, &token).await.expect(200).ids();
    listed.reverse();
    assert_eq!(listed, orders);
    assert_eq!(serving.terminate().await.code(), Some(0));
}

#[tokio::test]
async fn a_second_one_on_the_same_folder_says_why_it_cannot() {
    let folder = Folder::new("shared");
    let program = Program::in_folder(folder.path());
    let first = program.serve().await;
    let second = program.output(&[]).await;
    assert_eq!(second.status.code(), Some(1));
    assert_eq!(second.stdout, "");
    let folder_is_named = second.stderr.contains(&folder.path().display().to_string());
    assert!(folder_is_named && second.stderr.contains("in use"), "{}", second.stderr);

    let port = first.url.rsplit(':').next().expect("a port");
    let taken = Program::in_folder(&folder.path().join("another"))
        .set("KIVUKO__HTTP__PORT", port)
        .output(&[])
        .await;
    assert_eq!(taken.status.code(), Some(1));
    assert!(taken.stderr.contains("KIVUKO__HTTP__PORT"), "{}", taken.stderr);
    assert!(!folder.path().join("another").exists(), "no database was started");

    let health = format!("{}/readyz", first.url);
    get(&health, "").await.expect(200);
    assert_eq!(first.terminate().await.code(), Some(0));
}

/// A production environment in which nothing is wrong, except that no database is there.
fn production() -> Program {
    Program::new()
        .set("KIVUKO_ENV", "production")
        .set("DATABASE_URL", "postgres://kivuko@127.0.0.1:1/kivuko")
        .set("KIVUKO__HTTP__HOST", "127.0.0.1")
        .set("KIVUKO__HTTP__PORT", 0)
        .set("KIVUKO__AUTH__ALGORITHM", "EdDSA")
        .set("KIVUKO__AUTH__JWKS_FILE", jwks_file().display())
        .set("KIVUKO__AUTH__ISSUER", "https://issuer.example.com")
        .set("KIVUKO__AUTH__AUDIENCE", "kivuko")
        .set("KIVUKO__CHAIN__TRON_XPUB", TRON_XPUB)
        .set("KIVUKO__CHAIN__ETHEREUM_XPUB", ETHEREUM_XPUB)
}

/// Account keys whose private halves nobody has kept.
const TRON_XPUB: &str = "xpub6CQPrXW9aur9sHoq4z4N8kE4Fgy1mseMiShqFc764vj6gXWbVQt4WSc8m6yWrJAp91JxQGz8go6mgydq4jRmC1TgMMxiCvZ5dkJmqKAJhxD";
const ETHEREUM_XPUB: &str = "xpub6BxoS5oTJvthJ2tDApx272a9aFF6K81U2r67hFyK6sjz7tvvEip2QSkRypjfhmMY7EKtLFVPZ2zN13DRywZVQCZap613yFd2p79YFzq5KjP";
/// The account key of the mnemonic that the whole world knows.
const TEST_XPUB: &str = "xpub6BuRy7ZmkGfP2RWhoor1kWB1w9DvrtmJbFBvnC1bQ4SB5NbCHTyQYCJSXZtxDbFyHTmC7wkU2he3nYYdpZ3Vf6qUAkXSnL6RPif4BDtDEKr";

/// Runs into an error that names `named`, at once, saying nothing on stdout and no secret.
async fn refuses_to_start(program: &Program, named: &str) {
    let said = program.output(&[]).await;
    assert_eq!(said.status.code(), Some(1), "{named}: {}", said.stderr);
    assert!(said.stderr.contains(named), "{named} in: {}", said.stderr);
    assert_eq!(said.stdout, "");
    assert!(!said.stderr.contains("panicked"), "{}", said.stderr);
    assert!(!said.stderr.contains("hunter2"), "a secret is out: {}", said.stderr);
}

#[tokio::test]
async fn unsafe_or_missing_production_settings_are_refused_by_name() {
    for missing in [
        "DATABASE_URL",
        "KIVUKO__AUTH__JWKS_FILE",
        "KIVUKO__AUTH__ISSUER",
        "KIVUKO__AUTH__AUDIENCE",
        "KIVUKO__CHAIN__TRON_XPUB",
        "KIVUKO__CHAIN__ETHEREUM_XPUB",
    ] {
        refuses_to_start(&production().unset(missing), missing).await;
        refuses_to_start(&production().set(missing, ""), missing).await;
    }
    let local_secret = "local-only: known to everybody, refused in production";
    for (variable, value) in [
        ("KIVUKO__AUTH__ALGORITHM", "none"),
        ("KIVUKO__AUTH__JWKS_URL", "https://issuer.example.com/keys"),
        ("KIVUKO__CHAIN__TRON_XPUB", TEST_XPUB),
        ("KIVUKO__CHAIN__ETHEREUM_XPUB", TEST_XPUB),
        ("KIVUKO__CHAIN__TRON_XPUB", "xpub hunter2"),
    ] {
        refuses_to_start(&production().set(variable, value), variable).await;
    }
    for secret in [local_secret, "hunter2 hunter2 hunter2 hunter2 hunter2"] {
        let by_secret = production()
            .set("KIVUKO__AUTH__ALGORITHM", "HS256")
            .set("KIVUKO__AUTH__SHARED_SECRET", secret);
        refuses_to_start(&by_secret, "KIVUKO__AUTH__ALGORITHM").await;
    }
    let plain_http = production()
        .unset("KIVUKO__AUTH__JWKS_FILE")
        .set("KIVUKO__AUTH__JWKS_URL", "http://issuer.example.com/keys");
    refuses_to_start(&plain_http, "KIVUKO__AUTH__JWKS_URL").await;
    let with_password = "postgres://kivuko:hunter2@127.0.0.1:1/kivuko";
    let nothing_wrong = production().set("DATABASE_URL", with_password);
    refuses_to_start(&nothing_wrong, "the database").await;
}

#[tokio::test]
async fn settings_that_cannot_be_are_refused_by_name() {
    let folder = Folder::new("refused");
    let local = Program::in_folder(folder.path());
    for (variable, value) in [
        ("KIVUKO_ENV", "staging"),
        ("KIVUKO__HTTP__PROT", "1"),
        ("KIVUKO__HTPP__PORT", "1"),
        ("KIVUKO__PORT", "1"),
        ("KIVUKO__HTTP__PORT", "http"),
        ("KIVUKO__HTTP__PORT", "70000"),
        ("KIVUKO__HTTP__RATE_BURST", "0"),
        ("KIVUKO__HTTP__REQUEST_TIMEOUT_MS", "-1"),
        ("KIVUKO__DATABASE__POOL_SIZE", "0"),
        ("KIVUKO__DATABASE__STATEMENT_TIMEOUT_MS", "1"),
        ("KIVUKO__ORDERS__TTL_S", "0"),
        ("KIVUKO__ORDERS__MAX_TTL_S", "60"),
        ("KIVUKO__ORDERS__RATE_TOLERANCE_BPS", "1001"),
        ("KIVUKO__RAILS__PAYOUT_MIN", "250001"),
        ("KIVUKO__WORKERS__IDEMPOTENCY_KEEP_H", "1"),
        ("KIVUKO__WORKERS__IDEMPOTENCY_KEEP_H", "9223372036854775807"),
        ("KIVUKO__MPESA__JOB_INTERVAL_MS", "0"),
        ("KIVUKO__TREASURY__WATCH_INTERVAL_MS", "0"),
        ("KIVUKO__ORDERS__MAX_TTL_S", "9223372036854775807"),
        ("KIVUKO__MPESA__SECOND_MS", "9223372036854775808"),
        ("KIVUKO__AUTH__SHARED_SECRET", "hunter2"),
        ("KIVUKO__LOG__LEVEL", "=,="),
        ("KIVUKO__LOG__LEVEL", "chatty"),
        ("KIVUKO__CHAIN__NETWORKS", "solana"),
        ("KIVUKO__LOG__FORMAT", "xml"),
    ] {
        refuses_to_start(&local.clone().set(variable, value), variable).await;
    }
    let left = std::fs::read_dir(folder.path()).map(Iterator::count);
    assert_eq!(left.ok(), Some(0), "nothing was made before the settings were checked");
}

#[tokio::test]
async fn a_misspelt_variable_is_refused_with_the_right_name() {
    let folder = Folder::new("misspelt");
    let local = Program::in_folder(folder.path());
    for (variable, meant) in [
        ("KIVUKO_HTTP_PORT", "KIVUKO__HTTP__PORT"),
        ("KIVUKO_HTTP__PORT", "KIVUKO__HTTP__PORT"),
        ("KIVUKO__HTTP_PORT", "KIVUKO__HTTP__PORT"),
        ("KIVUKO__HTTP__PROT", "KIVUKO__HTTP__PORT"),
        ("KIVUKO_DATADIR", "KIVUKO_DATA_DIR"),
        ("KIVUKO_LOG_LEVEL", "KIVUKO__LOG__LEVEL"),
        ("kivuko__http__port", "KIVUKO__HTTP__PORT"),
    ] {
        let said = local.clone().set(variable, 1).output(&["check"]).await;
        assert_eq!(said.status.code(), Some(1), "{variable}: {}", said.stderr);
        let told = format!("{variable} is no setting; is it {meant}?");
        assert!(said.stderr.contains(&told), "{told} in {}", said.stderr);
    }
    let strange = local.clone().set("KIVUKO_COLOUR", "red").output(&["check"]).await;
    assert!(strange.stderr.contains("KIVUKO_COLOUR is no setting"), "{}", strange.stderr);
}

/// The check says nothing else, ends so, and reaches for nothing.
async fn check(program: &Program) -> (Option<i32>, String) {
    let said = program.output(&["check"]).await;
    assert!(!said.stderr.contains("hunter2"), "a secret is out: {}", said.stderr);
    assert_eq!(said.stdout.is_empty(), said.status.code() != Some(0), "{}", said.stdout);
    (said.status.code(), said.stderr)
}

#[tokio::test]
async fn everything_that_is_wrong_with_the_settings_is_told_at_once() {
    let bare = Program::new().set("KIVUKO_ENV", "production");
    let wrong = bare
        .set("KIVUKO__HTTP__PORT", "http")
        .set("KIVUKO__WORKERS__EXPIRY_BATCH", "many")
        .set("KIVUKO__LOG__LEVEL", "chatty")
        .set("KIVUKO_HTTP_HOST", "0.0.0.0")
        .set("KIVUKO__MPESA__BASE_URL", "http://daraja.example.com")
        .set("KIVUKO__MPESA__CONSUMER_SECRET", "hunter2")
        .set("KIVUKO__MPESA__SECOND_MS", 10)
        .set("KIVUKO__TRON__NODES", "http://node.example.com")
        .set("KIVUKO__TREASURY__SWEEP_LEAST", "-1");
    let named = [
        "DATABASE_URL",
        "KIVUKO__AUTH__JWKS_FILE",
        "KIVUKO__AUTH__ISSUER",
        "KIVUKO__AUTH__AUDIENCE",
        "KIVUKO__CHAIN__TRON_XPUB",
        "KIVUKO__CHAIN__ETHEREUM_XPUB",
        "KIVUKO__HTTP__PORT",
        "KIVUKO__WORKERS__EXPIRY_BATCH",
        "KIVUKO__LOG__LEVEL=chatty",
        "KIVUKO_HTTP_HOST is no setting; is it KIVUKO__HTTP__HOST?",
        "KIVUKO__MPESA__BASE_URL",
        "KIVUKO__MPESA__CALLBACK_BASE",
        "KIVUKO__MPESA__SECOND_MS",
        "KIVUKO__MPESA__CONSUMER_KEY",
        "KIVUKO__MPESA__PASSKEY",
        "KIVUKO__MPESA__INITIATOR",
        "KIVUKO__TRON__NODES",
        "KIVUKO__TREASURY__SWEEP_LEAST",
        "KIVUKO__TREASURY__HOT_PHRASE_FILE",
        "KIVUKO__TREASURY__ESCROW_PHRASE_FILE",
    ];
    let (code, told) = check(&wrong).await;
    assert_eq!(code, Some(1), "{told}");
    for name in named {
        let lines = told.lines().filter(|line| line.contains(name)).count();
        assert!(lines >= 1, "{name} in {told}");
    }
    // A start says the same of what the settings by themselves tell.
    let started = wrong.output(&[]).await;
    for name in &named[..13] {
        assert!(started.stderr.contains(name), "{name} in {}", started.stderr);
    }
}

#[tokio::test]
async fn settings_with_nothing_wrong_pass_the_check_without_a_database_or_a_port() {
    let folder = Folder::new("checked");
    for whole in [production(), Program::in_folder(folder.path())] {
        assert_eq!(check(&whole).await, (Some(0), String::new()));
    }
    let left = std::fs::read_dir(folder.path()).map(Iterator::count);
    assert_eq!(left.ok(), Some(0), "nothing was started or made");
    let (code, told) = check(&production().set("KIVUKO__CHAIN__TRON_XPUB", "xpub hunter2")).await;
    assert_eq!(code, Some(1));
    assert!(told.contains("KIVUKO__CHAIN__TRON_XPUB"), "{told}");
    let nowhere = production().set("KIVUKO__AUTH__JWKS_FILE", "/nowhere/jwks.json");
    let (code, told) = check(&nowhere).await;
    assert!(code == Some(1) && told.contains("KIVUKO__AUTH__JWKS_FILE"), "{told}");
}

#[tokio::test]
async fn tokens_are_made_with_the_local_key_only() {
    let arguments = ["token", "--role", "admin", "--sub", "00000000-0000-7000-8000-00000000ad01"];
    let refused = production().output(&arguments).await;
    assert_eq!((refused.status.code(), refused.stdout.as_str()), (Some(1), ""));
    assert!(refused.stderr.contains("local"), "{}", refused.stderr);
    for (role, sub) in [("root", "00000000-0000-7000-8000-00000000ad01"), ("admin", "me")] {
        let refused = Program::new().output(&["token", "--role", role, "--sub", sub]).await;
        assert_eq!((refused.status.code(), refused.stdout.as_str()), (Some(2), ""));
    }
}

#[tokio::test]
async fn the_logs_know_no_phone_no_email_and_no_token() {
    let folder = Folder::new("logs");
    let program = Program::in_folder(folder.path()).set("KIVUKO__LOG__LEVEL", "debug");
    let serving = program.serve().await;
    let token = printed_token(&program, "admin").await;
    let (phone, email) = ("254799887766", "canary@example.com");
    let party = format!(
        r#"{{"role":"customer","email":"{email}","phone_number":"+{phone}","first_name":"Canary","last_name":"Bird"}}"#
    );
    let order = format!(
        r#"{{"customer_id":"8d09359f-325a-4ecf-998d-dbe5eda3a498","vendor_id":"7a4301b0-e04b-4102-a999-b17dada65509","offer_id":"0e16f8d4-e557-4343-848b-9be955ccf06c","usdt_amount":"799.99","fiat_amount":"112798.59","fiat_currency":"KES","wallet_address":"TPY7ewYk2eY9b4TTYkCHJH3Cqudh3NU6tM","payment_method":"mpesa","order_type":"OFF_RAMP_SELL","payout_phone":"{phone}"}}"#
    );
    for (path, body) in [("users/provision", party), ("orders", order)] {
        let url = format!("{}/api/v1/auth/{path}", serving.url);
        let request = Client::new().post(url).bearer_auth(&token);
        let answer = e2e::send(request.header("content-type", "application/json").body(body)).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
    }
    let logs = serving.logs().await;
    assert!(logs.contains("request"), "requests are logged: {logs}");
    for secret in [phone, "99887766", email, token.as_str()] {
        assert!(!logs.contains(secret), "{secret} in {logs}");
    }
}
