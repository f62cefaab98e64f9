//! What agents are compared by beside their words: a model of language in a folder.

use std::path::PathBuf;

use serde::Deserialize;

use super::ConfigError;

/// Cosine from which on two agents are near, where it is not set.
const NEAR: f64 = 0.6;

/// The section, checked.
#[derive(Debug, Clone, Default)]
pub struct RegistrySettings {
    pub model: Option<ModelSettings>,
}

/// The model.
#[derive(Debug, Clone)]
pub struct ModelSettings {
    /// Holds `config.json`, `tokenizer.json` and `model.safetensors`.
    pub folder: PathBuf,
    /// Cosine in thousandths from which on two agents are near to it.
    pub near: u32,
}

/// The section's shape.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawRegistry {
    model: Option<PathBuf>,
    near: Option<f64>,
}

impl RegistrySettings {
    pub(super) fn checked(raw: RawRegistry) -> Result<Self, ConfigError> {
        let near = raw.near.unwrap_or(NEAR);
        if !(0.1..=0.99).contains(&near) {
            let why = "must be between 0.1 and 0.99: the cosine from which on two agents are near";
            return Err(ConfigError::wrong("registry.near", why.to_owned()));
        }
        if raw.near.is_some() && raw.model.is_none() {
            let why = "is set without `registry.model`; add the folder of a model or leave it out";
            return Err(ConfigError::wrong("registry.near", why.to_owned()));
        }
        #[expect(
            clippy::as_conversions,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 100 and 990"
        )]
        let near = (near * 1_000.0).round() as u32;
        Ok(Self {
            model: raw.model.map(|folder| ModelSettings { folder, near }),
        })
    }
}
