//! Okta's AI-agent objects (early access): beside its app each identity is an agent in Okta's own registry, where Okta's
//! administrators look for agents. It gives no token and has no scope: both are the app's. Making one is asynchronous.
//!
//! After Okta's documentation of `/workload-principals/api/v1/ai-agents`; the description of the management API has none of
//! it, so no call of these could be held against one.

use control_plane::ports::PortError;
use reqwest::Method;
use serde_json::{Value, json};

use super::api::Call;
use super::scopes::text;
use super::{ACTIVE, LOOKS, Okta, PAUSE};
use crate::adapters::problem::unavailable;

/// What the adapter needs for them beside the scopes for apps.
pub(super) const SCOPES: &str = "okta.aiAgents.manage okta.aiAgents.read";
const BASE: &str = "/workload-principals/api/v1/ai-agents";
const AGENT: &str = "the AI agent";

/// An agent of Okta's registry.
pub(super) struct AiAgent {
    id: String,
    app: String,
    name: String,
    active: bool,
}

impl AiAgent {
    fn of(value: &Value) -> Self {
        let name = value.pointer("/profile/name").and_then(Value::as_str);
        Self {
            id: text(value, "id").to_owned(),
            app: text(value, "appId").to_owned(),
            name: name.unwrap_or_default().to_owned(),
            active: text(value, "status") == ACTIVE,
        }
    }
}

impl Okta {
    /// The app is an active agent of the registry; nothing where that is not configured.
    pub(super) async fn enrol(&self, app: &str, label: &str, says: &str) -> Result<(), PortError> {
        if !self.settings.ai_agents {
            return Ok(());
        }
        if self.enrolled(label, app).await?.is_none() {
            let body = json!({ "appId": app, "profile": { "name": label, "description": says } });
            let call = Call {
                method: Method::POST,
                path: BASE.to_owned(),
                body: Some(&body),
                what: AGENT,
                again: false,
            };
            self.api.call(&call).await?;
        }
        self.awake(label, app).await
    }

    /// Activates the agent, and waits a little: it is made later, and activated later.
    pub(super) async fn awake(&self, label: &str, app: &str) -> Result<(), PortError> {
        if !self.settings.ai_agents {
            return Ok(());
        }
        let mut asked = false;
        for _ in 0..LOOKS {
            match self.enrolled(label, app).await? {
                Some(agent) if agent.active => return Ok(()),
                Some(agent) if !asked => {
                    self.agent_lifecycle(&agent, "activate").await?;
                    asked = true;
                }
                Some(_) | None => {}
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(unavailable(
            "Okta is still making the AI agent: it is looked at again.",
        ))
    }

    /// The agent rests until it is woken; none there is no error.
    pub(super) async fn rest(&self, label: &str, app: &str) -> Result<(), PortError> {
        if !self.settings.ai_agents {
            return Ok(());
        }
        match self.enrolled(label, app).await? {
            Some(agent) if agent.active => self.agent_lifecycle(&agent, "deactivate").await,
            Some(_) | None => Ok(()),
        }
    }

    /// Removes every agent of this name, whichever app it is of: the app may be gone already.
    pub(super) async fn discharge(&self, label: &str) -> Result<(), PortError> {
        if !self.settings.ai_agents {
            return Ok(());
        }
        for agent in self.registry("eq", label).await? {
            if agent.active {
                let path = format!("{BASE}/{}/lifecycle/deactivate", agent.id);
                self.gone(Method::POST, path, AGENT).await?;
            }
            self.gone(Method::DELETE, format!("{BASE}/{}", agent.id), AGENT)
                .await?;
        }
        Ok(())
    }

    /// The names of agents that begin so: leftovers too, whose app is gone.
    pub(super) async fn enrolled_names(&self, beginning: &str) -> Result<Vec<String>, PortError> {
        if !self.settings.ai_agents {
            return Ok(Vec::new());
        }
        let found = self.registry("sw", beginning).await?;
        Ok(found.into_iter().map(|agent| agent.name).collect())
    }

    async fn enrolled(&self, label: &str, app: &str) -> Result<Option<AiAgent>, PortError> {
        let mut found = self.registry("eq", label).await?.into_iter();
        // Somebody may give an agent of theirs our name; ours is of our app.
        Ok(found.find(|agent| agent.app == app))
    }

    /// Agents by name. Labels have no quotes in them: the configuration and client ids allow none.
    async fn registry(&self, how: &str, name: &str) -> Result<Vec<AiAgent>, PortError> {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("search", &format!("profile.name {how} \"{name}\""))
            .append_pair("limit", "200")
            .finish();
        let all = self.api.all(format!("{BASE}?{query}"), "AI agents").await?;
        let ours = |agent: &AiAgent| match how {
            "eq" => agent.name == name,
            _ => agent.name.starts_with(name),
        };
        Ok(all.iter().map(AiAgent::of).filter(ours).collect())
    }

    async fn agent_lifecycle(&self, agent: &AiAgent, step: &str) -> Result<(), PortError> {
        let call = Call {
            method: Method::POST,
            path: format!("{BASE}/{}/lifecycle/{step}", agent.id),
            body: None,
            what: AGENT,
            again: true,
        };
        self.api.call(&call).await.map(drop)
    }
}
