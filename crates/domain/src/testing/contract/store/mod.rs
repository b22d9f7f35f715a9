//! The store's contract: what [`crate::ports::Store`] promises beyond its signatures, as one case
//! per promise. A case gets an empty store, sets it up through the ports, and panics when a promise
//! is broken. [`crate::store_contract!`] makes named tests of all cases.
//!
//! Not here: that [`crate::ports::OrderRepository::lock_free_orders`] passes over what another open
//! unit of work has locked, and that two units of work are open at once at all. A store may let one in
//! after the other; those that do not prove it in tests of their own.
#![expect(clippy::missing_panics_doc, reason = "a case panics when the promise is broken")]

mod arrivals;
mod callbacks;
mod chain_views;
mod circuit;
mod collections;
mod cursors;
mod disbursements;
mod escrow;
mod holds;
mod jobs;
mod key_claims;
mod keys;
mod ledger;
mod listing;
mod listing_filters;
mod offers;
mod orders;
mod outbox;
mod overdue;
mod own_addresses;
mod parties;
mod placing;
mod reviews;
mod sequences;
mod stage;
mod supervision;
mod transfers;
mod units;

/// Exports the cases and writes the macro that runs them from one list, so that none is forgotten:
/// a case that is not listed is dead code. `$dollar` is how a macro writes a macro with parameters.
macro_rules! suite {
    ($dollar:tt $($module:ident: $($case:ident)*;)*) => {
        $(pub use $module::{$($case),*};)*

        /// Expands to `$case! { name }` for every case of the store's contract. The caller's macro
        /// turns a name into a test:
        ///
        /// ```text
        /// macro_rules! case {
        ///     ($name:ident) => {
        ///         #[tokio::test]
        ///         async fn $name() {
        ///             domain::testing::contract::store::$name(&fresh_store().await).await;
        ///         }
        ///     };
        /// }
        /// domain::store_contract!(case);
        /// ```
        #[macro_export]
        macro_rules! store_contract {
            ($dollar case:ident) => { $($($dollar case! { $case })*)* };
        }
    };
}

suite! { $
    units:
        a_committed_change_is_seen_by_others
        an_open_change_is_seen_inside_only
        a_rolled_back_unit_of_work_leaves_nothing
        a_dropped_unit_of_work_leaves_nothing
        a_store_that_works_answers_a_ping;
    placing:
        an_on_ramp_order_comes_back_as_it_was_placed
        an_off_ramp_order_comes_back_with_its_escrow
        placing_holds_the_amount_of_the_offer
        the_whole_free_amount_can_be_held
        other_terms_make_a_placement_stale
        too_little_free_amount_makes_a_placement_stale
        an_unknown_offer_makes_a_placement_stale
        the_last_units_go_to_as_many_as_they_suffice_for
        terms_tell_the_offer_and_whether_the_customer_is_known;
    keys:
        a_key_places_one_order_however_many_ask_at_once
        a_taken_key_is_told_before_anything_else_and_holds_nothing
        a_stale_placement_leaves_its_key_free
        an_answer_is_replayed_to_its_own_request_only
        an_unknown_key_has_no_answer
        two_callers_may_use_the_same_key;
    key_claims:
        a_claimed_key_is_answered_with_its_unit_of_work
        a_rolled_back_claim_is_forgotten
        a_key_claimed_by_many_is_fresh_for_one
        a_key_used_for_placing_is_not_fresh_for_a_claim
        keys_stored_before_a_time_are_forgotten
        the_key_of_a_placement_is_as_old_as_its_order;
    orders:
        every_state_survives_being_saved
        evidence_survives_being_saved
        a_save_on_another_version_is_a_conflict
        the_history_is_linked_and_intact
        the_history_is_for_those_who_see_the_order
        details_tell_the_parties_and_the_offer_as_they_are_now
        details_are_for_those_who_see_the_order
        an_unknown_order_is_nowhere;
    holds:
        a_hold_is_kept_given_back_or_spent
        a_hold_cannot_fall_below_zero
        saved_terms_leave_the_hold_as_it_is
        an_offer_cannot_hold_more_than_is_available;
    overdue:
        overdue_orders_come_oldest_deadline_first
        only_orders_that_await_their_first_leg_are_overdue
        a_deposit_does_not_hide_an_overdue_order
        a_walk_in_batches_visits_every_overdue_order_once
        free_orders_are_locked_as_they_are_stored;
    outbox:
        every_kind_of_effect_comes_back_in_the_order_asked_for
        the_same_effect_is_kept_once
        effects_belong_to_their_order;
    listing:
        orders_come_newest_first
        offsets_cover_the_list_once
        cursors_cover_the_list_once
        a_newer_order_does_not_move_the_page_after_a_cursor
        a_full_last_page_has_nothing_after_it
        an_empty_list_is_an_empty_page;
    listing_filters:
        each_filter_of_orders_selects_alone
        filters_of_orders_combine
        the_status_of_an_order_on_hold_is_that_of_its_state_behind
        everyone_lists_what_they_may_see;
    offers:
        an_offer_comes_back_as_it_was_published
        saved_terms_replace_the_old_ones
        saving_an_unknown_offer_is_a_conflict
        an_unknown_offer_is_nowhere
        a_deleted_offer_is_nowhere_but_in_its_orders
        offers_come_newest_first_and_in_pages
        each_filter_of_offers_selects_alone_and_combined;
    parties:
        a_party_comes_back_as_it_was_provisioned
        an_id_is_given_once
        an_email_is_given_once_whatever_its_case
        a_refused_party_leaves_the_unit_of_work_usable;
    escrow:
        escrow_indexes_are_never_given_twice
        each_key_account_counts_from_zero
        a_rolled_back_unit_of_work_does_not_give_an_index_back;
    own_addresses:
        an_escrow_address_is_ours_on_every_network
        noted_addresses_are_ours_and_stay_so
        terms_tell_whether_the_wallet_is_ours;
    jobs:
        an_effect_is_a_job_for_whoever_claims_it
        only_due_jobs_of_the_wanted_kinds_are_claimed
        the_oldest_jobs_are_claimed_first
        a_job_is_taken_by_its_key_before_it_is_due
        a_lapsed_lease_is_lost_to_the_next
        a_lapsed_lease_that_nobody_took_is_still_ours
        a_done_job_is_nobodys_any_more
        a_job_put_off_comes_again_when_it_is_due
        waking_brings_a_job_forward_and_never_puts_it_off
        waking_opens_a_done_job_again
        waking_leaves_a_lease_alone
        an_effect_asked_for_again_opens_its_done_job
        an_uncommitted_end_is_no_end;
    collections:
        every_state_of_a_collection_comes_back
        a_collection_is_found_by_its_reference
        orders_are_listed_by_the_reference_of_any_of_their_attempts
        an_unknown_collection_is_nowhere
        a_reference_is_one_collections
        a_phone_is_asked_once_in_a_while
        an_uncommitted_claim_leaves_the_phone_free
        a_receipt_is_one_collections
        undecided_collections_come_oldest_first
        a_collection_of_no_order_is_rejected;
    disbursements:
        every_state_of_a_disbursement_comes_back
        every_purpose_of_a_disbursement_comes_back
        an_unknown_disbursement_is_nowhere
        one_disbursement_of_a_key_is_alive
        a_generation_is_one_disbursements
        a_failed_disbursement_may_turn_out_paid
        payouts_that_may_have_left_the_float_are_claims_on_it
        a_receipt_is_refunded_once
        a_disbursement_of_no_order_or_effect_is_rejected;
    circuit:
        the_breaker_starts_by_letting_one_through
        the_breaker_is_what_was_saved
        a_turn_is_taken_once_in_a_while;
    callbacks:
        a_callback_comes_back_as_it_came_in
        the_same_callback_is_stored_once
        the_oldest_callbacks_are_read_first
        a_callback_is_settled_once_by_whoever_holds_it
        an_uncommitted_settling_leaves_the_callback_open
        a_token_says_what_a_callback_is_about;
    ledger:
        a_cause_is_posted_once
        an_uncommitted_entry_is_not_posted
        an_entry_sums_to_zero_in_each_asset
        every_account_can_be_posted_to
        the_float_is_what_was_posted_to_it
        the_float_knows_which_payouts_are_under_way;
    reviews:
        reviews_come_back_oldest_first
        a_cause_is_reviewed_once
        what_has_one_subject_is_one_review_with_a_count_and_a_list
        a_closed_review_is_gone_and_the_next_of_its_subject_is_another
        a_condition_opens_again_after_it_was_closed
        every_kind_of_review_comes_back
        an_uncommitted_review_is_not_open;
    supervision:
        open_orders_are_walked_over_by_their_ids
        an_order_tells_whether_somebody_was_called_about_it
        open_jobs_are_walked_over_by_their_orders
        a_job_tells_its_lease_its_attempts_and_its_last_error;
    cursors:
        a_cursor_is_what_was_saved
        an_uncommitted_cursor_has_not_moved
        a_cursor_is_moved_by_one_at_a_time
        blocks_are_remembered_highest_first
        blocks_are_forgotten_above_and_below
        a_height_has_one_name_at_a_time;
    arrivals:
        a_sighting_comes_back_as_an_arrival
        sightings_to_nobody_are_left_out
        the_same_sighting_is_stored_once
        how_far_a_return_has_come_never_goes_back
        pages_of_arrivals_go_on_where_the_last_one_ended
        an_uncommitted_sighting_was_not_seen
        a_seen_arrival_moves_with_the_chain
        a_final_arrival_stays_where_it_is
        what_is_not_above_finality_becomes_final
        what_a_reorg_takes_is_orphaned_or_reverted
        what_a_reorg_took_can_come_back
        each_stage_is_told_once
        what_nobody_was_told_of_goes_untold
        the_untold_come_in_the_order_of_the_chain
        an_arrival_put_off_waits_and_counts_its_troubles
        only_the_stage_that_is_can_be_told;
    transfers:
        every_purpose_of_a_transfer_comes_back
        every_state_of_an_attempt_comes_back
        a_transfer_is_planned_once
        a_transfer_is_of_an_order_an_effect_and_one_kind
        a_transfer_is_stored_with_its_first_signature
        an_unknown_transfer_cannot_be_saved
        variants_of_a_nonce_live_side_by_side
        a_variant_keeps_its_nonce_and_its_place
        a_generation_needs_the_death_of_those_before
        what_has_ended_stays_ended
        what_was_sent_is_not_unsent
        a_transfer_stands_where_its_attempts_stand
        an_attempt_tells_what_its_state_means
        a_transaction_is_signed_for_one_transfer
        what_was_signed_never_changes;
    sequences:
        a_sequence_is_what_was_saved
        a_sequence_never_goes_down
        a_sequence_is_given_out_once
        an_uncommitted_sequence_is_given_out_again;
    chain_views:
        addresses_of_ours_are_known
        overdue_deposits_come_oldest_deadline_first
        an_overdue_deposit_tells_what_its_address_holds
        an_order_with_something_untold_is_not_overdue
        coin_of_ended_orders_is_sweepable
        every_coin_that_we_know_is_sweepable_if_it_is_enough
        a_sweep_under_way_is_not_asked_for_again
        what_a_sweep_left_is_sweepable
        coin_that_nobody_was_told_of_is_not_swept
        the_stock_is_what_was_posted_to_it
        the_stock_moves_while_a_transfer_of_it_is_under_way;
}
