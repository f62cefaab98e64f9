//! Resources as JSON (RFC 7643, section 3).

use control_plane::directories::{DirectoryGroup, DirectoryUser, Listed};
use domain::directory::{GROUP_SCHEMA, USER_SCHEMA};
use serde_json::{Map, Value, json};

const LIST_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// The version of a resource as its entity tag. Weak: the same version may be written differently.
pub(super) fn version(revision: i64) -> String {
    format!("W/\"{revision}\"")
}

/// The revision that an entity tag names, weak or not, quoted or not.
pub(super) fn revision(text: &str) -> Option<i64> {
    let text = text.trim();
    let text = text.strip_prefix("W/").unwrap_or(text);
    text.trim_matches('"').parse().ok()
}

/// Where a resource is.
pub(super) fn location(base: &str, kind: &str, id: impl std::fmt::Display) -> String {
    format!("{base}/{kind}/{id}")
}

/// A person.
pub(super) fn user(user: &DirectoryUser, base: &str) -> Value {
    let fields = &user.fields;
    let mut name = Map::new();
    put(&mut name, "formatted", fields.name.formatted.as_ref());
    put(&mut name, "givenName", fields.name.given.as_ref());
    put(&mut name, "familyName", fields.name.family.as_ref());
    let emails = fields.emails.iter().map(|email| {
        let mut one = Map::new();
        put(&mut one, "value", Some(&email.value));
        put(&mut one, "type", email.kind.as_ref());
        one.insert("primary".to_owned(), json!(email.primary));
        Value::Object(one)
    });
    let groups = user.groups.iter().map(|(id, name)| {
        json!({ "value": id, "display": name, "type": "direct", "$ref": location(base, "Groups", id) })
    });
    let mut resource = Map::new();
    resource.insert("schemas".to_owned(), json!([USER_SCHEMA]));
    resource.insert("id".to_owned(), json!(user.id));
    put(&mut resource, "externalId", fields.external_id.as_ref());
    put(&mut resource, "userName", Some(&fields.user_name));
    put(&mut resource, "displayName", fields.display_name.as_ref());
    if !name.is_empty() {
        resource.insert("name".to_owned(), Value::Object(name));
    }
    resource.insert("active".to_owned(), json!(fields.active));
    resource.insert("emails".to_owned(), emails.collect());
    resource.insert("groups".to_owned(), groups.collect());
    let times = (&user.created_at, &user.changed_at);
    let place = location(base, "Users", user.id);
    resource.insert(
        "meta".to_owned(),
        meta("User", times, user.revision, &place),
    );
    Value::Object(resource)
}

/// A group.
pub(super) fn group(group: &DirectoryGroup, base: &str) -> Value {
    let members = group.members.iter().map(|(id, name)| {
        json!({ "value": id, "display": name, "type": "User", "$ref": location(base, "Users", id) })
    });
    let mut resource = Map::new();
    resource.insert("schemas".to_owned(), json!([GROUP_SCHEMA]));
    resource.insert("id".to_owned(), json!(group.id));
    put(
        &mut resource,
        "externalId",
        group.fields.external_id.as_ref(),
    );
    put(&mut resource, "displayName", Some(&group.fields.name));
    resource.insert("members".to_owned(), members.collect());
    let times = (&group.created_at, &group.changed_at);
    let place = location(base, "Groups", group.id);
    resource.insert(
        "meta".to_owned(),
        meta("Group", times, group.revision, &place),
    );
    Value::Object(resource)
}

fn meta(kind: &str, (created, changed): (&String, &String), revision: i64, place: &str) -> Value {
    json!({
        "resourceType": kind,
        "created": created,
        "lastModified": changed,
        "location": place,
        "version": version(revision),
    })
}

fn put(into: &mut Map<String, Value>, name: &str, value: Option<&String>) {
    if let Some(value) = value {
        into.insert(name.to_owned(), json!(value));
    }
}

/// A list, as far as it was asked for.
pub(super) fn list<T>(listed: &Listed<T>, turn: impl Fn(&T) -> Value) -> Value {
    let rows: Vec<Value> = listed.rows.iter().map(turn).collect();
    whole(listed.total, listed.start, rows)
}

/// Rows of a list that has so many.
pub(super) fn whole(total: u64, start: u64, rows: Vec<Value>) -> Value {
    json!({
        "schemas": [LIST_SCHEMA],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": rows.len(),
        "Resources": rows,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_in_every_spelling() {
        for text in ["W/\"7\"", "\"7\"", "7", " W/\"7\" "] {
            assert_eq!(revision(text), Some(7), "{text}");
        }
        for text in ["", "W/", "\"\"", "seven", "W/\"7\", W/\"8\""] {
            assert_eq!(revision(text), None, "{text}");
        }
        assert_eq!(revision(&version(7)), Some(7));
    }
}
