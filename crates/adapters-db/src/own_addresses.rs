//! Addresses that no order's coin may go to: hot wallets, token contracts, and every escrow address.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::address::{AddressUse, Network, OwnerAddresses};
use domain::ports::{OwnAddress, OwnAddresses, StoreError};
use time::OffsetDateTime;

use crate::PgStore;
use crate::error::{corrupt, from_diesel};
use crate::schema::{escrow_addresses, own_addresses};

/// The escrow addresses of an owner, read by their index.
#[diesel::dsl::auto_type(no_type_alias)]
pub(crate) fn escrow_of<'a>(owner: &'a OwnerAddresses) -> _ {
    let tron: &'a str = owner.on(Network::Tron);
    let ethereum: &'a str = owner.on(Network::Ethereum);
    let on_tron = escrow_addresses::network.eq("tron").and(escrow_addresses::address.eq(tron));
    let on_ethereum =
        escrow_addresses::network.eq("ethereum").and(escrow_addresses::address.eq(ethereum));
    escrow_addresses::table.filter(on_tron.or(on_ethereum))
}

/// What else we know of an owner, likewise.
#[diesel::dsl::auto_type(no_type_alias)]
pub(crate) fn own_of<'a>(owner: &'a OwnerAddresses) -> _ {
    let tron: &'a str = owner.on(Network::Tron);
    let ethereum: &'a str = owner.on(Network::Ethereum);
    let on_tron = own_addresses::network.eq("tron").and(own_addresses::address.eq(tron));
    let on_ethereum =
        own_addresses::network.eq("ethereum").and(own_addresses::address.eq(ethereum));
    own_addresses::table.filter(on_tron.or(on_ethereum))
}

#[async_trait]
impl OwnAddresses for PgStore {
    async fn note_own_addresses(
        &self,
        addresses: &[OwnAddress],
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let row = |of: &OwnAddress| {
            (
                own_addresses::network.eq(of.network.as_str()),
                own_addresses::address.eq(of.address.clone()),
                own_addresses::address_use.eq(of.address_use.as_str()),
                own_addresses::created_at.eq(at),
            )
        };
        let rows: Vec<_> = addresses.iter().map(row).collect();
        let noted = diesel::insert_into(own_addresses::table).values(rows).on_conflict_do_nothing();
        noted.execute(&mut self.connection().await?).await.map(drop).map_err(from_diesel)
    }

    async fn find_address_use(
        &self,
        owner: &OwnerAddresses,
    ) -> Result<Option<AddressUse>, StoreError> {
        let mut connection = self.connection().await?;
        let escrow = diesel::select(diesel::dsl::exists(escrow_of(owner)));
        if escrow.get_result(&mut connection).await.map_err(from_diesel)? {
            return Ok(Some(AddressUse::Escrow));
        }
        let own = own_of(owner).select(own_addresses::address_use);
        let own: Option<String> =
            own.first(&mut connection).await.optional().map_err(from_diesel)?;
        let known = |text: String| AddressUse::parse(&text).ok_or_else(|| corrupt("use", text));
        own.map(known).transpose()
    }
}
