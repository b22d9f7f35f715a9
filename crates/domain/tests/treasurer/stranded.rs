//! Jobs for a network that the deployment has no node for.

use domain::address::{Network, NetworkSet};
use domain::chain::ChainTempo;
use domain::service::{StrandedJobs, Treasurer};
use domain::testing::memory_chain::ChainScene;
use futures_executor::block_on;
use time::Duration;

use crate::treasurer::stage::{NETWORKS, assert_delivered, open_jobs, run, underpaid};

/// A deployment that carries the other network only.
fn of_the_other(scene: &ChainScene, network: Network) -> Treasurer {
    let mut treasurer = scene.treasurer();
    treasurer.chains.clear();
    treasurer.engine.rules.open =
        NetworkSet { tron: network != Network::Tron, ethereum: network != Network::Ethereum };
    treasurer
}

/// One that carries none.
fn of_none(scene: &ChainScene) -> StrandedJobs {
    StrandedJobs { engine: scene.engine.clone(), tempo: ChainTempo::default() }
}

async fn reviews(scene: &ChainScene) -> Vec<(&'static str, String)> {
    scene.reviews().await.into_iter().map(|review| (review.kind, review.detail)).collect()
}

#[test]
fn a_job_without_a_node_calls_an_operator_at_once_and_goes_on_when_there_is_one() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let order = scene.buy(1).await;
            let treasurer = of_the_other(&scene, network);
            let jobs = treasurer.claim_jobs(10).await.expect("memory is always there");
            assert_eq!(jobs.len(), 1);
            for job in jobs {
                treasurer.work_on(job).await;
            }
            let called = reviews(&scene).await;
            assert_eq!(called.len(), 1, "{called:?}");
            assert_eq!(called[0].0, "blocked");
            let said = format!("no node for {}", network.as_str());
            assert!(called[0].1.contains(&said), "{called:?}");
            assert_eq!(open_jobs(&scene, order.id).await, 1, "it waits");
            scene.scene.clock.advance(Duration::minutes(5));
            run(&scene, order.id).await;
            assert_delivered(&scene, network, &order).await;
        });
    }
}

#[test]
fn where_no_coin_moves_at_all_each_job_calls_an_operator_once() {
    for network in NETWORKS {
        block_on(async {
            let scene = ChainScene::on(network).await;
            let bought = scene.buy(1).await;
            let sold = underpaid(&scene).await;
            let stranded = of_none(&scene);
            for _ in 0..3 {
                for job in stranded.claim_jobs(10).await.expect("memory is always there") {
                    stranded.work_on(job).await;
                }
                scene.scene.clock.advance(Duration::minutes(5));
            }
            let mut called: Vec<_> = scene.reviews().await;
            called.retain(|review| review.subject.starts_with("job:"));
            let orders: Vec<_> = called.iter().filter_map(|review| review.order_id).collect();
            assert_eq!(orders.len(), 2, "{called:?}");
            assert!(orders.contains(&bought.id) && orders.contains(&sold.id), "{called:?}");
        });
    }
}

#[test]
fn what_another_process_carries_is_left_to_it_without_a_review() {
    block_on(async {
        let scene = ChainScene::on(Network::Tron).await;
        let order = scene.buy(1).await;
        let mut treasurer = scene.treasurer();
        treasurer.chains.clear();
        for job in treasurer.claim_jobs(10).await.expect("memory is always there") {
            treasurer.work_on(job).await;
        }
        assert_eq!(reviews(&scene).await, []);
        scene.scene.clock.advance(Duration::minutes(5));
        run(&scene, order.id).await;
        assert_delivered(&scene, Network::Tron, &order).await;
    });
}
