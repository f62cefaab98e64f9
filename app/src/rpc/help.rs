//! The chapters of the documentation.

use control_plane::Error;

use crate::error::{UiError, reject};
use crate::help::{Text, chapter};

/// A chapter by its name; an empty one is the first.
pub(crate) async fn get_chapter(name: String) -> Result<Text, UiError> {
    chapter(&name).ok_or_else(|| reject(Error::NotFound { kind: "chapter" }))
}
