//! The scorers there are, and what each needs.

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::instruction::Script;
use super::typed::Day;
use super::words::{plain, quote};
use super::{Given, Score, Trace, instruction, overlap, structure, trace, typed};
use crate::json_path::JsonPath;
use crate::row::{Check, StateCheck, ToolCall};
use crate::{refusal, text};

/// Scorers of other tools that ask a model.
const JUDGED: &[&str] = &[
    "answer-relevance",
    "classifier",
    "context-faithfulness",
    "context-recall",
    "context-relevance",
    "conversation-relevance",
    "factuality",
    "g-eval",
    "guideline",
    "llm-rubric",
    "model-graded-closedqa",
    "model-graded-factuality",
    "moderation",
    "pi",
    "search-rubric",
    "select-best",
    "similar",
    "trajectory:goal-success",
];
/// Scorers that run code of the suite.
const CODE: &[&str] = &["javascript", "python", "ruby", "webhook"];
/// Deterministic scorers of other tools that are not here.
const ABSENT: &[&str] = &[
    "contains-html",
    "contains-sql",
    "contains-xml",
    "finish-reason",
    "gleu",
    "guardrails",
    "human",
    "is-html",
    "is-sql",
    "is-valid-function-call",
    "is-valid-openai-function-call",
    "is-valid-openai-tools-call",
    "is-xml",
    "max-score",
    "meteor",
    "perplexity",
    "perplexity-score",
    "skill-used",
    "trace-error-spans",
    "trace-span-count",
    "trace-span-duration",
];
/// The scorers that are here.
const OURS: &[&str] = &[
    "bleu",
    "chrf",
    "contains",
    "contains-all",
    "contains-any",
    "contains-json",
    "cost",
    "date",
    "equals",
    "exact",
    "f1",
    "icontains",
    "icontains-all",
    "icontains-any",
    "is-json",
    "is-refusal",
    "json-fields",
    "json-path",
    "latency",
    "levenshtein",
    "match-any",
    "max-characters",
    "max-steps",
    "no-loop",
    "number",
    "regex",
    "rouge-1",
    "rouge-2",
    "rouge-l",
    "rouge-n",
    "script",
    "set",
    "starts-with",
    "starts-with-any",
    "state",
    "tokens",
    "tool-call-f1",
    "tools-forbidden",
    "tools-order",
    "tools-required",
    "word-count",
];

/// True for a name that means a scorer, here or elsewhere.
#[must_use]
pub fn is_known(name: &str) -> bool {
    [OURS, JUDGED, CODE, ABSENT]
        .iter()
        .any(|list| list.contains(&name))
}

/// True for a scorer that asks a model.
#[must_use]
pub fn needs_judge(name: &str) -> bool {
    JUDGED.contains(&name)
}

/// A scorer with its settings.
#[derive(Debug)]
pub(super) enum Kind {
    Equals(Value),
    Exact(Vec<String>),
    Contains {
        any: Vec<String>,
        fold: bool,
    },
    ContainsAll {
        all: Vec<String>,
        fold: bool,
    },
    StartsWith(Vec<String>),
    Regex(Regex),
    IsJson {
        within: bool,
        schema: Option<Box<jsonschema::Validator>>,
    },
    JsonPath {
        text: String,
        path: JsonPath,
        value: Value,
    },
    JsonFields {
        value: Value,
        least: f64,
    },
    Refusal,
    Overlap {
        how: Overlap,
        references: Vec<String>,
        least: f64,
    },
    Levenshtein {
        wanted: String,
        most: f64,
    },
    Number {
        wanted: f64,
        tolerance: f64,
    },
    Date(Day),
    Set(Vec<String>),
    WordCount {
        least: usize,
        most: usize,
    },
    MaxCharacters(usize),
    Script(Script),
    Latency(f64),
    Traced(Traced),
}

/// A measure of overlap.
#[derive(Debug, Clone, Copy)]
pub(super) enum Overlap {
    F1,
    Rouge(usize),
    RougeL,
    Bleu,
    Chrf,
}

/// What needs a trace.
#[derive(Debug)]
pub(super) enum Traced {
    Required(Vec<String>),
    Forbidden(Vec<String>),
    Order(Vec<String>),
    MaxSteps(u64),
    NoLoop,
    CallsF1(Vec<ToolCall>, f64),
    State(Vec<(JsonPath, StateCheck)>),
    Tokens(u64),
    Cost(f64),
}

impl Kind {
    pub(super) fn of(check: &Check) -> Result<Self, String> {
        let name = check.scorer.as_str();
        if check.extra.contains_key("transform") {
            let name = text::cut(name, 60);
            return Err(format!(
                "`{name}` looks at an answer that code has transformed, and code is not run: the case stays undecided"
            ));
        }
        if let Some(found) = Self::of_text(name, check).or_else(|| Self::of_value(name, check)) {
            return found.map_err(|why| format!("`{name}`: {why}; the case stays undecided"));
        }
        let name = text::cut(name, 60);
        Err(if JUDGED.contains(&check.scorer.as_str()) {
            format!(
                "`{name}` needs a judge: the case stays undecided until one is configured and calibrated"
            )
        } else if CODE.contains(&check.scorer.as_str()) {
            format!("`{name}` is code and is not run: the case stays undecided")
        } else {
            format!("`{name}` is not supported: the case stays undecided")
        })
    }

    /// Scorers that compare texts.
    fn of_text(name: &str, check: &Check) -> Option<Result<Self, String>> {
        let texts = || list(&check.value);
        let overlap = |how, usual| {
            texts().map(|references| Self::Overlap {
                how,
                references,
                least: check.threshold.unwrap_or(usual),
            })
        };
        Some(match name {
            "equals" => Ok(Self::Equals(check.value.clone())),
            "exact" | "match-any" => texts().map(Self::Exact),
            "contains" | "contains-any" => texts().map(|any| Self::Contains { any, fold: false }),
            "icontains" | "icontains-any" => texts().map(|any| Self::Contains { any, fold: true }),
            "contains-all" => texts().map(|all| Self::ContainsAll { all, fold: false }),
            "icontains-all" => texts().map(|all| Self::ContainsAll { all, fold: true }),
            "starts-with" | "starts-with-any" => texts().map(Self::StartsWith),
            "regex" => one(&check.value)
                .and_then(|pattern| regex(&pattern))
                .map(Self::Regex),
            "is-refusal" => Ok(Self::Refusal),
            "f1" => overlap(Overlap::F1, 0.5),
            "rouge-1" | "rouge-n" => overlap(Overlap::Rouge(1), 0.75),
            "rouge-2" => overlap(Overlap::Rouge(2), 0.5),
            "rouge-l" => overlap(Overlap::RougeL, 0.75),
            "bleu" => overlap(Overlap::Bleu, 0.5),
            "chrf" => overlap(Overlap::Chrf, 0.5),
            "levenshtein" => one(&check.value).map(|wanted| Self::Levenshtein {
                wanted,
                most: check.threshold.unwrap_or(5.0),
            }),
            "set" => texts().map(Self::Set),
            _ => return None,
        })
    }

    /// Scorers with another kind of value.
    fn of_value(name: &str, check: &Check) -> Option<Result<Self, String>> {
        let value = &check.value;
        let least = check.threshold.unwrap_or(1.0);
        Some(match name {
            "is-json" => schema(value).map(|schema| Self::IsJson {
                within: false,
                schema,
            }),
            "contains-json" => schema(value).map(|schema| Self::IsJson {
                within: true,
                schema,
            }),
            "json-path" => json_path(value),
            "json-fields" => json_value(value).map(|value| Self::JsonFields { value, least }),
            "number" => numeric(value).map(|wanted| Self::Number {
                wanted,
                tolerance: check.threshold.unwrap_or(1e-9),
            }),
            "date" => one(value).and_then(|text| {
                let days = typed::days(&text);
                let day = days.first().ok_or("expected a day such as 2026-03-05")?;
                Ok(Self::Date(*day))
            }),
            "word-count" => word_count(value),
            "max-characters" => whole(value).map(Self::MaxCharacters),
            "script" => one(value).and_then(|name| {
                Script::of(&name)
                    .map(Self::Script)
                    .ok_or_else(|| "no such script".to_owned())
            }),
            "latency" => limit(check).map(Self::Latency),
            _ => return Traced::of(name, check).map(|traced| traced.map(Self::Traced)),
        })
    }

    pub(super) fn score(&self, given: &Given<'_>) -> Score {
        let answer = given.answer;
        match self {
            Self::Equals(Value::String(wanted)) => {
                said(answer.trim() == wanted.trim(), "is", wanted)
            }
            Self::Equals(wanted) => match structure::json_of(answer) {
                Some(found) if found == *wanted => Score::yes("it is the expected JSON"),
                _ => Score::no("it is not the expected JSON"),
            },
            Self::Exact(wanted) => {
                let mine = plain(answer);
                any(wanted, |one| mine == plain(one), "matches")
            }
            Self::Contains { any: wanted, fold } => {
                let folded = folded(answer, *fold);
                any(
                    wanted,
                    |one| folded.contains(&self::folded(one, *fold)),
                    "contains",
                )
            }
            Self::ContainsAll { all, fold } => {
                let folded = folded(answer, *fold);
                match all
                    .iter()
                    .find(|one| !folded.contains(&self::folded(one, *fold)))
                {
                    None => Score::yes("it contains all that is asked for"),
                    Some(missing) => said(false, "contains", missing),
                }
            }
            Self::StartsWith(wanted) => any(
                wanted,
                |one| answer.trim_start().starts_with(one.trim_start()),
                "starts with",
            ),
            Self::Regex(pattern) => said(pattern.is_match(answer), "matches", pattern.as_str()),
            Self::IsJson { within, schema } => structure::json(answer, *within, schema.as_deref()),
            Self::JsonPath { text, path, value } => structure::at_path(answer, text, path, value),
            Self::JsonFields { value, least } => structure::fields(answer, value, *least),
            Self::Refusal => {
                if refusal::is_refusal(answer) {
                    Score::yes("it is a refusal")
                } else {
                    Score::no("it is not clearly a refusal")
                }
            }
            Self::Overlap {
                how,
                references,
                least,
            } => how.score(answer, references, *least),
            Self::Levenshtein { wanted, most } => {
                let edits = super::words::count(overlap::levenshtein(answer.trim(), wanted.trim()));
                if edits <= *most {
                    Score::yes(format!("{edits} edits from {}", quote(wanted)))
                } else {
                    Score::no(format!(
                        "{edits} edits from {}, and at most {most} are allowed",
                        quote(wanted)
                    ))
                }
            }
            Self::Number { wanted, tolerance } => typed::number(answer, *wanted, *tolerance),
            Self::Date(day) => typed::date(answer, *day),
            Self::Set(wanted) => typed::set(answer, wanted),
            Self::WordCount { least, most } => instruction::word_count(answer, *least, *most),
            Self::MaxCharacters(most) => instruction::max_characters(answer, *most),
            Self::Script(script) => instruction::script(answer, *script),
            Self::Latency(limit) => latency(given.latency_ms, *limit),
            Self::Traced(traced) => match given.trace {
                None => Score::unknown("the agent does not report what it did"),
                Some(trace) => traced.score(trace),
            },
        }
    }
}

impl Overlap {
    fn score(self, answer: &str, references: &[String], least: f64) -> Score {
        let best = |measure: &dyn Fn(&str) -> f64| {
            references
                .iter()
                .map(|one| measure(one))
                .fold(0.0, f64::max)
        };
        let (name, value) = match self {
            Self::F1 => (
                "F1 of the words",
                best(&|one| overlap::token_f1(answer, one)),
            ),
            Self::Rouge(n) => ("ROUGE", best(&|one| overlap::rouge_n(answer, one, n))),
            Self::RougeL => ("ROUGE-L", best(&|one| overlap::rouge_l(answer, one))),
            Self::Bleu => ("BLEU", overlap::bleu(answer, references)),
            Self::Chrf => ("chrF", best(&|one| overlap::chrf(answer, one))),
        };
        Score::graded(value, least, name)
    }
}

impl Traced {
    fn of(name: &str, check: &Check) -> Option<Result<Self, String>> {
        let value = &check.value;
        Some(match name {
            "tools-required" => list(value).map(Self::Required),
            "tools-forbidden" => list(value).map(Self::Forbidden),
            "tools-order" => list(value).map(Self::Order),
            "max-steps" => {
                whole(value).map(|most| Self::MaxSteps(u64::try_from(most).unwrap_or(u64::MAX)))
            }
            "no-loop" => Ok(Self::NoLoop),
            "tool-call-f1" => {
                calls(value).map(|calls| Self::CallsF1(calls, check.threshold.unwrap_or(1.0)))
            }
            "state" => state(value),
            "tokens" => limit(check).map(|most| Self::Tokens(most_whole(most))),
            "cost" => limit(check).map(Self::Cost),
            _ => return None,
        })
    }

    fn score(&self, trace: &Trace) -> Score {
        match self {
            Self::Required(tools) => trace::required(trace, tools),
            Self::Forbidden(tools) => trace::forbidden(trace, tools),
            Self::Order(tools) => trace::order(trace, tools),
            Self::MaxSteps(limit) => trace::max_steps(trace, *limit),
            Self::NoLoop => trace::no_loop(trace),
            Self::CallsF1(expected, least) => trace::calls_f1(trace, expected, *least),
            Self::State(checks) => trace::state(trace, checks),
            Self::Tokens(limit) => trace::tokens(trace, *limit),
            Self::Cost(limit) => trace::cost(trace, *limit),
        }
    }
}

fn folded(given: &str, fold: bool) -> String {
    if fold {
        text::fold(given)
    } else {
        given.to_owned()
    }
}

fn said(holds: bool, verb: &str, wanted: &str) -> Score {
    if holds {
        Score::yes(format!("the answer {verb} {}", quote(wanted)))
    } else {
        Score::no(format!(
            "it is not so that the answer {verb} {}",
            quote(wanted)
        ))
    }
}

fn any(wanted: &[String], holds: impl Fn(&str) -> bool, verb: &str) -> Score {
    match wanted.iter().find(|one| holds(one)) {
        Some(found) => said(true, verb, found),
        None => said(false, verb, &wanted.join("” or “")),
    }
}

fn latency(took: u64, limit: f64) -> Score {
    let took = super::words::count(usize::try_from(took).unwrap_or(usize::MAX));
    if took <= limit {
        Score::yes(format!("it took {took} ms of at most {limit}"))
    } else {
        Score::no(format!(
            "it took {took} ms, and at most {limit} are allowed"
        ))
    }
}

/// A text, number or truth value as text.
fn one(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err("expected a text".to_owned()),
    }
}

/// One or several texts, none of them empty.
fn list(value: &Value) -> Result<Vec<String>, String> {
    let texts: Vec<String> = match value {
        Value::Array(list) => list.iter().map(one).collect::<Result<_, _>>()?,
        other => vec![one(other)?],
    };
    if texts.is_empty() || texts.iter().any(|text| text.trim().is_empty()) {
        return Err("expected texts that are not empty".to_owned());
    }
    Ok(texts)
}

fn numeric(value: &Value) -> Result<f64, String> {
    value
        .as_f64()
        .or_else(|| value.as_str()?.trim().parse().ok())
        .filter(|n| n.is_finite())
        .ok_or_else(|| "expected a number".to_owned())
}

fn whole(value: &Value) -> Result<usize, String> {
    value
        .as_u64()
        .and_then(|n| usize::try_from(n).ok())
        .ok_or_else(|| "expected a whole number".to_owned())
}

/// A limit, in the value or in the threshold.
fn limit(check: &Check) -> Result<f64, String> {
    check
        .threshold
        .map_or_else(|| numeric(&check.value), Ok)
        .and_then(|n| {
            if n >= 0.0 {
                Ok(n)
            } else {
                Err("expected a limit of 0 or more".to_owned())
            }
        })
}

/// A limit in whole units, rounded down; found by search, because a cast would hide what is out of range.
fn most_whole(limit: f64) -> u64 {
    format!("{:.0}", limit.floor()).parse().unwrap_or(u64::MAX)
}

/// A regular expression of linear time. Look-around and back references, which other engines have, are refused.
fn regex(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .dfa_size_limit(1 << 20)
        .build()
        .map_err(|error| {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or("not a regular expression");
            format!(
                "not a regular expression that is supported ({})",
                text::cut(last.trim(), 120)
            )
        })
}

/// A JSON Schema; nothing that it refers to elsewhere is fetched.
fn schema(value: &Value) -> Result<Option<Box<jsonschema::Validator>>, String> {
    let value = match value {
        Value::Null => return Ok(None),
        Value::String(_) => json_value(value)?,
        other => other.clone(),
    };
    jsonschema::validator_for(&value)
        .map(|schema| Some(Box::new(schema)))
        .map_err(|error| format!("not a JSON Schema: {}", text::cut(&error.to_string(), 120)))
}

/// A value, or the value that a text of JSON says.
fn json_value(value: &Value) -> Result<Value, String> {
    match value {
        Value::String(text) => serde_json::from_str(text).map_err(|_| "expected JSON".to_owned()),
        Value::Null => Err("expected JSON".to_owned()),
        other => Ok(other.clone()),
    }
}

fn json_path(value: &Value) -> Result<Kind, String> {
    let text = value
        .get("path")
        .and_then(Value::as_str)
        .ok_or("expected `path` and `equals`")?;
    let wanted = value.get("equals").ok_or("expected `path` and `equals`")?;
    Ok(Kind::JsonPath {
        text: text.to_owned(),
        path: JsonPath::parse(text)?,
        value: wanted.clone(),
    })
}

fn word_count(value: &Value) -> Result<Kind, String> {
    if let Ok(exactly) = whole(value) {
        return Ok(Kind::WordCount {
            least: exactly,
            most: exactly,
        });
    }
    let at = |name: &str, missing: usize| value.get(name).map_or(Ok(missing), whole);
    if value.get("min").is_none() && value.get("max").is_none() {
        return Err("expected a number, or `min` and `max`".to_owned());
    }
    Ok(Kind::WordCount {
        least: at("min", 0)?,
        most: at("max", usize::MAX)?,
    })
}

/// Expected calls: objects with a name, bare names, or names in one text with commas.
fn calls(value: &Value) -> Result<Vec<ToolCall>, String> {
    let bare = |name: &str| ToolCall {
        name: name.trim().to_owned(),
        arguments: Value::Null,
    };
    match value {
        Value::String(names) => Ok(names.split(',').map(bare).collect()),
        Value::Array(list) => list
            .iter()
            .map(|one| match one {
                Value::String(name) => Ok(bare(name)),
                other => serde_json::from_value(other.clone()).map_err(|e| e.to_string()),
            })
            .collect(),
        _ => Err("expected a list of tool calls".to_owned()),
    }
}

fn state(value: &Value) -> Result<Traced, String> {
    let checks: Vec<StateCheck> =
        serde_json::from_value(value.clone()).map_err(|e| e.to_string())?;
    let read = checks
        .into_iter()
        .map(|check| Ok((JsonPath::parse(&check.path)?, check)))
        .collect::<Result<Vec<_>, String>>()?;
    if read.is_empty() {
        return Err("expected assertions".to_owned());
    }
    Ok(Traced::State(read))
}
