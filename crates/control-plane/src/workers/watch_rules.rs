//! Looks whether every team can still meet the approval rule of the policy in force. People leave and roles change, which is
//! not refused; a rule that nobody can meet any more becomes a finding, and ends by itself when it can be met again.

use std::time::Duration;

use async_trait::async_trait;
use domain::finding::{FindingKind, SubjectKind};
use domain::view::policy::TeamApprovers;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::deployments;
use crate::error::Error;
use crate::findings::{self, Found};
use crate::policies;
use crate::store;
use crate::transact::Tx;

const KINDS: [FindingKind; 1] = [FindingKind::UnsatisfiableRule];
/// Most names in one sentence.
const NAMES_MAX: usize = 10;

/// The worker.
#[derive(Debug)]
pub(crate) struct WatchRules;

#[async_trait]
impl Worker for WatchRules {
    fn name(&self) -> &'static str {
        "watch_rules"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(30)
    }

    /// Few commits change who may decide, so the timer is enough.
    fn woken_by_commits(&self) -> bool {
        false
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        let db = cp.reader();
        let policy = policies::document(db).await?;
        let teams = store::people::teams(db).await?;
        let mut seen = Vec::new();
        for short in policies::approvers(db, &ctx, &policy).await? {
            if short.enough() {
                continue;
            }
            let found = found(&short, policy.version);
            let team = teams.iter().find(|team| team.slug == short.team);
            seen.push(match team {
                Some(team) => found.team(team.id),
                None => found,
            });
        }
        let known = store::findings::unresolved(db, &KINDS).await?;
        if seen.is_empty() && known.is_empty() {
            return Ok(Status::Idle);
        }
        cp.transact("rules::watch", &ctx, |tx: Tx| {
            let (ctx, seen) = (&ctx, &seen);
            async move { findings::reconcile(&tx, ctx, &KINDS, seen).await }
        })
        .await?;
        Ok(Status::Idle)
    }
}

/// "Team payments could never give 2 approvals of group security under policy v3; who may: Dana Berg."
fn found(short: &TeamApprovers, version: u32) -> Found {
    let of = short.group.as_ref();
    let of = of.map_or_else(String::new, |group| format!(" of group {group}"));
    let (team, needed) = (&short.team, short.needed);
    let names: Vec<&str> = short
        .people
        .iter()
        .take(NAMES_MAX)
        .map(String::as_str)
        .collect();
    let who = if names.is_empty() {
        "nobody".to_owned()
    } else {
        names.join(", ")
    };
    let approvals = if needed == 1 { "approval" } else { "approvals" };
    let what = format!(
        "Team {team} could never give {needed} {approvals}{of}, which policy v{version} asks for; who may: {who}."
    );
    let subject = match &short.group {
        Some(group) => format!("{team} {group}"),
        None => team.clone(),
    };
    Found::new(
        FindingKind::UnsatisfiableRule,
        SubjectKind::Team,
        subject,
        what,
    )
    .differs(
        &format!("{needed} approvers{of}"),
        &format!("{}: {who}", short.people.len()),
    )
}
