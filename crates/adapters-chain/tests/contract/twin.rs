//! A simulated Tron chain as the contract's cases know it.

use std::sync::Arc;

use adapters_chain::tron::Tron;
use async_trait::async_trait;
use domain::chain::transfer::{Signed, Terms, Wallet};
use domain::ports::{ChainSender, ChainSource};
use domain::testing::contract::chain::{ChainStage, Coin};
use twins::tron::{Address, TronControl, TronTwin};

use crate::support::keys::book;
use crate::support::slots::{self, at};

const STOCK: u128 = 1_000_000_000;
const SUN: i64 = 1_000_000_000;
/// Slots: longer than a transaction of ours lives.
const LIFE: u64 = 230;

pub(crate) struct TwinStage {
    tron: Tron,
    control: TronControl,
    look_alike: Address,
    _twin: TronTwin,
}

impl TwinStage {
    pub(crate) async fn new() -> Self {
        let twin = slots::start(2, SUN, STOCK).await;
        let control = twin.control();
        let look_alike = control.deploy_token("USDT");
        let tron = Tron::try_new(slots::config(&twin), Arc::new(book())).expect("a fixture");
        Self { tron, control, look_alike, _twin: twin }
    }

    fn pay_native(&self, payees: &[(String, u64)]) -> String {
        let sun = |units: u64| i64::try_from(units).expect("a fixture");
        let all: u64 = payees.iter().map(|(_, units)| units).sum();
        self.control.create_account(Self::payer(), SUN + sun(all));
        let send = |(to, units): &(String, u64)| {
            self.control.transfer_trx(Self::payer(), at(to), sun(*units))
        };
        payees.iter().map(send).next_back().expect("a fixture")
    }

    fn payer() -> Address {
        Address::new([0x99; 20])
    }
}

#[async_trait]
impl ChainStage for TwinStage {
    fn source(&self) -> &dyn ChainSource {
        &self.tron
    }

    fn sender(&self) -> &dyn ChainSender {
        &self.tron
    }

    fn sign(&self, wallet: Wallet, unsigned: &[u8], terms: &Terms, sequence: u64) -> Signed {
        slots::sign(wallet, unsigned, terms.clone(), sequence)
    }

    fn first_escrow(&self) -> u32 {
        0
    }

    fn stranger(&self, nth: u8) -> String {
        Address::new([nth; 20]).to_string()
    }

    fn unreachable(&self) -> String {
        self.control.token_address().to_string()
    }

    async fn pay(&self, coin: Coin, payees: &[(String, u64)]) -> String {
        let token = match coin {
            Coin::Usdt => self.control.token_address(),
            Coin::LookAlike => self.look_alike,
            Coin::Native => return self.pay_native(payees),
        };
        let payees: Vec<_> = payees.iter().map(|(to, units)| (at(to), (*units).into())).collect();
        let sum = payees.iter().map(|(_, units)| units).sum();
        self.control.fund_token(token, Self::payer(), sum);
        self.control.transfer_batch(token, Self::payer(), &payees)
    }

    async fn pay_in_vain(&self, payee: &str, units: u64) -> String {
        let poor = Address::new([0x98; 20]);
        self.control.transfer(poor, at(payee), units.into())
    }

    async fn mine(&self, blocks: u64) {
        self.control.advance_slots(blocks);
    }

    async fn finalise(&self) {
        self.control.solidify();
    }

    async fn reorg(&self, blocks: u64) -> bool {
        self.control.reorg(blocks, &[]);
        true
    }

    async fn outlive(&self) -> bool {
        self.control.produce_empty_blocks(LIFE);
        true
    }

    async fn give_gas(&self, address: &str, units: u64) {
        self.control.create_account(at(address), i64::try_from(units).expect("a fixture"));
    }

    async fn pause(&self, is_paused: bool) {
        self.control.set_paused(self.control.token_address(), is_paused);
    }
}
