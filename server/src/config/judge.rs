//! The judge: a model that is asked what the engines of the agent gates leave open.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use url::Url;

use super::{ConfigError, is_loopback_host};

/// How the judge is reached, and how much it may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgeSettings {
    /// Base address of an OpenAI-compatible API, without a slash at its end.
    pub endpoint: String,
    /// The model, as the endpoint names it.
    pub model: String,
    /// Its family, such as `llama`: evidence names it, so that people see whether it is the agent's own.
    pub family: String,
    /// Reference of the key, `env:NAME` or `file:name`; none where the endpoint asks for none.
    pub key: Option<String>,
    /// The file of its calibration.
    pub calibration: PathBuf,
    /// Longest time of all questions of one gate.
    pub within: Duration,
    /// Most questions of one gate; what is beyond them stays undecided.
    pub max_questions: usize,
}

/// The file's shape.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawJudge {
    endpoint: Option<String>,
    model: Option<String>,
    family: Option<String>,
    key: Option<String>,
    calibration: Option<PathBuf>,
    seconds: Option<u64>,
    max_questions: Option<usize>,
}

impl JudgeSettings {
    /// The judge, or none where no endpoint is set.
    pub(super) fn checked(raw: RawJudge) -> Result<Option<Self>, ConfigError> {
        let Some(endpoint) = raw.endpoint else {
            return Ok(None);
        };
        let endpoint = checked_endpoint(&endpoint)?;
        let model = needed("judge.model", raw.model, "is missing; name the model")?;
        let family = needed(
            "judge.family",
            raw.family,
            "is missing; name the family of the model, which should not be that of the agents",
        )?;
        let calibration = raw.calibration.ok_or_else(|| {
            let problem = "is missing; name the file that `clearance judge calibrate` writes";
            ConfigError::wrong("judge.calibration", problem)
        })?;
        let is_reference = |key: &String| key.starts_with("env:") || key.starts_with("file:");
        if raw.key.as_ref().is_some_and(|key| !is_reference(key)) {
            let problem = "is no reference; write env:NAME and put the key into that variable";
            return Err(ConfigError::wrong("judge.key", problem));
        }
        let seconds = raw.seconds.unwrap_or(300);
        let max_questions = raw.max_questions.unwrap_or(500);
        if !(1..=3_600).contains(&seconds) {
            let problem = "must be between 1 and 3600";
            return Err(ConfigError::wrong("judge.seconds", problem));
        }
        if !(1..=10_000).contains(&max_questions) {
            let problem = "must be between 1 and 10000";
            return Err(ConfigError::wrong("judge.max_questions", problem));
        }
        Ok(Some(Self {
            endpoint,
            model,
            family,
            key: raw.key,
            calibration,
            within: Duration::from_secs(seconds),
            max_questions,
        }))
    }
}

fn needed(key: &'static str, value: Option<String>, problem: &str) -> Result<String, ConfigError> {
    value
        .filter(|text| !text.trim().is_empty())
        .ok_or_else(|| ConfigError::wrong(key, problem))
}

/// Answers of agents go there, so the way is encrypted unless it stays on this machine.
fn checked_endpoint(text: &str) -> Result<String, ConfigError> {
    let wrong = |problem: &str| ConfigError::wrong("judge.endpoint", problem);
    let url = Url::parse(text)
        .map_err(|_| wrong("is no address; write one such as https://judge.example/v1"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("holds a user or password; use `judge.key`"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("has more than a host and a path"));
    }
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    match url.scheme() {
        "https" => {}
        "http" if is_loopback_host(host) => {}
        _ => return Err(wrong("must begin with https://, or be on this machine")),
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}
