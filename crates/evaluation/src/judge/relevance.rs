//! Judges a relevance case: every expectation, by comparison alone.

use domain::gate::Verdict;

use super::answers::Given;
use super::outcome::{MeasureKind, Outcome};
use crate::score::json_of;
use crate::suite::{Expectation, RelevanceCase};
use crate::text::{self, quote};

pub(super) fn judge(case: &RelevanceCase, given: &[Given<'_>]) -> Outcome {
    let mut unmet = Vec::new();
    for one in given {
        if one.answer.trim().is_empty() {
            unmet.push("the answer is empty".to_owned());
            continue;
        }
        unmet.extend(
            case.expect
                .iter()
                .filter_map(|expectation| miss(expectation, one.answer)),
        );
        if let Some(limit) = case.max_latency_ms.filter(|limit| one.latency_ms > *limit) {
            unmet.push(format!(
                "the answer took {} ms and may take {limit} ms",
                one.latency_ms
            ));
        }
    }
    let (verdict, why) = if unmet.is_empty() {
        (
            Verdict::Passed,
            format!(
                "All {} expectations are met.",
                case.expect.len() + usize::from(case.max_latency_ms.is_some())
            ),
        )
    } else {
        (Verdict::Failed, sentence(&unmet.join("; ")))
    };
    Outcome::answered(given, verdict, why).scored(MeasureKind::Relevant)
}

/// What is missing, or `None` where the expectation is met.
fn miss(expectation: &Expectation, answer: &str) -> Option<String> {
    let folded = || text::fold(answer);
    match expectation {
        Expectation::Contains(wanted) => (!folded().contains(&text::fold(wanted)))
            .then(|| format!("the answer does not contain {}", quote(wanted))),
        Expectation::NotContains(banned) => folded()
            .contains(&text::fold(banned))
            .then(|| format!("the answer contains {}", quote(banned))),
        Expectation::Equals(wanted) => {
            (answer.trim() != wanted.trim()).then(|| format!("the answer is not {}", quote(wanted)))
        }
        Expectation::MatchesAny(wanted) => {
            let folded = folded();
            let any = wanted.iter().any(|one| folded.contains(&text::fold(one)));
            (!any).then(|| {
                let list: Vec<String> = wanted.iter().map(|one| quote(one)).collect();
                format!("the answer contains none of {}", list.join(", "))
            })
        }
        Expectation::JsonEquals { text, path, value } => {
            let Some(json) = json_of(answer) else {
                return Some("the answer is not JSON".to_owned());
            };
            match path.find(&json) {
                Some(found) if found == value => None,
                Some(found) => Some(format!(
                    "`{text}` is {} and not {}",
                    quote(&found.to_string()),
                    quote(&value.to_string())
                )),
                None => Some(format!("the answer has no `{text}`")),
            }
        }
    }
}

/// Capital first letter and a full stop.
pub(super) fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    let first: String = chars
        .next()
        .map(|c| c.to_uppercase().collect())
        .unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}
