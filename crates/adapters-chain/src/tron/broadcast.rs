//! Broadcasts: the stored bytes to one node, and its answer as a hint. None of its answers proves
//! anything: a node may forget what it took, and may have taken what it refuses.

use alloy::primitives::hex;
use domain::chain::transfer::Signed;
use domain::ports::SendHint;
use serde_json::json;

use super::answers::{BroadcastAnswer, Hash, clip};
use super::node::Node;

/// To one node, byte for byte as stored.
pub(crate) async fn broadcast(node: &Node, signed: &Signed) -> SendHint {
    let bytes = json!({ "transaction": hex::encode(&signed.raw) });
    match node.ask::<BroadcastAnswer>("wallet/broadcasthex", &bytes).await {
        Ok(answer) => judge(&answer, Hash::parse(&signed.tx_hash)),
        Err(why) => SendHint::NoAnswer(why.to_string()),
    }
}

/// The codes of java-tron's `Return.response_code`.
fn judge(answer: &BroadcastAnswer, ours: Option<Hash>) -> SendHint {
    if answer.txid.is_none() || answer.txid != ours {
        return SendHint::Refused("the answer names another transaction".to_owned());
    }
    let detail = || clip(&format!("{}: {}", answer.code, answer.message));
    match (answer.result, answer.code.as_str()) {
        (true, "SUCCESS" | "") => SendHint::Accepted,
        (_, "DUP_TRANSACTION_ERROR") => SendHint::Known,
        (_, "TRANSACTION_EXPIRATION_ERROR") => SendHint::Expired(detail()),
        (
            _,
            "TAPOS_ERROR"
            | "SIGERROR"
            | "TOO_BIG_TRANSACTION_ERROR"
            | "CONTRACT_VALIDATE_ERROR"
            | "CONTRACT_EXE_ERROR"
            | "BANDWITH_ERROR",
        ) => SendHint::Refused(detail()),
        // Busy, without peers, behind the solid block, or a word that we do not know.
        (_, _) => SendHint::NoAnswer(detail()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ID: &str = "8c621a0dc9bd4d405b20d0a43143955b9f546f98bbfde1aec295a65b0f925629";

    fn hint(answer: Value) -> SendHint {
        judge(&serde_json::from_value(answer).unwrap(), Hash::parse(ID))
    }

    #[test]
    fn codes_become_hints() {
        let coded =
            |code: &str| hint(json!({ "result": false, "code": code, "message": "m", "txid": ID }));
        let whole = json!({ "result": true, "code": "SUCCESS", "message": "", "txid": ID });
        assert_eq!(hint(whole), SendHint::Accepted);
        assert_eq!(hint(json!({ "result": true, "txid": ID })), SendHint::Accepted);
        assert_eq!(coded("DUP_TRANSACTION_ERROR"), SendHint::Known);
        let expired = "TRANSACTION_EXPIRATION_ERROR: m".to_owned();
        assert_eq!(coded("TRANSACTION_EXPIRATION_ERROR"), SendHint::Expired(expired));
        for code in ["TAPOS_ERROR", "SIGERROR", "TOO_BIG_TRANSACTION_ERROR", "BANDWITH_ERROR"] {
            assert_eq!(coded(code), SendHint::Refused(format!("{code}: m")));
        }
        for code in ["SERVER_BUSY", "NO_CONNECTION", "BLOCK_UNSOLIDIFIED", "OTHER_ERROR", ""] {
            assert_eq!(coded(code), SendHint::NoAnswer(format!("{code}: m")));
        }
    }

    #[test]
    fn an_answer_about_another_transaction_is_no_acceptance() {
        let other = ID.replace('8', "9");
        for answer in [json!({ "result": true, "txid": other }), json!({ "result": true })] {
            assert!(matches!(hint(answer), SendHint::Refused(_)));
        }
    }
}
