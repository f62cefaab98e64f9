//! Judges a hallucination case: each claim of the answer against the ground truth.

use domain::gate::Verdict;

use super::answers::Given;
use super::outcome::{MeasureKind, Outcome};
use crate::suite::HallucinationCase;
use crate::text;
use crate::verify::{self, Claim, ClaimVerdict};

/// Characters of an answer that are verified: every claim is compared with every passage.
const MAX_ANSWER: usize = 20_000;

pub(super) fn judge(case: &HallucinationCase, given: &[Given<'_>]) -> Outcome {
    let answer = given.first().map_or("", |one| one.answer);
    let (verdict, why) = claims(answer, &case.truth);
    Outcome::answered(given, verdict, why).scored(MeasureKind::ClaimsSupported)
}

/// What the claims of an answer come to against passages that are true, and why.
pub(crate) fn claims(answer: &str, truth: &[String]) -> (Verdict, String) {
    if answer.chars().nth(MAX_ANSWER).is_some() {
        let why = format!(
            "The answer has more than {MAX_ANSWER} characters, which is more than is verified."
        );
        (Verdict::Inconclusive, why)
    } else if verify::uncalibrated(answer) {
        (
            Verdict::Inconclusive,
            "uncalibrated_language: the claim verifier was never measured in the language of this answer."
                .to_owned(),
        )
    } else {
        conclude(&verify::verify(answer, truth))
    }
}

/// The case is as good as its worst claim.
fn conclude(claims: &[Claim]) -> (Verdict, String) {
    let Some(worst) = claims
        .iter()
        .min_by(|one, two| one.score.total_cmp(&two.score))
    else {
        return (
            Verdict::Inconclusive,
            "The answer makes no claim that could be checked.".to_owned(),
        );
    };
    // A figure that is nowhere in the ground truth is evidence by itself, however familiar the other words are: of the
    // undecided claims with such a figure in WiCE (dev) and Factcheck-GPT, 44 of 55 are not supported.
    let invented = claims.iter().find(|claim| {
        claim.verdict == ClaimVerdict::Uncertain && !claim.missing_numbers.is_empty()
    });
    match (worst.verdict, invented) {
        (ClaimVerdict::Unsupported, _) => (
            Verdict::Failed,
            explain("Not supported by the ground truth", worst),
        ),
        (_, Some(claim)) => (
            Verdict::Failed,
            explain("Not supported by the ground truth", claim),
        ),
        (ClaimVerdict::Uncertain, None) => (Verdict::Inconclusive, explain("Undecided", worst)),
        (ClaimVerdict::Supported, None) => {
            let number = claims.len();
            (
                Verdict::Passed,
                format!(
                    "{number} of {number} claims are supported; the least certain scores {:.2}.",
                    worst.score
                ),
            )
        }
    }
}

fn explain(what: &str, claim: &Claim) -> String {
    let mut why = format!(
        "{what} (score {:.2}): “{}”",
        claim.score,
        text::cut(&claim.text, 300)
    );
    for (missing, word) in [
        (&claim.missing_numbers, "number"),
        (&claim.missing_names, "name"),
    ] {
        if !missing.is_empty() {
            let plural = if missing.len() == 1 { "" } else { "s" };
            why.push_str(&format!(
                "; not in the ground truth: the {word}{plural} {}",
                missing.join(", ")
            ));
        }
    }
    if !claim.citation.is_empty() {
        why.push_str(&format!(
            "; closest passage: “{}”",
            text::cut(&claim.citation, 300)
        ));
    }
    why.push('.');
    why
}
