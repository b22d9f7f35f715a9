//! A twin, an inbox and a client at one desk.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Client;
use serde_json::{Value, json};
use time::macros::datetime;
use twins::daraja::{Control, DarajaTwin, Endpoint, Options, Rules};

use crate::daraja::inbox::Inbox;

pub(crate) const PAYER: &str = "254712345678";
pub(crate) const TIMESTAMP: &str = "20261121120000";
const LIMIT: Duration = Duration::from_secs(20);

/// What came back from the twin.
#[derive(Debug, Clone)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Answered {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    pub(crate) fn field(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap_or_default().to_owned()
    }

    /// The status and Daraja's code.
    pub(crate) fn refusal(&self) -> (u16, String) {
        (self.status, self.field("errorCode"))
    }
}

pub(crate) struct Desk {
    pub(crate) twin: DarajaTwin,
    pub(crate) inbox: Inbox,
    pub(crate) client: Client,
    pub(crate) token: String,
}

/// A twin without noise and at a fixed moment.
pub(crate) fn quiet() -> Options {
    Options {
        start: Some(datetime!(2026-11-21 09:00 UTC)),
        rules: Rules { query_noise_percent: 0, ..Rules::default() },
        ..Options::default()
    }
}

impl Desk {
    pub(crate) async fn new() -> Self {
        Self::with(quiet()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let twin = DarajaTwin::start(options).await.expect("a twin");
        let client = Client::builder()
            .no_proxy()
            .timeout(LIMIT)
            .tls_danger_accept_invalid_certs(true)
            .build()
            .expect("a client");
        let inbox = Inbox::open().await;
        let mut desk = Self { twin, inbox, client, token: String::new() };
        desk.token = desk.new_token().await;
        desk
    }

    pub(crate) fn control(&self) -> Control {
        self.twin.control()
    }

    pub(crate) async fn new_token(&self) -> String {
        let answer = self.ask_token("twin-key", "twin-secret").await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.field("access_token")
    }

    pub(crate) async fn ask_token(&self, key: &str, secret: &str) -> Answered {
        let path = Endpoint::OAuth.path();
        let url = format!("{}{path}?grant_type=client_credentials", self.twin.base_url());
        let sent = self.client.get(url).basic_auth(key, Some(secret)).send().await;
        answered(sent.expect("an answer")).await
    }

    pub(crate) async fn try_post(&self, to: Endpoint, body: &Value) -> reqwest::Result<Answered> {
        let url = format!("{}{}", self.twin.base_url(), to.path());
        let sent = self.client.post(url).bearer_auth(&self.token).json(body).send().await?;
        let status = sent.status().as_u16();
        Ok(Answered { status, text: sent.text().await? })
    }

    pub(crate) async fn post(&self, to: Endpoint, body: &Value) -> Answered {
        self.try_post(to, body).await.expect("an answer")
    }

    pub(crate) fn stk_body(&self, msisdn: &str, amount: u64) -> Value {
        let msisdn: u64 = msisdn.parse().expect("a number");
        json!({
            "BusinessShortCode": 174_379,
            "Password": password(),
            "Timestamp": TIMESTAMP,
            "TransactionType": "CustomerPayBillOnline",
            "Amount": amount,
            "PartyA": msisdn,
            "PartyB": 174_379,
            "PhoneNumber": msisdn,
            "CallBackURL": self.inbox.url("collections/c0ffee"),
            "AccountReference": "K7Q2M9X4A1B3",
            "TransactionDesc": "Deposit",
        })
    }

    pub(crate) async fn stk(&self, msisdn: &str, amount: u64) -> Answered {
        self.post(Endpoint::StkPush, &self.stk_body(msisdn, amount)).await
    }

    /// A prompt that was accepted; its id.
    pub(crate) async fn prompt(&self, msisdn: &str, amount: u64) -> String {
        let answer = self.stk(msisdn, amount).await;
        assert_eq!(answer.field("ResponseCode"), "0", "{}", answer.text);
        answer.field("CheckoutRequestID")
    }

    pub(crate) async fn query(&self, checkout_request_id: &str) -> Answered {
        let body = json!({
            "BusinessShortCode": 174_379,
            "Password": password(),
            "Timestamp": TIMESTAMP,
            "CheckoutRequestID": checkout_request_id,
        });
        self.post(Endpoint::StkQuery, &body).await
    }

    pub(crate) fn b2c_body(&self, ocid: &str, msisdn: &str, amount: u64) -> Value {
        json!({
            "OriginatorConversationID": ocid,
            "InitiatorName": "testapi",
            "SecurityCredential": self.twin.security_credential(),
            "CommandID": "BusinessPayment",
            "Amount": amount,
            "PartyA": 600_992,
            "PartyB": msisdn.parse::<u64>().expect("a number"),
            "Remarks": "Payout 8841",
            "QueueTimeOutURL": self.inbox.url("late/c0ffee"),
            "ResultURL": self.inbox.url("payouts/c0ffee"),
            "Occassion": "8841",
        })
    }

    pub(crate) async fn b2c(&self, ocid: &str, msisdn: &str, amount: u64) -> Answered {
        self.post(Endpoint::B2cV3, &self.b2c_body(ocid, msisdn, amount)).await
    }

    /// The fields of every request by the initiator whose answer is a result.
    pub(crate) fn order_body(&self, command: &str, more: &Value) -> Value {
        let mut body = json!({
            "Initiator": "testapi",
            "SecurityCredential": self.twin.security_credential(),
            "CommandID": command,
            "PartyA": 600_992,
            "IdentifierType": "4",
            "ResultURL": self.inbox.url("results/c0ffee"),
            "QueueTimeOutURL": self.inbox.url("late/c0ffee"),
            "Remarks": "status",
        });
        for (name, value) in more.as_object().expect("an object") {
            body[name] = value.clone();
        }
        body
    }

    pub(crate) async fn status(&self, more: &Value) -> Answered {
        let body = self.order_body("TransactionStatusQuery", more);
        self.post(Endpoint::TransactionStatus, &body).await
    }

    /// Lets everything happen that is going to.
    pub(crate) async fn finish(&self) {
        assert!(self.control().fast_forward(LIMIT).await, "the twin does not come to rest");
    }
}

pub(crate) fn password() -> String {
    let passkey = Options::default().credentials.passkey;
    STANDARD.encode(format!("174379{passkey}{TIMESTAMP}"))
}

pub(crate) async fn answered(response: reqwest::Response) -> Answered {
    let status = response.status().as_u16();
    Answered { status, text: response.text().await.expect("a body") }
}
