//! What an agent's app may ask for. Scopes of Okta's own API (`okta.…`) are grants on the app; all others are given by a policy
//! of the custom authorization server that names this one client, with one rule.

use std::collections::BTreeSet;

use control_plane::ports::PortError;
use reqwest::Method;
use serde_json::{Value, json};

use super::Okta;
use super::api::Call;

/// The life of an agent's token, the shortest that Okta knows.
const TOKEN_MINUTES: u32 = 5;
const OF_OKTA: &str = "okta.";

/// An app's scopes as they are.
pub(super) struct Given {
    /// Names of Okta's scopes, with the grants that give them.
    grants: Vec<(String, String)>,
    policy: Option<Policy>,
}

/// The policy for one client, and what its rules give.
struct Policy {
    id: String,
    /// The rule, and the scopes that it gives.
    rules: Vec<(String, Vec<String>)>,
}

impl Given {
    /// All of them.
    pub(super) fn scopes(&self) -> Vec<String> {
        let rules = self.policy.iter().flat_map(|policy| &policy.rules);
        let custom = rules.flat_map(|(_, scopes)| scopes);
        let okta = self.grants.iter().map(|(scope, _)| scope);
        custom.chain(okta).cloned().collect()
    }
}

impl Okta {
    fn policies(&self) -> String {
        let server = &self.settings.authorization_server;
        format!("/api/v1/authorizationServers/{server}/policies")
    }

    /// What the app may ask for now.
    pub(super) async fn given(&self, app: &str, label: &str) -> Result<Given, PortError> {
        let path = format!("/api/v1/apps/{app}/grants");
        let grants = self.api.all(path, "the app's grants").await?;
        let grants = grants
            .iter()
            .filter(|grant| text(grant, "status") != "REVOKED")
            .map(|grant| {
                (
                    text(grant, "scopeId").to_owned(),
                    text(grant, "id").to_owned(),
                )
            });
        Ok(Given {
            grants: grants.collect(),
            policy: self.policy(label).await?,
        })
    }

    async fn policy(&self, label: &str) -> Result<Option<Policy>, PortError> {
        let all = self.api.all(self.policies(), "access policies").await?;
        let Some(found) = all.iter().find(|policy| text(policy, "name") == label) else {
            return Ok(None);
        };
        let id = text(found, "id").to_owned();
        let path = format!("{}/{id}/rules", self.policies());
        let rules = self.api.all(path, "the policy's rules").await?;
        let rules = rules
            .iter()
            .filter(|rule| text(rule, "status") != "INACTIVE")
            .map(|rule| (text(rule, "id").to_owned(), included(rule)));
        Ok(Some(Policy {
            rules: rules.collect(),
            id,
        }))
    }

    /// Makes the scopes those that were approved: nothing is missing, and nothing is more.
    pub(super) async fn set_scopes(
        &self,
        app: &str,
        client_id: &str,
        label: &str,
        wanted: &[String],
    ) -> Result<(), PortError> {
        let (okta, custom): (Vec<&String>, Vec<&String>) =
            wanted.iter().partition(|scope| scope.starts_with(OF_OKTA));
        let given = self.given(app, label).await?;
        self.set_grants(app, &given, &okta).await?;
        match given.policy {
            None if custom.is_empty() => Ok(()),
            None => {
                let policy = self.make_policy(client_id, label).await?;
                self.set_rules(&policy, &custom).await
            }
            Some(policy) => self.set_rules(&policy, &custom).await,
        }
    }

    async fn set_grants(
        &self,
        app: &str,
        given: &Given,
        wanted: &[&String],
    ) -> Result<(), PortError> {
        for (scope, grant) in &given.grants {
            if !wanted.contains(&scope) {
                let path = format!("/api/v1/apps/{app}/grants/{grant}");
                self.gone(Method::DELETE, path, "a grant of the app")
                    .await?;
            }
        }
        for scope in wanted {
            if !given.grants.iter().any(|(known, _)| known == *scope) {
                let body = json!({ "issuer": self.settings.org_url, "scopeId": scope });
                let call = Call {
                    method: Method::POST,
                    path: format!("/api/v1/apps/{app}/grants"),
                    body: Some(&body),
                    what: "a grant of the app",
                    again: false,
                };
                self.api.call(&call).await?;
            }
        }
        Ok(())
    }

    async fn make_policy(&self, client_id: &str, label: &str) -> Result<Policy, PortError> {
        let body = json!({
            "type": "OAUTH_AUTHORIZATION_POLICY",
            "status": "ACTIVE",
            "name": label,
            "description": "Made by Clearance for one deployment of an agent, and removed with it.",
            "priority": 1,
            "conditions": { "clients": { "include": [client_id] } },
        });
        let call = Call {
            method: Method::POST,
            path: self.policies(),
            body: Some(&body),
            what: "the agent's access policy",
            again: false,
        };
        let made = self.api.call(&call).await?;
        Ok(Policy {
            id: text(&made, "id").to_owned(),
            rules: Vec::new(),
        })
    }

    /// One rule with these scopes; others in the policy are not ours, and give nothing.
    async fn set_rules(&self, policy: &Policy, wanted: &[&String]) -> Result<(), PortError> {
        let as_set = |scopes: &[String]| scopes.iter().cloned().collect::<BTreeSet<_>>();
        let want: BTreeSet<String> = wanted.iter().map(|scope| (*scope).clone()).collect();
        let (first, others) = match policy.rules.split_first() {
            Some((first, others)) => (Some(first), others),
            None => (None, [].as_slice()),
        };
        for (rule, _) in others {
            let path = format!("{}/{}/rules/{rule}", self.policies(), policy.id);
            self.gone(Method::DELETE, path, "a rule of the access policy")
                .await?;
        }
        let same = first.is_some_and(|(_, scopes)| as_set(scopes) == want);
        if same || (first.is_none() && want.is_empty()) {
            return Ok(());
        }
        let body = rule(wanted);
        let (method, path) = match first {
            Some((rule, _)) => (
                Method::PUT,
                format!("{}/{}/rules/{rule}", self.policies(), policy.id),
            ),
            None => (
                Method::POST,
                format!("{}/{}/rules", self.policies(), policy.id),
            ),
        };
        let call = Call {
            again: method == Method::PUT,
            method,
            path,
            body: Some(&body),
            what: "the rule of the agent's access policy",
        };
        self.api.call(&call).await.map(drop)
    }

    /// Removes the client's policy, and its rules with it.
    pub(super) async fn remove_policy(&self, label: &str) -> Result<(), PortError> {
        let all = self.api.all(self.policies(), "access policies").await?;
        for policy in all.iter().filter(|policy| text(policy, "name") == label) {
            let path = format!("{}/{}", self.policies(), text(policy, "id"));
            self.gone(Method::DELETE, path, "the agent's access policy")
                .await?;
        }
        Ok(())
    }
}

fn rule(scopes: &[&String]) -> Value {
    json!({
        "type": "RESOURCE_ACCESS",
        "name": "Approved scopes",
        "priority": 1,
        "conditions": {
            "people": { "groups": { "include": ["EVERYONE"] } },
            "grantTypes": { "include": ["client_credentials"] },
            "scopes": { "include": scopes },
        },
        "actions": { "token": { "accessTokenLifetimeMinutes": TOKEN_MINUTES } },
    })
}

fn included(rule: &Value) -> Vec<String> {
    let scopes = rule.pointer("/conditions/scopes/include");
    let scopes = scopes.and_then(Value::as_array).into_iter().flatten();
    scopes
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// A text of an answer; empty where there is none.
pub(super) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
