//! Inspect AI logs, version 2, as JSON: the samples become rows with what was recorded, the header says where they come from.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::take::{Fields, input_value, object};
use super::{Imported, Unreadable, json as lines};
use crate::row::{Expected, Input, Recorded, Row};

/// Where an exported sample keeps what Inspect has no field for.
const OURS: &str = "clearance";
const SAMPLE: &str = "inspect.id";
const EPOCH: &str = "inspect.epoch";
/// Parts of a sample that record how it ran; they stay in the log.
const RUN: &[&str] = &[
    "messages",
    "store",
    "events",
    "events_data",
    "model_usage",
    "role_usage",
    "started_at",
    "completed_at",
    "total_time",
    "working_time",
    "uuid",
    "error_retries",
    "attachments",
    "turn_count",
    "limit",
    "setup",
    "files",
    "sandbox",
    "invalidation",
];

pub(super) fn read(text: &str) -> Result<Imported, Unreadable> {
    let log: Value = serde_json::from_str(text).map_err(|error| lines::problem(1, &error))?;
    let Value::Object(mut log) = log else {
        return Err(Unreadable::new(
            "file",
            "expected a log: a map with `version` and `samples`",
        ));
    };
    let version = log.remove("version").and_then(|v| v.as_u64());
    if version != Some(2) {
        return Err(Unreadable::new(
            "version",
            "only logs of version 2 are read",
        ));
    }
    let mut imported = Imported {
        source: header(&log),
        ..Imported::default()
    };
    let samples = match log.remove("samples") {
        Some(Value::Array(samples)) => samples,
        None | Some(Value::Null) => {
            return Err(Unreadable::new(
                "samples",
                "the log has no samples: it is a header alone",
            ));
        }
        Some(_) => return Err(Unreadable::new("samples", "expected a list")),
    };
    for name in ["plan", "results", "stats", "reductions"] {
        if log.get(name).is_some_and(|part| !part.is_null()) {
            imported.note(
                name,
                "not read: results are worked out anew from the samples",
            );
        }
    }
    let epochs: BTreeSet<u64> = samples.iter().map(epoch_of).collect();
    for (at, sample) in samples.into_iter().enumerate() {
        let Value::Object(sample) = sample else {
            return Err(Unreadable::new(format!("samples[{at}]"), "expected a map"));
        };
        let place = format!("samples[{at}]");
        let row = row(&place, sample, epochs.len() > 1, &mut imported)?;
        imported.add(&place, row)?;
    }
    Ok(imported)
}

fn epoch_of(sample: &Value) -> u64 {
    sample.get("epoch").and_then(Value::as_u64).unwrap_or(1)
}

/// Task, model, revision and date of the run.
fn header(log: &Map<String, Value>) -> BTreeMap<String, String> {
    let at = |path: &[&str]| {
        let first = log.get(*path.first()?)?;
        let value = path
            .iter()
            .skip(1)
            .try_fold(first, |value, name| value.get(*name))?;
        value.as_str().map(|text| crate::text::cut(text, 200))
    };
    [
        ("status", &["status"][..]),
        ("task", &["eval", "task"]),
        ("model", &["eval", "model"]),
        ("created", &["eval", "created"]),
        ("revision", &["eval", "revision", "commit"]),
    ]
    .into_iter()
    .filter_map(|(name, path)| Some((name.to_owned(), at(path)?)))
    .collect()
}

fn row(
    place: &str,
    sample: Map<String, Value>,
    several: bool,
    imported: &mut Imported,
) -> Result<Row, Unreadable> {
    let epoch = sample.get("epoch").and_then(Value::as_u64).unwrap_or(1);
    let mut fields = Fields::new(place.to_owned(), sample);
    fields.take(&["epoch"]);
    let id = fields
        .word(&["id"])?
        .ok_or_else(|| Unreadable::new(place, "there is no `id`"))?;
    let input = fields.input(&["input"])?.unwrap_or_default();
    let answers = fields.texts(&["target"])?;
    let recorded = recorded(&mut fields)?;
    let mut metadata = match fields.take(&["metadata"]) {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    };
    for name in RUN {
        fields.take(&[name]);
    }
    let mut row = match metadata.remove(OURS) {
        Some(ours) => serde_json::from_value(ours).map_err(|error| {
            Unreadable::new(format!("{place}.metadata.{OURS}"), error.to_string())
        })?,
        None => Row {
            id: if several {
                format!("{id}#{epoch}")
            } else {
                id.clone()
            },
            cluster_id: several.then(|| id.clone()),
            weight: 1.0,
            ..Row::default()
        },
    };
    row.input = input;
    row.expected.answers = answers
        .into_iter()
        .filter(|answer| !answer.is_empty())
        .collect();
    row.recorded = recorded;
    row.extra.insert(SAMPLE.to_owned(), json!(id));
    row.extra.insert(EPOCH.to_owned(), json!(epoch));
    for (name, value) in metadata {
        row.extra.insert(format!("metadata.{name}"), value);
    }
    row.extra.extend(fields.rest(imported));
    Ok(row)
}

fn recorded(fields: &mut Fields) -> Result<Option<Recorded>, Unreadable> {
    let output = fields.take(&["output"]).unwrap_or_default();
    let completion = output.get("completion").and_then(Value::as_str);
    let message = output.pointer("/choices/0/message");
    let answer = completion
        .filter(|text| !text.is_empty())
        .or_else(|| message?.get("content")?.as_str());
    let tools = message
        .and_then(|message| message.get("tool_calls"))
        .and_then(Value::as_array)
        .map(|calls| calls.iter().filter_map(super::take::tool_call).collect())
        .unwrap_or_default();
    let error = fields.take(&["error"]).map(|error| {
        error
            .get("message")
            .map_or_else(|| error.to_string(), super::take::words)
    });
    let scores = match fields.take(&["scores", "score"]) {
        Some(Value::Object(map)) => map.into_iter().collect(),
        _ => BTreeMap::new(),
    };
    let recorded = Recorded {
        answer: answer.map(str::to_owned),
        tools,
        scores,
        error,
    };
    Ok((recorded != Recorded::default()).then_some(recorded))
}

/// Writes a log that `inspect view` reads. What Inspect has no field for stands in the metadata of each sample.
pub(super) fn write(rows: &[Row]) -> Result<String, Unreadable> {
    let samples: Vec<Value> = rows.iter().map(sample).collect();
    let ids: BTreeSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let log = json!({
        "version": 2,
        "status": "success",
        "eval": {
            "created": "1970-01-01T00:00:00+00:00",
            "task": "clearance",
            "task_version": 0,
            "dataset": {"samples": ids.len(), "shuffled": false},
            "model": "none/none",
            "config": {},
        },
        "plan": {"name": "plan", "steps": [], "config": {}},
        "results": {"total_samples": samples.len(), "completed_samples": samples.len(), "scores": []},
        "stats": {"started_at": "1970-01-01T00:00:00+00:00", "completed_at": "1970-01-01T00:00:00+00:00"},
        "samples": samples,
    });
    serde_json::to_string_pretty(&log).map_err(|error| lines::problem(1, &error))
}

fn sample(row: &Row) -> Value {
    let recorded = row.recorded.clone().unwrap_or_default();
    let mut rest = row.clone();
    let mut metadata = Map::new();
    let id = rest.extra.remove(SAMPLE).unwrap_or_else(|| json!(row.id));
    let epoch = rest.extra.remove(EPOCH).unwrap_or(json!(1));
    let (named, other): (BTreeMap<_, _>, BTreeMap<_, _>) = std::mem::take(&mut rest.extra)
        .into_iter()
        .partition(|(name, _)| name.starts_with("metadata."));
    for (name, value) in named {
        metadata.insert(name.trim_start_matches("metadata.").to_owned(), value);
    }
    rest.extra = other;
    rest.input = Input::default();
    rest.recorded = None;
    rest.expected = Expected {
        answers: Vec::new(),
        ..rest.expected
    };
    metadata.insert(OURS.to_owned(), json!(rest));
    let target = match row.expected.answers.as_slice() {
        [] => json!(""),
        [one] => json!(one),
        many => json!(many),
    };
    let calls: Vec<Value> = recorded
        .tools
        .iter()
        .enumerate()
        .map(|(at, call)| json!({"id": at.to_string(), "function": call.name, "arguments": call.arguments, "type": "function"}))
        .collect();
    let mut message =
        json!({"role": "assistant", "content": recorded.answer.clone().unwrap_or_default()});
    if let (Some(message), false) = (message.as_object_mut(), calls.is_empty()) {
        message.insert("tool_calls".to_owned(), json!(calls));
    }
    let choices = if recorded.answer.is_some() || !recorded.tools.is_empty() {
        json!([{"message": message, "stop_reason": "stop"}])
    } else {
        json!([])
    };
    Value::Object(object(vec![
        ("id", Some(id)),
        ("epoch", Some(epoch)),
        ("input", Some(input_value(&row.input))),
        ("target", Some(target)),
        ("messages", Some(json!([]))),
        (
            "output",
            Some(
                json!({"model": "none", "choices": choices, "completion": recorded.answer.unwrap_or_default()}),
            ),
        ),
        (
            "scores",
            (!recorded.scores.is_empty()).then(|| json!(recorded.scores)),
        ),
        ("metadata", Some(Value::Object(metadata))),
        ("store", Some(json!({}))),
        ("events", Some(json!([]))),
        ("model_usage", Some(json!({}))),
        ("attachments", Some(json!({}))),
        (
            "error",
            recorded
                .error
                .map(|error| json!({"message": error, "traceback": "", "traceback_ansi": ""})),
        ),
    ]))
}
