//! The image store: an OCI image layout in a folder, shared by the tasks of one process and by processes.
//!
//! Owns references, blobs and their removal. A blob gets its name in the same locked step that makes something refer
//! to it, so collection never races a build. Refuses layouts it does not understand rather than repairing them.

mod layout;
mod unpack;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Mutex;

use crate::digest::Digest;
use crate::error::StoreError;
use crate::scratch::StagedBlob;
use crate::spec::{ImageConfig, Manifest};

pub use layout::Removed;
pub use unpack::UnpackLimits;

use layout::Layout;

/// An OCI image layout. Clones share one lock; other processes are kept out by a file lock.
///
/// After a kill at any moment the layout is valid: a reference is either there with all its blobs or not there.
/// What a killed process left half-written is swept by the next [`ImageStore::open`].
#[derive(Debug, Clone)]
pub struct ImageStore {
    layout: Arc<Layout>,
    lock: Arc<Mutex<()>>,
}

impl ImageStore {
    /// Opens the layout in `dir`, makes an empty one if there is none, and sweeps leftovers of killed processes.
    ///
    /// # Errors
    /// [`StoreError::NotALayout`] if the folder holds something else, which is left as it is.
    pub async fn open(dir: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let dir = dir.into();
        let layout = blocking(move || Layout::open(dir)).await?;
        Ok(Self {
            layout: Arc::new(layout),
            lock: Arc::default(),
        })
    }

    /// The manifest digest that `reference` names, if any.
    pub async fn resolve(&self, reference: &str) -> Result<Option<Digest>, StoreError> {
        let reference = reference.to_owned();
        self.reading(move |layout| layout.resolve(&reference)).await
    }

    /// The references that name `digest`, sorted.
    pub async fn references(&self, digest: Digest) -> Result<Vec<String>, StoreError> {
        let all = self.list().await?;
        Ok(all
            .into_iter()
            .filter(|(_, d)| *d == digest)
            .map(|(reference, _)| reference)
            .collect())
    }

    /// Every reference with the manifest digest it names, sorted by reference.
    pub async fn list(&self) -> Result<Vec<(String, Digest)>, StoreError> {
        self.reading(Layout::list).await
    }

    /// Makes `reference` name `digest`, in place of what it named before.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if the store has no such manifest, [`StoreError::InvalidReference`].
    pub async fn tag(&self, reference: &str, digest: Digest) -> Result<(), StoreError> {
        let reference = reference.to_owned();
        self.writing(move |layout| layout.tag(&reference, digest))
            .await
    }

    /// Removes `reference` and every blob that no other reference needs. Removing it again changes nothing.
    pub async fn remove(&self, reference: &str) -> Result<Removed, StoreError> {
        let reference = reference.to_owned();
        self.writing(move |layout| layout.remove(&reference)).await
    }

    /// The manifest with this digest, checked against it.
    pub async fn manifest(&self, digest: Digest) -> Result<Manifest, StoreError> {
        self.reading(move |layout| layout.manifest(digest)).await
    }

    /// The image configuration of the manifest with this digest, checked against its own.
    pub async fn config(&self, digest: Digest) -> Result<ImageConfig, StoreError> {
        self.reading(move |layout| layout.config(digest)).await
    }

    /// Reads every blob of the image and checks its hash: only then can it be deployed or rolled back to.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] names a missing blob, [`StoreError::Damaged`] a changed one.
    pub async fn verify(&self, digest: Digest) -> Result<(), StoreError> {
        self.reading(move |layout| layout.verify(digest)).await
    }

    /// Unpacks the image to `destination` with the default limits; see [`ImageStore::unpack_within`].
    pub async fn unpack(&self, digest: Digest, destination: &Path) -> Result<(), StoreError> {
        self.unpack_within(digest, destination, UnpackLimits::default())
            .await
    }

    /// Unpacks the image to `destination`, whose parent is made if needed.
    ///
    /// The tree appears at once, by a rename, and holds the file `.clearance-image` with the digest: if it is already
    /// there with the same digest, nothing is done. The layers' hashes are checked on the way.
    ///
    /// # Errors
    /// [`StoreError::UnsafeEntry`] for anything that could leave the tree or gain rights, [`StoreError::TooLarge`],
    /// [`StoreError::DestinationTaken`] if something else is there.
    pub async fn unpack_within(
        &self,
        digest: Digest,
        destination: &Path,
        limits: UnpackLimits,
    ) -> Result<(), StoreError> {
        let destination = destination.to_path_buf();
        self.reading(move |layout| unpack::unpack(layout, digest, &destination, limits))
            .await
    }

    /// The folder for files that are not yet blobs.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.layout.scratch()
    }

    /// Names the blobs and makes `reference` name the manifest, in one step.
    pub(crate) async fn publish(
        &self,
        reference: &str,
        manifest: Digest,
        blobs: Vec<StagedBlob>,
    ) -> Result<(), StoreError> {
        let reference = reference.to_owned();
        self.writing(move |layout| layout.publish(&reference, manifest, blobs))
            .await
    }

    async fn reading<T, F>(&self, read: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Layout) -> Result<T, StoreError> + Send + 'static,
    {
        let layout = Arc::clone(&self.layout);
        blocking(move || read(&layout)).await
    }

    async fn writing<T, F>(&self, write: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Layout) -> Result<T, StoreError> + Send + 'static,
    {
        let layout = Arc::clone(&self.layout);
        let guard = Arc::clone(&self.lock).lock_owned().await;
        // The guard goes along: if the caller is cancelled, the write still ends before the next one begins.
        blocking(move || {
            let _in_process = guard;
            let _between_processes = layout.lock()?;
            write(&layout)
        })
        .await
    }
}

/// Runs `work` where blocking is allowed.
async fn blocking<T, F>(work: F) -> Result<T, StoreError>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, StoreError> + Send + 'static,
{
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or(Err(StoreError::Interrupted))
}
