//! A plain table in CSV: a header, then one case a line. Lists in a cell are JSON.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Imported, MAX_ROWS, Unreadable};
use crate::row::{Check, Expected, Input, Row};

const INPUT: &[&str] = &["input", "question", "prompt", "query", "user_input"];
const ANSWER: &[&str] = &[
    "expected",
    "answer",
    "expected_answer",
    "ideal",
    "reference",
    "target",
];
const OWN: &[&str] = &[
    "id",
    "cluster_id",
    "context",
    "facts",
    "tags",
    "checks",
    "weight",
    "must_pass",
];

/// One line: its place, and its cells by column.
pub(super) type Line = (String, BTreeMap<String, String>);

/// The lines of a CSV text as maps from column to cell, with their places. Empty cells are left out.
pub(super) fn lines(text: &str) -> Result<Vec<Line>, Unreadable> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(false)
        .from_reader(text.as_bytes());
    let header: Vec<String> = reader
        .headers()
        .map_err(|error| problem(&error))?
        .iter()
        .map(|name| name.trim().to_owned())
        .collect();
    for (at, name) in header.iter().enumerate() {
        if header.iter().take(at).any(|earlier| earlier == name) {
            return Err(Unreadable::new(
                "line 1",
                format!("the column `{name}` is there twice"),
            ));
        }
    }
    let mut found = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| problem(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let place = format!("line {line}");
        if found.len() >= MAX_ROWS {
            return Err(Unreadable::new(
                place,
                format!("more than {MAX_ROWS} rows: split the file"),
            ));
        }
        let cells = header
            .iter()
            .cloned()
            .zip(record.iter().map(str::to_owned))
            .filter(|(_, cell)| !cell.is_empty())
            .collect();
        found.push((place, cells));
    }
    Ok(found)
}

fn problem(error: &csv::Error) -> Unreadable {
    let place = error
        .position()
        .map_or_else(|| "file".to_owned(), |at| format!("line {}", at.line()));
    Unreadable::new(place, format!("not valid CSV: {error}"))
}

/// Lines of cells as CSV.
pub(super) fn text(
    header: &[String],
    lines: &[BTreeMap<String, String>],
) -> Result<String, Unreadable> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| Unreadable::new("file", error.to_string());
    writer.write_record(header).map_err(failed)?;
    for cells in lines {
        let record = header
            .iter()
            .map(|name| cells.get(name).map_or("", String::as_str));
        writer.write_record(record).map_err(failed)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| Unreadable::new("file", error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| Unreadable::new("file", error.to_string()))
}

pub(super) fn read(text: &str) -> Result<Imported, Unreadable> {
    let mut imported = Imported::default();
    for (number, (place, mut cells)) in lines(text)?.into_iter().enumerate() {
        let mut take = |names: &[&str]| names.iter().find_map(|name| cells.remove(*name));
        let input = take(INPUT)
            .ok_or_else(|| Unreadable::new(&place, "there is no `input` in this line"))?;
        let answers = list(take(ANSWER));
        let row = Row {
            id: take(&["id"]).unwrap_or_else(|| (number + 1).to_string()),
            cluster_id: take(&["cluster_id"]),
            input: serde_json::from_str(&input)
                .ok()
                .filter(|input| matches!(input, Input::Chat(_)))
                .unwrap_or(Input::Text(input)),
            context: list(take(&["context"])),
            checks: match take(&["checks"]) {
                Some(cell) => serde_json::from_str(&cell)
                    .map_err(|e| Unreadable::new(format!("{place}, checks"), e.to_string()))?,
                None if answers.is_empty() => Vec::new(),
                None => vec![Check::new("match-any", json!(answers))],
            },
            expected: Expected {
                answers,
                facts: list(take(&["facts"])),
                ..Expected::default()
            },
            tags: list(take(&["tags"])),
            weight: number_of(&place, "weight", take(&["weight"]))?.unwrap_or(1.0),
            must_pass: matches!(take(&["must_pass"]).as_deref(), Some("true" | "yes" | "1")),
            recorded: None,
            extra: BTreeMap::new(),
        };
        let mut row = row;
        for (name, cell) in cells {
            imported.note(
                format!("{place}, {name}"),
                "kept with the row, and not used to judge",
            );
            row.extra.insert(name, Value::String(cell));
        }
        imported.add(&place, row)?;
    }
    Ok(imported)
}

fn number_of(place: &str, name: &str, cell: Option<String>) -> Result<Option<f64>, Unreadable> {
    cell.map(|cell| {
        cell.trim()
            .parse::<f64>()
            .ok()
            .filter(|n| n.is_finite() && *n >= 0.0)
            .ok_or_else(|| {
                Unreadable::new(
                    format!("{place}, {name}"),
                    format!("`{cell}` is not a number of 0 or more"),
                )
            })
    })
    .transpose()
}

/// A cell as a list: JSON, or one text.
fn list(cell: Option<String>) -> Vec<String> {
    match cell {
        None => Vec::new(),
        Some(cell) => serde_json::from_str(&cell).unwrap_or_else(|_| vec![cell]),
    }
}

pub(super) fn write(rows: &[Row]) -> Result<String, Unreadable> {
    let mut lines = Vec::new();
    for row in rows {
        if row.recorded.is_some()
            || !row.expected.tools.is_empty()
            || !row.expected.state.is_empty()
        {
            return Err(Unreadable::new(
                format!("row {}", row.id),
                "a table has no place for recorded answers, tool calls and states: use Clearance rows",
            ));
        }
        let mut cells = BTreeMap::new();
        let mut put = |name: &str, cell: String| cells.insert(name.to_owned(), cell);
        put("id", row.id.clone());
        put(
            "input",
            match &row.input {
                Input::Text(text) => text.clone(),
                Input::Chat(turns) => json!(turns).to_string(),
            },
        );
        for (name, list) in [
            ("expected", &row.expected.answers),
            ("facts", &row.expected.facts),
            ("context", &row.context),
            ("tags", &row.tags),
        ] {
            if !list.is_empty() {
                put(name, json!(list).to_string());
            }
        }
        if let Some(cluster) = &row.cluster_id {
            put("cluster_id", cluster.clone());
        }
        if !row.checks.is_empty() {
            put("checks", json!(row.checks).to_string());
        }
        if (row.weight - 1.0).abs() > f64::EPSILON {
            put("weight", row.weight.to_string());
        }
        if row.must_pass {
            put("must_pass", "true".to_owned());
        }
        for (name, value) in &row.extra {
            put(
                name,
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned),
            );
        }
        lines.push(cells);
    }
    let mut header: Vec<String> = ["id", "input", "expected"]
        .iter()
        .chain(OWN)
        .map(|name| (*name).to_owned())
        .collect();
    header.extend(rows.iter().flat_map(|row| row.extra.keys().cloned()));
    let mut seen = std::collections::BTreeSet::new();
    header.retain(|name| seen.insert(name.clone()));
    text(&header, &lines)
}
