//! Taking fields out of a foreign object: each is taken once, and what is left over is kept and listed.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Imported, Unreadable};
use crate::row::{Input, Message, ToolCall};

/// The fields of one object, being taken.
#[derive(Debug)]
pub(super) struct Fields {
    place: String,
    left: Map<String, Value>,
    notes: Vec<(String, String)>,
}

impl Fields {
    pub(super) const fn new(place: String, object: Map<String, Value>) -> Self {
        Self {
            place,
            left: object,
            notes: Vec::new(),
        }
    }

    /// The first of these names that is there and not null.
    pub(super) fn take(&mut self, names: &[&str]) -> Option<Value> {
        for name in names {
            match self.left.remove(*name) {
                None | Some(Value::Null) => {}
                Some(value) => return Some(value),
            }
        }
        None
    }

    /// A text.
    pub(super) fn text(&mut self, names: &[&str]) -> Result<Option<String>, Unreadable> {
        match self.take(names) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong(names, "a text", &other)),
        }
    }

    /// A text, a number or a truth value as text.
    pub(super) fn word(&mut self, names: &[&str]) -> Result<Option<String>, Unreadable> {
        match self.take(names) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(Value::Bool(flag)) => Ok(Some(flag.to_string())),
            Some(other) => Err(self.wrong(names, "a text or a number", &other)),
        }
    }

    /// Texts: a list, or one.
    pub(super) fn texts(&mut self, names: &[&str]) -> Result<Vec<String>, Unreadable> {
        match self.take(names) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(vec![text]),
            Some(Value::Array(list)) => list
                .into_iter()
                .map(|one| match one {
                    Value::String(text) => Ok(text),
                    other @ (Value::Null
                    | Value::Bool(_)
                    | Value::Number(_)
                    | Value::Array(_)
                    | Value::Object(_)) => Err(self.wrong(names, "a list of texts", &other)),
                })
                .collect(),
            Some(other) => Err(self.wrong(names, "a list of texts", &other)),
        }
    }

    /// A prompt or the turns of a conversation.
    pub(super) fn input(&mut self, names: &[&str]) -> Result<Option<Input>, Unreadable> {
        let Some(value) = self.take(names) else {
            return Ok(None);
        };
        match &value {
            Value::String(text) => Ok(Some(Input::Text(text.clone()))),
            Value::Array(turns) => {
                let mut left_out = Vec::new();
                let read: Option<Vec<Message>> = turns
                    .iter()
                    .map(|turn| message(turn, &mut left_out))
                    .collect();
                for what in left_out {
                    let name = names.first().copied().unwrap_or_default();
                    self.notes.push((format!("{}, {name}", self.place), what));
                }
                read.map(|turns| Some(Input::Chat(turns)))
                    .ok_or_else(|| self.wrong(names, "turns with `role` and `content`", &value))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
                Err(self.wrong(names, "a text or a list of turns", &value))
            }
        }
    }

    /// Tool calls under any of the usual names of their parts.
    pub(super) fn tools(&mut self, names: &[&str]) -> Result<Vec<ToolCall>, Unreadable> {
        match self.take(names) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) => list
                .into_iter()
                .map(|one| {
                    tool_call(&one).ok_or_else(|| self.wrong(names, "tool calls with a name", &one))
                })
                .collect(),
            Some(other) => Err(self.wrong(names, "a list of tool calls", &other)),
        }
    }

    /// What nobody took: kept with the row, and listed.
    pub(super) fn rest(self, imported: &mut Imported) -> BTreeMap<String, Value> {
        for (place, what) in self.notes {
            imported.note(place, what);
        }
        for name in self.left.keys() {
            imported.note(
                format!("{}, {}", self.place, crate::text::cut(name, 80)),
                "kept with the row, and not used to judge",
            );
        }
        self.left.into_iter().collect()
    }

    fn wrong(&self, names: &[&str], wanted: &str, found: &Value) -> Unreadable {
        let name = names.first().copied().unwrap_or_default();
        Unreadable::new(
            format!("{}, {name}", self.place),
            format!(
                "expected {wanted}, found {}",
                crate::text::cut(&found.to_string(), 60)
            ),
        )
    }
}

/// One turn, its role in `role` or (Ragas) `type`. What is not text is replaced by its kind in brackets, and said.
fn message(value: &Value, left_out: &mut Vec<String>) -> Option<Message> {
    let role = value.get("role").or_else(|| value.get("type"))?;
    let role = role.as_str()?.to_owned();
    if value
        .get("tool_calls")
        .is_some_and(|calls| !calls.is_null())
    {
        left_out.push("tool calls of an earlier turn are not sent".to_owned());
    }
    let content = match value.get("content") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            let texts = parts.iter().map(|part| {
                part.get("text")
                    .and_then(Value::as_str)
                    .map_or_else(|| placeholder(part, left_out), str::to_owned)
            });
            texts.collect::<Vec<_>>().join("\n")
        }
        Some(Value::Bool(_) | Value::Number(_) | Value::Object(_)) => return None,
    };
    Some(Message { role, content })
}

fn placeholder(part: &Value, left_out: &mut Vec<String>) -> String {
    let kind = part.get("type").and_then(Value::as_str).unwrap_or("part");
    let kind = crate::text::cut(kind, 40);
    left_out.push(format!("a part of kind `{kind}` is not sent: only text is"));
    format!("[{kind}]")
}

/// `{name, arguments}`, `{name, args}`, `{name, input_parameters}`, `{function: {name, arguments: "json"}}` or a bare name.
pub(super) fn tool_call(value: &Value) -> Option<ToolCall> {
    if let Some(name) = value.as_str() {
        return Some(ToolCall {
            name: name.to_owned(),
            arguments: Value::Null,
        });
    }
    let call = match value.get("function") {
        Some(inner @ Value::Object(_)) => inner,
        _ => value,
    };
    let name = call
        .get("name")
        .or_else(|| call.get("function"))
        .and_then(Value::as_str)?;
    let arguments = ["arguments", "args", "input_parameters", "inputParameters"]
        .iter()
        .find_map(|key| call.get(*key))
        .cloned()
        .unwrap_or_default();
    // OpenAI writes the arguments as a text of JSON.
    let arguments = arguments
        .as_str()
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or(arguments);
    Some(ToolCall {
        name: name.to_owned(),
        arguments,
    })
}

/// The value of an input as it was read.
pub(super) fn input_value(input: &Input) -> Value {
    match input {
        Input::Text(text) => json!(text),
        Input::Chat(turns) => json!(turns),
    }
}

/// An object of the parts that are there.
pub(super) fn object(parts: Vec<(&str, Option<Value>)>) -> Map<String, Value> {
    parts
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

/// A list, where it is not empty.
pub(super) fn list<T: serde::Serialize>(items: &[T]) -> Option<Value> {
    (!items.is_empty()).then(|| json!(items))
}

/// The entries of a list, one value that stands for a list of it, or nothing.
pub(super) fn one_or_many(value: Option<Value>) -> Vec<Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(list)) => list,
        Some(other) => vec![other],
    }
}

/// A value as text: a text itself, anything else as JSON.
pub(crate) fn words(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
