//! What building a service would find wrong with its settings, all at once and without starting anything:
//! no network, no database, no port, and the signer's journal stays closed.

use std::sync::Arc;

use anyhow::Context as _;
use domain::address::AddressBook;

use super::Role;
use super::shared::{address_book, shelf};
use crate::auth::Keys;
use crate::chains::{check_keys, own_addresses};
use crate::rail::Rail;
use crate::settings::{Faults, Settings};

/// Adds what the adapters have against the settings.
pub async fn inspect(role: Role, settings: &Settings, faults: &mut Faults) {
    let has_keys = !settings.chain.tron_xpub.is_empty() && !settings.chain.ethereum_xpub.is_empty();
    if has_keys && let Some(book) = faults.note(address_book(&settings.chain)) {
        let book: Arc<dyn AddressBook> = Arc::new(book);
        faults.note(own_addresses(settings, None, &*book));
    }
    if settings.mpesa.is_there() && !settings.mpesa.twin {
        inspect_mpesa(role, settings, faults);
    }
    if !settings.auth.jwks_file.is_empty() {
        // Names the variable where the file cannot be read.
        let keys = Keys::load(&settings.auth).await;
        faults.note(keys.with_context(|| format!("the keys of {}", settings.auth.jwks_file)));
    }
    let (tron, ethereum) = (&settings.tron, &settings.ethereum);
    let moves_coin = (tron.is_there() && !tron.twin) || (ethereum.is_there() && !ethereum.anvil);
    if role != Role::Api && moves_coin {
        check_keys(settings, faults);
    }
}

/// The adapter names one at a time what it misses.
fn inspect_mpesa(role: Role, settings: &Settings, faults: &mut Faults) {
    let of = &settings.mpesa;
    let (pays_out, is_named) = (role != Role::Api, !of.initiator.is_empty());
    let needed = [
        ("CONSUMER_KEY", of.consumer_key.is_empty(), true),
        ("CONSUMER_SECRET", of.consumer_secret.is_empty(), true),
        ("PASSKEY", of.passkey.is_empty(), true),
        ("SHORT_CODE", of.short_code == 0, true),
        ("B2C_SHORT_CODE", of.b2c_short_code == 0, is_named),
        ("SECURITY_CREDENTIAL", of.security_credential.is_empty(), is_named),
    ];
    let mut is_whole = true;
    for (name, is_missing, is_needed) in needed {
        if is_missing && is_needed {
            is_whole = false;
            faults.add(format!("KIVUKO__MPESA__{name} must be set where M-Pesa is used"));
        }
    }
    if pays_out && !is_named {
        faults.add(super::NO_INITIATOR);
    }
    if is_whole {
        let rail = shelf(settings).and_then(|shelf| Rail::new(of, shelf));
        faults.note(rail);
    }
}
