//! A judge behind an OpenAI-compatible API: `POST {endpoint}/chat/completions`. Owns its bounds: a time limit, no redirects,
//! no proxy, a little of the answer. Says no part of the key or of what was asked in any error.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use control_plane::ports::PortError;
use control_plane::ports::secrets::Secrets;
use evaluation::model_judge::Prompt;
use reqwest::StatusCode;
use reqwest::redirect::Policy;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::json;

use super::Judge;
use crate::adapters::problem::{protocol, rejected, unavailable};
use crate::config::JudgeSettings;

/// Longest time of one question.
const WITHIN: Duration = Duration::from_secs(60);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// Most bytes of an answer with all that stands around it.
const ANSWER_MAX: usize = 256 * 1024;
/// Most tokens that it may write: a word, or a short object.
const TOKENS: u32 = 300;

/// The adapter.
pub(super) struct ChatApi {
    client: reqwest::Client,
    address: String,
    model: String,
    key: Option<String>,
    secrets: Arc<dyn Secrets>,
}

#[derive(Debug, Deserialize)]
struct Answer {
    choices: Vec<Choice>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    message: Message,
}

#[derive(Debug, Deserialize)]
struct Message {
    content: String,
}

impl ChatApi {
    pub(super) fn new(
        settings: &JudgeSettings,
        secrets: Arc<dyn Secrets>,
    ) -> Result<Self, PortError> {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(WITHIN.min(settings.within))
            .connect_timeout(CONNECT_WITHIN)
            .build()
            .map_err(|error| unavailable("The judge's client could not be made.").because(error))?;
        Ok(Self {
            client,
            address: format!("{}/chat/completions", settings.endpoint),
            model: settings.model.clone(),
            key: settings.key.clone(),
            secrets,
        })
    }

    async fn send(&self, prompt: &Prompt) -> Result<reqwest::Response, PortError> {
        let mut request = self.client.post(&self.address).json(&json!({
            "model": self.model,
            "messages": [
                { "role": "system", "content": prompt.system },
                { "role": "user", "content": prompt.user },
            ],
            "temperature": 0,
            "max_tokens": TOKENS,
            "stream": false,
        }));
        if let Some(reference) = &self.key {
            let key = self.secrets.read(reference).await?;
            request = request.bearer_auth(key.expose_secret());
        }
        request.send().await.map_err(|error| {
            let why = if error.is_timeout() {
                "The judge did not answer in time."
            } else {
                "The judge could not be reached."
            };
            unavailable(why).because(error.without_url())
        })
    }
}

#[async_trait]
impl Judge for ChatApi {
    async fn ask(&self, prompt: &Prompt) -> Result<String, PortError> {
        let mut answer = self.send(prompt).await?;
        refused(answer.status())?;
        let nonsense = || protocol("The judge's endpoint did not answer as expected.");
        let mut bytes = Vec::new();
        let broken = |error: reqwest::Error| {
            unavailable("The judge's answer broke off.").because(error.without_url())
        };
        while let Some(chunk) = answer.chunk().await.map_err(broken)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > ANSWER_MAX {
                return Err(nonsense());
            }
        }
        let read: Answer = serde_json::from_slice(&bytes).map_err(|_| nonsense())?;
        let first = read.choices.into_iter().next().ok_or_else(nonsense)?;
        Ok(first.message.content)
    }
}

fn refused(status: StatusCode) -> Result<(), PortError> {
    match status.as_u16() {
        200..=299 => Ok(()),
        408 | 425 | 429 | 500..=599 => Err(unavailable(format!(
            "The judge's endpoint asks to wait or has trouble ({status})."
        ))),
        401 | 403 => Err(rejected(format!(
            "The judge's endpoint refuses the key ({status}): correct `judge.key`."
        ))),
        _ => Err(rejected(format!(
            "The judge's endpoint refused the question ({status}): correct `judge.endpoint` and `judge.model`."
        ))),
    }
}
