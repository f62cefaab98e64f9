//! The image builder: embedded, `BuildKit` or a cloud's.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use domain::agent::AgentManifest;
use serde::{Deserialize, Serialize};

use super::{LogSink, PortError};

/// What to build.
#[derive(Debug, Clone)]
pub struct BuildOrder {
    /// Name of the image, made from the version's id: building it again gives the same image.
    pub reference: String,
    /// The agent's folder, checked out.
    pub source: PathBuf,
    pub manifest: AgentManifest,
    pub commit: String,
    pub version: String,
}

/// One installed package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    pub name: String,
    pub version: String,
}

/// What was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltImage {
    /// `sha256:…` of the image manifest.
    pub digest: String,
    /// CycloneDX JSON.
    pub sbom: String,
    pub packages: Vec<Package>,
}

/// An image builder with its image store.
#[async_trait]
pub trait ImageBuilder: Send + Sync {
    /// Builds the image and tags it with its reference. Deterministic: the same order gives the same digest.
    async fn build(&self, order: BuildOrder, log: LogSink) -> Result<BuiltImage, PortError>;

    /// Folder of the OCI image layout that holds an image, for scanning.
    async fn layout(&self, digest: &str) -> Result<PathBuf, PortError>;

    /// Is every part of the image there and undamaged? `NotFound` when something is missing, `Rejected` when damaged.
    async fn verify(&self, digest: &str) -> Result<(), PortError>;

    /// Unpacks an image's files into `into`. Doing it again is no error.
    async fn unpack(&self, digest: &str, into: &Path) -> Result<(), PortError>;

    /// Removes a reference, and what nothing else needs. Gone already is no error.
    async fn remove(&self, reference: &str) -> Result<(), PortError>;

    /// Every reference there is, for receipts.
    async fn list(&self) -> Result<Vec<String>, PortError>;
}
