//! Who may give orders to a short code's account.

use crate::daraja::call::Refusal;
use crate::daraja::credential;
use crate::daraja::form::Form;
use crate::daraja::world::World;

/// The third wrong credential locks the initiator.
const TRIES: u32 = 3;

/// The code with which a request of this initiator ends, if it may not be carried out. The
/// gateway accepts such requests all the same: only the result tells.
pub(super) fn check(
    world: &mut World,
    form: &Form,
    name_field: &str,
) -> Result<Option<String>, Refusal> {
    let name = form.text(name_field)?;
    let credential = form.text("SecurityCredential")?;
    Ok(verdict(world, &name, &credential).map(str::to_owned))
}

fn verdict(world: &mut World, name: &str, credential: &str) -> Option<&'static str> {
    if world.wrong_credentials >= TRIES {
        return Some("8006");
    }
    let known = &world.credentials;
    let is_right = name == known.initiator_name
        && credential::open(credential).as_deref() == Some(known.initiator_password.as_bytes());
    if !is_right {
        world.wrong_credentials += 1;
        return Some("2001");
    }
    world.wrong_credentials = 0;
    (!world.rules.initiator_has_role).then_some("21")
}
