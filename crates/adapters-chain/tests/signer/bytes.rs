//! Bytes that do not say what the plan does, or say more. Whatever is altered, nothing is signed.

use alloy::consensus::transaction::SignableTransaction as _;
use alloy::consensus::{TxEip1559, TxEip2930, TxLegacy};
use alloy::eips::eip2930::{AccessList, AccessListItem};
use alloy::primitives::{Address, Bytes, TxKind, U256};
use domain::address::Network;
use domain::offer::Asset;
use prost::Message as _;

use super::support::{
    ETHEREUM_USDC, Scene, What, address, assert_mismatch, bytes21, raw, transaction,
};
use twins::tron::proto::{Raw, TransferContract, TriggerSmartContract};

type Row<T> = (&'static str, fn(&mut T));

const TRANSACTIONS: [Row<TxEip1559>; 18] = [
    ("chain id", |it| it.chain_id = 1),
    ("nonce", |it| it.nonce += 1),
    ("gas limit", |it| it.gas_limit += 1),
    ("fee", |it| it.max_fee_per_gas += 1),
    ("fee beyond 64 bits", |it| it.max_fee_per_gas += 1 << 64),
    ("tip", |it| it.max_priority_fee_per_gas -= 1),
    ("contract", |it| it.to = TxKind::Call(address(ETHEREUM_USDC))),
    ("deployment", |it| it.to = TxKind::Create),
    ("ether taken along", |it| it.value = U256::from(1)),
    ("access list", |it| {
        let item = AccessListItem { address: Address::ZERO, storage_keys: vec![] };
        it.access_list = AccessList(vec![item]);
    }),
    ("no call", |it| it.input = Bytes::new()),
    ("approve", |it| input(it, |data| data[..4].copy_from_slice(&[0x09, 0x5e, 0xa7, 0xb3]))),
    ("padding", |it| input(it, |data| data[4] = 1)),
    ("receiver", |it| input(it, |data| data[35] ^= 1)),
    ("amount", |it| input(it, |data| data[67] ^= 1)),
    ("amount beyond 64 bits", |it| input(it, |data| data[36] = 1)),
    ("call too long", |it| input(it, |data| data.push(0))),
    ("call too short", |it| input(it, |data| data.truncate(67))),
];

const RAWS: [Row<Raw>; 17] = [
    ("reference", |it| it.ref_block_bytes[0] ^= 1),
    ("reference length", |it| it.ref_block_bytes.push(0)),
    ("reference hash", |it| it.ref_block_hash[0] ^= 1),
    ("no reference hash", |it| it.ref_block_hash.clear()),
    ("expiration", |it| it.expiration += 1),
    ("expiration below zero", |it| it.expiration = -1),
    ("memo", |it| it.data = b"memo".to_vec()),
    ("no contract", |it| it.contract.clear()),
    ("two contracts", |it| it.contract.push(it.contract[0].clone())),
    ("timestamp", |it| it.timestamp += 1),
    ("fee limit", |it| it.fee_limit += 1),
    ("fee limit below zero", |it| it.fee_limit = -1),
    ("permission", |it| it.contract[0].permission_id = 2),
    ("contract type", |it| it.contract[0].kind = 1),
    ("type url", |it| it.contract[0].parameter.as_mut().unwrap().type_url.push('s')),
    ("no parameter", |it| it.contract[0].parameter = None),
    ("unknown fields", |it| it.ref_block_num = 1),
];

const CALLS: [Row<TriggerSmartContract>; 13] = [
    ("owner", |it| it.owner_address[20] ^= 1),
    ("owner's version", |it| it.owner_address[0] = 0xa0),
    ("owner's length", |it| it.owner_address.truncate(20)),
    ("contract", |it| it.contract_address[20] ^= 1),
    ("TRX taken along", |it| it.call_value = 1),
    ("tokens taken along", |it| it.call_token_value = 1),
    ("token id", |it| it.token_id = 1),
    ("approve", |it| it.data[..4].copy_from_slice(&[0x09, 0x5e, 0xa7, 0xb3])),
    ("receiver", |it| it.data[35] ^= 1),
    ("padding", |it| it.data[15] = 0x41),
    ("amount", |it| it.data[67] ^= 1),
    ("amount beyond 64 bits", |it| it.data[36] = 1),
    ("call too long", |it| it.data.push(0)),
];

const TRANSFERS: [Row<TransferContract>; 4] = [
    ("owner", |it| it.owner_address[20] ^= 1),
    ("receiver", |it| it.to_address[20] ^= 1),
    ("amount", |it| it.amount += 1),
    ("amount below zero", |it| it.amount = -1),
];

fn input(transaction: &mut TxEip1559, alter: fn(&mut Vec<u8>)) {
    let mut data = transaction.input.to_vec();
    alter(&mut data);
    transaction.input = data.into();
}

#[tokio::test]
async fn an_ethereum_transaction_with_anything_altered_is_refused() {
    let scene = Scene::new();
    let request = scene.request(Network::Ethereum, What::Delivery(Asset::Usdt));
    for (what, alter) in TRANSACTIONS {
        let (mut request, mut transaction) = (request.clone(), transaction(&request));
        alter(&mut transaction);
        request.unsigned = transaction.encoded_for_signing();
        assert_mismatch(&scene.sign(&request).await, what);
    }
    assert_eq!(scene.lines(), 0, "nothing was signed");
}

#[tokio::test]
async fn an_ether_top_up_with_anything_altered_is_refused() {
    let scene = Scene::new();
    let request = scene.request(Network::Ethereum, What::Gas);
    let rows: [Row<TxEip1559>; 4] = [
        ("receiver", |it| it.to = TxKind::Call(address(ETHEREUM_USDC))),
        ("amount", |it| it.value += U256::from(1)),
        ("amount beyond 64 bits", |it| it.value += U256::from(1) << 64),
        ("a call", |it| it.input = vec![0].into()),
    ];
    for (what, alter) in rows {
        let (mut request, mut transaction) = (request.clone(), transaction(&request));
        alter(&mut transaction);
        request.unsigned = transaction.encoded_for_signing();
        assert_mismatch(&scene.sign(&request).await, what);
    }
}

#[tokio::test]
async fn other_kinds_and_other_spellings_of_an_ethereum_transaction_are_refused() {
    let scene = Scene::new();
    let request = scene.request(Network::Ethereum, What::Delivery(Asset::Usdt));
    let plain = transaction(&request);
    let (chain_id, nonce, to) = (plain.chain_id, plain.nonce, plain.to);
    let legacy = TxLegacy { chain_id: Some(chain_id), nonce, to, ..TxLegacy::default() };
    let older = TxEip2930 { chain_id, nonce, to, ..TxEip2930::default() };
    let whole = request.unsigned.clone();
    let rows = [
        ("legacy", legacy.encoded_for_signing()),
        ("EIP-2930", older.encoded_for_signing()),
        ("nothing", vec![]),
        ("the type alone", vec![2]),
        ("something after it", [&whole[..], &[0]].concat()),
        ("something before it", [&[0], &whole[..]].concat()),
        ("cut off", whole[..whole.len() - 1].to_vec()),
        ("a digest", vec![7; 32]),
    ];
    for (what, unsigned) in rows {
        let request = domain::ports::SigningRequest { unsigned, ..request.clone() };
        assert_mismatch(&scene.sign(&request).await, what);
    }
    assert_eq!(scene.lines(), 0, "nothing was signed");
}

#[tokio::test]
async fn tron_data_with_anything_altered_is_refused() {
    let scene = Scene::new();
    let request = scene.request(Network::Tron, What::Delivery(Asset::Usdt));
    let whole = raw(&request);
    let mut altered: Vec<(&str, Raw)> = vec![];
    for (what, alter) in RAWS {
        let mut raw = whole.clone();
        alter(&mut raw);
        altered.push((what, raw));
    }
    altered.extend(CALLS.map(|(what, alter)| (what, with_parameter(&whole, alter))));
    for (what, raw) in altered {
        let mut request = request.clone();
        request.unsigned = raw.encode_to_vec();
        assert_mismatch(&scene.sign(&request).await, what);
    }
    assert_eq!(scene.lines(), 0, "nothing was signed");
}

#[tokio::test]
async fn a_tron_top_up_with_anything_altered_is_refused() {
    let scene = Scene::new();
    let request = scene.request(Network::Tron, What::Gas);
    for (what, alter) in TRANSFERS {
        let mut request = request.clone();
        request.unsigned = with_parameter(&raw(&request), alter).encode_to_vec();
        assert_mismatch(&scene.sign(&request).await, what);
    }
    let escrow = bytes21(&request.plan.to);
    assert_eq!(escrow.len(), 21);
}

#[tokio::test]
async fn other_spellings_of_tron_data_are_refused() {
    let scene = Scene::new();
    let request = scene.request(Network::Tron, What::Delivery(Asset::Usdt));
    let whole = request.unsigned.clone();
    let mut scripted = raw(&request);
    scripted.scripts = vec![1];
    let mut provided = raw(&request);
    provided.contract[0].provider = vec![1];
    let (head, rest) = whole.split_at(4);
    let rows = [
        ("nothing", vec![]),
        ("scripts", scripted.encode_to_vec()),
        ("a provider", provided.encode_to_vec()),
        ("an unknown field", [&whole[..], &[0xf8, 0x01, 0x01]].concat()),
        ("the fee limit twice", [&whole[..], &[0x90, 0x01, 0x01]].concat()),
        ("another order of fields", [rest, head].concat()),
        ("a longer length", [&[0x0a, 0x82, 0x00], &whole[2..]].concat()),
        ("cut off", whole[..whole.len() - 1].to_vec()),
        ("a digest", vec![7; 32]),
    ];
    for (what, unsigned) in rows {
        let request = domain::ports::SigningRequest { unsigned, ..request.clone() };
        assert_mismatch(&scene.sign(&request).await, what);
    }
    assert_eq!(scene.lines(), 0, "nothing was signed");
}

/// The data with its contract's own message altered.
fn with_parameter<M: prost::Message + Default>(whole: &Raw, alter: fn(&mut M)) -> Raw {
    let mut raw = whole.clone();
    let parameter = raw.contract[0].parameter.as_mut().unwrap();
    let mut message = M::decode(parameter.value.as_slice()).unwrap();
    alter(&mut message);
    parameter.value = message.encode_to_vec();
    raw
}

#[tokio::test]
async fn no_byte_can_be_another() {
    let scene = Scene::new();
    for network in [Network::Tron, Network::Ethereum] {
        for what in [What::Delivery(Asset::Usdt), What::Sweep, What::Gas] {
            let request = scene.request(network, what);
            for at in 0..request.unsigned.len() {
                for bit in [0x01, 0x10, 0x80] {
                    let mut request = request.clone();
                    request.unsigned[at] ^= bit;
                    assert_mismatch(&scene.sign(&request).await, &format!("{what:?} {at} {bit}"));
                }
            }
        }
    }
    assert_eq!(scene.lines(), 0, "nothing was signed");
}
