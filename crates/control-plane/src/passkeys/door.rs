//! The way in with a password: a session at once, or a passkey first.

use domain::form::person::SignInForm;
use domain::id::UserId;
use domain::passkey::PasskeyPurpose;

use super::begin::{About, ask};
use super::{Begun, Failure};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::people;
use crate::store;

/// Longest address to go on to, characters.
const NEXT_MAX: usize = 2_000;

/// What a right password leads to.
#[derive(Debug, Clone)]
pub enum Door {
    /// A session may begin.
    Open(UserId),
    /// A passkey is to be used, or made, before there is a session.
    Passkey(Begun),
}

/// Checks an address and a password. Whoever has a passkey is asked for it; where nobody comes in without one, whoever has
/// none makes their first. Until it is answered well, the attempt counts as failed.
///
/// `device` is what a first passkey is called.
///
/// # Errors
/// As [`people::sign_in`]; and when a passkey is needed and the address of this installation cannot have one.
pub async fn sign_in(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &SignInForm,
    device: &str,
) -> Result<Door, Failure> {
    let proven = people::prove(cp, ctx, form).await?;
    let held = store::passkeys::count(cp.reader(), proven.user).await?;
    let purpose = match (held, cp.settings().require_passkey) {
        (0, false) => {
            people::enter(cp, ctx, &proven).await?;
            return Ok(Door::Open(proven.user));
        }
        (0, true) => PasskeyPurpose::FirstEnrol,
        _ => PasskeyPurpose::SignIn,
    };
    let about = About {
        purpose,
        user: proven.user,
        session: None,
        attempt: Some(proven.attempt),
        name: if purpose.makes() {
            device.to_owned()
        } else {
            String::new()
        },
        next: domain::text::cut(&form.next, NEXT_MAX),
    };
    ask(cp, ctx, about).await.map(Door::Passkey)
}
