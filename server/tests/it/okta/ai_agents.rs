//! Okta's registry of AI agents, as its documentation tells: an agent is of one app, is made later than it is asked for, and is
//! deleted only while it rests.

use serde_json::{Value, json};

use super::organisation::{Asked, Said};

/// One.
struct Agent {
    value: Value,
    /// Looks at the registry until it is there.
    pending: u32,
}

#[derive(Default)]
pub(super) struct AiAgents {
    agents: Vec<Agent>,
    made: u32,
    /// Looks until the next one is there.
    pub(super) slow: u32,
}

/// The operation of a call, by our own names, and the agent in its path.
pub(super) fn operation(method: &str, path: &str) -> Option<(&'static str, Option<String>)> {
    let rest = path.strip_prefix("/workload-principals/api/v1/ai-agents")?;
    let parts: Vec<&str> = rest.split('/').skip(1).collect();
    let of = |id: &str| Some(id.to_owned());
    match (method, parts.as_slice()) {
        ("GET", []) => Some(("listAiAgents", None)),
        ("POST", []) => Some(("createAiAgent", None)),
        ("DELETE", [id]) => Some(("deleteAiAgent", of(id))),
        ("POST", [id, "lifecycle", "activate"]) => Some(("activateAiAgent", of(id))),
        ("POST", [id, "lifecycle", "deactivate"]) => Some(("deactivateAiAgent", of(id))),
        _ => None,
    }
}

/// The scope that an operation needs.
pub(super) fn scope(operation: &str) -> &'static str {
    match operation {
        "listAiAgents" => "okta.aiAgents.read",
        _ => "okta.aiAgents.manage",
    }
}

impl AiAgents {
    /// Names and states.
    pub(super) fn all(&self) -> Vec<(String, String)> {
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let agents = self.agents.iter().map(|agent| &agent.value);
        agents
            .map(|value| (word(&value["profile"]["name"]), word(&value["status"])))
            .collect()
    }

    pub(super) fn answer(&mut self, asked: &Asked<'_>) -> Said {
        match asked.operation {
            "listAiAgents" => self.list(asked),
            "createAiAgent" => self.create(&asked.body),
            operation => self.of_agent(operation, &asked.path[0]),
        }
    }

    fn list(&mut self, asked: &Asked<'_>) -> Said {
        let search = asked.query("search");
        let rest = search.strip_prefix("profile.name ").unwrap();
        let (how, name) = rest.split_once(' ').unwrap();
        let name = name.strip_prefix('"').and_then(|n| n.strip_suffix('"'));
        let name = name.unwrap();
        for agent in &mut self.agents {
            agent.pending = agent.pending.saturating_sub(1);
        }
        let there = self.agents.iter().filter(|agent| agent.pending == 0);
        let found = there.map(|agent| &agent.value).filter(|value| {
            let known = value["profile"]["name"].as_str().unwrap();
            match how {
                "eq" => known == name,
                "sw" => known.starts_with(name),
                other => panic!("{other} is no operator"),
            }
        });
        let found: Vec<Value> = found.cloned().collect();
        let from: usize = asked.query("after").parse().unwrap_or(0);
        let next = (found.len() > from + 2).then_some(from + 2);
        (200, found.into_iter().skip(from).take(2).collect(), next)
    }

    fn create(&mut self, body: &Value) -> Said {
        let members: Vec<&str> = body
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert!(
            members.iter().all(|one| ["appId", "profile"].contains(one)),
            "{body}"
        );
        assert!(
            body["appId"].is_string() && body["profile"]["name"].is_string(),
            "{body}"
        );
        self.made += 1;
        let mut value = body.clone();
        value["id"] = json!(format!("wlp{:017}", self.made));
        value["status"] = json!("STAGED");
        self.agents.push(Agent {
            value,
            pending: self.slow,
        });
        (202, json!({}), None)
    }

    fn of_agent(&mut self, operation: &str, id: &str) -> Said {
        let named = |agent: &Agent| agent.value["id"] == *id;
        let Some(place) = self.agents.iter().position(named) else {
            return (404, json!({ "errorCode": "E0000007" }), None);
        };
        let value = &mut self.agents[place].value;
        match operation {
            "activateAiAgent" => value["status"] = json!("ACTIVE"),
            "deactivateAiAgent" => value["status"] = json!("INACTIVE"),
            "deleteAiAgent" if value["status"] == "ACTIVE" => {
                return (403, json!({ "errorCode": "E0000056" }), None);
            }
            "deleteAiAgent" => {
                self.agents.remove(place);
            }
            other => panic!("{other} is nothing that it does"),
        }
        (204, Value::Null, None)
    }
}
