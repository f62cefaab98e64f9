//! From an event of the audit log to one message for each receiver. Runs in the transaction that moves the cursor, so an
//! event is told of once, whatever is killed when.

use audit_log::LeafEvent;
use chrono::{DateTime, Utc};
use domain::event::AuditAction;
use domain::id::{MessageId, NoticeId, TeamId, UserId};
use domain::notification::ChannelKind;
use domain::notification::rules;

use super::recipients::{self, About};
use super::{changed, compose};
use crate::ControlPlane;
use crate::audit;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::store;
use crate::store::entity::{
    agent, approval, audit_leaf, break_glass, deployment, message, notice, version,
};
use crate::transact::Tx;

/// An event with the things that it names, as far as they are there.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) leaf: LeafEvent,
    pub(super) agent: Option<agent::Model>,
    pub(super) deployment: Option<deployment::Model>,
    pub(super) version: Option<version::Model>,
    pub(super) approval: Option<approval::Model>,
    /// The permission that is paid back by a post-review.
    review: Option<break_glass::Model>,
    /// Whose request it answers, or whose role it is, and in which team where no agent says it.
    concerned: (Option<UserId>, Option<TeamId>),
}

/// Tells of one event whomever it concerns. True if it concerns anybody.
pub(crate) async fn event(
    tx: &Tx,
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &audit_leaf::Model,
) -> Result<bool, Error> {
    let Ok(action) = row.action.parse::<AuditAction>() else {
        return Ok(false);
    };
    if !rules::RULES.iter().any(|rule| rule.action == action) {
        return Ok(false);
    }
    let leaf = audit::parsed(row)?;
    let detail = |name: &str| leaf.detail.get(name).map(String::as_str);
    let Some(rule) = rules::of(action, detail) else {
        return Ok(false);
    };
    let told = told(tx, leaf).await?;
    let about = About {
        team: told
            .agent
            .as_ref()
            .map(|agent| agent.team_id)
            .or(told.concerned.1),
        approval: told.approval.as_ref(),
        review: told.review.as_ref(),
        concerned: told.concerned.0,
        actor: &told.leaf.actor.id,
    };
    let people = if cp.ports().notifier.mails() {
        recipients::people(tx, rule, about, ctx.now()).await?
    } else {
        Vec::new()
    };
    let channels = recipients::channels(tx, rule, about).await?;
    if people.is_empty() && channels.is_empty() {
        return Ok(false);
    }
    let message = compose::message(tx, cp, ctx, rule, &told).await?;
    let notice = notice::Model {
        id: NoticeId(ids::new()),
        event: Some(row.idx),
        action: action.to_string(),
        subject: rule.subject,
        agent: row.agent.clone(),
        team_id: about.team,
        deployment: row.deployment,
        title: message.title.clone(),
        message: store::to_json(&message)?,
        at: happened(&told.leaf.time, ctx.now()),
    };
    store::notices::insert(tx, notice.clone()).await?;
    for person in people {
        let key = format!("{}:email:{}", row.idx, person.id);
        let mut fresh = message_of(&notice, ChannelKind::Email, key, ctx);
        fresh.user_id = Some(person.id);
        store::messages::insert(tx, fresh).await?;
    }
    for channel in channels {
        let key = format!("{}:channel:{}", row.idx, channel.id);
        let mut fresh = message_of(&notice, channel.kind, key, ctx);
        fresh.channel_id = Some(channel.id);
        store::messages::insert(tx, fresh).await?;
    }
    tx.touch(changed());
    Ok(true)
}

fn message_of(
    notice: &notice::Model,
    kind: ChannelKind,
    key: String,
    ctx: &OpCtx,
) -> message::Model {
    store::messages::fresh(MessageId(ids::new()), notice, kind, key, ctx.now())
}

fn happened(time: &str, now: DateTime<Utc>) -> DateTime<Utc> {
    time.parse().unwrap_or(now)
}

/// Looks up what an event names. What is not there is told without.
async fn told(tx: &Tx, leaf: LeafEvent) -> Result<Told, Error> {
    let db = &**tx;
    let agent = match &leaf.agent {
        Some(slug) => found(store::agents::by_slug(db, slug).await)?,
        None => None,
    };
    let number = leaf.deployment.and_then(|n| i64::try_from(n).ok());
    let deployment = match number {
        Some(number) => found(store::deployments::by_number(db, number).await)?,
        None => None,
    };
    let version = match &deployment {
        Some(row) => found(store::versions::get(db, row.version_id).await)?,
        None => None,
    };
    let asked = leaf.object.kind == "approval";
    let approval = match (&deployment, asked) {
        (Some(row), true) => store::approvals::of(db, row.id).await?,
        _ => None,
    };
    // What people know as PR-7 has the number 7.
    let object = leaf.object.id.rsplit('-').next().unwrap_or_default();
    let review = match (leaf.object.kind.as_str(), object.parse()) {
        ("post_review", Ok(number)) => found(store::break_glasses::by_number(db, number).await)?,
        _ => None,
    };
    let concerned = concerned(tx, &leaf).await?;
    Ok(Told {
        review,
        concerned,
        leaf,
        agent,
        deployment,
        version,
        approval,
    })
}

/// The person that an event is about, and the team where no agent says it.
async fn concerned(tx: &Tx, leaf: &LeafEvent) -> Result<(Option<UserId>, Option<TeamId>), Error> {
    let (db, id) = (&**tx, &leaf.object.id);
    match leaf.object.kind.as_str() {
        "elevation" => {
            let number = id.parse().unwrap_or_default();
            let row = found(store::elevations::by_number(db, number).await)?;
            Ok(row.map_or((None, None), |row| (Some(row.user_id), Some(row.team_id))))
        }
        "policy" => {
            let row = store::policies::get(db, id.parse().unwrap_or_default()).await?;
            Ok((row.and_then(|row| row.proposed_by), None))
        }
        "finding" => {
            let owner = leaf.detail.get("owner_id");
            Ok((owner.and_then(|id| id.parse().ok()), None))
        }
        "package" | "package_schedule" => {
            let by = ["ordered_by_id", "kept_by_id"];
            let by = by.iter().find_map(|key| leaf.detail.get(*key));
            Ok((by.and_then(|id| id.parse().ok()), None))
        }
        "user" => Ok((id.parse().ok(), None)),
        _ => Ok((None, None)),
    }
}

fn found<T>(looked: Result<T, Error>) -> Result<Option<T>, Error> {
    match looked {
        Ok(row) => Ok(Some(row)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
