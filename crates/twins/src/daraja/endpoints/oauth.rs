//! Access tokens for a consumer key and secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::daraja::call::{Call, JSON, Refusal, Reply};
use crate::daraja::dice::MIXED;
use crate::daraja::fault::FaultKind;
use crate::daraja::wire::{number, object, text};
use crate::daraja::world::World;

/// A token; wrong credentials get 400 and an empty body.
pub(in crate::daraja) fn issue_token(
    world: &mut World,
    call: &Call,
    faults: &[FaultKind],
) -> Result<Reply, Refusal> {
    if !call.query.split('&').any(|pair| pair == "grant_type=client_credentials") {
        return Err(Refusal::new(400, "400.008.02", "Invalid grant type passed"));
    }
    let authorization = call.authorization.as_deref().unwrap_or_default();
    let Some(basic) = authorization.strip_prefix("Basic ") else {
        return Err(Refusal::new(400, "400.008.01", "Invalid Authentication passed"));
    };
    let wanted =
        format!("{}:{}", world.credentials.consumer_key, world.credentials.consumer_secret);
    if STANDARD.decode(basic.trim()).ok().as_deref() != Some(wanted.as_bytes()) {
        return Ok(Reply::new(400, JSON, ""));
    }
    Ok(issue(world, faults))
}

fn issue(world: &mut World, faults: &[FaultKind]) -> Reply {
    let life = faults.iter().find_map(|fault| match fault {
        FaultKind::ExpireTokenIn(life) => Some(*life),
        _ => None,
    });
    let expires_at = world.now().saturating_add(life.unwrap_or(world.rules.token_life));
    let token = world.dice("token").text(MIXED, 28);
    world.tokens.issue(&token, expires_at, world.rules.new_token_invalidates_old);
    // The promise stays the same when a fault cuts the token's life short.
    let seconds = world.rules.token_life.whole_seconds();
    let expires_in = if world.rules.expires_in_is_a_number {
        number(seconds)
    } else {
        text(seconds.to_string())
    };
    Reply::json(200, &object([("access_token", text(token)), ("expires_in", expires_in)]))
}
