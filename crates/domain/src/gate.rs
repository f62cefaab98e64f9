//! Gates: the required checks, their verdicts and the report that each leaves as evidence.

mod accuracy;
mod against_live;
mod reason;
mod risk;

pub use accuracy::{AccuracyCard, AccuracyFigure, Published};
pub use against_live::{AgainstLive, LiveStanding, NEWLY_FAILING_MAX};
pub use reason::Inconclusive;
pub use risk::{Covered, RISKS, Risk, TaggedCheck, coverage};

use serde::{Deserialize, Serialize};

use crate::state::words;
use crate::tone::Tone;

words! {
    /// One required check. The five of the pipeline, and the health check that every deployment passes.
    Gate as "gate" {
        /// Insecure patterns in the agent's own code, prompts and configuration.
        StaticAnalysis = "static_analysis",
        /// Vulnerable packages and unsafe files in the image.
        ImageScan = "image_scan",
        /// Bias, policy and guardrail behaviour of the deployed agent.
        ResponsibleAi = "responsible_ai",
        /// Claims of the deployed agent against ground truth.
        Hallucination = "hallucination",
        /// Correct, relevant answers and completed tasks.
        Relevance = "relevance",
        /// The runtime answers its health check for the whole window.
        Health = "health",
    }
}

impl Gate {
    /// The name people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::StaticAnalysis => "Static analysis",
            Self::ImageScan => "Image scan",
            Self::ResponsibleAi => "Responsible AI",
            Self::Hallucination => "Hallucination",
            Self::Relevance => "Relevance and quality",
            Self::Health => "Health",
        }
    }

    /// True for gates that ask cases and hold a share of them against a threshold.
    #[must_use]
    pub const fn counts_cases(self) -> bool {
        match self {
            Self::ResponsibleAi | Self::Hallucination | Self::Relevance => true,
            Self::StaticAnalysis | Self::ImageScan | Self::Health => false,
        }
    }

    /// True for gates that need the agent to be running, so they run while a deployment is `verifying`.
    #[must_use]
    pub const fn needs_agent(self) -> bool {
        match self {
            Self::StaticAnalysis | Self::ImageScan => false,
            Self::ResponsibleAi | Self::Hallucination | Self::Relevance | Self::Health => true,
        }
    }

    /// True for gates that ask the agent the cases of evaluation suites.
    #[must_use]
    pub const fn has_suites(self) -> bool {
        match self {
            Self::StaticAnalysis | Self::ImageScan | Self::Health => false,
            Self::ResponsibleAi | Self::Hallucination | Self::Relevance => true,
        }
    }
}

words! {
    /// What a gate run came to. *Failed* (judged bad), *inconclusive* (not enough to judge) and *errored*
    /// (could not run) are never mixed: only `failed` says something about the agent.
    Verdict as "verdict" {
        Passed = "passed",
        Failed = "failed",
        Inconclusive = "inconclusive",
        Errored = "errored",
        Waived = "waived",
    }
}

impl Verdict {
    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Passed => "Passed",
            Self::Failed => "Failed",
            Self::Inconclusive => "Inconclusive",
            Self::Errored => "Errored",
            Self::Waived => "Waived",
        }
    }

    /// How it is drawn.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Passed => Tone::Ok,
            Self::Failed => Tone::Bad,
            Self::Inconclusive | Self::Errored => Tone::Unknown,
            Self::Waived => Tone::Wait,
        }
    }

    /// True where the policy's requirement is met.
    #[must_use]
    pub const fn satisfies(self) -> bool {
        match self {
            Self::Passed | Self::Waived => true,
            Self::Failed | Self::Inconclusive | Self::Errored => false,
        }
    }
}

words! {
    /// Where a gate run is.
    GateRunState as "gate run state" {
        Pending = "pending",
        Running = "running",
        Settled = "settled",
    }
}

/// What one engine found, before it is stored as evidence. Serialised canonically, hashed and signed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Report {
    /// Which gate it is evidence for.
    pub gate: Gate,
    /// What the engine concluded.
    pub verdict: Verdict,
    /// Machine-readable reason where the verdict is not `passed`: `engine_missing`, `no_cases`, `too_few_cases`,
    /// `findings`, `findings_incomplete`, `below_threshold`, `worse_than_live`,
    /// `agent_unreachable`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// One sentence for people, such as "2 findings in 14 files".
    pub summary: String,
    /// The engine and its version, such as "clearance-agent-rules 0.1.0".
    pub engine: String,
    /// What the engine judged with: data set, threshold, advisory date. Each a name and a value in words.
    #[serde(default)]
    pub basis: Vec<(String, String)>,
    /// Scores with their intervals.
    #[serde(default)]
    pub measures: Vec<Measure>,
    /// What is wrong, worst first.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// One row per evaluated case.
    #[serde(default)]
    pub cases: Vec<CaseResult>,
    /// How they stand to the live version, where it was judged on the same ones. Other evidence has no word of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against_live: Option<AgainstLive>,
}

impl Report {
    /// True where all that makes it fail could be accepted: nothing else keeps it from passing. An engine that found
    /// something and could not look at everything says so by a reason that ends in `_incomplete`.
    #[must_use]
    pub fn waivable(&self) -> bool {
        let complete = |reason: &String| !reason.ends_with("_incomplete");
        self.verdict == Verdict::Failed && self.reason.as_ref().is_none_or(complete)
    }

    /// What makes it fail, each by its id and its place: findings that block, and cases that failed. Lines move, so they
    /// are no part of the place.
    #[must_use]
    pub fn failing(&self) -> Vec<(&str, &str)> {
        let findings = self
            .findings
            .iter()
            .filter(|f| f.blocks())
            .map(|f| (f.rule.as_str(), f.location.as_str()));
        let cases = self
            .cases
            .iter()
            .filter(|c| c.verdict == Verdict::Failed)
            .map(|c| (c.id.as_str(), c.suite.as_str()));
        let mut all: Vec<(&str, &str)> = findings.chain(cases).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// One score of an evaluation, a proportion with its two-sided 95 % interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Measure {
    /// Such as "claims supported".
    pub name: String,
    /// Cases that passed.
    pub passed: u32,
    /// Cases that were judged.
    pub total: u32,
    /// `passed / total`, 0 to 1.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// What the policy asks for.
    pub threshold: f64,
    /// How this measure alone is judged.
    pub verdict: Verdict,
    /// Where the cases are too few to tell: how many are needed, all of them passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needed: Option<u32>,
}

words! {
    /// How bad a finding is.
    Severity as "severity" {
        Low = "low",
        Medium = "medium",
        High = "high",
        Critical = "critical",
    }
}

words! {
    /// How a finding stands to the live version and to the code's own words. Only a *new* one blocks.
    Standing as "standing of a finding" {
        /// The live version does not have it.
        New = "new",
        /// The live version has it too, and did not need a waiver for it.
        Known = "known",
        /// A comment in the code accepts it, with a reason and an end.
        Suppressed = "suppressed",
    }
}

impl Standing {
    /// True for what is left out of evidence because it goes without saying.
    #[must_use]
    pub const fn is_new(&self) -> bool {
        matches!(self, Self::New)
    }
}

/// What evidence without a word about it means.
const fn new_standing() -> Standing {
    Standing::New
}

/// One thing that is wrong, with where and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Finding {
    /// Stable id of the rule or advisory, such as `agent-model-output-eval` or `PYSEC-2021-142`.
    pub rule: String,
    /// How bad.
    pub severity: Severity,
    /// What is wrong and what to do, one or two sentences.
    pub message: String,
    /// File in the agent's tree or image, or package name and version.
    pub location: String,
    /// 1-based line, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// What it is recognised by in another version, wherever its line has moved: hexadecimal, empty where nothing can be.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub fingerprint: String,
    /// How it stands to the live version.
    #[serde(default = "new_standing", skip_serializing_if = "Standing::is_new")]
    pub standing: Standing,
    /// By which way a value from outside comes to where it does harm, from its source on; empty where none is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flow: Vec<FlowStep>,
}

/// One step of the way of a value, in the file of its finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlowStep {
    /// 1-based line.
    pub line: u32,
    /// What happens there, as "kept as `code`".
    pub what: String,
}

impl Finding {
    /// A new finding.
    #[must_use]
    pub fn new(
        rule: impl Into<String>,
        severity: Severity,
        message: impl Into<String>,
        location: impl Into<String>,
        line: Option<u32>,
    ) -> Self {
        Self {
            rule: rule.into(),
            severity,
            message: message.into(),
            location: location.into(),
            line,
            fingerprint: String::new(),
            standing: Standing::New,
            flow: Vec::new(),
        }
    }

    /// Where it is: "server.py:12", or the place alone.
    #[must_use]
    pub fn place(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}", self.location),
            None => self.location.clone(),
        }
    }

    /// True where it fails the gate: bad enough, and neither known nor suppressed.
    #[must_use]
    pub fn blocks(&self) -> bool {
        self.severity >= Severity::High && self.standing.is_new()
    }
}

/// One judged case of an evaluation suite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaseResult {
    /// The case's id in its suite.
    pub id: String,
    /// The suite's file.
    pub suite: String,
    /// What was asked.
    pub asked: String,
    /// What a right answer is, in words, cut to 2,000 characters. Evidence from before it was kept has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What the agent answered, cut to 2,000 characters.
    pub answered: String,
    /// How the case ended. `errored` when the agent or the network failed: not counted as a failure.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub why: String,
    /// Milliseconds from request to answer.
    pub latency_ms: u64,
}
