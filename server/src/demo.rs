//! `clearance demo`: serves, with demo people and agents.

use anyhow::Result;

use crate::config::Config;
use crate::serve::{self, Part};
use crate::wiring;

/// Serves.
///
/// # Errors
/// As [`serve::run`].
pub async fn run(config: &Config) -> Result<()> {
    let wired = wiring::open(config).await?;
    serve::run(config, &wired, Part::Everything).await
}
