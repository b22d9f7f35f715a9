//! PostgreSQL keeps the store's contract: the domain's whole suite.

use domain::testing::contract;

use crate::support::Database;

macro_rules! case {
    ($name:ident) => {
        #[tokio::test]
        async fn $name() {
            contract::store::$name(&Database::fresh().await.store()).await;
        }
    };
}
domain::store_contract!(case);
