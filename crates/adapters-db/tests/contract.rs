//! PostgreSQL keeps the store's contract: the domain's whole suite.

use domain::testing::contract;

use crate::support::Database;

/// The suite's money out has no effects behind it, and returns one payment under several names. No
/// caller does so; that the schema refuses it is tested beside the other constraints.
const LOOSER: &str = "ALTER TABLE disbursements DROP CONSTRAINT disbursements_key_fkey;
                      DROP INDEX disbursements_one_refund";

macro_rules! case {
    ($name:ident) => {
        #[tokio::test]
        async fn $name() {
            let database = Database::fresh().await;
            database.owner().await.run(LOOSER).await;
            contract::store::$name(&database.store()).await;
        }
    };
}
domain::store_contract!(case);
