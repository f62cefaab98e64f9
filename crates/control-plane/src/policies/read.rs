//! Reading policies: the list, and one version beside the active one. Changes nothing.

use domain::actor::Actor;
use domain::authz::{Access, Action, Facts, can};
use domain::gate::Gate;
use domain::policy::{Policy, PolicyState, diff};
use domain::view::policy::{PolicyDetail, PolicyList, PolicyRow, RuleGroup};

use super::{is_standard, parsed, satisfiable, standard};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::store;
use crate::store::entity::policy;

/// Every version with the one that Clearance comes with, newest first. One statement.
async fn all(cp: &ControlPlane) -> Result<Vec<policy::Model>, Error> {
    let mut rows = store::policies::all(cp.reader()).await?;
    if !rows.iter().any(|row| is_standard(row.version)) {
        // It is written when another version takes its place; until then it is the active one.
        rows.push(standard(PolicyState::Active)?);
    }
    Ok(rows)
}

fn active(rows: &[policy::Model]) -> Result<&policy::Model, Error> {
    rows.iter()
        .find(|row| row.state == PolicyState::Active)
        .ok_or_else(|| Error::internal("policies", "no version is active"))
}

/// Every version, newest first, and the rules of the active one. Everybody who reads anything may read them.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn list(cp: &ControlPlane, ctx: &OpCtx) -> Result<PolicyList, Error> {
    reading::teams(ctx)?;
    let rows = all(cp).await?;
    let active = active(&rows)?;
    Ok(PolicyList {
        active: active.version,
        text: active.text.clone(),
        rules: in_words(&parsed(active)?),
        rows: rows.iter().map(row_view).collect(),
    })
}

/// One version, with what differs from the active one. Four statements. Who could decide is for administrators to see.
///
/// # Errors
/// [`Error::NotFound`] for a number that no version has.
pub async fn get(cp: &ControlPlane, ctx: &OpCtx, version: i32) -> Result<PolicyDetail, Error> {
    reading::teams(ctx)?;
    let rows = all(cp).await?;
    let row = rows
        .iter()
        .find(|row| row.version == version)
        .ok_or(Error::NotFound { kind: "policy" })?;
    let active = active(&rows)?;
    let policy = parsed(row)?;
    let administers = can(ctx.actor(), Action::Administer, Facts::default()) == Access::Allowed;
    let approvers = if administers {
        satisfiable::approvers(cp.reader(), &policy).await?
    } else {
        Vec::new()
    };
    let theirs = matches!(ctx.actor(), Actor::User { id, .. } if row.proposed_by == Some(*id));
    let open = administers && row.state == PolicyState::Proposed;
    Ok(PolicyDetail {
        row: row_view(row),
        text: row.text.clone(),
        rules: in_words(&policy),
        active: active.version,
        diff: diff(&active.text, &row.text),
        approvers,
        can_decide: open && !theirs,
        can_withdraw: open && theirs,
    })
}

fn row_view(row: &policy::Model) -> PolicyRow {
    PolicyRow {
        version: row.version,
        name: row.name.clone(),
        state: row.state,
        digest: row.digest.clone(),
        proposed_by: row.proposed_by_name.clone(),
        proposed_at: store::time::text_opt(row.proposed_at),
        reason: row.reason.clone(),
        decided_by: row.decided_by_name.clone(),
        decided_at: store::time::text_opt(row.decided_at),
        decision_reason: row.decision_reason.clone(),
    }
}

/// The rules as sentences.
fn in_words(policy: &Policy) -> Vec<RuleGroup> {
    let group = |title: &str, rules| RuleGroup {
        title: title.to_owned(),
        rules,
    };
    vec![
        group("Non-prod", non_prod(policy)),
        group("Production", production(policy)),
        group("Freezes of production", freezes(policy)),
    ]
}

fn gates(policy: &Policy, gates: &[Gate]) -> String {
    let named: Vec<String> = gates
        .iter()
        .map(|gate| match gate {
            Gate::ResponsibleAi | Gate::Hallucination | Gate::Relevance => {
                format!("{} ({} % of cases)", gate.label(), policy.percent(*gate))
            }
            Gate::StaticAnalysis | Gate::ImageScan | Gate::Health => gate.label().to_owned(),
        })
        .collect();
    named.join(", ")
}

fn non_prod(policy: &Policy) -> Vec<String> {
    vec![
        format!("Gates that run: {}.", gates(policy, &policy.non_prod.gates)),
        "Nobody is asked.".to_owned(),
    ]
}

fn production(policy: &Policy) -> Vec<String> {
    let rules = &policy.production;
    let people = if rules.quorum == 1 {
        "1 person".to_owned()
    } else {
        format!("{} different people", rules.quorum)
    };
    let mut said = vec![
        format!(
            "Gates that must be satisfied: {}.",
            gates(policy, &rules.gates)
        ),
        format!(
            "{people} must approve, none of whom requested, wrote, committed or configured it."
        ),
        format!(
            "A request expires after {} hours without an answer.",
            rules.approval_hours
        ),
    ];
    if rules.soak_minutes > 0 {
        said.push(format!(
            "A version is live in non-prod for {} minutes before.",
            rules.soak_minutes
        ));
    }
    said.push(
        if policy.promote_when_proven {
            "The promotion is opened by itself when a version is proven."
        } else {
            "A person asks for the promotion."
        }
        .to_owned(),
    );
    said
}

fn freezes(policy: &Policy) -> Vec<String> {
    let windows = policy.production.freeze.iter();
    let said: Vec<String> = windows
        .map(|w| {
            let minute =
                |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%d %H:%M").to_string();
            format!(
                "{} to {} UTC: {}.",
                minute(w.from),
                minute(w.until),
                w.reason
            )
        })
        .collect();
    if said.is_empty() {
        vec!["None.".to_owned()]
    } else {
        said
    }
}
