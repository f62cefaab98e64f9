//! Values of checks, read strictly: what a scorer cannot use is said, and not guessed.

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use crate::row::{Check, ToolCall};
use crate::text;

/// A text, number or truth value as text.
pub(super) fn one(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err("expected a text".to_owned()),
    }
}

/// One or several texts, none of them empty.
pub(super) fn list(value: &Value) -> Result<Vec<String>, String> {
    let texts: Vec<String> = match value {
        Value::Array(list) => list.iter().map(one).collect::<Result<_, _>>()?,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            vec![one(value)?]
        }
    };
    if texts.is_empty() || texts.iter().any(|text| text.trim().is_empty()) {
        return Err("expected texts that are not empty".to_owned());
    }
    Ok(texts)
}

pub(super) fn numeric(value: &Value) -> Result<f64, String> {
    value
        .as_f64()
        .or_else(|| value.as_str()?.trim().parse().ok())
        .filter(|n| n.is_finite())
        .ok_or_else(|| "expected a number".to_owned())
}

pub(super) fn whole(value: &Value) -> Result<usize, String> {
    value
        .as_u64()
        .and_then(|n| usize::try_from(n).ok())
        .ok_or_else(|| "expected a whole number".to_owned())
}

/// A limit, in the value or in the threshold.
pub(super) fn limit(check: &Check) -> Result<f64, String> {
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
pub(super) fn most_whole(limit: f64) -> u64 {
    format!("{:.0}", limit.floor()).parse().unwrap_or(u64::MAX)
}

/// A regular expression of linear time. Look-around and back references, which other engines have, are refused.
pub(super) fn regex(pattern: &str) -> Result<Regex, String> {
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
pub(super) fn schema(value: &Value) -> Result<Option<Box<jsonschema::Validator>>, String> {
    if value.is_null() {
        return Ok(None);
    }
    let value = json_value(value)?;
    jsonschema::validator_for(&value)
        .map(|schema| Some(Box::new(schema)))
        .map_err(|error| format!("not a JSON Schema: {}", text::cut(&error.to_string(), 120)))
}

/// A value, or the value that a text of JSON says.
pub(super) fn json_value(value: &Value) -> Result<Value, String> {
    match value {
        Value::String(text) => serde_json::from_str(text).map_err(|_| "expected JSON".to_owned()),
        Value::Null => Err("expected JSON".to_owned()),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Ok(value.clone()),
    }
}

/// Expected calls: objects with a name, bare names, or names in one text with commas.
pub(super) fn calls(value: &Value) -> Result<Vec<ToolCall>, String> {
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
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Array(_)
                | Value::Object(_) => {
                    serde_json::from_value(one.clone()).map_err(|error| error.to_string())
                }
            })
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            Err("expected a list of tool calls".to_owned())
        }
    }
}
