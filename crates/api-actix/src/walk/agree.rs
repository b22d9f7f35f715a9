//! The last word of the demo: the ledger's balances, and whether M-Pesa and the chain say the same.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, ensure};
use domain::address::Network;
use domain::ledger::{Account, AccountKey, LedgerAsset};
use domain::service::Engine;
use tokio::time::interval;
use twins::daraja::{DarajaTwin, Oracle};

use super::Story;
use super::coins::Coins;

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
    coins: &Coins,
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

    async fn compare(&self, oracle: &Oracle, coins: &Coins, at: &Addresses) -> Result<()> {
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
        ensure!(books == kept.into(), "M-Pesa collected {kept} cents, the books say {books}");
        let left = oracle.payouts.iter().map(|payout| payout.amount_cents + payout.fee_cents);
        let left: i64 = left.sum();
        let books = self.holds(Account::MpesaUtility, LedgerAsset::Kes);
        let agrees = books == -i128::from(left) || books == oracle.float_cents.into();
        ensure!(agrees, "{left} cents left the float, the books say {books}");
        Ok(())
    }

    fn show(&self, story: Story) {
        story.tell("ledger", "agrees with M-Pesa's oracle and with the chain:");
        for (key, sum) in &self.0 {
            let amount = match key.asset {
                LedgerAsset::Kes => format!("{}.{:02}", sum / 100, (sum % 100).abs()),
                LedgerAsset::Usdt | LedgerAsset::Usdc => coin(*sum),
                LedgerAsset::Trx => format!("{sum} sun"),
                LedgerAsset::Eth => format!("{sum} wei"),
            };
            println!(
                "         {:<18} {:<5} {amount:>28}",
                key.account.as_str(),
                key.asset.as_str()
            );
        }
    }
}

fn coin(minor: i128) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.abs();
    format!("{sign}{}.{:08}", minor / 100_000_000, minor % 100_000_000)
}
