//! Several processes on one database: each order is paid, and paid out, once.

use api_actix::app::Role as Part;
use e2e::{Database, RailApp, Stage, at_once, eventually};
use twins::daraja::Endpoint;

use super::ground::{LARGE, asked, paid_once, phone, usual_twin};

const EACH: usize = 40;

#[tokio::test]
async fn two_workers_and_an_api_pay_and_collect_each_order_once() {
    let (twin, database) = (usual_twin().await, Database::fresh().await);
    let stage = || Stage::test().with_rail(&twin);
    let app = stage().start_part(Part::Api, &database).await;
    let mut workers = Vec::new();
    for _ in 0..2 {
        let stage = stage().set("KIVUKO__MPESA__CALLBACK_BASE", &app.url);
        workers.push(stage.start_part(Part::Worker, &database).await);
    }
    let rail = RailApp { app, twin, database };
    rail.cashier().register_bills().await.expect("the twin registers");
    let sellers: Vec<String> = (0..EACH).map(phone).collect();
    let buyers: Vec<String> = (0..EACH).map(|number| format!("2547220001{number:02}")).collect();
    let sold = at_once(sellers.iter().map(|phone| rail.sell_to(phone, LARGE)));
    let bought = at_once(buyers.iter().map(async |phone| {
        let id = rail.buy(10).await;
        rail.pay(&id, phone).await.expect(200);
        id
    }));
    let (sold, bought) = tokio::join!(sold, bought);
    for (id, phone) in sold.iter().zip(&sellers) {
        paid_once(&rail, id, phone, LARGE).await;
        assert_eq!(asked(&rail, phone).len(), 1, "{phone}");
    }
    for (id, phone) in bought.iter().zip(&buyers) {
        rail.reaches(id, "processing").await;
        assert_eq!(rail.oracle().debits(phone), 146_000, "{phone}");
    }
    let oracle = rail.oracle();
    assert_eq!((oracle.payouts.len(), oracle.payments.len()), (EACH, EACH));
    assert_eq!(rail.control().requests(Endpoint::StkPush), EACH);
    eventually("every callback is read", async || {
        let unread = "SELECT count(*) FROM callbacks WHERE settled_at IS NULL";
        rail.app.sql.number(unread).await == 0
    })
    .await;
    assert_eq!(rail.app.sql.number("SELECT count(*) FROM reviews").await, 0);
    for worker in workers {
        worker.finish().await;
    }
    rail.finish().await;
}
