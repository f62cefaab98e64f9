//! What a runtime is started with: the one place that says it, for deploying, for comparing and for putting back.

use std::collections::BTreeMap;

use crate::ControlPlane;
use crate::error::Error;
use crate::ports::identity_provider::{IdentityOrder, ProvidedIdentity};
use crate::ports::runtime::RuntimeOrder;
use crate::store;
use crate::store::entity::{agent, deployment, version};
use crate::versions;

use super::names;

/// The runtime of a deployment, under its identity.
pub(crate) fn runtime(
    cp: &ControlPlane,
    agent: &agent::Model,
    version: &version::Model,
    row: &deployment::Model,
    provided: &ProvidedIdentity,
) -> Result<RuntimeOrder, Error> {
    let manifest = versions::manifest(version)?;
    let mut environment: BTreeMap<String, String> = manifest
        .config
        .bindings
        .get(&row.environment)
        .cloned()
        .unwrap_or_default();
    let told = [
        ("CLEARANCE_AGENT", agent.slug.clone()),
        ("CLEARANCE_VERSION", version.number.clone()),
        ("CLEARANCE_DEPLOYMENT", row.number.to_string()),
        ("CLEARANCE_ENVIRONMENT", row.environment.to_string()),
        ("CLEARANCE_CLIENT_ID", provided.client_id.clone()),
        ("CLEARANCE_TOKEN_URL", token_url(cp, row)),
        (
            "CLEARANCE_SETTINGS",
            store::to_json(&manifest.config.settings)?,
        ),
    ];
    environment.extend(told.map(|(key, value)| (key.to_owned(), value)));
    Ok(RuntimeOrder {
        name: names::runtime(row.number),
        image_digest: version
            .image_digest
            .clone()
            .ok_or_else(|| Error::internal("deploy", "the version has no image"))?,
        entrypoint: manifest.runtime.entrypoint.clone(),
        environment,
        secrets: manifest.config.secrets,
        private_key_reference: provided.private_key_reference.clone(),
        memory_mb: manifest.runtime.memory_mb,
        start_timeout_seconds: manifest.runtime.start_timeout_seconds,
    })
}

/// Where the agent gets its tokens.
fn token_url(cp: &ControlPlane, row: &deployment::Model) -> String {
    let provider = &cp.ports().identity_provider;
    let elsewhere = provider.token_url(row.environment);
    elsewhere.unwrap_or_else(|| format!("{}/oauth/token", cp.settings().base_url))
}

/// The principal of a deployment.
pub(crate) fn identity(
    agent: &agent::Model,
    version: &version::Model,
    row: &deployment::Model,
) -> Result<IdentityOrder, Error> {
    Ok(IdentityOrder {
        client_id: names::client(&agent.slug, row.number),
        display_name: format!("{} v{} #{}", agent.slug, version.number, row.number),
        environment: row.environment,
        scopes: store::from_json(&version.scopes)?,
    })
}
