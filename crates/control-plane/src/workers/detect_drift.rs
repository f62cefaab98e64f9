//! Compares what runs with what was approved, in four places: image, settings, scopes, endpoint; and finds runtimes that
//! nobody registered. What a provider does not tell is no difference, and one look is no finding.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::deployment::DeploymentState;
use domain::drift::{self, Difference};
use domain::finding::{FindingKind, SubjectKind};
use domain::ledger::ResourceKind;
use domain::manifest::ReleaseManifest;

use super::{Status, Worker};
use super::{names, order};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::deployments;
use crate::error::Error;
use crate::findings::{self, Found};
use crate::ports::PortError;
use crate::ports::identity_provider::{PrincipalDescription, ProvidedIdentity};
use crate::ports::runtime::RuntimeDescription;
use crate::store;
use crate::store::entity::{agent, deployment, finding, identity, version};
use crate::transact::Tx;

/// How often everything is compared.
const EVERY: TimeDelta = TimeDelta::minutes(1);
/// What is compared of each live deployment.
const PLACES: [FindingKind; 4] = [
    FindingKind::DriftVersion,
    FindingKind::DriftConfig,
    FindingKind::DriftScopes,
    FindingKind::DriftPointer,
];

/// The worker.
#[derive(Debug)]
pub(crate) struct DetectDrift;

#[async_trait]
impl Worker for DetectDrift {
    fn name(&self) -> &'static str {
        "detect_drift"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn woken_by_commits(&self) -> bool {
        false
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        if !cp.due(self.name(), EVERY) {
            return Ok(Status::Idle);
        }
        let db = cp.reader();
        let live = store::live::all(db).await?;
        let ids = live.iter().map(|l| l.deployment_id).collect();
        let mut rows = store::deployments::many(db, ids).await?;
        rows.retain(|row| row.state == DeploymentState::Live);
        let quarantined = store::quarantines::current(db).await?;
        let open = store::findings::unresolved(db, &PLACES).await?;
        for row in &rows {
            // What is in quarantine is not as approved on purpose.
            if !quarantined.iter().any(|q| q.deployment_id == row.id) {
                let known = open.iter().any(|f| f.deployment == Some(row.number));
                compare(cp, &ctx, row, known).await?;
            }
        }
        end_of_the_rest(cp, &ctx, &rows, open).await?;
        unregistered(cp, &ctx).await?;
        Ok(Status::Idle)
    }
}

/// What is to be compared of one live deployment.
struct Approved {
    row: deployment::Model,
    agent: agent::Model,
    version: version::Model,
    identity: identity::Model,
    manifest: ReleaseManifest,
}

async fn approved(cp: &ControlPlane, row: &deployment::Model) -> Result<Option<Approved>, Error> {
    let db = cp.reader();
    let (Some(text), Some(identity)) = (&row.manifest, store::identities::of(db, row.id).await?)
    else {
        return Ok(None);
    };
    Ok(Some(Approved {
        manifest: store::from_json(text)?,
        agent: store::agents::get(db, row.agent_id).await?,
        version: store::versions::get(db, row.version_id).await?,
        identity,
        row: row.clone(),
    }))
}

/// `known`: there are findings about it, which may be over. Where nothing differs and nothing is known, nothing is written.
async fn compare(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &deployment::Model,
    known: bool,
) -> Result<(), Error> {
    let Some(approved) = approved(cp, row).await? else {
        return Ok(());
    };
    let runtime = cp
        .ports()
        .runtime
        .describe(&names::runtime(row.number))
        .await;
    let principal = cp
        .ports()
        .identity_provider
        .describe(&approved.identity.client_id)
        .await;
    let mut seen = Vec::new();
    if let Ok(found) = told(runtime) {
        seen.extend(of_runtime(cp, &approved, &found)?);
    }
    if let Ok(found) = told(principal) {
        seen.push((FindingKind::DriftScopes, of_scopes(&approved, &found)?));
    }
    if !known && seen.iter().all(|(_, difference)| difference.is_none()) {
        return Ok(());
    }
    cp.transact("drift::note", ctx, |tx: Tx| {
        let (seen, approved) = (&seen, &approved);
        async move {
            for (kind, difference) in seen {
                note(&tx, ctx, approved, *kind, difference.as_ref()).await?;
            }
            Ok(())
        }
    })
    .await
}

/// What did not answer, or is gone, says nothing about drift: the one is asked again, the other is a ghost.
fn told<T>(answer: Result<T, PortError>) -> Result<T, ()> {
    answer.map_err(|_| ())
}

fn of_runtime(
    cp: &ControlPlane,
    approved: &Approved,
    found: &RuntimeDescription,
) -> Result<Vec<(FindingKind, Option<Difference>)>, Error> {
    let provided = ProvidedIdentity {
        client_id: approved.identity.client_id.clone(),
        public_jwk: String::new(),
        private_key_reference: String::new(),
    };
    let wanted = order::runtime(
        cp,
        &approved.agent,
        &approved.version,
        &approved.row,
        &provided,
    )?;
    let settings: BTreeMap<String, String> = wanted
        .environment
        .iter()
        .map(|(name, value)| (name.clone(), domain::canonical::digest(value.as_bytes())))
        .collect();
    let secret: Vec<String> = wanted.secrets.into_keys().collect();
    let image = drift::words(
        &approved.manifest.image_digest,
        found.image_digest.as_deref(),
    );
    let endpoint = approved
        .row
        .endpoint
        .as_deref()
        .and_then(|endpoint| drift::words(endpoint, found.endpoint.as_deref()));
    Ok(vec![
        (FindingKind::DriftVersion, image),
        (
            FindingKind::DriftConfig,
            drift::settings(&settings, &secret, found.settings.as_ref()),
        ),
        (FindingKind::DriftPointer, endpoint),
    ])
}

/// Scopes stand in two places: where the token endpoint reads them, and at a provider that keeps them itself.
fn of_scopes(
    approved: &Approved,
    found: &PrincipalDescription,
) -> Result<Option<Difference>, Error> {
    let ours: Vec<String> = store::from_json(&approved.identity.scopes)?;
    let wanted = &approved.manifest.scopes;
    Ok(drift::lists(wanted, Some(&ours)).or_else(|| drift::lists(wanted, found.scopes.as_deref())))
}

async fn note(
    tx: &Tx,
    ctx: &OpCtx,
    approved: &Approved,
    kind: FindingKind,
    difference: Option<&Difference>,
) -> Result<(), Error> {
    let (row, agent) = (&approved.row, &approved.agent);
    let subject = row.number.to_string();
    let Some(difference) = difference else {
        return findings::settle(tx, ctx, kind, SubjectKind::Deployment, &subject)
            .await
            .map(|_| ());
    };
    let what = format!(
        "{} v{} in {}: {}.",
        agent.slug,
        approved.version.number,
        row.environment.label().to_lowercase(),
        in_words(kind)
    );
    let found = Found::new(kind, SubjectKind::Deployment, subject, what)
        .agent(agent.id, agent.team_id)
        .deployment(row.number)
        .differs(&difference.expected, &difference.found);
    findings::raise(tx, ctx, &found).await.map(|_| ())
}

const fn in_words(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::DriftVersion => "another image runs than was approved",
        FindingKind::DriftConfig => "it runs with other settings than were approved",
        FindingKind::DriftScopes => "its identity has other scopes than were approved",
        FindingKind::DriftPointer => "it answers at another endpoint than the registry says",
        FindingKind::UnregisteredRuntime
        | FindingKind::Orphan
        | FindingKind::Ghost
        | FindingKind::UnsatisfiableRule
        | FindingKind::RollbackNotReady
        | FindingKind::NotRolledBack
        | FindingKind::OutOfScopeAccess
        | FindingKind::UnknownPrincipal
        | FindingKind::OwnerLeft
        | FindingKind::WithoutIdentity => kind.label(),
    }
}

/// What is not live any more does not differ any more.
async fn end_of_the_rest(
    cp: &ControlPlane,
    ctx: &OpCtx,
    live: &[deployment::Model],
    open: Vec<finding::Model>,
) -> Result<(), Error> {
    let over: Vec<_> = open
        .into_iter()
        .filter(|f| !live.iter().any(|row| Some(row.number) == f.deployment))
        .collect();
    if over.is_empty() {
        return Ok(());
    }
    cp.transact("drift::end", ctx, |tx: Tx| {
        let over = &over;
        async move {
            for row in over {
                findings::settle(&tx, ctx, row.kind, row.subject_kind, &row.subject).await?;
            }
            Ok(())
        }
    })
    .await
}

/// Runtimes that are in no ledger, whoever started them.
async fn unregistered(cp: &ControlPlane, ctx: &OpCtx) -> Result<(), Error> {
    let Ok(names) = cp.ports().runtime.list().await else {
        return Ok(());
    };
    let kind = ResourceKind::Runtime;
    let known = store::resources::named(cp.reader(), kind, names.clone()).await?;
    let strange = names
        .iter()
        .filter(|name| !known.iter().any(|r| r.name == **name));
    let seen: Vec<Found> = strange
        .map(|name| {
            let what = format!("{name} runs, and no deployment of Clearance started it.");
            let kind = FindingKind::UnregisteredRuntime;
            Found::new(kind, SubjectKind::Runtime, name, what)
        })
        .collect();
    cp.transact("drift::unregistered", ctx, |tx: Tx| {
        let seen = &seen;
        async move {
            findings::reconcile(&tx, ctx, &[FindingKind::UnregisteredRuntime], seen).await
        }
    })
    .await
}
