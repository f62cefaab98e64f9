//! The image store, shared by the image builder and the runtime. Owns its opening, which happens with the first use, and
//! what its errors mean.

use std::path::{Path, PathBuf};

use control_plane::ports::{PortError, PortErrorKind};
use oci_image::{Digest, ImageStore, StoreError};
use tokio::sync::OnceCell;

use super::problem::rejected;

/// The store in `<data folder>/images`.
#[derive(Debug)]
pub(super) struct Images {
    dir: PathBuf,
    store: OnceCell<ImageStore>,
}

impl Images {
    pub(super) fn new(dir: PathBuf) -> Self {
        Self {
            dir,
            store: OnceCell::new(),
        }
    }

    /// Folder of the layout.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The opened store.
    pub(super) async fn store(&self) -> Result<&ImageStore, PortError> {
        self.store
            .get_or_try_init(|| ImageStore::open(self.dir.clone()))
            .await
            .map_err(of_store)
    }
}

/// The digest that a text names.
pub(super) fn digest(text: &str) -> Result<Digest, PortError> {
    text.parse().map_err(|error| {
        rejected("The image's digest is not one: build the version again.").because(Box::new(error))
    })
}

/// What an error of the store means for the team.
pub(super) fn of_store(error: StoreError) -> PortError {
    let kind = match &error {
        StoreError::NotFound(_) => PortErrorKind::NotFound,
        StoreError::InvalidReference(_)
        | StoreError::Damaged { .. }
        | StoreError::UnsafeEntry { .. }
        | StoreError::UnsupportedLayer(_)
        | StoreError::TooLarge { .. } => PortErrorKind::Rejected,
        StoreError::NotALayout { .. }
        | StoreError::DestinationTaken(_)
        | StoreError::DiskFull(_)
        | StoreError::Io { .. }
        | StoreError::Interrupted => PortErrorKind::Unavailable,
    };
    PortError::new(kind, sentence(&error.to_string())).because(error)
}

/// A message of a library as a sentence.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|c| c.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}
