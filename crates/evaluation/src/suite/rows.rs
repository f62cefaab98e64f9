//! Suites in the format of another tool, and canonical rows: what a row comes to as a case of a gate.

use domain::gate::Gate;
use serde_json::json;

use super::{Case, CaseBody, HallucinationCase, MAX_CASES, Suite, SuiteProblem, line};
use crate::formats::{Format, Imported, Unreadable, Unsupported, import};
use crate::model_judge::criterion;
use crate::row::{Check, Row};
use crate::score::Scorer;
use crate::text;

/// A case whose answer is scored by the checks of its row.
#[derive(Debug)]
pub(crate) struct RowCase {
    pub(crate) prompt: String,
    pub(crate) rules: RowRules,
}

/// What a row asks of an answer.
#[derive(Debug)]
pub(crate) struct RowRules {
    pub(crate) scorers: Vec<Scorer>,
    /// What a judge can be asked.
    pub(crate) graded: Vec<Graded>,
    /// Why some check cannot be scored: the case is then never a pass.
    pub(crate) open: Vec<String>,
    pub(crate) must_pass: bool,
    /// What is asked, for people.
    pub(crate) expected: String,
}

/// A criterion that only a judge can hold an answer against.
#[derive(Debug)]
pub(crate) struct Graded {
    pub(crate) criterion: String,
    /// Why it is open without a judge.
    pub(crate) why: String,
}

/// Reads a suite that is not in our own form.
pub(super) fn parse(
    gate: Gate,
    file_name: &str,
    format: Format,
    content: &str,
) -> Result<Suite, Vec<SuiteProblem>> {
    let imported = import(format, content.as_bytes()).map_err(|error| vec![problem(&error)])?;
    if imported.rows.len() > MAX_CASES {
        return Err(vec![whole(format!(
            "more than {MAX_CASES} cases: split the suite"
        ))]);
    }
    let Imported {
        rows,
        mut unsupported,
        scorers,
        ..
    } = imported;
    let mut cases = Vec::new();
    let mut problems = Vec::new();
    for (row, scorers) in rows.into_iter().zip(scorers) {
        let mut note = |what: &str| {
            unsupported.push(Unsupported {
                place: format!("case {}", text::cut(&row.id, 80)),
                what: what.to_owned(),
            });
        };
        if (row.weight - 1.0).abs() > f64::EPSILON {
            note("its weight is not used: each case counts once");
        }
        let asks = gate != Gate::Hallucination || writes_checks(format);
        if !asks && (!row.expected.tools.is_empty() || !row.expected.state.is_empty()) {
            note("expected tool calls and states are judged by the relevance gate alone");
        }
        match body(gate, &row, scorers, asks) {
            Ok(body) => cases.push(Case {
                id: row.id,
                cluster: row.cluster_id,
                body,
            }),
            Err(why) => problems.push(whole(format!("case `{}`: {why}", text::cut(&row.id, 80)))),
        }
    }
    if problems.is_empty() {
        Ok(Suite {
            gate,
            file_name: file_name.to_owned(),
            cases,
            unsupported,
        })
    } else {
        problems.truncate(super::MAX_PROBLEMS);
        Err(problems)
    }
}

/// True for formats in which a person writes the checks. In the others they stand for the expected answer, which is ground
/// truth for the claims of an answer and not a wording that it must have.
const fn writes_checks(format: Format) -> bool {
    match format {
        Format::Rows | Format::Promptfoo | Format::PromptfooCsv => true,
        Format::OpenAiEvals
        | Format::InspectLog
        | Format::MlFlow
        | Format::Ragas
        | Format::DeepEval
        | Format::Csv => false,
    }
}

type Understood = Vec<Result<Scorer, String>>;

fn body(gate: Gate, row: &Row, scorers: Understood, asks: bool) -> Result<CaseBody, String> {
    let prompt = row.input.text();
    if line::check_text(1, "", "input", &prompt).is_err() {
        return Err("its input is empty or too long".to_owned());
    }
    match gate {
        Gate::Relevance => {
            let mut extra = Vec::new();
            if row.checks.is_empty() && !row.expected.answers.is_empty() {
                extra.push(Check::new("match-any", json!(row.expected.answers)));
            }
            let rules = rules(row, scorers, extra);
            if rules.is_empty() {
                return Err("it expects nothing: add a check or an expected answer".to_owned());
            }
            Ok(CaseBody::Row(RowCase { prompt, rules }))
        }
        Gate::Hallucination => {
            let truth: Vec<String> = row
                .context
                .iter()
                .chain(&row.expected.facts)
                .chain(&row.expected.answers)
                .cloned()
                .collect();
            if truth.is_empty() {
                return Err("it has neither context nor facts nor an expected answer to check claims against".to_owned());
            }
            let rules = if asks {
                rules(row, scorers, Vec::new())
            } else {
                RowRules::nothing(row.must_pass)
            };
            Ok(CaseBody::Hallucination(HallucinationCase {
                prompt,
                truth,
                rules: Some(rules),
            }))
        }
        Gate::ResponsibleAi | Gate::StaticAnalysis | Gate::ImageScan | Gate::Health => Err(
            format!("suites of the gate {gate} are written in our own form"),
        ),
    }
}

impl RowRules {
    const fn nothing(must_pass: bool) -> Self {
        Self {
            scorers: Vec::new(),
            graded: Vec::new(),
            open: Vec::new(),
            must_pass,
            expected: String::new(),
        }
    }

    /// True where nothing is asked of the answer.
    pub(crate) const fn is_empty(&self) -> bool {
        self.scorers.is_empty() && self.graded.is_empty() && self.open.is_empty()
    }
}

/// The row's own checks as they were understood on reading, `extra` ones, and its expected calls and states.
fn rules(row: &Row, scorers: Understood, mut extra: Vec<Check>) -> RowRules {
    if !row.expected.tools.is_empty() {
        extra.push(Check::new("tool-call-f1", json!(row.expected.tools)));
    }
    if !row.expected.state.is_empty() {
        extra.push(Check::new("state", json!(row.expected.state)));
    }
    let mut rules = RowRules::nothing(row.must_pass);
    let own = row.checks.iter().zip(scorers);
    let more = extra.iter().map(|check| (check, Scorer::of(check)));
    let mut words = Vec::new();
    for (check, scorer) in own.chain(more) {
        words.push(said(check));
        match (scorer, criterion(check)) {
            (Ok(scorer), _) => rules.scorers.push(scorer),
            (Err(why), Some(criterion)) => rules.graded.push(Graded { criterion, why }),
            (Err(why), None) => rules.open.push(why),
        }
    }
    rules.expected = words.join("\n");
    rules
}

/// A check in words: `not contains: sorry`.
fn said(check: &Check) -> String {
    let not = if check.negated { "not " } else { "" };
    let name = text::cut(&check.scorer, 60);
    let least = check
        .threshold
        .map_or_else(String::new, |threshold| format!(" ({threshold})"));
    let value = if check.value.is_null() {
        String::new()
    } else {
        format!(": {}", text::cut(&crate::formats::words(&check.value), 300))
    };
    format!("{not}{name}{least}{value}")
}

fn problem(error: &Unreadable) -> SuiteProblem {
    let number = |name: &str| {
        let (_, rest) = error.place.split_once(name)?;
        rest.chars()
            .take_while(char::is_ascii_digit)
            .collect::<String>()
            .parse::<u32>()
            .ok()
    };
    let line = number("line ");
    SuiteProblem {
        line: line.unwrap_or(1),
        column: number("column ").unwrap_or(1),
        // A place that is no line, such as `tests[3]`, is part of the message.
        message: match line {
            Some(_) => error.message.clone(),
            None => error.to_string(),
        },
    }
}

fn whole(message: String) -> SuiteProblem {
    SuiteProblem {
        line: 1,
        column: 1,
        message,
    }
}
