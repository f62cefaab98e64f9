//! One person's answer, and what it comes to.

use chrono::Duration;
use domain::actor::Actor;
use domain::approval::{
    ApprovalEvent, ApprovalState, Decide, DecisionVerdict, Parties, REASON_MIN, Voice, voice,
};
use domain::authz::{Action, Facts};
use domain::deployment::{DeploymentEvent, DeploymentKind};
use domain::error::{Conflict, Exclusion, FieldProblem, ValidationErrors};
use domain::event::AuditAction;
use domain::form::approval::DecisionForm;
use domain::id::{DecisionId, UserId};
use domain::policy::Policy;
use domain::view::diff::VersionDiff;

use super::roster::Roster;
use super::{settle, stale};
use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::deployments::{self, end};
use crate::error::Error;
use crate::ids;
use crate::policies::{self, Whom};
use crate::store;
use crate::store::deployments::Learnt;
use crate::store::entity::{agent, approval, decision, deployment};
use crate::transact::Tx;

/// Takes one person's answer.
///
/// # Errors
/// [`Error::Excluded`] by separation of duties, [`Conflict::AlreadyDecided`] when it is not open any more,
/// [`Conflict::ManifestChanged`] when the digest is not the one that is asked about or would go live now,
/// [`Error::SignInTooOld`] when the person signed in too long ago.
pub async fn decide(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &DecisionForm,
) -> Result<ApprovalState, Error> {
    ctx.signed_in()?;
    let decide = form.parse()?;
    let decided = cp
        .transact("approvals::decide", ctx, |tx: Tx| {
            let decide = &decide;
            async move {
                let tx = &tx;
                let asked = store::approvals::by_number(&**tx, decide.number).await?;
                let agent = store::agents::get(&**tx, asked.agent_id).await?;
                let facts = Facts {
                    team: Some(agent.team_id),
                };
                // Who may answer is asked below, where groups and stand-ins are known.
                ctx.authorize_on(Action::Read, facts, "approval")?;
                tx.concerns(&agent.slug, asked.number);
                // Two people at once take turns, so the later one hears what the earlier one decided.
                let agent = store::agents::lock(tx, agent.id).await?;
                let asked = store::approvals::by_number(&**tx, decide.number).await?;
                let answer = Answer {
                    agent: &agent,
                    asked: &asked,
                    decide,
                };
                let (policy, row, voice) = answer.check(tx, ctx).await?;
                answer.record(tx, ctx, &policy, &row, &voice).await
            }
        })
        .await;
    if let Err(Error::Conflict {
        why: Conflict::ManifestChanged,
    }) = &decided
    {
        // What is asked may itself be out of date: then people are asked about what there is now.
        let asked = store::approvals::by_number(cp.reader(), decide.number).await?;
        stale::ask_again(cp, ctx, &asked).await?;
    }
    decided
}

/// An answer on its way into the record.
struct Answer<'a> {
    agent: &'a agent::Model,
    asked: &'a approval::Model,
    decide: &'a Decide,
}

impl Answer<'_> {
    /// Everything that can stand against a decision, in the order a person should learn of it.
    async fn check(
        &self,
        tx: &Tx,
        ctx: &OpCtx,
    ) -> Result<(Policy, deployment::Model, Voice), Error> {
        let (asked, decide) = (self.asked, self.decide);
        let row = store::deployments::get(&**tx, asked.deployment_id).await?;
        let version = store::versions::get(&**tx, row.version_id).await?;
        let whom = Whom::of(&**tx, self.agent, &version).await?;
        let policy = policies::of(&**tx, row.policy_version, &whom).await?;
        let groups = policy.of(row.environment).rule().groups();
        let voice = self.voice(tx, ctx, &groups).await?;
        if asked.expires_at <= ctx.now() {
            return Err(Error::conflict(Conflict::AlreadyDecided));
        }
        let changed = stale::changed(&**tx, self.agent, asked).await?.is_some();
        if changed || decide.manifest_digest != asked.manifest_digest {
            return Err(Error::conflict(Conflict::ManifestChanged));
        }
        let rules = &policy.of(row.environment).approval;
        ctx.signed_in_within(rules.sign_in_minutes)?;
        if decide.verdict == DecisionVerdict::Reject {
            return Ok((policy, row, voice));
        }
        let short = decide.reason.as_ref().map_or(0, |r| r.chars().count()) < REASON_MIN;
        if rules.reason && short {
            let problem = if decide.reason.is_none() {
                FieldProblem::Required
            } else {
                FieldProblem::TooShort
            };
            return Err(ValidationErrors::one("reason", problem).into());
        }
        let under_way = store::deployments::in_progress_of(&**tx, self.agent.id).await?;
        let goes_back = |d: &deployment::Model| {
            d.kind == DeploymentKind::Rollback && d.environment == row.environment
        };
        if under_way.iter().any(goes_back) {
            return Err(Error::conflict(Conflict::RollingBack));
        }
        let diff: VersionDiff = store::from_json(&asked.diff)?;
        let accepts = |scope| decide.accepted_scopes.contains(scope);
        // A first version's scopes are all new; they are read on the page, and accepted like later ones.
        if !diff.added_scopes.iter().all(accepts) {
            return Err(ValidationErrors::one("accepted_scopes", FieldProblem::NotAccepted).into());
        }
        Ok((policy, row, voice))
    }

    /// In whose name the actor may answer, with the people, roles, groups and stand-ins of this transaction.
    async fn voice(&self, tx: &Tx, ctx: &OpCtx, groups: &[String]) -> Result<Voice, Error> {
        let forbidden = Error::Forbidden {
            action: Action::Decide,
        };
        let roster = Roster::read(&**tx, ctx.now()).await?;
        let Some(person) = roster.candidate(ctx.actor(), self.agent.team_id) else {
            return Err(forbidden);
        };
        let decisions = store::approvals::decisions(&**tx, self.asked.id).await?;
        let mut parties: Parties = store::from_json(&self.asked.parties)?;
        parties.decided = decided(&decisions);
        let open = self.asked.state == ApprovalState::Open;
        match voice(&person, &parties, groups) {
            Err(Exclusion::NotApprover) => Err(forbidden),
            // A repeated click on a settled approval hears that it is settled, not that they decided already.
            _ if !open => Err(Error::conflict(Conflict::AlreadyDecided)),
            Ok(voice) => Ok(voice),
            Err(rule) => Err(Error::Excluded { rule }),
        }
    }

    async fn record(
        &self,
        tx: &Tx,
        ctx: &OpCtx,
        policy: &Policy,
        row: &deployment::Model,
        voice: &Voice,
    ) -> Result<ApprovalState, Error> {
        let (asked, decide) = (self.asked, self.decide);
        self.write(tx, ctx, voice).await?;
        if decide.verdict == DecisionVerdict::Reject {
            let reason = decide.reason.clone().unwrap_or_default();
            let message = format!("Rejected by {}: {reason}", ctx.actor().name());
            end::end(tx, ctx, row, DeploymentEvent::Rejected, &message, None).await?;
            return Ok(ApprovalState::Rejected);
        }
        let rules = policy.of(row.environment);
        let mut rule = rules.rule();
        // What was asked then holds, also where the row says more than the policy.
        rule.quorum = u32::try_from(asked.quorum).unwrap_or(u32::MAX);
        let given = store::approvals::decisions(&**tx, asked.id).await?;
        if !rule.lacking(&votes(&given)?).is_met() {
            store::approvals::touch(tx, asked).await?;
            return Ok(ApprovalState::Open);
        }
        settle(tx, ctx, self.agent, asked, ApprovalEvent::QuorumMet, None).await?;
        let use_by = ctx.now() + Duration::hours(i64::from(rules.approval.unused_hours));
        store::approvals::set_use_by(tx, asked.id, use_by).await?;
        // The deployer compares this digest again at the moment of acting (invariant 1).
        let learnt = Learnt {
            authorised_digest: Some(asked.manifest_digest.clone()),
            ..Learnt::default()
        };
        store::deployments::learn(tx, row, &learnt).await?;
        deployments::advance(tx, ctx, row, DeploymentEvent::Approved).await?;
        Ok(ApprovalState::Approved)
    }

    /// The decision and its event.
    async fn write(&self, tx: &Tx, ctx: &OpCtx, voice: &Voice) -> Result<(), Error> {
        let (asked, decide) = (self.asked, self.decide);
        let Actor::User { id, name, .. } = ctx.actor() else {
            return Err(Error::Forbidden {
                action: Action::Decide,
            });
        };
        let (behalf, behalf_name) = voice.on_behalf_of.clone().unzip();
        let row = decision::Model {
            id: DecisionId(ids::new()),
            approval_id: asked.id,
            user_id: *id,
            user_name: name.clone(),
            verdict: decide.verdict,
            reason: decide.reason.clone(),
            manifest_digest: asked.manifest_digest.clone(),
            decided_at: ctx.now(),
            on_behalf_of: behalf,
            on_behalf_of_name: behalf_name,
            groups: store::to_json(&voice.groups)?,
        };
        store::approvals::decide(tx, row).await?;
        let kind = AuditAction::ApprovalDecided;
        let mut event = Event::new(kind, "approval", asked.number.to_string())
            .agent(&self.agent.slug)
            .deployment(asked.number)
            .digest(Some(&asked.manifest_digest))
            .with("verdict", decide.verdict)
            .with("round", asked.round);
        if !voice.groups.is_empty() {
            event = event.with("groups", voice.groups.join(" "));
        }
        if let Some((id, name)) = &voice.on_behalf_of {
            event = event
                .with("on_behalf_of", id)
                .with("on_behalf_of_name", name);
        }
        if let Some(reason) = &decide.reason {
            event = event.reason(reason);
        }
        audit::append(tx, ctx, event).await.map(|_| ())
    }
}

/// Who decided, and in whose name.
pub(crate) fn decided(decisions: &[decision::Model]) -> Vec<UserId> {
    let names = decisions.iter().filter_map(|d| d.on_behalf_of);
    decisions.iter().map(|d| d.user_id).chain(names).collect()
}

/// The groups that each approval counts for.
pub(crate) fn votes(decisions: &[decision::Model]) -> Result<Vec<Vec<String>>, Error> {
    let given = decisions
        .iter()
        .filter(|d| d.verdict == DecisionVerdict::Approve);
    given.map(|d| store::from_json(&d.groups)).collect()
}
