//! Structured answers: JSON, its schema, its fields.

use serde_json::Value;

use super::Score;
use super::words::f1;
use crate::json_path::JsonPath;
use crate::statistics::number::ratio;
use crate::text::quote;

/// Bytes of an answer that are searched for JSON.
const MOST: usize = 256 * 1024;

/// The answer as JSON, also where it is wrapped in a code block.
pub(crate) fn json_of(answer: &str) -> Option<Value> {
    let text = answer.trim();
    let inner = text
        .strip_prefix("```")
        .and_then(|rest| rest.strip_suffix("```"))
        .map(|block| block.strip_prefix("json").unwrap_or(block));
    serde_json::from_str(inner.unwrap_or(text)).ok()
}

/// The first object or list that stands somewhere in the answer.
fn json_within(answer: &str) -> Option<Value> {
    let answer = answer
        .get(..answer.floor_char_boundary(MOST))
        .unwrap_or(answer);
    // Each start costs a parse of what follows; a text of nothing but brackets must not cost its square.
    answer
        .match_indices(['{', '['])
        .take(64)
        .find_map(|(at, _)| {
            let rest = answer.get(at..)?;
            serde_json::Deserializer::from_str(rest)
                .into_iter::<Value>()
                .next()?
                .ok()
        })
}

/// Is JSON, or has JSON in it, and fits a schema where one is given.
pub(super) fn json(answer: &str, within: bool, schema: Option<&jsonschema::Validator>) -> Score {
    let found = json_of(answer).or_else(|| within.then(|| json_within(answer)).flatten());
    let Some(value) = found else {
        return Score::no("there is no JSON");
    };
    match schema.map(|schema| schema.validate(&value)) {
        None => Score::yes("it is JSON"),
        Some(Ok(())) => Score::yes("it is JSON that fits the schema"),
        Some(Err(error)) => Score::no(format!(
            "the JSON does not fit the schema at {}: {}",
            quote(&error.instance_path().to_string()),
            crate::text::cut(&error.to_string(), 160)
        )),
    }
}

/// The value that a path leads to.
pub(super) fn at_path(answer: &str, text: &str, path: &JsonPath, wanted: &Value) -> Score {
    let Some(json) = json_of(answer) else {
        return Score::no("the answer is not JSON");
    };
    match path.find(&json) {
        Some(found) if found == wanted => Score::yes(format!("`{text}` is as expected")),
        Some(found) => Score::no(format!(
            "`{text}` is {} and not {}",
            quote(&found.to_string()),
            quote(&wanted.to_string())
        )),
        None => Score::no(format!("the answer has no `{text}`")),
    }
}

/// F1 over the fields of two JSON values: a field counts where path and value are the same.
pub(super) fn fields(answer: &str, wanted: &Value, least: f64) -> Score {
    let Some(json) = json_of(answer) else {
        return Score::no("the answer is not JSON");
    };
    let (mut mine, mut theirs) = (Vec::new(), Vec::new());
    leaves(&json, &mut String::new(), &mut mine);
    leaves(wanted, &mut String::new(), &mut theirs);
    let hits = mine.iter().filter(|leaf| theirs.contains(leaf)).count();
    let value = f1(ratio(hits, mine.len()), ratio(hits, theirs.len()));
    Score::graded(value, least, "F1 of the fields")
}

/// Paths and values of what is neither list nor map; at most 2,000 of them.
fn leaves(value: &Value, path: &mut String, found: &mut Vec<String>) {
    if found.len() >= 2_000 {
        return;
    }
    let length = path.len();
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                path.push('.');
                path.push_str(name);
                leaves(inner, path, found);
                path.truncate(length);
            }
        }
        Value::Array(list) => {
            for (at, inner) in list.iter().enumerate() {
                path.push_str(&format!("[{at}]"));
                leaves(inner, path, found);
                path.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            found.push(format!("{path}={value}"));
        }
    }
}
