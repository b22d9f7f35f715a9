//! The rail's clockwork: when something is asked again.

use domain::rail::Tempo;
use domain::testing::rail_samples::after;
use domain::testing::samples::NOW;
use time::Duration;

#[test]
fn a_prompt_is_asked_about_at_fixed_ages_and_then_every_quarter_of_an_hour() {
    let tempo = Tempo::default();
    let (mut ages, mut now) = (vec![], NOW);
    for _ in 0..10 {
        now = tempo.next_query(NOW, now);
        ages.push((now - NOW).whole_seconds());
    }
    assert_eq!(ages, [20, 40, 60, 90, 120, 180, 300, 600, 1500, 2400]);
    assert_eq!(tempo.next_query(NOW, after(61)), after(90), "an age that has passed is left out");
}

#[test]
fn a_claim_is_proven_soon_or_ever_more_slowly() {
    let tempo = Tempo::default();
    let pauses = [0, 1, 2, 3, 8, 9, 10, u32::MAX];
    let pauses = pauses.map(|asked| (tempo.next_proof(asked, NOW) - NOW).whole_seconds());
    assert_eq!(pauses, [1, 2, 4, 8, 256, 512, 512, 512]);
}

#[test]
fn a_status_is_asked_for_ever_more_rarely() {
    let tempo = Tempo::default();
    let pauses = [0, 1, 2, 3, 4, 5, 6, u32::MAX];
    let pauses = pauses.map(|asked| (tempo.next_status(asked, NOW) - NOW).whole_seconds());
    assert_eq!(pauses, [120, 240, 480, 900, 1800, 3600, 3600, 3600]);
    assert_eq!(tempo.patience(), 5);
}

#[test]
fn what_was_not_done_is_tried_again_within_a_quarter_of_an_hour() {
    let tempo = Tempo::default();
    let pauses = [0, 1, 2, 7, 8, 9, u32::MAX];
    let pauses = pauses.map(|tried| (tempo.next_try(tried, NOW) - NOW).whole_seconds());
    assert_eq!(pauses, [2, 4, 8, 256, 512, 900, 900]);
}

#[test]
fn every_interval_is_counted_in_seconds_of_its_own() {
    let real = Tempo::default();
    let quick = Tempo { second: Duration::MILLISECOND, ..real };
    let intervals = |tempo: Tempo| {
        let since = |at: time::OffsetDateTime| at - NOW;
        [
            since(tempo.next_query(NOW, NOW)),
            since(tempo.next_proof(3, NOW)),
            since(tempo.next_status(2, NOW)),
            since(tempo.next_try(4, NOW)),
            since(tempo.while_blocked(NOW)),
            tempo.phone_pause(),
            tempo.query_age(),
            tempo.query_gap(),
            tempo.statement_age(),
            tempo.collection_window(),
            tempo.quiet_period(),
        ]
    };
    assert_eq!(intervals(real).map(|it| it / 1000), intervals(quick));
    assert_eq!(real.lease, quick.lease, "the lease outlives real calls");
}
