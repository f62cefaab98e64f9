//! The words of a message, from what the database holds when the event is told of. The same for every channel.

use chrono::{DateTime, Utc};
use domain::deployment::DeploymentState;
use domain::ledger::Receipt;
use domain::notification::card::Card;
use domain::notification::message::{Line, Message, MessageTone};
use domain::notification::rules::Rule;
use domain::view::deployment::Failure;
use domain::view::diff::VersionDiff;

use super::recipients;
use super::route::Told;
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::gates;
use crate::reading;
use crate::store;
use crate::store::entity::{agent, approval, deployment};
use crate::transact::Tx;

/// The message of an event.
pub(super) async fn message(
    tx: &Tx,
    cp: &ControlPlane,
    ctx: &OpCtx,
    rule: &Rule,
    told: &Told,
) -> Result<Message, Error> {
    let base = cp.settings().base_url.as_str();
    let title = title(rule, told);
    if rule.tone == MessageTone::Wait
        && let (Some(agent), Some(row), Some(asked)) =
            (&told.agent, &told.deployment, &told.approval)
    {
        return card(tx, ctx, (base, &title), agent, row, asked).await;
    }
    let about_it = matches!(told.leaf.object.kind.as_str(), "deployment" | "approval");
    match &told.deployment {
        Some(row) if about_it => deployment_message(base, &title, rule, told, row),
        Some(_) | None => Ok(plain(base, &title, rule, told)),
    }
}

fn title(rule: &Rule, told: &Told) -> String {
    let leaf = &told.leaf;
    rule.title(|name| match name {
        "agent" => leaf.agent.clone(),
        "deployment" => leaf.deployment.map(|n| n.to_string()),
        "actor" => Some(leaf.actor.name.clone()),
        "object" => Some(leaf.object.id.clone()),
        detail => leaf.detail.get(detail).cloned(),
    })
}

/// `26 Nov 2026 18:00 UTC`.
fn at(time: DateTime<Utc>) -> String {
    time.format("%-d %b %Y %H:%M UTC").to_string()
}

async fn card(
    tx: &Tx,
    ctx: &OpCtx,
    (base, title): (&str, &str),
    agent: &agent::Model,
    row: &deployment::Model,
    asked: &approval::Model,
) -> Result<Message, Error> {
    let diff: VersionDiff = store::from_json(&asked.diff)?;
    let gates = gates::boxes(&store::gates::of(&**tx, row.id).await?, true);
    let can_approve = recipients::decider_names(tx, asked, agent.team_id, ctx.now()).await?;
    let card = Card {
        agent: &agent.slug,
        environment: row.environment.label(),
        requested_by: &row.requested_by,
        expires_at: &at(asked.expires_at),
        quorum: reading::count(asked.quorum),
        digest: &asked.manifest_digest,
        diff: &diff,
        gates: &gates,
        can_approve: &can_approve,
        title,
        link: &format!("{base}/approvals/{}", asked.number),
    };
    Ok(card.message())
}

fn deployment_message(
    base: &str,
    title: &str,
    rule: &Rule,
    told: &Told,
    row: &deployment::Model,
) -> Result<Message, Error> {
    let failure: Option<Failure> = match (&row.failure, rule.tone) {
        (Some(text), MessageTone::Bad) => Some(store::from_json(text)?),
        _ => None,
    };
    let left = row.state == DeploymentState::CleanupIncomplete;
    let receipt: Option<Receipt> = match &row.receipt {
        Some(text) if left => Some(store::from_json(text)?),
        _ => None,
    };
    let lead = match (&receipt, &failure) {
        (Some(receipt), _) => receipt.sentence(),
        (None, Some(failure)) => format!("{}: {}", failure.step.label(), failure.message),
        (None, None) => {
            let why = told.leaf.reason.as_ref();
            let why = why.or_else(|| told.leaf.detail.get("reasons"));
            why.cloned().unwrap_or_default()
        }
    };
    let link = (
        "Open the deployment",
        format!("{base}/deployments/{}", row.number),
    );
    let version = told.version.as_ref();
    let mut message = Message::new(rule.tone, title, &lead, link)
        .fact("Agent", told.leaf.agent.as_deref().unwrap_or_default())
        .fact("Version", version.map_or("", |v| v.number.as_str()))
        .fact("Environment", row.environment.label())
        .fact("Deployment", &format!("#{}", row.number))
        .fact("Commit", version.map_or("", |v| v.commit_id.as_str()))
        .fact("By", &told.leaf.actor.name);
    if let Some(failure) = &failure {
        let findings = failure
            .findings
            .iter()
            .map(|finding| Line::attention(format!("{} ({})", finding.message, finding.location)));
        message = message.section("Findings", findings.collect());
    }
    message.digest = told.leaf.subject_digest.clone();
    Ok(message)
}

/// For what has neither an approval nor a deployment: the event in words.
fn plain(base: &str, title: &str, rule: &Rule, told: &Told) -> Message {
    let leaf = &told.leaf;
    // What people know as F-12 has its page at 12.
    let number = leaf.object.id.rsplit('-').next().unwrap_or_default();
    let (label, path) = match (leaf.object.kind.as_str(), &leaf.agent) {
        ("policy", _) => ("Open the policy", format!("/policies/{}", leaf.object.id)),
        ("finding", _) => ("Open the finding", format!("/findings/{number}")),
        ("incident", _) => ("Open the incident", format!("/incidents/{number}")),
        ("post_review", _) => ("Open the post-review", format!("/post-reviews/{number}")),
        ("elevation" | "user", _) => ("Open the roles for a time", "/elevations".to_owned()),
        ("review", None) => ("Open the review", format!("/reviews/{number}")),
        ("package", _) => ("Open the package", format!("/compliance/packages/{number}")),
        ("package_schedule", _) => ("Open the schedules", "/compliance/schedules".to_owned()),
        ("waiver", _) => ("Open the waiver", format!("/waivers/{number}")),
        (_, Some(slug)) => ("Open the agent", format!("/agents/{slug}")),
        (_, None) => ("Open the audit trail", "/audit".to_owned()),
    };
    let detail = |name: &str| leaf.detail.get(name).map_or("", String::as_str);
    let review_due = detail("review_due").parse().map_or(String::new(), at);
    let what = leaf.detail.get("what").or(leaf.reason.as_ref());
    let reason = what.cloned().unwrap_or_default();
    Message::new(rule.tone, title, &reason, (label, format!("{base}{path}")))
        .fact("Agent", leaf.agent.as_deref().unwrap_or_default())
        .fact("By", &leaf.actor.name)
        .fact("Hours", detail("hours"))
        .fact("Incident", detail("incident"))
        .fact("Review due", &review_due)
}
