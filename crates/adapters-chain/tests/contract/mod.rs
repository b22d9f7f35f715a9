//! Both chains keep the contract of a chain: Ethereum against a real node of a private chain, Tron against
//! a simulated one. Nothing here has met a real Tron node.

mod anvil;
mod twin;

mod tron {
    macro_rules! case {
        ($name:ident) => {
            #[tokio::test]
            async fn $name() {
                let stage = super::twin::TwinStage::new().await;
                domain::testing::contract::chain::$name(&stage).await;
            }
        };
    }
    domain::chain_contract!(case);
}

mod ethereum {
    macro_rules! case {
        ($name:ident) => {
            #[tokio::test]
            async fn $name() {
                let stage = super::anvil::AnvilStage::new().await;
                domain::testing::contract::chain::$name(&stage).await;
            }
        };
    }
    domain::chain_contract!(case);
}
