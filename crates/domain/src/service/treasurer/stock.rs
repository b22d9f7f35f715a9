//! The stock: what the chain says that a hot wallet holds, against what the ledger says.

use super::{Chain, Treasurer};
use crate::address::Network;
use crate::chain::transfer::Wallet;
use crate::ledger::{Account, LedgerAsset};
use crate::offer::Asset;
use crate::ports::HotBooks;
use crate::rail::{RailReview, Review};
use crate::service::ServiceError;

/// What a hot wallet held when it was compared, in 10⁻⁸.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stock {
    pub network: Network,
    pub asset: Asset,
    pub held: i64,
    /// What that was more than the books; negative when it was less.
    pub off: i64,
}

impl Treasurer {
    /// Compares every hot wallet with the ledger whose turn it is. A difference that nothing under way
    /// explains is an operator's.
    ///
    /// # Errors
    /// The chain's or the store's.
    pub async fn weigh_stock(&self) -> Result<Vec<Stock>, ServiceError> {
        let mut stocks = Vec::new();
        for chain in &self.chains {
            let network = chain.source.network();
            for asset in Asset::ALL.into_iter().filter(|asset| asset.lives_on(network)) {
                let turn = format!("stock {} {}", network.as_str(), asset.as_str());
                let every = self.tempo.reconcile_every();
                if self.engine.store.claim_turn(&turn, every, self.now()).await? {
                    stocks.push(self.weigh_one(chain, asset).await?);
                }
            }
        }
        Ok(stocks)
    }

    /// Takes over what the chain says that a hot wallet holds: an operator has put coin in or taken it
    /// out. Answers the difference in 10⁻⁸.
    ///
    /// # Errors
    /// The chain's or the store's; `NotFound` while coin is moving.
    pub async fn book_stock(&self, network: Network, asset: Asset) -> Result<i64, ServiceError> {
        let chain = self.chain(network)?;
        let (held, books) = self.compare(chain, asset).await?;
        if books.moving != 0 {
            return Err(ServiceError::NotFound);
        }
        let difference = held.saturating_sub(books.minor);
        let word = if books.is_opened { "stock" } else { "opening" };
        let cause = if books.is_opened {
            let at = self.now().unix_timestamp_nanos();
            format!("{word}:{}:{}:{at}", network.as_str(), asset.as_str())
        } else {
            format!("{word}:{}:{}", network.as_str(), asset.as_str())
        };
        let way = (Account::Capital, Account::hot(network));
        if let Some(entry) = self.entry(cause, LedgerAsset::from(asset), way, difference) {
            let mut uow = self.engine.store.begin().await?;
            uow.post(&entry).await?;
            uow.commit().await?;
        }
        Ok(difference)
    }

    async fn weigh_one(&self, chain: &Chain, asset: Asset) -> Result<Stock, ServiceError> {
        let (held, books) = self.compare(chain, asset).await?;
        self.judge_stock(chain, asset, held, &books).await?;
        let network = chain.source.network();
        Ok(Stock { network, asset, held, off: held.saturating_sub(books.minor) })
    }

    async fn judge_stock(
        &self,
        chain: &Chain,
        asset: Asset,
        held: i64,
        books: &HotBooks,
    ) -> Result<(), ServiceError> {
        let network = chain.source.network();
        let is_explained = held.abs_diff(books.minor) <= books.moving.unsigned_abs();
        if !books.is_opened && books.moving == 0 && held != books.minor {
            // The stock as it was first seen is the operator's own.
            return self.book_stock(network, asset).await.map(drop);
        }
        if !books.is_opened {
            return Ok(());
        }
        let subject = format!("stock:{}:{}", network.as_str(), asset.as_str());
        let mut uow = self.engine.store.begin().await?;
        if is_explained {
            self.engine
                .call_off(&mut *uow, &subject, "the wallet holds what the books say")
                .await?;
            return Ok(uow.commit().await?);
        }
        let off = held.saturating_sub(books.minor);
        let cause = format!("{subject}:{held}:{}", books.minor);
        let detail = format!("the hot wallet is off by {off} of 10^-8 {}", asset.as_str());
        let review = Review::new(RailReview::ReconDelta, subject, cause, detail, self.now());
        self.engine.call_operator(&mut *uow, &review).await?;
        Ok(uow.commit().await?)
    }

    async fn compare(&self, chain: &Chain, asset: Asset) -> Result<(i64, HotBooks), ServiceError> {
        let network = chain.source.network();
        let address = chain.sender.address(Wallet::Hot)?;
        let since = self.now().saturating_sub(self.tempo.seconds(120));
        // The books last: what moves meanwhile shows in them.
        let (held, _) = chain.source.final_balance(asset, &address).await?;
        let books = self.engine.store.hot_books(network, asset, since).await?;
        Ok((held.minor(), books))
    }
}
