//! What a directory tells of one person, as far as it is kept: who they are and whether they still belong here.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::patch::{Operation, Verb};
use super::{Patch, Problem, ProblemKind, attribute, object, optional, text, yes_or_no};
use crate::form::person::is_email;
use crate::sign_in::is_subject;
use crate::text::cut;

/// Most addresses of one person that are kept.
const EMAILS_MAX: usize = 5;
/// The value of what is removed.
static NOTHING: Value = Value::Null;

/// The parts of a name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PersonName {
    pub formatted: Option<String>,
    pub given: Option<String>,
    pub family: Option<String>,
}

/// One address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email {
    pub value: String,
    /// `work`, `home`.
    pub kind: Option<String>,
    pub primary: bool,
}

/// The attributes of a person that are kept; others are taken in and dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserFields {
    pub user_name: String,
    pub external_id: Option<String>,
    pub active: bool,
    pub display_name: Option<String>,
    pub name: PersonName,
    pub emails: Vec<Email>,
}

impl UserFields {
    /// Reads a whole person (RFC 7644, sections 3.3 and 3.5.1).
    ///
    /// # Errors
    /// [`Problem`] for what is missing, too long or of another type.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        object(body)?;
        let mut fields = Self {
            user_name: String::new(),
            external_id: None,
            active: true,
            display_name: None,
            name: PersonName::default(),
            emails: Vec::new(),
        };
        for name in ["userName", "externalId", "displayName", "name", "emails"] {
            if let Some(value) = attribute(body, name).filter(|value| !value.is_null()) {
                fields.set(&name.to_ascii_lowercase(), value)?;
            }
        }
        if let Some(active) = attribute(body, "active").filter(|value| !value.is_null()) {
            fields.active = yes_or_no(active)?;
        }
        fields.checked()
    }

    /// The person after these changes; all of them, or none.
    ///
    /// # Errors
    /// [`Problem`] for the first change that cannot be made.
    pub fn patched(&self, patch: &Patch) -> Result<Self, Problem> {
        let mut fields = self.clone();
        for operation in &patch.0 {
            fields.apply(operation)?;
        }
        fields.checked()
    }

    fn checked(self) -> Result<Self, Problem> {
        if self.user_name.is_empty() {
            return Err(Problem::value("`userName` is missing."));
        }
        if self.external_id.as_ref().is_some_and(|id| !is_subject(id)) {
            let detail = "`externalId` is no plain identifier: up to 255 characters of ASCII.";
            return Err(Problem::value(detail));
        }
        self.address()?;
        Ok(self)
    }

    /// The address that the person is known by: the primary one, else the first, else a name that is an address. Lower case.
    ///
    /// # Errors
    /// [`ProblemKind::InvalidValue`] where there is none.
    pub fn address(&self) -> Result<String, Problem> {
        let primary = self.emails.iter().find(|email| email.primary);
        let email = primary.or(self.emails.first());
        let text = email.map_or(&self.user_name, |email| &email.value);
        let text = text.to_lowercase();
        if is_email(&text) {
            Ok(text)
        } else {
            Err(Problem::value(
                "A person needs an e-mail address: send `emails`, or a `userName` that is one.",
            ))
        }
    }

    /// What people read.
    #[must_use]
    pub fn shown(&self) -> String {
        let parts = [&self.name.given, &self.name.family];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        let joined = parts.join(" ");
        let whole = [&self.display_name, &self.name.formatted];
        let whole = whole.into_iter().flatten().next();
        let name = match whole {
            Some(name) => name.as_str(),
            None if joined.is_empty() => &self.user_name,
            None => &joined,
        };
        cut(name, 80)
    }

    fn apply(&mut self, operation: &Operation) -> Result<(), Problem> {
        let target = &operation.target;
        let removes = operation.verb == Verb::Remove;
        match target.attribute.as_str() {
            "id" | "meta" | "groups" => Err(Problem::new(
                ProblemKind::Mutability,
                "This attribute is Clearance's to say.",
            )),
            "username" if removes => Err(Problem::value("`userName` cannot be removed.")),
            "active" if removes => Err(Problem::value("`active` cannot be removed.")),
            "active" => {
                self.active = yes_or_no(&operation.value)?;
                Ok(())
            }
            "emails" => self.change_emails(operation),
            "name" => {
                let value = if removes { &NOTHING } else { &operation.value };
                match &target.part {
                    Some(part) => self.set_name(part, value),
                    None => self.set("name", value),
                }
            }
            name => self.set(name, if removes { &NOTHING } else { &operation.value }),
        }
    }

    /// Sets an attribute, by its folded name. Those that are not kept are left alone.
    fn set(&mut self, name: &str, value: &Value) -> Result<(), Problem> {
        match name {
            "username" => self.user_name = text(value)?,
            "externalid" => self.external_id = optional(value)?,
            "displayname" => self.display_name = optional(value)?,
            "name" if value.is_null() => self.name = PersonName::default(),
            "name" => {
                object(value)?;
                for part in ["formatted", "givenName", "familyName"] {
                    if let Some(value) = attribute(value, part) {
                        self.set_name(&part.to_ascii_lowercase(), value)?;
                    }
                }
            }
            "emails" => self.emails = emails(value)?,
            _ => {}
        }
        Ok(())
    }

    fn set_name(&mut self, part: &str, value: &Value) -> Result<(), Problem> {
        let value = optional(value)?;
        match part {
            "formatted" => self.name.formatted = value,
            "givenname" => self.name.given = value,
            "familyname" => self.name.family = value,
            _ => {}
        }
        Ok(())
    }

    fn change_emails(&mut self, operation: &Operation) -> Result<(), Problem> {
        let target = &operation.target;
        let Some((by, wanted)) = &target.chosen else {
            match operation.verb {
                Verb::Remove => self.emails.clear(),
                Verb::Replace => self.emails = emails(&operation.value)?,
                Verb::Add => {
                    for email in emails(&operation.value)? {
                        self.emails.retain(|known| known.value != email.value);
                        self.take_primary(email.primary);
                        self.emails.push(email);
                    }
                }
            }
            return bounded(&self.emails);
        };
        let hit = |email: &Email| match by.as_str() {
            "type" => email
                .kind
                .as_ref()
                .is_some_and(|k| k.eq_ignore_ascii_case(wanted)),
            "primary" => email.primary && wanted.eq_ignore_ascii_case("true"),
            "value" => email.value.eq_ignore_ascii_case(wanted),
            _ => false,
        };
        if operation.verb == Verb::Remove {
            self.emails.retain(|email| !hit(email));
            return Ok(());
        }
        if target.part.as_ref().is_some_and(|part| part != "value") {
            return Ok(());
        }
        let value = text(&operation.value)?;
        if let Some(email) = self.emails.iter_mut().find(|email| hit(email)) {
            email.value = value;
            return Ok(());
        }
        // Entra sets a value that is not there yet.
        let primary = by == "primary" || self.emails.is_empty();
        let kind = (by == "type").then(|| wanted.clone());
        self.take_primary(primary);
        self.emails.push(Email {
            value,
            kind,
            primary,
        });
        bounded(&self.emails)
    }

    /// One is the primary one (RFC 7643, section 2.4).
    fn take_primary(&mut self, takes: bool) {
        if takes {
            self.emails
                .iter_mut()
                .for_each(|email| email.primary = false);
        }
    }
}

fn bounded(emails: &[Email]) -> Result<(), Problem> {
    if emails.len() > EMAILS_MAX {
        return Err(Problem::value("More than 5 addresses."));
    }
    Ok(())
}

fn emails(value: &Value) -> Result<Vec<Email>, Problem> {
    let one = |value: &Value| -> Result<Email, Problem> {
        if value.is_string() {
            return Ok(Email {
                value: text(value)?,
                kind: None,
                primary: false,
            });
        }
        let missing = || Problem::value("An address has no `value`.");
        let primary = attribute(value, "primary").filter(|value| !value.is_null());
        let kind = attribute(value, "type").map(optional).transpose()?;
        Ok(Email {
            value: text(attribute(value, "value").ok_or_else(missing)?)?,
            kind: kind.flatten(),
            primary: primary.map(yes_or_no).transpose()?.unwrap_or(false),
        })
    };
    let found = match value {
        Value::Array(all) if all.len() > EMAILS_MAX => {
            return Err(Problem::value("More than 5 addresses."));
        }
        Value::Array(all) => all.iter().map(one).collect::<Result<Vec<_>, _>>()?,
        Value::Null => Vec::new(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            vec![one(value)?]
        }
    };
    Ok(found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ada() -> UserFields {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": "Ada@Example.com", "externalId": "00u1", "active": true,
            "name": { "givenName": "Ada", "familyName": "Engineer" },
            "emails": [
                { "value": "ada@home.example", "type": "home" },
                { "value": "Ada@Example.com", "type": "work", "primary": true },
            ],
            "password": "never kept", "title": "Lead",
        });
        UserFields::read(&body).unwrap()
    }

    fn patched(operations: Value) -> Result<UserFields, Problem> {
        ada().patched(&Patch::read(&json!({ "Operations": operations })).unwrap())
    }

    #[test]
    fn a_person_is_read_with_what_is_kept() {
        let ada = ada();
        assert_eq!(ada.address().unwrap(), "ada@example.com");
        assert_eq!(ada.shown(), "Ada Engineer");
        assert!(!format!("{ada:?}").contains("never kept"));
    }

    #[test]
    fn the_words_of_both_large_directories_deactivate() {
        for operation in [
            json!({ "op": "replace", "value": { "active": false } }),
            json!({ "op": "Replace", "path": "active", "value": "False" }),
            json!({ "op": "Add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:active", "value": "false" }),
        ] {
            assert!(!patched(json!([operation])).unwrap().active, "{operation}");
        }
        for value in [json!("no"), json!(0), json!(null), json!([false])] {
            let operation = json!([{ "op": "replace", "path": "active", "value": value }]);
            assert_eq!(
                patched(operation).unwrap_err().kind,
                ProblemKind::InvalidValue
            );
        }
    }

    #[test]
    fn addresses_are_changed_where_the_path_points() {
        let by_type = json!([{ "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "new@example.com" }]);
        assert_eq!(
            patched(by_type).unwrap().address().unwrap(),
            "new@example.com"
        );
        let other = json!([{ "op": "Add", "path": "emails[type eq \"other\"].value", "value": "o@example.com" }]);
        let other = patched(other).unwrap();
        assert_eq!(other.emails.len(), 3);
        assert_eq!(other.address().unwrap(), "ada@example.com");
        let gone = json!([{ "op": "remove", "path": "emails" }]);
        assert_eq!(
            patched(gone).unwrap().address().unwrap(),
            "ada@example.com",
            "the name is one"
        );
        let many: Vec<_> = (0..6)
            .map(|n| json!({ "value": format!("{n}@example.com") }))
            .collect();
        assert!(patched(json!([{ "op": "replace", "path": "emails", "value": many }])).is_err());
    }

    #[test]
    fn a_change_is_made_whole_or_not_at_all() {
        let half = json!([
            { "op": "replace", "path": "displayName", "value": "Countess" },
            { "op": "remove", "path": "userName" },
        ]);
        assert!(patched(half).is_err());
        for (path, kind) in [
            ("id", ProblemKind::Mutability),
            ("meta", ProblemKind::Mutability),
            ("groups", ProblemKind::Mutability),
        ] {
            let operation = json!([{ "op": "replace", "path": path, "value": "x" }]);
            assert_eq!(patched(operation).unwrap_err().kind, kind);
        }
        let unknown = json!([{ "op": "replace", "path": "nickName", "value": "x" }]);
        assert_eq!(
            patched(unknown).unwrap(),
            ada(),
            "what is not kept is dropped"
        );
    }

    #[test]
    fn hostile_people_are_refused() {
        for body in [
            json!([]),
            json!("x"),
            json!({}),
            json!({ "userName": "" }),
            json!({ "userName": 7, "emails": "no address" }),
            json!({ "userName": "no address" }),
            json!({ "userName": "a@b.example", "externalId": "ü" }),
            json!({ "userName": "a@b.example", "externalId": "x".repeat(256) }),
            json!({ "userName": "a\u{202e}@b.example" }),
            json!({ "userName": format!("{}@b.example", "a".repeat(300)) }),
            json!({ "userName": "a@b.example", "emails": [{}] }),
            json!({ "userName": "a@b.example", "emails": [[]] }),
            json!({ "userName": "a@b.example", "active": "perhaps" }),
            json!({ "userName": { "a": 1 } }),
        ] {
            assert!(UserFields::read(&body).is_err(), "{body}");
        }
    }
}
