//! Every metric of the service with its HELP: the one list that operators, dashboards and alert rules go
//! by. Where a metric gets its values is its own room's business; a name that is not here is refused by a
//! test of the tree.

/// What a metric does over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Counter,
    Gauge,
    Histogram,
}

use Kind::{Counter, Gauge, Histogram};

/// Names, kinds and meanings. Labels are in braces.
pub const SIGNALS: &[(&str, Kind, &str)] = &[
    ("http_requests_total", Counter, "Requests, by {method, route, status}"),
    ("http_request_seconds", Histogram, "How long requests take, by {method, route, status}"),
    ("rail_requests_total", Counter, "Requests to M-Pesa, by {endpoint, outcome}"),
    ("rail_request_seconds", Histogram, "How long M-Pesa takes to answer, by {endpoint}"),
    ("rail_jobs_under_way", Gauge, "Jobs that this process works on, by {crew}"),
    ("callbacks_spooled_total", Counter, "Callbacks kept in files because the database was away"),
    ("callbacks_in_spool", Gauge, "Callbacks in files that the database has not got yet"),
    ("orders_open", Gauge, "Orders that are not final, by {status}"),
    (
        "orders_open_oldest_seconds",
        Gauge,
        "For how long the oldest of them has been as it is, by {status}",
    ),
    ("orders_expired_total", Counter, "Orders that nobody paid for in time"),
    ("jobs_open", Gauge, "Jobs that are not done, by {kind}"),
    ("jobs_due_seconds", Gauge, "For how long the oldest of them has been due, by {kind}"),
    ("jobs_attempts_most", Gauge, "How often the most tried of them was taken up, by {kind}"),
    ("reviews_open", Gauge, "Open reviews, by {kind}"),
    ("review_items_open", Gauge, "What open reviews are about, by {kind}"),
    ("supervisor_findings", Gauge, "Things that wait and that nothing moves"),
    (
        "supervisor_round_seconds",
        Gauge,
        "How long the last look through all that is open has taken",
    ),
    (
        "payout_circuit",
        Gauge,
        "The breaker of all money going out through M-Pesa: 1 at the {state} that it is in. closed: \
         money flows; probing: one use of our initiator at a time until the rail accepts one; open: \
         nothing goes out",
    ),
    (
        "payout_circuit_open_why",
        Gauge,
        "{why} the breaker is open: 1 at the reason. refused: the rail refuses us; difference: the \
         float holds less than the books; unanswered: probes brought no answer; operator: somebody \
         opened it",
    ),
    (
        "payout_circuit_since_seconds",
        Gauge,
        "When the breaker turned to its state, in seconds since 1970",
    ),
    ("payout_float_shillings", Gauge, "What payouts can be paid from, as M-Pesa told last"),
    (
        "payout_float_off_shillings",
        Gauge,
        "What M-Pesa told of the float beyond the books; negative when it holds less",
    ),
    (
        "payout_float_missing_since_seconds",
        Gauge,
        "Since when payouts wait for the float, in seconds since 1970; 0 while none does",
    ),
    ("hot_wallet_coins", Gauge, "Coin of a hot wallet that is final, by {network, asset}"),
    (
        "hot_wallet_off_coins",
        Gauge,
        "What a hot wallet holds beyond the books, by {network, asset}; transfers under way explain some",
    ),
    ("chain_blocks_read_total", Counter, "Blocks that were read, by {network}"),
    ("chain_lag_blocks", Gauge, "Blocks that a chain is ahead of what was read, by {network}"),
    ("chain_silent_seconds", Gauge, "For how long a chain has brought no block, by {network}"),
    (
        "chain_halted",
        Gauge,
        "1 while nothing is credited, until an operator resumes it, by {network}",
    ),
    ("chain_nodes_answering", Gauge, "Nodes that answer, by {network}"),
    ("sweeps_asked", Gauge, "Escrow addresses whose coin the last look sent to the hot wallet"),
    ("worker_errors_total", Counter, "Passes of a loop that failed and come again, by {worker}"),
];

/// Tells the recorder what each metric means.
pub fn describe() {
    for &(name, kind, help) in SIGNALS {
        match kind {
            Counter => metrics::describe_counter!(name, help),
            Gauge => metrics::describe_gauge!(name, help),
            Histogram => metrics::describe_histogram!(name, help),
        }
    }
}
