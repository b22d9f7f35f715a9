//! Where confirmations of payments go, as a second word beside the callback.

use super::Admitted;
use crate::daraja::call::{Refusal, Reply};
use crate::daraja::wire::{object, text};
use crate::daraja::world::World;

pub(super) fn register(world: &mut World, request: &Admitted<'_>) -> Result<Reply, Refusal> {
    let form = request.form;
    if form.integer("ShortCode")? != world.credentials.stk_short_code {
        return Err(Refusal::invalid("ShortCode"));
    }
    form.word("ResponseType", &["Completed", "Cancelled"])?;
    let url = form.url("ConfirmationURL", &world.rules)?;
    form.url("ValidationURL", &world.rules)?;
    if world.confirmation_url.is_some() {
        return Err(Refusal::new(500, "500.003.1001", "Urls are already registered."));
    }
    world.confirmation_url = Some(url);
    let body = object([
        // Misspelt by Daraja.
        ("OriginatorCoversationID", text(world.minted_ocid())),
        ("ResponseCode", text("0")),
        ("ResponseDescription", text("Success")),
    ]);
    Ok(Reply::json(200, &body))
}
