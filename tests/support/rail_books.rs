//! The ledger, held against the twin's oracle: what we believe is what happened.

use std::collections::HashMap;

use domain::access::Visibility;
use domain::ids::PartyId;
use domain::ledger::{Account, AccountKey, Balances, LedgerAsset, position};
use domain::order::Order;
use domain::ports::{OrderFilter, PageRequest, Start};
use domain::service::Engine;
use twins::daraja::Oracle;

use crate::sql::Sql;

/// What we say customers paid and have not got back.
const COLLECTED: &str = "SELECT coalesce(sum(amount), 0)::bigint FROM ledger_postings
    WHERE account = 'mpesa_collection' AND asset = 'KES'";

/// What we say left the float; its opening is the operator's money.
const PAID_OUT: &str = "SELECT coalesce(sum(amount), 0)::bigint FROM ledger_postings
    JOIN ledger_entries ON ledger_entries.id = entry_id
    WHERE account = 'mpesa_utility' AND asset = 'KES' AND cause NOT LIKE 'opening:%' AND cause NOT LIKE 'charge:%' AND cause NOT LIKE 'float:%'";

/// Whether the ledger knows of every payment that there was.
pub async fn has_collected_all(sql: &Sql, oracle: &Oracle) -> bool {
    let kept = oracle.payments.iter().filter(|payment| !payment.reversed);
    sql.number(COLLECTED).await == kept.map(|payment| payment.amount_cents).sum::<i64>()
}

/// Whether the ledger knows of every payout that there was.
pub async fn has_paid_all(sql: &Sql, oracle: &Oracle) -> bool {
    let paid: i64 = oracle.payouts.iter().map(|payout| payout.amount_cents).sum();
    sql.number(PAID_OUT).await == -paid
}

/// Checks that the ledger says what the oracle says, to the cent, and that nobody was debited or
/// credited twice for the same thing. Only when nothing is under way any more.
pub async fn check_rail_books(sql: &Sql, oracle: &Oracle) {
    let kept = oracle.payments.iter().filter(|payment| !payment.reversed);
    let kept: i64 = kept.map(|payment| payment.amount_cents).sum();
    assert_eq!(sql.number(COLLECTED).await, kept, "collected: {:?}", oracle.payments);
    let paid: i64 = oracle.payouts.iter().map(|payout| payout.amount_cents).sum();
    assert_eq!(sql.number(PAID_OUT).await, -paid, "paid out: {:?}", oracle.payouts);
    check_once(oracle);
    check_orders(sql, oracle).await;
}

/// One reference is one credit, one receipt one debit.
fn check_once(oracle: &Oracle) {
    let mut payouts = HashMap::<&str, usize>::new();
    for payout in &oracle.payouts {
        *payouts.entry(&payout.originator_conversation_id).or_default() += 1;
    }
    assert!(payouts.values().all(|count| *count == 1), "paid twice: {payouts:?}");
}

/// Every order of which the oracle knows a payout is one whose payout it is, and has only that one.
async fn check_orders(sql: &Sql, oracle: &Oracle) {
    let query = "SELECT id::text, order_id::text FROM disbursements WHERE kind = 'payout'";
    let rows = sql.rows(query, &[]).await;
    let orders: HashMap<String, String> =
        rows.iter().map(|row| (row.get::<_, String>(0), row.get::<_, String>(1))).collect();
    let mut paid = HashMap::<&str, usize>::new();
    for payout in &oracle.payouts {
        let order = orders.get(&payout.originator_conversation_id.to_lowercase());
        let order = order.unwrap_or_else(|| panic!("a payout of no order: {payout:?}"));
        *paid.entry(order).or_default() += 1;
    }
    assert!(paid.values().all(|count| *count == 1), "an order was paid twice: {paid:?}");
}

const POSTED: &str = "SELECT account, asset, party_id::text, sum(amount)::bigint FROM ledger_postings
    JOIN ledger_entries ON ledger_entries.id = entry_id
    WHERE order_id = $1::text::uuid AND cause LIKE $1 || ':%' GROUP BY 1, 2, 3 HAVING sum(amount) <> 0";

/// Checks that what is posted for each order is what the order itself says.
pub async fn check_positions(sql: &Sql, engine: &Engine) {
    let mut start = Start::Offset(0);
    loop {
        let page = PageRequest { start, size: 100 };
        let orders = engine.store.list_orders(Visibility::All, &OrderFilter::default(), page).await;
        let orders = orders.expect("a database");
        for order in &orders.rows {
            assert_eq!(posted(sql, order).await, position(order), "{order:?}");
        }
        match orders.rows.last().filter(|_| orders.has_more) {
            Some(last) => start = Start::After(last.id.0),
            None => return,
        }
    }
}

async fn posted(sql: &Sql, order: &Order) -> Balances {
    let rows = sql.rows(POSTED, &[&order.id.to_string()]).await;
    let balance = |row: &tokio_postgres::Row| {
        let party: Option<&str> = row.get(2);
        let key = AccountKey {
            account: Account::parse(row.get(0)).expect("an account"),
            asset: LedgerAsset::parse(row.get(1)).expect("an asset"),
            party: party.map(|id| PartyId(id.parse().expect("an id"))),
        };
        (key, row.get(3))
    };
    rows.iter().map(balance).collect()
}
