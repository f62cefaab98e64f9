//! What the decision's panel shows: who gave one, who still can, who cannot and why, and what was asked before.

use domain::approval::{ApprovalState, Candidate, Lacking, Parties, Rule, may_decide, voice};
use domain::error::Exclusion;
use domain::id::{ApprovalId, TeamId};
use domain::manifest::ReleaseManifest;
use domain::policy::EnvironmentPolicy;
use domain::view::approval::{CommentRow, DecisionRow, RoundRow};

use super::rows::{Around, parties_of};
use crate::approvals::votes;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::store;
use crate::store::entity::{approval, approval_comment, decision, deployment};

/// Who may decide, and what is missing.
pub(super) struct Panel {
    pub(super) rule: Rule,
    pub(super) lacking: Lacking,
    pub(super) beyond: Lacking,
    pub(super) can_approve: Vec<String>,
    pub(super) cannot_approve: Vec<(String, Exclusion)>,
    pub(super) on_behalf_of: Option<String>,
}

pub(super) fn read(
    ctx: &OpCtx,
    asked: &approval::Model,
    around: &Around,
    rules: &EnvironmentPolicy,
    team: TeamId,
) -> Result<Panel, Error> {
    let parties = parties_of(asked.id, &asked.parties, &around.decisions)?;
    let mut rule = rules.rule();
    rule.quorum = reading::count(asked.quorum);
    let here = around
        .decisions
        .iter()
        .filter(|d| d.approval_id == asked.id);
    let lacking = rule.lacking(&votes(&here.cloned().collect::<Vec<_>>())?);
    let people = around.roster.candidates(team);
    let beyond = if asked.state == ApprovalState::Open {
        rule.beyond(&lacking, &people, &parties)
    } else {
        Lacking::default()
    };
    let me = around.roster.candidate(ctx.actor(), team);
    let behalf = me.and_then(|me| voice(&me, &parties, &rule.groups()).ok()?.on_behalf_of);
    let (can_approve, cannot_approve) = divided(people, &parties, &rule);
    Ok(Panel {
        rule,
        lacking,
        beyond,
        can_approve,
        cannot_approve,
        on_behalf_of: behalf.map(|(_, name)| name),
    })
}

/// People by whether they can decide, with their groups that count and for whom they stand in, and with the rule that
/// keeps the others from it.
fn divided(
    people: Vec<Candidate>,
    parties: &Parties,
    rule: &Rule,
) -> (Vec<String>, Vec<(String, Exclusion)>) {
    let asked = rule.groups();
    let (mut can, mut cannot) = (Vec::new(), Vec::new());
    for person in people {
        match may_decide(&person, parties) {
            Ok(()) => can.push(described(&person, parties, &asked)),
            Err(rule) => cannot.push((person.name, rule)),
        }
    }
    (can, cannot)
}

/// "Dana Berg (group security, for Ravi Shah)".
pub(crate) fn described(person: &Candidate, parties: &Parties, asked: &[String]) -> String {
    let voice = voice(person, parties, asked).unwrap_or_default();
    let groups = voice.groups.iter().filter(|group| asked.contains(group));
    let mut notes: Vec<String> = groups.map(|group| format!("group {group}")).collect();
    notes.extend(voice.on_behalf_of.map(|(_, name)| format!("for {name}")));
    if notes.is_empty() {
        person.name.clone()
    } else {
        format!("{} ({})", person.name, notes.join(", "))
    }
}

fn round_of(id: ApprovalId, rounds: &[approval::Model]) -> i32 {
    rounds.iter().find(|r| r.id == id).map_or(1, |r| r.round)
}

/// The decisions of every round, oldest first.
pub(super) fn decisions(
    mut rows: Vec<decision::Model>,
    rounds: &[approval::Model],
) -> Result<Vec<DecisionRow>, Error> {
    rows.sort_by_key(|d| d.decided_at);
    rows.into_iter()
        .map(|d| {
            Ok(DecisionRow {
                round: round_of(d.approval_id, rounds),
                name: d.user_name,
                verdict: d.verdict,
                reason: d.reason,
                at: store::time::text(d.decided_at),
                on_behalf_of: d.on_behalf_of_name,
                groups: store::from_json(&d.groups)?,
            })
        })
        .collect()
}

/// What was written while it waited, oldest first.
pub(super) fn comments(
    rows: Vec<approval_comment::Model>,
    rounds: &[approval::Model],
) -> Vec<CommentRow> {
    let view = |row: approval_comment::Model| CommentRow {
        round: round_of(row.approval_id, rounds),
        name: row.user_name,
        text: row.text,
        at: store::time::text(row.written_at),
    };
    rows.into_iter().map(view).collect()
}

/// Every round, each with the fields in which its manifest differs from that of the round before.
pub(super) fn rounds(rows: &[approval::Model]) -> Vec<RoundRow> {
    let mut before: Option<ReleaseManifest> = None;
    let mut shown = Vec::new();
    for row in rows {
        let manifest: Option<ReleaseManifest> = serde_json::from_str(&row.manifest).ok();
        let changed = match (&before, &manifest) {
            (Some(before), Some(manifest)) => before.differing_fields(manifest),
            (Some(_) | None, _) => Vec::new(),
        };
        shown.push(RoundRow {
            round: row.round,
            state: row.state,
            manifest_digest: row.manifest_digest.clone(),
            opened_at: store::time::text(row.opened_at),
            settled_at: store::time::text_opt(row.settled_at),
            changed: changed.into_iter().map(str::to_owned).collect(),
        });
        before = manifest;
    }
    shown
}

/// In what the newest manifest that was asked about differs from this one. Until it is asked anew that is `now`, what would
/// go live.
pub(super) fn stale_fields(
    asked: &approval::Model,
    row: &deployment::Model,
    now: impl FnOnce() -> Option<ReleaseManifest>,
) -> Result<Vec<String>, Error> {
    if asked.state != ApprovalState::Stale {
        return Ok(Vec::new());
    }
    let then: ReleaseManifest = store::from_json(&asked.manifest)?;
    let newest = match row
        .manifest
        .as_ref()
        .filter(|text| **text != asked.manifest)
    {
        Some(text) => Some(store::from_json(text)?),
        None => now(),
    };
    let fields = newest.map_or_else(Vec::new, |newest| then.differing_fields(&newest));
    Ok(fields.into_iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use domain::approval::RequiredGroup;
    use domain::id::UserId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn people_are_divided_with_the_rule_that_excludes_them() {
        let candidate = |n: u128| {
            let id = UserId(Uuid::from_u128(n));
            Candidate::approver(id, &n.to_string(), vec![format!("{n}@example.com")])
        };
        let parties = Parties {
            requester: Some(UserId(Uuid::from_u128(1))),
            config_editor_emails: vec!["2@example.com".to_owned()],
            ..Parties::default()
        };
        let rule = Rule {
            quorum: 1,
            required: vec![RequiredGroup {
                group: "security".to_owned(),
                count: 1,
            }],
        };
        let mut grouped = candidate(4);
        grouped.groups = vec!["security".to_owned(), "others".to_owned()];
        let people = vec![candidate(1), candidate(2), candidate(3), grouped];
        let (can, cannot) = divided(people, &parties, &rule);
        assert_eq!(can, ["3", "4 (group security)"]);
        assert_eq!(
            cannot,
            [
                ("1".to_owned(), Exclusion::Requester),
                ("2".to_owned(), Exclusion::ConfigEditor)
            ]
        );
    }
}
