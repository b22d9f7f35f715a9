//! What came of it, in figures.

use crate::Plan;
use crate::customers::Customers;
use crate::knobs::Acted;
use crate::processes::Processes;
use crate::site::Site;

const ORDERS: &str = "SELECT order_type || ' ' || network || ' ' || state || ' '
        || coalesce(state_reason, '-'), count(*) FROM orders GROUP BY 1 ORDER BY 1";
const REVIEWS: &str = "SELECT kind || CASE WHEN order_id IS NULL THEN ' (no order)' ELSE '' END
        || CASE WHEN closed_at IS NULL THEN ' open' ELSE ' closed' END, count(*)
    FROM reviews GROUP BY 1 ORDER BY 1";
const ENDED: &str = "SELECT state, count(*) FROM orders
    WHERE state IN ('completed', 'cancelled', 'refunded') GROUP BY 1 ORDER BY 1";

pub(crate) async fn print(
    site: &Site,
    customers: &Customers<'_>,
    processes: &Processes,
    acted: &Acted,
    plan: Plan,
) {
    for (title, query) in [("orders", ORDERS), ("orders that ended", ENDED), ("reviews", REVIEWS)] {
        println!("\n{title}");
        for row in site.sql.rows(query, &[]).await {
            println!("{:>8}  {}", row.get::<_, i64>(1), row.get::<_, &str>(0));
        }
    }
    println!("\nfaults that acted: {} in all", acted.values().sum::<u64>());
    for (knob, count) in acted {
        println!("{count:>8}  {knob}");
    }
    println!("\nrefused to customers");
    for (code, count) in customers.refused() {
        println!("{count:>8}  {code}");
    }
    println!("\nmemory, KiB at the start and at most");
    for (name, first, most) in processes.memory() {
        println!("{first:>8} {most:>8}  {name}");
    }
    let orders = site.sql.number("SELECT count(*) FROM orders").await;
    println!("\n{orders} orders in {} s with faults at {} %", plan.seconds, plan.faults);
}
