//! The catalogue of resources as pages and the API show it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One resource that scopes name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResourceRow {
    /// What scopes begin with.
    pub name: String,
    /// Slug of the team that looks after it.
    pub owner: Option<String>,
    pub description: String,
    /// The class of the data in it; empty where that is open.
    pub data_class: String,
    /// Its actions, each with what it lets an agent do.
    pub actions: BTreeMap<String, String>,
    pub revision: i64,
    pub updated_at: String,
}

/// A page of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResourcePage {
    pub rows: Vec<ResourceRow>,
    /// Pass as `cursor` to get the rows after these. `None` on the last page.
    pub next: Option<String>,
    /// What identities that can act now have scopes of, and the catalogue does not have; on the first page alone.
    pub uncatalogued: Vec<String>,
}

/// A resource with who can reach it now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResourceDetail {
    pub name: String,
    /// What the catalogue says; none where it does not have it.
    pub row: Option<ResourceRow>,
    /// Identities that have a scope of it now, with these scopes; of the teams that the reader sees.
    pub reached_by: Vec<Reacher>,
    /// May the reader change what is said of it?
    pub can_change: bool,
    /// May the reader say whose it is, add it, and take it out?
    pub can_administer: bool,
    /// Slugs of the teams that it could be given to; for those who may.
    pub teams: Vec<String>,
}

/// An identity that can reach a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reacher {
    pub identity: String,
    /// Slug of the agent.
    pub agent: String,
    pub scopes: Vec<String>,
}

/// What the catalogue says of a scope that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScopeNote {
    pub scope: String,
    /// Does the catalogue have this resource with this action?
    pub catalogued: bool,
    /// What the action lets an agent do or, where that is not said, what the resource is.
    pub description: String,
    pub data_class: String,
    /// Slug of the team that looks after the resource.
    pub owner: Option<String>,
}
