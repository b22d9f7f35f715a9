//! Results that spell the receiver in another way: the same phone is the same, and one that is masked
//! is asked about. No operator is called for either.

use twins::daraja::PhoneSpelling;

use super::ground::{LARGE, asked, paid_once, phone, proven};

#[tokio::test]
async fn the_same_phone_in_another_spelling_completes_and_calls_nobody() {
    let rail = proven().await;
    let spellings = [PhoneSpelling::Plus, PhoneSpelling::Local, PhoneSpelling::Masked];
    for (number, spelling) in spellings.into_iter().enumerate() {
        rail.control().change_rules(|rules| rules.phone_spelling = spelling);
        let receiver = phone(number);
        let id = rail.sell_to(&receiver, LARGE).await;
        paid_once(&rail, &id, &receiver, LARGE).await;
        assert_eq!(asked(&rail, &receiver).len(), 1, "{spelling:?}");
    }
    let reviews = "SELECT count(*) FROM reviews";
    assert_eq!(rail.app.sql.number(reviews).await, 0);
    rail.finish().await;
}
