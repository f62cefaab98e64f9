//! An image builder with its store, in memory: the digest is the one of the files, so the same files give the same image.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain::canonical;
use domain::deployment::LogLevel;

use super::git_host::{Files, read_files, write_files};
use super::{Faults, lock};
use crate::ports::image_builder::{BuildOrder, BuiltImage, ImageBuilder, Package};
use crate::ports::{LogSink, PortError, PortErrorKind};

#[derive(Debug, Default)]
struct Store {
    /// Digest to files.
    images: BTreeMap<String, Files>,
    /// Reference to digest.
    references: BTreeMap<String, String>,
    damaged: Vec<String>,
}

/// Images by digest and by reference.
#[derive(Debug)]
pub struct FakeImageBuilder {
    faults: Arc<Faults>,
    store: Mutex<Store>,
}

impl FakeImageBuilder {
    pub(super) fn new(faults: Arc<Faults>) -> Self {
        Self {
            faults,
            store: Mutex::default(),
        }
    }

    /// Every reference there is.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        lock(&self.store).references.keys().cloned().collect()
    }

    /// Loses an image without telling anybody.
    pub fn drop_image(&self, digest: &str) {
        lock(&self.store).images.remove(digest);
    }

    /// Loses a reference, as if it had been deleted by hand.
    pub fn lose(&self, reference: &str) {
        lock(&self.store).references.remove(reference);
    }

    /// Damages an image without telling anybody.
    pub fn damage_image(&self, digest: &str) {
        lock(&self.store).damaged.push(digest.to_owned());
    }

    /// An image that Clearance never built.
    pub fn add_foreign(&self, reference: &str) {
        let digest = canonical::digest(reference.as_bytes());
        let mut store = lock(&self.store);
        store.images.insert(digest.clone(), Files::new());
        store.references.insert(reference.to_owned(), digest);
    }
}

fn missing(digest: &str) -> PortError {
    PortError::new(
        PortErrorKind::NotFound,
        format!("There is no image {digest}."),
    )
}

fn build(store: &Mutex<Store>, order: &BuildOrder) -> Result<BuiltImage, PortError> {
    let files = read_files(&order.source)?;
    let text = serde_json::to_string(&files)
        .map_err(|e| PortError::new(PortErrorKind::Protocol, e.to_string()))?;
    let digest = canonical::digest(text.as_bytes());
    let wanted = order.manifest.runtime.requirements.as_ref();
    let listed = wanted
        .and_then(|file| files.get(file))
        .cloned()
        .unwrap_or_default();
    let packages = listed.lines().filter_map(|line| line.split_once("=="));
    let packages = packages.map(|(name, version)| Package {
        name: name.to_owned(),
        version: version.to_owned(),
    });
    let mut store = lock(store);
    store.images.insert(digest.clone(), files);
    let reference = order.reference.clone();
    store.references.insert(reference, digest.clone());
    Ok(BuiltImage {
        sbom: format!(r#"{{"bomFormat":"CycloneDX","serialNumber":"{digest}"}}"#),
        packages: packages.collect(),
        digest,
    })
}

#[async_trait]
impl ImageBuilder for FakeImageBuilder {
    async fn build(&self, order: BuildOrder, log: LogSink) -> Result<BuiltImage, PortError> {
        // Nobody listening is no error.
        let _ = log.send((LogLevel::Text, "a line of the build".to_owned()));
        let reference = order.reference.clone();
        self.faults
            .run("images.build", &reference, || build(&self.store, &order))
            .await
    }

    async fn layout(&self, digest: &str) -> Result<PathBuf, PortError> {
        let layout = || {
            let store = lock(&self.store);
            let known = store.images.contains_key(digest);
            known
                .then(|| PathBuf::from("images"))
                .ok_or_else(|| missing(digest))
        };
        self.faults.run("images.layout", digest, layout).await
    }

    async fn verify(&self, digest: &str) -> Result<(), PortError> {
        let verify = || {
            let store = lock(&self.store);
            if !store.images.contains_key(digest) {
                return Err(missing(digest));
            }
            if store.damaged.iter().any(|d| d == digest) {
                let message = format!("The image {digest} is damaged.");
                return Err(PortError::new(PortErrorKind::Rejected, message));
            }
            Ok(())
        };
        self.faults.run("images.verify", digest, verify).await
    }

    async fn unpack(&self, digest: &str, into: &Path) -> Result<(), PortError> {
        let unpack = || {
            let files = lock(&self.store).images.get(digest).cloned();
            write_files(&files.ok_or_else(|| missing(digest))?, into)
        };
        self.faults.run("images.unpack", digest, unpack).await
    }

    async fn remove(&self, reference: &str) -> Result<(), PortError> {
        let remove = || {
            let mut store = lock(&self.store);
            if let Some(digest) = store.references.remove(reference)
                && !store.references.values().any(|d| *d == digest)
            {
                store.images.remove(&digest);
            }
            Ok(())
        };
        self.faults.run("images.remove", reference, remove).await
    }

    async fn list(&self) -> Result<Vec<String>, PortError> {
        self.faults
            .run("images.list", "", || Ok(self.names()))
            .await
    }
}
