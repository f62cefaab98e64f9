//! A model of language that makes vectors of what agents say of themselves, so that two that say one thing in other words are found.

use async_trait::async_trait;

use super::PortError;

/// The model that is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddingModel {
    /// Its name and what it is made of: vectors under another name are made anew.
    pub name: String,
    /// Cosine in thousandths from which on two agents are near to it.
    pub near: u32,
}

/// Makes vectors of texts.
#[async_trait]
pub trait Embedder: Send + Sync {
    /// The model; `None` where none is configured, and then nobody asks.
    fn model(&self) -> Option<EmbeddingModel>;

    /// One vector for each text, in their order, all of one length. The same text has the same vector.
    ///
    /// `Rejected` for a text that the model cannot read.
    async fn embed(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, PortError>;
}
