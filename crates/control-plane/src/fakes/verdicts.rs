//! A scanner and an evaluator that conclude what a test tells them; everything passes unless told otherwise.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::NaiveDate;
use domain::agent::{AgentManifest, MANIFEST_FILE, Model};
use domain::detection::{Detected, FoundManifest, Place, Said};
use domain::engine::EngineState;
use domain::gate::{
    AccuracyFigure, AgainstLive, CaseResult, Finding, Gate, LiveStanding, Measure, Report,
    Severity, TaggedCheck, Verdict,
};
use domain::online::{Tally, Traffic};
use domain::policy::Bar;
use domain::view::engine::EngineRow;

use super::{Faults, lock};
use crate::ports::evaluator::{
    Evaluator, Examined, Exchange, LiveCases, Question, Scored, SuiteFile,
};
use crate::ports::image_builder::Package;
use crate::ports::scanner::{Against, Scanner};
use crate::ports::{PortError, PortErrorKind};

/// What each gate comes to.
#[derive(Debug, Default)]
pub struct Verdicts {
    by_gate: Mutex<BTreeMap<Gate, Verdict>>,
    also: Mutex<BTreeMap<Gate, Vec<Finding>>>,
    known: Mutex<BTreeMap<Gate, Vec<Finding>>>,
}

impl Verdicts {
    /// From now on this gate comes to this verdict.
    pub fn set(&self, gate: Gate, verdict: Verdict) {
        lock(&self.by_gate).insert(gate, verdict);
    }

    /// From now on the report of this gate has this finding as well, whatever it comes to.
    pub fn find(&self, gate: Gate, finding: Finding) {
        lock(&self.also).entry(gate).or_default().push(finding);
    }

    /// What the scanner of this gate was last told that the live version has.
    #[must_use]
    pub fn known(&self, gate: Gate) -> Vec<Finding> {
        lock(&self.known).get(&gate).cloned().unwrap_or_default()
    }

    /// The report of a scanner that was told what is known.
    fn scanned(&self, gate: Gate, against: &Against) -> Report {
        lock(&self.known).insert(gate, against.known.clone());
        let mut report = self.report(gate, "fake-scanner");
        let also = lock(&self.also).get(&gate).cloned();
        report.findings.extend(also.unwrap_or_default());
        report
    }

    fn report(&self, gate: Gate, engine: &str) -> Report {
        let verdict = lock(&self.by_gate).get(&gate).copied();
        let verdict = verdict.unwrap_or(Verdict::Passed);
        let findings = match verdict {
            Verdict::Failed => vec![Finding::new(
                "fake-rule",
                Severity::High,
                "Something is wrong here.",
                "agent.py",
                Some(1),
            )],
            Verdict::Passed | Verdict::Inconclusive | Verdict::Errored | Verdict::Waived => {
                Vec::new()
            }
        };
        Report {
            gate,
            verdict,
            reason: (verdict != Verdict::Passed).then(|| "told_so".to_owned()),
            summary: format!("{} by a fake engine", verdict.label()),
            engine: format!("{engine} 1"),
            basis: vec![("told".to_owned(), verdict.to_string())],
            measures: Vec::new(),
            findings,
            cases: Vec::new(),
            against_live: None,
        }
    }
}

/// A scanner that looks whether there is something to scan and then says what it is told.
#[derive(Debug)]
pub struct FakeScanner {
    faults: Arc<Faults>,
    verdicts: Arc<Verdicts>,
}

impl FakeScanner {
    pub(super) const fn new(faults: Arc<Faults>, verdicts: Arc<Verdicts>) -> Self {
        Self { faults, verdicts }
    }
}

/// `agent.py` is the entry point, and a manifest is read as a push reads it.
fn detected(source: &Path) -> Detected {
    let entry = "agent.py";
    let text = std::fs::read_to_string(source.join(MANIFEST_FILE)).ok();
    let manifest = text.map(|text| match AgentManifest::parse(&text) {
        Ok(manifest) => FoundManifest::of(&manifest),
        Err(problems) => FoundManifest::unread(problems),
    });
    Detected {
        entrypoint: source.join(entry).is_file().then(|| Said {
            value: entry.to_owned(),
            at: Place {
                file: entry.to_owned(),
                line: 1,
            },
        }),
        manifest,
        ..Detected::default()
    }
}

#[async_trait]
impl Scanner for FakeScanner {
    async fn static_analysis(&self, source: &Path, against: &Against) -> Result<Report, PortError> {
        let look = || {
            if !source.join("clearance.yaml").is_file() {
                return Err(PortError::new(
                    PortErrorKind::Rejected,
                    "There is no agent to scan.",
                ));
            }
            Ok(self.verdicts.scanned(Gate::StaticAnalysis, against))
        };
        self.faults.run("scanner.static_analysis", "", look).await
    }

    async fn image_scan(
        &self,
        _layout: &Path,
        digest: &str,
        _packages: &[Package],
        against: &Against,
    ) -> Result<Report, PortError> {
        let look = || {
            if digest.is_empty() {
                return Err(PortError::new(
                    PortErrorKind::Rejected,
                    "There is no image to scan.",
                ));
            }
            Ok(self.verdicts.scanned(Gate::ImageScan, against))
        };
        self.faults.run("scanner.image_scan", "", look).await
    }

    async fn detect(&self, source: &Path) -> Result<Detected, PortError> {
        let look = || Ok(detected(source));
        self.faults.run("scanner.detect", "", look).await
    }

    async fn engines(&self, _: NaiveDate) -> Vec<EngineRow> {
        let mut own = engine(
            "fake-scanner 1",
            vec![Gate::StaticAnalysis, Gate::ImageScan],
        );
        own.figures.push(AccuracyFigure {
            check: "fake-rule".to_owned(),
            metric: "Recall".to_owned(),
            value: 0.5,
            cases: 2,
            data: "two files".to_owned(),
            source: "made up".to_owned(),
            published: Vec::new(),
            note: String::new(),
        });
        vec![own]
    }

    fn sarif(&self, reports: &[Report]) -> String {
        let runs: Vec<_> = reports
            .iter()
            .map(|report| serde_json::json!({"results": report.findings}))
            .collect();
        serde_json::json!({"version": "2.1.0", "runs": runs}).to_string()
    }

    fn checks(&self) -> Vec<(Gate, TaggedCheck)> {
        vec![(Gate::StaticAnalysis, CHECK)]
    }
}

/// An evaluator that asks one question for every line of a suite and then says what it is told.
#[derive(Debug)]
pub struct FakeEvaluator {
    faults: Arc<Faults>,
    verdicts: Arc<Verdicts>,
}

impl FakeEvaluator {
    pub(super) const fn new(faults: Arc<Faults>, verdicts: Arc<Verdicts>) -> Self {
        Self { faults, verdicts }
    }
}

#[async_trait]
impl Evaluator for FakeEvaluator {
    async fn questions(
        &self,
        gate: Gate,
        _: Bar,
        suites: &[SuiteFile],
    ) -> Result<Result<Vec<Question>, Report>, PortError> {
        let ask = || {
            let lines = suites.iter().flat_map(|suite| {
                let lines = suite.text.lines().filter(|line| !line.trim().is_empty());
                lines.enumerate().map(|(at, line)| Question {
                    case_id: format!("{}#{at}", suite.name),
                    variant: 0,
                    prompt: line.to_owned(),
                })
            });
            Ok(Ok(lines.collect()))
        };
        self.faults
            .run("evaluator.questions", gate.as_str(), ask)
            .await
    }

    async fn judge(
        &self,
        gate: Gate,
        _: Bar,
        suites: &[SuiteFile],
        exchanges: &[Exchange],
        _: &[Model],
    ) -> Result<Report, PortError> {
        let judge = || {
            let mut report = self.verdicts.report(gate, "fake-evaluator");
            report.cases = exchanges
                .iter()
                .map(|exchange| case(suites, exchange))
                .collect();
            report.measures = vec![measure(report.verdict, exchanges)];
            Ok(report)
        };
        self.faults
            .run("evaluator.judge", gate.as_str(), judge)
            .await
    }

    async fn examine(&self, _: Gate, suite: &SuiteFile) -> Result<Examined, PortError> {
        let lines = suite.text.lines().filter(|line| !line.trim().is_empty());
        Ok(Examined {
            format: "one question a line".to_owned(),
            cases: u32::try_from(lines.count()).unwrap_or(u32::MAX),
            ..Examined::default()
        })
    }

    fn needed(&self, _: Gate, _: Bar) -> Option<u32> {
        Some(2)
    }

    async fn engines(&self, _: NaiveDate) -> Vec<EngineRow> {
        let gates = vec![Gate::ResponsibleAi, Gate::Hallucination, Gate::Relevance];
        vec![engine("fake-evaluator 1", gates)]
    }

    fn checks(&self) -> Vec<(Gate, TaggedCheck)> {
        Vec::new()
    }

    async fn score(&self, traffic: Vec<Traffic>) -> Result<Vec<Vec<Scored>>, PortError> {
        let score = || Ok(traffic.iter().map(|one| vec![scored(one)]).collect());
        self.faults.run("evaluator.score", "", score).await
    }

    /// The share by itself stands for its interval.
    fn hold(&self, tally: Tally, threshold: f64) -> Measure {
        let total = tally.passed + tally.failed;
        let value = f64::from(tally.passed) / f64::from(total.max(1));
        let below = value < threshold;
        Measure {
            name: "cases passed".to_owned(),
            passed: tally.passed,
            total,
            value,
            low: value,
            high: value,
            threshold,
            verdict: if below {
                Verdict::Failed
            } else {
                Verdict::Passed
            },
            needed: None,
        }
    }

    fn inspect_log(&self, reports: &[Report]) -> Result<String, PortError> {
        let cases = reports.iter().flat_map(|report| &report.cases);
        let samples: Vec<_> = cases
            .map(|case| serde_json::json!({ "id": case.id }))
            .collect();
        Ok(serde_json::json!({ "version": 2, "samples": samples }).to_string())
    }

    /// The share by itself stands for its interval; a version that is worse by half the margin is perhaps worse.
    fn compare(&self, cases: &[CaseResult], live: LiveCases, margin: f64) -> Option<AgainstLive> {
        let passed = |cases: &[CaseResult]| {
            let passed = cases.iter().filter(|c| c.verdict == Verdict::Passed);
            u32::try_from(passed.count()).unwrap_or(u32::MAX)
        };
        let pairs = u32::try_from(cases.len().min(live.cases.len())).unwrap_or(u32::MAX);
        let (now, before) = (passed(cases), passed(&live.cases));
        let difference = (f64::from(now) - f64::from(before)) / f64::from(pairs.max(1));
        let standing = if difference < -margin {
            LiveStanding::Worse
        } else if difference < -margin / 2.0 {
            LiveStanding::PerhapsWorse
        } else {
            LiveStanding::NotWorse
        };
        (pairs > 0).then_some(AgainstLive {
            version: live.version,
            number: live.number,
            evidence_digest: live.evidence_digest,
            pairs,
            passed: now,
            live_passed: before,
            difference,
            low: difference,
            high: difference,
            p_value: 1.0,
            margin,
            standing,
            newly_failing: before.saturating_sub(now),
            newly_failing_cases: Vec::new(),
            unpaired: 0,
            needed: None,
        })
    }
}

/// What the fake scanner looks for.
const CHECK: TaggedCheck = TaggedCheck {
    id: "fake-rule",
    title: "Something is wrong",
    tags: &["ASI05", "LLM05"],
};

fn engine(name: &str, gates: Vec<Gate>) -> EngineRow {
    EngineRow {
        name: name.to_owned(),
        gates,
        own: true,
        state: EngineState::Ready,
        note: "Says what it is told.".to_owned(),
        basis: Vec::new(),
        figures: Vec::new(),
    }
}

/// What an agent says that is bad: a fake engine knows no other fault.
const BAD: &str = "Nonsense.";

fn scored(traffic: &Traffic) -> Scored {
    Scored {
        gate: Gate::Hallucination,
        verdict: said(&traffic.answered),
        why: String::new(),
        answered: traffic.answered.clone(),
    }
}

fn said(answer: &str) -> Verdict {
    if answer == BAD {
        Verdict::Failed
    } else {
        Verdict::Passed
    }
}

/// The share of questions that were answered, with the widest interval: a fake engine knows nothing.
fn measure(verdict: Verdict, exchanges: &[Exchange]) -> Measure {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let total = count(exchanges.len());
    let passed = count(exchanges.iter().filter(|e| e.outcome.is_ok()).count());
    Measure {
        name: "questions answered".to_owned(),
        passed,
        total,
        value: f64::from(passed) / f64::from(total.max(1)),
        low: 0.0,
        high: 1.0,
        threshold: 0.0,
        verdict,
        needed: None,
    }
}

/// A case without its latency, so that the same answers give the same evidence.
fn case(suites: &[SuiteFile], exchange: &Exchange) -> CaseResult {
    let answered = exchange.outcome.clone();
    let first = suites.first().map(|s| s.name.clone()).unwrap_or_default();
    let (suite, id) = match exchange.case_id.rsplit_once('#') {
        Some((suite, id)) => (suite.to_owned(), id.to_owned()),
        None => (first, exchange.case_id.clone()),
    };
    CaseResult {
        id,
        suite,
        asked: String::new(),
        expected: None,
        verdict: answered.as_deref().map_or(Verdict::Errored, said),
        answered: answered.unwrap_or_else(|why| why),
        why: String::new(),
        latency_ms: 0,
    }
}
