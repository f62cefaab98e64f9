//! The policy: proposing a version, deciding about it, and the rules that hold for a deployment. A deployment keeps the
//! version that it began with; a new one takes the active version.

use domain::actor::Actor;
use domain::agent::Risk;
use domain::approval::DecisionVerdict;
use domain::authz::{Action, Facts};
use domain::error::{Conflict, Exclusion};
use domain::event::AuditAction;
use domain::form::policy::{DecidePolicy, PolicyDecisionForm, PolicyForm};
use domain::id::UserId;
use domain::policy::{Policy, PolicyProblem, PolicyState, STANDARD, STANDARD_VERSION};
use domain::view::policy::PolicyRefusal;
use sea_orm::ConnectionTrait;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::store::entity::{agent, policy, version};
use crate::transact::Tx;
use crate::versions;

mod calendar;
mod conditions;
mod dry_run;
mod read;
mod satisfiable;
mod wait;
mod words;

pub use calendar::calendar;
pub(crate) use conditions::{Judged, judge, unmet};
pub use dry_run::dry_run;
pub(crate) use dry_run::given;
pub use read::{get, list};
pub(crate) use satisfiable::approvers;
pub(crate) use wait::{Wait, owed, wait};

/// Whose rules are asked for: overrides are by team and risk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Whom {
    pub(crate) team: String,
    pub(crate) risk: Risk,
}

impl Whom {
    /// Whoever deploys a version of an agent. The risk is the one that this version declares.
    pub(crate) async fn of(
        db: &impl ConnectionTrait,
        agent: &agent::Model,
        version: &version::Model,
    ) -> Result<Self, Error> {
        let team = store::people::team(db, agent.team_id).await?;
        Ok(Self {
            team: team.map(|t| t.slug).unwrap_or_default(),
            risk: versions::risk(version),
        })
    }
}

/// The policy that new deployments begin with, as it holds for somebody.
pub(crate) async fn current(db: &impl ConnectionTrait, whom: &Whom) -> Result<Policy, Error> {
    Ok(document(db).await?.effective(&whom.team, whom.risk))
}

/// The policy that new deployments begin with, overrides and all.
pub(crate) async fn document(db: &impl ConnectionTrait) -> Result<Policy, Error> {
    read_document(store::policies::active(db).await?.as_ref())
}

/// The document of the active version; of the one that Clearance comes with where there is none.
pub(crate) fn read_document(active: Option<&policy::Model>) -> Result<Policy, Error> {
    match active {
        Some(row) => parsed(row),
        None => Policy::standard().map_err(|problems| broken(&problems)),
    }
}

/// The policy that a deployment began with, as it holds for somebody. A version that is not kept, other than the one that Clearance comes with, is a
/// row that somebody changed: the release manifest names the version, so the comparison before anything is created blocks
/// that deployment, and until then it has rules and a page.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    version: i32,
    whom: &Whom,
) -> Result<Policy, Error> {
    let document = document_of(db, version).await?;
    Ok(document.effective(&whom.team, whom.risk))
}

/// The same with its overrides.
pub(crate) async fn document_of(db: &impl ConnectionTrait, version: i32) -> Result<Policy, Error> {
    match store::policies::get(db, version).await? {
        Some(row) => parsed(&row),
        None => Policy::standard().map_err(|problems| broken(&problems)),
    }
}

/// A version's number as tables keep it.
pub(crate) fn number(policy: &Policy) -> i32 {
    i32::try_from(policy.version).unwrap_or(i32::MAX)
}

fn is_standard(version: i32) -> bool {
    u32::try_from(version) == Ok(STANDARD_VERSION)
}

fn parsed(row: &policy::Model) -> Result<Policy, Error> {
    let version = u32::try_from(row.version).unwrap_or(0);
    Policy::parse(version, &row.text).map_err(|problems| broken(&problems))
}

/// Only what was parsed is kept, so this cannot be anybody's input.
fn broken(problems: &[PolicyProblem]) -> Error {
    Error::internal("policies", format!("a kept policy is wrong: {problems:?}"))
}

/// The row of the version that Clearance comes with, as it is before anything took its place.
fn standard(state: PolicyState) -> Result<policy::Model, Error> {
    let policy = Policy::standard().map_err(|problems| broken(&problems))?;
    Ok(policy::Model {
        version: number(&policy),
        digest: digest(&policy)?,
        name: policy.name,
        text: STANDARD.to_owned(),
        state,
        proposed_by: None,
        proposed_by_name: "Clearance".to_owned(),
        reason: "The policy that Clearance comes with.".to_owned(),
        proposed_at: None,
        decided_by: None,
        decided_by_name: None,
        decision_reason: None,
        decided_at: None,
    })
}

/// The digest of a policy's document.
pub(crate) fn digest(policy: &Policy) -> Result<String, Error> {
    policy
        .digest()
        .map_err(|e| Error::internal("policies::digest", e))
}

/// A person with a session who administers everywhere. Tokens never do.
fn administrator(ctx: &OpCtx) -> Result<(UserId, String), Error> {
    ctx.authorize(Action::Administer, Facts::default())?;
    match ctx.actor() {
        Actor::User { id, name, .. } => Ok((*id, name.clone())),
        Actor::Token { .. } | Actor::System { .. } | Actor::Anonymous => Err(Error::Forbidden {
            action: Action::Administer,
        }),
    }
}

/// Proposes another version. Answers its number.
///
/// # Errors
/// [`Error::Policy`] for a document that is wrong, or a quorum that some team's people could never meet.
pub async fn propose(cp: &ControlPlane, ctx: &OpCtx, form: &PolicyForm) -> Result<i32, Error> {
    let may = administrator(ctx);
    let (by, by_name) = cp.noted("policies::propose", ctx, may).await?;
    let reason = form.reason()?;
    let text = form.document();
    // The number is known only in the transaction; what is wrong in the document does not depend on it.
    let parsed = Policy::parse(0, &text).map_err(refused)?;
    signers_are_keys(&parsed)?;
    witnesses_are_there(cp, &parsed)?;
    let digest = digest(&parsed)?;
    cp.transact("policies::propose", ctx, |tx: Tx| {
        let (parsed, digest, text, reason, by_name) = (&parsed, &digest, &text, &reason, &by_name);
        async move {
            let tx = &tx;
            administrator(ctx)?;
            satisfiable::check(&**tx, ctx, parsed).await?;
            let last = store::policies::last(&**tx).await?.unwrap_or(0);
            let row = policy::Model {
                version: last.max(i32::try_from(STANDARD_VERSION).unwrap_or(1)) + 1,
                name: parsed.name.clone(),
                text: text.clone(),
                digest: digest.clone(),
                state: PolicyState::Proposed,
                proposed_by: Some(by),
                proposed_by_name: by_name.clone(),
                reason: reason.clone(),
                proposed_at: Some(ctx.now()),
                decided_by: None,
                decided_by_name: None,
                decision_reason: None,
                decided_at: None,
            };
            store::policies::insert(tx, row.clone()).await?;
            let event = event(AuditAction::PolicyProposed, &row).reason(reason);
            audit::append(tx, ctx, event).await?;
            Ok(row.version)
        }
    })
    .await
}

/// Keys of signers outside are points of the curve, and not weak ones.
fn signers_are_keys(policy: &Policy) -> Result<(), Error> {
    let wrong = |key: &str| key.parse::<audit_log::VerifierKey>().is_err();
    let problems: Vec<PolicyProblem> = policy
        .external_results
        .iter()
        .filter(|one| wrong(&one.key))
        .map(|one| PolicyProblem {
            line: 0,
            column: 0,
            message: format!("The key of {} is no Ed25519 public key.", one.signer),
        })
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(refused(problems))
    }
}

/// What waits for witnesses that nobody configured would wait for ever.
fn witnesses_are_there(cp: &ControlPlane, policy: &Policy) -> Result<(), Error> {
    let waits = policy.production.wait_for_witness
        || policy
            .overrides
            .iter()
            .any(|one| one.rules.wait_for_witness);
    if !waits || cp.settings().witnesses.is_some() {
        return Ok(());
    }
    Err(refused(vec![PolicyProblem {
        line: 0,
        column: 0,
        message: "Nobody witnesses the audit log, so wait_for_witness would hold up everything: configure `[[audit_log.witnesses]]` first."
            .to_owned(),
    }]))
}

fn refused(problems: Vec<PolicyProblem>) -> Error {
    Error::Policy(Box::new(PolicyRefusal {
        problems,
        teams: Vec::new(),
    }))
}

fn event(action: AuditAction, row: &policy::Model) -> Event {
    Event::new(action, "policy", row.version.to_string()).digest(Some(&row.digest))
}

/// Takes another administrator's answer. Approved, the version is active at once and the one before is superseded.
///
/// # Errors
/// [`Error::Excluded`] for whoever proposed it, [`Conflict::Changed`] when it was decided already or another version
/// became active since the page was shown, [`Error::Policy`] when people changed and a team cannot meet the quorum,
/// [`Error::SignInTooOld`] when the person signed in longer ago than the policy in force allows for a decision.
pub async fn decide(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &PolicyDecisionForm,
) -> Result<PolicyState, Error> {
    let may = administrator(ctx);
    cp.noted("policies::decide", ctx, may).await?;
    let decide = form.parse()?;
    cp.transact("policies::decide", ctx, |tx: Tx| {
        let decide = &decide;
        async move {
            let tx = &tx;
            let by = administrator(ctx)?;
            let row = proposed(tx, decide.version).await?;
            if row.proposed_by == Some(by.0) {
                return Err(Error::Excluded {
                    rule: Exclusion::Proposer,
                });
            }
            ctx.signed_in_within(document(&**tx).await?.sign_in_minutes())?;
            let to = match decide.verdict {
                DecisionVerdict::Reject => PolicyState::Rejected,
                DecisionVerdict::Approve => {
                    satisfiable::check(&**tx, ctx, &parsed(&row)?).await?;
                    supersede(tx, decide.against).await?;
                    PolicyState::Active
                }
            };
            store::policies::transition(tx, &row, to).await?;
            record(tx, ctx, &row, (by.0, &by.1), decide).await?;
            Ok(to)
        }
    })
    .await
}

async fn proposed(tx: &Tx, version: i32) -> Result<policy::Model, Error> {
    let row = match store::policies::get(&**tx, version).await? {
        Some(row) => row,
        None if is_standard(version) => return Err(Error::conflict(Conflict::WrongState)),
        None => return Err(Error::NotFound { kind: "policy" }),
    };
    if row.state == PolicyState::Proposed {
        Ok(row)
    } else {
        Err(Error::conflict(Conflict::Changed))
    }
}

async fn record(
    tx: &Tx,
    ctx: &OpCtx,
    row: &policy::Model,
    by: (UserId, &str),
    decide: &DecidePolicy,
) -> Result<(), Error> {
    let reason = decide.reason.as_deref();
    store::policies::note_decision(tx, row.version, by, reason, ctx.now()).await?;
    let mut event = event(AuditAction::PolicyDecided, row)
        .with("verdict", decide.verdict)
        .with("in_place_of", decide.against);
    if let Some(reason) = reason {
        event = event.reason(reason);
    }
    audit::append(tx, ctx, event).await.map(|_| ())
}

/// Ends the active version, which must be the one that the person compared with. The one that Clearance comes with is
/// written here: two at once collide on its number, and the later one hears that something changed.
async fn supersede(tx: &Tx, against: i32) -> Result<(), Error> {
    match store::policies::active(&**tx).await? {
        Some(active) if active.version == against => {
            store::policies::transition(tx, &active, PolicyState::Superseded).await
        }
        None if is_standard(against) => {
            store::policies::insert(tx, standard(PolicyState::Superseded)?).await
        }
        Some(_) | None => Err(Error::conflict(Conflict::Changed)),
    }
}

/// Takes a proposal back. Only whoever made it can.
///
/// # Errors
/// [`Error::Forbidden`] for others, [`Conflict::Changed`] when it was decided already.
pub async fn withdraw(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &PolicyDecisionForm,
) -> Result<(), Error> {
    let may = administrator(ctx);
    cp.noted("policies::withdraw", ctx, may).await?;
    let version = form.version()?;
    cp.transact("policies::withdraw", ctx, |tx: Tx| async move {
        let tx = &tx;
        let by = administrator(ctx)?;
        let row = proposed(tx, version).await?;
        if row.proposed_by != Some(by.0) {
            return Err(Error::Forbidden {
                action: Action::Administer,
            });
        }
        store::policies::transition(tx, &row, PolicyState::Withdrawn).await?;
        let event = event(AuditAction::PolicyWithdrawn, &row);
        audit::append(tx, ctx, event).await.map(|_| ())
    })
    .await
}
