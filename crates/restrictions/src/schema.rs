//! What statements may speak of, as a schema of Cedar: the agent, the resource, and what is known of the moment.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use cedar_policy::Schema;
use serde_json::Value;

use crate::Kind;

/// Who asks and what is asked about. The attributes are those that [`crate::Question`] fills.
const ENTITIES: &str = "\
entity Agent { team: String, version: String, environment: String, deployment: Long, scopes: Set<String> };
entity Resource { id: String, class?: String };
";

/// What stands in for the name of an action where the statements name none.
const ANY: &str = "any:any";

/// The schema for statements that name these actions, with what callers may say beside their question.
///
/// # Errors
/// What Cedar has against a name.
pub(crate) fn schema(
    actions: &BTreeSet<String>,
    context: &[(String, Kind)],
) -> Result<Schema, String> {
    let mut text = ENTITIES.to_owned();
    let mut names: Vec<String> = actions.iter().map(|name| quoted(name)).collect();
    if names.is_empty() {
        names.push(quoted(ANY));
    }
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "action {} appliesTo {{ principal: Agent, resource: Resource, context: {{ now: datetime, environment?: String",
        names.join(", ")
    );
    for (name, kind) in context {
        let _ = write!(text, ", {}?: {}", quoted(name), kind.cedar());
    }
    text.push_str(" } };\n");
    let read = Schema::from_cedarschema_str(&text);
    read.map(|(schema, _)| schema)
        .map_err(|error| error.to_string())
}

/// The names of all entities of a type in the JSON form of statements.
pub(crate) fn named(value: &Value, kind: &str, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let (Some(Value::String(found)), Some(Value::String(id))) =
                (members.get("type"), members.get("id"))
                && found == kind
            {
                into.insert(id.clone());
            }
            members.values().for_each(|one| named(one, kind, into));
        }
        Value::Array(items) => items.iter().for_each(|one| named(one, kind, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A string of Cedar. Only plain names come here; anything else is refused before.
fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}
