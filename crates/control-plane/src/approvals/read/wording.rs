//! The sentences of an approval's page: what needs attention, by which rule, and what happens if nobody acts. Pure.

use chrono::{DateTime, Utc};
use domain::approval::{ApprovalState, Rule};
use domain::gate::Verdict;
use domain::policy::Policy;
use domain::view::agent::RollbackBadge;
use domain::view::approval::{Attention, AttentionTone};
use domain::view::deployment::GateBox;
use domain::view::diff::{Change, ChangeKind, VersionDiff};

/// Most lines of the attention list, of which one is rollback readiness.
const LINES: usize = 5;
/// Most names in one line.
const NAMES: usize = 6;

/// What a person should look at before deciding, worst first. Rollback readiness is always among it.
pub(super) fn attention(
    diff: &VersionDiff,
    gates: &[GateBox],
    evidence: Vec<Attention>,
    rollback: &RollbackBadge,
) -> Vec<Attention> {
    let mut lines: Vec<Attention> = scopes(diff)
        .into_iter()
        .chain(gates.iter().filter_map(gate))
        .chain(evidence)
        .collect();
    lines.extend(config(diff));
    lines.extend(packages(diff));
    lines.sort_by_key(|line| rank(line.tone));
    lines.truncate(LINES - 1);
    lines.push(readiness(rollback));
    lines.sort_by_key(|line| rank(line.tone));
    lines
}

const fn rank(tone: AttentionTone) -> u8 {
    match tone {
        AttentionTone::Bad => 0,
        AttentionTone::Wait => 1,
        AttentionTone::Unknown => 2,
        AttentionTone::Ok => 3,
    }
}

fn line(
    tone: AttentionTone,
    headline: impl Into<String>,
    detail: impl Into<String>,
    anchor: &str,
) -> Attention {
    Attention {
        tone,
        headline: headline.into(),
        detail: detail.into(),
        anchor: anchor.to_owned(),
    }
}

/// "1 scope", "3 scopes".
fn counted(n: usize, one: &str, many: &str) -> String {
    if n == 1 {
        format!("1 {one}")
    } else {
        format!("{n} {many}")
    }
}

/// Names in one line, the rest counted.
fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<&str> = names.collect();
    let shown = all
        .iter()
        .take(NAMES)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    if all.len() > NAMES {
        format!("{shown} and {} more", all.len() - NAMES)
    } else {
        shown
    }
}

/// More rights than the live version has are the worst; the rights of a first version are all new and only to be read.
fn scopes(diff: &VersionDiff) -> Option<Attention> {
    let added = &diff.added_scopes;
    let detail = names(added.iter().map(String::as_str));
    match (&diff.live_version, added.len()) {
        (None, 0) => Some(line(
            AttentionTone::Wait,
            "First version in production",
            "It asks for no scopes.",
            "changes",
        )),
        (None, n) => {
            let headline = format!(
                "First version in production, with {}",
                counted(n, "scope", "scopes")
            );
            Some(line(AttentionTone::Wait, headline, detail, "changes"))
        }
        (Some(_), 0) => None,
        (Some(_), n) => Some(line(
            AttentionTone::Bad,
            format!("{} added", counted(n, "scope", "scopes")),
            detail,
            "changes",
        )),
    }
}

fn gate(shown: &GateBox) -> Option<Attention> {
    let tone = match shown.verdict? {
        Verdict::Passed => return None,
        Verdict::Failed => AttentionTone::Bad,
        Verdict::Waived => AttentionTone::Wait,
        Verdict::Inconclusive | Verdict::Errored => AttentionTone::Unknown,
    };
    let verdict = shown.verdict.map_or("", Verdict::label).to_lowercase();
    Some(line(
        tone,
        format!("{} is {verdict}", shown.gate.label()),
        shown.summary.clone(),
        "gates",
    ))
}

/// Tools, servers and the model change what the agent can do, so they are named; other settings are counted.
fn config(diff: &VersionDiff) -> Vec<Attention> {
    // Everything of a first version is new: the line about it says so already.
    if diff.live_version.is_none() {
        return Vec::new();
    }
    let is_ability = |c: &&Change| matches!(c.part.as_str(), "Tool" | "MCP server" | "Model");
    let abilities: Vec<&Change> = diff.config.iter().filter(is_ability).collect();
    let others: Vec<&Change> = diff
        .config
        .iter()
        .filter(|c| !is_ability(c) && c.part != "Scope")
        .collect();
    let mut lines = Vec::new();
    if !abilities.is_empty() {
        let headline = match abilities.as_slice() {
            [one] => format!("{} {}", one.part, one.kind.label().to_lowercase()),
            many => format!("{} changes to tools and model", many.len()),
        };
        let words: Vec<String> = abilities.iter().map(|c| change(c)).collect();
        lines.push(line(
            AttentionTone::Wait,
            headline,
            names(words.iter().map(String::as_str)),
            "changes",
        ));
    }
    if !others.is_empty() {
        let headline = counted(others.len(), "config change", "config changes");
        let words: Vec<String> = others
            .iter()
            .map(|c| format!("{} {}", c.part, c.name).trim_end().to_owned())
            .collect();
        lines.push(line(
            AttentionTone::Wait,
            headline,
            names(words.iter().map(String::as_str)),
            "changes",
        ));
    }
    lines
}

/// "Tool crm.update added", "Model a to b".
fn change(change: &Change) -> String {
    match (change.kind, &change.before, &change.after) {
        (ChangeKind::Changed, Some(before), Some(after)) => {
            format!("{} {before} to {after}", change.part)
        }
        (kind, _, _) => format!(
            "{} {} {}",
            change.part,
            change.name,
            kind.label().to_lowercase()
        ),
    }
}

fn packages(diff: &VersionDiff) -> Option<Attention> {
    let added: Vec<&str> = diff
        .packages
        .iter()
        .filter(|p| p.kind == ChangeKind::Added)
        .map(|p| p.name.as_str())
        .collect();
    if added.is_empty() || diff.live_version.is_none() {
        return None;
    }
    let headline = format!("{} added", counted(added.len(), "package", "packages"));
    Some(line(
        AttentionTone::Wait,
        headline,
        names(added.into_iter()),
        "changes",
    ))
}

fn readiness(badge: &RollbackBadge) -> Attention {
    match badge {
        RollbackBadge::Ready {
            number, version, ..
        } => {
            let detail = format!(
                "Deployment #{number}; its image is undamaged and its secrets can be read."
            );
            line(
                AttentionTone::Ok,
                format!("Rollback to {version} is ready"),
                detail,
                "rollback",
            )
        }
        RollbackBadge::NotReady {
            number,
            version,
            reason,
        } => {
            let detail = format!(
                "Version {version} of deployment #{number} cannot be restored: {}.",
                reason.label()
            );
            line(AttentionTone::Bad, "Rollback not ready", detail, "rollback")
        }
        RollbackBadge::NoTarget => {
            let detail =
                "Nothing earlier is live in production, so there is nothing to go back to.";
            line(
                AttentionTone::Unknown,
                "No rollback target yet",
                detail,
                "rollback",
            )
        }
    }
}

/// The rule that the approval follows.
pub(super) fn rule(policy: &Policy, rule: &Rule) -> String {
    let (name, version) = (&policy.name, policy.version);
    let people = if rule.quorum == 1 {
        "one approver".to_owned()
    } else {
        format!("{} approvers", rule.quorum)
    };
    let groups: Vec<String> = rule
        .required
        .iter()
        .map(|asked| format!("{} of group {}", asked.count, asked.group))
        .collect();
    let among = if groups.is_empty() {
        String::new()
    } else {
        format!(", at least {} among them,", groups.join(" and "))
    };
    format!(
        "{name} v{version}: {people}{among} who did not request, write, commit or configure it. One rejection ends it."
    )
}

/// What waiting leads to.
pub(super) fn if_nobody_acts(
    state: ApprovalState,
    use_by: Option<DateTime<Utc>>,
    diff: &VersionDiff,
) -> String {
    match state {
        ApprovalState::Open => {
            let stays = match &diff.live_version {
                Some(live) => format!("Version {live} stays live"),
                None => "Nothing goes live".to_owned(),
            };
            format!(
                "{stays}, and what was made for {} is removed.",
                diff.proposed_version
            )
        }
        ApprovalState::Approved => {
            let last = use_by.map(|at| at.format("%Y-%m-%d %H:%M UTC"));
            let expires = last.map_or_else(String::new, |at| {
                format!(" If it is not used by {at}, the approval expires.")
            });
            format!("Nobody has to act: it is approved, and goes live by itself.{expires}")
        }
        ApprovalState::Rejected
        | ApprovalState::Expired
        | ApprovalState::Withdrawn
        | ApprovalState::Stale
        | ApprovalState::Consumed
        | ApprovalState::Revoked
        | ApprovalState::ExpiredUnused => "Nobody has to act: it is settled.".to_owned(),
    }
}

#[cfg(test)]
mod tests;
