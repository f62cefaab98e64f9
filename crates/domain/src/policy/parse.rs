//! Reads a policy document strictly: unknown keys and impossible values are problems with line and column.

use std::str::FromStr as _;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::approval::RawApproval;
use super::{
    ALWAYS, ApprovalRules, EnvironmentPolicy, Freeze, POLICY_MAX_BYTES, Policy, PolicyProblem,
    STANDARD, STANDARD_VERSION, Thresholds, recurrence,
};
use crate::gate::Gate;

mod access;
mod external;
mod extras;
mod online;
mod retention;
mod scopes;
mod stricter;

use extras::{RawCondition, RawWaivers};
use stricter::RawOverride;
mod emergency;

/// Most people that can be asked for.
pub(super) const QUORUM_MAX: u32 = 10;
/// Longest time to answer, hours.
const APPROVAL_HOURS_MAX: u32 = 720;
/// Longest time in non-prod, minutes.
const SOAK_MINUTES_MAX: u32 = 43_200;
/// Longest time that evidence counts, hours.
const EVIDENCE_HOURS_MAX: u32 = 8_760;
/// Said where evidence would always be too old.
const TOO_OLD_BY_THEN: &str =
    "Evidence would be too old before the time in non-prod (soak_minutes) is over.";
/// Most freeze windows.
const FREEZE_MAX: usize = 50;
/// Longest of them, days.
const FREEZE_DAYS: i64 = 366;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    schema: Spanned<u32>,
    name: Spanned<String>,
    promote_when_proven: bool,
    thresholds: RawThresholds,
    non_prod: RawNonProd,
    production: RawProduction,
    #[serde(default)]
    waivers: Option<RawWaivers>,
    #[serde(default)]
    overrides: Vec<Spanned<RawOverride>>,
    break_glass: Option<emergency::RawBreakGlass>,
    #[serde(default)]
    elevation: Option<emergency::RawElevation>,
    #[serde(default)]
    retention: Option<retention::RawRetention>,
    #[serde(default)]
    scopes: Option<scopes::RawScopes>,
    #[serde(default)]
    external_results: Vec<external::RawSigner>,
    #[serde(default)]
    access: Option<access::RawAccess>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawThresholds {
    responsible_ai: Spanned<u32>,
    hallucination: Spanned<u32>,
    relevance: Spanned<u32>,
    slack: Option<Spanned<u32>>,
    trials: Option<Spanned<u32>>,
    margin: Option<Spanned<u32>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNonProd {
    gates: Spanned<Vec<Spanned<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawProduction {
    gates: Spanned<Vec<Spanned<String>>>,
    quorum: Spanned<u32>,
    approval_hours: Spanned<u32>,
    soak_minutes: Spanned<u32>,
    freeze: Vec<RawFreeze>,
    #[serde(default)]
    wait_for_witness: bool,
    #[serde(default)]
    evidence_hours: Option<Spanned<u32>>,
    #[serde(default)]
    conditions: Vec<RawCondition>,
    #[serde(default)]
    approval: RawApproval,
    #[serde(default)]
    online: Option<online::RawOnline>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFreeze {
    reason: Spanned<String>,
    from: Spanned<String>,
    until: Spanned<String>,
    #[serde(default)]
    rrule: Option<Spanned<String>>,
}

/// Collects problems, so that one look at the page shows them all.
pub(super) struct Problems<'a> {
    /// The document, to find places inside its blocks.
    text: &'a str,
    found: Vec<PolicyProblem>,
}

impl Problems<'_> {
    pub(super) fn add<T>(&mut self, at: &Spanned<T>, message: impl Into<String>) {
        let (line, column) = place(at);
        self.at(line, column, message);
    }

    fn at(&mut self, line: u32, column: u32, message: impl Into<String>) {
        self.found.push(PolicyProblem {
            line,
            column,
            message: message.into(),
        });
    }

    pub(super) fn range(&mut self, at: &Spanned<u32>, low: u32, high: u32) -> u32 {
        if !(low..=high).contains(&at.value) {
            self.add(at, format!("Write a whole number from {low} to {high}."));
        }
        at.value
    }

    pub(super) fn line(&mut self, at: &Spanned<String>, max: usize) -> String {
        let text = at.value.trim();
        let plain = !text.is_empty() && !text.chars().any(char::is_control);
        if !plain || text.chars().count() > max {
            self.add(at, format!("Write one line of 1 to {max} characters."));
        }
        text.to_owned()
    }

    fn time(&mut self, at: &Spanned<String>) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(at.value.trim()).map_or_else(
            |_| {
                self.add(at, "Write a time such as 2027-01-04T06:00:00Z.");
                DateTime::UNIX_EPOCH
            },
            |time| time.to_utc(),
        )
    }

    /// Gates in the pipeline's order, so that the order in which they are written means nothing.
    fn gates(&mut self, raw: &Spanned<Vec<Spanned<String>>>) -> Vec<Gate> {
        let gates = self.some_gates(raw);
        for gate in ALWAYS.iter().filter(|gate| !gates.contains(gate)) {
            self.add(raw, format!("No policy may leave out {gate}."));
        }
        gates
    }

    /// Gates, whichever they are.
    fn some_gates(&mut self, raw: &Spanned<Vec<Spanned<String>>>) -> Vec<Gate> {
        let mut gates = Vec::new();
        for word in &raw.value {
            match Gate::from_str(&word.value) {
                Ok(gate) if gates.contains(&gate) => self.add(word, "This gate stands here twice."),
                Ok(gate) => gates.push(gate),
                Err(_) => {
                    let known: Vec<&str> = Gate::ALL.iter().map(|g| g.as_str()).collect();
                    let found = crate::text::cut(&word.value, 40);
                    let known = known.join(", ");
                    self.add(
                        word,
                        format!("`{found}` is not a gate. Write some of {known}."),
                    );
                }
            }
        }
        gates.sort_unstable();
        gates
    }
}

/// Where a value begins: 1-based line and column.
fn place<T>(at: &Spanned<T>) -> (u32, u32) {
    (
        u32::try_from(at.referenced.line()).unwrap_or(0),
        u32::try_from(at.referenced.column()).unwrap_or(0),
    )
}

impl Policy {
    /// Parses and checks a document, as version `version`.
    ///
    /// # Errors
    /// Everything that is wrong, with line and column.
    pub fn parse(version: u32, text: &str) -> Result<Self, Vec<PolicyProblem>> {
        if text.len() > POLICY_MAX_BYTES {
            return Err(vec![PolicyProblem {
                line: 0,
                column: 0,
                message: "The policy is larger than 32 KiB.".to_owned(),
            }]);
        }
        let raw: Raw = serde_saphyr::from_str(text).map_err(|error| vec![yaml_problem(&error)])?;
        let mut problems = Problems {
            text,
            found: Vec::new(),
        };
        let mut policy = check(version, &raw, &mut problems);
        policy.overrides = stricter::overrides(&raw.overrides, &policy, &mut problems);
        if problems.found.is_empty() {
            Ok(policy)
        } else {
            problems.found.sort_by_key(|p| (p.line, p.column));
            Err(problems.found)
        }
    }

    /// The policy that Clearance comes with.
    ///
    /// # Errors
    /// None, as a test of its text shows.
    pub fn standard() -> Result<Self, Vec<PolicyProblem>> {
        Self::parse(STANDARD_VERSION, STANDARD)
    }
}

fn yaml_problem(error: &serde_saphyr::Error) -> PolicyProblem {
    let (line, column, message) = crate::yaml::problem(error, "This is not valid YAML.");
    PolicyProblem {
        line,
        column,
        message,
    }
}

fn check(version: u32, raw: &Raw, problems: &mut Problems<'_>) -> Policy {
    if raw.schema.value != 1 {
        problems.add(&raw.schema, "This Clearance reads schema 1.");
    }
    let thresholds = &raw.thresholds;
    let policy = Policy {
        version,
        name: problems.line(&raw.name, 60),
        promote_when_proven: raw.promote_when_proven,
        thresholds: Thresholds {
            responsible_ai: problems.range(&thresholds.responsible_ai, 1, 100),
            hallucination: problems.range(&thresholds.hallucination, 1, 100),
            relevance: problems.range(&thresholds.relevance, 1, 100),
            slack: thresholds
                .slack
                .as_ref()
                .map(|slack| problems.range(slack, 1, 60)),
            trials: thresholds
                .trials
                .as_ref()
                .map(|trials| problems.range(trials, 1, 10)),
            margin: thresholds
                .margin
                .as_ref()
                .map(|margin| problems.range(margin, 1, 50)),
        },
        non_prod: EnvironmentPolicy {
            gates: problems.gates(&raw.non_prod.gates),
            quorum: 0,
            approval_hours: 0,
            soak_minutes: 0,
            freeze: Vec::new(),
            wait_for_witness: false,
            evidence_hours: None,
            conditions: Vec::new(),
            approval: ApprovalRules::default(),
            online: None,
        },
        production: production(&raw.production, problems),
        waivers: raw.waivers.as_ref().map(|w| extras::waivers(w, problems)),
        overrides: Vec::new(),
        break_glass: raw
            .break_glass
            .as_ref()
            .map(|raw| emergency::break_glass(raw, problems)),
        elevation: raw
            .elevation
            .as_ref()
            .map(|raw| emergency::elevation(raw, problems)),
        retention: raw
            .retention
            .as_ref()
            .map(|raw| retention::retention(raw, problems)),
        scopes: raw.scopes.as_ref().map(scopes::scopes),
        external_results: external::signers(&raw.external_results, problems),
        access: raw.access.as_ref().map(|raw| access::access(raw, problems)),
    };
    if !policy.non_prod.gates.contains(&Gate::Health) {
        problems.add(&raw.non_prod.gates, "No policy may leave out health here.");
    }
    runs_in_non_prod(&raw.production.gates, &policy.non_prod.gates, problems);
    policy
}

/// Production takes over what a gate came to in non-prod, so one that does not run there is never satisfied.
fn runs_in_non_prod(
    raw: &Spanned<Vec<Spanned<String>>>,
    non_prod: &[Gate],
    problems: &mut Problems<'_>,
) {
    for word in &raw.value {
        match Gate::from_str(&word.value) {
            Ok(Gate::Health) => problems.add(
                word,
                "Every deployment to production passes health; leave it out here.",
            ),
            Ok(gate) if !non_prod.contains(&gate) => problems.add(
                word,
                format!(
                    "{gate} is not among the gates of non_prod, so nothing could ever satisfy it."
                ),
            ),
            Ok(_) | Err(_) => {}
        }
    }
}

fn production(raw: &RawProduction, problems: &mut Problems<'_>) -> EnvironmentPolicy {
    let rules = EnvironmentPolicy {
        gates: problems.gates(&raw.gates),
        quorum: problems.range(&raw.quorum, 1, QUORUM_MAX),
        approval_hours: problems.range(&raw.approval_hours, 1, APPROVAL_HOURS_MAX),
        soak_minutes: problems.range(&raw.soak_minutes, 0, SOAK_MINUTES_MAX),
        freeze: freezes(&raw.freeze, problems),
        wait_for_witness: raw.wait_for_witness,
        evidence_hours: raw
            .evidence_hours
            .as_ref()
            .map(|at| problems.range(at, 1, EVIDENCE_HOURS_MAX)),
        conditions: extras::conditions(&raw.conditions, problems),
        approval: raw.approval.check(raw.approval_hours.value, problems),
        online: raw.online.as_ref().map(|raw| online::online(raw, problems)),
    };
    if let (Some(at), Some(hours)) = (&raw.evidence_hours, rules.evidence_hours)
        && hours.saturating_mul(60) <= rules.soak_minutes
    {
        problems.add(at, TOO_OLD_BY_THEN);
    }
    rules
}

fn freezes(raw: &[RawFreeze], problems: &mut Problems<'_>) -> Vec<Freeze> {
    let mut freeze: Vec<Freeze> = raw.iter().map(|w| window(w, problems)).collect();
    if let Some(first) = raw.get(FREEZE_MAX) {
        problems.add(
            &first.reason,
            format!("A policy has at most {FREEZE_MAX} freeze windows."),
        );
    }
    let mut repeated = raw.iter().filter_map(|w| w.rrule.as_ref());
    if let Some(first) = repeated.nth(recurrence::REPEATED_MAX) {
        let most = recurrence::REPEATED_MAX;
        problems.add(first, format!("At most {most} freeze windows repeat."));
    }
    freeze.sort_by(|a, b| (a.from, a.until, &a.reason).cmp(&(b.from, b.until, &b.reason)));
    freeze
}

fn window(raw: &RawFreeze, problems: &mut Problems<'_>) -> Freeze {
    let before = problems.found.len();
    let rrule = raw.rrule.as_ref();
    let window = Freeze {
        reason: problems.line(&raw.reason, 200),
        from: problems.time(&raw.from),
        until: problems.time(&raw.until),
        rrule: rrule.map(|at| at.value.trim().to_owned()),
    };
    if problems.found.len() == before {
        if window.until <= window.from {
            problems.add(&raw.until, "It must end after it begins.");
        } else if window.until - window.from > chrono::Duration::days(FREEZE_DAYS) {
            problems.add(&raw.until, "It may last a year at most.");
        } else if let Some(at) = rrule
            && let Err(message) = recurrence::check(&window)
        {
            problems.add(at, message);
        }
    }
    window
}
