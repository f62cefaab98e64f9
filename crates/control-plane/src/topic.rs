//! What a committed change was about, for pages that update themselves.

use domain::id::TeamId;
use serde::{Deserialize, Serialize};

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::store;

/// Something changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// `deployment`, `approval`, `agent`, `audit`, `policy`, `engines` or `package`; the last is for who reads in every team.
    pub topic: String,
    /// Number, slug or index.
    pub id: String,
}

impl Topic {
    /// A topic with its id.
    pub fn new(topic: &str, id: impl Into<String>) -> Self {
        Self {
            topic: topic.to_owned(),
            id: id.into(),
        }
    }
}

/// May the actor learn of this change? Its id alone would tell people of one team which agents and deployments others have.
///
/// # Errors
/// When the database does not answer.
pub async fn visible(cp: &ControlPlane, ctx: &OpCtx, topic: &Topic) -> Result<bool, Error> {
    let seen = match reading::teams(ctx) {
        Ok(None) => return Ok(true),
        Ok(Some(seen)) => seen,
        Err(_) => return Ok(false),
    };
    match about(cp, topic, &seen).await {
        Err(Error::NotFound { .. }) => Ok(false),
        other => other,
    }
}

async fn about(cp: &ControlPlane, topic: &Topic, seen: &[TeamId]) -> Result<bool, Error> {
    let db = cp.reader();
    let number = || topic.id.parse::<i64>().unwrap_or(-1);
    let agent = match topic.topic.as_str() {
        "audit" => {
            let event = store::audit::leaf(db, number(), Some(seen)).await?;
            return Ok(event.is_some());
        }
        "agent" => store::agents::by_slug(db, &topic.id).await?,
        // An approval has the number of its deployment.
        "deployment" | "approval" => {
            let row = store::deployments::by_number(db, number()).await?;
            store::agents::get(db, row.agent_id).await?
        }
        // Of nobody: the same for all who read anything.
        "engines" => return Ok(true),
        _ => return Ok(false),
    };
    Ok(seen.contains(&agent.team_id))
}
