//! Keeps the roles of whom a directory tells at what the table gives. A directory's own calls settle them at once; this finds
//! what the operator changed: another table, or a team that was made later.

use std::time::Duration;

use async_trait::async_trait;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::deployments;
use crate::directories;
use crate::error::Error;

/// The worker.
#[derive(Debug)]
pub(crate) struct RenewDirectoryRoles;

#[async_trait]
impl Worker for RenewDirectoryRoles {
    fn name(&self) -> &'static str {
        "renew_directory_roles"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn woken_by_commits(&self) -> bool {
        false
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        directories::renew_all(cp, &ctx).await?;
        Ok(Status::Idle)
    }
}
