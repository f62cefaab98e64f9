//! Service accounts: programs of a team, such as its CI, that prove themselves by a token of the CI. An account holds no
//! secret. It never has more than its owner's standing roles in its team at that moment, and never approves.

use chrono::Duration;
use domain::actor::Actor;
use domain::authz::{Access, Action, Facts, can};
use domain::error::{FieldProblem, ValidationErrors};
use domain::event::AuditAction;
use domain::form::person::EndForm;
use domain::form::service_account::{NamedAccountForm, ServiceAccountForm, TrustForm};
use domain::id::{ServiceAccountId, UserId};
use domain::service_account::{ACCOUNTS_MAX, Bound, RULES_MAX, reach};
use sea_orm::ConnectionTrait;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::people;
use crate::store;
use crate::store::entity::{api_token, service_account, team, trust_rule};
use crate::tokens;
use crate::transact::Tx;

mod issue;
mod read;
mod refusals;

pub use issue::{IssueError, Issued, issue};
pub use read::list;

/// Makes a service account: whoever may change things of its team, with themselves as the owner; only whoever administers
/// names somebody else.
///
/// # Errors
/// When a field is wrong, or the actor is no person with a session who may.
pub async fn make(cp: &ControlPlane, ctx: &OpCtx, form: &ServiceAccountForm) -> Result<(), Error> {
    let me = person(ctx)?;
    cp.transact("service_accounts::make", ctx, |tx: Tx| async move {
        let tx = &tx;
        let team = store::people::team_by_slug(&**tx, form.team.trim()).await?;
        let facts = Facts {
            team: team.as_ref().map(|team| team.id),
        };
        ctx.authorize(Action::Modify, facts)?;
        let said = form.parse()?;
        let unknown = |field| ValidationErrors::one(field, FieldProblem::UnknownChoice);
        let team = team.ok_or_else(|| unknown("team"))?;
        let owner = match &said.owner {
            None => me,
            Some(email) => owner(tx, ctx, me, email).await?,
        };
        if store::service_accounts::by_slug(&**tx, &said.slug)
            .await?
            .is_some()
        {
            return Err(ValidationErrors::one("slug", FieldProblem::Taken).into());
        }
        if store::service_accounts::count(&**tx).await? >= ACCOUNTS_MAX {
            return Err(ValidationErrors::one("slug", FieldProblem::OutOfRange).into());
        }
        let scopes: Vec<&str> = said.scopes.iter().map(|scope| scope.as_str()).collect();
        let row = service_account::Model {
            id: ServiceAccountId(ids::new()),
            slug: said.slug.clone(),
            team_id: team.id,
            owner_id: owner,
            scopes: scopes.join(" "),
            disabled_at: None,
            created_at: ctx.now(),
            last_used_at: None,
        };
        store::service_accounts::insert(tx, row.clone()).await?;
        let event = Event::new(AuditAction::ServiceAccountMade, KIND, &row.slug)
            .with("team", &team.slug)
            .with("owner", owner)
            .with("scopes", &row.scopes);
        audit::append(tx, ctx, event).await.map(|_| ())
    })
    .await
}

const KIND: &str = "service_account";
/// How long a token of an account stays after its end, for whoever looks a record up.
const KEPT: Duration = Duration::days(7);

/// The person who acts. Tokens make and change no accounts: they could give themselves more.
fn person(ctx: &OpCtx) -> Result<UserId, Error> {
    ctx.signed_in()?;
    match ctx.actor() {
        Actor::User { id, .. } => Ok(*id),
        Actor::Token { .. } | Actor::System { .. } | Actor::Anonymous => Err(Error::Forbidden {
            action: Action::Modify,
        }),
    }
}

/// The person of this address, whom only an administrator makes the owner of something.
async fn owner(tx: &Tx, ctx: &OpCtx, me: UserId, email: &str) -> Result<UserId, Error> {
    let found = store::people::here(&**tx, email).await?;
    if found.as_ref().is_some_and(|found| found.id == me) {
        return Ok(me);
    }
    ctx.authorize(Action::Administer, Facts::default())?;
    let unknown = || ValidationErrors::one("owner", FieldProblem::UnknownChoice);
    Ok(found.ok_or_else(unknown)?.id)
}

/// May the actor change this account: its owner, or whoever administers?
fn may_change(ctx: &OpCtx, row: &service_account::Model) -> bool {
    let person = matches!(ctx.actor(), Actor::User { id, .. } if *id == row.owner_id);
    person || can(ctx.actor(), Action::Administer, Facts::default()) == Access::Allowed
}

/// An account that the actor may change. What they may not see is not there.
async fn changeable(tx: &Tx, ctx: &OpCtx, slug: &str) -> Result<service_account::Model, Error> {
    let missing = Error::NotFound {
        kind: "service account",
    };
    let Some(row) = store::service_accounts::by_slug(&**tx, slug.trim()).await? else {
        return Err(missing);
    };
    if may_change(ctx, &row) {
        return Ok(row);
    }
    let facts = Facts {
        team: Some(row.team_id),
    };
    ctx.authorize_on(Action::Read, facts, "service account")?;
    Err(Error::Forbidden {
        action: Action::Administer,
    })
}

/// Stops an account: it gets no token, and those that are out open nothing.
///
/// # Errors
/// When there is no such account, or the actor may not change it.
pub async fn disable(cp: &ControlPlane, ctx: &OpCtx, form: &NamedAccountForm) -> Result<(), Error> {
    set(cp, ctx, form, true).await
}

/// Takes that back. Tokens of before stay over.
///
/// # Errors
/// As [`disable`].
pub async fn enable(cp: &ControlPlane, ctx: &OpCtx, form: &NamedAccountForm) -> Result<(), Error> {
    set(cp, ctx, form, false).await
}

async fn set(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &NamedAccountForm,
    disabled: bool,
) -> Result<(), Error> {
    person(ctx)?;
    cp.transact("service_accounts::set", ctx, |tx: Tx| async move {
        let tx = &tx;
        let row = changeable(tx, ctx, &form.slug).await?;
        set_in(tx, ctx, &row, disabled).await
    })
    .await
}

/// Stops an account that the actor may change, inside the transaction of something larger.
pub(crate) async fn disable_in(tx: &Tx, ctx: &OpCtx, slug: &str) -> Result<(), Error> {
    let row = changeable(tx, ctx, slug).await?;
    set_in(tx, ctx, &row, true).await
}

async fn set_in(
    tx: &Tx,
    ctx: &OpCtx,
    row: &service_account::Model,
    disabled: bool,
) -> Result<(), Error> {
    if row.disabled_at.is_some() == disabled {
        return Ok(());
    }
    store::service_accounts::disable(tx, row.id, disabled.then(|| ctx.now())).await?;
    store::tokens::remove_of(tx, row.id).await?;
    let word = if disabled { "disabled" } else { "enabled" };
    let event =
        Event::new(AuditAction::ServiceAccountChanged, KIND, &row.slug).with("change", word);
    audit::append(tx, ctx, event).await.map(|_| ())
}

/// Takes an account away, with its trust rules and its tokens.
///
/// # Errors
/// As [`disable`].
pub async fn remove(cp: &ControlPlane, ctx: &OpCtx, form: &NamedAccountForm) -> Result<(), Error> {
    person(ctx)?;
    cp.transact("service_accounts::remove", ctx, |tx: Tx| async move {
        let tx = &tx;
        let row = changeable(tx, ctx, &form.slug).await?;
        store::tokens::remove_of(tx, row.id).await?;
        store::service_accounts::remove(tx, row.id).await?;
        let event = Event::new(AuditAction::ServiceAccountRemoved, KIND, &row.slug);
        audit::append(tx, ctx, event).await.map(|_| ())
    })
    .await
}

/// Has an account trust the tokens of an issuer that say exactly this.
///
/// # Errors
/// When a field is wrong, the issuer is not known, or as [`disable`].
pub async fn trust(cp: &ControlPlane, ctx: &OpCtx, form: &TrustForm) -> Result<(), Error> {
    person(ctx)?;
    cp.transact("service_accounts::trust", ctx, |tx: Tx| async move {
        let tx = &tx;
        let row = changeable(tx, ctx, &form.slug).await?;
        let (issuer, bound) = form.parse()?;
        if cp.ports().ci.audience(&issuer).is_none() {
            return Err(ValidationErrors::one("issuer", FieldProblem::UnknownIssuer).into());
        }
        let there = store::service_accounts::rules_of(&**tx, &[row.id]).await?;
        let claims = store::to_json(&bound)?;
        let twice = |rule: &trust_rule::Model| rule.issuer == issuer && rule.claims == claims;
        if there.iter().any(twice) {
            return Err(ValidationErrors::one("claims", FieldProblem::Taken).into());
        }
        if u64::try_from(there.len()).unwrap_or(u64::MAX) >= RULES_MAX {
            return Err(ValidationErrors::one("claims", FieldProblem::OutOfRange).into());
        }
        let rule = trust_rule::Model {
            id: ids::new(),
            account_id: row.id,
            issuer,
            claims,
            created_at: ctx.now(),
            last_used_at: None,
        };
        store::service_accounts::insert_rule(tx, rule.clone()).await?;
        note_rule(tx, ctx, &row, &rule, "trust_added").await
    })
    .await
}

/// Takes a trust rule away. Tokens that were given by it end by themselves.
///
/// # Errors
/// When there is no such rule, or as [`disable`].
pub async fn distrust(cp: &ControlPlane, ctx: &OpCtx, form: &EndForm) -> Result<(), Error> {
    person(ctx)?;
    let id = form.parse()?;
    cp.transact("service_accounts::distrust", ctx, |tx: Tx| async move {
        let tx = &tx;
        let missing = || Error::NotFound { kind: "trust rule" };
        let rule = store::service_accounts::rule(&**tx, id).await?;
        let rule = rule.ok_or_else(missing)?;
        let row = store::service_accounts::get(&**tx, rule.account_id).await?;
        let row = changeable(tx, ctx, &row.ok_or_else(missing)?.slug).await?;
        store::service_accounts::remove_rule(tx, id).await?;
        note_rule(tx, ctx, &row, &rule, "trust_removed").await
    })
    .await
}

async fn note_rule(
    tx: &Tx,
    ctx: &OpCtx,
    row: &service_account::Model,
    rule: &trust_rule::Model,
    change: &str,
) -> Result<(), Error> {
    let event = Event::new(AuditAction::ServiceAccountChanged, KIND, &row.slug)
        .with("change", change)
        .with("issuer", &rule.issuer)
        .with("claims", &rule.claims);
    audit::append(tx, ctx, event).await.map(|_| ())
}

/// Who a token of an account is now: the account, with what its owner's standing roles give it in its team. `None` once the
/// account is gone or stopped, or its owner has no role there.
pub(crate) async fn actor(
    cp: &ControlPlane,
    token: &api_token::Model,
    account: ServiceAccountId,
) -> Result<Option<Actor>, Error> {
    let Some(row) = store::service_accounts::get(cp.reader(), account).await? else {
        return Ok(None);
    };
    acting(cp, &row, token).await
}

async fn acting(
    cp: &ControlPlane,
    row: &service_account::Model,
    token: &api_token::Model,
) -> Result<Option<Actor>, Error> {
    let owner = people::standing(cp, row.owner_id).await?;
    let Some(Actor::User { email, grants, .. }) = owner.filter(|_| row.disabled_at.is_none())
    else {
        return Ok(None);
    };
    let grants = reach(&grants, row.team_id);
    let allowed = tokens::scopes(&row.scopes);
    let mut scopes = tokens::scopes(&token.scopes);
    scopes.retain(|scope| allowed.contains(scope));
    Ok((!grants.is_empty()).then(|| Actor::Token {
        id: token.id,
        user: row.owner_id,
        name: format!("{} (service account)", row.slug),
        email,
        grants,
        scopes,
    }))
}

/// Forgets the tokens of accounts that ended long ago.
///
/// # Errors
/// When the database does not take it.
pub(crate) async fn sweep(cp: &ControlPlane) -> Result<(), Error> {
    let worker = "sweep".to_owned();
    let ctx = &OpCtx::new(Actor::System { worker }, "sweep", cp.clock());
    let before = ctx.now() - KEPT;
    cp.transact("service_accounts::sweep", ctx, |tx: Tx| async move {
        store::tokens::sweep(&tx, before).await
    })
    .await
}

/// The claims that a rule binds.
fn bound(rule: &trust_rule::Model) -> Result<Bound, Error> {
    store::from_json(&rule.claims)
}

/// The teams, to name them.
async fn teams(db: &impl ConnectionTrait) -> Result<Vec<team::Model>, Error> {
    store::people::teams(db).await
}
