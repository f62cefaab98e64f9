//! A model in memory: a text's vector is the sum of its words' directions, and words of one meaning have one direction.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain::search::words;
use sha2::{Digest as _, Sha256};

use super::{Faults, lock};
use crate::ports::PortError;
use crate::ports::embedder::{Embedder, EmbeddingModel};

/// Most words of a text that count.
const WORDS_MAX: usize = 400;
/// Cosine in thousandths from which on two texts are near to it.
const NEAR: u32 = 600;

/// The model. There is none until a test names one.
#[derive(Debug)]
pub struct FakeEmbedder {
    faults: Arc<Faults>,
    name: Mutex<Option<String>>,
    meanings: Mutex<BTreeMap<String, String>>,
}

impl FakeEmbedder {
    pub(super) fn new(faults: Arc<Faults>) -> Self {
        Self {
            faults,
            name: Mutex::default(),
            meanings: Mutex::default(),
        }
    }

    /// From now on there is a model of this name, to which the words of each group mean the same.
    pub fn is(&self, name: &str, groups: &[&[&str]]) {
        *lock(&self.name) = Some(name.to_owned());
        let mut meanings = lock(&self.meanings);
        meanings.clear();
        for group in groups {
            for word in *group {
                meanings.insert((*word).to_owned(), group.join(" "));
            }
        }
    }

    fn vector(&self, text: &str) -> Vec<f32> {
        let meanings = lock(&self.meanings);
        let mut sum = vec![0.0; 32];
        for word in words(text, WORDS_MAX) {
            let direction = Sha256::digest(meanings.get(&word).unwrap_or(&word));
            for (part, byte) in sum.iter_mut().zip(direction) {
                *part += f32::from(byte) - 127.5;
            }
        }
        sum
    }
}

#[async_trait]
impl Embedder for FakeEmbedder {
    fn model(&self) -> Option<EmbeddingModel> {
        let name = lock(&self.name).clone()?;
        Some(EmbeddingModel { name, near: NEAR })
    }

    async fn embed(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, PortError> {
        let subject = texts.len().to_string();
        self.faults
            .run("embedder.embed", &subject, || {
                Ok(texts.iter().map(|text| self.vector(text)).collect())
            })
            .await
    }
}
