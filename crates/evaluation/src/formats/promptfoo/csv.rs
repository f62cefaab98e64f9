//! promptfoo's tests in CSV: variables in columns, assertions as `type(threshold): value` in `__expected` columns.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{QUESTION, template};
use crate::formats::take::words;
use crate::formats::{Imported, Unreadable, table};
use crate::row::{Check, Input, Row};

/// Scorers whose value is a list, written with commas.
const LISTS: &[&str] = &[
    "contains-any",
    "contains-all",
    "icontains-any",
    "icontains-all",
    "contains-exactly",
];

pub(in crate::formats) fn read(text: &str) -> Result<Imported, Unreadable> {
    let mut imported = Imported::default();
    for (number, (place, mut cells)) in table::lines(text)?.into_iter().enumerate() {
        let mut checks = Vec::new();
        let threshold = cells
            .remove("__threshold")
            .and_then(|cell| cell.trim().parse::<f64>().ok());
        let metric = cells.remove("__metric");
        let expected: Vec<String> = cells
            .keys()
            .filter(|name| name.starts_with("__expected"))
            .cloned()
            .collect();
        for name in expected {
            if let Some(cell) = cells.remove(&name) {
                let mut check = assertion(&cell);
                check.threshold = check.threshold.or(threshold);
                check.metric.clone_from(&metric);
                checks.push(check);
            }
        }
        let mut row = Row {
            id: cells
                .remove("__metadata:id")
                .unwrap_or_else(|| (number + 1).to_string()),
            checks,
            weight: 1.0,
            ..Row::default()
        };
        if let Some(description) = cells.remove("__description") {
            row.extra
                .insert("description".to_owned(), json!(description));
        }
        let (ours, vars): (BTreeMap<_, _>, BTreeMap<_, _>) = cells
            .into_iter()
            .partition(|(name, _)| name.starts_with("__"));
        for (name, cell) in ours {
            imported.note(
                format!("{place}, {name}"),
                "kept with the row, and not used to judge",
            );
            row.extra.insert(name, json!(cell));
        }
        let name = QUESTION
            .iter()
            .find(|name| vars.contains_key(**name))
            .map(|name| (*name).to_owned())
            .or_else(|| {
                (vars.len() == 1)
                    .then(|| vars.keys().next().cloned())
                    .flatten()
            })
            .ok_or_else(|| {
                Unreadable::new(
                    &place,
                    "it is not clear which column is the question: name it `question`",
                )
            })?;
        for (other, cell) in vars {
            if other == name {
                row.input = Input::Text(cell);
            } else {
                imported.note(
                    format!("{place}, {other}"),
                    "kept with the row, and not sent to the agent",
                );
                row.extra.insert(format!("vars.{other}"), json!(cell));
            }
        }
        imported.add(&place, row)?;
    }
    Ok(imported)
}

/// `type: value`, `type(0.8): value`, a bare type, or a text that the answer must equal.
fn assertion(cell: &str) -> Check {
    let (head, value) = match cell.split_once(':') {
        Some((head, value)) => (head.trim(), value.trim_start()),
        None => (cell.trim(), ""),
    };
    let (kind, threshold) = match head.split_once('(') {
        Some((kind, rest)) => (
            kind.trim(),
            rest.strip_suffix(')')
                .and_then(|n| n.trim().parse::<f64>().ok()),
        ),
        None => (head, None),
    };
    let (negated, scorer) = kind
        .strip_prefix("not-")
        .map_or((false, kind), |rest| (true, rest));
    let scorer = match scorer {
        "grade" => "llm-rubric",
        "fn" | "eval" => "javascript",
        other => other,
    };
    if !crate::score::is_known(scorer) {
        return Check::new("equals", json!(cell));
    }
    let value = if value.is_empty() {
        Value::Null
    } else if LISTS.contains(&scorer) {
        value.split(',').map(|one| json!(one.trim())).collect()
    } else {
        json!(value)
    };
    Check {
        negated,
        threshold,
        ..Check::new(scorer, value)
    }
}

pub(in crate::formats) fn write(rows: &[Row]) -> Result<String, Unreadable> {
    let mut header = vec!["__metadata:id".to_owned(), "input".to_owned()];
    let mut lines = Vec::new();
    for row in rows {
        let refuse = |what: &str| {
            Unreadable::new(
                format!("row {}", row.id),
                format!("promptfoo's CSV has no place for {what}: use its YAML or Clearance rows"),
            )
        };
        let Input::Text(input) = &row.input else {
            return Err(refuse("a conversation"));
        };
        let plain = Row {
            id: row.id.clone(),
            input: row.input.clone(),
            checks: row.checks.clone(),
            extra: row.extra.clone(),
            weight: 1.0,
            ..Row::default()
        };
        if plain != *row {
            return Err(refuse(
                "contexts, expected answers, tags, clusters and weights",
            ));
        }
        let mut cells = BTreeMap::from([
            ("__metadata:id".to_owned(), row.id.clone()),
            ("input".to_owned(), template::escape(input)),
        ]);
        for (at, check) in row.checks.iter().enumerate() {
            let cell = cell(check).ok_or_else(|| refuse("a check of this form"))?;
            cells.insert(format!("__expected{}", at + 1), cell);
        }
        if let Some(metric) = row.checks.first().and_then(|check| check.metric.clone()) {
            cells.insert("__metric".to_owned(), metric);
        }
        for (name, value) in &row.extra {
            let column = match name.as_str() {
                "description" => "__description".to_owned(),
                name => name.strip_prefix("vars.").unwrap_or(name).to_owned(),
            };
            cells.insert(column, words(value));
        }
        for name in cells.keys() {
            if !header.contains(name) {
                header.push(name.clone());
            }
        }
        lines.push(cells);
    }
    table::text(&header, &lines)
}

/// A check as a cell that reads back as the same check; `None` where there is none.
fn cell(check: &Check) -> Option<String> {
    let prefix = if check.negated { "not-" } else { "" };
    let threshold = check
        .threshold
        .map_or_else(String::new, |threshold| format!("({threshold})"));
    let value = match &check.value {
        Value::Null => String::new(),
        Value::String(text) => format!(": {text}"),
        Value::Array(list) => {
            let words: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            format!(": {}", words?.join(", "))
        }
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => return None,
    };
    let cell = format!("{prefix}{}{threshold}{value}", check.scorer);
    let mut back = assertion(&cell);
    back.metric.clone_from(&check.metric);
    (back == *check).then_some(cell)
}
