//! Deployments: the list, and one of them.

mod detail;
mod list;

pub(crate) use detail::DeploymentPage;
pub(crate) use list::DeploymentsPage;
