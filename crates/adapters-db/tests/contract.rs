//! PostgreSQL keeps the store's contract: the domain's whole suite.

use domain::testing::contract;

use crate::support::Database;

macro_rules! case {
    ($name:ident) => {
        #[tokio::test]
        async fn $name() {
            let database = Database::fresh().await;
            contract::store::$name(&database.store()).await;
        }
    };
}
domain::store_contract!(case);
