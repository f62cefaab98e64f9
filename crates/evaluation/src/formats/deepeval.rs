//! DeepEval test cases, as its datasets write them to JSON.

use serde_json::{Value, json};

use super::take::{Fields, input_value, list, object};
use super::{Imported, Unreadable, json as lines};
use crate::row::{Expected, Recorded, Row, ToolCall};

pub(super) fn read(text: &str) -> Result<Imported, Unreadable> {
    let mut imported = Imported::default();
    for (number, (place, object)) in lines::objects(text)?.into_iter().enumerate() {
        let mut fields = Fields::new(place.clone(), object);
        let input = fields
            .input(&["input"])?
            .ok_or_else(|| Unreadable::new(&place, "there is no `input`"))?;
        let recorded = Recorded {
            answer: fields.text(&["actual_output", "actualOutput"])?,
            tools: fields.tools(&["tools_called", "toolsCalled"])?,
            ..Recorded::default()
        };
        let answers = fields.texts(&["expected_output", "expectedOutput"])?;
        // `context` is the ground truth, `retrieval_context` is what the agent found.
        let facts = fields.texts(&["context"])?;
        let context = fields.texts(&["retrieval_context", "retrievalContext"])?;
        let tools = fields.tools(&["expected_tools", "expectedTools"])?;
        let id = fields.word(&["name", "id"])?;
        let tags = fields.texts(&["tags"])?;
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
            tags,
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
    let calls = |calls: &[ToolCall]| -> Vec<Value> {
        calls
            .iter()
            .map(|call| json!({"name": call.name, "input_parameters": call.arguments}))
            .collect()
    };
    let mut values = Vec::new();
    for row in rows {
        let recorded = row.recorded.clone().unwrap_or_default();
        let output = match row.expected.answers.as_slice() {
            [] => None,
            [one] => Some(json!(one)),
            many => Some(json!(many)),
        };
        let mut all = object(vec![
            ("name", Some(json!(row.id))),
            ("input", Some(input_value(&row.input))),
            ("actual_output", recorded.answer.map(|answer| json!(answer))),
            ("expected_output", output),
            ("context", list(&row.expected.facts)),
            ("retrieval_context", list(&row.context)),
            ("tools_called", list(&calls(&recorded.tools))),
            ("expected_tools", list(&calls(&row.expected.tools))),
            ("tags", list(&row.tags)),
        ]);
        all.extend(row.extra.clone());
        values.push(Value::Object(all));
    }
    Ok(lines::lines(values))
}
