//! Whose account it is. An account that is known is its person's; a new one is a new person's where the provider may bring
//! some, and is linked to nobody by an address alone. Whom the provider's directory told of before is known by the directory's own
//! id, which the provider signs.

use domain::event::AuditAction;
use domain::form::person::is_email;
use domain::id::UserId;
use domain::sign_in::{Provider, ProviderProblem};
use domain::text::cut;
use uuid::Uuid;

use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::ports::sign_in::Proven;
use crate::store;
use crate::store::entity::{directory_user, provider_account, provider_flow, user};
use crate::transact::Tx;

/// A person, and the account that they came with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) user: UserId,
    pub(super) account: Uuid,
}

type Answer = Result<Known, ProviderProblem>;

impl Known {
    fn of(account: &provider_account::Model) -> Self {
        Self {
            user: account.user_id,
            account: account.id,
        }
    }
}

/// The person of the account, or a new one.
pub(super) async fn find_or_add(
    tx: &Tx,
    ctx: &OpCtx,
    provider: &Provider,
    proven: &Proven,
) -> Result<Answer, Error> {
    let account = store::providers::account(&**tx, &proven.issuer, &proven.subject).await?;
    if let Some(account) = account {
        let person = store::people::get(&**tx, account.user_id).await?;
        let left = person.is_none_or(|person| person.deactivated_at.is_some());
        return Ok(if left {
            Err(ProviderProblem::Deactivated)
        } else {
            Ok(Known::of(&account))
        });
    }
    if let Some(told) = told_of(tx, provider, proven).await? {
        return provisioned(tx, ctx, provider, proven, &told).await;
    }
    if !provider.new_people {
        return Ok(Err(ProviderProblem::NotInvited));
    }
    let Some(email) = proven.email.clone().filter(|email| is_email(email)) else {
        return Ok(Err(ProviderProblem::Unverified));
    };
    if store::people::by_email(&**tx, &email).await?.is_some() {
        return Ok(Err(ProviderProblem::AddressTaken));
    }
    if provider.due(&proven.groups).is_empty() {
        return Ok(Err(ProviderProblem::NoRole));
    }
    let name = proven.name.as_deref().map(str::trim).unwrap_or_default();
    let name = if name.is_empty() { &email } else { name };
    let row = user::Model {
        id: UserId(ids::new()),
        name: cut(name, 80).to_owned(),
        email: email.clone(),
        // No password has this hash: they come through the provider alone.
        password_hash: String::new(),
        git_emails: "[]".to_owned(),
        created_at: ctx.now(),
        deactivated_at: None,
    };
    let id = row.id;
    store::people::insert(tx, row).await?;
    let added = Event::new(AuditAction::UserCreated, "user", id.to_string())
        .with("email", &email)
        .with("provider", &provider.id);
    audit::append(tx, ctx, added).await?;
    bind(tx, ctx, provider, id, proven).await.map(Ok)
}

/// Whom the provider's directory told of by the id that the provider signed just now. No address counts: those can be chosen.
async fn told_of(
    tx: &Tx,
    provider: &Provider,
    proven: &Proven,
) -> Result<Option<directory_user::Model>, Error> {
    match &proven.directory_id {
        Some(id) => store::directories::by_external_id(&**tx, &provider.id, id).await,
        None => Ok(None),
    }
}

/// The person whom the directory told of before they first came. Once they have an account, no other becomes theirs.
async fn provisioned(
    tx: &Tx,
    ctx: &OpCtx,
    provider: &Provider,
    proven: &Proven,
    told: &directory_user::Model,
) -> Result<Answer, Error> {
    if !told.active {
        return Ok(Err(ProviderProblem::Deactivated));
    }
    let accounts = store::providers::accounts(&**tx, told.user_id).await?;
    if accounts.iter().any(|known| known.issuer == proven.issuer) {
        return Ok(Err(ProviderProblem::AccountTaken));
    }
    bind(tx, ctx, provider, told.user_id, proven).await.map(Ok)
}

/// The person who asked, if the account is theirs.
pub(super) async fn same(
    tx: &Tx,
    flow: &provider_flow::Model,
    proven: &Proven,
) -> Result<Answer, Error> {
    let account = store::providers::account(&**tx, &proven.issuer, &proven.subject).await?;
    let theirs = account.filter(|account| Some(account.user_id) == flow.user_id);
    Ok(theirs
        .map(|account| Known::of(&account))
        .ok_or(ProviderProblem::OtherPerson))
}

/// Binds the account to the person who asked.
pub(super) async fn link(
    tx: &Tx,
    ctx: &OpCtx,
    provider: &Provider,
    flow: &provider_flow::Model,
    proven: &Proven,
) -> Result<Answer, Error> {
    let Some(user) = flow.user_id else {
        return Ok(Err(ProviderProblem::Expired));
    };
    let account = store::providers::account(&**tx, &proven.issuer, &proven.subject).await?;
    if let Some(account) = account {
        return Ok(if account.user_id == user {
            Ok(Known::of(&account))
        } else {
            Err(ProviderProblem::AccountTaken)
        });
    }
    // Else whoever left could go on as somebody of whom the directory knows nothing.
    let told = told_of(tx, provider, proven).await?;
    if told.is_some_and(|told| told.user_id != user) {
        return Ok(Err(ProviderProblem::AccountTaken));
    }
    bind(tx, ctx, provider, user, proven).await.map(Ok)
}

async fn bind(
    tx: &Tx,
    ctx: &OpCtx,
    provider: &Provider,
    user: UserId,
    proven: &Proven,
) -> Result<Known, Error> {
    let row = provider_account::Model {
        id: ids::new(),
        user_id: user,
        provider: provider.id.clone(),
        issuer: proven.issuer.clone(),
        subject: proven.subject.clone(),
        directory_id: proven.directory_id.clone(),
        linked_at: ctx.now(),
        last_used_at: ctx.now(),
    };
    let known = Known::of(&row);
    store::providers::insert_account(tx, row).await?;
    let event = Event::new(AuditAction::AccountLinked, "user", user.to_string())
        .with("provider", &provider.id)
        .with("subject", &proven.subject);
    audit::append(tx, ctx, event).await?;
    Ok(known)
}
