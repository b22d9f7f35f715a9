//! The contract of a chain: what [`crate::ports::ChainSource`] and [`crate::ports::ChainSender`] promise
//! beyond their signatures, as one case per promise. A case gets a chain of its own through
//! [`ChainStage`], and panics when a promise is broken. [`crate::chain_contract!`] makes named tests of
//! all cases.
//!
//! Not here: what an adapter makes of nodes that lie, lag or are silent. Each proves that by itself.
#![expect(clippy::missing_panics_doc, reason = "a case panics when the promise is broken")]

mod blocks;
mod deaths;
mod endings;
mod preparing;
mod sending;
mod sightings;
mod stage;

pub use stage::{ChainStage, Coin};

/// Exports the cases and writes the macro that runs them from one list, so that none is forgotten:
/// a case that is not listed is dead code. `$dollar` is how a macro writes a macro with parameters.
macro_rules! suite {
    ($dollar:tt $($module:ident: $($case:ident)*;)*) => {
        $(pub use $module::{$($case),*};)*

        /// Expands to `$case! { name }` for every case of a chain's contract. The caller's macro turns a
        /// name into a test:
        ///
        /// ```text
        /// macro_rules! case {
        ///     ($name:ident) => {
        ///         #[tokio::test]
        ///         async fn $name() {
        ///             domain::testing::contract::chain::$name(&fresh_chain().await).await;
        ///         }
        ///     };
        /// }
        /// domain::chain_contract!(case);
        /// ```
        #[macro_export]
        macro_rules! chain_contract {
            ($dollar case:ident) => { $($($dollar case! { $case })*)* };
        }
    };
}

suite! { $
    blocks:
        a_scan_is_whole_and_each_block_stands_on_the_one_before
        a_scan_is_the_same_however_it_is_cut
        above_the_head_there_is_nothing
        the_final_block_is_one_of_the_chain
        a_balance_is_that_of_a_final_block;
    sightings:
        only_transfers_to_us_are_seen
        a_coin_is_known_by_its_contract
        transfers_of_one_transaction_are_told_apart
        the_chains_own_coin_is_seen_in_its_own_units
        what_we_send_ourselves_for_fees_is_no_arrival
        a_transaction_that_failed_brings_nothing
        what_a_reorg_took_is_not_seen_again;
    preparing:
        what_lacks_coin_is_short
        what_lacks_its_fee_needs_gas
        what_cannot_be_sent_to_is_the_receivers
        a_token_that_is_paused_blocks
        bytes_are_a_function_of_what_they_say;
    sending:
        a_transfer_goes_from_nowhere_into_a_final_block
        the_same_bytes_are_one_transfer
        the_chains_own_coin_is_sent_like_any
        transfers_of_one_wallet_follow_each_other;
    endings:
        a_transfer_that_fails_has_failed_when_that_is_final
        another_transfer_is_not_the_one_that_was_meant
        a_reorg_takes_a_transfer_back_until_it_is_sent_again;
    deaths:
        what_may_execute_is_not_dead
        what_has_executed_is_not_dead
        time_kills_what_was_never_in_a_block
        of_two_variants_one_executes;
}
