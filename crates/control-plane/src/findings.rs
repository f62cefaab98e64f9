//! Findings: what is not as it should be. Reconcilers raise and settle them inside their own transactions; people look away
//! from one until a date. Nothing here decides whether something is wrong: the reconciler of its kind does.
//!
//! A reconciler that looks at everything of a kind calls [`reconcile`] with all that it sees, which raises what is new and
//! settles what is gone. One that learns of single things calls [`raise`] and [`settle`]. All of them may be repeated.

use chrono::{DateTime, TimeDelta, Utc};
use domain::authz::{Action, Facts};
use domain::event::AuditAction;
use domain::finding::{FindingEvent, FindingKind, FindingState, SubjectKind, TEXT_MAX, quoted};
use domain::form::finding::FindingForm;
use domain::id::{AgentId, FindingId, TeamId, UserId};
use domain::text::{cut, visible};

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::store;
use crate::store::entity::finding;
use crate::transact::Tx;

mod drift;
mod owner;
mod read;

pub use drift::{accept, revert};
pub use owner::assign;
pub use read::{get, list};

/// Two sightings that are closer together count as one: several processes may look at the same time.
const APART: TimeDelta = TimeDelta::seconds(5);

/// What a reconciler sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    kind: FindingKind,
    subject_kind: SubjectKind,
    subject: String,
    what: String,
    agent: Option<(AgentId, TeamId)>,
    deployment: Option<i64>,
    team: Option<TeamId>,
    owner: Option<UserId>,
    expected: Option<String>,
    found: Option<String>,
    times: i32,
}

impl Found {
    /// Something is wrong with a subject; `what` is one sentence for people. Both may come from outside: they are bounded
    /// and made visible here.
    #[must_use]
    pub fn new(
        kind: FindingKind,
        subject_kind: SubjectKind,
        subject: impl Into<String>,
        what: impl AsRef<str>,
    ) -> Self {
        Self {
            kind,
            subject_kind,
            subject: subject.into(),
            what: said(what.as_ref()),
            agent: None,
            deployment: None,
            team: None,
            owner: None,
            expected: None,
            found: None,
            times: 1,
        }
    }

    /// It is about this agent, so its team owns the finding.
    #[must_use]
    pub fn agent(mut self, id: AgentId, team: TeamId) -> Self {
        self.agent = Some((id, team));
        self
    }

    /// It is about this deployment.
    #[must_use]
    pub fn deployment(mut self, number: i64) -> Self {
        self.deployment = Some(number);
        self
    }

    /// This team owns it, where no agent says whose it is.
    #[must_use]
    pub fn team(mut self, team: TeamId) -> Self {
        self.team = Some(team);
        self
    }

    /// This person looks after it.
    #[must_use]
    pub fn owner(mut self, person: UserId) -> Self {
        self.owner = Some(person);
        self
    }

    /// What was approved, and what is there instead.
    #[must_use]
    pub fn differs(mut self, expected: &str, found: &str) -> Self {
        self.expected = Some(said(expected));
        self.found = Some(said(found));
        self
    }

    /// It goes under another name, with others like it.
    #[must_use]
    pub(crate) fn under(mut self, subject: &str) -> Self {
        self.subject = subject.to_owned();
        self
    }

    /// It was seen so often at once.
    #[must_use]
    pub fn times(mut self, times: usize) -> Self {
        self.times = i32::try_from(times).unwrap_or(i32::MAX).max(1);
        self
    }

    fn key(&self) -> String {
        key(self.kind, self.subject_kind, &self.subject)
    }
}

/// What a finding is about, as its row keeps it: the same for every sighting, and short whatever a provider calls things.
fn key(kind: FindingKind, subject_kind: SubjectKind, subject: &str) -> String {
    let subject = if subject.len() > 200 {
        domain::canonical::digest(subject.as_bytes())
    } else {
        subject.to_owned()
    };
    format!("{kind} {subject_kind} {subject}")
}

fn said(text: &str) -> String {
    cut(&visible(text), TEXT_MAX)
}

/// Notes that something is wrong. The first sighting writes it; seen as often in a row as its kind asks, it is open, which
/// is audited. Answers where it is now.
pub async fn raise(tx: &Tx, ctx: &OpCtx, found: &Found) -> Result<FindingState, Error> {
    let key = found.key();
    let Some(row) = store::findings::by_key(&**tx, &key).await? else {
        let row = first(tx, ctx, found, key).await?;
        return confirm(tx, ctx, row).await;
    };
    if ctx.now() - row.last_seen < APART && row.state == FindingState::Suspected {
        return Ok(row.state);
    }
    let sightings = row.sightings.saturating_add(found.times);
    let words = (
        found.what.as_str(),
        found.expected.as_deref(),
        found.found.as_deref(),
    );
    store::findings::note_sighting(tx, &row, words, sightings, ctx.now()).await?;
    confirm(tx, ctx, finding::Model { sightings, ..row }).await
}

async fn first(tx: &Tx, ctx: &OpCtx, found: &Found, key: String) -> Result<finding::Model, Error> {
    let row = finding::Model {
        id: FindingId(ids::new()),
        number: store::findings::next_number(tx).await?,
        kind: found.kind,
        state: FindingState::Suspected,
        open_key: Some(key),
        subject_kind: found.subject_kind,
        subject: cut(&visible(&found.subject), 200),
        agent_id: found.agent.map(|(agent, _)| agent),
        deployment: found.deployment,
        team_id: found.agent.map(|(_, team)| team).or(found.team),
        owner_id: found.owner,
        what: found.what.clone(),
        expected: found.expected.clone(),
        found: found.found.clone(),
        sightings: found.times,
        first_seen: ctx.now(),
        last_seen: ctx.now(),
        ignored_until: None,
        ignored_by: None,
        reason: None,
        resolved_at: None,
    };
    store::findings::insert(tx, row.clone()).await?;
    Ok(row)
}

/// Opens a suspicion that was seen often enough.
async fn confirm(tx: &Tx, ctx: &OpCtx, row: finding::Model) -> Result<FindingState, Error> {
    if row.state != FindingState::Suspected || row.sightings < row.kind.sightings() {
        return Ok(row.state);
    }
    let next = store::findings::transition(tx, &row, FindingEvent::Confirmed, ctx.now()).await?;
    let event = event(tx, AuditAction::FindingRaised, &row).await?;
    audit::append(tx, ctx, event.with("what", &row.what)).await?;
    metrics::counter!("clearance_findings_total", "kind" => row.kind.as_str()).increment(1);
    Ok(next)
}

/// Ends the finding about something, if there is one, because it is as it should be. True when one that was open ended.
pub async fn settle(
    tx: &Tx,
    ctx: &OpCtx,
    kind: FindingKind,
    subject_kind: SubjectKind,
    subject: &str,
) -> Result<bool, Error> {
    match store::findings::by_key(&**tx, &key(kind, subject_kind, subject)).await? {
        Some(row) => end(tx, ctx, &row).await,
        None => Ok(false),
    }
}

async fn end(tx: &Tx, ctx: &OpCtx, row: &finding::Model) -> Result<bool, Error> {
    if row.state == FindingState::Suspected {
        store::findings::forget(tx, row).await?;
        return Ok(false);
    }
    store::findings::transition(tx, row, FindingEvent::Resolved, ctx.now()).await?;
    let event = event(tx, AuditAction::FindingResolved, row).await?;
    audit::append(tx, ctx, event).await?;
    Ok(true)
}

/// Is there one already about the same?
pub(crate) async fn is_known(tx: &Tx, found: &Found) -> Result<bool, Error> {
    let row = store::findings::by_key(&**tx, &found.key()).await?;
    Ok(row.is_some())
}

/// Ends findings of some kinds that were not seen since a moment: nobody tells that an act is not repeated, so the time does.
pub(crate) async fn settle_quiet(
    tx: &Tx,
    ctx: &OpCtx,
    kinds: &[FindingKind],
    since: DateTime<Utc>,
) -> Result<(), Error> {
    for row in store::findings::quiet(&**tx, kinds, since).await? {
        end(tx, ctx, &row).await?;
    }
    Ok(())
}

/// Raises everything that is seen of some kinds and settles what is not seen any more. `seen` must hold all there is of
/// these kinds: a reconciler that could not look everywhere leaves the kinds out that it could not see.
pub async fn reconcile(
    tx: &Tx,
    ctx: &OpCtx,
    kinds: &[FindingKind],
    seen: &[Found],
) -> Result<(), Error> {
    let keys: Vec<String> = seen.iter().map(Found::key).collect();
    for row in store::findings::unresolved(&**tx, kinds).await? {
        if !row.open_key.as_ref().is_some_and(|key| keys.contains(key)) {
            end(tx, ctx, &row).await?;
        }
    }
    for found in seen {
        raise(tx, ctx, found).await?;
    }
    Ok(())
}

async fn event(tx: &Tx, action: AuditAction, row: &finding::Model) -> Result<Event, Error> {
    let mut event = Event::new(action, "finding", quoted(row.number))
        .with("kind", row.kind)
        .with("subject", format!("{} {}", row.subject_kind, row.subject));
    if let Some(agent) = row.agent_id {
        event = event.agent(&store::agents::get(&**tx, agent).await?.slug);
    }
    if let Some(number) = row.deployment {
        event = event.deployment(number);
    }
    Ok(event)
}

/// Looks away from an open finding until a date. It ends by itself all the same when it is over.
///
/// # Errors
/// When a field is wrong, the finding is not open, or the actor may not roll back in its team.
pub async fn ignore(cp: &ControlPlane, ctx: &OpCtx, form: &FindingForm) -> Result<(), Error> {
    ctx.signed_in()?;
    let number = form.number()?;
    cp.transact("findings::ignore", ctx, |tx: Tx| async move {
        let tx = &tx;
        let row = store::findings::by_number(&**tx, number).await?;
        let facts = Facts { team: row.team_id };
        ctx.authorize_on(Action::Rollback, facts, "finding")?;
        let asked = form.ignore(ctx.now())?;
        store::findings::transition(tx, &row, FindingEvent::Ignored, ctx.now()).await?;
        let by = Some(ctx.actor().name());
        let reason = Some(asked.reason.as_str());
        store::findings::set_ignored(tx, &row, Some(asked.until), by, reason).await?;
        let event = event(tx, AuditAction::FindingIgnored, &row).await?;
        let event = event.with("until", store::time::text(asked.until));
        audit::append(tx, ctx, event.reason(&asked.reason)).await?;
        Ok(())
    })
    .await
}

/// Opens those again whose date has come.
pub(crate) async fn wake(cp: &ControlPlane, ctx: &OpCtx) -> Result<(), Error> {
    for row in store::findings::to_wake(cp.reader(), ctx.now()).await? {
        let row = &row;
        cp.transact("findings::wake", ctx, |tx: Tx| async move {
            let tx = &tx;
            store::findings::transition(tx, row, FindingEvent::Woken, ctx.now()).await?;
            store::findings::set_ignored(tx, row, None, None, None).await?;
            let event = event(tx, AuditAction::FindingWoken, row).await?;
            audit::append(tx, ctx, event).await.map(|_| ())
        })
        .await?;
    }
    Ok(())
}
