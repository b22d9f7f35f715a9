//! The demo parties and offers: those of the API pages' examples, so that their requests work as
//! printed. Loaded only where the local key rules.

use anyhow::{Result, anyhow};
use domain::ids::{OfferId, PartyId};
use domain::money::Crypto;
use domain::offer::{Asset, Offer, OfferStatus, OfferType};
use domain::party::{Email, Msisdn, Party, Role};
use domain::rate::Rate;
use domain::service::Engine;
use time::{Duration, OffsetDateTime};
use uuid::{Uuid, uuid};

use crate::auth::local_token;
use crate::settings::Settings;

pub const CUSTOMER: Uuid = uuid!("b523ed51-a7e0-4c53-8ac2-3c0b7e1c9cd5");
pub const SELLER: Uuid = uuid!("8d09359f-325a-4ecf-998d-dbe5eda3a498");
pub const VENDOR: Uuid = uuid!("5c81c005-1c52-4e0d-85e2-862ee1cdd4d0");
pub const BUYING_VENDOR: Uuid = uuid!("7a4301b0-e04b-4102-a999-b17dada65509");
const ADMIN: Uuid = uuid!("00000000-0000-7000-8000-00000000ad01");
pub const SELL_OFFER: Uuid = uuid!("7c9a9311-7e7d-4739-9abc-34f7db00ff19");
pub const BUY_OFFER: Uuid = uuid!("0e16f8d4-e557-4343-848b-9be955ccf06c");

const PARTIES: [(Uuid, Role, &str, &str, &str); 5] = [
    (CUSTOMER, Role::Customer, "Amina", "Otieno", "254727648169"),
    (SELLER, Role::Customer, "Brian", "Kamau", "254712345678"),
    (VENDOR, Role::Vendor, "Chanua", "Exchange", "254711000001"),
    (BUYING_VENDOR, Role::Vendor, "Dira", "Traders", "254711000002"),
    (ADMIN, Role::Admin, "Kivuko", "Operator", "254711000003"),
];

/// A demo party's name.
pub fn name(party: Uuid) -> Option<String> {
    let known = PARTIES.iter().find(|(id, ..)| *id == party);
    known.map(|(_, _, first, last, _)| format!("{first} {last}"))
}

/// Room for a million orders of the examples' size: 2,000,000,000 USDT.
const PLENTY_MINOR: i64 = 200_000_000_000_000_000;

/// Adds what is not there yet.
pub async fn load(engine: &Engine) -> Result<()> {
    let now = engine.clock.now();
    let mut uow = engine.store.begin().await?;
    for (id, role, first, last, phone) in PARTIES {
        uow.insert_party(&party(id, role, (first, last), phone, now)?).await?;
    }
    for (id, vendor, offer_type, rate) in [
        (SELL_OFFER, VENDOR, OfferType::Sell, "146.00"),
        (BUY_OFFER, BUYING_VENDOR, OfferType::Buy, "141.00"),
    ] {
        if uow.lock_offer(OfferId(id)).await?.is_none() {
            uow.insert_offer(&offer(id, vendor, offer_type, rate, now)?).await?;
        }
    }
    Ok(uow.commit().await?)
}

fn party(
    id: Uuid,
    role: Role,
    (first, last): (&str, &str),
    phone: &str,
    now: OffsetDateTime,
) -> Result<Party> {
    Ok(Party {
        id: PartyId(id),
        role,
        email: Email::parse(&format!("{}@example.com", first.to_lowercase()))?,
        phone: Msisdn::parse(phone)?,
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        created_at: now,
    })
}

fn offer(
    id: Uuid,
    vendor: Uuid,
    offer_type: OfferType,
    rate: &str,
    now: OffsetDateTime,
) -> Result<Offer> {
    let plenty = Crypto::from_minor(PLENTY_MINOR).ok_or_else(|| anyhow!("a demo amount"))?;
    Ok(Offer {
        id: OfferId(id),
        vendor_id: PartyId(vendor),
        offer_type,
        asset: Asset::Usdt,
        crypto_amount: plenty,
        available: plenty,
        held: Crypto::ZERO,
        rate: Rate::parse(rate)?,
        min_order: Crypto::parse("1")?,
        max_order: Crypto::parse("5000")?,
        description: Some("Demo offer".to_owned()),
        status: OfferStatus::Active,
        terms_version: 1,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    })
}

/// What a newcomer needs: every URL, the parties' tokens, and a buy and a sell that work as printed.
pub fn banner(
    settings: &Settings,
    url: &str,
    twin: Option<String>,
    now: OffsetDateTime,
) -> Result<String> {
    let token = |role, id| local_token(settings, role, id, now, Duration::days(30));
    let (customer, seller) = (token(Role::Customer, CUSTOMER)?, token(Role::Customer, SELLER)?);
    let (vendor, buyer) = (token(Role::Vendor, VENDOR)?, token(Role::Vendor, BUYING_VENDOR)?);
    let admin = token(Role::Admin, ADMIN)?;
    let orders = format!("{url}/api/v1/auth/orders");
    let json = "-H 'Content-Type: application/json'";
    let play = twin.map(|twin| play(&twin)).unwrap_or_default();
    Ok(format!(
        r#"
start     {url}/
docs      {url}/docs/
customer  {customer}
seller    {seller}
vendor    {vendor}
buyer     {buyer}
admin     {admin}

# Amina, the customer, buys 1200 USDT of the vendor, and pays; her phone approves by itself:
BUY=$(curl -s -X POST {orders} {json} \
  -H 'Authorization: Bearer {customer}' \
  -d '{{"customer_id":"{CUSTOMER}","vendor_id":"{VENDOR}","offer_id":"{SELL_OFFER}","usdt_amount":"1200.00","fiat_amount":"175200.00","fiat_currency":"KES","wallet_address":"TPY7ewYk2eY9b4TTYkCHJH3Cqudh3NU6tM","payment_method":"mpesa","order_type":"ON_RAMP_BUY"}}' | cut -d'"' -f4)
curl -s -X POST {orders}/payment {json} \
  -H 'Authorization: Bearer {customer}' \
  -d '{{"order_id":"'$BUY'","phone_number":"254727648169"}}'
curl -s {url}/api/v1/auth/order/id/$BUY/details -H 'Authorization: Bearer {customer}'

# Brian, the seller, sells 799.99 USDT to the buyer:
SELL=$(curl -s -X POST {orders} {json} \
  -H 'Authorization: Bearer {seller}' \
  -d '{{"customer_id":"{SELLER}","vendor_id":"{BUYING_VENDOR}","offer_id":"{BUY_OFFER}","usdt_amount":"799.99","fiat_amount":"112798.59","fiat_currency":"KES","wallet_address":"TPY7ewYk2eY9b4TTYkCHJH3Cqudh3NU6tM","payment_method":"mpesa","order_type":"OFF_RAMP_SELL","payout_phone":"254712345678"}}' | cut -d'"' -f4)
{play}curl -s {url}/api/v1/auth/order/id/$SELL/details -H 'Authorization: Bearer {seller}'

# Ctrl-C stops it; the next start goes on."#
    ))
}

/// How the customers' side is played where a twin does it.
fn play(twin: &str) -> String {
    format!(
        "# He sends the coin, which `kivuko twin deposit $SELL` does too; phones and wallets are at {twin}:\n\
         curl -s -X POST {twin}/deposits -d '{{\"order\":\"'$SELL'\"}}'\n"
    )
}
