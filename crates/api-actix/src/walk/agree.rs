//! The last word of the demo: the ledger's balances, and whether M-Pesa and the chain say the same.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, ensure};
use domain::address::Network;
use domain::ledger::{Account, AccountKey, LedgerAsset};
use domain::service::Engine;
use tokio::time::interval;
use twins::daraja::{DarajaTwin, Oracle};
use uuid::Uuid;

use super::Story;
use crate::twin_wallet::TwinWallet;

/// 10⁻⁸ in a unit of the chain.
const MINOR_PER_UNIT: i128 = 100;

/// Where coin of ours may be.
pub(super) struct Addresses {
    pub(super) hot: String,
    pub(super) escrow: String,
    pub(super) network: Network,
}

/// Waits until nothing moves any more and all books agree; whoever calls limits the time.
pub(super) async fn check(
    story: Story,
    engine: &Engine,
    twin: &DarajaTwin,
    coins: &TwinWallet,
    addresses: &Addresses,
) -> Result<()> {
    let mut beat = interval(Duration::from_millis(200));
    let mut said = String::new();
    loop {
        beat.tick().await;
        let ledger = Ledger(engine.store.balances().await?);
        let compared = ledger.compare(&twin.control().oracle(), coins, addresses).await;
        let Err(difference) = compared else {
            ledger.show(story);
            return Ok(());
        };
        let difference = difference.to_string();
        if difference != said {
            story.tell("ledger", format!("waits: {difference}"));
            said = difference;
        }
    }
}

struct Ledger(Vec<(AccountKey, i128)>);

impl Ledger {
    fn holds(&self, account: Account, asset: LedgerAsset) -> i128 {
        let of = |(key, _): &&(AccountKey, i128)| key.account == account && key.asset == asset;
        self.0.iter().filter(of).map(|(_, sum)| sum).sum()
    }

    async fn compare(&self, oracle: &Oracle, coins: &TwinWallet, at: &Addresses) -> Result<()> {
        let mut sums = BTreeMap::<LedgerAsset, i128>::new();
        for (key, amount) in &self.0 {
            *sums.entry(key.asset).or_default() += amount;
        }
        ensure!(sums.values().all(|sum| *sum == 0), "the ledger does not sum to zero: {sums:?}");
        self.compare_shillings(oracle)?;
        let usdt = LedgerAsset::Usdt;
        for (what, address, account) in [
            ("the hot wallet", &at.hot, Account::hot(at.network)),
            ("the escrow address", &at.escrow, Account::escrow(at.network)),
        ] {
            let chain = i128::try_from(coins.balance(address).await?)? * MINOR_PER_UNIT;
            let books = self.holds(account, usdt);
            ensure!(
                chain == books,
                "{what} holds {} on the chain, {} in the books",
                coin(chain),
                coin(books)
            );
        }
        Ok(())
    }

    fn compare_shillings(&self, oracle: &Oracle) -> Result<()> {
        let kept = oracle.payments.iter().filter(|payment| !payment.reversed);
        let kept: i64 = kept.map(|payment| payment.amount_cents).sum();
        let books = self.holds(Account::MpesaCollection, LedgerAsset::Kes);
        ensure!(
            books == kept.into(),
            "M-Pesa has collected KES {}, the books say {}",
            shillings(kept.into()),
            shillings(books)
        );
        let left = oracle.payouts.iter().map(|payout| payout.amount_cents + payout.fee_cents);
        let left: i64 = left.sum();
        let books = self.holds(Account::MpesaUtility, LedgerAsset::Kes);
        let agrees = books == -i128::from(left) || books == oracle.float_cents.into();
        ensure!(
            agrees,
            "KES {} have left the float for payouts and M-Pesa's fees, the books say {} so far",
            shillings(left.into()),
            shillings(-books)
        );
        Ok(())
    }

    fn show(&self, story: Story) {
        story.tell("ledger", "agrees with M-Pesa's oracle and with the chain. Who holds what:");
        for (key, sum) in &self.0 {
            let amount = match key.asset {
                LedgerAsset::Kes => format!("{} KES", shillings(*sum)),
                LedgerAsset::Usdt | LedgerAsset::Usdc => {
                    format!("{} {}", coin(*sum), key.asset.as_str())
                }
                LedgerAsset::Trx => format!("{sum} sun"),
                LedgerAsset::Eth => format!("{sum} wei"),
            };
            println!("         {amount:>28}  {}", meaning(key, *sum));
        }
    }
}

/// An account in words: whose money it is, or what it went for.
fn meaning(key: &AccountKey, sum: i128) -> String {
    let whose = key.party.map_or_else(String::new, |party| name(party.0));
    match key.account {
        Account::MpesaCollection => "collected by the pay bill".to_owned(),
        Account::MpesaUtility => "of the float; below zero: paid out of it".to_owned(),
        Account::TronEscrow | Account::EthereumEscrow => "at escrow addresses".to_owned(),
        Account::TronHot | Account::EthereumHot => {
            "of the hot wallet; below zero: delivered out of it".to_owned()
        }
        Account::Gas => "of the hot wallet's own coin, spent on fees".to_owned(),
        Account::VendorPayable if sum > 0 => format!("spent for {whose}, who has it back in kind"),
        Account::VendorPayable | Account::CustomerPayable => format!("owed to {whose}"),
        Account::Parked => "nobody's yet".to_owned(),
        Account::Residue => "left by rounding".to_owned(),
        Account::Fees => "M-Pesa's and the chain's fees".to_owned(),
        Account::Capital => "of the operator's own money".to_owned(),
    }
}

/// The demo's own parties by name.
fn name(party: Uuid) -> String {
    crate::demo::name(party).unwrap_or_else(|| party.to_string())
}

fn shillings(cents: i128) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

fn coin(minor: i128) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.abs();
    format!("{sign}{}.{:08}", minor / 100_000_000, minor % 100_000_000)
}
