//! The order on the wire: the newest superset of the seeds' schemas, in their order of fields; what
//! we add stands behind, unwrapped.

use domain::order::{AttemptError, DepositStage, Order, WaitingCode, WaitingFor, waiting_for};
use domain::ports::OrderDetails;
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use super::nulls::{NullString, NullTime, Nulls};
use super::shown::{Shown, Time};
use super::words;
use domain::money::{Crypto, Fiat};
use domain::party::Contact;
use domain::rail::Circuit;
use domain::rate::Rate;

/// An order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Order)]
pub struct OrderBody<'a> {
    id: Uuid,
    customer_id: Uuid,
    vendor_id: Uuid,
    offer_id: Uuid,
    #[schema(value_type = words::AssetWord)]
    asset: &'static str,
    #[schema(value_type = String, example = "1200.00000000")]
    crypto_amount: Shown<Crypto>,
    /// The same as `crypto_amount`.
    #[schema(value_type = String, example = "1200.00000000")]
    usdt_amount: Shown<Crypto>,
    #[schema(value_type = String, example = "175200.00")]
    fiat_amount: Shown<Fiat>,
    #[schema(value_type = words::CurrencyWord)]
    fiat_currency: &'static str,
    wallet_address: &'a str,
    #[schema(value_type = words::OrderStatusWord)]
    status: &'static str,
    #[schema(value_type = words::PaymentMethodWord)]
    payment_method: &'static str,
    payment_txn_id: NullString<'a>,
    blockchain_txn_hash: NullString<'a>,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Time,
    completed_at: NullTime,
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Time,
    deleted_at: NullTime,
    merchant_request_id: NullString<'a>,
    checkout_request_id: NullString<'a>,
    mpesa_receipt_number: NullString<'a>,
    /// On-ramp: who pays. Off-ramp: the `payout_phone` of the request.
    payment_phone_number: NullString<'a>,
    #[schema(value_type = words::OrderTypeWord)]
    order_type: &'static str,
    #[schema(value_type = words::OrderSubtypeWord)]
    order_subtype: &'static str,
    sender_name: NullString<'a>,
    sender_country: NullString<'a>,
    sender_phone: NullString<'a>,
    escrow_wallet_address: NullString<'a>,
    escrow_network: NullString<'a>,
    escrow_reference: NullReference,
    deposit_tx_hash: NullString<'a>,
    deposit_confirmations: u32,
    deposit_detected_at: NullTime,
    /// Pending orders only: shillings per coin, the offer's rate when the order was placed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "146.00")]
    rate: Option<Shown<Rate>>,
    /// Details only, as are the next five.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    customer_email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    customer_phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    vendor_email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    vendor_phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<words::OfferTypeWord>, nullable = false)]
    offer_type: Option<&'static str>,
    /// The offer's rate now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "146.00")]
    offer_rate: Option<Shown<Rate>>,
    /// The attempts that did not work, oldest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    attempts: Option<Vec<LastError>>,
    /// Why the order is where it is; null while nothing is unusual.
    #[schema(value_type = Option<words::StatusReasonWord>)]
    status_reason: Option<&'static str>,
    /// Who must do what by when; null when the order is final.
    waiting_for: Option<Waiting>,
    /// Why the last attempt on either rail did not work; null when it did, and while one is under way.
    last_error: Option<LastError>,
    /// What stands on the M-Pesa message of whoever was asked to pay last; null before anybody was.
    #[schema(example = "K7Q2M9X4A1B3")]
    account_reference: Option<&'a str>,
}

/// The next step of an order that is not final.
#[derive(Debug, Serialize, ToSchema)]
pub struct Waiting {
    #[schema(value_type = words::WaitingActorWord)]
    actor: &'static str,
    /// In a sentence; `code` says the same for programs.
    what: &'static str,
    #[schema(value_type = String, format = DateTime)]
    since: Time,
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Time>,
    /// What happens when it does not come about.
    then: &'static str,
    /// What is waited for, as one of a closed set.
    #[schema(value_type = words::WaitingCodeWord)]
    code: &'static str,
}

/// An attempt to move money that did not work.
#[derive(Debug, Serialize, ToSchema)]
pub struct LastError {
    #[schema(value_type = words::ErrorCodeWord)]
    code: &'static str,
    /// The same for a person.
    #[schema(example = "The M-Pesa prompt was declined on the phone.")]
    message: String,
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    #[schema(value_type = words::LegWord)]
    leg: &'static str,
}

impl From<&AttemptError> for LastError {
    fn from(error: &AttemptError) -> Self {
        Self {
            code: error.code.as_str(),
            message: error.message(),
            at: Time(error.at),
            leg: error.leg.as_str(),
        }
    }
}

/// A UUID that may be empty.
#[derive(Debug, Clone)]
pub struct NullReference(Option<Uuid>, Nulls);

impl Serialize for NullReference {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut buffer = Uuid::encode_buffer();
        let text = self.0.map(|id| &*id.hyphenated().encode_lower(&mut buffer));
        NullString(text, self.1).serialize(serializer)
    }
}

impl utoipa::PartialSchema for NullReference {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        NullString::schema()
    }
}

impl ToSchema for NullReference {
    fn name() -> std::borrow::Cow<'static, str> {
        "NullString".into()
    }
}

impl Waiting {
    fn of(order: &Order) -> Option<Self> {
        let waiting: WaitingFor = waiting_for(order)?;
        let code = WaitingCode::of(&order.state)?;
        let code = if waiting.actor == "operator" { WaitingCode::Review } else { code };
        Some(Self::new(code, &waiting))
    }

    fn new(code: WaitingCode, waiting: &WaitingFor) -> Self {
        Self {
            code: code.as_str(),
            actor: waiting.actor,
            what: waiting.what,
            since: Time(waiting.since),
            until: waiting.until.map(Time),
            then: waiting.then,
        }
    }
}

impl<'a> OrderBody<'a> {
    /// The order as every endpoint shows it.
    pub fn new(order: &'a Order, nulls: Nulls) -> Self {
        let text = |value: Option<&'a str>| NullString(value, nulls);
        let time = |value: Option<OffsetDateTime>| NullTime(value, nulls);
        let evidence = &order.evidence;
        let receipt = receipt(order);
        let refs = evidence.collection.as_ref();
        let escrow = order.escrow.as_ref();
        let deposit = evidence.deposits.iter().find(|d| d.stage != DepositStage::Orphaned);
        let phone = order.payout_phone.as_ref().or(evidence.payer_phone.as_ref());
        Self {
            id: order.id.0,
            customer_id: order.customer_id.0,
            vendor_id: order.vendor_id.0,
            offer_id: order.offer_id.0,
            asset: order.asset.as_str(),
            crypto_amount: Shown(order.crypto),
            usdt_amount: Shown(order.crypto),
            fiat_amount: Shown(order.fiat),
            fiat_currency: "KES",
            wallet_address: order.wallet.as_str(),
            status: order.status().as_str(),
            payment_method: "mpesa",
            payment_txn_id: text(receipt),
            blockchain_txn_hash: text(evidence.delivery.as_ref().map(|d| d.tx_hash.as_str())),
            expires_at: Time(order.expires_at),
            completed_at: time(order.completed_at),
            created_at: Time(order.created_at),
            updated_at: Time(order.updated_at),
            deleted_at: time(None),
            merchant_request_id: text(refs.map(|refs| refs.merchant_request_id.as_str())),
            checkout_request_id: text(refs.map(|refs| refs.checkout_request_id.as_str())),
            mpesa_receipt_number: text(receipt),
            payment_phone_number: text(phone.map(domain::party::Msisdn::as_str)),
            order_type: order.order_type.as_str(),
            order_subtype: order.order_type.subtype().as_str(),
            sender_name: text(None),
            sender_country: text(None),
            sender_phone: text(None),
            escrow_wallet_address: text(escrow.map(|escrow| escrow.address.as_str())),
            escrow_network: text(escrow.map(|escrow| escrow.address.network().as_str())),
            escrow_reference: NullReference(escrow.map(|escrow| escrow.reference), nulls),
            deposit_tx_hash: text(deposit.map(|deposit| deposit.id.tx_hash.as_str())),
            deposit_confirmations: deposit.map_or(0, |deposit| deposit.confirmations),
            deposit_detected_at: time(deposit.map(|deposit| deposit.detected_at)),
            rate: None,
            customer_email: None,
            customer_phone: None,
            vendor_email: None,
            vendor_phone: None,
            offer_type: None,
            offer_rate: None,
            status_reason: order.state.reason(),
            waiting_for: Waiting::of(order),
            last_error: evidence.last_error.as_ref().map(LastError::from),
            account_reference: evidence.account_reference.as_deref(),
            attempts: None,
        }
    }

    /// The same, where the breaker of payouts may hold the order back.
    #[must_use]
    pub fn held_by(mut self, order: &Order, circuit: Option<&Circuit>) -> Self {
        if let Some((code, waiting)) = circuit.and_then(|circuit| circuit.waiting_for(order)) {
            self.waiting_for = Some(Waiting::new(code, &waiting));
        }
        self
    }

    /// The order with the rate that it was placed at.
    pub fn with_rate(order: &'a Order, nulls: Nulls) -> Self {
        Self { rate: Some(Shown(order.rate)), ..Self::new(order, nulls) }
    }

    /// The order beside its parties and its offer as they are now.
    pub fn with_details(view: &'a OrderDetails, nulls: Nulls) -> Self {
        let phone = |contact: &Contact| Some(format!("+{}", contact.phone.as_str()));
        Self {
            customer_email: Some(view.customer.email.as_str()),
            customer_phone: phone(&view.customer),
            vendor_email: Some(view.vendor.email.as_str()),
            vendor_phone: phone(&view.vendor),
            offer_type: Some(view.offer_type.as_str()),
            offer_rate: Some(Shown(view.offer_rate)),
            attempts: Some(view.order.evidence.failures.iter().map(LastError::from).collect()),
            ..Self::new(&view.order, nulls)
        }
    }
}

/// The M-Pesa receipt of the order's shillings leg, whichever way it went.
fn receipt(order: &Order) -> Option<&str> {
    let paid = order.evidence.payments.first().map(|payment| payment.receipt.as_str());
    paid.or_else(|| order.evidence.payout.as_ref()?.receipt.as_deref())
}
