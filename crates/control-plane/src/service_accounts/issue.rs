//! Giving a service account a token for a token of its CI (RFC 8693). The CI's token is used up by it.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use domain::actor::{Actor, TokenScope};
use domain::event::AuditAction;
use domain::id::TokenId;
use domain::service_account::{TOKEN_SECONDS, lets_in, narrowed};
use domain::sign_in::ProviderProblem;
use sha2::{Digest as _, Sha256};

use super::refusals::{self, Refusal};
use super::{KIND, acting, bound};
use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::ports::ci::CiToken;
use crate::ports::sign_in::SignInError;
use crate::store;
use crate::store::entity::{api_token, service_account, trust_rule};
use crate::tokens;
use crate::transact::Tx;

/// What of a CI's token is written down, by the name of the event's detail, with the claims that may say it.
const KEPT: [(&str, &[&str]); 10] = [
    ("subject", &["sub"]),
    ("repository", &["repository", "project_path"]),
    ("repository_id", &["repository_id", "project_id"]),
    ("ref", &["ref"]),
    ("workflow", &["workflow_ref", "workflow"]),
    ("job_workflow", &["job_workflow_ref"]),
    ("environment", &["environment"]),
    ("event", &["event_name"]),
    ("run_id", &["run_id", "pipeline_id"]),
    ("commit", &["sha"]),
];

/// A token that was given. Its text is in no log.
pub struct Issued {
    pub text: String,
    pub scopes: Vec<TokenScope>,
    /// Seconds until it ends: a quarter of an hour, or less where the CI's token ends sooner.
    pub lives: i64,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued")
            .field("lives", &self.lives)
            .finish_non_exhaustive()
    }
}

/// Why nothing came of it.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The CI's token cannot be used: not signed for us, over, used before, or of an issuer that nobody trusts.
    #[error("the CI's token does not hold")]
    Untrusted,
    /// No one account that can act trusts it.
    #[error("no service account lets it in")]
    NotAllowed,
    #[error("the account has no such scope")]
    Scope,
    #[error("the issuer does not answer")]
    Unavailable,
    #[error(transparent)]
    Ours(#[from] Error),
}

impl From<Refusal> for IssueError {
    fn from(why: Refusal) -> Self {
        match why {
            Refusal::UnknownIssuer | Refusal::Untrusted | Refusal::Replayed => Self::Untrusted,
            Refusal::NoRule | Refusal::SeveralRules | Refusal::Disabled | Refusal::OwnerGone => {
                Self::NotAllowed
            }
            Refusal::OtherScope => Self::Scope,
        }
    }
}

/// What was found out about a call before it was refused.
#[derive(Debug, Default)]
struct Seen {
    account: String,
    claims: BTreeMap<String, String>,
}

/// A refusal, or trouble.
enum Stop {
    Refused(Refusal),
    Unavailable,
    Ours(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl From<Refusal> for Stop {
    fn from(why: Refusal) -> Self {
        Self::Refused(why)
    }
}

/// Checks a CI's token, finds the one account that trusts it, and gives it a token. `account` may be empty where only one
/// trusts it; `scope` asks for fewer scopes than the account has.
///
/// # Errors
/// [`IssueError`]. A refusal is counted and, once a minute, written down.
pub async fn issue(
    cp: &ControlPlane,
    ctx: &OpCtx,
    token: &str,
    account: &str,
    scope: &str,
) -> Result<Issued, IssueError> {
    let mut seen = Seen::default();
    match attempt(cp, ctx, token, account, scope, &mut seen).await {
        Ok(issued) => Ok(issued),
        Err(Stop::Refused(why)) => {
            let details = details(&seen.claims);
            refusals::note(cp, ctx, why, &seen.account, details).await?;
            Err(why.into())
        }
        Err(Stop::Unavailable) => Err(IssueError::Unavailable),
        Err(Stop::Ours(error)) => Err(error.into()),
    }
}

async fn attempt(
    cp: &ControlPlane,
    ctx: &OpCtx,
    text: &str,
    account: &str,
    scope: &str,
    seen: &mut Seen,
) -> Result<Issued, Stop> {
    let ci = &cp.ports().ci;
    let issuer = ci.claimed(text).ok_or(Refusal::Untrusted)?;
    // Nobody is asked for keys whom no rule trusts: a stranger does not choose whom we call.
    let rules = store::service_accounts::rules_for(cp.reader(), &issuer).await?;
    if rules.is_empty() || ci.audience(&issuer).is_none() {
        return Err(Refusal::UnknownIssuer.into());
    }
    let token = ci.check(&issuer, text, ctx.now()).await.map_err(of_port)?;
    seen.claims.clone_from(&token.claims);
    let (row, rule) = trusting(cp, &rules, &token, account).await?;
    seen.account.clone_from(&row.slug);
    if row.disabled_at.is_some() {
        return Err(Refusal::Disabled.into());
    }
    let scopes = narrowed(&tokens::scopes(&row.scopes), scope).ok_or(Refusal::OtherScope)?;
    let secret = tokens::fresh()?;
    let given = row_of(ctx, &row, &token, &scopes, &secret);
    let lives = (given.expires_at - ctx.now()).num_seconds();
    if lives < 1 {
        return Err(Refusal::Untrusted.into());
    }
    let actor = acting(cp, &row, &given).await?.ok_or(Refusal::OwnerGone)?;
    if !keep(cp, ctx, actor, &rule, &token, given).await? {
        return Err(Refusal::Replayed.into());
    }
    metrics::counter!("clearance_service_tokens_total", "outcome" => "issued").increment(1);
    Ok(Issued {
        text: secret,
        scopes,
        lives,
    })
}

fn of_port(error: SignInError) -> Stop {
    tracing::warn!(why = %error.why, "a CI's token does not count");
    match error.problem {
        ProviderProblem::Unavailable => Stop::Unavailable,
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
        | ProviderProblem::Deactivated => Refusal::Untrusted.into(),
    }
}

/// The one account that lets the token in: the named one or, where none is named, the only one.
async fn trusting(
    cp: &ControlPlane,
    rules: &[trust_rule::Model],
    token: &CiToken,
    account: &str,
) -> Result<(service_account::Model, trust_rule::Model), Stop> {
    let mut found: Option<(service_account::Model, trust_rule::Model)> = None;
    for rule in rules {
        if !lets_in(&bound(rule)?, &token.claims) {
            continue;
        }
        let Some(row) = store::service_accounts::get(cp.reader(), rule.account_id).await? else {
            continue;
        };
        if !account.is_empty() && row.slug != account {
            continue;
        }
        match &found {
            Some((other, _)) if other.id != row.id => return Err(Refusal::SeveralRules.into()),
            Some(_) => {}
            None => found = Some((row, rule.clone())),
        }
    }
    found.ok_or_else(|| Refusal::NoRule.into())
}

fn row_of(
    ctx: &OpCtx,
    row: &service_account::Model,
    token: &CiToken,
    scopes: &[TokenScope],
    secret: &str,
) -> api_token::Model {
    let words: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
    let longest: DateTime<Utc> = ctx.now() + Duration::seconds(TOKEN_SECONDS);
    api_token::Model {
        id: TokenId(ids::new()),
        user_id: row.owner_id,
        name: row.slug.clone(),
        secret_hash: tokens::hash(secret),
        scopes: words.join(" "),
        expires_at: longest.min(token.expires_at),
        revoked_at: None,
        created_at: ctx.now(),
        prefix: tokens::shown(secret),
        last_used_at: None,
        service_account_id: Some(row.id),
        directory: None,
    }
}

/// Uses the CI's token up, and keeps ours with the record of it. False where it was used before, or where the trust ended
/// meanwhile.
async fn keep(
    cp: &ControlPlane,
    ctx: &OpCtx,
    actor: Actor,
    rule: &trust_rule::Model,
    token: &CiToken,
    given: api_token::Model,
) -> Result<bool, Error> {
    let ctx = &ctx.acting_as(actor);
    let name = Sha256::digest(format!("{}\n{}", token.issuer, token.id));
    let name = format!("ci {}", hex::encode(name));
    let (given, name) = (&given, &name);
    cp.transact("service_accounts::issue", ctx, |tx: Tx| async move {
        let (tx, now) = (&tx, ctx.now());
        let ends = token.expires_at.timestamp();
        if !store::identities::burn(tx, name, ends, now.timestamp()).await? {
            return Ok(false);
        }
        let there = store::service_accounts::get(&**tx, rule.account_id).await?;
        let there = there.filter(|row| row.disabled_at.is_none());
        let stands = store::service_accounts::rule(&**tx, rule.id).await?;
        if there.is_none() || stands.is_none() {
            return Ok(false);
        }
        store::tokens::insert(tx, given.clone()).await?;
        store::service_accounts::used(tx, rule.account_id, rule.id, now).await?;
        let mut event = Event::new(AuditAction::ServiceTokenIssued, KIND, &given.name)
            .with("issuer", &token.issuer)
            .with("rule", rule.id)
            .with("token", given.id)
            .with("scopes", &given.scopes)
            .with("ends_at", store::time::text(given.expires_at));
        for (name, value) in details(&token.claims) {
            event = event.with(name, value);
        }
        audit::append(tx, ctx, event).await?;
        Ok(true)
    })
    .await
}

/// What of a token's claims is written down.
fn details(claims: &BTreeMap<String, String>) -> Vec<(&'static str, String)> {
    let said = KEPT.iter().filter_map(|(name, from)| {
        let value = from.iter().find_map(|claim| claims.get(*claim))?;
        Some((*name, domain::text::cut(value, 300)))
    });
    said.collect()
}
