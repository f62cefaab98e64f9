//! promptfoo's assertions as checks, and back.

use serde_json::{Map, Value, json};

use super::budget::{self, Budget};
use super::template;
use crate::formats::{Imported, Unreadable};
use crate::row::Check;

/// Nested assertion sets and references to templates.
const MAX_DEPTH: u8 = 8;

/// Where what is read goes: the file's notes, and what is left of its budget.
type Room<'a> = (&'a mut Imported, &'a mut Budget);

/// Reads assertions, with the templates that they may refer to.
#[derive(Debug)]
pub(super) struct Assertions {
    templates: Map<String, Value>,
}

impl Assertions {
    pub(super) fn new(templates: Option<Value>) -> Self {
        Self {
            templates: match templates {
                Some(Value::Object(map)) => map,
                _ => Map::new(),
            },
        }
    }

    /// The checks of a test.
    pub(super) fn read(
        &self,
        list: &[(String, Value)],
        vars: &Map<String, Value>,
        (imported, budget): Room<'_>,
    ) -> Result<Vec<Check>, Unreadable> {
        let mut checks = Vec::new();
        for (place, one) in list {
            let room = (&mut *imported, &mut *budget);
            self.one(place, one, vars, (room, &mut checks), MAX_DEPTH)?;
        }
        Ok(checks)
    }

    fn one(
        &self,
        place: &str,
        value: &Value,
        vars: &Map<String, Value>,
        ((imported, budget), checks): (Room<'_>, &mut Vec<Check>),
        depth: u8,
    ) -> Result<(), Unreadable> {
        let depth = depth
            .checked_sub(1)
            .ok_or_else(|| Unreadable::new(place, "assertions are nested too deep"))?;
        let Value::Object(map) = value else {
            return Err(Unreadable::new(
                place,
                "expected an assertion: a map with `type`",
            ));
        };
        if let Some(name) = map.get("$ref").and_then(Value::as_str) {
            let key = name.rsplit('/').next().unwrap_or(name);
            let template = self.templates.get(key).ok_or_else(|| {
                Unreadable::new(
                    place,
                    format!(
                        "there is no assertion template `{}`",
                        crate::text::cut(key, 60)
                    ),
                )
            })?;
            return self.one(place, template, vars, ((imported, budget), checks), depth);
        }
        let kind = map.get("type").and_then(Value::as_str).unwrap_or_default();
        if kind == "assert-set" {
            if map.get("threshold").is_some_and(|t| !t.is_null()) {
                imported.note(
                    format!("{place}.threshold"),
                    "not used: every check of the set must hold",
                );
            }
            let list = map.get("assert").and_then(Value::as_array);
            for (at, one) in list.into_iter().flatten().enumerate() {
                let place = format!("{place}.assert[{at}]");
                let room = (&mut *imported, &mut *budget);
                self.one(&place, one, vars, (room, &mut *checks), depth)?;
            }
            return Ok(());
        }
        if kind.is_empty() {
            return Err(Unreadable::new(place, "the assertion has no `type`"));
        }
        budget.spend(place, budget::size_of_map(map))?;
        checks.push(check(place, kind, map, vars, (imported, budget))?);
        Ok(())
    }
}

fn check(
    place: &str,
    kind: &str,
    map: &Map<String, Value>,
    vars: &Map<String, Value>,
    (imported, budget): Room<'_>,
) -> Result<Check, Unreadable> {
    let (negated, scorer) = match kind.strip_prefix("not-") {
        Some(rest) => (true, rest),
        None => (false, kind),
    };
    let value = map.get("value").cloned().unwrap_or_default();
    let value = filled(place, value, vars, (&mut *imported, budget))?;
    let mut check = Check {
        negated,
        threshold: map.get("threshold").and_then(Value::as_f64),
        weight: map.get("weight").and_then(Value::as_f64).unwrap_or(1.0),
        metric: map.get("metric").and_then(Value::as_str).map(str::to_owned),
        ..Check::new(scorer, value)
    };
    for (name, value) in map {
        if !["type", "value", "threshold", "weight", "metric"].contains(&name.as_str())
            && !value.is_null()
        {
            imported.note(
                format!("{place}.{name}"),
                "kept with the check, and not used",
            );
            check.extra.insert(name.clone(), value.clone());
        }
    }
    Ok(check)
}

/// The value with its variables filled in.
fn filled(
    place: &str,
    value: Value,
    vars: &Map<String, Value>,
    (imported, budget): Room<'_>,
) -> Result<Value, Unreadable> {
    match value {
        Value::String(text) => {
            let (text, problems) = template::fill(place, &text, vars, budget)?;
            for problem in problems {
                imported.note(format!("{place}.value"), problem);
            }
            Ok(Value::String(text))
        }
        Value::Array(list) => list
            .into_iter()
            .map(|one| {
                if one.is_string() {
                    filled(place, one, vars, (&mut *imported, &mut *budget))
                } else {
                    Ok(one)
                }
            })
            .collect(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => Ok(other),
    }
}

/// Checks as assertions.
pub(super) fn write(checks: &[Check]) -> Value {
    let one = |check: &Check| {
        let prefix = if check.negated { "not-" } else { "" };
        let mut map = Map::from_iter([(
            "type".to_owned(),
            json!(format!("{prefix}{}", check.scorer)),
        )]);
        if !check.value.is_null() {
            map.insert("value".to_owned(), check.value.clone());
        }
        if let Some(threshold) = check.threshold {
            map.insert("threshold".to_owned(), json!(threshold));
        }
        if (check.weight - 1.0).abs() > f64::EPSILON {
            map.insert("weight".to_owned(), json!(check.weight));
        }
        if let Some(metric) = &check.metric {
            map.insert("metric".to_owned(), json!(metric));
        }
        map.extend(check.extra.clone());
        Value::Object(map)
    };
    checks.iter().map(one).collect()
}
