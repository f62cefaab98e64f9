//! OpenAI evals: `{"input": …, "ideal": …}` of the open-source runner, `{"item": {…}}` of the hosted one.

use serde_json::{Map, Value, json};

use super::take::{Fields, input_value};
use super::{Imported, Unreadable, json as lines};
use crate::row::{Check, Expected, Row};

const INPUT: &[&str] = &["input", "question", "prompt"];
const IDEAL: &[&str] = &["ideal", "target", "answer", "correct_answer"];
/// Where a row says that its fields were wrapped in `item`.
const WRAPPED: &str = "openai.item";

pub(super) fn read(text: &str) -> Result<Imported, Unreadable> {
    let mut imported = Imported::default();
    for (number, (place, mut object)) in lines::objects(text)?.into_iter().enumerate() {
        let mut outer = Map::new();
        let wrapped = match object.remove("item") {
            Some(Value::Object(item)) => {
                outer = std::mem::replace(&mut object, item);
                true
            }
            Some(_) => return Err(Unreadable::new(place, "`item` is not an object")),
            None => false,
        };
        let mut fields = Fields::new(place.clone(), object);
        let input = fields
            .input(INPUT)?
            .ok_or_else(|| Unreadable::new(&place, "there is no `input`"))?;
        let answers = fields.texts(IDEAL)?;
        let id = fields.word(&["id"])?;
        let mut extra = fields.rest(&mut imported);
        for (name, value) in outer {
            imported.note(
                format!("{place}, {name}"),
                "kept with the row, and not used to judge",
            );
            extra.insert(format!("outer.{name}"), value);
        }
        if wrapped {
            extra.insert(WRAPPED.to_owned(), Value::Bool(true));
        }
        // The runner's `match`: the answer starts with the ideal one.
        let checks = if answers.is_empty() {
            Vec::new()
        } else {
            vec![Check::new("starts-with-any", json!(answers))]
        };
        let row = Row {
            id: id.unwrap_or_else(|| (number + 1).to_string()),
            input,
            expected: Expected {
                answers,
                ..Expected::default()
            },
            checks,
            weight: 1.0,
            extra,
            ..Row::default()
        };
        imported.add(&place, row)?;
    }
    Ok(imported)
}

pub(super) fn write(rows: &[Row]) -> Result<String, Unreadable> {
    let mut values = Vec::new();
    for row in rows {
        let ideal = match row.expected.answers.as_slice() {
            [] => Value::Null,
            [one] => json!(one),
            many => json!(many),
        };
        let mut item = Map::from_iter([
            ("id".to_owned(), json!(row.id)),
            ("input".to_owned(), input_value(&row.input)),
        ]);
        if !ideal.is_null() {
            item.insert("ideal".to_owned(), ideal);
        }
        let mut outer = Map::new();
        for (name, value) in row.extra.iter().filter(|(name, _)| *name != WRAPPED) {
            match name.strip_prefix("outer.") {
                Some(name) => outer.insert(name.to_owned(), value.clone()),
                None => item.insert(name.clone(), value.clone()),
            };
        }
        if row.extra.contains_key(WRAPPED) {
            outer.insert("item".to_owned(), Value::Object(item));
            values.push(Value::Object(outer));
        } else {
            values.push(Value::Object(item));
        }
    }
    Ok(lines::lines(values))
}
