//! What a directory tells of one group: its name, and who is in it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::patch::{Operation, Verb};
use super::{Patch, Problem, ProblemKind, attribute, object, optional, text};
use crate::id::DirectoryUserId;

/// Most people in one group.
const MEMBERS_MAX: usize = 1_000;
/// Longest name of a group; the table of roles takes none that is longer.
const NAME_MAX: usize = 200;

/// A group, as far as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupFields {
    pub name: String,
    pub external_id: Option<String>,
    pub members: BTreeSet<DirectoryUserId>,
}

impl GroupFields {
    /// Reads a whole group.
    ///
    /// # Errors
    /// [`Problem`] for what is missing, too long or of another type.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        object(body)?;
        let name = attribute(body, "displayName").map(text).transpose()?;
        let external_id = attribute(body, "externalId").map(optional).transpose()?;
        let members = attribute(body, "members").map(ids).transpose()?;
        let group = Self {
            name: name.unwrap_or_default(),
            external_id: external_id.flatten(),
            members: members.unwrap_or_default(),
        };
        group.checked()
    }

    /// The group after these changes; all of them, or none.
    ///
    /// # Errors
    /// [`Problem`] for the first change that cannot be made.
    pub fn patched(&self, patch: &Patch) -> Result<Self, Problem> {
        let mut group = self.clone();
        for operation in &patch.0 {
            group.apply(operation)?;
        }
        group.checked()
    }

    /// What the table of roles knows the group by: the directory's own id of it where it tells one, because names can be given
    /// to other groups; else its name.
    #[must_use]
    pub fn key(&self) -> &str {
        self.external_id.as_deref().unwrap_or(&self.name)
    }

    fn checked(self) -> Result<Self, Problem> {
        if self.name.is_empty() || self.name.chars().count() > NAME_MAX {
            return Err(Problem::value("`displayName` is missing or too long."));
        }
        if self.members.len() > MEMBERS_MAX {
            let detail = "More than 1,000 members. Provision a group of those who use Clearance.";
            return Err(Problem::value(detail));
        }
        Ok(self)
    }

    fn apply(&mut self, operation: &Operation) -> Result<(), Problem> {
        let removes = operation.verb == Verb::Remove;
        match operation.target.attribute.as_str() {
            // Okta sends the id that it got beside the name; it says nothing new.
            "id" | "meta" | "schemas" => Ok(()),
            "displayname" if removes => Err(Problem::value("`displayName` cannot be removed.")),
            "displayname" => {
                self.name = text(&operation.value)?;
                Ok(())
            }
            "externalid" => {
                self.external_id = if removes {
                    None
                } else {
                    optional(&operation.value)?
                };
                Ok(())
            }
            "members" => self.change_members(operation),
            // Attributes that are not kept.
            _ => Ok(()),
        }
    }

    fn change_members(&mut self, operation: &Operation) -> Result<(), Problem> {
        let chosen = match &operation.target.chosen {
            None => None,
            Some((by, wanted)) if by == "value" => Some(id(wanted)),
            Some(_) => {
                let detail = "Members are chosen by their `value`.";
                return Err(Problem::new(ProblemKind::InvalidPath, detail));
            }
        };
        match (operation.verb, chosen) {
            // Somebody who is not here is in no group.
            (Verb::Remove, Some(id)) => {
                if let Ok(id) = id {
                    self.members.remove(&id);
                }
            }
            (Verb::Remove, None) if operation.value.is_null() => self.members.clear(),
            (Verb::Remove, None) => {
                for id in values(&operation.value)?.into_iter().flat_map(id) {
                    self.members.remove(&id);
                }
            }
            (Verb::Add, None) => self.members.extend(ids(&operation.value)?),
            (Verb::Replace, None) => self.members = ids(&operation.value)?,
            (Verb::Add | Verb::Replace, Some(id)) => {
                self.members.insert(id?);
            }
        }
        Ok(())
    }
}

fn id(text: &str) -> Result<DirectoryUserId, Problem> {
    text.trim()
        .parse()
        .map_err(|_| Problem::value("A member is no person of this directory."))
}

fn ids(value: &Value) -> Result<BTreeSet<DirectoryUserId>, Problem> {
    values(value)?.into_iter().map(id).collect()
}

/// The `value` of each member; some write the bare text.
fn values(value: &Value) -> Result<Vec<&str>, Problem> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(all) if all.len() > MEMBERS_MAX => {
            Err(Problem::value("More than 1,000 members in one call."))
        }
        Value::Array(all) => all.iter().map(named).collect(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            Ok(vec![named(value)?])
        }
    }
}

fn named(member: &Value) -> Result<&str, Problem> {
    let named = attribute(member, "value").unwrap_or(member);
    named
        .as_str()
        .ok_or(Problem::value("A member has no `value`."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const A: &str = "0190a8b2-0000-7000-8000-000000000001";
    const B: &str = "0190a8b2-0000-7000-8000-000000000002";

    fn group() -> GroupFields {
        GroupFields::read(&json!({ "displayName": "Leads", "members": [{ "value": A }] })).unwrap()
    }

    fn patched(operation: Value) -> Result<Vec<String>, Problem> {
        let patch = Patch::read(&json!({ "Operations": [operation] })).unwrap();
        let members = group().patched(&patch)?.members;
        Ok(members.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn members_come_and_go_in_every_spelling() {
        let both = [A, B];
        let none: [&str; 0] = [];
        for (operation, expected) in [
            (
                json!({ "op": "Add", "path": "members", "value": [{ "value": B }] }),
                &both[..],
            ),
            (
                json!({ "op": "add", "path": "members", "value": { "value": B, "display": "b" } }),
                &both[..],
            ),
            (
                json!({ "op": "add", "value": { "members": [{ "value": B }] } }),
                &both[..],
            ),
            (
                json!({ "op": "replace", "path": "members", "value": [{ "value": B }] }),
                &both[1..],
            ),
            (
                json!({ "op": "replace", "value": { "id": "7", "members": [] } }),
                &none[..],
            ),
            (
                json!({ "op": "Remove", "path": format!("members[value eq \"{A}\"]") }),
                &none[..],
            ),
            (
                json!({ "op": "Remove", "path": "members", "value": [{ "value": A }] }),
                &none[..],
            ),
            (
                json!({ "op": "remove", "path": "members", "value": [{ "value": B }] }),
                &both[..1],
            ),
            (
                json!({ "op": "remove", "path": "members[value eq \"nobody\"]" }),
                &both[..1],
            ),
            (json!({ "op": "remove", "path": "members" }), &none[..]),
        ] {
            assert_eq!(patched(operation.clone()).unwrap(), expected, "{operation}");
        }
    }

    #[test]
    fn a_group_is_known_by_the_directory_s_id_before_its_name() {
        assert_eq!(group().key(), "Leads");
        let rename = json!({ "Operations": [
            { "op": "replace", "value": { "id": A, "displayName": "Heads" } },
            { "op": "add", "path": "externalId", "value": "6f2c" },
        ]});
        let renamed = group().patched(&Patch::read(&rename).unwrap()).unwrap();
        assert_eq!((renamed.name.as_str(), renamed.key()), ("Heads", "6f2c"));
    }

    #[test]
    fn hostile_groups_are_refused() {
        let many: Vec<_> = (0..1_001).map(|_| json!({ "value": A })).collect();
        for body in [
            json!([]),
            json!({}),
            json!({ "displayName": " " }),
            json!({ "displayName": "x".repeat(201) }),
            json!({ "displayName": "Leads", "members": [{ "value": "nobody" }] }),
            json!({ "displayName": "Leads", "members": [{ "value": 7 }] }),
            json!({ "displayName": "Leads", "members": [{ "id": A }] }),
            json!({ "displayName": "Leads", "members": many }),
        ] {
            assert!(GroupFields::read(&body).is_err(), "{body}");
        }
        assert!(patched(json!({ "op": "add", "path": "members[type eq \"User\"]" })).is_err());
        assert!(patched(json!({ "op": "remove", "path": "displayName" })).is_err());
    }
}
