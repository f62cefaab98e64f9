//! Labelled items: what a judge is calibrated with, JSON Lines, strict.

use domain::canonical::digest;
use serde::Deserialize;

use super::prompt::{claim, rubric};
use super::{Mode, Prompt};

/// Bytes of a file of labelled items.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// Items of a file: each is a call of the judge.
const MAX_ITEMS: usize = 5_000;

/// One item, with what a person says of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Item {
    /// A claim and what it must follow from.
    Claim {
        document: Vec<String>,
        claim: String,
        good: bool,
        #[serde(default)]
        people: Vec<bool>,
    },
    /// An answer and the criterion that it must meet.
    Rubric {
        criterion: String,
        question: String,
        answer: String,
        good: bool,
        #[serde(default)]
        people: Vec<bool>,
    },
}

/// The items of a file.
#[derive(Debug)]
pub struct Labelled {
    /// `sha256:` of the file.
    pub digest: String,
    pub(super) items: Vec<Labelling>,
}

/// A question with what people say of it.
#[derive(Debug, Clone)]
pub(super) struct Labelling {
    pub(super) mode: Mode,
    pub(super) prompt: Prompt,
    /// What holds.
    pub(super) good: bool,
    /// What each of several people said, where that is known.
    pub(super) people: Vec<bool>,
}

/// A file of labelled items that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct LabelledProblem {
    /// 1-based line.
    pub line: usize,
    /// What is wrong and what is expected.
    pub message: String,
}

impl Labelled {
    /// Reads a file.
    ///
    /// # Errors
    /// [`LabelledProblem`] for the first line that is no item, that is too long to ask or that is there twice, and for a file
    /// that is too large or holds nothing.
    pub fn parse(text: &str) -> Result<Self, LabelledProblem> {
        let problem = |line, message: String| LabelledProblem { line, message };
        if text.len() > MAX_BYTES {
            return Err(problem(1, format!("at most {MAX_BYTES} bytes are read")));
        }
        let mut items: Vec<Labelling> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        for (number, line) in (1..).zip(text.lines()) {
            if line.trim().is_empty() {
                continue;
            }
            if items.len() >= MAX_ITEMS {
                return Err(problem(number, format!("more than {MAX_ITEMS} items")));
            }
            let item: Item = serde_json::from_str(line)
                .map_err(|error| problem(number, format!("no labelled item: {error}")))?;
            let item = item
                .labelling()
                .ok_or_else(|| problem(number, "its texts are too long to ask".to_owned()))?;
            // One item many times would look like many.
            if !seen.insert(item.prompt.user.clone()) {
                return Err(problem(number, "the same item stands above".to_owned()));
            }
            items.push(item);
        }
        if items.is_empty() {
            return Err(problem(1, "there is no item".to_owned()));
        }
        Ok(Self {
            digest: digest(text.as_bytes()),
            items,
        })
    }
}

impl Item {
    fn labelling(self) -> Option<Labelling> {
        let (mode, prompt, good, people) = match self {
            Self::Claim {
                document,
                claim: said,
                good,
                people,
            } => (Mode::Claim, claim(&document, &said)?, good, people),
            Self::Rubric {
                criterion,
                question,
                answer,
                good,
                people,
            } => (
                Mode::Rubric,
                rubric(&criterion, &question, &answer)?,
                good,
                people,
            ),
        };
        Some(Labelling {
            mode,
            prompt,
            good,
            people,
        })
    }
}
