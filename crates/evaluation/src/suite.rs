//! Suite files: JSON Lines in the agent's repository, one case a line. Strict: an unknown key, a missing field or a value
//! that cannot be judged is a problem with its place, never a case that silently does not count.

mod bbq;
mod hallucination;
mod line;
mod relevance;
mod responsible_ai;
mod rows;

use std::collections::BTreeMap;

use domain::gate::Gate;

pub(crate) use bbq::BbqCase;
pub(crate) use hallucination::HallucinationCase;
pub(crate) use relevance::{Expectation, RelevanceCase};
pub(crate) use responsible_ai::{Compare, Probe, ResponsibleAiCase};
pub(crate) use rows::{Graded, RowCase, RowRules};

use crate::formats::{Format, Unsupported};

/// Cases in one suite.
pub const MAX_CASES: usize = 5_000;
/// Bytes in one suite file.
pub const MAX_BYTES: usize = 1024 * 1024;
/// Characters in one prompt, expected text or ground-truth passage.
pub const MAX_TEXT: usize = 20_000;
/// Problems reported for one file: a person repairs the first ones and tries again.
const MAX_PROBLEMS: usize = 50;

/// Something in a suite file that cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct SuiteProblem {
    /// 1-based line.
    pub line: u32,
    /// 1-based column in characters.
    pub column: u32,
    /// What is wrong and what is expected.
    pub message: String,
}

/// One request to the agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Names the case across all suites: `<suite file>#<case id>`. Hand it back in the [`crate::Exchange`] as it is.
    pub case_id: String,
    /// Tells apart the requests of one case. Empty where the case has one request, the value of the placeholder in a
    /// counterfactual case.
    pub variant: String,
    /// What to send.
    pub prompt: String,
}

/// A parsed suite of one gate.
#[derive(Debug)]
pub struct Suite {
    gate: Gate,
    file_name: String,
    cases: Vec<Case>,
    unsupported: Vec<Unsupported>,
}

/// One case with its id.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) id: String,
    /// Cases of one cluster are not independent.
    pub(crate) cluster: Option<String>,
    pub(crate) body: CaseBody,
}

/// What a case asks and expects, by gate.
#[derive(Debug)]
pub(crate) enum CaseBody {
    Relevance(RelevanceCase),
    Hallucination(HallucinationCase),
    ResponsibleAi(ResponsibleAiCase),
    Bbq(BbqCase),
    Row(RowCase),
}

impl Suite {
    /// Reads a suite file. Blank lines are allowed; every other line is one JSON object. A file whose name says that it is in the
    /// format of another tool ([`Format::of`]) is read as that.
    ///
    /// # Errors
    /// Every problem found (at most 50), in the order of the file: JSON that does not parse, unknown keys, missing or
    /// contradictory fields, repeated ids, sizes over the limits, a gate that has no suites.
    pub fn parse(gate: Gate, file_name: &str, text: &str) -> Result<Self, Vec<SuiteProblem>> {
        if let Some(problem) = refuse_whole(gate, text) {
            return Err(vec![problem]);
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if let Some(format) = Format::of(file_name, text) {
            return rows::parse(gate, file_name, format, text);
        }
        let mut cases = Vec::new();
        let mut problems = Vec::new();
        let mut seen = BTreeMap::new();
        for (number, raw) in (1_u32..).zip(text.lines()) {
            if raw.trim().is_empty() {
                continue;
            }
            if cases.len() >= MAX_CASES {
                problems.push(SuiteProblem {
                    line: number,
                    column: 1,
                    message: format!("more than {MAX_CASES} cases: split the suite"),
                });
                break;
            }
            match parse_line(gate, file_name, number, raw) {
                Ok(case) => {
                    if let Some(first) = seen.insert(case.id.clone(), number) {
                        problems.push(line::at(
                            raw,
                            number,
                            "id",
                            format!("the id `{}` is already used in line {first}", case.id),
                        ));
                    }
                    cases.push(case);
                }
                Err(problem) => problems.push(problem),
            }
            if problems.len() >= MAX_PROBLEMS {
                break;
            }
        }
        if problems.is_empty() {
            Ok(Self {
                gate,
                file_name: file_name.to_owned(),
                cases,
                unsupported: Vec::new(),
            })
        } else {
            Err(problems)
        }
    }

    /// The gate that the suite is evidence for.
    #[must_use]
    pub const fn gate(&self) -> Gate {
        self.gate
    }

    /// What the file holds that is not scored, converted or followed.
    #[must_use]
    pub fn unsupported(&self) -> &[Unsupported] {
        &self.unsupported
    }

    /// The file the suite was read from.
    #[must_use]
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// How many cases it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cases.len()
    }

    /// True for a file without a case.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }

    /// What to ask the agent, in the order of the file.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        let mut requests = Vec::new();
        for case in &self.cases {
            let case_id = self.key(case);
            for (variant, prompt) in case.body.prompts() {
                requests.push(Request {
                    case_id: case_id.clone(),
                    variant,
                    prompt,
                });
            }
        }
        requests
    }

    pub(crate) fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// The name of a case across suites.
    pub(crate) fn key(&self, case: &Case) -> String {
        format!("{}#{}", self.file_name, case.id)
    }
}

impl CaseBody {
    /// Variant and prompt of each request.
    pub(crate) fn prompts(&self) -> Vec<(String, String)> {
        match self {
            Self::Relevance(case) => vec![(String::new(), case.prompt.clone())],
            Self::Hallucination(case) => vec![(String::new(), case.prompt.clone())],
            Self::ResponsibleAi(case) => case.prompts(),
            Self::Bbq(case) => vec![(String::new(), case.prompt.clone())],
            Self::Row(case) => vec![(String::new(), case.prompt.clone())],
        }
    }

    /// What the case asks, for people.
    pub(crate) fn asked(&self) -> &str {
        match self {
            Self::Relevance(case) => &case.prompt,
            Self::Hallucination(case) => &case.prompt,
            Self::ResponsibleAi(case) => &case.prompt,
            Self::Bbq(case) => &case.prompt,
            Self::Row(case) => &case.prompt,
        }
    }
}

impl CaseBody {
    /// What a right answer is, for people; `None` where nothing is said of it.
    pub(crate) fn expected(&self) -> Option<String> {
        let words = match self {
            Self::Relevance(case) => case.expected(),
            Self::Hallucination(case) => case.expected(),
            Self::ResponsibleAi(case) => case.expected(),
            Self::Bbq(case) => case.expected(),
            Self::Row(case) => case.rules.expected.clone(),
        };
        (!words.is_empty()).then_some(words)
    }
}

/// What makes a whole file unusable.
fn refuse_whole(gate: Gate, text: &str) -> Option<SuiteProblem> {
    let message = match gate {
        Gate::Relevance | Gate::Hallucination | Gate::ResponsibleAi if text.len() <= MAX_BYTES => {
            return None;
        }
        Gate::Relevance | Gate::Hallucination | Gate::ResponsibleAi => {
            format!(
                "the file has {} bytes and at most {MAX_BYTES} are read: split the suite",
                text.len()
            )
        }
        Gate::StaticAnalysis | Gate::ImageScan | Gate::Health => {
            format!("the gate {gate} takes no suites")
        }
    };
    Some(SuiteProblem {
        line: 1,
        column: 1,
        message,
    })
}

fn parse_line(gate: Gate, file_name: &str, number: u32, raw: &str) -> Result<Case, SuiteProblem> {
    match gate {
        Gate::ResponsibleAi if file_name.to_lowercase().ends_with(bbq::ENDING) => {
            bbq::parse(number, raw)
        }
        Gate::Relevance => relevance::parse(number, raw),
        Gate::Hallucination => hallucination::parse(number, raw),
        Gate::ResponsibleAi => responsible_ai::parse(number, raw),
        Gate::StaticAnalysis | Gate::ImageScan | Gate::Health => Err(SuiteProblem {
            line: number,
            column: 1,
            message: format!("the gate {gate} takes no suites"),
        }),
    }
}
