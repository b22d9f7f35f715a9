//! Lists: their pages, cursors, filters and nulls.

use e2e::{BUYING_VENDOR, Role, SELLER, TestApp, VENDOR, buy, sell, send, with};
use reqwest::Method;
use serde_json::{Value, json};

use crate::lifecycle::{ORDERS, by_cursor, page};

/// The ids that all pages have, by number until one is empty.
async fn by_number(app: &TestApp, path: &str, token: &str, size: usize) -> Vec<String> {
    let mut ids = vec![];
    for number in 1.. {
        let address = format!("{path}page_id={number}&page_size={size}");
        let page = page(app, &address, token).await.ids();
        if page.is_empty() {
            break;
        }
        ids.extend(page);
    }
    ids
}

/// 57 orders of the customer on the demo vendor's offer, every third of them cancelled.
async fn fifty_seven_orders(app: &TestApp) -> Vec<String> {
    let mut placed = vec![];
    for number in 0..57 {
        let order = app.place(&app.customer, &buy()).await;
        if number % 3 == 0 {
            app.cancel(&app.customer, order.id()).await.expect(200);
        }
        placed.push(order.id().to_owned());
    }
    placed.reverse();
    placed
}

#[tokio::test]
async fn walking_by_cursor_sees_what_walking_by_page_sees() {
    let app = TestApp::start().await;
    let placed = fifty_seven_orders(&app).await;
    let cancelled: Vec<_> = placed.iter().rev().step_by(3).rev().cloned().collect();
    let pending: Vec<_> = placed.iter().filter(|id| !cancelled.contains(id)).cloned().collect();
    let walks = [
        (format!("{ORDERS}?"), &placed),
        (format!("{ORDERS}?order_type=ON_RAMP_BUY&status=cancelled&"), &cancelled),
        (format!("{ORDERS}?vendor_id={VENDOR}&status=pending&"), &pending),
        (format!("{ORDERS}/pending?"), &pending),
    ];
    for (path, expected) in walks {
        for size in [1, 7, 19, 57, 100] {
            assert_eq!(
                by_cursor(&app, &path, &app.customer, size).await,
                *expected,
                "{path}{size}"
            );
        }
        assert_eq!(by_number(&app, &path, &app.customer, 10).await, *expected, "{path}");
    }
    let exact = page(&app, &format!("{ORDERS}?page_id=3&page_size=19"), &app.customer).await;
    assert_eq!((exact.rows().len(), exact.next()), (19, None), "nothing follows");
    let beyond = page(&app, &format!("{ORDERS}?page_id=9&page_size=19"), &app.customer).await;
    assert_eq!((beyond.text.as_str(), beyond.next()), ("[]", None));

    // A newcomer shifts pages and no cursor.
    let first = page(&app, &format!("{ORDERS}?page_id=1&page_size=10"), &app.customer).await;
    app.place(&app.customer, &buy()).await;
    let second = page(&app, &first.next().expect("more"), &app.customer).await;
    assert_eq!(second.ids(), placed[10..20]);
    app.finish().await;
}

#[tokio::test]
async fn filters_narrow_what_a_caller_sees_and_never_widen_it() {
    let app = TestApp::start().await;
    let bought = app.place(&app.customer, &buy()).await.id().to_owned();
    let sold = app.place(&app.seller, &sell()).await.id().to_owned();
    let as_customer = json!({ "customer_id": VENDOR });
    let vendors = app.place(&app.vendor, &with(sell(), &as_customer)).await;
    let (vendors, since) = (vendors.id().to_owned(), vendors.text_of("created_at").to_owned());
    let all = [&vendors, &sold, &bought];
    let cases = [
        (&app.admin, String::new(), all.to_vec()),
        (&app.customer, String::new(), vec![&bought]),
        (&app.seller, String::new(), vec![&sold]),
        // A vendor sees what they sell and what they buy.
        (&app.vendor, String::new(), vec![&vendors, &bought]),
        (&app.buying_vendor, String::new(), vec![&vendors, &sold]),
        (&app.vendor, format!("&vendor_id={VENDOR}"), vec![&bought]),
        (&app.vendor, format!("&customer_id={VENDOR}"), vec![&vendors]),
        (&app.customer, format!("&customer_id={SELLER}"), vec![]),
        (&app.customer, format!("&vendor_id={BUYING_VENDOR}"), vec![]),
        (&app.admin, format!("&customer_id={SELLER}"), vec![&sold]),
        (&app.admin, "&order_type=OFF_RAMP_SELL".into(), vec![&vendors, &sold]),
        (&app.admin, "&order_type=ON_RAMP_SELL".into(), vec![]),
        (&app.admin, "&status=awaiting_crypto".into(), vec![&vendors, &sold]),
        (&app.admin, "&status=completed".into(), vec![]),
        (&app.admin, format!("&created_from={since}"), vec![&vendors]),
        (&app.admin, format!("&created_to={since}"), vec![&sold, &bought]),
        (&app.admin, format!("&updated_since={since}"), vec![&vendors]),
        (&app.admin, "&order_subtype=standard_onramp".into(), vec![&bought]),
        (&app.admin, "&order_subtype=standard_offramp".into(), vec![&vendors, &sold]),
        (&app.admin, "&order_type=ON_RAMP_BUY&order_subtype=standard_offramp".into(), vec![]),
        (&app.admin, "&status=pending,awaiting_crypto".into(), all.to_vec()),
        (&app.admin, "&status=pending".into(), vec![&bought]),
        (&app.admin, "&status=pending%2Ccompleted".into(), vec![&bought]),
    ];
    for (token, filter, expected) in cases {
        let path = format!("{ORDERS}?page_id=1&page_size=10{filter}");
        let seen = page(&app, &path, token).await.ids();
        assert_eq!(seen.iter().collect::<Vec<_>>(), expected, "{filter}");
    }
    // A customer's role shows the customer's side only, even to a vendor.
    let modest = app.token(Role::Customer, VENDOR);
    let path = format!("{ORDERS}?page_id=1&page_size=10");
    assert_eq!(page(&app, &path, &modest).await.ids(), [vendors]);
    app.finish().await;
}

#[tokio::test]
async fn clients_may_ask_for_plain_nulls() {
    let app = TestApp::start().await;
    let sold = app.place(&app.seller, &sell()).await;
    let path = format!("/api/v1/auth/order/id/{}/details", sold.id());
    let by_query = app.get(&format!("{path}?nulls=plain"), &app.seller).await.expect(200);
    let request = app.request(Method::GET, &path, &app.seller);
    let request = request.header("accept", "application/json; nulls=plain");
    let by_header = send(request).await.expect(200);
    assert_eq!(by_query.text, by_header.text);
    let plain = &by_query.json;
    assert_eq!(plain["payment_phone_number"], "254727648169");
    assert_eq!(plain["escrow_network"], "tron");
    for empty in ["completed_at", "deleted_at", "deposit_tx_hash", "sender_name", "status_reason"] {
        assert_eq!(plain[empty], Value::Null, "{empty}");
    }
    let names = |text: &str| e2e::fields(text).into_iter().map(|f| f.name).collect::<Vec<_>>();
    let wrapped = app.details(&app.seller, sold.id()).await;
    assert_eq!(names(&by_query.text), names(&wrapped.text));
    for path in
        ["orders?", "offers?", "orders/pending?include=awaiting_crypto&", "offers/type/SELL?"]
    {
        let path = format!("/api/v1/auth/{path}page_id=1&page_size=1&nulls=plain");
        assert_eq!(page(&app, &path, &app.seller).await.json[0]["deleted_at"], Value::Null);
    }
    let created = app.post(&format!("{ORDERS}?nulls=plain"), &app.customer, &buy()).await;
    assert_eq!(created.expect(201).json["completed_at"], Value::Null);
    app.finish().await;
}

#[tokio::test]
async fn lists_that_are_not_the_seeds_have_a_first_page_of_twenty() {
    let app = TestApp::start().await;
    for _ in 0..20 {
        crate::lifecycle::publish(&app, &json!({})).await;
    }
    for path in ["/api/v1/auth/offers", "/api/v1/auth/offers/type/SELL"] {
        let first = page(&app, path, &app.customer).await;
        assert_eq!(first.rows().len(), 20, "{path}");
        let asked = page(&app, &format!("{path}?page_id=1&page_size=20"), &app.customer).await;
        assert_eq!(first.ids(), asked.ids(), "{path}");
        let second = page(&app, &first.next().expect("more"), &app.customer).await;
        let whole = page(&app, &format!("{path}?page_size=100"), &app.customer).await;
        assert_eq!([first.ids(), second.ids()].concat(), whole.ids(), "{path}");
        assert_eq!(page(&app, &format!("{path}?page_size=7"), &app.customer).await.rows().len(), 7);
    }
    app.finish().await;
}
