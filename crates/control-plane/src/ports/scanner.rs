//! Scanners: the gates that need only files.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use domain::gate::Report;

use super::PortError;
use super::image_builder::Package;

/// Runs the file gates.
#[async_trait]
pub trait Scanner: Send + Sync {
    /// Static analysis of an agent's folder.
    async fn static_analysis(&self, source: &Path) -> Result<Report, PortError>;

    /// Scan of an image's layers and packages.
    async fn image_scan(
        &self,
        layers: &[PathBuf],
        packages: &[Package],
    ) -> Result<Report, PortError>;
}
