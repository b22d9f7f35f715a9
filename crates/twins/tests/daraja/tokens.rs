//! Access tokens: how they are had, and what a bad one gets at each product.

use serde_json::json;
use time::Duration;
use twins::daraja::{Endpoint, Fault, FaultKind};

use crate::daraja::support::{Desk, PAYER, answered};

#[tokio::test]
async fn a_token_has_28_characters_and_says_its_life_as_text() {
    let desk = Desk::new().await;
    let answer = desk.ask_token("twin-key", "twin-secret").await;
    assert_eq!(answer.field("access_token").len(), 28);
    assert_eq!(answer.json()["expires_in"], "3599");
    desk.control().change_rules(|rules| rules.expires_in_is_a_number = true);
    assert_eq!(desk.ask_token("twin-key", "twin-secret").await.json()["expires_in"], 3599);
}

#[tokio::test]
async fn wrong_credentials_get_400_and_nothing() {
    let desk = Desk::new().await;
    let answer = desk.ask_token("twin-key", "wrong").await;
    assert_eq!((answer.status, answer.text.as_str()), (400, ""));
}

#[tokio::test]
async fn a_grant_type_other_than_client_credentials_is_refused() {
    let desk = Desk::new().await;
    let url = format!("{}{}", desk.twin.base_url(), Endpoint::OAuth.path());
    let bare =
        answered(desk.client.get(&url).basic_auth("a", Some("b")).send().await.expect("an answer"));
    assert_eq!(bare.await.refusal(), (400, "400.008.02".to_owned()));
    let url = format!("{url}?grant_type=client_credentials");
    let bare = answered(desk.client.get(&url).send().await.expect("an answer"));
    assert_eq!(bare.await.refusal(), (400, "400.008.01".to_owned()));
}

#[tokio::test]
async fn each_product_words_a_bad_token_in_its_own_way() {
    let mut desk = Desk::new().await;
    desk.token = "not-a-token".to_owned();
    let expected = [
        (Endpoint::StkPush, 404, "404.001.03"),
        (Endpoint::StkQuery, 404, "404.001.03"),
        (Endpoint::Reversal, 404, "404.001.03"),
        (Endpoint::B2cV1, 401, "401.002.01"),
        (Endpoint::B2cV3, 401, "401.002.01"),
        (Endpoint::AccountBalance, 401, "401.002.01"),
        (Endpoint::TransactionStatus, 400, "400.003.01"),
    ];
    for (endpoint, status, code) in expected {
        let answer = desk.post(endpoint, &json!({})).await;
        assert_eq!(answer.refusal(), (status, code.to_owned()), "{endpoint:?}");
    }
    let echoed = desk.post(Endpoint::B2cV3, &json!({})).await.field("errorMessage");
    assert_eq!(echoed, "Error Occurred - Invalid Access Token - not-a-token");
}

#[tokio::test]
async fn a_new_token_invalidates_the_old_one_unless_the_rule_is_off() {
    let mut desk = Desk::new().await;
    let second = desk.new_token().await;
    assert_eq!(desk.stk(PAYER, 1).await.status, 404);
    desk.token.clone_from(&second);
    desk.control().change_rules(|rules| rules.new_token_invalidates_old = false);
    desk.new_token().await;
    assert_eq!(desk.stk(PAYER, 1).await.status, 200);
}

#[tokio::test]
async fn a_token_ends_when_its_time_is_up_or_when_it_is_revoked() {
    let mut desk = Desk::new().await;
    desk.control().advance(Duration::seconds(3590));
    assert_eq!(desk.stk(PAYER, 1).await.status, 200);
    desk.control().advance(Duration::seconds(10));
    assert_eq!(desk.stk(PAYER, 2).await.status, 404);
    desk.token = desk.new_token().await;
    desk.control().revoke_tokens();
    assert_eq!(desk.stk(PAYER, 2).await.status, 404);
}

#[tokio::test]
async fn a_token_can_die_earlier_than_it_said() {
    let mut desk = Desk::new().await;
    let kind = FaultKind::ExpireTokenIn(Duration::seconds(5));
    desk.control().add_fault(Fault::once(Endpoint::OAuth, kind));
    desk.token = desk.new_token().await;
    assert_eq!(desk.stk(PAYER, 1).await.status, 200);
    desk.control().advance(Duration::seconds(6));
    assert_eq!(desk.stk(PAYER, 2).await.status, 404);
}
