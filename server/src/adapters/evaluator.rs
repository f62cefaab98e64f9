//! The embedded evaluator: the gates that ask the agent, judged by the crate `evaluation` against the policy's thresholds.
//!
//! Owns the numbering of the questions of one case; refuses to judge gates that have no suites.

mod compared;
mod log;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::NaiveDate;
use control_plane::ports::PortError;
use control_plane::ports::evaluator::{
    Evaluator, Examined, Exchange, LiveCases, Question, Scored, SuiteFile,
};
use domain::agent::Model;
use domain::engine::EngineState;
use domain::gate::{
    AgainstLive, CaseResult, Finding, Gate, Inconclusive, Measure, Report, Severity, TaggedCheck,
    Verdict,
};
use domain::online::{Tally, Traffic};
use domain::policy::Bar;
use domain::text::{cut, visible};
use domain::view::engine::EngineRow;
use evaluation::catalogue::{CHECKS, gate_of};
use evaluation::formats::{Format, export, import};
use evaluation::model_judge::Question as ModelQuestion;
use evaluation::model_judge::{self, Calibration, Judging, Mode, Opinion, Unfit};
use evaluation::{ENGINE, Suite, SuiteProblem, Thresholds};

use super::judge::Seat;
use super::problem::{blocking, rejected};

/// The adapter.
#[derive(Clone, Default)]
pub(super) struct EmbeddedEvaluator {
    /// Who is asked what the engines leave open.
    judge: Option<Seat>,
}

impl EmbeddedEvaluator {
    pub(super) const fn new(judge: Option<Seat>) -> Self {
        Self { judge }
    }
}

#[async_trait]
impl Evaluator for EmbeddedEvaluator {
    async fn questions(
        &self,
        gate: Gate,
        bar: Bar,
        suites: &[SuiteFile],
    ) -> Result<Result<Vec<Question>, Report>, PortError> {
        check(gate)?;
        let files = suites.to_vec();
        blocking(move || {
            let suites = match parse(gate, &files) {
                Ok(suites) => suites,
                Err(report) => return Ok(Err(*report)),
            };
            let questions = questions(&suites);
            if questions.is_empty() {
                // The engine says itself that there is nothing to judge.
                return Ok(Err(evaluation::judge(gate, &suites, &[], &thresholds(bar))));
            }
            Ok(Ok(questions
                .into_iter()
                .map(|(question, _)| question)
                .collect()))
        })
        .await
    }

    async fn judge(
        &self,
        gate: Gate,
        bar: Bar,
        suites: &[SuiteFile],
        exchanges: &[Exchange],
        models: &[Model],
    ) -> Result<Report, PortError> {
        check(gate)?;
        let (files, exchanges) = (suites.to_vec(), exchanges.to_vec());
        let asks = self.judge.is_some();
        let read = blocking(move || {
            let suites = match parse(gate, &files) {
                Ok(suites) => suites,
                Err(report) => return Ok(Err(report)),
            };
            let answers = named(&suites, exchanges);
            let open = if asks {
                model_judge::questions(&suites, &answers)
            } else {
                Vec::new()
            };
            Ok(Ok((suites, answers, open)))
        });
        let (suites, answers, open) = match read.await? {
            Ok(read) => read,
            Err(report) => return Ok(*report),
        };
        let heard = match &self.judge {
            Some(seat) if !open.is_empty() => Some(hear(seat, open, models).await),
            Some(_) | None => None,
        };
        blocking(move || {
            let judging = match &heard {
                None => Judging::Nobody,
                Some(Err(why)) => Judging::Uncalibrated(why),
                Some(Ok((calibration, opinions))) => Judging::By(calibration, opinions),
            };
            let bar = thresholds(bar);
            Ok(evaluation::judge_with(
                gate, &suites, &answers, &bar, judging,
            ))
        })
        .await
    }

    async fn examine(&self, gate: Gate, suite: &SuiteFile) -> Result<Examined, PortError> {
        check(gate)?;
        let file = suite.clone();
        blocking(move || Ok(examine(gate, &file))).await
    }

    fn needed(&self, gate: Gate, bar: Bar) -> Option<u32> {
        thresholds(bar).needed(gate)
    }

    async fn engines(&self, _: NaiveDate) -> Vec<EngineRow> {
        let figures = evaluation::accuracy::card().map(|card| card.figures);
        let figures = figures.unwrap_or_default();
        let row = |gate: Gate, note: &str| EngineRow {
            name: ENGINE.to_owned(),
            gates: vec![gate],
            own: true,
            state: EngineState::Ready,
            note: note.to_owned(),
            basis: Vec::new(),
            figures: figures
                .iter()
                .filter(|figure| gate_of(&figure.check) == gate)
                .cloned()
                .collect(),
        };
        let mut rows = vec![
            row(Gate::ResponsibleAi, RESPONSIBLE_AI),
            row(Gate::Hallucination, HALLUCINATION),
            row(Gate::Relevance, RELEVANCE),
        ];
        if let Some(seat) = &self.judge {
            rows.push(seated(seat).await);
        }
        rows
    }

    fn checks(&self) -> Vec<(Gate, TaggedCheck)> {
        CHECKS
            .iter()
            .map(|check| (gate_of(check.id), *check))
            .collect()
    }

    async fn score(&self, traffic: Vec<Traffic>) -> Result<Vec<Vec<Scored>>, PortError> {
        blocking(move || Ok(traffic.iter().map(scored).collect())).await
    }

    fn hold(&self, tally: Tally, threshold: f64) -> Measure {
        evaluation::live::hold(tally, threshold)
    }

    fn inspect_log(&self, reports: &[Report]) -> Result<String, PortError> {
        log::inspect(reports)
    }

    fn compare(&self, cases: &[CaseResult], live: LiveCases, margin: f64) -> Option<AgainstLive> {
        compared::against(cases, live, margin)
    }
}

fn scored(traffic: &Traffic) -> Vec<Scored> {
    let answered = evaluation::live::redacted(&traffic.answered);
    let scores = evaluation::live::score(traffic).into_iter();
    let scores = scores.map(|one| Scored {
        gate: one.gate,
        verdict: one.verdict,
        why: one.why,
        answered: answered.clone(),
    });
    scores.collect()
}

const RESPONSIBLE_AI: &str = "Decides by canaries, forbidden calls, pairs of cases and refusals, without a model. Toxicity is judged by a configured judge alone.";
const HALLUCINATION: &str = "Compares each claim with the ground truth by words, numbers and names, without a model. It leaves open what it is not sure of.";
const RELEVANCE: &str = "Compares answers and traces with what each case expects, without a model.";

/// The configured judge as an engine.
async fn seated(seat: &Seat) -> EngineRow {
    let (settings, now) = (seat.settings(), seat.clock().now());
    let calibration = seat.calibration().await;
    let fit = calibration.as_ref().map_err(ToString::to_string);
    let fit = fit.and_then(|calibration| {
        let fits = |mode: &Mode| calibration.check(*mode, &settings.model, now);
        let fits = [Mode::Claim, Mode::Rubric]
            .iter()
            .map(fits)
            .collect::<Vec<_>>();
        let first = fits.iter().find_map(|fit| fit.as_ref().err());
        match (fits.iter().any(Result::is_ok), first) {
            (false, Some(why)) => Err(why.to_string()),
            _ => Ok(()),
        }
    });
    let (state, note) = match fit {
        Ok(()) => (
            EngineState::Ready,
            "Decides what the engines without a model leave open.".to_owned(),
        ),
        Err(why) => (
            EngineState::Uncalibrated,
            format!(
                "Decides nothing until it is calibrated: {}.",
                cut(&visible(&why), 300)
            ),
        ),
    };
    EngineRow {
        name: settings.model.clone(),
        gates: vec![Gate::Hallucination, Gate::Relevance],
        own: false,
        state,
        note,
        basis: calibration.map_or_else(
            |_| Vec::new(),
            |calibration| {
                vec![(
                    "calibrated".to_owned(),
                    calibration.at.format("%Y-%m-%d").to_string(),
                )]
            },
        ),
        figures: Vec::new(),
    }
}

/// What a judge says of the open questions of the kinds that it is calibrated for; why it may not where there is none of
/// them. What it does not answer stays open.
async fn hear(
    seat: &Seat,
    open: Vec<ModelQuestion>,
    models: &[Model],
) -> Result<(Calibration, BTreeMap<String, Opinion>), Unfit> {
    differs(seat, models)?;
    let calibration = seat.calibration().await?;
    let now = seat.clock().now();
    let mut unfit = None;
    let mut asked = Vec::new();
    for question in open {
        match calibration.check(question.mode, &seat.settings().model, now) {
            Ok(_) => asked.push(question),
            Err(why) => unfit = unfit.or(Some(why)),
        }
    }
    if let Some(why) = unfit.filter(|_| asked.is_empty()) {
        return Err(why);
    }
    let modes: BTreeMap<String, Mode> = asked
        .iter()
        .map(|question| (question.id.clone(), question.mode))
        .collect();
    let round = seat.ask(asked).await;
    if let Some(trouble) = round.trouble {
        tracing::warn!(error = %trouble, "questions to the judge were not answered");
    }
    let opinions = round
        .answers
        .into_iter()
        .filter_map(|(id, answer)| {
            let opinion = model_judge::read(*modes.get(&id)?, &answer)?;
            Some((id, opinion))
        })
        .collect();
    Ok((calibration, opinions))
}

/// The judge is of no family that a model of the agent is of.
fn differs(seat: &Seat, models: &[Model]) -> Result<(), Unfit> {
    let settings = seat.settings();
    let named = models
        .iter()
        .map(|one| (one.provider.clone(), one.name.clone()));
    let named: Vec<(String, String)> = named.collect();
    let shared = model_judge::shared((&settings.model, &settings.family), &named);
    shared
        .into_iter()
        .next()
        .map_or(Ok(()), |family| Err(Unfit::SameFamily(family)))
}

/// The exchanges by the engine's own names of their variants.
fn named(suites: &[Suite], exchanges: Vec<Exchange>) -> Vec<evaluation::Exchange> {
    let names: BTreeMap<(String, u32), String> = questions(suites)
        .into_iter()
        .map(|(question, name)| ((question.case_id, question.variant), name))
        .collect();
    exchanges
        .into_iter()
        .filter_map(|one| {
            let variant = names.get(&(one.case_id.clone(), one.variant))?.clone();
            Some(evaluation::Exchange {
                case_id: one.case_id,
                variant,
                outcome: one.outcome,
                // A trace of another form says nothing that could be judged.
                trace: one
                    .trace
                    .and_then(|trace| serde_json::from_value(trace).ok()),
                latency_ms: one.latency_ms,
            })
        })
        .collect()
}

fn check(gate: Gate) -> Result<(), PortError> {
    match gate {
        Gate::ResponsibleAi | Gate::Hallucination | Gate::Relevance => Ok(()),
        Gate::StaticAnalysis | Gate::ImageScan | Gate::Health => Err(rejected(format!(
            "The gate {gate} has no evaluation suites."
        ))),
    }
}

/// The policy's bar for the gate that is judged; only that one is read.
fn thresholds(bar: Bar) -> Thresholds {
    Thresholds {
        relevance: bar.threshold,
        hallucination: bar.threshold,
        responsible_ai: bar.threshold,
        slack: bar.slack,
        ..Thresholds::default()
    }
}

/// Every question with the engine's own name of its variant. The questions of a case are numbered from 0.
fn questions(suites: &[Suite]) -> Vec<(Question, String)> {
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    suites
        .iter()
        .flat_map(Suite::requests)
        .map(|request| {
            let next = numbers.entry(request.case_id.clone()).or_default();
            let variant = *next;
            *next += 1;
            (
                Question {
                    case_id: request.case_id,
                    variant,
                    prompt: request.prompt,
                },
                request.variant,
            )
        })
        .collect()
}

fn parse(gate: Gate, files: &[SuiteFile]) -> Result<Vec<Suite>, Box<Report>> {
    let mut suites = Vec::new();
    let mut findings = Vec::new();
    for file in files {
        match Suite::parse(gate, &file.name, &file.text) {
            Ok(suite) => suites.push(suite),
            Err(problems) => findings.extend(
                problems
                    .into_iter()
                    .map(|problem| finding(&file.name, problem)),
            ),
        }
    }
    if findings.is_empty() {
        Ok(suites)
    } else {
        Err(Box::new(invalid(gate, files.len(), findings)))
    }
}

/// What a file is worth as a suite of a gate.
pub(crate) fn examine(gate: Gate, file: &SuiteFile) -> Examined {
    let format = Format::of(&file.name, &file.text);
    let mut found = Examined {
        format: format.map_or("Clearance suite", Format::label).to_owned(),
        ..Examined::default()
    };
    match Suite::parse(gate, &file.name, &file.text) {
        Ok(suite) => {
            found.cases = u32::try_from(suite.len()).unwrap_or(u32::MAX);
            let parts = suite.unsupported().iter();
            found.unsupported = parts
                .map(|one| (one.place.clone(), one.what.clone()))
                .collect();
            found.rows = format
                .filter(|format| *format != Format::Rows)
                .and_then(|format| {
                    let rows = import(format, file.text.as_bytes()).ok()?.rows;
                    export(Format::Rows, &rows).ok()
                });
        }
        Err(problems) => {
            let place = |one: SuiteProblem| domain::view::suite::SuiteProblem {
                line: one.line,
                column: one.column,
                message: one.message,
            };
            found.problems = problems.into_iter().map(place).collect();
        }
    }
    found
}

fn finding(file: &str, problem: SuiteProblem) -> Finding {
    Finding::new(
        "suite-invalid",
        Severity::High,
        format!("{} (column {})", problem.message, problem.column),
        file,
        Some(problem.line),
    )
}

/// A suite that cannot be read says nothing about the agent.
fn invalid(gate: Gate, files: usize, findings: Vec<Finding>) -> Report {
    let (count, s) = (findings.len(), if findings.len() == 1 { "" } else { "s" });
    Report {
        gate,
        verdict: Verdict::Inconclusive,
        reason: Some(Inconclusive::SuiteInvalid.as_str().to_owned()),
        summary: format!(
            "The suites cannot be read: {count} problem{s} in {files} file{}.",
            if files == 1 { "" } else { "s" }
        ),
        engine: ENGINE.to_owned(),
        basis: Vec::new(),
        measures: Vec::new(),
        findings,
        cases: Vec::new(),
        against_live: None,
    }
}
