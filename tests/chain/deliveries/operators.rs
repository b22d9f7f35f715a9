//! What an operator may say before coin goes out, and while it is on its way.

use domain::order::{OrderEvent, Refusal};
use domain::service::ServiceError;
use e2e::{ethereum_with, eventually, tron};
use twins::anvil::Mining;

use super::is_delivered_once;
use crate::chain::ground::Ground;

#[tokio::test]
async fn nothing_is_signed_for_an_order_on_hold() {
    let ground = Ground::on(tron().await).await;
    let (control, usdt) = (ground.coins.tron(), ground.coins.tron().token_address());
    control.set_paused(usdt, true);
    let id = ground.buy(10).await;
    ground.reviewed("blocked").await;
    ground.operate(&id, OrderEvent::Hold).await.expect("an operator may");
    control.set_paused(usdt, false);
    // The delivery could be made now, and its job comes round.
    eventually("the order is asked and says no", async || {
        let query = "SELECT count(*) FROM outbox
            WHERE kind = 'deliver' AND last_error LIKE '%under review%'";
        ground.rail.app.sql.number(query).await == 1
    })
    .await;
    assert!(ground.signatures(&id, "delivery").await.is_empty());
    assert_eq!(ground.rail.order(&id).await["status_reason"], "under_review");
    ground.operate(&id, OrderEvent::Resume).await.expect("an operator may");
    is_delivered_once(&ground, &id).await;
    ground.end().await;
}

#[tokio::test]
async fn what_is_on_hold_before_its_delivery_can_be_paid_back_instead() {
    let ground = Ground::on(tron().await).await;
    let (control, usdt) = (ground.coins.tron(), ground.coins.tron().token_address());
    control.set_paused(usdt, true);
    let id = ground.buy(10).await;
    ground.reviewed("blocked").await;
    ground.operate(&id, OrderEvent::Hold).await.expect("an operator may");
    ground.operate(&id, OrderEvent::Refund).await.expect("nothing was signed");
    control.set_paused(usdt, false);
    ground.ends(&id, "failed", "refunded_by_operator").await;
    eventually("the shillings are back", async || {
        ground.rail.oracle().payments.iter().all(|payment| payment.reversed)
    })
    .await;
    ground.settle().await;
    assert!(ground.sent_out().await.is_empty());
    assert!(ground.signatures(&id, "delivery").await.is_empty());
    ground.end().await;
}

#[tokio::test]
async fn what_is_on_its_way_is_not_paid_back() {
    let ground = Ground::on(ethereum_with(Mining::Manual).await).await;
    let chain = ground.coins.ethereum();
    let id = ground.buy(10).await;
    ground.rail.reaches(&id, "confirming").await;
    ground.operate(&id, OrderEvent::Hold).await.expect("an operator may");
    let refused = ground.operate(&id, OrderEvent::Refund).await.expect_err("coin is on its way");
    let ServiceError::Refused(refused) = refused else { panic!("{refused}") };
    assert_eq!(refused.refusal, Refusal::LegUnderWay);
    // Facts go on behind the hold.
    eventually("the delivery is final", async || {
        chain.mine(1).await.expect("a block");
        ground.signatures(&id, "delivery").await.iter().any(|it| it.state == "done")
    })
    .await;
    ground.operate(&id, OrderEvent::Resume).await.expect("an operator may");
    is_delivered_once(&ground, &id).await;
    assert!(ground.rail.oracle().payments.iter().all(|payment| !payment.reversed));
    ground.end_mining().await;
}
