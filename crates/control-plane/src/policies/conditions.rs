//! Conditions in Rego: judging them over a release manifest, away from the threads that serve.

use domain::policy::{ConditionVerdict, GateCondition};

use crate::error::Error;

/// A condition with what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) name: String,
    pub(crate) message: String,
    pub(crate) verdict: ConditionVerdict,
}

/// Judges conditions over a release manifest's canonical text.
pub(crate) async fn judge(
    conditions: &[GateCondition],
    manifest: &str,
) -> Result<Vec<Judged>, Error> {
    if conditions.is_empty() {
        return Ok(Vec::new());
    }
    let (conditions, manifest) = (conditions.to_vec(), manifest.to_owned());
    let work = move || {
        let judged = conditions.into_iter().map(|condition| Judged {
            verdict: condition.evaluate(&manifest),
            name: condition.name,
            message: condition.message,
        });
        judged.collect()
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| Error::internal("policies::judge", e))
}

/// What is not met, in words: its message, and that it could not be judged where it said neither.
pub(crate) fn unmet(judged: &[Judged]) -> Vec<String> {
    judged.iter().filter_map(in_words).collect()
}

fn in_words(one: &Judged) -> Option<String> {
    match one.verdict {
        ConditionVerdict::Met => None,
        ConditionVerdict::Unmet => Some(format!("Condition {}: {}", one.name, one.message)),
        ConditionVerdict::Inconclusive => Some(format!(
            "Condition {} is inconclusive, which blocks production: {}",
            one.name, one.message
        )),
    }
}
