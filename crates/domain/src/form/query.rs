//! What a list is asked for: filters, place and length, exactly as they stand in the URL.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::ValidationErrors;
use crate::view::page::{LIMIT_DEFAULT, LIMIT_MAX};

mod agents;
mod deployments;
pub mod performance;
mod period;
pub mod trail;
mod uses;

pub use agents::{AgentFilter, AgentQuery, Column, Facet, Narrowing, Sort, Standing};
pub use deployments::{DeploymentQuery, Mark};
pub use uses::UseQuery;

/// The moment that a read is about; empty for now.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AsOf {
    pub as_of: String,
}

/// Filters of the approvals: the inbox and the history.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ApprovalQuery {
    /// Slug of an agent.
    pub agent: String,
    /// Word of a state.
    pub state: String,
    pub cursor: String,
    pub limit: Option<u64>,
}

/// Filters of the audit trail. Empty ones narrow nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct AuditQuery {
    /// Name of who did it, in full.
    pub actor: String,
    /// Slug of the team that owns the agent.
    pub team: String,
    /// Slug of the agent.
    pub agent: String,
    /// Word of an action.
    pub action: String,
    /// What an event supports evidence for: a kind of evidence (`gates`), or a control of a framework (`soc2:CC6.1`).
    pub evidence: String,
    /// Id of what it was done to, or its kind and id: `identity:refund-assistant-2`.
    pub object: String,
    /// Number of a deployment, which is its approval's too.
    pub deployment: String,
    /// `done` or `refused`.
    pub outcome: String,
    /// A day such as 2026-01-31, or a time (RFC 3339): events from then on.
    pub from: String,
    /// A day, which is included, or a time: events before it.
    pub to: String,
    /// Whole words that all of them stand in what an event says.
    pub q: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cursor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// What of the messages is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MessageQuery {
    /// Word of a state; all of them if empty or unknown.
    pub state: String,
    /// Id of a channel, or `email` for what went to people; all of them if empty.
    pub channel: String,
    pub cursor: String,
}

/// Filters of the findings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FindingQuery {
    /// Word of a state; empty for those that are open.
    pub state: String,
    /// Word of a kind, or `drift`.
    pub kind: String,
    /// Slug of an agent.
    pub agent: String,
    pub cursor: String,
    pub limit: Option<u64>,
}

/// Filters of the incidents.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct IncidentQuery {
    /// Word of a state; empty for all.
    pub state: String,
    /// Slug of an agent.
    pub agent: String,
    pub cursor: String,
    pub limit: Option<u64>,
}

/// Filters of the exchanges with a live agent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OnlineQuery {
    /// Word of a gate; empty for all.
    pub gate: String,
    /// `probe` or `traffic`; empty for both.
    pub origin: String,
    /// Word of a verdict; empty for all.
    pub verdict: String,
    pub cursor: String,
    pub limit: Option<u64>,
}

/// Filters of the identities.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct IdentityQuery {
    /// Word of a state, `usable` for those that can act now, or `any`; empty for those that were not revoked.
    pub state: String,
    /// Slug of an agent.
    pub agent: String,
    /// Slug of the team that owns the agent.
    pub team: String,
    /// A scope that it has.
    pub scope: String,
    pub cursor: String,
    pub limit: Option<u64>,
}

impl IdentityQuery {
    /// The filters that are set, by their names in an address.
    #[must_use]
    pub fn filters(&self) -> Vec<(&'static str, &str)> {
        [
            ("state", self.state.as_str()),
            ("agent", &self.agent),
            ("team", &self.team),
            ("scope", &self.scope),
        ]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .collect()
    }
}

/// Filters of the scopes that can be used now.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ScopeQuery {
    /// The beginning of a scope.
    pub q: String,
    pub cursor: String,
    pub limit: Option<u64>,
}

/// What the reach of an agent is asked of.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReachQuery {
    /// Word of an environment; empty for production, and for non-prod where nothing is live in production.
    pub environment: String,
}

/// Filters of the catalogue of resources.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ResourceQuery {
    /// Slug of the team that looks after them.
    pub owner: String,
    pub cursor: String,
    pub limit: Option<u64>,
}

/// Filters of the access events.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AccessQuery {
    /// Slug of an agent.
    pub agent: String,
    /// Client id of an identity.
    pub identity: String,
    /// What scopes begin with.
    pub resource: String,
    /// What scopes end with.
    pub action: String,
    /// `yes` or `no`; empty for both.
    pub allowed: String,
    /// Word of a coverage; empty for all.
    pub coverage: String,
    /// A day such as 2026-01-31, or a time (RFC 3339): acts from then on.
    pub from: String,
    /// A day, which is included, or a time: acts before it.
    pub to: String,
    pub cursor: String,
    pub limit: Option<u64>,
}

impl AccessQuery {
    /// Is anything narrowed by hand?
    #[must_use]
    pub fn is_narrowed(&self) -> bool {
        let all = [
            &self.agent,
            &self.identity,
            &self.resource,
            &self.action,
            &self.allowed,
            &self.coverage,
            &self.from,
            &self.to,
        ];
        all.iter().any(|text| !text.trim().is_empty())
    }

    /// From when on, in UTC. `Err` for what is neither day nor time.
    ///
    /// # Errors
    /// The text.
    pub fn from(&self) -> Result<Option<DateTime<Utc>>, &str> {
        moment(&self.from, Days::new(0))
    }

    /// Until when, in UTC; a day ends with its midnight.
    ///
    /// # Errors
    /// The text.
    pub fn to(&self) -> Result<Option<DateTime<Utc>>, &str> {
        moment(&self.to, Days::new(1))
    }
}

/// Over which period and scope evidence is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ControlsQuery {
    /// A day, or a time; 90 days before `to` if empty.
    pub from: String,
    /// A day, which counts whole, or a time; now if empty.
    pub to: String,
    /// Slug of an agent; everything if empty.
    pub agent: String,
}

/// Days of evidence that are shown where no beginning is asked for.
const EVIDENCE_DAYS: u64 = 90;

impl ControlsQuery {
    /// From when to when, in UTC: at or after the first, before the second.
    ///
    /// # Errors
    /// [`FieldProblem::BadMoment`] for what is no time, and [`FieldProblem::Backwards`] for a period that ends before it begins.
    ///
    /// [`FieldProblem::BadMoment`]: crate::error::FieldProblem::BadMoment
    /// [`FieldProblem::Backwards`]: crate::error::FieldProblem::Backwards
    pub fn period(
        &self,
        now: DateTime<Utc>,
    ) -> Result<(DateTime<Utc>, DateTime<Utc>), ValidationErrors> {
        period::period((&self.from, &self.to), EVIDENCE_DAYS, now)
    }
}

/// Over which period, and of which team, the report on separation of duties is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SegregationQuery {
    /// A day, or a time; 90 days before `to` if empty.
    pub from: String,
    /// A day, which counts whole, or a time; now if empty.
    pub to: String,
    /// Slug of a team; every team if empty.
    pub team: String,
}

impl SegregationQuery {
    /// As [`ControlsQuery::period`].
    ///
    /// # Errors
    /// As there.
    pub fn period(
        &self,
        now: DateTime<Utc>,
    ) -> Result<(DateTime<Utc>, DateTime<Utc>), ValidationErrors> {
        period::period((&self.from, &self.to), EVIDENCE_DAYS, now)
    }
}

/// What of an access review is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReviewQuery {
    /// `undecided`, or empty for all.
    pub show: String,
    pub cursor: String,
}

/// A time, or the beginning of a day so many days later.
fn moment(text: &str, later: Days) -> Result<Option<DateTime<Utc>>, &str> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(Some(at.to_utc()));
    }
    let day = text.parse::<NaiveDate>().map_err(|_| text)?;
    let day = day.checked_add_days(later).ok_or(text)?;
    Ok(Some(day.and_time(NaiveTime::MIN).and_utc()))
}

/// A limit within bounds.
#[must_use]
pub fn limit(asked: Option<u64>) -> u64 {
    asked.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX)
}
