//! The demo's policy: the one that Clearance comes with, and online evaluation of what is live. One administrator proposes
//! it and another decides, as everywhere.

use anyhow::{Context as _, Result};
use control_plane::{ControlPlane, policies};
use domain::form::policy::{PolicyDecisionForm, PolicyForm};
use domain::policy::{PolicyState, STANDARD};

use super::people::Cast;
use super::stage::{line, said};

const ONLINE: &str = "
  # What is live is asked a few of its own cases again and again, and reported when it turns bad.
  online:
    probe_minutes: 5
    probe_cases: 5
    window: 20
    on_breach: incident
";

/// Adopts it, unless an earlier start did.
pub(super) async fn adopt(cp: &ControlPlane, cast: &Cast) -> Result<()> {
    let list = policies::list(cp, &cast.administrator)
        .await
        .map_err(said)?;
    let first = list.rows.iter().all(|row| row.version == list.active);
    let waiting = list
        .rows
        .iter()
        .find(|row| row.state == PolicyState::Proposed);
    let number = match waiting {
        Some(row) => row.version,
        None if first => {
            let text = STANDARD.replacen(
                "production:",
                &format!("production:{}", ONLINE.trim_end()),
                1,
            );
            let form = PolicyForm {
                text,
                reason: "Go on evaluating what is live.".to_owned(),
            };
            policies::propose(cp, &cast.administrator, &form)
                .await
                .map_err(said)?
        }
        None => return Ok(()),
    };
    let form = PolicyDecisionForm {
        number: number.to_string(),
        verdict: "approve".to_owned(),
        reason: "Agreed.".to_owned(),
        against: list.active.to_string(),
        password: String::new(),
    };
    // The demo has just signed this person in.
    let second = &cast.compliance_administrator;
    let now = second.clone().with_sign_in(Some(second.now()));
    policies::decide(cp, &now, &form)
        .await
        .map_err(said)
        .context("the demo's policy could not be adopted")?;
    line(
        "demo",
        "policy 2 in force: what is live is evaluated again every five minutes",
    );
    Ok(())
}
