//! The systems that the example agents call: described in the catalogue by their people, and reporting what the agents did
//! over the same door as any resource.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use chrono::{SecondsFormat, TimeDelta};
use control_plane::{ControlPlane, agents, catalogue};
use domain::environment::Environment;
use domain::form::agent::AskForm;
use domain::form::catalogue::ResourceForm;
use serde_json::{Value, json};

use super::agents::{DemoAgent, Part};
use super::people::{Cast, unless_taken};
use super::stage::{Stage, line, said};
use super::webhook::own_address;

const WITHIN: Duration = Duration::from_secs(10);

/// Name, owner, class of the data, description, actions.
type Entry = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const RESOURCES: [Entry; 4] = [
    (
        "orders",
        "customer-care",
        "order",
        "The orders of the shop, with names and addresses of customers.",
        "read: Reads any order with the customer's name and address.\nwrite: Changes an order that is not shipped yet.",
    ),
    (
        "refunds",
        "customer-care",
        "payment",
        "Money that goes back to customers.",
        "read: Reads refunds and their state.\nwrite: Opens a refund of up to 200 euros, which is paid out the same night.",
    ),
    (
        "shipments",
        "logistics",
        "order",
        "Where parcels are.",
        "read: Reads the stations of any parcel.",
    ),
    (
        "contracts",
        "legal",
        "contract",
        "Signed contracts.",
        "read: Reads the text of any contract.",
    ),
];

/// Reports for the systems behind the catalogue.
pub(super) struct Systems {
    url: String,
    token: String,
    client: reqwest::Client,
}

impl std::fmt::Debug for Systems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Systems")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Systems {
    /// Describes what is missing in the catalogue. The token is what the systems report with.
    pub(super) async fn open(
        addr: SocketAddr,
        cp: &ControlPlane,
        cast: &Cast,
        token: &str,
    ) -> Result<Self> {
        for (resource, owner, data_class, description, actions) in RESOURCES {
            let form = ResourceForm {
                resource: resource.to_owned(),
                owner: owner.to_owned(),
                description: description.to_owned(),
                data_class: data_class.to_owned(),
                actions: actions.to_owned(),
                revision: String::new(),
            };
            unless_taken(catalogue::add(cp, &cast.administrator, &form).await)?;
        }
        let client = reqwest::Client::builder().timeout(WITHIN).build();
        Ok(Self {
            url: format!("{}/api/v1/access-events", own_address(addr)),
            token: token.to_owned(),
            client: client.context("no HTTP client")?,
        })
    }

    async fn send(&self, events: Vec<Value>) -> Result<()> {
        let sent = self
            .client
            .post(&self.url)
            .bearer_auth(&self.token)
            .json(&json!({ "events": events }))
            .send()
            .await
            .with_context(|| format!("{} does not answer", self.url))?;
        let status = sent.status();
        let said = sent.text().await.unwrap_or_default();
        anyhow::ensure!(
            status.is_success(),
            "the report was answered with {status}: {said}"
        );
        Ok(())
    }
}

/// What customers ask the agent that calls the orders desk. It has no scope for the last one.
const ASKED: [&str; 3] = [
    "Until when can I return order 10482?",
    "What about order number 10511?",
    "Please cancel order 10497.",
];

/// The first minutes of a live agent. The one that has a desk to call is asked by its people; of the systems of the others
/// there are none beside the demo, so their calls are reported by hand.
pub(super) async fn begin(stage: &Stage, agent: &DemoAgent) -> Result<()> {
    if agent.part == Part::Pushes {
        for prompt in ASKED {
            let form = AskForm {
                agent: agent.slug.to_owned(),
                environment: Environment::Production.to_string(),
                prompt: prompt.to_owned(),
            };
            let answer = agents::ask(&stage.cp, &stage.cast.developer, &form).await;
            let answer = answer.map_err(said)?;
            line(agent.slug, &format!("{prompt} {}", told(&answer.body)));
        }
        return Ok(());
    }
    report(stage, agent).await
}

/// The sentence in what the agent answered.
fn told(body: &str) -> String {
    let answer: Value = serde_json::from_str(body).unwrap_or_default();
    let said = answer.get("result").and_then(Value::as_str);
    said.unwrap_or(body).to_owned()
}

async fn report(stage: &Stage, agent: &DemoAgent) -> Result<()> {
    let found = agents::get(&stage.cp, &stage.cast.developer, agent.slug).await;
    let found = found.map_err(said)?;
    let mut cards = found.environments.iter();
    let card = cards.find(|card| card.environment == Environment::Production);
    let Some(live) = card.and_then(|card| card.live.as_ref()) else {
        return Ok(());
    };
    let now = stage.cast.developer.now();
    let act = |n: i64, scope: &str| {
        let (resource, action) = scope.split_once(':').unwrap_or((scope, "read"));
        let at = now - TimeDelta::seconds(10 * n);
        json!({
            "id": format!("{}-{n}", live.client_id),
            "identity": live.client_id,
            "resource": resource,
            "action": action,
            "object": format!("{resource}/{}", 4_711 + n),
            "allowed": true,
            "occurred_at": at.to_rfc3339_opts(SecondsFormat::Millis, true),
        })
    };
    let mut events = Vec::new();
    for scope in &live.scopes {
        events.extend((0..3).map(|n| act(n, scope)));
    }
    let count = events.len();
    stage.systems.send(events).await?;
    line(
        agent.slug,
        &format!("the systems that it calls reported {count} calls"),
    );
    Ok(())
}
