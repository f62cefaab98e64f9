//! A static model of language (`Model2Vec`) in a folder: each word has a vector, and a text is the mean of them. It asks nobody and
//! costs some tens of microseconds a text. Owns the bounds on the folder's files.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use async_trait::async_trait;
use control_plane::ports::PortError;
use control_plane::ports::embedder::{Embedder, EmbeddingModel};
use model2vec_rs::model::StaticModel;
use sha2::{Digest as _, Sha256};

use super::problem::{blocking, rejected};
use crate::config::ModelSettings;

/// Most bytes of each file.
const CONFIG_MAX: u64 = 1024 * 1024;
const TOKENIZER_MAX: u64 = 64 * 1024 * 1024;
const WEIGHTS_MAX: u64 = 1024 * 1024 * 1024;
/// Most tokens of a text that count.
const TOKENS_MAX: usize = 512;

/// The model, if there is one.
#[derive(Debug, Clone, Default)]
pub(super) struct Folder(Option<Loaded>);

#[derive(Debug, Clone)]
struct Loaded {
    model: EmbeddingModel,
    weights: Arc<StaticModel>,
}

impl Folder {
    /// Reads the model that is configured.
    ///
    /// # Errors
    /// When the folder does not hold one, with what is wrong.
    pub(super) fn load(settings: Option<&ModelSettings>) -> anyhow::Result<Self> {
        let Some(settings) = settings else {
            return Ok(Self::default());
        };
        let folder = &settings.folder;
        let config = file(folder, "config.json", CONFIG_MAX)?;
        let tokenizer = file(folder, "tokenizer.json", TOKENIZER_MAX)?;
        let weights = file(folder, "model.safetensors", WEIGHTS_MAX)?;
        let mut digest = Sha256::new();
        for part in [&config, &tokenizer, &weights] {
            digest.update(part);
        }
        let called = folder.file_name().unwrap_or_default().to_string_lossy();
        let digest = hex::encode(digest.finalize());
        let model = EmbeddingModel {
            name: format!("{called} {}", digest.get(..16).unwrap_or_default()),
            near: settings.near,
        };
        let weights = StaticModel::from_bytes(tokenizer, weights, config, Some(true))
            .context("this is no Model2Vec model")?;
        let weights = Arc::new(weights);
        Ok(Self(Some(Loaded { model, weights })))
    }
}

fn file(folder: &Path, name: &str, most: u64) -> anyhow::Result<Vec<u8>> {
    let path = folder.join(name);
    let cannot = || format!("{} cannot be read", path.display());
    let size = std::fs::metadata(&path).with_context(cannot)?.len();
    if size > most {
        bail!("{} has {size} bytes; {most} are the most", path.display());
    }
    std::fs::read(&path).with_context(cannot)
}

#[async_trait]
impl Embedder for Folder {
    fn model(&self) -> Option<EmbeddingModel> {
        self.0.as_ref().map(|loaded| loaded.model.clone())
    }

    async fn embed(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, PortError> {
        let loaded = self.0.clone();
        let loaded = loaded.ok_or_else(|| rejected("No model of language is configured."))?;
        blocking(move || {
            let batch = texts.len().max(1);
            Ok(loaded
                .weights
                .encode_with_args(&texts, Some(TOKENS_MAX), batch))
        })
        .await
    }
}
