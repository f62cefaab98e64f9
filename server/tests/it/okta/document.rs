//! Okta's own description of its API, and whether a call and its answer are as it says: the operation is there, its parameters
//! are known, and a body has the members, types and words of its schema, and no others.

use serde_json::{Map, Value};

/// The part of Okta's OpenAPI document that is used here; where it comes from stands in it.
const TEXT: &str = include_str!("okta-management-2026.06.2.json");
/// Members of a key that RFC 7517 and 7518 ask for, and the document leaves out for keys on a curve.
const KEY_MEMBERS: [&str; 3] = ["alg", "crv", "use"];

pub(super) struct Document {
    whole: Value,
}

/// An operation, and the values of its path.
pub(super) struct Operation<'d> {
    pub(super) id: &'d str,
    said: &'d Value,
    pub(super) path: Vec<String>,
}

/// One look at a value.
struct Look<'d> {
    schemas: &'d Value,
    /// What is in a request must not be what only Okta writes.
    request: bool,
    problems: Vec<String>,
}

impl Document {
    pub(super) fn new() -> Self {
        let whole = serde_json::from_str(TEXT).unwrap();
        Self { whole }
    }

    pub(super) fn operation(&self, method: &str, path: &str) -> Option<Operation<'_>> {
        let asked: Vec<&str> = path.split('/').collect();
        for (template, methods) in self.whole["paths"].as_object().unwrap() {
            let parts: Vec<&str> = template.split('/').collect();
            let alike = |(part, text): (&&str, &&str)| part.starts_with('{') || part == text;
            if parts.len() != asked.len() || !parts.iter().zip(&asked).all(alike) {
                continue;
            }
            let said = methods.get(method.to_lowercase())?;
            let values = parts.iter().zip(&asked);
            let values = values.filter(|(part, _)| part.starts_with('{'));
            return Some(Operation {
                id: said["operationId"].as_str().unwrap(),
                said,
                path: values.map(|(_, text)| (*text).to_owned()).collect(),
            });
        }
        None
    }

    /// What is wrong with a request.
    pub(super) fn request(
        &self,
        operation: &Operation<'_>,
        query: &[(String, String)],
        body: Option<&Value>,
    ) -> Vec<String> {
        let mut look = self.look(true);
        let known = operation.said["parameters"].as_array().unwrap();
        for (name, text) in query {
            let parameter = known
                .iter()
                .find(|one| one["name"] == **name && one["in"] == "query");
            match parameter {
                None => look
                    .problems
                    .push(format!("the query has {name}, which is not known")),
                Some(parameter) => {
                    let value = serde_json::from_str(text).ok();
                    let value = value.filter(|value: &Value| !value.is_string());
                    let wanted = parameter["schema"]["type"] != "string";
                    let value = value.filter(|_| wanted);
                    let value = value.unwrap_or_else(|| Value::String(text.clone()));
                    look.at(&parameter["schema"], &value, name);
                }
            }
        }
        let said = operation.said.get("requestBody");
        match (said, body) {
            (Some(said), Some(body)) => look.at(&said["schema"], body, "body"),
            (None, Some(_)) => look
                .problems
                .push("there is a body, and none is known".to_owned()),
            (Some(said), None) if said["required"] == true => {
                look.problems.push("the body is missing".to_owned());
            }
            (Some(_) | None, None) => {}
        }
        look.problems
    }

    /// What is wrong with an answer.
    pub(super) fn answer(
        &self,
        operation: &Operation<'_>,
        status: u16,
        body: &Value,
    ) -> Vec<String> {
        let mut look = self.look(false);
        // Faults of the network's are nobody's to describe.
        if status >= 500 || status == 401 {
            return Vec::new();
        }
        match operation.said["responses"].get(status.to_string()) {
            None => look.problems.push(format!("{status} is no answer of it")),
            Some(said) => {
                if let Some(schema) = said.get("schema") {
                    look.at(schema, body, "answer");
                }
            }
        }
        look.problems
    }

    /// The scopes of which one is needed.
    pub(super) fn scopes(operation: &Operation<'_>) -> Vec<String> {
        let scopes = operation.said["scopes"].as_array().unwrap();
        scopes
            .iter()
            .map(|scope| scope.as_str().unwrap().to_owned())
            .collect()
    }

    fn look(&self, request: bool) -> Look<'_> {
        Look {
            schemas: &self.whole["schemas"],
            request,
            problems: Vec::new(),
        }
    }
}

impl<'d> Look<'d> {
    fn resolved(&self, schema: &'d Value) -> &'d Value {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(name) => self.resolved(&self.schemas[name.rsplit('/').next().unwrap()]),
            None => schema,
        }
    }

    /// Looks at a value, and at the members that no part of its schema names.
    fn at(&mut self, schema: &'d Value, value: &Value, place: &str) {
        self.fits(schema, value, place);
        if let Value::Object(members) = value {
            let mut known = Vec::new();
            if self.names(schema, &mut known) {
                for name in members.keys() {
                    let listed =
                        known.contains(&name.as_str()) || KEY_MEMBERS.contains(&name.as_str());
                    if !listed {
                        self.problems.push(format!("{place}.{name} is not known"));
                    }
                }
            }
        }
    }

    /// The members that a schema and its parts name. `false` where it takes any.
    fn names(&self, schema: &'d Value, known: &mut Vec<&'d str>) -> bool {
        let schema = self.resolved(schema);
        let own = schema.get("properties").and_then(Value::as_object);
        known.extend(own.into_iter().flat_map(Map::keys).map(String::as_str));
        let mut closed = own.is_some() && schema.get("additionalProperties").is_none();
        for part in ["allOf", "oneOf", "anyOf"] {
            for inner in schema
                .get(part)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                closed |= self.names(inner, known);
            }
        }
        closed
    }

    fn fits(&mut self, schema: &'d Value, value: &Value, place: &str) {
        let schema = self.resolved(schema);
        if value.is_null() && schema["nullable"] == true {
            return;
        }
        self.kind(schema, value, place);
        for inner in schema
            .get("allOf")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            self.fits(inner, value, place);
        }
        if let Some(choices) = schema.get("oneOf").and_then(Value::as_array) {
            let fit = choices.iter().any(|choice| {
                let mut look = Look {
                    schemas: self.schemas,
                    request: self.request,
                    problems: Vec::new(),
                };
                look.fits(choice, value, place);
                look.problems.is_empty()
            });
            if !fit {
                self.problems
                    .push(format!("{place} is none of the choices"));
            }
        }
        if let Value::Object(members) = value {
            self.members(schema, members, place);
        }
        if let (Value::Array(items), Some(of)) = (value, schema.get("items")) {
            for (index, item) in items.iter().enumerate() {
                self.at(of, item, &format!("{place}[{index}]"));
            }
        }
    }

    fn members(&mut self, schema: &'d Value, members: &Map<String, Value>, place: &str) {
        let required = schema.get("required").and_then(Value::as_array);
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            if !members.contains_key(name) {
                self.problems.push(format!("{place}.{name} is missing"));
            }
        }
        let Some(known) = schema.get("properties").and_then(Value::as_object) else {
            return;
        };
        for (name, value) in members {
            let Some(of) = known.get(name) else { continue };
            let only_okta = self.resolved(of)["readOnly"] == true || of["readOnly"] == true;
            if self.request && only_okta {
                self.problems
                    .push(format!("{place}.{name} is Okta's to write"));
            }
            self.at(of, value, &format!("{place}.{name}"));
        }
    }

    fn kind(&mut self, schema: &Value, value: &Value, place: &str) {
        let fits = match schema.get("type").and_then(Value::as_str) {
            Some("object") => value.is_object(),
            Some("array") => value.is_array(),
            Some("string") => value.is_string(),
            Some("boolean") => value.is_boolean(),
            Some("integer") => value.is_i64() || value.is_u64(),
            Some("number") => value.is_number(),
            Some(_) | None => true,
        };
        let words = schema.get("enum").and_then(Value::as_array);
        let length = value
            .as_str()
            .map(|text| u64::try_from(text.chars().count()).unwrap());
        let number = |name: &str| schema.get(name).and_then(Value::as_u64);
        let within = length.is_none_or(|length| {
            number("minLength").is_none_or(|least| length >= least)
                && number("maxLength").is_none_or(|most| length <= most)
        });
        let small = value
            .as_u64()
            .is_none_or(|value| number("maximum").is_none_or(|most| value <= most));
        if !fits || !within || !small || words.is_some_and(|words| !words.contains(value)) {
            self.problems
                .push(format!("{place} is {value}, which is not allowed"));
        }
    }
}

#[test]
fn the_document_is_held_against_calls_strictly() {
    use serde_json::json;
    let document = Document::new();
    let create = document.operation("POST", "/api/v1/apps").unwrap();
    let good = json!({
        "name": "oidc_client", "label": "x", "signOnMode": "OPENID_CONNECT",
        "credentials": { "oauthClient": { "client_id": "agent-1" } },
        "settings": { "oauthClient": { "grant_types": ["client_credentials"] } },
    });
    assert_eq!(
        document.request(&create, &[], Some(&good)),
        Vec::<String>::new()
    );
    let with = |pointer: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        document.request(&create, &[], Some(&body))
    };
    for (pointer, value) in [
        ("/name", json!("saml")),
        ("/label", json!(7)),
        ("/signOnMode", json!("PASSWORD")),
        ("/credentials/oauthClient/client_id", json!("short")),
        ("/credentials/oauthClient", json!({ "clientId": "agent-1" })),
        ("/settings/oauthClient", json!({})),
        ("/settings/oauthClient/grant_types", json!(["magic"])),
    ] {
        assert!(!with(pointer, value).is_empty(), "{pointer}");
    }
    let mut status = good.clone();
    status["status"] = json!("ACTIVE");
    assert!(!document.request(&create, &[], Some(&status)).is_empty());
    assert!(
        !document
            .request(&create, &[("nope".into(), "1".into())], Some(&good))
            .is_empty()
    );
    assert!(!document.request(&create, &[], None).is_empty());
    let list = document.operation("GET", "/api/v1/apps").unwrap();
    assert!(
        !document
            .request(&list, &[("limit".into(), "201".into())], None)
            .is_empty()
    );
    assert!(document.operation("PATCH", "/api/v1/apps").is_none());
    assert!(document.operation("GET", "/api/v1/nothing").is_none());
}
