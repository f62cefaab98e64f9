//! What an Okta organisation keeps, and how it answers: apps with their keys and grants, access policies, and agents' tokens.

use serde_json::{Value, json};

use super::ai_agents::AiAgents;

const NOW: &str = "2026-11-01T00:00:00.000Z";
/// The scopes of its custom authorization server.
const SCOPES: [&str; 3] = ["crm:read", "crm:write", "orders:read"];

/// How it behaves next.
#[derive(Default)]
pub(super) struct Moods {
    /// Calls that are answered 429, and in how many seconds the limit ends.
    pub(super) limited: u32,
    pub(super) reset_in: i64,
    /// Calls that are answered 503.
    pub(super) down: u32,
    /// The next call of this operation is done, and its answer is lost.
    pub(super) lost: Option<&'static str>,
    /// Looks at an app that it takes until it is active.
    pub(super) slow: u32,
    /// Where the next page is said to be.
    pub(super) leads_to: Option<String>,
}

struct App {
    value: Value,
    keys: Vec<Value>,
    grants: Vec<Value>,
    /// Looks until it is active, once somebody asked for it.
    pending: u32,
    waking: bool,
}

#[derive(Default)]
pub(super) struct Organisation {
    apps: Vec<App>,
    policies: Vec<(Value, Vec<Value>)>,
    made: u32,
    pub(super) moods: Moods,
    pub(super) ai_agents: AiAgents,
}

/// A status, a body, and where the next page begins.
pub(super) type Said = (u16, Value, Option<usize>);

/// A call, taken apart.
pub(super) struct Asked<'a> {
    pub(super) operation: &'a str,
    pub(super) path: &'a [String],
    pub(super) query: &'a [(String, String)],
    pub(super) body: Value,
}

impl Asked<'_> {
    pub(super) fn query(&self, name: &str) -> &str {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    }
}

fn ok(value: Value) -> Said {
    (200, value, None)
}

fn error(status: u16, code: &str, summary: &str) -> Said {
    let body = json!({ "errorCode": code, "errorSummary": summary, "errorLink": code, "errorId": "oae1", "errorCauses": [] });
    (status, body, None)
}

fn missing() -> Said {
    error(404, "E0000007", "Not found: Resource not found")
}

impl Organisation {
    fn id(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("{kind}{:017}", self.made)
    }

    pub(super) fn labels(&self) -> Vec<String> {
        let labels = self.apps.iter().map(|app| app.value["label"].as_str());
        labels.map(|label| label.unwrap().to_owned()).collect()
    }

    pub(super) fn policies(&self) -> usize {
        self.policies.len()
    }

    pub(super) fn keys(&self, client_id: &str) -> Vec<String> {
        let app = self.apps.iter().find(|app| client(&app.value) == client_id);
        let keys = app.unwrap().keys.iter();
        keys.map(|key| key["kid"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Somebody changes the scopes behind our back.
    pub(super) fn widen(&mut self, client_id: &str, scopes: &[&str]) {
        let policy = self.policy_of(client_id).unwrap();
        self.policies[policy].1[0]["conditions"]["scopes"]["include"] = json!(scopes);
    }

    /// Somebody makes an app that is not ours.
    pub(super) fn add_foreign(&mut self, label: &str, client_id: &str) {
        let body = json!({
            "name": "oidc_client", "label": label, "signOnMode": "OPENID_CONNECT",
            "credentials": { "oauthClient": { "client_id": client_id } },
            "settings": { "oauthClient": { "grant_types": ["client_credentials"] } },
        });
        self.add(body, true, Vec::new());
    }

    fn add(&mut self, mut value: Value, active: bool, keys: Vec<Value>) -> Value {
        let id = self.id("0oa");
        let at_once = active && self.moods.slow == 0;
        value["id"] = json!(id);
        value["status"] = json!(if at_once { "ACTIVE" } else { "INACTIVE" });
        value["created"] = json!(NOW);
        value["lastUpdated"] = json!(NOW);
        self.apps.push(App {
            value: value.clone(),
            keys,
            grants: Vec::new(),
            pending: self.moods.slow,
            waking: active,
        });
        value
    }

    /// The answer to an agent that asks for a token with a proven key: the scopes it gets, if any.
    pub(super) fn entitled(
        &self,
        client_id: &str,
        kid: &str,
        scope: &str,
    ) -> Option<(Value, String)> {
        let app = self
            .apps
            .iter()
            .find(|app| client(&app.value) == client_id)?;
        let active = |value: &&Value| value["status"] == "ACTIVE";
        let key = app
            .keys
            .iter()
            .filter(active)
            .find(|key| key["kid"] == kid)?;
        let rules = &self.policies[self.policy_of(client_id)?].1;
        let allowed = rules.iter().filter(active).any(|rule| {
            let scopes = rule["conditions"]["scopes"]["include"].as_array().unwrap();
            scope.split(' ').all(|scope| scopes.contains(&json!(scope)))
        });
        (allowed && app.value["status"] == "ACTIVE").then(|| (key.clone(), scope.to_owned()))
    }

    fn policy_of(&self, client_id: &str) -> Option<usize> {
        let named = |(policy, _): &(Value, Vec<Value>)| {
            let clients = policy["conditions"]["clients"]["include"].as_array();
            clients.is_some_and(|clients| clients.contains(&json!(client_id)))
        };
        self.policies.iter().position(named)
    }

    pub(super) fn answer(&mut self, asked: Asked<'_>) -> Said {
        match asked.operation {
            "listApplications" => self.list(&asked),
            "createApplication" => self.create(asked),
            "listOAuth2ClientPolicies" | "listAuthorizationServerPolicies" => {
                let all = self.policies.iter().map(|(policy, _)| policy.clone());
                ok(all.collect())
            }
            "createAuthorizationServerPolicy" => self.make_policy(asked.body),
            operation if operation.contains("Policy") => self.of_policy(&asked),
            _ => self.of_app(asked),
        }
    }

    fn list(&mut self, asked: &Asked<'_>) -> Said {
        let every = asked.query("includeNonDeleted") == "true";
        let beginning = asked.query("q");
        let found = self.apps.iter().map(|app| &app.value).filter(|app| {
            let named = |name: &str| app[name].as_str().unwrap().starts_with(beginning);
            (every || app["status"] == "ACTIVE") && (named("label") || named("name"))
        });
        let found: Vec<Value> = found.cloned().collect();
        let from: usize = asked.query("after").parse().unwrap_or(0);
        let limit: usize = asked.query("limit").parse().unwrap_or(20);
        // Okta may give fewer than were asked for.
        let limit = limit.min(2);
        let next = (found.len() > from + limit).then_some(from + limit);
        let page = found.into_iter().skip(from).take(limit);
        (200, page.collect(), next)
    }

    fn create(&mut self, asked: Asked<'_>) -> Said {
        let client_id = client(&asked.body);
        if self.apps.iter().any(|app| client(&app.value) == client_id) {
            return error(
                400,
                "E0000001",
                "Api validation failed: client_id must be unique",
            );
        }
        let mut body = asked.body.clone();
        let settings = &mut body["settings"]["oauthClient"];
        let keys = settings["jwks"]["keys"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let keys = keys.into_iter().map(|key| self.known(key)).collect();
        let active = asked.query("activate") != "false";
        ok(self.add(body, active, keys))
    }

    fn known(&mut self, mut key: Value) -> Value {
        key["id"] = json!(self.id("pks"));
        key["status"] = json!("ACTIVE");
        key["created"] = json!(NOW);
        key["lastUpdated"] = json!(NOW);
        key
    }

    fn of_app(&mut self, asked: Asked<'_>) -> Said {
        let Some(place) = self
            .apps
            .iter()
            .position(|app| app.value["id"] == *asked.path[0])
        else {
            return missing();
        };
        let fresh = match asked.operation {
            "addJwk" => self.known(asked.body.clone()),
            "grantConsentToScope" => {
                let mut grant = asked.body.clone();
                grant["id"] = json!(self.id("oag"));
                grant["status"] = json!("ACTIVE");
                grant
            }
            _ => Value::Null,
        };
        let inactive = self.apps[place].value["status"] == "INACTIVE";
        let app = &mut self.apps[place];
        match asked.operation {
            "getApplication" => {
                app.look();
                ok(app.value.clone())
            }
            "deleteApplication" if inactive => {
                self.apps.remove(place);
                (204, Value::Null, None)
            }
            "deleteApplication" => error(403, "E0000056", "Delete application forbidden"),
            "activateApplication" => {
                app.waking = true;
                app.look();
                ok(json!({}))
            }
            "deactivateApplication" => {
                (app.waking, app.pending) = (false, 0);
                app.value["status"] = json!("INACTIVE");
                ok(json!({}))
            }
            "listJwk" => ok(app.keys.clone().into()),
            "addJwk" => {
                app.keys.push(fresh.clone());
                (201, fresh, None)
            }
            "listScopeConsentGrants" => ok(app.grants.clone().into()),
            "grantConsentToScope" => {
                app.grants.push(fresh.clone());
                (201, fresh, None)
            }
            "revokeScopeConsentGrant" => {
                app.grants.retain(|grant| grant["id"] != *asked.path[1]);
                (204, Value::Null, None)
            }
            operation => app.of_key(operation, &asked.path[1]),
        }
    }

    fn make_policy(&mut self, mut policy: Value) -> Said {
        if self
            .policies
            .iter()
            .any(|(known, _)| known["name"] == policy["name"])
        {
            return error(
                400,
                "E0000001",
                "Api validation failed: name must be unique",
            );
        }
        policy["id"] = json!(self.id("00p"));
        self.policies.push((policy.clone(), Vec::new()));
        (201, policy, None)
    }

    fn of_policy(&mut self, asked: &Asked<'_>) -> Said {
        let named = |(policy, _): &(Value, Vec<Value>)| policy["id"] == *asked.path[1];
        let Some(place) = self.policies.iter().position(named) else {
            return missing();
        };
        let scopes = asked.body.pointer("/conditions/scopes/include");
        let unknown = scopes.and_then(Value::as_array).is_some_and(|scopes| {
            scopes
                .iter()
                .any(|scope| !SCOPES.contains(&scope.as_str().unwrap()))
        });
        if unknown {
            return error(
                400,
                "E0000001",
                "Api validation failed: scopes that do not exist",
            );
        }
        let id = self.id("0pr");
        let rules = &mut self.policies[place].1;
        match asked.operation {
            "deleteAuthorizationServerPolicy" => {
                self.policies.remove(place);
                (204, Value::Null, None)
            }
            "listAuthorizationServerPolicyRules" => ok(rules.clone().into()),
            "createAuthorizationServerPolicyRule" => {
                let mut rule = asked.body.clone();
                rule["id"] = json!(id);
                rule["status"] = json!("ACTIVE");
                rules.push(rule.clone());
                (201, rule, None)
            }
            "replaceAuthorizationServerPolicyRule" => {
                let Some(rule) = rules.iter_mut().find(|rule| rule["id"] == *asked.path[2]) else {
                    return missing();
                };
                let mut next = asked.body.clone();
                next["id"] = rule["id"].clone();
                next["status"] = json!("ACTIVE");
                rule.clone_from(&next);
                ok(next)
            }
            "deleteAuthorizationServerPolicyRule" => {
                rules.retain(|rule| rule["id"] != *asked.path[2]);
                (204, Value::Null, None)
            }
            other => panic!("{other} is nothing that it does"),
        }
    }
}

impl App {
    /// Somebody looks: what is being activated comes nearer to it.
    fn look(&mut self) {
        if self.waking && self.value["status"] == "INACTIVE" {
            self.pending = self.pending.saturating_sub(1);
            if self.pending == 0 {
                self.value["status"] = json!("ACTIVE");
            }
        }
    }

    fn of_key(&mut self, operation: &str, id: &str) -> Said {
        let Some(place) = self.keys.iter().position(|key| key["id"] == *id) else {
            return missing();
        };
        let active = self.keys[place]["status"] == "ACTIVE";
        match operation {
            "deactivateOAuth2ClientJsonWebKey" => {
                self.keys[place]["status"] = json!("INACTIVE");
                ok(self.keys[place].clone())
            }
            "deletejwk" if active => error(403, "E0000038", "An active key cannot be deleted"),
            "deletejwk" => {
                self.keys.remove(place);
                (204, Value::Null, None)
            }
            other => panic!("{other} is nothing that it does"),
        }
    }
}

fn client(app: &Value) -> &str {
    app["credentials"]["oauthClient"]["client_id"]
        .as_str()
        .unwrap()
}
