//! The marks of what is live, as conditions on a deployment: what a figure counts and what its list shows are one.

use domain::approval::ApprovalState;
use domain::environment::Environment;
use domain::form::query::Mark;
use domain::rollback::Readiness;
use domain::runtime::RuntimeHealth;
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition};

use crate::store::entity::{approval, break_glass, compliance, deployment, rollback_check};

/// "Has this mark", of a deployment that is live.
pub(crate) fn of(mark: Mark) -> Condition {
    use deployment::Column as C;
    let sick = [RuntimeHealth::Unhealthy, RuntimeHealth::Stopped];
    let all = Condition::all();
    match mark {
        Mark::Unhealthy => all.add(C::Health.is_in(sick)),
        Mark::WithoutApproval => all
            .add(C::Environment.eq(Environment::Production))
            .add(without_approval()),
        Mark::NotComplying => all.add(C::Id.in_subquery(lacking())),
        Mark::RollbackReady => {
            all.add(C::Id.in_subquery(checked(|found| found == Readiness::Ready)))
        }
        Mark::RollbackNotReady => all.add(C::Id.in_subquery(checked(Readiness::is_trouble))),
        Mark::RollbackUnchecked => {
            all.add(C::Id.not_in_subquery(checked(|found| found != Readiness::Unchecked)))
        }
    }
}

/// Those whose way back was found to be so.
fn checked(found: impl Fn(Readiness) -> bool) -> SelectStatement {
    let words = Readiness::ALL.iter().copied().filter(|one| found(*one));
    Query::select()
        .column(rollback_check::Column::DeploymentId)
        .from(rollback_check::Entity)
        .and_where(rollback_check::Column::Readiness.is_in(words))
        .to_owned()
}

fn lacking() -> SelectStatement {
    Query::select()
        .column(compliance::Column::DeploymentId)
        .from(compliance::Entity)
        .to_owned()
}

/// Its manifest digest is not one that an approval was used for, nor one that one person let through, which has a post-review
/// and a mark of its own.
fn without_approval() -> Condition {
    let approved = Query::select()
        .column(approval::Column::ManifestDigest)
        .from(approval::Entity)
        .and_where(approval::Column::State.eq(ApprovalState::Consumed))
        .to_owned();
    let broken = Query::select()
        .column(break_glass::Column::ManifestDigest)
        .from(break_glass::Entity)
        .and_where(break_glass::Column::UsedAt.is_not_null())
        .to_owned();
    let digest = deployment::Column::ManifestDigest;
    Condition::any().add(digest.is_null()).add(
        Condition::all()
            .add(digest.not_in_subquery(approved))
            .add(digest.not_in_subquery(broken)),
    )
}
