//! Transfers on Tron that are signed, and what their signatures are worth.

use alloy::primitives::{B256, Signature, hex};
use domain::address::Network;
use domain::offer::Asset;
use prost::Message as _;
use sha2::{Digest as _, Sha256};

use super::support::{Scene, What, bytes21};
use twins::tron::proto::Signed;

#[tokio::test]
async fn every_kind_of_transfer_is_signed_by_its_wallet_and_known_by_its_txid() {
    for what in [What::Delivery(Asset::Usdt), What::Sweep, What::Gas] {
        let scene = Scene::new();
        let request = scene.request(Network::Tron, what);
        let signed = scene.sign(&request).await.unwrap();
        let sent = Signed::decode(signed.raw.as_slice()).unwrap();
        let raw = sent.raw_data.unwrap().encode_to_vec();
        assert_eq!(raw, request.unsigned, "what was asked for is what was signed");
        let txid: [u8; 32] = Sha256::digest(&raw).into();
        assert_eq!(signed.tx_hash, hex::encode(txid));
        let signature = Signature::from_raw(&sent.signature[0]).unwrap();
        let from = signature.recover_address_from_prehash(&B256::from(txid)).unwrap();
        assert_eq!(from.as_slice(), &bytes21(&request.plan.from)[1..], "{what:?}");
        assert_eq!((signed.sequence, &signed.terms), (request.sequence, &request.terms));
    }
}
