//! Beginning: what a browser is asked, and what is kept until it answers.

use domain::actor::Actor;
use domain::error::Conflict;
use domain::form::passkey::AddPasskeyForm;
use domain::id::UserId;
use domain::passkey::{
    CEREMONY_SECONDS, FRESH_MINUTES, PASSKEYS_MAX, PasskeyProblem, PasskeyPurpose,
};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use super::relying_party::{Asked, RelyingParty};
use super::{Begun, Failure, hash};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::providers;
use crate::store;
use crate::store::entity::passkey_ceremony;
use crate::transact::Tx;

/// Most questions of one person that wait for their answers.
const MOST_OPEN: u64 = 20;

/// What is asked for inside a session.
#[derive(Debug, Clone)]
pub struct Begin {
    pub purpose: PasskeyPurpose,
    /// The name of a passkey that is made.
    pub name: String,
    /// Where to go afterwards, a path of this site.
    pub next: String,
}

/// What a question is about.
pub(super) struct About {
    pub(super) purpose: PasskeyPurpose,
    pub(super) user: UserId,
    pub(super) session: Option<Uuid>,
    pub(super) attempt: Option<Uuid>,
    pub(super) name: String,
    pub(super) next: String,
}

/// Asks for a passkey inside a session: to confirm, or to add one.
///
/// # Errors
/// Without a session; when the person has none to confirm with; when the sign-in is too old to add one.
pub async fn begin(cp: &ControlPlane, ctx: &OpCtx, wanted: &Begin) -> Result<Begun, Failure> {
    let (Actor::User { id, .. }, Some(session)) = (ctx.actor(), ctx.session()) else {
        return Err(Error::Unauthenticated.into());
    };
    let name = match wanted.purpose {
        PasskeyPurpose::Confirm => String::new(),
        PasskeyPurpose::Enrol => {
            let form = AddPasskeyForm {
                name: wanted.name.clone(),
                ..AddPasskeyForm::default()
            };
            may_add(cp, ctx, &form).await?
        }
        // Those are begun by a password, never by a session.
        PasskeyPurpose::SignIn | PasskeyPurpose::FirstEnrol => {
            return Err(Error::NotFound { kind: "purpose" }.into());
        }
    };
    let about = About {
        purpose: wanted.purpose,
        user: *id,
        session: Some(session.handle),
        attempt: None,
        name,
        next: wanted.next.clone(),
    };
    ask(cp, ctx, about).await
}

/// May this person add a passkey now? An open browser must not be enough to let somebody else in for good. Answers its name.
///
/// # Errors
/// When the sign-in is too old, the name is wrong, or there are enough.
pub async fn may_add(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &AddPasskeyForm,
) -> Result<String, Error> {
    let user = ctx.actor().user().ok_or(Error::Unauthenticated)?;
    if ctx.session().is_none() {
        return Err(Error::Unauthenticated);
    }
    let name = form.parse()?;
    if !is_first_of_session(cp, ctx, user).await? {
        ctx.signed_in_within(FRESH_MINUTES)?;
    }
    if is_full(store::passkeys::count(cp.reader(), user).await?) {
        return Err(Error::conflict(Conflict::Full));
    }
    Ok(name)
}

/// Whoever came a short while ago through a provider that asks nobody anew, and has no passkey yet, has no other way to a
/// first one.
pub(super) async fn is_first_of_session(
    cp: &ControlPlane,
    ctx: &OpCtx,
    user: UserId,
) -> Result<bool, Error> {
    let Some(session) = ctx.session() else {
        return Ok(false);
    };
    let untimed = |id: &String| providers::proves_no_time(cp, id);
    if !session.provider.as_ref().is_some_and(untimed) {
        return Ok(false);
    }
    let now = ctx.now().timestamp();
    let row = store::sessions::by_handle(cp.reader(), session.handle, now).await?;
    let recent = row.is_some_and(|row| now - row.started_at <= i64::from(FRESH_MINUTES) * 60);
    Ok(recent && store::passkeys::count(cp.reader(), user).await? == 0)
}

pub(super) fn is_full(count: u64) -> bool {
    usize::try_from(count).map_or(true, |count| count >= PASSKEYS_MAX)
}

/// Puts the question.
pub(super) async fn ask(cp: &ControlPlane, ctx: &OpCtx, about: About) -> Result<Begun, Failure> {
    let party = RelyingParty::of(cp).ok_or(PasskeyProblem::Unusable)?;
    let person = store::people::get(cp.reader(), about.user).await?;
    let person = person.ok_or(Error::Unauthenticated)?;
    let held = store::passkeys::of(cp.reader(), about.user).await?;
    let Asked { options, state } = if about.purpose.makes() {
        party.ask_for_new(&person, &held)?
    } else if held.is_empty() {
        return Err(PasskeyProblem::NoPasskey.into());
    } else {
        party.ask_for(&held)?
    };
    let browser = SecretString::from(providers::random()?);
    let row = passkey_ceremony::Model {
        id: hash(browser.expose_secret()),
        purpose: about.purpose,
        user_id: about.user,
        session: about.session,
        attempt: about.attempt,
        name: about.name,
        options,
        state,
        next: about.next,
        expires_at: ctx.now().timestamp() + CEREMONY_SECONDS,
    };
    keep(cp, ctx, row).await?;
    Ok(Begun { browser })
}

async fn keep(cp: &ControlPlane, ctx: &OpCtx, row: passkey_ceremony::Model) -> Result<(), Error> {
    cp.transact("passkeys::begin", ctx, |tx: Tx| {
        let row = &row;
        async move {
            let tx = &tx;
            let now = ctx.now().timestamp();
            if store::passkeys::open(&**tx, row.user_id, now).await? >= MOST_OPEN {
                return Err(Error::TooMany);
            }
            store::passkeys::insert_ceremony(tx, row.clone()).await
        }
    })
    .await
}
