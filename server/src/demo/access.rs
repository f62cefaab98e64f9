//! The systems that the example agents call: described in the catalogue by their people, and reporting what the agents did
//! over the same door as any resource.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use chrono::{SecondsFormat, TimeDelta};
use control_plane::{ControlPlane, agents, catalogue, tokens};
use domain::environment::Environment;
use domain::form::catalogue::ResourceForm;
use domain::form::person::TokenForm;
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
    /// Describes what is missing in the catalogue, and makes the token that the systems report with.
    pub(super) async fn open(addr: SocketAddr, cp: &ControlPlane, cast: &Cast) -> Result<Self> {
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
        let form = TokenForm {
            name: "Back office gateway".to_owned(),
            scopes: "access".to_owned(),
            days: "30".to_owned(),
        };
        let made = tokens::create(cp, &cast.administrator, &form).await;
        let client = reqwest::Client::builder().timeout(WITHIN).build();
        Ok(Self {
            url: format!("{}/api/v1/access-events", own_address(addr)),
            token: made.map_err(said)?.text,
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

/// What a live agent did in its first minutes.
pub(super) async fn report(stage: &Stage, agent: &DemoAgent) -> Result<()> {
    let found = agents::get(&stage.cp, &stage.cast.developer, agent.slug).await;
    let found = found.map_err(said)?;
    let mut cards = found.environments.iter();
    let card = cards.find(|card| card.environment == Environment::Production);
    let Some(live) = card.and_then(|card| card.live.as_ref()) else {
        return Ok(());
    };
    let now = stage.cast.developer.now();
    let act = |n: i64, scope: &str, action: Option<&str>, allowed: bool| {
        let (resource, own) = scope.split_once(':').unwrap_or((scope, "read"));
        let at = now - TimeDelta::seconds(10 * n);
        json!({
            "id": format!("{}-{n}", live.client_id),
            "identity": live.client_id,
            "resource": resource,
            "action": action.unwrap_or(own),
            "object": format!("{resource}/{}", 4_711 + n),
            "allowed": allowed,
            "occurred_at": at.to_rfc3339_opts(SecondsFormat::Millis, true),
        })
    };
    let mut events = Vec::new();
    for scope in &live.scopes {
        events.extend((0..3).map(|n| act(n, scope, None, true)));
    }
    // The one whose story is about what goes wrong also tries what it may not.
    if let (Some(scope), Part::Pushes) = (live.scopes.first(), agent.part) {
        events.push(act(3, scope, Some("write"), false));
    }
    let count = events.len();
    stage.systems.send(events).await?;
    line(
        agent.slug,
        &format!("the systems that it calls reported {count} calls"),
    );
    Ok(())
}
