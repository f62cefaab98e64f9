//! Ragas rows, single turn, with the names of now (`user_input`, `response`, …) or of before 0.2 (`question`, `answer`, …).

use serde_json::{Value, json};

use super::take::{Fields, input_value, list, object};
use super::{Imported, Unreadable, json as lines};
use crate::row::{Expected, Recorded, Row};

pub(super) fn read(text: &str) -> Result<Imported, Unreadable> {
    let mut imported = Imported::default();
    for (number, (place, object)) in lines::objects(text)?.into_iter().enumerate() {
        let mut fields = Fields::new(place.clone(), object);
        let input = fields.input(&["user_input", "question"])?.ok_or_else(|| {
            Unreadable::new(&place, "there is no `user_input` (before: `question`)")
        })?;
        let recorded = Recorded {
            answer: fields.text(&["response", "answer"])?,
            ..Recorded::default()
        };
        let context = fields.texts(&["retrieved_contexts", "contexts"])?;
        // `ground_truths` was a list for a while.
        let answers = fields.texts(&["reference", "ground_truth", "ground_truths"])?;
        let facts = fields.texts(&["reference_contexts"])?;
        let tools = fields.tools(&["reference_tool_calls"])?;
        let id = fields.word(&["id"])?;
        let row = Row {
            id: id.unwrap_or_else(|| (number + 1).to_string()),
            input,
            context,
            expected: Expected {
                answers,
                facts,
                tools,
                state: Vec::new(),
            },
            recorded: (recorded != Recorded::default()).then_some(recorded),
            weight: 1.0,
            extra: fields.rest(&mut imported),
            ..Row::default()
        };
        imported.add(&place, row)?;
    }
    Ok(imported)
}

pub(super) fn write(rows: &[Row]) -> Result<String, Unreadable> {
    let mut values = Vec::new();
    for row in rows {
        let calls: Vec<Value> = row
            .expected
            .tools
            .iter()
            .map(|call| json!({"name": call.name, "args": call.arguments}))
            .collect();
        let reference = match row.expected.answers.as_slice() {
            [] => None,
            [one] => Some(json!(one)),
            many => Some(json!(many)),
        };
        let mut all = object(vec![
            ("id", Some(json!(row.id))),
            ("user_input", Some(input_value(&row.input))),
            (
                "response",
                row.recorded
                    .as_ref()
                    .and_then(|r| r.answer.as_ref())
                    .map(|a| json!(a)),
            ),
            ("retrieved_contexts", list(&row.context)),
            ("reference", reference),
            ("reference_contexts", list(&row.expected.facts)),
            ("reference_tool_calls", list(&calls)),
        ]);
        all.extend(row.extra.clone());
        values.push(Value::Object(all));
    }
    Ok(lines::lines(values))
}
