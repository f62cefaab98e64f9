//! Relevance cases: a prompt and deterministic expectations of the answer.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{Case, CaseBody, SuiteProblem, line};
use crate::json_path::JsonPath;
use crate::text::quote;

/// A relevance case.
#[derive(Debug, Clone)]
pub(crate) struct RelevanceCase {
    pub(crate) prompt: String,
    pub(crate) expect: Vec<Expectation>,
    pub(crate) max_latency_ms: Option<u64>,
}

/// One thing that an answer must fulfil. Text comparisons ignore case, except `equals`.
#[derive(Debug, Clone)]
pub(crate) enum Expectation {
    Contains(String),
    NotContains(String),
    Equals(String),
    MatchesAny(Vec<String>),
    JsonEquals {
        text: String,
        path: JsonPath,
        value: Value,
    },
}

impl RelevanceCase {
    /// What a right answer is, for people.
    pub(super) fn expected(&self) -> String {
        let mut parts: Vec<String> = self.expect.iter().map(Expectation::words).collect();
        parts.extend(self.max_latency_ms.map(|most| format!("within {most} ms")));
        parts.join("\n")
    }
}

impl Expectation {
    fn words(&self) -> String {
        match self {
            Self::Contains(wanted) => format!("contains {}", quote(wanted)),
            Self::NotContains(banned) => format!("does not contain {}", quote(banned)),
            Self::Equals(wanted) => format!("is {}", quote(wanted)),
            Self::MatchesAny(wanted) => {
                let list: Vec<String> = wanted.iter().map(|one| quote(one)).collect();
                format!("contains any of {}", list.join(", "))
            }
            Self::JsonEquals { text, value, .. } => {
                format!("has {} at `{text}`", quote(&value.to_string()))
            }
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCase {
    id: String,
    prompt: String,
    #[serde(default)]
    expect: Vec<RawExpectation>,
    max_latency_ms: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExpectation {
    contains: Option<String>,
    not_contains: Option<String>,
    // `null` is a value that a field can be expected to have, so it is not the same as a missing key.
    #[serde(default, deserialize_with = "present")]
    equals: Option<Value>,
    matches_any: Option<Vec<String>>,
    json_path: Option<String>,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

pub(super) fn parse(number: u32, raw: &str) -> Result<Case, SuiteProblem> {
    let case: RawCase = line::read(number, raw)?;
    line::check_case(number, raw, &case.id, &case.prompt)?;
    if case.expect.is_empty() && case.max_latency_ms.is_none() {
        return Err(line::at(
            raw,
            number,
            "expect",
            "the case expects nothing: add at least one entry to `expect`",
        ));
    }
    if case.max_latency_ms == Some(0) {
        return Err(line::at(
            raw,
            number,
            "max_latency_ms",
            "`max_latency_ms` must be at least 1",
        ));
    }
    let expect = case
        .expect
        .into_iter()
        .map(|one| expectation(number, raw, one))
        .collect::<Result<_, _>>()?;
    let body = CaseBody::Relevance(RelevanceCase {
        prompt: case.prompt,
        expect,
        max_latency_ms: case.max_latency_ms,
    });
    Ok(Case {
        id: case.id,
        cluster: None,
        body,
    })
}

fn expectation(number: u32, raw: &str, one: RawExpectation) -> Result<Expectation, SuiteProblem> {
    let text =
        |field: &str, text: String| line::check_text(number, raw, field, &text).map(|()| text);
    let RawExpectation {
        contains,
        not_contains,
        equals,
        matches_any,
        json_path,
    } = one;
    match (contains, not_contains, equals, matches_any, json_path) {
        (Some(it), None, None, None, None) => text("contains", it).map(Expectation::Contains),
        (None, Some(it), None, None, None) => {
            text("not_contains", it).map(Expectation::NotContains)
        }
        (None, None, Some(Value::String(it)), None, None) => {
            text("equals", it).map(Expectation::Equals)
        }
        (None, None, Some(_), None, None) => Err(line::at(
            raw,
            number,
            "equals",
            "`equals` without `json_path` must be a string",
        )),
        (None, None, None, Some(it), None) => {
            line::check_texts(number, raw, "matches_any", &it).map(|()| Expectation::MatchesAny(it))
        }
        (None, None, Some(value), None, Some(it)) => {
            let path = JsonPath::parse(&it)
                .map_err(|message| line::at(raw, number, "json_path", message))?;
            Ok(Expectation::JsonEquals {
                text: it,
                path,
                value,
            })
        }
        _ => Err(line::at(
            raw,
            number,
            "expect",
            "an entry of `expect` has exactly one of `contains`, `not_contains`, `equals`, `matches_any`, \
             or `json_path` with `equals`",
        )),
    }
}
