//! Reading restrictions, with all that is wrong in them.

use std::collections::BTreeSet;
use std::str::FromStr as _;

use cedar_policy::{Effect, Policy, PolicyId, PolicySet, ValidationMode, Validator};
use miette::Diagnostic;

use crate::depth;
use crate::schema::{named, schema};
use crate::{Kind, Problem, Restrictions};

/// Longest text.
pub const SOURCE_MAX_BYTES: usize = 32_768;
/// Most statements.
pub const POLICIES_MAX: usize = 100;
/// Longest reason, characters.
const REASON_MAX: usize = 200;
/// The name of our own statement.
const PERMIT: &str = "clearance-permit";

impl Restrictions {
    /// Reads the text. `context` names what callers may say beside a question; the names are plain identifiers.
    ///
    /// # Errors
    /// Every [`Problem`] that was found, in the order of the text.
    pub fn read(text: &str, context: &[(String, Kind)]) -> Result<Self, Vec<Problem>> {
        if text.len() > SOURCE_MAX_BYTES {
            return Err(vec![whole(format!(
                "Restrictions have at most {SOURCE_MAX_BYTES} bytes."
            ))]);
        }
        depth::check(text).map_err(|problem| vec![problem])?;
        let set = PolicySet::from_str(text).map_err(|errors| {
            let each = errors.iter().map(|error| located(text, error));
            each.collect::<Vec<_>>()
        })?;
        let mut problems = forms(text, &set);
        if problems.is_empty() {
            problems = types(text, &set, context);
        }
        if !problems.is_empty() {
            problems.sort_by_key(|problem| problem.line);
            return Err(problems);
        }
        let set = with_permit(set).map_err(|message| vec![whole(message)])?;
        Ok(Self {
            set,
            context: context.to_vec(),
        })
    }

    /// The reasons, in the order of the text.
    #[must_use]
    pub fn reasons(&self) -> Vec<String> {
        let mut all: Vec<(usize, &str)> = self
            .set
            .policies()
            .filter_map(|one| Some((place(one.id())?, one.annotation("reason")?)))
            .collect();
        all.sort_unstable();
        all.into_iter().map(|(_, text)| text.to_owned()).collect()
    }
}

/// Where a statement stands in its text: Cedar calls them `policy0`, `policy1` and so on.
pub(crate) fn place(id: &PolicyId) -> Option<usize> {
    let id: &str = id.as_ref();
    id.strip_prefix("policy")?.parse().ok()
}

/// Is each statement one that we take?
fn forms(text: &str, set: &PolicySet) -> Vec<Problem> {
    let mut problems = Vec::new();
    if set.templates().next().is_some() {
        problems.push(whole(
            "A restriction has no slots such as ?principal.".to_owned(),
        ));
    }
    let count = set.policies().count();
    if count == 0 {
        problems.push(whole("Write a forbid, or leave the key out.".to_owned()));
    }
    if count > POLICIES_MAX {
        problems.push(whole(format!(
            "There are at most {POLICIES_MAX} restrictions."
        )));
    }
    for one in set.policies() {
        let line = one
            .to_cedar()
            .map_or(0, |own| line_of(text, text.find(&own)));
        let mut add = |message: String| problems.push(Problem { line, message });
        if one.effect() == Effect::Permit {
            add(
                "Only forbid: what an agent may do is asked for as scopes and approved.".to_owned(),
            );
        }
        match one.annotation("reason") {
            Some(reason) if reason.trim().is_empty() => add("The reason is empty.".to_owned()),
            Some(reason) if reason.chars().count() > REASON_MAX => {
                add(format!("A reason has at most {REASON_MAX} characters."));
            }
            Some(reason) if reason.chars().any(char::is_control) => {
                add("A reason is one line of text.".to_owned());
            }
            Some(_) => {}
            None => add("Write @reason(\"…\") before it, for whoever meets the no.".to_owned()),
        }
    }
    problems
}

/// Does it speak of what there is, in the right types?
fn types(text: &str, set: &PolicySet, context: &[(String, Kind)]) -> Vec<Problem> {
    let mut actions = BTreeSet::new();
    for one in set.policies() {
        match one.to_json() {
            Ok(json) => named(&json, "Action", &mut actions),
            Err(error) => return vec![whole(error.to_string())],
        }
    }
    let odd = actions.iter().find(|name| !is_scope(name));
    if let Some(odd) = odd {
        let line = line_of(text, text.find(odd.as_str()));
        let message = "An action is a scope, such as Action::\"payments:transfer\".".to_owned();
        return vec![Problem { line, message }];
    }
    let schema = match schema(&actions, context) {
        Ok(schema) => schema,
        Err(message) => return vec![whole(message)],
    };
    let found = Validator::new(schema).validate(set, ValidationMode::Strict);
    let errors = found.validation_errors().map(|error| located(text, error));
    let warnings = found.validation_warnings();
    let warnings = warnings.map(|warning| located(text, warning));
    errors.chain(warnings).collect()
}

/// `resource:action`, of plain characters.
fn is_scope(name: &str) -> bool {
    let part = |text: &str| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.-".contains(&b);
        !text.is_empty() && text.len() <= 100 && text.bytes().all(plain)
    };
    name.split_once(':')
        .is_some_and(|(resource, action)| part(resource) && part(action))
}

fn with_permit(mut set: PolicySet) -> Result<PolicySet, String> {
    let all = "permit(principal, action, resource);";
    let permit = Policy::parse(Some(PolicyId::new(PERMIT)), all);
    let permit = permit.map_err(|error| error.to_string())?;
    set.add(permit).map_err(|error| error.to_string())?;
    Ok(set)
}

fn whole(message: String) -> Problem {
    Problem { line: 0, message }
}

fn located(text: &str, error: &dyn Diagnostic) -> Problem {
    let label = error.labels().and_then(|mut labels| labels.next());
    let message = error.to_string();
    Problem {
        line: line_of(text, label.map(|label| label.offset())),
        message: message.chars().take(400).collect(),
    }
}

/// The 1-based line of a place; 0 for none.
fn line_of(text: &str, offset: Option<usize>) -> u32 {
    let before = offset.and_then(|offset| text.as_bytes().get(..offset));
    before.map_or(0, |before| {
        let lines = before.iter().filter(|byte| **byte == b'\n').count();
        u32::try_from(lines + 1).unwrap_or(u32::MAX)
    })
}
