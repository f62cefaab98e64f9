//! JSON objects one a line, or in one array.

use serde_json::{Map, Value};

use super::{MAX_ROWS, Unreadable};

/// An object with the place where it stands.
pub(super) type Placed = (String, Map<String, Value>);

/// The objects of a text: an array of objects, or one object a line.
pub(super) fn objects(text: &str) -> Result<Vec<Placed>, Unreadable> {
    if text.trim_start().starts_with('[') {
        let all: Vec<Value> = serde_json::from_str(text).map_err(|e| problem(1, &e))?;
        return all
            .into_iter()
            .enumerate()
            .map(|(at, value)| object(format!("row {}", at + 1), value))
            .collect();
    }
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let place = format!("line {}", at + 1);
        if found.len() >= MAX_ROWS {
            return Err(Unreadable::new(
                place,
                format!("more than {MAX_ROWS} rows: split the file"),
            ));
        }
        let value = serde_json::from_str(line).map_err(|e| problem(at + 1, &e))?;
        found.push(object(place, value)?);
    }
    Ok(found)
}

fn object(place: String, value: Value) -> Result<Placed, Unreadable> {
    match value {
        Value::Object(map) => Ok((place, map)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(Unreadable::new(place, "expected a JSON object"))
        }
    }
}

/// One line per value.
pub(super) fn lines(values: impl IntoIterator<Item = Value>) -> String {
    let mut out = String::new();
    for value in values {
        out.push_str(&value.to_string());
        out.push('\n');
    }
    out
}

/// JSON that does not parse, in a text that begins at the line `first` of the file.
pub(super) fn problem(first: usize, error: &serde_json::Error) -> Unreadable {
    let text = error.to_string();
    // serde_json appends a place of its own, which knows nothing of the lines before.
    let message = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(message, _)| message);
    let line = first.saturating_add(error.line().saturating_sub(1));
    Unreadable::new(
        format!("line {line}, column {}", error.column()),
        format!("not valid JSON: {message}"),
    )
}
