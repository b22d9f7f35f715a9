//! The breaker, and whose turn it is.

use time::Duration;

use super::stage::{WORKS, commit};
use crate::money::Fiat;
use crate::ports::Store;
use crate::rail::{Circuit, CircuitState, FloatWatch, Shortage};
use crate::testing::rail_samples::after;
use crate::testing::samples::{NOW, fiat};

async fn locked(store: &dyn Store) -> Circuit {
    commit(store, async |uow| uow.lock_circuit(NOW).await.expect(WORKS)).await
}

async fn save(store: &dyn Store, circuit: &Circuit) {
    commit(store, async |uow| {
        uow.lock_circuit(NOW).await.expect(WORKS);
        uow.save_circuit(circuit).await.expect(WORKS);
    })
    .await;
}

pub async fn the_breaker_starts_by_letting_one_through(store: &dyn Store) {
    let circuit = locked(store).await;
    assert_eq!((circuit.state, circuit.reason), (CircuitState::Probing, None));
}

pub async fn the_breaker_is_what_was_saved(store: &dyn Store) {
    for (second, state) in [CircuitState::Open, CircuitState::Closed].into_iter().enumerate() {
        let since = after(i64::try_from(second).expect("small"));
        let reason = (state == CircuitState::Open).then(|| "result 2001".to_owned());
        let shortage = Shortage {
            asked: fiat("14100"),
            since,
            seen_at: after(9),
            refused_at: (state == CircuitState::Open).then_some(since),
            is_reviewed: true,
        };
        let circuit = Circuit {
            unproven: 2,
            tried_at: Some(since),
            float: FloatWatch {
                told: Some((Fiat::ZERO, since)),
                off: Some(-7),
                shortage: Some(shortage),
            },
            ..Circuit::new(state, reason, since)
        };
        save(store, &circuit).await;
        assert_eq!(locked(store).await, circuit);
        assert_eq!(store.find_circuit().await.expect(WORKS), Some(circuit.clone()));
        let plain = Circuit::new(circuit.state, circuit.reason, since);
        save(store, &plain).await;
        assert_eq!(locked(store).await, plain);
    }
    let closed = locked(store).await;
    let mut uow = store.begin().await.expect(WORKS);
    let mut circuit = uow.lock_circuit(NOW).await.expect(WORKS);
    circuit.open("a unit of work that fails", NOW);
    uow.save_circuit(&circuit).await.expect(WORKS);
    uow.rollback().await.expect(WORKS);
    assert_eq!(locked(store).await, closed);
}

pub async fn a_turn_is_taken_once_in_a_while(store: &dyn Store) {
    let turn = async |name: &str, second| {
        store.claim_turn(name, Duration::MINUTE, after(second)).await.expect(WORKS)
    };
    assert!(turn("sweep", 0).await);
    assert!(!turn("sweep", 0).await);
    assert!(!turn("sweep", 59).await);
    assert!(turn("balance", 59).await, "another thing has turns of its own");
    assert!(turn("sweep", 60).await);
    assert!(!turn("sweep", 119).await);
    assert!(turn("sweep", 3600).await);
}
