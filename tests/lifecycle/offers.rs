//! Offers and parties: published, amended, provisioned.

use e2e::{BUY_OFFER, PartyId, Role, SELL_OFFER, TestApp, VENDOR, buy, buy_of, offer, user, with};
use serde_json::json;

use crate::lifecycle::{OFFERS, ORDERS, USERS, by_cursor, held, page, publish};

#[tokio::test]
async fn an_offer_is_published_read_and_amended() {
    let app = TestApp::start().await;
    let part = json!({ "crypto_amount": "100", "available_amount": "60", "max_order": "50" });
    let published = app.post(OFFERS, &app.vendor, &with(offer(), &part)).await.expect(201);
    let expected = json!({
        "vendor_id": VENDOR, "offer_type": "SELL", "asset": "USDT",
        "crypto_amount": "100.00000000", "usdt_amount": "100.00000000",
        "available_amount": "60.00000000", "held_amount": "0.00000000", "rate": "146.00",
        "fiat_currency": "KES", "min_order": "1.00000000", "max_order": "50.00000000",
        "description": "ten coins", "status": "active",
        "deleted_at": { "Time": "0001-01-01T00:00:00Z", "Valid": false },
    });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&published.json[name], value, "{name}");
    }
    assert_eq!(app.offer(published.id()).await.text, published.text);
    let second = publish(&app, &json!({})).await;
    for path in ["offers?", "offers/type/SELL?", "offers?status=active&"] {
        let path = format!("/api/v1/auth/{path}vendor_id={VENDOR}&page_id=1&page_size=10");
        let mut listed = page(&app, &path, &app.customer).await.ids();
        listed.retain(|id| *id != SELL_OFFER.to_string());
        assert_eq!(listed, [&second, published.id()], "newest first");
    }
    for path in [OFFERS, "/api/v1/auth/offers/type/SELL"] {
        let all = page(&app, &format!("{path}?page_id=1&page_size=10"), &app.customer).await;
        let walked = by_cursor(&app, &format!("{path}?"), &app.customer, 1).await;
        assert_eq!(walked, all.ids());
    }
    let path = "/api/v1/auth/offers/type/BUY?page_id=1&page_size=10";
    assert_eq!(page(&app, path, &app.customer).await.ids(), [BUY_OFFER.to_string()]);

    let path = format!("{OFFERS}/{}", published.id());
    let change = json!({ "status": "inactive", "rate": "147.5", "min_order": "2",
        "max_order": "40", "available_amount": "70", "description": "fewer" });
    let amended = app.patch(&path, &app.vendor, &change).await.expect(200);
    let shown = json!({ "status": "inactive", "rate": "147.50", "min_order": "2.00000000",
        "max_order": "40.00000000", "available_amount": "70.00000000", "description": "fewer",
        "crypto_amount": "100.00000000", "created_at": published.json["created_at"] });
    for (name, value) in shown.as_object().expect("an object") {
        assert_eq!(&amended.json[name], value, "{name}");
    }
    assert_eq!(app.offer(published.id()).await.text, amended.text);
    app.finish().await;
}

#[tokio::test]
async fn an_offer_cannot_fall_below_its_holds_and_orders_keep_their_rate() {
    let app = TestApp::start().await;
    let id = publish(&app, &json!({})).await;
    let three = json!({ "usdt_amount": "3", "fiat_amount": "438" });
    let placed = app.place(&app.customer, &with(buy_of(&id), &three)).await;
    let path = format!("{OFFERS}/{id}");
    let below = json!({ "available_amount": "2.99999999" });
    let refused = app.patch(&path, &app.vendor, &below).await;
    refused.problem_with(422, "below_held", &[("available_amount", "below_held")]);
    let change = json!({ "available_amount": "3", "rate": "150.00" });
    app.patch(&path, &app.vendor, &change).await.expect(200);

    let details = app.details(&app.customer, placed.id()).await;
    assert_eq!(details.json["offer_rate"], "150.00", "the offer's rate now");
    assert_eq!(details.json["fiat_amount"], "438.00");
    let pending = format!("{ORDERS}/pending?page_id=1&page_size=1");
    let pending = page(&app, &pending, &app.customer).await;
    assert_eq!(pending.json[0]["rate"], "146.00", "the order's own");
    let exhausted = with(buy_of(&id), &json!({ "fiat_amount": "150" }));
    app.post(ORDERS, &app.customer, &exhausted).await.problem(409, "insufficient_liquidity");

    let inactive = json!({ "status": "inactive" });
    app.patch(&path, &app.vendor, &inactive).await.expect(200);
    app.cancel(&app.customer, placed.id()).await.expect(200);
    assert_eq!(held(&app, &id).await, "0.00000000", "also when the offer rests");
    app.finish().await;
}

#[tokio::test]
async fn provisioned_parties_can_trade_and_nobody_else() {
    let app = TestApp::start().await;
    let stranger = PartyId(uuid::Uuid::from_u128(0x0123_4567));
    let token = app.token(Role::Customer, stranger);
    let order = with(buy(), &json!({ "customer_id": stranger }));
    let refused = app.post(ORDERS, &token, &order).await;
    refused.problem(422, "customer_not_provisioned");

    let named = with(user("Zuri"), &json!({ "id": stranger }));
    let party = app.post(USERS, &app.admin, &named).await.expect(201);
    let shown = json!({ "id": stranger, "role": "customer", "email": "Zuri@example.com",
        "phone_number": "+254712345679", "first_name": "Zuri", "last_name": "Mwangi" });
    for (name, value) in shown.as_object().expect("an object") {
        assert_eq!(&party.json[name], value, "{name}");
    }
    let placed = app.place(&token, &order).await;
    let details = app.details(&token, placed.id()).await;
    assert_eq!(details.json["customer_email"], "Zuri@example.com");

    let vendor = with(user("Baraka"), &json!({ "role": "vendor" }));
    let vendor = app.post(USERS, &app.admin, &vendor).await.expect(201);
    let vendor_id = PartyId(vendor.id().parse().expect("a UUID"));
    let selling = app.token(Role::Vendor, vendor_id);
    let terms = with(offer(), &json!({ "vendor_id": vendor_id }));
    let offered = app.post(OFFERS, &selling, &terms).await.expect(201);
    let order = with(buy_of(offered.id()), &json!({ "vendor_id": vendor_id }));
    let placed = app.place(&app.customer, &order).await;
    app.cancel(&selling, placed.id()).await.expect(200);
    app.finish().await;
}
