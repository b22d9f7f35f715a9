//! `kivuko demo`, as a newcomer runs it.

use std::time::{Duration, Instant};

use e2e::Program;

const LIMIT: Duration = Duration::from_mins(1);

async fn demo(chain: &str) {
    let began = Instant::now();
    let said = Program::new().output(&["demo", "--chain", chain]).await;
    assert!(said.status.success(), "{}\n{}", said.stdout, said.stderr);
    for told in ["sees completed", "M-Pesa receipt", "delivery", "deposit", "all books agree"] {
        assert!(said.stdout.contains(told), "{told:?} is not in\n{}", said.stdout);
    }
    assert_eq!(said.stdout.matches("sees completed").count(), 2, "{}", said.stdout);
    assert!(began.elapsed() < LIMIT, "it took {:?}", began.elapsed());
}

#[tokio::test]
async fn both_orders_complete_on_the_twin_of_tron() {
    demo("tron").await;
}

#[tokio::test]
async fn both_orders_complete_on_a_private_evm_node() {
    demo("ethereum").await;
}
