//! The store in memory keeps the store's contract.

use domain::testing::{MemoryStore, contract};

macro_rules! case {
    ($name:ident) => {
        #[test]
        fn $name() {
            futures_executor::block_on(contract::store::$name(&MemoryStore::default()));
        }
    };
}
domain::store_contract!(case);
