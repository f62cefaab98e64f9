//! Signing out, there and here: our session ends first, then the provider's is asked to; and a provider's notice that
//! somebody signed out there ends what came of it here.

use domain::sign_in::SKEW_SECONDS;
use secrecy::{ExposeSecret as _, SecretString};

use super::{Failure, hash, provider};
use crate::ControlPlane;
use crate::audit;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::sessions;
use crate::store;
use crate::transact::Tx;

/// What is needed to end a provider's own session, kept while ours ends.
#[derive(Debug, Clone)]
pub struct Parting {
    provider: String,
    id_token: SecretString,
}

/// What is needed to end the session of the provider that this one came through; none for a session of a password.
///
/// # Errors
/// When the database does not answer.
pub async fn parting(cp: &ControlPlane, ctx: &OpCtx) -> Result<Option<Parting>, Error> {
    let Some(this) = ctx.session() else {
        return Ok(None);
    };
    let now = ctx.now().timestamp();
    let row = store::sessions::by_handle(cp.reader(), this.handle, now).await?;
    let named = row.and_then(|row| row.provider.zip(row.id_token));
    Ok(named.map(|(provider, token)| Parting {
        provider,
        id_token: SecretString::from(token),
    }))
}

/// The address at which a provider ends its own session. None for a provider without such a thing, and for one that does
/// not answer: our own sign-out waits for nobody.
pub async fn farewell(cp: &ControlPlane, parting: &Parting) -> Option<String> {
    let back_to = format!("{}/sign-in", cp.settings().base_url);
    let token = parting.id_token.expose_secret();
    let sign_in = &cp.ports().sign_in;
    let address = sign_in.farewell(&parting.provider, token, &back_to).await;
    address.unwrap_or_else(|error| {
        tracing::warn!(why = %error.why, "the provider's own session could not be ended");
        None
    })
}

/// Ends the sessions that a provider's notice names. A notice counts once. Answers how many ended.
///
/// # Errors
/// When the notice does not hold.
pub async fn logout(
    cp: &ControlPlane,
    ctx: &OpCtx,
    provider_id: &str,
    token: &str,
) -> Result<u64, Failure> {
    let provider = provider(cp, provider_id)?;
    let notice = cp
        .ports()
        .sign_in
        .logout(&provider.id, token, ctx.now())
        .await?;
    let by = ctx.acting_as(super::actor(&provider));
    // As long as the notice could be shown again.
    let until = notice.ends_at.timestamp() + 2 * SKEW_SECONDS;
    let used = hash(&format!("{}\n{}", notice.issuer, notice.id));
    let ended = cp
        .transact("providers::logout", &by, |tx: Tx| {
            let (notice, used, by, provider) = (&notice, &used, &by, &provider);
            async move {
                let tx = &tx;
                let (subject, session) = (notice.subject.as_deref(), notice.session.as_deref());
                let named = subject.is_some() || session.is_some();
                if !named || !store::providers::use_logout(tx, used, until).await? {
                    return Ok(0);
                }
                let rows =
                    store::sessions::of_provider(tx, &notice.issuer, subject, session).await?;
                let mut ended = 0;
                for row in rows {
                    store::sessions::remove(tx, &row.id).await?;
                    let event = sessions::ended(row.user_id)
                        .with("device", &row.device)
                        .with("provider", &provider.id);
                    audit::append(tx, by, event).await?;
                    ended += 1;
                }
                Ok(ended)
            }
        })
        .await?;
    Ok(ended)
}
