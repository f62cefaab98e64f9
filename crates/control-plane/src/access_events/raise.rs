//! What follows from lines that no scope covers: one finding for an agent and a scope, one for a resource where strangers
//! act, one for an identity that is let in after its end. Each counts how often.
//!
//! What is named in a report is hostile, so the findings of one agent, and those of nobody's, are bounded: what comes above
//! that is one finding more.

use std::collections::BTreeMap;

use domain::access_event::Coverage;
use domain::drift;
use domain::finding::{FindingKind, SubjectKind};
use domain::id::TeamId;

use crate::ctx::OpCtx;
use crate::error::Error;
use crate::findings::{self, Found};
use crate::store;
use crate::store::entity::{access_event, agent};
use crate::transact::Tx;

/// What is raised here, and ended by `workers/watch_access`.
pub(crate) const KINDS: [FindingKind; 2] =
    [FindingKind::OutOfScopeAccess, FindingKind::UnknownPrincipal];
/// Findings of one kind about one agent, or about none, that have a name of their own.
const NAMED_MAX: u64 = 50;

/// What one finding is about.
type About = (FindingKind, SubjectKind, String);

/// Raises what follows from new lines.
pub(super) async fn all(tx: &Tx, ctx: &OpCtx, rows: &[access_event::Model]) -> Result<(), Error> {
    let odd = || rows.iter().filter(|row| row.coverage != Coverage::Covered);
    let ids: Vec<_> = odd().filter_map(|row| row.agent_id).collect();
    let agents = store::agents::many(&**tx, ids).await?;
    let of = |row: &access_event::Model| agents.iter().find(|one| Some(one.id) == row.agent_id);
    let mut groups: BTreeMap<About, Vec<&access_event::Model>> = BTreeMap::new();
    for row in odd() {
        if let Some(about) = about(row, of(row)) {
            groups.entry(about).or_default().push(row);
        }
    }
    for ((kind, subject_kind, subject), rows) in groups {
        let Some(newest) = rows.iter().max_by_key(|row| row.id) else {
            continue;
        };
        let found = Found::new(kind, subject_kind, subject, sentence(newest, &rows));
        let found = whose(tx, found, newest, of(newest))
            .await?
            .times(rows.len());
        raise(tx, ctx, kind, found, (newest, of(newest))).await?;
    }
    Ok(())
}

/// What a line gives rise to. That a stopped identity is turned away is as it should be.
fn about(row: &access_event::Model, agent: Option<&agent::Model>) -> Option<About> {
    match row.coverage {
        Coverage::Covered => None,
        Coverage::OutOfScope => {
            let by = agent.map_or(row.identity.as_str(), |agent| agent.slug.as_str());
            let subject = format!("{}:{} by {by}", row.resource, row.action);
            Some((
                FindingKind::OutOfScopeAccess,
                SubjectKind::Resource,
                subject,
            ))
        }
        Coverage::NotInForce => row.allowed.then(|| {
            let client = row.identity.clone();
            (FindingKind::UnknownPrincipal, SubjectKind::Identity, client)
        }),
        Coverage::UnknownIdentity => Some((
            FindingKind::UnknownPrincipal,
            SubjectKind::Resource,
            row.resource.clone(),
        )),
    }
}

fn sentence(newest: &access_event::Model, rows: &[&access_event::Model]) -> String {
    let scope = format!("{}:{}", newest.resource, newest.action);
    let by = &newest.identity;
    let allowed = rows.iter().filter(|row| row.allowed).count();
    let let_in = match (allowed, rows.len()) {
        (0, 1) => "It was refused.".to_owned(),
        (1, 1) => "It was let happen.".to_owned(),
        (some, all) => format!("Of {all} calls, {some} were let happen."),
    };
    match newest.coverage {
        Coverage::Covered | Coverage::OutOfScope => {
            format!("{by} called {scope}, which none of its approved scopes covers. {let_in}")
        }
        Coverage::NotInForce => format!(
            "{by} called {scope} when it was not in force: before it was made, after it was revoked, or in quarantine. {let_in}"
        ),
        Coverage::UnknownIdentity => format!(
            "{by} called {scope}. {} knows no identity of this name. {let_in}",
            newest.reporter_name
        ),
    }
}

/// Who sees it: the team of the agent, or of the resource.
async fn whose(
    tx: &Tx,
    found: Found,
    row: &access_event::Model,
    agent: Option<&agent::Model>,
) -> Result<Found, Error> {
    if let Some(agent) = agent {
        let found = found.agent(agent.id, agent.team_id);
        return Ok(match row.deployment {
            Some(number) => found.deployment(number),
            None => found,
        });
    }
    Ok(match owner(tx, &row.resource).await? {
        Some(team) => found.team(team),
        None => found,
    })
}

async fn raise(
    tx: &Tx,
    ctx: &OpCtx,
    kind: FindingKind,
    found: Found,
    (newest, agent): (&access_event::Model, Option<&agent::Model>),
) -> Result<(), Error> {
    let mut found = found;
    if newest.coverage == Coverage::OutOfScope {
        let scopes = approved(tx, newest).await?;
        let called = format!("{}:{}", newest.resource, newest.action);
        found = found.differs(&drift::list(&scopes), &called);
    }
    if !findings::is_known(tx, &found).await? {
        let open = store::findings::count_unresolved(&**tx, kind, newest.agent_id).await?;
        if open >= NAMED_MAX {
            let rest = agent.map(|agent| agent.slug.as_str()).unwrap_or_default();
            found = found.under(format!("others {rest}").trim_end());
        }
    }
    findings::raise(tx, ctx, &found).await.map(|_| ())
}

async fn approved(tx: &Tx, row: &access_event::Model) -> Result<Vec<String>, Error> {
    match store::identities::by_client(&**tx, &row.identity).await? {
        Some(identity) => store::from_json(&identity.scopes),
        None => Ok(Vec::new()),
    }
}

/// The team that looks after a resource, where one does.
async fn owner(tx: &Tx, resource: &str) -> Result<Option<TeamId>, Error> {
    let row = store::catalogue::get(&**tx, resource).await?;
    Ok(row.and_then(|row| row.team_id))
}
