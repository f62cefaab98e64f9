//! The canonical row: one case of an evaluation suite, whatever format it came from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One case.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Unique in its suite.
    pub id: String,
    /// Cases with the same document, template or conversation carry the same name here: they are not independent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<String>,
    /// What the agent is asked.
    pub input: Input,
    /// Retrieved passages and other texts that the answer may rest on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<String>,
    /// What is right.
    #[serde(default, skip_serializing_if = "Expected::is_empty")]
    pub expected: Expected,
    /// How the answer is scored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// Names to filter and slice by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// How much the case counts beside others.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub weight: f64,
    /// One failure of this case fails the gate.
    #[serde(default, skip_serializing_if = "is_false")]
    pub must_pass: bool,
    /// What an agent answered when the row was recorded; never used to judge a new answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Recorded>,
    /// Fields of the source that have no meaning here, kept so that an export has them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, Value>,
}

/// A prompt, or the turns of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Input {
    /// One prompt.
    Text(String),
    /// Turns, the last one to be answered.
    Chat(Vec<Message>),
}

impl Default for Input {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl Input {
    /// The prompt as one text; turns are labelled with their role.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Chat(turns) => match turns.as_slice() {
                [only] => only.content.clone(),
                turns => turns
                    .iter()
                    .map(|turn| format!("{}: {}", turn.role, turn.content))
                    .collect::<Vec<_>>()
                    .join("\n\n"),
            },
        }
    }
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Such as `user`.
    pub role: String,
    /// What was said.
    pub content: String,
}

/// What is right for a case.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Right answers; any of them will do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<String>,
    /// Facts that the answer must contain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<String>,
    /// Tool calls that solve the task.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<ToolCall>,
    /// What must hold of the environment afterwards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub state: Vec<StateCheck>,
}

impl Expected {
    /// True where nothing is expected.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.answers.is_empty()
            && self.facts.is_empty()
            && self.tools.is_empty()
            && self.state.is_empty()
    }
}

/// A call of a tool, made or expected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolCall {
    /// The tool.
    pub name: String,
    /// Its arguments by name; `null` where any will do.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub arguments: Value,
}

/// One assertion on the final state: the value that a JSON path leads to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateCheck {
    /// Such as `$.orders[0].status`.
    pub path: String,
    /// What must stand there; `null` means that nothing may stand there.
    #[serde(default)]
    pub equals: Value,
}

/// One scorer with its settings. Which scorers there are is said in [`crate::score`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The scorer's name, such as `contains` or `rouge-n`.
    pub scorer: String,
    /// What it compares with.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub value: Value,
    /// The score from which it passes, where it gives more than yes or no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// True where it must not hold.
    #[serde(default, skip_serializing_if = "is_false")]
    pub negated: bool,
    /// How much it counts within the case.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub weight: f64,
    /// A name under which its scores are added up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// Settings of the source format that have no meaning here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, Value>,
}

impl Check {
    /// A scorer with what it compares with.
    #[must_use]
    pub fn new(scorer: &str, value: Value) -> Self {
        Self {
            scorer: scorer.to_owned(),
            value,
            weight: 1.0,
            ..Self::default()
        }
    }
}

/// What an agent did when the row was recorded.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// Its answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// The tools it called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<ToolCall>,
    /// Scores that another program gave it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scores: BTreeMap<String, Value>,
    /// Why there is no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

const fn one() -> f64 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_one(weight: &f64) -> bool {
    (*weight - 1.0).abs() < f64::EPSILON
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}
