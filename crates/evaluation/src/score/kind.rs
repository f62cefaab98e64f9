//! The scorers there are, and what each needs.

use regex::Regex;
use serde_json::Value;

use super::instruction::Script;
use super::names::{CODE, JUDGED};
use super::traced::Traced;
use super::typed::Day;
use super::values::{json_value, limit, list, numeric, one, regex, schema, whole};
use super::words::plain;
use super::{Given, Score, instruction, overlap, structure, typed};
use crate::json_path::JsonPath;
use crate::row::Check;
use crate::statistics::number::count;
use crate::text::quote;
use crate::{refusal, text};

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
                let edits = count(overlap::levenshtein(answer.trim(), wanted.trim()));
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
    let took = count(usize::try_from(took).unwrap_or(usize::MAX));
    if took <= limit {
        Score::yes(format!("it took {took} ms of at most {limit}"))
    } else {
        Score::no(format!(
            "it took {took} ms, and at most {limit} are allowed"
        ))
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
