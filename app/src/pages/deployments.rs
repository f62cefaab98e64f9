//! Deployments: the list, and one of them.

mod detail;
mod list;
mod rollback;

pub(crate) use detail::DeploymentPage;
pub(crate) use list::DeploymentsPage;
pub(crate) use rollback::RollbackPage;
