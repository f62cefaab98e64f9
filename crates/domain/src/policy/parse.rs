//! Reads a policy document strictly: unknown keys and impossible values are problems with line and column.

use std::str::FromStr as _;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::json;
use serde_saphyr::Spanned;

use super::{
    ALWAYS, EnvironmentPolicy, Freeze, POLICY_MAX_BYTES, Policy, PolicyProblem, STANDARD,
    STANDARD_VERSION, Thresholds,
};
use crate::canonical;
use crate::gate::Gate;

/// Most people that can be asked for.
const QUORUM_MAX: u32 = 10;
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
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawThresholds {
    responsible_ai: Spanned<u32>,
    hallucination: Spanned<u32>,
    relevance: Spanned<u32>,
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
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFreeze {
    reason: Spanned<String>,
    from: Spanned<String>,
    until: Spanned<String>,
}

/// Collects problems, so that one look at the page shows them all.
struct Problems(Vec<PolicyProblem>);

impl Problems {
    fn add<T>(&mut self, at: &Spanned<T>, message: impl Into<String>) {
        self.0.push(PolicyProblem {
            line: u32::try_from(at.referenced.line()).unwrap_or(0),
            column: u32::try_from(at.referenced.column()).unwrap_or(0),
            message: message.into(),
        });
    }

    fn range(&mut self, at: &Spanned<u32>, low: u32, high: u32) -> u32 {
        if !(low..=high).contains(&at.value) {
            self.add(at, format!("Write a whole number from {low} to {high}."));
        }
        at.value
    }

    fn line(&mut self, at: &Spanned<String>, max: usize) -> String {
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
        for gate in ALWAYS.iter().filter(|gate| !gates.contains(gate)) {
            self.add(raw, format!("No policy may leave out {gate}."));
        }
        gates
    }
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
        let mut problems = Problems(Vec::new());
        let policy = check(version, &raw, &mut problems);
        if problems.0.is_empty() {
            Ok(policy)
        } else {
            problems.0.sort_by_key(|p| (p.line, p.column));
            Err(problems.0)
        }
    }

    /// The policy that Clearance comes with.
    ///
    /// # Errors
    /// None, as a test of its text shows.
    pub fn standard() -> Result<Self, Vec<PolicyProblem>> {
        Self::parse(STANDARD_VERSION, STANDARD)
    }

    /// The document without comments and choices of writing: canonical JSON, which is a document again.
    ///
    /// # Errors
    /// None; the type has no keys and numbers that JSON cannot hold.
    pub fn canonical(&self) -> Result<String, serde_json::Error> {
        let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let windows = self.production.freeze.iter().map(|window| {
            json!({ "reason": window.reason, "from": time(window.from), "until": time(window.until) })
        });
        let freeze: Vec<_> = windows.collect();
        canonical::to_json(&json!({
            "schema": 1,
            "name": self.name,
            "promote_when_proven": self.promote_when_proven,
            "thresholds": self.thresholds,
            "non_prod": { "gates": self.non_prod.gates },
            "production": {
                "gates": self.production.gates,
                "quorum": self.production.quorum,
                "approval_hours": self.production.approval_hours,
                "soak_minutes": self.production.soak_minutes,
                "freeze": freeze,
            },
        }))
    }

    /// SHA-256 of the canonical document: the same rules have the same digest, however they are written.
    ///
    /// # Errors
    /// As [`Self::canonical`].
    pub fn digest(&self) -> Result<String, serde_json::Error> {
        Ok(canonical::digest(self.canonical()?.as_bytes()))
    }
}

fn yaml_problem(error: &serde_saphyr::Error) -> PolicyProblem {
    let (line, column) = error.location().map_or((0, 0), |at| {
        (
            u32::try_from(at.line()).unwrap_or(0),
            u32::try_from(at.column()).unwrap_or(0),
        )
    });
    // The first line says what is wrong; the rest is a picture of the file for terminals.
    let text = error.without_snippet().to_string();
    let first = text.lines().next().unwrap_or("This is not valid YAML.");
    PolicyProblem {
        line,
        column,
        message: crate::text::cut(first, 300),
    }
}

fn check(version: u32, raw: &Raw, problems: &mut Problems) -> Policy {
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
        },
        non_prod: EnvironmentPolicy {
            gates: problems.gates(&raw.non_prod.gates),
            quorum: 0,
            approval_hours: 0,
            soak_minutes: 0,
            freeze: Vec::new(),
        },
        production: production(&raw.production, problems),
    };
    if !policy.non_prod.gates.contains(&Gate::Health) {
        problems.add(&raw.non_prod.gates, "No policy may leave out health here.");
    }
    for word in &raw.production.gates.value {
        match Gate::from_str(&word.value) {
            Ok(Gate::Health) => problems.add(
                word,
                "Every deployment to production passes health; leave it out here.",
            ),
            // Production takes over what a gate came to in non-prod, so one that does not run there is never satisfied.
            Ok(gate) if !policy.non_prod.gates.contains(&gate) => problems.add(
                word,
                format!(
                    "{gate} is not among the gates of non_prod, so nothing could ever satisfy it."
                ),
            ),
            Ok(_) | Err(_) => {}
        }
    }
    policy
}

fn production(raw: &RawProduction, problems: &mut Problems) -> EnvironmentPolicy {
    let mut freeze: Vec<Freeze> = raw.freeze.iter().map(|w| window(w, problems)).collect();
    if let Some(first) = raw.freeze.get(FREEZE_MAX) {
        problems.add(
            &first.reason,
            format!("A policy has at most {FREEZE_MAX} freeze windows."),
        );
    }
    freeze.sort_by(|a, b| (a.from, a.until, &a.reason).cmp(&(b.from, b.until, &b.reason)));
    EnvironmentPolicy {
        gates: problems.gates(&raw.gates),
        quorum: problems.range(&raw.quorum, 1, QUORUM_MAX),
        approval_hours: problems.range(&raw.approval_hours, 1, 720),
        soak_minutes: problems.range(&raw.soak_minutes, 0, 43_200),
        freeze,
    }
}

fn window(raw: &RawFreeze, problems: &mut Problems) -> Freeze {
    let before = problems.0.len();
    let window = Freeze {
        reason: problems.line(&raw.reason, 200),
        from: problems.time(&raw.from),
        until: problems.time(&raw.until),
    };
    if problems.0.len() == before {
        if window.until <= window.from {
            problems.add(&raw.until, "It must end after it begins.");
        } else if window.until - window.from > chrono::Duration::days(FREEZE_DAYS) {
            problems.add(&raw.until, "It may last a year at most.");
        }
    }
    window
}
