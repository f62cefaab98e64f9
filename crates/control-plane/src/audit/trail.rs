//! Reading the trail: a page of it by filters, and lines to be taken away. Changes nothing.

use domain::error::{FieldProblem, ValidationErrors};
use domain::form::query::trail::TrailFilter;
use domain::form::query::{self, AuditQuery};
use domain::id::TeamId;
use domain::view::audit::{Trail, TrailLines};
use sea_orm::ConnectionTrait;

use super::{chain, keepers, row_view};
use crate::ControlPlane;
use crate::controls;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::store;
use crate::store::audit_trail::Found;

/// Most lines that are taken away at once.
const LINES_MAX: usize = 10_000;
/// Lines that are read at once.
const LINES_READ: u64 = 1_000;
/// Most readings for one answer: filters that fit hardly anything are not followed through the whole log.
const READINGS_MAX: usize = 20;

/// The trail, newest first. Who reads in some teams alone sees what happened to their agents, whatever the filters say.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing; [`Error::Invalid`] for filters that cannot be meant.
pub async fn trail(cp: &ControlPlane, ctx: &OpCtx, asked: &AuditQuery) -> Result<Trail, Error> {
    let seen = reading::teams(ctx)?;
    let filter = read(asked)?;
    let (db, limit) = (cp.reader(), query::limit(asked.limit));
    let found = page(db, seen.clone(), &filter, cursor(asked), limit).await?;
    let nothing = found.rows.is_empty() && found.next.is_none() && asked.cursor.is_empty();
    let excluded = if nothing {
        excluded(db, seen.as_ref(), asked).await?
    } else {
        Vec::new()
    };
    Ok(Trail {
        next: found.next.map(|index| index.to_string()),
        looked_to: found.looked_to.and_then(|index| u64::try_from(index).ok()),
        excluded,
        rows: found.rows.iter().map(row_view).collect::<Result<_, _>>()?,
        chain: chain(cp).await?,
        keepers: keepers::list(cp).await?,
        public_key: cp.checkpoint_key().verifier_key().to_string(),
    })
}

/// Lines by the same filters, newest first, up to 10,000 at once, for programs and spreadsheets.
///
/// # Errors
/// As [`trail`].
pub async fn lines(
    cp: &ControlPlane,
    ctx: &OpCtx,
    asked: &AuditQuery,
) -> Result<TrailLines, Error> {
    let seen = reading::teams(ctx)?;
    let filter = read(asked)?;
    let (mut rows, mut below) = (Vec::new(), cursor(asked));
    for _ in 0..READINGS_MAX {
        let found = page(cp.reader(), seen.clone(), &filter, below, LINES_READ).await?;
        for row in &found.rows {
            rows.push(row_view(row)?);
        }
        below = found.next;
        if below.is_none() || rows.len() >= LINES_MAX {
            break;
        }
    }
    Ok(TrailLines {
        rows,
        next: below.map(|index| index.to_string()),
    })
}

/// The filters as they are meant, with what the catalogue of controls says of them.
fn read(asked: &AuditQuery) -> Result<TrailFilter, Error> {
    let mut filter = asked.parse()?;
    if let Some(what) = &filter.evidence {
        let supporting = controls::catalogue()?.supporting(what);
        let unknown = || ValidationErrors::one("evidence", FieldProblem::UnknownChoice);
        filter.supporting = supporting.ok_or_else(unknown)?;
    }
    Ok(filter)
}

/// Below which event a page begins. A place that is none is the beginning.
fn cursor(asked: &AuditQuery) -> Option<i64> {
    asked.cursor.trim().parse().ok()
}

async fn page(
    db: &impl ConnectionTrait,
    seen: Option<Vec<TeamId>>,
    filter: &TrailFilter,
    below: Option<i64>,
    limit: u64,
) -> Result<Found, Error> {
    let teams = match filter.team.as_deref() {
        None => Some(seen),
        Some(slug) => {
            let team = store::people::team_by_slug(db, slug).await?;
            let teams: Vec<_> = team.into_iter().collect();
            reading::narrowed_teams(seen, slug, &teams)
        }
    };
    match teams {
        Some(teams) => store::audit_trail::page(db, filter, teams.as_deref(), below, limit).await,
        // What is not there and what may not be seen look the same.
        None => Ok(Found::default()),
    }
}

/// Which of the filters fits nothing that the reader sees, each looked at by itself.
async fn excluded(
    db: &impl ConnectionTrait,
    seen: Option<&Vec<TeamId>>,
    asked: &AuditQuery,
) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for (name, _) in asked.filters() {
        let filter = read(&asked.only(name))?;
        let found = page(db, seen.cloned(), &filter, None, 1).await?;
        if found.rows.is_empty() && found.next.is_none() {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}
