//! MLflow 3 evaluation rows: `{"inputs": {…}, "outputs"?: …, "expectations"?: {…}}`.

use serde_json::{Map, Value, json};

use super::take::{Fields, input_value, list, object};
use super::{Imported, Unreadable, json as lines};
use crate::row::{Check, Expected, Input, Recorded, Row};

/// Names of the question among the inputs, the likeliest first.
const QUESTION: &[&str] = &[
    "question", "query", "prompt", "input", "request", "messages",
];
/// Where a row keeps the name that its question had.
const NAMED: &str = "mlflow.input";

pub(super) fn read(text: &str) -> Result<Imported, Unreadable> {
    let mut imported = Imported::default();
    for (number, (place, object)) in lines::objects(text)?.into_iter().enumerate() {
        let mut fields = Fields::new(place.clone(), object);
        let inputs = fields
            .take(&["inputs", "request"])
            .ok_or_else(|| Unreadable::new(&place, "there are no `inputs`"))?;
        let (input, others) = question(&place, inputs)?;
        let recorded = recorded(&mut fields)?;
        let mut row = Row {
            id: fields
                .word(&["id", "dataset_record_id", "request_id"])?
                .unwrap_or_else(|| (number + 1).to_string()),
            input,
            recorded,
            weight: 1.0,
            ..Row::default()
        };
        if let Some(expectations) = fields.take(&["expectations"]) {
            expect(&mut row, &place, expectations, &mut imported)?;
        }
        row.extra.extend(fields.rest(&mut imported));
        for (name, value) in others {
            if name != NAMED {
                imported.note(
                    format!("{place}, {name}"),
                    "kept with the row, and not sent to the agent",
                );
            }
            row.extra.insert(name, value);
        }
        imported.add(&place, row)?;
    }
    Ok(imported)
}

/// The question and the other inputs, whose names get the prefix `inputs.`.
fn question(place: &str, inputs: Value) -> Result<(Input, Map<String, Value>), Unreadable> {
    let mut kept = Map::new();
    let Value::Object(inputs) = inputs else {
        let mut only = Fields::new(
            place.to_owned(),
            Map::from_iter([("inputs".to_owned(), inputs)]),
        );
        let input = only.input(&["inputs"])?.unwrap_or_default();
        kept.insert(NAMED.to_owned(), Value::Null);
        return Ok((input, kept));
    };
    let name = QUESTION
        .iter()
        .find(|name| inputs.contains_key(**name))
        .map(|name| (*name).to_owned())
        .or_else(|| {
            (inputs.len() == 1)
                .then(|| inputs.keys().next().cloned())
                .flatten()
        })
        .ok_or_else(|| {
            Unreadable::new(
                format!("{place}, inputs"),
                "it is not clear which of the inputs is the question: name it `question`",
            )
        })?;
    let mut fields = Fields::new(format!("{place}, inputs"), inputs);
    let input = fields.input(&[name.as_str()])?.unwrap_or_default();
    kept.insert(NAMED.to_owned(), json!(name));
    for (other, value) in fields.rest(&mut Imported::default()) {
        kept.insert(format!("inputs.{other}"), value);
    }
    Ok((input, kept))
}

fn recorded(fields: &mut Fields) -> Result<Option<Recorded>, Unreadable> {
    let answer = match fields.take(&["outputs", "response"]) {
        None => None,
        Some(Value::String(text)) => Some(text),
        // An object of one text is that text; anything else is kept as JSON.
        Some(Value::Object(map)) if map.len() == 1 => map
            .values()
            .next()
            .and_then(Value::as_str)
            .map(str::to_owned)
            .or_else(|| Some(Value::Object(map.clone()).to_string())),
        Some(other) => Some(other.to_string()),
    };
    let scores = match fields.take(&["assessments"]) {
        None => Map::new(),
        Some(Value::Object(map)) => map,
        Some(other) => Map::from_iter([("assessments".to_owned(), other)]),
    };
    let recorded = Recorded {
        answer,
        scores: scores.into_iter().collect(),
        ..Recorded::default()
    };
    Ok((recorded != Recorded::default()).then_some(recorded))
}

fn expect(
    row: &mut Row,
    place: &str,
    expectations: Value,
    imported: &mut Imported,
) -> Result<(), Unreadable> {
    let Value::Object(map) = expectations else {
        return Err(Unreadable::new(
            format!("{place}, expectations"),
            "expected an object",
        ));
    };
    let mut fields = Fields::new(format!("{place}, expectations"), map);
    row.expected = Expected {
        answers: fields.texts(&["expected_response"])?,
        facts: fields.texts(&["expected_facts"])?,
        tools: fields.tools(&["expected_tool_calls"])?,
        state: Vec::new(),
    };
    for guideline in fields.texts(&["guidelines"])? {
        row.checks.push(Check::new("guideline", json!(guideline)));
    }
    for (name, value) in fields.rest(imported) {
        row.extra.insert(format!("expectations.{name}"), value);
    }
    Ok(())
}

pub(super) fn write(rows: &[Row]) -> Result<String, Unreadable> {
    let mut values = Vec::new();
    for row in rows {
        let named = row.extra.get(NAMED);
        let mut inputs = Map::new();
        let mut expectations = object(vec![
            (
                "expected_response",
                match row.expected.answers.as_slice() {
                    [] => None,
                    [one] => Some(json!(one)),
                    many => Some(json!(many)),
                },
            ),
            ("expected_facts", list(&row.expected.facts)),
            ("expected_tool_calls", list(&row.expected.tools)),
        ]);
        let guidelines: Vec<&Value> = row
            .checks
            .iter()
            .filter(|check| check.scorer == "guideline")
            .map(|check| &check.value)
            .collect();
        if let Some(guidelines) = list(&guidelines) {
            expectations.insert("guidelines".to_owned(), guidelines);
        }
        let mut outer = object(vec![("id", Some(json!(row.id)))]);
        for (name, value) in row.extra.iter().filter(|(name, _)| *name != NAMED) {
            let place = match name.split_once('.') {
                Some(("inputs", name)) => inputs.insert(name.to_owned(), value.clone()),
                Some(("expectations", name)) => expectations.insert(name.to_owned(), value.clone()),
                _ => outer.insert(name.clone(), value.clone()),
            };
            drop(place);
        }
        let input = input_value(&row.input);
        let inputs = match named {
            Some(Value::Null) => input,
            Some(Value::String(name)) => {
                inputs.insert(name.clone(), input);
                Value::Object(inputs)
            }
            _ => {
                inputs.insert("question".to_owned(), input);
                Value::Object(inputs)
            }
        };
        outer.insert("inputs".to_owned(), inputs);
        let recorded = row.recorded.clone().unwrap_or_default();
        if let Some(answer) = recorded.answer {
            outer.insert("outputs".to_owned(), json!(answer));
        }
        if !recorded.scores.is_empty() {
            outer.insert("assessments".to_owned(), json!(recorded.scores));
        }
        if !expectations.is_empty() {
            outer.insert("expectations".to_owned(), Value::Object(expectations));
        }
        values.push(Value::Object(outer));
    }
    Ok(lines::lines(values))
}
