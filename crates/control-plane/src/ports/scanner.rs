//! Scanners: the gates that need only files.

use std::path::Path;

use async_trait::async_trait;
use chrono::NaiveDate;
use domain::detection::Detected;
use domain::gate::{Finding, Gate, Report, TaggedCheck};
use domain::view::engine::EngineRow;

use super::PortError;
use super::image_builder::Package;

/// What a scan is judged against.
#[derive(Debug, Clone)]
pub struct Against {
    /// The day of the scan: it decides which data is too old and which suppression has ended.
    pub today: NaiveDate,
    /// What the live version has already: found again, it does not block.
    pub known: Vec<Finding>,
}

/// Runs the file gates.
#[async_trait]
pub trait Scanner: Send + Sync {
    /// Static analysis of an agent's folder.
    async fn static_analysis(&self, source: &Path, against: &Against) -> Result<Report, PortError>;

    /// Scan of an image: the one of this manifest digest in an OCI image layout, with the packages that its builder knows of.
    async fn image_scan(
        &self,
        layout: &Path,
        digest: &str,
        packages: &[Package],
        against: &Against,
    ) -> Result<Report, PortError>;

    /// What an agent's folder holds, for its onboarding. Parses; runs nothing, and judges nothing.
    async fn detect(&self, source: &Path) -> Result<Detected, PortError>;

    /// The engines that it scans with, as they are today. Asks their programs, so it takes its time.
    async fn engines(&self, today: NaiveDate) -> Vec<EngineRow>;

    /// Reports of its gates as one SARIF 2.1.0 document, a run each.
    fn sarif(&self, reports: &[Report]) -> String;

    /// Every check of its own, with its gate.
    fn checks(&self) -> Vec<(Gate, TaggedCheck)>;
}
