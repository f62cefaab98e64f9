//! What a list is asked for (RFC 7644, section 3.4.2), and which attributes (section 3.9).

use control_plane::directories::Slice;
use domain::directory::{PAGE_MAX, Problem, ProblemKind};
use serde::Deserialize;
use serde_json::Value;

use super::error::ScimError;

/// Longest list of attributes that is looked at.
const ATTRIBUTES_MAX: usize = 1_000;

/// The query of a call. Sorting is not offered, and asking for it changes nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ScimQuery {
    pub(super) filter: Option<String>,
    start_index: Option<String>,
    count: Option<String>,
    attributes: Option<String>,
    excluded_attributes: Option<String>,
}

impl ScimQuery {
    /// Which rows. A start below one is one, a count below nought is nought, and one that is too high is what we give.
    pub(super) fn slice(&self) -> Result<Slice, ScimError> {
        let start = number(self.start_index.as_deref())?.unwrap_or(1).max(1);
        let most = i64::try_from(PAGE_MAX).unwrap_or(i64::MAX);
        let count = number(self.count.as_deref())?.unwrap_or(most);
        let count = count.clamp(0, most);
        // Beyond this there is nothing, and no database counts further.
        let start = start.min(i64::from(i32::MAX));
        Ok(Slice {
            start: u64::try_from(start).unwrap_or(1),
            count: u64::try_from(count).unwrap_or(0),
        })
    }

    /// Is this attribute to be in the answer?
    pub(super) fn wants(&self, attribute: &str) -> bool {
        let named = |list: &Option<String>| {
            let list = list
                .as_deref()
                .filter(|list| list.len() <= ATTRIBUTES_MAX)?;
            Some(
                list.split(',')
                    .any(|name| top(name).eq_ignore_ascii_case(attribute)),
            )
        };
        match (named(&self.attributes), named(&self.excluded_attributes)) {
            (Some(asked), _) => asked,
            (None, excluded) => !excluded.unwrap_or(false),
        }
    }

    /// Has the caller said which attributes it wants?
    pub(super) fn is_selective(&self) -> bool {
        self.attributes.is_some()
    }

    /// A resource with what is wanted of it. `id` and `schemas` are always there.
    pub(super) fn project(&self, mut resource: Value) -> Value {
        if let Some(object) = resource.as_object_mut() {
            object.retain(|name, _| matches!(name.as_str(), "id" | "schemas") || self.wants(name));
        }
        resource
    }
}

fn number(text: Option<&str>) -> Result<Option<i64>, ScimError> {
    let wrong = |_| {
        Problem::new(
            ProblemKind::InvalidValue,
            "`startIndex` and `count` are numbers.",
        )
    };
    let number = text.map(|text| text.trim().parse().map_err(wrong));
    Ok(number.transpose()?)
}

/// The attribute of a path: without its schema, and without what is below it.
fn top(name: &str) -> &str {
    let name = name.trim();
    let name = name.rsplit_once(':').map_or(name, |(_, name)| name);
    // A schema's version has a dot too; what is behind its colon has been taken already.
    name.split('.').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(attributes: Option<&str>, excluded: Option<&str>) -> ScimQuery {
        ScimQuery {
            attributes: attributes.map(str::to_owned),
            excluded_attributes: excluded.map(str::to_owned),
            ..ScimQuery::default()
        }
    }

    #[test]
    fn attributes_are_chosen_by_their_names() {
        let resource = || json!({ "id": 1, "schemas": [], "userName": 2, "name": 3, "meta": 4 });
        let some = of(
            Some("urn:ietf:params:scim:schemas:core:2.0:User:USERNAME, name.givenName"),
            None,
        );
        let kept = some.project(resource());
        assert_eq!(
            kept,
            json!({ "id": 1, "schemas": [], "userName": 2, "name": 3 })
        );
        assert!(!of(None, Some("members")).wants("members"));
        assert!(of(None, None).wants("members"));
        let both = of(None, Some("id,name")).project(resource());
        assert!(both.get("id").is_some() && both.get("name").is_none());
    }

    #[test]
    fn rows_are_counted_from_one_and_bounded() {
        let slice = |start: &str, count: &str| {
            let query = ScimQuery {
                start_index: Some(start.to_owned()),
                count: Some(count.to_owned()),
                ..ScimQuery::default()
            };
            query.slice().map(|slice| (slice.start, slice.count)).ok()
        };
        assert_eq!(slice("1", "10"), Some((1, 10)));
        assert_eq!(slice("0", "-1"), Some((1, 0)));
        assert_eq!(slice("-7", "1000000"), Some((1, PAGE_MAX)));
        assert_eq!(slice("9223372036854775807", "1"), Some((2_147_483_647, 1)));
        assert_eq!(slice("one", "1"), None);
        assert_eq!(slice("1", "99999999999999999999"), None);
        let whole = ScimQuery::default().slice().unwrap();
        assert_eq!((whole.start, whole.count), (1, PAGE_MAX));
    }
}
