//! What production and non-prod ask for: a versioned document. Version 1 comes with Clearance and is a document too.

use serde::{Deserialize, Serialize};

use crate::approval::RequiredGroup;
use crate::environment::Environment;
use crate::gate::{Gate, Verdict};
use crate::state::words;
use crate::tone::Tone;

pub mod access;
#[cfg(feature = "formats")]
mod approval;
#[cfg(feature = "formats")]
mod canonical;
#[cfg(feature = "formats")]
mod compare;
#[cfg(feature = "formats")]
mod condition;
mod emergency;
mod environment;
mod external;
mod online;
mod overrides;
#[cfg(feature = "formats")]
mod parse;
#[cfg(feature = "formats")]
mod recurrence;
mod retention;
mod scopes;
mod waiving;

pub use access::{AccessRules, AccessWindow, ContextKind, Restrictions};
#[cfg(feature = "formats")]
pub use compare::{Shortfall, Taken, diff, shortfalls};
pub use emergency::{BreakGlassRules, ElevationRules};
pub use environment::{EnvironmentPolicy, Freeze, FreezeWindow};
pub use external::Signer;
pub use online::{OnBreach, OnlineRules, OnlineThresholds};
pub use overrides::{Override, Stricter, StricterApproval};
pub use retention::RetentionRules;
pub use scopes::ScopeRules;
pub use waiving::WaiverRules;

/// The text of version 1.
pub const STANDARD: &str = include_str!("policy/standard.yaml");
/// Its number.
pub const STANDARD_VERSION: u32 = 1;
/// Largest document, bytes.
pub const POLICY_MAX_BYTES: usize = 32 * 1024;
/// What no policy may leave out: these run for every version and count in production.
pub const ALWAYS: [Gate; 2] = [Gate::StaticAnalysis, Gate::ImageScan];

words! {
    /// Where a version of the policy is.
    ///
    /// ```text
    /// proposed > active | rejected     another administrator decided   (policies::decide)
    /// proposed > withdrawn             whoever proposed it took it back (policies::withdraw)
    /// active > superseded              a later version became active    (policies::decide)
    /// ```
    PolicyState as "policy state" {
        Proposed = "proposed",
        Active = "active",
        Superseded = "superseded",
        Rejected = "rejected",
        Withdrawn = "withdrawn",
    }
}

impl PolicyState {
    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Proposed => "Proposed",
            Self::Active => "Active",
            Self::Superseded => "Superseded",
            Self::Rejected => "Rejected",
            Self::Withdrawn => "Withdrawn",
        }
    }

    /// How it is drawn.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Proposed => Tone::Wait,
            Self::Active => Tone::Ok,
            Self::Superseded | Self::Withdrawn => Tone::Idle,
            Self::Rejected => Tone::Bad,
        }
    }
}

/// One thing that is wrong in a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyProblem {
    /// 1-based; 0 where the whole document is meant.
    pub line: u32,
    /// 1-based; 0 where the whole document is meant.
    pub column: u32,
    /// What is wrong and what to write instead.
    pub message: String,
}

/// A condition in Rego over the release manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateCondition {
    /// A slug, unique in the document.
    pub name: String,
    /// What people read when it is not met.
    pub message: String,
    /// A module `package clearance` with a rule `allow`.
    pub rego: String,
}

words! {
    /// What a condition says of a release manifest. *Inconclusive*, as with gates, is neither: it erred, took too long, or
    /// said neither true nor false. It blocks production like one that is not met.
    ConditionVerdict as "condition verdict" {
        Met = "met",
        Unmet = "unmet",
        Inconclusive = "inconclusive",
    }
}

/// Hours until an approval that was given and not used expires, where the policy does not say.
pub const UNUSED_HOURS: u32 = 168;
/// Minutes for which a sign-in is recent enough for a decision, where the policy does not say.
pub const SIGN_IN_MINUTES: u32 = 5;

/// How people are asked, beyond how many. Every key may be left out of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalRules {
    /// In order of the groups' slugs.
    pub required: Vec<RequiredGroup>,
    /// Whoever approves says why.
    pub reason: bool,
    pub unused_hours: u32,
    /// Hours until those who can decide are reminded.
    pub reminder_hours: Option<u32>,
    /// Hours until those who can help are told.
    pub escalation_hours: Option<u32>,
    pub sign_in_minutes: u32,
}

impl Default for ApprovalRules {
    fn default() -> Self {
        Self {
            required: Vec::new(),
            reason: false,
            unused_hours: UNUSED_HOURS,
            reminder_hours: None,
            escalation_hours: None,
            sign_in_minutes: SIGN_IN_MINUTES,
        }
    }
}

/// Points by which a version may be worse than the live one on the same cases, where the policy does not say.
pub const MARGIN: u32 = 5;

/// Percent of the cases that must pass, for the gates that count cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Thresholds {
    pub responsible_ai: u32,
    pub hallucination: u32,
    pub relevance: u32,
    /// Points that the 95 % interval may reach below the threshold while the share itself reaches it. Left out, the whole
    /// interval must lie at or above the threshold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slack: Option<u32>,
    /// How often each case is asked; once where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trials: Option<u32>,
    /// Points by which a version may be worse than the live one; [`MARGIN`] where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin: Option<u32>,
}

/// What the cases of a gate are held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// The share of cases that must pass, 0 to 1.
    pub threshold: f64,
    /// How far below it the 95 % interval may reach, 0 to 1.
    pub slack: f64,
    /// How often each case is asked, at least once.
    pub trials: u32,
}

/// A versioned set of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub version: u32,
    pub name: String,
    /// Open the promotion by itself when a version is live and proven in non-prod.
    pub promote_when_proven: bool,
    pub thresholds: Thresholds,
    pub non_prod: EnvironmentPolicy,
    pub production: EnvironmentPolicy,
    /// Who may waive, as the document says it.
    pub waivers: Option<WaiverRules>,
    /// Stricter rules for some teams and risks.
    pub overrides: Vec<Override>,
    /// Who may break the glass; the defaults where it is left out.
    pub break_glass: Option<BreakGlassRules>,
    /// How long a role may be held for a time; the defaults where it is left out.
    pub elevation: Option<ElevationRules>,
    /// How long evidence is kept; for ever where it is left out.
    pub retention: Option<RetentionRules>,
    /// Which scopes may go to production; all where it is left out.
    pub scopes: Option<ScopeRules>,
    /// Whose signed results count in the place of our own engines, in order of their names.
    pub external_results: Vec<Signer>,
    /// When agents may do what; always where it is left out.
    pub access: Option<AccessRules>,
}

impl Policy {
    /// The rules of one environment.
    #[must_use]
    pub const fn of(&self, environment: Environment) -> &EnvironmentPolicy {
        match environment {
            Environment::NonProd => &self.non_prod,
            Environment::Production => &self.production,
        }
    }

    /// Minutes for which a sign-in is recent enough for a decision that is about no deployment that goes by this policy: about
    /// the policy itself, or after the fact.
    #[must_use]
    pub const fn sign_in_minutes(&self) -> u32 {
        self.production.approval.sign_in_minutes
    }

    /// Who may break the glass, and for how long.
    #[must_use]
    pub fn break_glass(&self) -> BreakGlassRules {
        self.break_glass.clone().unwrap_or_default()
    }

    /// How long a role may be held for a time.
    #[must_use]
    pub fn elevation(&self) -> ElevationRules {
        self.elevation.unwrap_or_default()
    }

    /// Percent of the cases that must pass; everything where a gate counts none.
    #[must_use]
    pub const fn percent(&self, gate: Gate) -> u32 {
        match gate {
            Gate::ResponsibleAi => self.thresholds.responsible_ai,
            Gate::Hallucination => self.thresholds.hallucination,
            Gate::Relevance => self.thresholds.relevance,
            Gate::StaticAnalysis | Gate::ImageScan | Gate::Health => 100,
        }
    }

    /// The share of cases that must pass.
    #[must_use]
    pub fn threshold(&self, gate: Gate) -> f64 {
        f64::from(self.percent(gate)) / 100.0
    }

    /// What the cases of a gate are held against.
    #[must_use]
    pub fn bar(&self, gate: Gate) -> Bar {
        Bar {
            threshold: self.threshold(gate),
            slack: f64::from(self.thresholds.slack.unwrap_or_default()) / 100.0,
            trials: self.thresholds.trials.unwrap_or(1),
        }
    }

    /// The drop against the live version that is tolerated, 0 to 1.
    #[must_use]
    pub fn margin(&self) -> f64 {
        f64::from(self.margin_points()) / 100.0
    }

    /// The same in points.
    #[must_use]
    pub fn margin_points(&self) -> u32 {
        self.thresholds.margin.unwrap_or(MARGIN)
    }

    /// The gates of production that results from non-prod do not satisfy, in policy order. A result of a gate that counts
    /// cases counts only if it was judged at least as strictly: by a threshold at least as high, a slack and a margin no
    /// larger, and with at least as many trials as this policy asks for. `judged_by` is the policy that it was judged under. A waived one
    /// counts only where this policy lets the gate be waived.
    #[must_use]
    pub fn unproven(&self, results: &[(Gate, Verdict)], judged_by: &Self) -> Vec<Gate> {
        let enough: Vec<(Gate, Verdict)> = results
            .iter()
            .copied()
            .filter(|(gate, _)| !gate.counts_cases() || judged_by.is_as_strict(self, *gate))
            .filter(|(gate, verdict)| self.accepts(*gate, *verdict))
            .collect();
        unmet(&self.production.gates, &enough)
    }

    /// A gate that counts cases is held to at least what `other` asks of it.
    fn is_as_strict(&self, other: &Self, gate: Gate) -> bool {
        let (mine, theirs) = (&self.thresholds, &other.thresholds);
        self.percent(gate) >= other.percent(gate)
            && mine.slack.unwrap_or_default() <= theirs.slack.unwrap_or_default()
            && mine.trials.unwrap_or(1) >= theirs.trials.unwrap_or(1)
            && self.margin_points() <= other.margin_points()
    }
}

/// The gates that are not satisfied by the given results, in policy order.
///
/// Only *failed* stops a non-prod deployment; *inconclusive* lets it stay live there, where it does no harm, and
/// stops it at the door of production. An errored gate is tried again before it comes here.
#[must_use]
pub fn unmet(gates: &[Gate], results: &[(Gate, Verdict)]) -> Vec<Gate> {
    gates
        .iter()
        .copied()
        .filter(|gate| {
            !results
                .iter()
                .any(|(g, verdict)| g == gate && verdict.satisfies())
        })
        .collect()
}
