//! The embedded image builder. Owns what is remembered of an image beside the store, its SBOM and its packages, in
//! `<data folder>/images-meta`, one file for each reference.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use chrono::DateTime;
use control_plane::ports::image_builder::{BuildOrder, BuiltImage, ImageBuilder, Package};
use control_plane::ports::{LogSink, PortError};
use domain::deployment::LogLevel;
use oci_image::{BuildError, BuildLimits, BuildRequest, Digest, Fault, ImageStore};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::images::{Images, digest, of_store, sentence};
use super::problem::{blocking, disk, rejected, unavailable};
use super::{AdaptersConfig, files};

/// Labels of the image configuration.
const VERSION_LABEL: &str = "org.opencontainers.image.version";
const COMMIT_LABEL: &str = "org.opencontainers.image.revision";
const TITLE_LABEL: &str = "org.opencontainers.image.title";

/// The adapter.
#[derive(Debug)]
pub(super) struct EmbeddedBuilder {
    images: Arc<Images>,
    records: PathBuf,
    cache: PathBuf,
    python: String,
}

/// What is remembered of a built image.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    digest: String,
    sbom: String,
    packages: Vec<Package>,
}

impl EmbeddedBuilder {
    pub(super) fn new(config: &AdaptersConfig, images: Arc<Images>) -> Self {
        Self {
            images,
            records: config.data_dir.join("images-meta"),
            cache: config.data_dir.join("cache"),
            python: config.python.clone(),
        }
    }

    fn record_path(&self, reference: &str) -> PathBuf {
        self.records
            .join(format!("{}.json", hex::encode(Sha256::digest(reference))))
    }

    /// The image that the reference names already, if it is remembered whole.
    async fn known(
        &self,
        store: &ImageStore,
        reference: &str,
    ) -> Result<Option<BuiltImage>, PortError> {
        let Some(named) = store.resolve(reference).await.map_err(of_store)? else {
            return Ok(None);
        };
        let path = self.record_path(reference);
        let content =
            blocking(move || files::read(&path).map_err(|error| disk("read", &path, error)))
                .await?;
        // A record that is missing, damaged or of another image is written anew by building again.
        let record = content.and_then(|content| serde_json::from_slice::<Record>(&content).ok());
        Ok(record
            .filter(|record| record.digest == named.to_string())
            .map(Record::into_image))
    }

    async fn remember(&self, reference: &str, record: Record) -> Result<BuiltImage, PortError> {
        let path = self.record_path(reference);
        let content = serde_json::to_vec(&record).map_err(|error| {
            unavailable("The image's record could not be written.").because(error)
        })?;
        blocking(move || {
            files::replace(&path, &content).map_err(|error| disk("written", &path, error))
        })
        .await?;
        Ok(record.into_image())
    }

    fn request(&self, order: BuildOrder, log: &LogSink) -> BuildRequest {
        let sink = log.clone();
        BuildRequest {
            reference: order.reference,
            source_dir: order.source,
            requirements: order.manifest.runtime.requirements.map(PathBuf::from),
            python: self.python.clone(),
            entrypoint: vec!["python3".to_owned(), order.manifest.runtime.entrypoint],
            env: BTreeMap::new(),
            labels: BTreeMap::from([
                (TITLE_LABEL.to_owned(), order.manifest.agent),
                (VERSION_LABEL.to_owned(), order.version),
                (COMMIT_LABEL.to_owned(), order.commit),
            ]),
            // The same for every build, so that the same order gives the same digest.
            created: DateTime::UNIX_EPOCH,
            limits: BuildLimits::default(),
            log: oci_image::LogSink::new(move |line| {
                // Nobody listens any more when the deployment was cancelled.
                let _ = sink.send((LogLevel::Text, line.to_owned()));
            }),
            cache_dir: self.cache.clone(),
        }
    }
}

impl Record {
    fn into_image(self) -> BuiltImage {
        BuiltImage {
            digest: self.digest,
            sbom: self.sbom,
            packages: self.packages,
        }
    }
}

#[async_trait]
impl ImageBuilder for EmbeddedBuilder {
    async fn build(&self, order: BuildOrder, log: LogSink) -> Result<BuiltImage, PortError> {
        let store = self.images.store().await?;
        let reference = order.reference.clone();
        if let Some(known) = self.known(store, &reference).await? {
            let _ = log.send((
                LogLevel::Text,
                format!("The image {reference} is there already as {}", known.digest),
            ));
            return Ok(known);
        }
        let built = oci_image::build(self.request(order, &log), store)
            .await
            .map_err(of_build)?;
        if !built.pinned {
            let text = "Not every package is pinned to one version: building this commit later may give another image";
            let _ = log.send((LogLevel::Warn, text.to_owned()));
        }
        let packages = built
            .packages
            .into_iter()
            .map(|package| Package {
                name: package.name,
                version: package.version,
            })
            .collect();
        self.remember(
            &reference,
            Record {
                digest: built.image_digest.to_string(),
                sbom: built.sbom,
                packages,
            },
        )
        .await
    }

    async fn layout(&self, image: &str) -> Result<PathBuf, PortError> {
        let image: Digest = digest(image)?;
        let store = self.images.store().await?;
        // Says what is missing in its own words; what is damaged the scan finds by itself.
        store.manifest(image).await.map_err(of_store)?;
        Ok(self.images.dir().to_owned())
    }

    async fn verify(&self, image: &str) -> Result<(), PortError> {
        let image = digest(image)?;
        self.images
            .store()
            .await?
            .verify(image)
            .await
            .map_err(of_store)
    }

    async fn unpack(&self, image: &str, into: &Path) -> Result<(), PortError> {
        let image = digest(image)?;
        self.images
            .store()
            .await?
            .unpack(image, into)
            .await
            .map_err(of_store)
    }

    async fn remove(&self, reference: &str) -> Result<(), PortError> {
        self.images
            .store()
            .await?
            .remove(reference)
            .await
            .map_err(of_store)?;
        let path = self.record_path(reference);
        blocking(move || {
            files::remove(&path)
                .map(drop)
                .map_err(|error| disk("removed", &path, error))
        })
        .await
    }

    async fn list(&self) -> Result<Vec<String>, PortError> {
        let all = self.images.store().await?.list().await.map_err(of_store)?;
        Ok(all.into_iter().map(|(reference, _)| reference).collect())
    }
}

/// What a failed build means: the source's fault is the team's to repair, the environment's is tried again.
fn of_build(error: BuildError) -> PortError {
    let fault = error.fault();
    if let BuildError::Store(error) = error {
        return of_store(error);
    }
    let message = sentence(&error.to_string());
    match fault {
        Fault::Source => rejected(message).because(error),
        Fault::Environment => unavailable(message).because(error),
    }
}
