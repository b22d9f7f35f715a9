//! The float: what it does not cover waits, and goes by itself once the rail tells of enough.

use domain::money::Fiat;
use domain::rail::{FloatWatch, Tempo};
use domain::testing::rail_samples::after;
use domain::testing::samples::fiat;

/// Seconds after which one payout tries for all where no balance is told.
const PAUSE: i64 = 900;

fn tempo() -> Tempo {
    Tempo::default()
}

/// A float that was told at second 0.
fn told(shillings: &str) -> FloatWatch {
    let mut it = FloatWatch::default();
    tell(&mut it, shillings, 0);
    it
}

fn tell(it: &mut FloatWatch, shillings: &str, second: i64) {
    it.note_told(fiat(shillings), after(second), &tempo(), after(second));
}

fn admits(it: &mut FloatWatch, shillings: &str, claims: Fiat, second: i64) -> bool {
    it.admits(fiat(shillings), claims.minor(), &tempo(), after(second))
}

fn call(it: &mut FloatWatch, second: i64) -> Option<String> {
    it.call_operator(0, &tempo(), after(second))
}

#[test]
fn what_nobody_has_told_holds_nothing_back() {
    let mut it = FloatWatch::default();
    assert!(admits(&mut it, "250000", Fiat::ZERO, 0));
    assert_eq!(it, FloatWatch::default());
}

#[test]
fn what_the_float_does_not_cover_is_not_asked_for() {
    let mut it = told("14100");
    assert!(admits(&mut it, "14100", Fiat::ZERO, 1));
    assert!(!admits(&mut it, "14100", fiat("0.01"), 1), "what is on its way is gone already");
    let short = it.shortage.clone().expect("a shortage");
    assert_eq!((short.asked, short.refused_at), (fiat("14100"), None));
    assert!(admits(&mut it, "700", fiat("100"), 2), "what it does cover goes on");
    assert!(it.shortage.is_some());
}

#[test]
fn one_call_names_the_amount_asked_and_the_amount_there() {
    let mut it = told("500");
    assert!(!admits(&mut it, "14100", Fiat::ZERO, 1));
    let said = call(&mut it, 1).expect("an operator is called");
    assert!(said.starts_with("float: 14100.00 shillings asked for, 500.00 there"), "{said}");
    assert!(!admits(&mut it, "20000", Fiat::ZERO, 2));
    assert_eq!(call(&mut it, 2), None, "one call for all that wait");
}

#[test]
fn once_enough_is_told_payouts_go_by_themselves() {
    let mut it = told("500");
    assert!(!admits(&mut it, "14100", Fiat::ZERO, 1));
    tell(&mut it, "14100", 60);
    assert!(!admits(&mut it, "14100", Fiat::ZERO, 61), "its charge must be there too");
    tell(&mut it, "14350", 120);
    assert_eq!(it.shortage, None);
    assert!(admits(&mut it, "14100", Fiat::ZERO, 121));
}

#[test]
fn after_the_rails_own_refusal_nothing_goes_before_the_balance_is_told() {
    let mut it = told("100000");
    it.note_refused(fiat("14100"), after(10));
    assert!(!admits(&mut it, "10", Fiat::ZERO, 11));
    assert_eq!(call(&mut it, 11), None, "what is there is not known yet");
    tell(&mut it, "100000", 9);
    assert!(
        !admits(&mut it, "10", Fiat::ZERO, 12),
        "what was told before the refusal says nothing"
    );
    tell(&mut it, "5000", 70);
    assert!(!admits(&mut it, "14100", Fiat::ZERO, 71));
    assert!(admits(&mut it, "4000", Fiat::ZERO, 71));
    assert!(call(&mut it, 71).is_some_and(|said| said.contains("5000.00 there")));
}

#[test]
fn a_refusal_that_the_balance_does_not_bear_out_is_over_in_silence() {
    let mut it = told("100000");
    it.note_refused(fiat("14100"), after(10));
    tell(&mut it, "100000", 70);
    assert_eq!((it.shortage.clone(), call(&mut it, 71)), (None, None));
}

#[test]
fn where_no_balance_is_told_one_payout_tries_for_all() {
    let mut it = FloatWatch::default();
    it.note_refused(fiat("14100"), after(0));
    assert!(!admits(&mut it, "14100", Fiat::ZERO, PAUSE - 1));
    assert_eq!(call(&mut it, PAUSE - 1), None);
    assert!(admits(&mut it, "14100", Fiat::ZERO, PAUSE));
    assert!(!admits(&mut it, "14100", Fiat::ZERO, PAUSE + 1), "the others wait for it");
    assert!(call(&mut it, PAUSE + 1).is_some_and(|said| said.contains("does not say")));
    it.note_paid(fiat("14100"));
    assert_eq!(it.shortage, None);
}

#[test]
fn what_was_told_long_ago_says_nothing() {
    let mut it = told("500");
    assert!(!admits(&mut it, "14100", Fiat::ZERO, 3_599));
    assert!(admits(&mut it, "14100", Fiat::ZERO, 3_600), "the rail decides");
}

#[test]
fn a_shortage_that_nothing_waits_for_any_more_is_forgotten() {
    let mut it = told("500");
    assert!(!admits(&mut it, "14100", Fiat::ZERO, 1));
    tell(&mut it, "500", 600);
    assert!(it.shortage.is_some());
    tell(&mut it, "500", 1 + PAUSE);
    assert_eq!(it.shortage, None);
}
