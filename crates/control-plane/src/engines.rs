//! The engines behind the gates: what there is, how old its data is, what it was measured to do, and which risks of the
//! public catalogues have a check.

use domain::gate::coverage;
use domain::view::engine::{CatalogueView, CheckRow, EngineList, EngineRow, RiskRow};
use sea_orm::ConnectionTrait;

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::store;
use crate::store::entity::engine;
use crate::topic::Topic;
use crate::transact::Tx;

/// What was found when the engines were last looked at.
///
/// # Errors
/// [`Error::Unauthenticated`], [`Error::Forbidden`].
pub async fn list(cp: &ControlPlane, ctx: &OpCtx) -> Result<EngineList, Error> {
    reading::teams(ctx)?;
    let rows = store::engines::all(cp.reader()).await?;
    Ok(EngineList {
        looked_at: rows.first().map(|row| store::time::text(row.looked_at)),
        engines: read(rows)?,
    })
}

/// Every catalogue of risks with the checks that stand for its entries.
///
/// # Errors
/// [`Error::Unauthenticated`], [`Error::Forbidden`].
pub fn catalogues(cp: &ControlPlane, ctx: &OpCtx) -> Result<Vec<CatalogueView>, Error> {
    reading::teams(ctx)?;
    let mut checks = cp.ports().scanner.checks();
    checks.extend(cp.ports().evaluator.checks());
    let mut all: Vec<CatalogueView> = Vec::new();
    for covered in coverage(&checks) {
        let row = RiskRow {
            id: covered.risk.id.to_owned(),
            title: covered.risk.title.to_owned(),
            checks: covered
                .checks
                .into_iter()
                .map(|(gate, check)| CheckRow {
                    id: check.id.to_owned(),
                    title: check.title.to_owned(),
                    gate,
                })
                .collect(),
        };
        match all.last_mut() {
            Some(last) if last.title == covered.risk.catalogue => last.risks.push(row),
            _ => all.push(CatalogueView {
                title: covered.risk.catalogue.to_owned(),
                risks: vec![row],
            }),
        }
    }
    Ok(all)
}

/// Every engine as it was found.
pub(crate) async fn known(db: &impl ConnectionTrait) -> Result<Vec<EngineRow>, Error> {
    read(store::engines::all(db).await?)
}

fn read(rows: Vec<engine::Model>) -> Result<Vec<EngineRow>, Error> {
    rows.iter().map(|row| store::from_json(&row.body)).collect()
}

/// Looks at every engine and keeps what is found.
pub(crate) async fn look(cp: &ControlPlane, ctx: &OpCtx) -> Result<(), Error> {
    let now = ctx.now();
    let mut found = cp.ports().scanner.engines(now.date_naive()).await;
    found.extend(cp.ports().evaluator.engines(now.date_naive()).await);
    let rows = found
        .iter()
        .zip(0..)
        .map(|(row, place)| {
            Ok(engine::Model {
                place,
                body: store::to_json(row)?,
                looked_at: now,
            })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    let rows = &rows;
    cp.transact("engines::look", ctx, |tx: Tx| async move {
        let tx = &tx;
        store::engines::replace(tx, rows.clone()).await?;
        tx.touch(Topic::new("engines", "all"));
        Ok(())
    })
    .await
}
