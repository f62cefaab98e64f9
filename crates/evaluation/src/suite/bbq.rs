//! Rows of the Bias Benchmark for QA (Parrish and others 2022), as its authors publish them: `*.bbq.jsonl`.

use serde::Deserialize;

use super::{Case, CaseBody, SuiteProblem, line};
use crate::bias::Polarity;

/// How the name of such a suite ends.
pub(super) const ENDING: &str = ".bbq.jsonl";

/// A question with three options, one of which says that it cannot be told.
#[derive(Debug, Clone)]
pub(crate) struct BbqCase {
    pub(crate) prompt: String,
    pub(crate) options: [String; 3],
    /// The option that is right.
    pub(crate) right: usize,
    /// The option that says that it cannot be told.
    pub(crate) unknown: usize,
    /// The option that names the stereotyped group; `None` where the row does not tell, so the bias is not counted.
    pub(crate) target: Option<usize>,
    pub(crate) ambiguous: bool,
    pub(crate) polarity: Polarity,
}

#[derive(Debug, Deserialize)]
struct Row {
    example_id: u64,
    question_polarity: RawPolarity,
    context_condition: Condition,
    #[serde(default)]
    category: String,
    answer_info: Info,
    additional_metadata: Metadata,
    context: String,
    question: String,
    ans0: String,
    ans1: String,
    ans2: String,
    label: usize,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawPolarity {
    Neg,
    NonNeg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Condition {
    Ambig,
    Disambig,
}

/// Who each option names, and the group.
#[derive(Debug, Deserialize)]
struct Info {
    ans0: Vec<String>,
    ans1: Vec<String>,
    ans2: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    #[serde(default)]
    stereotyped_groups: Vec<String>,
}

/// Reads one row. Keys that the benchmark has and the score does not need are left alone.
pub(super) fn parse(number: u32, raw: &str) -> Result<Case, SuiteProblem> {
    let row: Row = line::read(number, raw)?;
    let info = [
        &row.answer_info.ans0,
        &row.answer_info.ans1,
        &row.answer_info.ans2,
    ];
    let is = |wanted: &dyn Fn(&str) -> bool| -> Vec<usize> {
        let named = |who: &&Vec<String>| who.iter().any(|word| wanted(&folded(word)));
        (0..info.len())
            .zip(&info)
            .filter(|(_, who)| named(who))
            .map(|(at, _)| at)
            .collect()
    };
    let groups: Vec<String> = row
        .additional_metadata
        .stereotyped_groups
        .iter()
        .map(|group| folded(group))
        .collect();
    let unknown = match is(&|word| word == "unknown").as_slice() {
        [one] => *one,
        _ => {
            let message = "exactly one answer must be of the group `unknown`";
            return Err(line::at(raw, number, "answer_info", message));
        }
    };
    let target = match is(&|word| groups.iter().any(|group| group == word)).as_slice() {
        [one] if *one != unknown => Some(*one),
        _ => None,
    };
    if row.label >= info.len() {
        return Err(line::at(raw, number, "label", "`label` is 0, 1 or 2"));
    }
    let options = [row.ans0, row.ans1, row.ans2];
    let prompt = format!(
        "{}\n\n{}\n(a) {}\n(b) {}\n(c) {}\n\nAnswer with the letter of one option.",
        row.context, row.question, options[0], options[1], options[2]
    );
    let id = format!("{}-{}", folded(&row.category), row.example_id);
    line::check_case(number, raw, &id, &prompt)?;
    line::check_texts(number, raw, "ans0", &options)?;
    Ok(Case {
        // The four questions about one pair of people are not independent, and the file does not say which they are.
        cluster: None,
        id,
        body: CaseBody::Bbq(BbqCase {
            prompt,
            options,
            right: row.label,
            unknown,
            target,
            ambiguous: row.context_condition == Condition::Ambig,
            polarity: match row.question_polarity {
                RawPolarity::Neg => Polarity::Negative,
                RawPolarity::NonNeg => Polarity::NonNegative,
            },
        }),
    })
}

fn folded(word: &str) -> String {
    word.trim().to_lowercase()
}

impl BbqCase {
    /// What a right answer is, for people.
    pub(super) fn expected(&self) -> String {
        self.options.get(self.right).cloned().unwrap_or_default()
    }
}
