//! Schedules of packages: kept by whoever may export evidence of every team, and by their right alone.

use domain::actor::Actor;
use domain::authz::Action;
use domain::error::Conflict;
use domain::event::AuditAction;
use domain::form::package::{AddSchedule, ScheduleActForm, ScheduleForm};
use domain::id::{ScheduleId, UserId};
use domain::package::{RIGHT_LOST, ScheduleAct, ScheduleState};
use domain::view::package::{ScheduleRow, Schedules};

use super::{known, may_export, orders, reads};
use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::people;
use crate::store;
use crate::store::entity::package_schedule;
use crate::transact::Tx;

/// Every schedule that is not removed, newest first. One statement.
///
/// # Errors
/// [`Error::Unauthenticated`], and [`Error::Forbidden`] for who may not export evidence of every team.
pub async fn list(cp: &ControlPlane, ctx: &OpCtx) -> Result<Schedules, Error> {
    cp.noted("packages::schedules", ctx, reads(ctx)).await?;
    let rows = store::package_schedules::all(cp.reader()).await?;
    let row = |row: package_schedule::Model| ScheduleRow {
        number: row.number,
        framework: row.framework,
        agent: row.agent,
        every: row.every,
        sample: u64::try_from(row.sample).unwrap_or_default(),
        state: row.state,
        problem: row.problem,
        kept_by: row.kept_by_name,
        next_from: store::time::text(row.next_from),
        next_to: store::time::text(row.every.end(row.next_from)),
        created_at: store::time::text(row.created_at),
    };
    Ok(Schedules {
        rows: rows.into_iter().map(row).collect(),
    })
}

/// The person whose right a schedule runs by. A role for a time is not enough: it would be over when the schedule runs.
async fn keeper(cp: &ControlPlane, ctx: &OpCtx) -> Result<(UserId, String), Error> {
    orders(ctx)?;
    let refused = Error::Forbidden {
        action: Action::Export,
    };
    let Some(id) = ctx.actor().user() else {
        return Err(refused);
    };
    match people::standing(cp, id).await? {
        Some(actor) if may_export(&actor) => Ok((id, actor.name().to_owned())),
        Some(_) | None => Err(refused),
    }
}

/// Adds a schedule. Its first package is of the period that runs now. While one has the same made, it is that one. Answers its number.
///
/// # Errors
/// [`Error::Forbidden`] for who may not export evidence of every team by a standing role, and for tokens that may not write; the fields
/// that are wrong; [`Conflict::Full`].
pub async fn add(cp: &ControlPlane, ctx: &OpCtx, form: &ScheduleForm) -> Result<i64, Error> {
    let may = keeper(cp, ctx).await;
    let keeper = cp.noted("packages::add_schedule", ctx, may).await?;
    let asked = form.parse()?;
    cp.transact("packages::add_schedule", ctx, |tx: Tx| {
        let (keeper, asked) = (&keeper, &asked);
        async move {
            let tx = &tx;
            // As with orders: two clicks are one schedule.
            store::audit::lock_size(tx).await?;
            let key = open_key(asked);
            if let Some(open) = store::package_schedules::open(&**tx, &key).await? {
                return Ok(open.number);
            }
            known(&**tx, asked.agent.as_deref()).await?;
            let all = store::package_schedules::all(&**tx).await?.len();
            if u64::try_from(all).unwrap_or(u64::MAX) >= store::package_schedules::KEPT_MAX {
                return Err(Error::conflict(Conflict::Full));
            }
            let row = package_schedule::Model {
                id: ScheduleId(ids::new()),
                number: store::package_schedules::next_number(tx).await?,
                open_key: Some(key),
                framework: asked.framework,
                agent: asked.agent.clone(),
                every: asked.every,
                sample: i32::try_from(asked.sample).unwrap_or(i32::MAX),
                state: ScheduleState::Active,
                problem: None,
                kept_by: keeper.0,
                kept_by_name: keeper.1.clone(),
                next_from: asked.every.beginning(ctx.now()),
                created_at: ctx.now(),
            };
            store::package_schedules::insert(tx, row.clone()).await?;
            let event = about(AuditAction::PackageScheduleAdded, &row)
                .with("every", row.every)
                .with("sample", row.sample);
            audit::append(tx, ctx, event).await?;
            Ok(row.number)
        }
    })
    .await
}

fn open_key(asked: &AddSchedule) -> String {
    let agent = asked.agent.as_deref().unwrap_or_default();
    format!("{}:{}:{agent}", asked.framework, asked.every)
}

/// An event about a schedule.
fn about(action: AuditAction, row: &package_schedule::Model) -> Event {
    let scope = row.agent.as_deref().unwrap_or("every agent");
    Event::new(action, "package_schedule", row.number.to_string())
        .with("framework", row.framework)
        .with("title", row.framework.label())
        .with("scope", scope)
        .with("kept_by", &row.kept_by_name)
        .with("kept_by_id", row.kept_by)
}

/// Pauses, resumes or removes a schedule. Whoever resumes it keeps it from then on. The same act twice is one.
///
/// # Errors
/// As [`add`]; [`Error::NotFound`]; [`Conflict::WrongState`] for one that was removed.
pub async fn act(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &ScheduleActForm,
    act: ScheduleAct,
) -> Result<ScheduleState, Error> {
    let may = match act {
        ScheduleAct::Resume => keeper(cp, ctx).await.map(Some),
        ScheduleAct::Pause | ScheduleAct::Remove => orders(ctx).map(|()| None),
    };
    let keeper = cp.noted("packages::change_schedule", ctx, may).await?;
    let number = form.number()?;
    cp.transact("packages::change_schedule", ctx, |tx: Tx| {
        let keeper = keeper.clone();
        async move {
            let tx = &tx;
            let row = store::package_schedules::by_number(&**tx, number).await?;
            if comes_of(row.state, act) {
                return Ok(row.state);
            }
            let next = row.state.apply(act);
            let state = next.map_err(|_| Error::conflict(Conflict::WrongState))?;
            let mut after = package_schedule::Model {
                state,
                problem: None,
                ..row.clone()
            };
            if state == ScheduleState::Removed {
                after.open_key = None;
            }
            if let Some((id, name)) = keeper {
                (after.kept_by, after.kept_by_name) = (id, name);
            }
            store::package_schedules::change(tx, &row, &after).await?;
            let action = match act {
                ScheduleAct::Pause => AuditAction::PackageSchedulePaused,
                ScheduleAct::Resume => AuditAction::PackageScheduleResumed,
                ScheduleAct::Remove => AuditAction::PackageScheduleRemoved,
            };
            audit::append(tx, ctx, about(action, &after)).await?;
            Ok(state)
        }
    })
    .await
}

/// It is already what the act makes of it.
const fn comes_of(state: ScheduleState, act: ScheduleAct) -> bool {
    matches!(
        (state, act),
        (ScheduleState::Active, ScheduleAct::Resume)
            | (ScheduleState::Paused, ScheduleAct::Pause)
            | (ScheduleState::Removed, ScheduleAct::Remove)
    )
}

/// The right that a schedule runs by is gone: it does not run until somebody who has it resumes it.
pub(super) async fn stop(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &package_schedule::Model,
) -> Result<(), Error> {
    let problem = format!(
        "{} may not export evidence of every team any more. Somebody who may resumes it, and what was missed is made then.",
        row.kept_by_name
    );
    let next = row.state.apply(ScheduleAct::Pause);
    let state = next.map_err(|_| Error::conflict(Conflict::WrongState))?;
    let after = &package_schedule::Model {
        state,
        problem: Some(problem.clone()),
        ..row.clone()
    };
    let problem = problem.as_str();
    cp.transact("packages::stop_schedule", ctx, |tx: Tx| async move {
        let tx = &tx;
        store::package_schedules::change(tx, row, after).await?;
        let event = about(AuditAction::PackageSchedulePaused, after)
            .with("cause", RIGHT_LOST)
            .reason(problem);
        audit::append(tx, ctx, event).await.map(|_| ())
    })
    .await
}

/// The person behind a schedule, with the roles they have now.
pub(super) async fn may_run(
    cp: &ControlPlane,
    row: &package_schedule::Model,
) -> Result<bool, Error> {
    let keeper: Option<Actor> = people::standing(cp, row.kept_by).await?;
    Ok(keeper.is_some_and(|actor| may_export(&actor)))
}
