//! The embedded scanner: the file gates, run by the crate `scanning` with the advisories that the configuration names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use control_plane::ports::PortError;
use control_plane::ports::image_builder::Package;
use control_plane::ports::scanner::Scanner;
use domain::gate::Report;
use scanning::{AdvisoryError, AdvisorySet, Options};

use super::problem::blocking;

/// The adapter.
#[derive(Debug)]
pub(super) struct EmbeddedScanner {
    advisories: Arc<AdvisorySet>,
}

impl EmbeddedScanner {
    /// With the advisories of a folder, or with the sample that ships with the product.
    ///
    /// # Errors
    /// When the folder cannot be read whole.
    pub(super) fn new(advisories: Option<&Path>) -> Result<Self, AdvisoryError> {
        let advisories = match advisories {
            Some(folder) => AdvisorySet::load_dir(folder)?,
            None => AdvisorySet::embedded(),
        };
        Ok(Self {
            advisories: Arc::new(advisories),
        })
    }
}

#[async_trait]
impl Scanner for EmbeddedScanner {
    async fn static_analysis(&self, source: &Path) -> Result<Report, PortError> {
        let source = source.to_owned();
        blocking(move || Ok(scanning::static_analysis(&source, Options::default()))).await
    }

    async fn image_scan(
        &self,
        layers: &[PathBuf],
        packages: &[Package],
    ) -> Result<Report, PortError> {
        let advisories = Arc::clone(&self.advisories);
        let layers = layers.to_vec();
        let packages: Vec<scanning::Package> = packages
            .iter()
            .map(|one| scanning::Package {
                name: one.name.clone(),
                version: one.version.clone(),
            })
            .collect();
        blocking(move || Ok(scanning::image_scan(&layers, &packages, &advisories))).await
    }
}
