//! The powers over money: accounts, tokens and contracts, and wallets that the twin plays itself.
//!
//! Gifts are as if they had always been there: solid at once, and no event tells of them.

use std::collections::BTreeSet;

use super::abi;
use super::address::Address;
use super::broadcast::Broadcast;
use super::control::TronControl;
use super::hashing::keccak;
use super::hex;
use super::ledger::Ledger;
use super::token::{BATCH, TRANSFER, Token};
use super::transaction::{Action, Tx};
use super::world::World;

/// What a foreign wallet pays for a call at most.
const FEE_LIMIT_SUN: i64 = 1_000_000_000;

impl TronControl {
    /// The twin's USDT.
    pub fn token_address(&self) -> Address {
        self.usdt
    }

    /// A further token, with the same events; what its symbol says proves nothing.
    pub fn deploy_token(&self, symbol: &str) -> Address {
        self.shared.change(|world| {
            let nth = world.ledger.tokens.len();
            let address = Address::of_digest(&keccak(format!("{symbol} {nth}").as_bytes()));
            deploy(&mut world.ledger, address, symbol, false);
            address
        })
    }

    /// An account with so much TRX, whatever it was before.
    pub fn create_account(&self, address: Address, sun: i64) {
        self.shared.change(|world| {
            world.ledger.rewrite_account(address, |account| {
                account.is_active = true;
                account.sun = sun;
            });
        });
    }

    /// Energy a day from stakes; as if delegated.
    pub fn set_energy(&self, address: Address, per_day: i64) {
        self.shared.change(|world| {
            world.ledger.rewrite_account(address, |account| account.energy_limit = per_day);
        });
    }

    /// More of a token.
    pub fn fund_token(&self, token: Address, holder: Address, units: u128) {
        self.shared.change(|world| world.ledger.grant_units(token, holder, units));
    }

    pub fn set_paused(&self, token: Address, is_paused: bool) {
        self.change_token(token, |token| token.is_paused = is_paused);
    }

    /// Keeps a holder from sending.
    pub fn set_blacklisted(&self, token: Address, holder: Address, is_listed: bool) {
        self.change_token(token, |token| {
            if is_listed {
                token.blacklist.insert(holder);
            } else {
                token.blacklist.remove(&holder);
            }
        });
    }

    /// The fee switch, in hundredths of a percent.
    pub fn set_fee_bps(&self, token: Address, bps: u32) {
        self.change_token(token, |token| token.fee_bps = bps);
    }

    /// USDT from a wallet elsewhere, pending until the next block; the txid. The wallet finds the
    /// TRX for it, but not the tokens.
    pub fn transfer(&self, from: Address, to: Address, units: u128) -> String {
        self.transfer_of(self.usdt, from, to, units)
    }

    /// The same, of any token.
    pub fn transfer_of(&self, token: Address, from: Address, to: Address, units: u128) -> String {
        let words = [abi::of_address(to), abi::of_units(units)];
        self.call(from, token, abi::call(TRANSFER, &words))
    }

    /// One transaction with a Transfer event for each.
    pub fn transfer_batch(
        &self,
        token: Address,
        from: Address,
        payees: &[(Address, u128)],
    ) -> String {
        let to: Vec<_> = payees.iter().map(|(to, _)| abi::of_address(*to)).collect();
        let units: Vec<_> = payees.iter().map(|(_, units)| abi::of_units(*units)).collect();
        self.call(from, token, abi::call(BATCH, &abi::of_lists(&to, &units)))
    }

    /// TRX from a wallet elsewhere, which must have them; activates the account where there is
    /// none.
    pub fn transfer_trx(&self, from: Address, to: Address, sun: i64) -> String {
        self.put(Action::Transfer { owner: from, to, amount: sun }, 0)
    }

    fn call(&self, owner: Address, contract: Address, data: Vec<u8>) -> String {
        self.put(Action::Trigger { owner, contract, call_value: 0, data }, FEE_LIMIT_SUN)
    }

    fn put(&self, action: Action, fee_limit: i64) -> String {
        self.shared.change(|world| world.put(action, fee_limit))
    }

    /// At the head.
    pub fn balance_of(&self, token: Address, holder: Address) -> u128 {
        let height = |world: &World| world.chain.head().number;
        self.shared.look(|world| world.ledger.units(token, holder, height(world)))
    }

    pub fn solid_balance_of(&self, token: Address, holder: Address) -> u128 {
        self.shared.look(|world| world.ledger.units(token, holder, world.chain.solid()))
    }

    /// Sun at the head; `None` where the account was never activated.
    pub fn trx_balance(&self, address: Address) -> Option<i64> {
        let account = |world: &World| world.ledger.account(address, world.chain.head().number);
        self.shared.look(|world| account(world).map(|account| account.sun))
    }
}

impl World {
    /// A transaction of a wallet that nobody here has the key of.
    fn put(&mut self, action: Action, fee_limit: i64) -> String {
        let how = Broadcast::plain(0, self.view(0, 0));
        let mut raw = self.build(how.view, action.clone(), fee_limit).raw;
        // Two payments within a millisecond are two payments.
        raw.timestamp = raw.timestamp.max(self.last_foreign_ms + 1);
        self.last_foreign_ms = raw.timestamp;
        let mut tx = Tx::unsigned(raw, action);
        tx.is_foreign = true;
        tx.signatures = vec![vec![0; 65]];
        let short =
            self.ledger.account(tx.owner(), how.view.head).is_none_or(|a| a.sun < 2 * fee_limit);
        if fee_limit > 0 && short {
            self.ledger.rewrite_account(tx.owner(), |account| {
                account.is_active = true;
                account.sun += 2 * fee_limit;
            });
        }
        let txid = hex::encode(&tx.id);
        self.spread(tx, how);
        txid
    }
}

pub(super) fn deploy(ledger: &mut Ledger, address: Address, symbol: &str, returns_false: bool) {
    let owner = Address::of_digest(&keccak(format!("owner of {address}").as_bytes()));
    let token = Token {
        symbol: symbol.to_owned(),
        returns_false,
        owner,
        fee_bps: 0,
        is_paused: false,
        blacklist: BTreeSet::new(),
    };
    ledger.tokens.insert(address, token);
}
