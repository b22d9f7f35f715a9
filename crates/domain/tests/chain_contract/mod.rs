//! The chain in memory keeps the contract of a chain, as either network, and its signer that of a signer.

mod memory_stage;
mod signing;

mod tron {
    macro_rules! case {
        ($name:ident) => {
            #[test]
            fn $name() {
                crate::chain_contract::memory_stage::run(domain::address::Network::Tron, |stage| {
                    Box::pin(domain::testing::contract::chain::$name(stage))
                });
            }
        };
    }
    domain::chain_contract!(case);
}

mod ethereum {
    macro_rules! case {
        ($name:ident) => {
            #[test]
            fn $name() {
                crate::chain_contract::memory_stage::run(
                    domain::address::Network::Ethereum,
                    |stage| Box::pin(domain::testing::contract::chain::$name(stage)),
                );
            }
        };
    }
    domain::chain_contract!(case);
}
