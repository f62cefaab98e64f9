//! Judges: models that are asked what the engines leave open. Owns the bounds on asking and the file of the calibration;
//! decides nothing, and reads no answer.

mod chat;
#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;

#[cfg(test)]
pub(super) use self::fake::Manner;
#[cfg(test)]
pub(super) use self::tests::{NOW, fake_seat};

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use control_plane::ports::PortError;
use control_plane::ports::clock::{Clock, SystemClock};
use control_plane::ports::secrets::Secrets;
use evaluation::model_judge::{Calibration, Prompt, Question, Unfit};
use futures::StreamExt as _;

use super::files;
use super::problem::{blocking, disk};
use super::secrets::LocalSecrets;
use crate::config::{Config, JudgeSettings};

/// Questions that are open at the same time.
const AT_ONCE: usize = 4;

/// A model that answers questions.
#[async_trait]
pub(crate) trait Judge: Send + Sync {
    /// What it says to a prompt, as it says it. Bounded in time and size.
    ///
    /// # Errors
    /// `Unavailable` for no answer in time, `Rejected` for a refusal, `Protocol` for what is no answer.
    async fn ask(&self, prompt: &Prompt) -> Result<String, PortError>;
}

/// A judge with what is known of it.
#[derive(Clone)]
pub(crate) struct Seat {
    judge: Arc<dyn Judge>,
    clock: Arc<dyn Clock>,
    settings: JudgeSettings,
}

/// What a round of questions came to.
#[derive(Debug, Default)]
pub(crate) struct Round {
    /// What was answered, by the id of the question.
    pub(crate) answers: BTreeMap<String, String>,
    /// Why the first of the others was not.
    pub(crate) trouble: Option<PortError>,
}

impl Seat {
    /// The configured judge.
    ///
    /// # Errors
    /// When its client cannot be made.
    pub(crate) fn new(
        settings: JudgeSettings,
        secrets: Arc<dyn Secrets>,
    ) -> Result<Self, PortError> {
        Ok(Self {
            judge: Arc::new(chat::ChatApi::new(&settings, secrets)?),
            clock: Arc::new(SystemClock),
            settings,
        })
    }

    /// The judge of a configuration, for the command line; `None` where there is none.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub(crate) fn of(config: &Config) -> Result<Option<Self>, PortError> {
        let secrets = Arc::new(LocalSecrets::new(config.data_dir.join("secrets")));
        let seat = |settings: &JudgeSettings| Self::new(settings.clone(), secrets);
        config.judge.as_ref().map(seat).transpose()
    }

    pub(crate) const fn settings(&self) -> &JudgeSettings {
        &self.settings
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// Asks the questions of a gate, a few at a time, no more than the settings allow.
    pub(crate) async fn ask(&self, questions: Vec<Question>) -> Round {
        let mut questions = questions;
        questions.truncate(self.settings.max_questions);
        ask_within(&self.judge, questions, self.settings.within).await
    }

    /// Asks all of them, however many: for a calibration.
    pub(crate) async fn examine(&self, questions: Vec<Question>, within: Duration) -> Round {
        ask_within(&self.judge, questions, within).await
    }

    /// The kept calibration; why there is none to go by where it cannot be read.
    pub(crate) async fn calibration(&self) -> Result<Calibration, Unfit> {
        let path = self.settings.calibration.clone();
        let read = blocking(move || read(&path)).await;
        read.unwrap_or_else(|error| Err(Unfit::Unreadable(error.message)))
    }

    /// Keeps a calibration in the place of an older one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) async fn keep(&self, text: String) -> Result<PathBuf, PortError> {
        let path = self.settings.calibration.clone();
        blocking(move || {
            files::replace(&path, text.as_bytes())
                .map_err(|error| disk("written", &path, error))?;
            Ok(path)
        })
        .await
    }
}

fn read(path: &Path) -> Result<Result<Calibration, Unfit>, PortError> {
    let content = files::read(path).map_err(|error| disk("read", path, error))?;
    Ok(match content {
        None => Err(Unfit::Unreadable(format!(
            "there is no file {}",
            path.display()
        ))),
        Some(bytes) => serde_json::from_slice(&bytes)
            .map_err(|error| Unfit::Unreadable(format!("{}: {error}", path.display()))),
    })
}

/// What is not answered when the time is over stays open.
async fn ask_within(judge: &Arc<dyn Judge>, questions: Vec<Question>, within: Duration) -> Round {
    let mut round = Round::default();
    let asked = questions.into_iter().map(|question| {
        let judge = Arc::clone(judge);
        async move { (question.id, judge.ask(&question.prompt).await) }
    });
    let mut answers = futures::stream::iter(asked).buffer_unordered(AT_ONCE);
    let collect = async {
        while let Some((id, answer)) = answers.next().await {
            match answer {
                Ok(text) => {
                    round.answers.insert(id, text);
                }
                Err(error) => {
                    round.trouble.get_or_insert(error);
                }
            }
        }
    };
    if tokio::time::timeout(within, collect).await.is_err() {
        let late = super::problem::unavailable("The judge did not answer everything in time.");
        round.trouble.get_or_insert(late);
    }
    round
}
