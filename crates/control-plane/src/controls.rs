//! Frameworks and their controls: what the events of the audit log support evidence for, over a period and scope. Counts are those of
//! the log and of nothing else.

use domain::controls::{Catalogue, Counts, Framework};
use domain::form::query::ControlsQuery;
use domain::view::controls::{FrameworkRow, FrameworkView, Frameworks, Scope};

use crate::ControlPlane;
use crate::audit;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::store;

/// The catalogue that this program comes with.
///
/// # Errors
/// None: a test reads it.
pub fn catalogue() -> Result<Catalogue, Error> {
    Catalogue::standard().map_err(|e| Error::internal("controls::catalogue", e))
}

/// The period and scope that is asked for.
fn scope(ctx: &OpCtx, asked: &ControlsQuery) -> Result<Scope, Error> {
    let (from, to) = asked.period(ctx.now())?;
    Ok(Scope {
        from: audit::spelled(from),
        to: audit::spelled(to),
        agent: Some(asked.agent.trim().to_owned()).filter(|agent| !agent.is_empty()),
    })
}

async fn counts(cp: &ControlPlane, ctx: &OpCtx, scope: &Scope) -> Result<Counts, Error> {
    let seen = reading::teams(ctx)?;
    store::audit::counts(cp.reader(), scope, seen.as_deref()).await
}

/// Every framework, with how many of its controls are gaps. Who reads in some teams alone sees what their agents come to.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing, [`Error::Invalid`] for a period that cannot be read.
pub async fn frameworks(
    cp: &ControlPlane,
    ctx: &OpCtx,
    asked: &ControlsQuery,
) -> Result<Frameworks, Error> {
    let scope = scope(ctx, asked)?;
    let counts = counts(cp, ctx, &scope).await?;
    let catalogue = catalogue()?;
    let rows = catalogue.frameworks.iter().map(|mapped| FrameworkRow {
        framework: mapped.framework,
        edition: mapped.edition.clone(),
        controls: mapped.controls.len(),
        gaps: catalogue
            .weigh(mapped, &counts)
            .iter()
            .filter(|control| control.gap.is_some())
            .count(),
    });
    Ok(Frameworks {
        rows: rows.collect(),
        catalogue: catalogue.version.clone(),
        scope,
    })
}

/// One framework with its controls.
///
/// # Errors
/// As [`frameworks`].
pub async fn framework(
    cp: &ControlPlane,
    ctx: &OpCtx,
    framework: Framework,
    asked: &ControlsQuery,
) -> Result<FrameworkView, Error> {
    let scope = scope(ctx, asked)?;
    let counts = counts(cp, ctx, &scope).await?;
    evidence::package::weigh(&catalogue()?, framework, scope, &counts)
        .ok_or(Error::NotFound { kind: "framework" })
}
