//! Hallucination cases: a prompt and the texts that the answer's claims must follow from.

use serde::Deserialize;

use super::{Case, CaseBody, RowRules, SuiteProblem, line};

/// A hallucination case.
#[derive(Debug)]
pub(crate) struct HallucinationCase {
    pub(crate) prompt: String,
    /// Ground truth and further context, in order: what is true for this case.
    pub(crate) truth: Vec<String>,
    /// What a row asks beside it.
    pub(crate) rules: Option<RowRules>,
}

impl HallucinationCase {
    /// What a right answer is, for people.
    pub(super) fn expected(&self) -> String {
        let mut parts = vec![format!(
            "Claims that follow from:\n{}",
            self.truth.join("\n")
        )];
        let rules = self.rules.as_ref().map(|rules| rules.expected.clone());
        parts.extend(rules.filter(|words| !words.is_empty()));
        parts.join("\n")
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCase {
    id: String,
    prompt: String,
    ground_truth: Vec<String>,
    #[serde(default)]
    context: Vec<String>,
}

pub(super) fn parse(number: u32, raw: &str) -> Result<Case, SuiteProblem> {
    let case: RawCase = line::read(number, raw)?;
    line::check_case(number, raw, &case.id, &case.prompt)?;
    line::check_texts(number, raw, "ground_truth", &case.ground_truth)?;
    if !case.context.is_empty() {
        line::check_texts(number, raw, "context", &case.context)?;
    }
    let truth = case.ground_truth.into_iter().chain(case.context).collect();
    Ok(Case {
        id: case.id,
        cluster: None,
        body: CaseBody::Hallucination(HallucinationCase {
            prompt: case.prompt,
            truth,
            rules: None,
        }),
    })
}
