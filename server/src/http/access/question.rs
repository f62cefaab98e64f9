//! Reading questions. They come from outside: each part is bounded, and what cannot be read says which part it was.
//! Members that the standard does not name are left alone, as it asks.

use domain::access::{
    Asked, BATCH_MAX, CONTEXT_MAX, CONTEXT_TEXT_MAX, ContextValue, DEPTH_MAX, NAME_MAX, RESOURCE,
    Semantic,
};
use serde_json::{Map, Value};

use crate::http::error::HttpError;

/// Why a question cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("The body is no JSON object.")]
    Form,
    #[error("The body is nested more than {DEPTH_MAX} deep.")]
    TooDeep,
    #[error("`{0}` is missing.")]
    Missing(&'static str),
    #[error("`{0}` has the wrong type.")]
    WrongType(&'static str),
    #[error("`{0}` is longer than {NAME_MAX} bytes.")]
    TooLong(&'static str),
    #[error("There are more than {BATCH_MAX} evaluations.")]
    TooMany,
    #[error("`options.evaluations_semantic` is no semantic of the standard.")]
    Semantic,
}

impl Unreadable {
    /// Stable and machine-readable.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Form => "not_json",
            Self::TooDeep => "too_deep",
            Self::Missing(_) => "missing",
            Self::WrongType(_) => "wrong_type",
            Self::TooLong(_) => "too_long",
            Self::TooMany => "too_many",
            Self::Semantic => "unknown_semantic",
        }
    }
}

impl From<Unreadable> for HttpError {
    fn from(why: Unreadable) -> Self {
        Self::new(
            axum::http::StatusCode::BAD_REQUEST,
            why.code(),
            why.to_string(),
        )
    }
}

/// The body of a call.
#[derive(Debug)]
pub(super) struct Question(Map<String, Value>);

/// The questions of a call with how they are answered.
type Many = (Vec<Result<Asked, Unreadable>>, Semantic);

impl Question {
    pub(super) fn read(body: &[u8]) -> Result<Self, Unreadable> {
        let value: Value = serde_json::from_slice(body).map_err(|_| Unreadable::Form)?;
        if is_deeper(&value, DEPTH_MAX) {
            return Err(Unreadable::TooDeep);
        }
        match value {
            Value::Object(members) => Ok(Self(members)),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Err(Unreadable::Form),
        }
    }

    /// The one question that the body is.
    pub(super) fn one(&self) -> Result<Asked, Unreadable> {
        ask(&[&self.0])
    }

    /// The questions that the body holds; `None` where it holds none.
    pub(super) fn many(&self) -> Result<Option<Many>, Unreadable> {
        let own = match self.0.get("evaluations") {
            None => return Ok(None),
            Some(Value::Array(own)) if own.is_empty() => return Ok(None),
            Some(Value::Array(own)) => own,
            Some(_) => return Err(Unreadable::WrongType("evaluations")),
        };
        if own.len() > BATCH_MAX {
            return Err(Unreadable::TooMany);
        }
        let all = own.iter().map(|one| match one {
            Value::Object(members) => ask(&[members, &self.0]),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Err(Unreadable::WrongType("evaluations[]")),
        });
        Ok(Some((all.collect(), self.semantic()?)))
    }

    fn semantic(&self) -> Result<Semantic, Unreadable> {
        let options = match self.0.get("options") {
            None => return Ok(Semantic::ExecuteAll),
            Some(Value::Object(options)) => options,
            Some(_) => return Err(Unreadable::WrongType("options")),
        };
        match options.get("evaluations_semantic") {
            None => Ok(Semantic::ExecuteAll),
            Some(Value::String(word)) => word.parse().map_err(|_| Unreadable::Semantic),
            Some(_) => Err(Unreadable::Semantic),
        }
    }
}

/// Is anything in it nested deeper than so many levels?
fn is_deeper(value: &Value, levels: usize) -> bool {
    let Some(below) = levels.checked_sub(1) else {
        return true;
    };
    match value {
        Value::Array(items) => items.iter().any(|one| is_deeper(one, below)),
        Value::Object(members) => members.values().any(|one| is_deeper(one, below)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// A question from its own members or, whole member by whole member, from those that all questions share.
fn ask(layers: &[&Map<String, Value>]) -> Result<Asked, Unreadable> {
    let subject = member(layers, "subject")?.ok_or(Unreadable::Missing("subject"))?;
    let resource = member(layers, "resource")?.ok_or(Unreadable::Missing("resource"))?;
    let action = member(layers, "action")?.ok_or(Unreadable::Missing("action"))?;
    let kind = name(resource, "type", "resource.type")?;
    let id = name(resource, "id", "resource.id")?;
    let context = member(layers, "context")?;
    let environment = match context {
        Some(context) if context.contains_key("environment") => {
            Some(name(context, "environment", "context.environment")?)
        }
        Some(_) | None => None,
    };
    Ok(Asked {
        subject_type: name(subject, "type", "subject.type")?,
        subject: name(subject, "id", "subject.id")?,
        resource: if kind == RESOURCE { id.clone() } else { kind },
        resource_id: id,
        action: name(action, "name", "action.name")?,
        environment,
        context: context.map(beside).unwrap_or_default(),
    })
}

/// What the caller says beside the question. The policy knows which of it counts; what is odd is kept as odd.
fn beside(context: &Map<String, Value>) -> Vec<(String, ContextValue)> {
    let known = context.iter().filter(|(name, _)| name.len() <= NAME_MAX);
    let all = known.map(|(name, value)| (name.clone(), said(value)));
    let mut all: Vec<_> = all.collect();
    if all.len() > CONTEXT_MAX {
        // Which of them would be dropped is the caller's choice, so none of them can be believed.
        for (_, value) in &mut all {
            *value = ContextValue::Other;
        }
    }
    all
}

fn said(value: &Value) -> ContextValue {
    let short = |text: &String| text.len() <= CONTEXT_TEXT_MAX;
    match value {
        Value::Bool(said) => ContextValue::Bool(*said),
        Value::Number(number) => number
            .as_i64()
            .map_or(ContextValue::Other, ContextValue::Long),
        Value::String(text) if short(text) => ContextValue::String(text.clone()),
        Value::Array(items) if items.len() <= CONTEXT_MAX => {
            let texts = items.iter().map(|one| match one {
                Value::String(text) if short(text) => Some(text.clone()),
                Value::String(_)
                | Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Array(_)
                | Value::Object(_) => None,
            });
            texts
                .collect::<Option<_>>()
                .map_or(ContextValue::Other, ContextValue::Strings)
        }
        Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => ContextValue::Other,
    }
}

fn member<'a>(
    layers: &[&'a Map<String, Value>],
    name: &'static str,
) -> Result<Option<&'a Map<String, Value>>, Unreadable> {
    match layers.iter().find_map(|layer| layer.get(name)) {
        None => Ok(None),
        Some(Value::Object(members)) => Ok(Some(members)),
        Some(_) => Err(Unreadable::WrongType(name)),
    }
}

fn name(
    members: &Map<String, Value>,
    name: &str,
    place: &'static str,
) -> Result<String, Unreadable> {
    match members.get(name) {
        None => Err(Unreadable::Missing(place)),
        Some(Value::String(text)) if text.is_empty() => Err(Unreadable::Missing(place)),
        Some(Value::String(text)) if text.len() > NAME_MAX => Err(Unreadable::TooLong(place)),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(Unreadable::WrongType(place)),
    }
}
