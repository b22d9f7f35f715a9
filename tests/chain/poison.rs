//! An order that makes no sense: what arrives for it is put off, and holds up nobody else.

use e2e::tron;

use crate::chain::ground::{COIN, Ground};

#[tokio::test]
async fn a_deposit_that_cannot_be_told_is_put_off_and_the_others_flow() {
    let ground = Ground::on(tron().await).await;
    let (spoilt, sound) = (ground.sell(10).await, ground.sell(10).await);
    let id = &spoilt.id;
    let sql = &ground.rail.app.sql;
    sql.execute(&format!(r#"UPDATE orders SET evidence = '{{"deposits": 7}}' WHERE id = '{id}'"#))
        .await;
    ground.send(&spoilt, 10 * COIN).await;
    ground.send(&sound, 10 * COIN).await;
    ground.rail.reaches(&sound.id, "completed").await;
    ground.reviewed("quarantine").await;
    let untold = "SELECT count(*) FROM chain_deposits WHERE told IS NULL";
    assert_eq!(sql.number(untold).await, 1);
    // Once somebody has mended it, it goes on by itself.
    sql.execute(&format!("UPDATE orders SET evidence = NULL WHERE id = '{id}'")).await;
    ground.rail.reaches(id, "completed").await;
    ground.disposed(&spoilt, &["applied"]).await;
    ground.end().await;
}
