//! The optional parts of a document: conditions in Rego, and who may waive.

use std::str::FromStr as _;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{Problems, place};
use crate::actor::Role;
use crate::gate::Gate;
use crate::name::check_slug;
use crate::policy::{GateCondition, WaiverRules};

/// Most conditions.
const CONDITIONS_MAX: usize = 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCondition {
    name: Spanned<String>,
    message: Spanned<String>,
    rego: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWaivers {
    pub(super) roles: Spanned<Vec<Spanned<String>>>,
    pub(super) days: Spanned<u32>,
    pub(super) gates: Spanned<Vec<Spanned<String>>>,
}

impl RawCondition {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.value == name
    }

    pub(super) const fn name(&self) -> &Spanned<String> {
        &self.name
    }
}

/// Conditions in order of their names, each parsed.
pub(super) fn conditions(raw: &[RawCondition], problems: &mut Problems<'_>) -> Vec<GateCondition> {
    if let Some(first) = raw.get(CONDITIONS_MAX) {
        let message = format!("A list has at most {CONDITIONS_MAX} conditions.");
        problems.add(&first.name, message);
    }
    let mut all: Vec<GateCondition> = Vec::new();
    for one in raw {
        if check_slug(&one.name.value).is_err() {
            let message = "Write a name of lower-case letters, digits and hyphens.";
            problems.add(&one.name, message);
        } else if all.iter().any(|c| c.name == one.name.value) {
            problems.add(&one.name, "This name stands here twice.");
        }
        if let Err(found) = conditions::check(&one.rego.value) {
            let (line, column) = inside(&one.rego, (found.line, found.column), problems.text);
            problems.at(line, column, found.message);
        }
        all.push(GateCondition {
            name: one.name.value.clone(),
            message: problems.line(&one.message, 200),
            rego: one.rego.value.clone(),
        });
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

/// The place in the document of a place in a text that the document holds. In a block its lines are the document's; in
/// quotes there is only the place of the text.
pub(super) fn inside(
    at: &Spanned<String>,
    (line, column): (u32, u32),
    document: &str,
) -> (u32, u32) {
    let (first, start) = place(at);
    let index = |n: u32| usize::try_from(n).unwrap_or(0).saturating_sub(1);
    let text = document.lines().nth(index(first)).unwrap_or_default();
    let quoted = matches!(text.chars().nth(index(start)), Some('"' | '\''));
    if line == 0 || quoted {
        return (first, start);
    }
    // The place of a block is that of its first letter.
    let blank = at.value.lines().take_while(|l| l.trim().is_empty()).count();
    let blank = u32::try_from(blank).unwrap_or(0);
    (
        (first + line).saturating_sub(1 + blank).max(first),
        (start + column).saturating_sub(1),
    )
}

pub(super) fn waivers(raw: &RawWaivers, problems: &mut Problems<'_>) -> WaiverRules {
    let mut roles: Vec<Role> = Vec::new();
    for word in &raw.roles.value {
        match Role::from_str(&word.value) {
            Ok(role) if roles.contains(&role) => problems.add(word, "This role stands here twice."),
            Ok(role) if WaiverRules::ROLES.contains(&role) => roles.push(role),
            Ok(_) | Err(_) => {
                problems.add(word, "Write some of approver, operator, administrator.");
            }
        }
    }
    roles.sort_unstable();
    let gates = problems.some_gates(&raw.gates);
    if gates.contains(&Gate::Health) {
        let message = "Health is no finding of a version; leave it out here.";
        problems.add(&raw.gates, message);
    }
    WaiverRules {
        roles,
        days: problems.range(&raw.days, 1, WaiverRules::DAYS_MAX),
        gates,
    }
}
