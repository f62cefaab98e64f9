//! One round of probes: the next cases of the version's own suites, asked and judged as its gates do.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::agent::Model;
use domain::gate::{CaseResult, Gate};
use domain::id::OnlineExchangeId;
use domain::online::{ExchangeOrigin, ONLINE_GATES};
use domain::policy::Bar;
use futures::{StreamExt, stream};

use super::{Found, Round, kept};
use crate::ControlPlane;
use crate::error::Error;
use crate::ids;
use crate::ports::evaluator::{Exchange, Question, SuiteFile};
use crate::ports::{PortError, PortErrorKind};
use crate::sources;
use crate::store::entity::online_exchange;
use crate::versions;
use crate::workers::{ask, names};

/// Questions asked at the same time of one agent: fewer than at the gates, because it serves people meanwhile.
const AT_ONCE: usize = 2;

/// Why a round could not be asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProbeError {
    #[error("{}", .0.message)]
    Port(PortError),
    #[error("{0}")]
    Ours(#[from] Error),
}

impl From<PortError> for ProbeError {
    fn from(error: PortError) -> Self {
        Self::Port(error)
    }
}

/// A case of a gate with its questions.
struct Case {
    gate: Gate,
    questions: Vec<Question>,
}

/// Asks the cases whose turn it is and judges each by itself.
pub(super) async fn ask(
    cp: &ControlPlane,
    round: &Round,
    now: DateTime<Utc>,
) -> Result<Found, ProbeError> {
    let suites = suites(cp, round).await?;
    let cases = in_turn(cases(cp, round, &suites).await?, round);
    let manifest = versions::manifest(&round.version)?;
    let (name, timeout) = (
        names::runtime(round.row.number),
        manifest.runtime.invoke_timeout_seconds,
    );
    let models: Vec<Model> = manifest.config.model.iter().cloned().collect();
    let mut questions: Vec<(Gate, Question)> = Vec::new();
    let total = cases.len();
    for case in cases {
        questions.extend(case.questions.into_iter().map(|one| (case.gate, one)));
    }
    let name = name.as_str();
    let asked = stream::iter(questions).map(|(gate, question)| async move {
        (gate, ask::ask(cp, name, &question, timeout).await)
    });
    let answers: Vec<(Gate, Exchange)> = asked.buffered(AT_ONCE).collect().await;
    let mut found = Found {
        asked: i64::try_from(total).unwrap_or_default(),
        ..Found::default()
    };
    for (gate, files) in &suites {
        let of_gate: Vec<Exchange> = answers
            .iter()
            .filter(|(of, _)| of == gate)
            .map(|(_, exchange)| exchange.clone())
            .collect();
        if of_gate.is_empty() {
            continue;
        }
        let evaluator = &cp.ports().evaluator;
        let report = evaluator
            .judge(*gate, bar(round, *gate), files, &of_gate, &models)
            .await?;
        // The engine lists every case of the suites; those that were not asked have no answer.
        let results = report.cases.iter().filter_map(|case| {
            let key = key(case);
            let was_asked = of_gate.iter().any(|one| one.case_id == key);
            was_asked.then(|| row(round, *gate, key, case, now))
        });
        found.exchanges.extend(results);
    }
    Ok(found)
}

/// The name of a case by which questions are told apart: the suite and the id in it.
fn key(case: &CaseResult) -> String {
    format!("{}#{}", case.suite, case.id)
}

fn bar(round: &Round, gate: Gate) -> Bar {
    Bar {
        threshold: round.policy.online_threshold(gate),
        slack: 0.0,
        trials: 1,
    }
}

async fn suites(
    cp: &ControlPlane,
    round: &Round,
) -> Result<Vec<(Gate, Vec<SuiteFile>)>, ProbeError> {
    let repository = sources::repository(cp, &round.agent).await?;
    let commit = &round.version.commit_id;
    let (folder, _) = versions::check_out(cp, &round.agent, &repository, commit).await?;
    let manifest = versions::manifest(&round.version)?;
    let mut suites = Vec::new();
    for gate in ONLINE_GATES {
        let files = versions::suites(&folder, &manifest, gate).await;
        let files = files.map_err(|p| PortError::new(PortErrorKind::Rejected, p.message))?;
        if !files.is_empty() {
            suites.push((gate, files));
        }
    }
    Ok(suites)
}

/// Every case there is, in the order of the suites.
async fn cases(
    cp: &ControlPlane,
    round: &Round,
    suites: &[(Gate, Vec<SuiteFile>)],
) -> Result<Vec<Case>, ProbeError> {
    let mut cases = Vec::new();
    for (gate, files) in suites {
        let evaluator = &cp.ports().evaluator;
        // Suites that cannot be read leave the gate without cases, as they did before it went live.
        let Ok(questions) = evaluator.questions(*gate, bar(round, *gate), files).await? else {
            continue;
        };
        let mut order: Vec<String> = Vec::new();
        let mut by_case: BTreeMap<String, Vec<Question>> = BTreeMap::new();
        for question in questions {
            let known = by_case.entry(question.case_id.clone()).or_default();
            if known.is_empty() {
                order.push(question.case_id.clone());
            }
            known.push(question);
        }
        cases.extend(order.iter().filter_map(|id| {
            by_case.remove(id).map(|questions| Case {
                gate: *gate,
                questions,
            })
        }));
    }
    Ok(cases)
}

/// The cases whose turn it is: those after the last round's, and from the first again after the last.
fn in_turn(mut cases: Vec<Case>, round: &Round) -> Vec<Case> {
    let total = cases.len();
    if total == 0 {
        return cases;
    }
    let total_wide = i64::try_from(total).unwrap_or(i64::MAX);
    let from = usize::try_from(round.watch.next_case.rem_euclid(total_wide)).unwrap_or_default();
    cases.rotate_left(from);
    cases.truncate(usize::try_from(round.rules.probe_cases).unwrap_or(usize::MAX));
    cases
}

fn row(
    round: &Round,
    gate: Gate,
    key: String,
    case: &CaseResult,
    now: DateTime<Utc>,
) -> online_exchange::Model {
    online_exchange::Model {
        id: OnlineExchangeId(ids::new()),
        deployment_id: round.row.id,
        gate,
        origin: ExchangeOrigin::Probe,
        case_key: key,
        asked: kept(&case.asked),
        answered: kept(&case.answered),
        verdict: case.verdict,
        why: kept(&case.why),
        latency_ms: i64::try_from(case.latency_ms).unwrap_or(i64::MAX),
        at: now,
    }
}
