//! The block `production.approval`. Every key has a default, so that a document without it says what it always said.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use serde_saphyr::Spanned;

use super::parse::{Problems, QUORUM_MAX};
use super::{ApprovalRules, StricterApproval};
use crate::approval::RequiredGroup;
use crate::name::check_slug;

/// Most groups that can be asked for.
const GROUPS_MAX: usize = 10;
/// Longest wait, hours.
const HOURS_MAX: u32 = 720;
/// Longest time for which a sign-in can count as recent, minutes.
const SIGN_IN_MAX: u32 = 480;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawApproval {
    #[serde(default)]
    required: Vec<RawRequired>,
    reason: Option<Spanned<bool>>,
    unused_hours: Option<Spanned<u32>>,
    reminder_hours: Option<Spanned<u32>>,
    escalation_hours: Option<Spanned<u32>>,
    sign_in_minutes: Option<Spanned<u32>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRequired {
    group: Spanned<String>,
    count: Spanned<u32>,
}

impl RawApproval {
    /// The rules, with what is wrong noted. A reminder after the request has expired would never be.
    pub(super) fn check(&self, approval_hours: u32, problems: &mut Problems<'_>) -> ApprovalRules {
        let standard = ApprovalRules::default();
        let before = approval_hours.saturating_sub(1).max(1);
        let mut waits =
            |hours: &Option<Spanned<u32>>| hours.as_ref().map(|at| problems.range(at, 1, before));
        let (reminder_hours, escalation_hours) =
            (waits(&self.reminder_hours), waits(&self.escalation_hours));
        let mut within = |asked: &Option<Spanned<u32>>, max, otherwise| {
            asked
                .as_ref()
                .map_or(otherwise, |at| problems.range(at, 1, max))
        };
        ApprovalRules {
            unused_hours: within(&self.unused_hours, HOURS_MAX, standard.unused_hours),
            sign_in_minutes: within(&self.sign_in_minutes, SIGN_IN_MAX, standard.sign_in_minutes),
            reason: self.reason.as_ref().is_some_and(|at| at.value),
            reminder_hours,
            escalation_hours,
            required: self.groups(problems),
        }
    }

    /// What an override asks beyond what everybody is asked, with what is looser noted. `approval_hours` is its own.
    pub(super) fn stricter(
        &self,
        base: &ApprovalRules,
        approval_hours: u32,
        problems: &mut Problems<'_>,
    ) -> StricterApproval {
        let before = approval_hours.saturating_sub(1).max(1);
        let mut sooner =
            |at: &Option<Spanned<u32>>, base, most| problems.lower(at.as_ref(), base, most);
        let found = StricterApproval {
            unused_hours: sooner(&self.unused_hours, Some(base.unused_hours), HOURS_MAX),
            reminder_hours: sooner(&self.reminder_hours, base.reminder_hours, before),
            escalation_hours: sooner(&self.escalation_hours, base.escalation_hours, before),
            sign_in_minutes: sooner(
                &self.sign_in_minutes,
                Some(base.sign_in_minutes),
                SIGN_IN_MAX,
            ),
            reason: self.reason.as_ref().is_some_and(|at| at.value),
            required: self.groups(problems),
        };
        if let Some(at) = self.reason.as_ref().filter(|at| base.reason && !at.value) {
            problems.add(at, "This is looser: everybody who approves says why.");
        }
        for raw in &self.required {
            let everywhere = base
                .required
                .iter()
                .find(|r| r.group == raw.group.value.trim());
            if let Some(more) = everywhere.filter(|r| r.count > raw.count.value) {
                problems.looser(&raw.count, more.count);
            }
        }
        found
    }

    fn groups(&self, problems: &mut Problems<'_>) -> Vec<RequiredGroup> {
        let mut required: Vec<RequiredGroup> = Vec::new();
        for raw in &self.required {
            let group = problems.line(&raw.group, 48);
            if let Err(problem) = check_slug(&group) {
                problems.add(&raw.group, problem.message());
            }
            if required.iter().any(|r| r.group == group) {
                problems.add(&raw.group, "This group stands here twice.");
            }
            let count = problems.range(&raw.count, 1, QUORUM_MAX);
            required.push(RequiredGroup { group, count });
        }
        if let Some(first) = self.required.get(GROUPS_MAX) {
            let message = format!("A policy asks for at most {GROUPS_MAX} groups.");
            problems.add(&first.group, message);
        }
        required.sort_by(|a, b| a.group.cmp(&b.group));
        required
    }
}

impl ApprovalRules {
    /// What differs from the defaults; nothing where nothing does.
    pub(super) fn canonical(&self) -> Option<Value> {
        let standard = Self::default();
        let mut keys = Map::new();
        let mut keep = |key: &str, differs: bool, value: Value| {
            if differs {
                keys.insert(key.to_owned(), value);
            }
        };
        keep(
            "required",
            self.required != standard.required,
            json!(self.required),
        );
        keep("reason", self.reason, json!(true));
        keep(
            "unused_hours",
            self.unused_hours != standard.unused_hours,
            json!(self.unused_hours),
        );
        keep(
            "reminder_hours",
            self.reminder_hours.is_some(),
            json!(self.reminder_hours),
        );
        keep(
            "escalation_hours",
            self.escalation_hours.is_some(),
            json!(self.escalation_hours),
        );
        keep(
            "sign_in_minutes",
            self.sign_in_minutes != standard.sign_in_minutes,
            json!(self.sign_in_minutes),
        );
        (!keys.is_empty()).then_some(Value::Object(keys))
    }
}

impl StricterApproval {
    /// What it says; nothing where it says nothing.
    pub(super) fn canonical(&self) -> Option<Value> {
        let Self {
            required,
            reason,
            unused_hours,
            reminder_hours,
            escalation_hours,
            sign_in_minutes,
        } = self;
        let hours = |n: &Option<u32>| n.map(|n| json!(n));
        let keys = [
            ("required", (!required.is_empty()).then(|| json!(required))),
            ("reason", reason.then(|| json!(true))),
            ("unused_hours", hours(unused_hours)),
            ("reminder_hours", hours(reminder_hours)),
            ("escalation_hours", hours(escalation_hours)),
            ("sign_in_minutes", hours(sign_in_minutes)),
        ];
        let said = keys.into_iter();
        let said: Map<String, Value> = said
            .filter_map(|(key, value)| Some((key.to_owned(), value?)))
            .collect();
        (!said.is_empty()).then_some(Value::Object(said))
    }
}
