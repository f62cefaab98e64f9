//! Changes (RFC 7644, section 3.5.2), as the standard has them and as the large directories send them: verbs in any case,
//! changes without a path whose value is an object of paths, and values to remove beside the path.

use scim_v2::filter::{AttrPath, PatchPath};
use serde_json::Value;

use super::filter::{one, string};
use super::{GROUP_SCHEMA, OPERATIONS_MAX, Problem, ProblemKind, USER_SCHEMA, attribute, folded};

/// Longest path.
const PATH_MAX: usize = 500;

/// What is done with an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Add,
    Replace,
    Remove,
}

/// Where: an attribute of the core schema, folded, and which of its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) attribute: String,
    /// Of many values those where this attribute has this value.
    pub(super) chosen: Option<(String, String)>,
    pub(super) part: Option<String>,
}

/// One change of one attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    pub(super) verb: Verb,
    pub(super) target: Target,
    pub(super) value: Value,
}

/// Changes in their order. What is about attributes that are not kept here is left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch(pub(super) Vec<Operation>);

const fn syntax(detail: &'static str) -> Problem {
    Problem::new(ProblemKind::InvalidSyntax, detail)
}

const fn path(detail: &'static str) -> Problem {
    Problem::new(ProblemKind::InvalidPath, detail)
}

impl Patch {
    /// Reads the body of a change.
    ///
    /// # Errors
    /// [`ProblemKind::InvalidSyntax`], [`ProblemKind::InvalidPath`], or [`ProblemKind::TooMany`].
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let all = attribute(body, "Operations").and_then(Value::as_array);
        let all = all.ok_or(syntax("The body has no list `Operations`."))?;
        let mut operations = Vec::new();
        for one in all {
            read(one, &mut operations)?;
            if operations.len() > OPERATIONS_MAX {
                let detail = "More than 500 operations. Send them in several calls.";
                return Err(Problem::new(ProblemKind::TooMany, detail));
            }
        }
        Ok(Self(operations))
    }
}

fn read(one: &Value, into: &mut Vec<Operation>) -> Result<(), Problem> {
    let verb = attribute(one, "op").and_then(Value::as_str);
    let verb = match verb.map(str::to_ascii_lowercase).as_deref() {
        Some("add") => Verb::Add,
        Some("replace") => Verb::Replace,
        Some("remove") => Verb::Remove,
        Some(_) | None => return Err(syntax("`op` is add, replace or remove.")),
    };
    let value = attribute(one, "value").cloned().unwrap_or(Value::Null);
    let mut push = |path: &str, value: Value| -> Result<(), Problem> {
        if let Some(target) = Target::read(path)? {
            into.push(Operation {
                verb,
                target,
                value,
            });
        }
        Ok(())
    };
    match (attribute(one, "path"), value) {
        (Some(Value::String(path)), value) => push(path, value),
        (None | Some(Value::Null), Value::Object(parts)) if verb != Verb::Remove => {
            // Each name is a path of its own: Entra writes `name.givenName` here.
            parts.into_iter().try_for_each(|(name, value)| {
                // What is ours to say comes along with the rest, and attributes of a schema that is not kept come as one
                // object under the schema's name.
                if is_ours(&name) || is_schema(&name) {
                    return Ok(());
                }
                push(&name, value)
            })
        }
        (None | Some(Value::Null), _) => Err(syntax("An operation needs a path, or an object.")),
        (Some(_), _) => Err(path("`path` is a text.")),
    }
}

/// What a directory read here, and sends back with a change.
fn is_ours(name: &str) -> bool {
    let ours = ["id", "meta", "groups"];
    ours.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// A name with a schema in front but no attribute behind: `urn:…:enterprise:2.0:User`.
fn is_schema(name: &str) -> bool {
    let name = folded(name);
    name == "schemas" || (name.starts_with("urn:") && name.ends_with(":user"))
}

impl Target {
    /// What a path names; none where it is an attribute of another schema.
    fn read(text: &str) -> Result<Option<Self>, Problem> {
        if text.len() > PATH_MAX {
            return Err(path("A path is longer than 500 characters."));
        }
        let parsed: PatchPath = text.parse().map_err(|_| path("A path cannot be read."))?;
        let (attr, chosen, part) = match parsed {
            PatchPath::Attr(attr) => {
                let part = attr.sub_attr.clone();
                (attr, None, part)
            }
            PatchPath::Value(value) => {
                let (name, wanted) = one(&value.filter)
                    .and_then(|(name, wanted)| Ok((name, string(wanted)?)))
                    .map_err(|_| path("A path chooses by one `eq` alone."))?;
                (value.attr, Some((name, wanted)), value.sub_attr)
            }
        };
        if !is_core(&attr) {
            return Ok(None);
        }
        Ok(Some(Self {
            attribute: folded(&attr.name),
            chosen,
            part: part.map(|part| folded(&part)),
        }))
    }
}

fn is_core(attr: &AttrPath) -> bool {
    let core = |uri: &String| {
        uri.eq_ignore_ascii_case(USER_SCHEMA) || uri.eq_ignore_ascii_case(GROUP_SCHEMA)
    };
    attr.uri.as_ref().is_none_or(core)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn one(operation: Value) -> Result<Patch, Problem> {
        Patch::read(&json!({ "Operations": [operation] }))
    }

    #[test]
    fn verbs_paths_and_objects_are_read_whatever_their_case() {
        let patch = one(json!({ "op": "Replace", "path": "Active", "value": "False" })).unwrap();
        let expected = Operation {
            verb: Verb::Replace,
            target: Target {
                attribute: "active".to_owned(),
                chosen: None,
                part: None,
            },
            value: json!("False"),
        };
        assert_eq!(patch.0, [expected]);
        let patch = one(json!({ "op": "replace", "value": {
            "name.givenName": "Ada",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "x" },
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager": "y",
            "urn:ietf:params:scim:schemas:core:2.0:User:active": true,
        }}));
        let found: Vec<_> = patch.unwrap().0.into_iter().map(|o| o.target).collect();
        let names: Vec<_> = found.iter().map(|t| t.attribute.as_str()).collect();
        assert_eq!(names, ["name", "active"]);
        assert_eq!(found[0].part.as_deref(), Some("givenname"));
        let path = r#"emails[type eq "work"].value"#;
        let patch = one(json!({ "op": "Add", "path": path, "value": "a@b.example" })).unwrap();
        let target = &patch.0[0].target;
        let work = ("type".to_owned(), "work".to_owned());
        assert_eq!(target.chosen, Some(work));
        assert_eq!(target.part.as_deref(), Some("value"));
    }

    #[test]
    fn hostile_changes_are_refused() {
        let deep = format!(
            "members[{}value eq \"a\"{}]",
            "(".repeat(300),
            ")".repeat(300)
        );
        for path in [
            json!(""),
            json!("members["),
            json!("members[]"),
            json!(r#"members[value co "a"]"#),
            json!(r#"members[value eq "a" or value eq "b"]"#),
            json!("a.b.c"),
            json!("a".repeat(501)),
            json!(deep),
            json!(7),
            json!({ "a": 1 }),
        ] {
            let problem = one(json!({ "op": "remove", "path": path.clone() })).unwrap_err();
            assert_eq!(problem.kind, ProblemKind::InvalidPath, "{path}");
        }
        for operation in [
            json!(null),
            json!("remove"),
            json!({ "op": "move", "path": "active" }),
            json!({ "path": "active" }),
            json!({ "op": "remove" }),
            json!({ "op": "remove", "value": { "active": true } }),
            json!({ "op": "add", "value": [1] }),
        ] {
            let problem = one(operation.clone()).unwrap_err();
            assert_eq!(problem.kind, ProblemKind::InvalidSyntax, "{operation}");
        }
        let many = vec![json!({ "op": "add", "path": "active", "value": true }); 501];
        let problem = Patch::read(&json!({ "Operations": many })).unwrap_err();
        assert_eq!(problem.kind, ProblemKind::TooMany);
        assert!(Patch::read(&json!({})).is_err());
    }
}
