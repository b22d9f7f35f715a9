//! Who gets in, and who may do what once inside.

mod keys;
mod rights;
mod tokens;

use e2e::Answer;

const ORDERS: &str = "/api/v1/auth/orders";
const OFFERS: &str = "/api/v1/auth/offers";
const USERS: &str = "/api/v1/auth/users/provision";
const LIST: &str = "/api/v1/auth/orders?page_id=1&page_size=10";
const UNKNOWN: &str = "00000000-0000-7000-8000-00000000dead";

#[track_caller]
fn assert_is_shut_out(answer: &Answer, code: &str) {
    answer.problem_with(401, code, &[]);
    let challenge = answer.header("www-authenticate").unwrap_or_default();
    assert!(challenge.starts_with("Bearer"), "{challenge}");
}
