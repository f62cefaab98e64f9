//! Acting for a person: an agent that was approved for it shows a person's token, and both are in the record.

use domain::event::AuditAction;
use domain::sign_in::ProviderProblem;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ports::sign_in::Person;
use crate::store;
use crate::transact::Tx;

use super::Grant;

/// The scope that lets an agent act for people. It is asked for in the manifest and approved like any other, and is in no
/// token.
pub const ACT_FOR_PEOPLE: &str = "clearance:act-for-people";

/// Why nothing came of it.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    #[error("the agent was not approved for acting for people")]
    NotAllowed,
    #[error("the person's token does not hold")]
    Untrusted,
    #[error("the sign-in provider does not answer")]
    Unavailable,
    #[error(transparent)]
    Ours(#[from] Error),
}

/// Checks the person's token, and writes down who acts for whom, with which scopes, in the token of this name.
///
/// # Errors
/// [`ExchangeError`]; nothing is written then.
pub async fn exchange(
    cp: &ControlPlane,
    ctx: &OpCtx,
    by: &Grant,
    subject_token: &str,
    scopes: &[String],
    jti: &str,
) -> Result<Person, ExchangeError> {
    if !by.scopes.iter().any(|scope| scope == ACT_FOR_PEOPLE) {
        return Err(ExchangeError::NotAllowed);
    }
    let checked = cp.ports().sign_in.person(subject_token, ctx.now()).await;
    let person = checked.map_err(|error| {
        tracing::warn!(client = %by.client_id, why = %error.why, "a person's token does not count");
        match error.problem {
            ProviderProblem::Unavailable => ExchangeError::Unavailable,
            ProviderProblem::Refused
            | ProviderProblem::Untrusted
            | ProviderProblem::Expired
            | ProviderProblem::NotInvited
            | ProviderProblem::Unverified
            | ProviderProblem::AddressTaken
            | ProviderProblem::NoRole
            | ProviderProblem::GroupsNotTold
            | ProviderProblem::OtherPerson
            | ProviderProblem::AccountTaken
            | ProviderProblem::NotFresh
            | ProviderProblem::OutsideOrganisation
            | ProviderProblem::Deactivated => ExchangeError::Untrusted,
        }
    })?;
    if person.expires_at <= ctx.now() || left(cp, &person).await? {
        return Err(ExchangeError::Untrusted);
    }
    cp.transact("identities::exchange", ctx, |tx: Tx| {
        let person = &person;
        async move {
            let event = Event::new(AuditAction::TokenExchanged, "identity", &by.client_id)
                .agent(&by.agent)
                .deployment(by.deployment)
                .with("provider", &person.provider)
                .with("issuer", &person.issuer)
                .with("person", &person.subject)
                .with("scopes", scopes.join(" "))
                .with("token", jti);
            audit::append(&tx, ctx, event).await.map(|_| ())
        }
    })
    .await?;
    Ok(person)
}

/// Did this person leave? A provider's token outlives that by some minutes.
async fn left(cp: &ControlPlane, person: &Person) -> Result<bool, Error> {
    let db = cp.reader();
    if let Some(id) = &person.directory_id {
        let told = store::directories::by_external_id(db, &person.provider, id).await?;
        if told.is_some_and(|told| !told.active) {
            return Ok(true);
        }
    }
    let account = store::providers::account(db, &person.issuer, &person.subject).await?;
    let Some(account) = account else {
        return Ok(false);
    };
    let known = store::people::get(db, account.user_id).await?;
    Ok(known.is_some_and(|known| known.deactivated_at.is_some()))
}
