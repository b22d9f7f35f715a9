//! What addresses are ours or a token's, as far as this process knows: hot wallets where it has their
//! keys, contracts wherever orders are taken.

use anyhow::{Context, Result};
use domain::address::{AddressBook, AddressUse, Network};
use domain::ports::OwnAddress;

use super::Chains;
use crate::settings::Settings;

/// All of them, spelled as `book` spells them.
///
/// # Errors
/// With the setting that is no address of its network.
pub fn own_addresses(
    settings: &Settings,
    chains: Option<&Chains>,
    book: &dyn AddressBook,
) -> Result<Vec<OwnAddress>> {
    let open = settings.order_rules().open;
    let (tron, ethereum) = (&settings.tron, &settings.ethereum);
    let tokens = [
        (Network::Tron, "KIVUKO__TRON__USDT", &tron.usdt),
        (Network::Ethereum, "KIVUKO__ETHEREUM__USDT", &ethereum.usdt),
        (Network::Ethereum, "KIVUKO__ETHEREUM__USDC", &ethereum.usdc),
    ];
    let tokens = tokens.into_iter().filter(|(network, ..)| open.contains(*network));
    let mut known = Vec::new();
    for (network, variable, address) in tokens.filter(|(.., address)| !address.is_empty()) {
        let own = own(book, network, address, AddressUse::TokenContract);
        known.push(own.with_context(|| format!("{variable}={address}"))?);
    }
    for network in chains.map(Chains::networks).into_iter().flatten() {
        let address = chains.context("there are chains")?.hot_address(network)?;
        known.push(own(book, network, &address, AddressUse::HotWallet)?);
    }
    Ok(known)
}

fn own(
    book: &dyn AddressBook,
    network: Network,
    address: &str,
    address_use: AddressUse,
) -> Result<OwnAddress> {
    let parsed = book.parse(address)?;
    anyhow::ensure!(parsed.network() == network, "is no address of {}", network.as_str());
    let address = book.owner(&parsed).on(network).to_owned();
    Ok(OwnAddress { network, address, address_use })
}
