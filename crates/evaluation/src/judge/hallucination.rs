//! Judges a hallucination case: each claim of the answer against the ground truth.

use domain::gate::Verdict;

use super::answers::Given;
use super::hearing::Hearing;
use super::outcome::{MeasureKind, Outcome, Ruling};
use super::rows;
use crate::model_judge::{self, Mode, Prompt};
use crate::suite::HallucinationCase;
use crate::text;
use crate::verify::{self, Claim, ClaimVerdict};

/// Characters of an answer that are verified: every claim is compared with every passage.
const MAX_ANSWER: usize = 20_000;

pub(super) fn judge(
    case: &HallucinationCase,
    given: &[Given<'_>],
    hearing: &Hearing<'_>,
) -> Outcome {
    let claims = match read(case, given) {
        Ok(claims) => conclude(&claims, hearing),
        Err(why) => Ruling::new(Verdict::Inconclusive, why),
    };
    let Some(rules) = &case.rules else {
        return Outcome::ruled(given, vec![(MeasureKind::ClaimsSupported, claims)]);
    };
    let checks = (!rules.is_empty()).then(|| rows::holds(rules, given, hearing));
    let both: Vec<&Ruling> = std::iter::once(&claims).chain(&checks).collect();
    let must = rules.must_pass.then(|| rows::must_pass(&both));
    let checks = checks.map(|ruling| (MeasureKind::Relevant, ruling));
    let claims = (MeasureKind::ClaimsSupported, claims);
    Outcome::ruled(
        given,
        std::iter::once(claims).chain(checks).chain(must).collect(),
    )
}

/// What the claims of an answer come to against passages that are true, and why. No judge is asked.
pub(crate) fn claims(answer: &str, truth: &[String]) -> (Verdict, String) {
    match verified(answer, truth) {
        Ok(claims) => {
            let ruling = conclude(&claims, &Hearing::none());
            (ruling.verdict, ruling.why)
        }
        Err(why) => (Verdict::Inconclusive, why),
    }
}

/// The claims of the answer to a case, judged; or why they are not.
fn read(case: &HallucinationCase, given: &[Given<'_>]) -> Result<Vec<Claim>, String> {
    verified(given.first().map_or("", |one| one.answer), &case.truth)
}

fn verified(answer: &str, truth: &[String]) -> Result<Vec<Claim>, String> {
    if answer.chars().nth(MAX_ANSWER).is_some() {
        Err(format!(
            "The answer has more than {MAX_ANSWER} characters, which is more than is verified."
        ))
    } else if verify::uncalibrated(answer) {
        Err("uncalibrated_language: the claim verifier was never measured in the language of this answer."
            .to_owned())
    } else {
        Ok(verify::verify(answer, truth))
    }
}

/// The claim that fails the case by itself.
fn refuted(claims: &[Claim]) -> Option<&Claim> {
    // A figure that is nowhere in the ground truth is evidence by itself, however familiar the other words are: of the
    // undecided claims with such a figure in WiCE (dev) and Factcheck-GPT, 44 of 55 are not supported.
    let invented = |claim: &&Claim| {
        claim.verdict == ClaimVerdict::Uncertain && !claim.missing_numbers.is_empty()
    };
    worst(claims)
        .filter(|worst| worst.verdict == ClaimVerdict::Unsupported)
        .or_else(|| claims.iter().find(invented))
}

fn worst(claims: &[Claim]) -> Option<&Claim> {
    claims
        .iter()
        .min_by(|one, two| one.score.total_cmp(&two.score))
}

/// What to ask a judge about the answer, each claim by its number; nothing where it could not change how the case ends.
pub(super) fn open(case: &HallucinationCase, given: &[Given<'_>]) -> Vec<(usize, Prompt)> {
    let claims = read(case, given).unwrap_or_default();
    if refuted(&claims).is_some() {
        return Vec::new();
    }
    uncertain(&claims)
        .filter_map(|(number, one)| {
            let prompt = model_judge::claim(&case.truth, &one.text)?;
            Some((number, prompt))
        })
        .collect()
}

fn uncertain(claims: &[Claim]) -> impl Iterator<Item = (usize, &Claim)> {
    let numbered = claims.iter().enumerate();
    numbered.filter(|(_, claim)| claim.verdict == ClaimVerdict::Uncertain)
}

/// The case is as good as its worst claim.
fn conclude(claims: &[Claim], hearing: &Hearing<'_>) -> Ruling {
    let Some(worst) = worst(claims) else {
        let why = "The answer makes no claim that could be checked.";
        return Ruling::new(Verdict::Inconclusive, why.to_owned());
    };
    if let Some(claim) = refuted(claims) {
        let why = explain("Not supported by the ground truth", claim);
        return Ruling::new(Verdict::Failed, why);
    }
    let number = claims.len();
    if worst.verdict == ClaimVerdict::Supported {
        let least = worst.score;
        let why = format!(
            "{number} of {number} claims are supported; the least certain scores {least:.2}."
        );
        return Ruling::new(Verdict::Passed, why);
    }
    let mut heard = 0_usize;
    let mut unheard = None;
    for (number, claim) in uncertain(claims) {
        match hearing.opinion(Mode::Claim, number) {
            Some(opinion) if opinion.holds => heard += 1,
            Some(_) => {
                let why = explain("Not supported by the ground truth, says a judge", claim);
                return judged(Verdict::Failed, why);
            }
            None => unheard = unheard.or(Some(claim)),
        }
    }
    match unheard {
        Some(claim) => Ruling {
            wants_judge: true,
            ..Ruling::new(Verdict::Inconclusive, explain("Undecided", claim))
        },
        None => judged(
            Verdict::Passed,
            format!(
                "{number} of {number} claims are supported, {heard} of them by the word of a judge."
            ),
        ),
    }
}

const fn judged(verdict: Verdict, why: String) -> Ruling {
    Ruling {
        verdict,
        why,
        judged: true,
        wants_judge: false,
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
