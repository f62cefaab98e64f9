//! Responsible-AI cases: injection probes with a canary, policy probes with their benign twins, and counterfactual pairs.

use serde::Deserialize;

use super::{Case, CaseBody, SuiteProblem, line};
use crate::text::quote;

/// Values of one counterfactual placeholder.
const MAX_VALUES: usize = 20;

/// A responsible-AI case.
#[derive(Debug, Clone)]
pub(crate) struct ResponsibleAiCase {
    pub(crate) prompt: String,
    pub(crate) probe: Probe,
}

impl ResponsibleAiCase {
    /// What a right answer is, for people.
    pub(super) fn expected(&self) -> String {
        let without = |canaries: &[String]| {
            let list: Vec<String> = canaries.iter().map(|one| quote(one)).collect();
            format!("an answer without {}, plain or encoded", list.join(", "))
        };
        match &self.probe {
            Probe::Injection { must_not_contain } => without(must_not_contain),
            Probe::Policy { must_not_contain } if must_not_contain.is_empty() => {
                "a refusal".to_owned()
            }
            Probe::Policy { must_not_contain } => {
                format!("a refusal, and {}", without(must_not_contain))
            }
            Probe::Benign => "an answer and no refusal".to_owned(),
            Probe::Toxicity => "an answer that is not toxic".to_owned(),
            Probe::Counterfactual {
                values, compare, ..
            } => {
                let what = match compare {
                    Compare::SameDecision => "the same decision",
                    Compare::Equal => "the same answer",
                    Compare::SameRate => "a decision, over all cases as often in favour",
                    Compare::SameAmount => "an amount, over all cases as high",
                };
                format!("{what} for {}", values.join(", "))
            }
        }
    }
}

/// What is probed.
#[derive(Debug, Clone)]
pub(crate) enum Probe {
    /// The answer must not carry any of these canaries, in any common encoding.
    Injection { must_not_contain: Vec<String> },
    /// The agent must refuse; and where canaries are given, must not carry them.
    Policy { must_not_contain: Vec<String> },
    /// The agent must not refuse.
    Benign,
    /// The answer must not be toxic. Rules cannot tell, so only a judge decides.
    Toxicity,
    /// Only the placeholder changes, so the answer must not.
    Counterfactual {
        placeholder: String,
        values: Vec<String>,
        compare: Compare,
    },
}

/// How the answers of a counterfactual case are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Compare {
    /// Equal texts with the value masked, or the same recognised decision.
    SameDecision,
    /// Equal texts with the value masked.
    Equal,
    /// A plain decision; over all cases with the same values every value is decided for as often.
    SameRate,
    /// One plain amount; over all cases with the same values every value gets as much.
    SameAmount,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Injection,
    Policy,
    Benign,
    Toxicity,
    Counterfactual,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Injection => "injection",
            Self::Policy => "policy",
            Self::Benign => "benign",
            Self::Toxicity => "toxicity",
            Self::Counterfactual => "counterfactual",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCase {
    id: String,
    kind: Kind,
    prompt: String,
    must_not_contain: Option<Vec<String>>,
    must_refuse: Option<bool>,
    values: Option<Vec<String>>,
    compare: Option<Compare>,
}

pub(super) fn parse(number: u32, raw: &str) -> Result<Case, SuiteProblem> {
    let case: RawCase = line::read(number, raw)?;
    line::check_case(number, raw, &case.id, &case.prompt)?;
    refuse_foreign(number, raw, &case)?;
    let probe = match case.kind {
        Kind::Injection => {
            let canaries = case.must_not_contain.unwrap_or_default();
            check_canaries(number, raw, &canaries)?;
            Probe::Injection {
                must_not_contain: canaries,
            }
        }
        Kind::Policy => {
            expect_refusal(number, raw, case.must_refuse, true)?;
            let canaries = case.must_not_contain.unwrap_or_default();
            if !canaries.is_empty() {
                check_canaries(number, raw, &canaries)?;
            }
            Probe::Policy {
                must_not_contain: canaries,
            }
        }
        Kind::Benign => {
            expect_refusal(number, raw, case.must_refuse, false)?;
            Probe::Benign
        }
        Kind::Toxicity => Probe::Toxicity,
        Kind::Counterfactual => {
            let values = case.values.unwrap_or_default();
            check_values(number, raw, &values)?;
            let placeholder = placeholder(&case.prompt)
                .map_err(|message| line::at(raw, number, "prompt", message))?;
            let compare = case.compare.ok_or_else(|| {
                line::at(
                    raw,
                    number,
                    "kind",
                    "a counterfactual case needs `compare`: `same_decision`, `equal`, `same_rate` or `same_amount`",
                )
            })?;
            Probe::Counterfactual {
                placeholder,
                values,
                compare,
            }
        }
    };
    Ok(Case {
        id: case.id,
        cluster: None,
        body: CaseBody::ResponsibleAi(ResponsibleAiCase {
            prompt: case.prompt,
            probe,
        }),
    })
}

/// A field that another kind has would be ignored, and an ignored check looks like a passed one.
fn refuse_foreign(number: u32, raw: &str, case: &RawCase) -> Result<(), SuiteProblem> {
    let (canaries, refusal, pairs) = match case.kind {
        Kind::Injection => (true, false, false),
        Kind::Policy => (true, true, false),
        Kind::Benign => (false, true, false),
        Kind::Toxicity => (false, false, false),
        Kind::Counterfactual => (false, false, true),
    };
    let fields = [
        (
            "must_not_contain",
            case.must_not_contain.is_some(),
            canaries,
        ),
        ("must_refuse", case.must_refuse.is_some(), refusal),
        ("values", case.values.is_some(), pairs),
        ("compare", case.compare.is_some(), pairs),
    ];
    match fields
        .into_iter()
        .find(|(_, given, allowed)| *given && !allowed)
    {
        Some((field, ..)) => Err(line::at(
            raw,
            number,
            field,
            format!("a case of kind `{}` has no `{field}`", case.kind.word()),
        )),
        None => Ok(()),
    }
}

fn expect_refusal(
    number: u32,
    raw: &str,
    given: Option<bool>,
    wanted: bool,
) -> Result<(), SuiteProblem> {
    if given == Some(wanted) {
        return Ok(());
    }
    let message = if wanted {
        "a policy case says `\"must_refuse\":true`; its harmless twin is of kind `benign`"
    } else {
        "a benign case says `\"must_refuse\":false`; a prompt to be refused is of kind `policy`"
    };
    Err(line::at(
        raw,
        number,
        if given.is_some() {
            "must_refuse"
        } else {
            "kind"
        },
        message,
    ))
}

fn check_canaries(number: u32, raw: &str, canaries: &[String]) -> Result<(), SuiteProblem> {
    line::check_texts(number, raw, "must_not_contain", canaries)?;
    // A shorter text turns up by chance once encodings are looked through.
    match canaries
        .iter()
        .find(|canary| canary.chars().filter(|c| c.is_alphanumeric()).count() < 4)
    {
        Some(short) => Err(line::at(
            raw,
            number,
            "must_not_contain",
            format!(
                "`{short}` is too short to be told from chance: use at least four letters or digits"
            ),
        )),
        None => Ok(()),
    }
}

fn check_values(number: u32, raw: &str, values: &[String]) -> Result<(), SuiteProblem> {
    if values.len() < 2 || values.len() > MAX_VALUES {
        let place = if values.is_empty() { "kind" } else { "values" };
        return Err(line::at(
            raw,
            number,
            place,
            format!("a counterfactual case needs 2 to {MAX_VALUES} `values`"),
        ));
    }
    line::check_texts(number, raw, "values", values)?;
    for (at, value) in values.iter().enumerate() {
        if values.iter().take(at).any(|earlier| earlier == value) {
            return Err(line::at(
                raw,
                number,
                "values",
                format!("the value `{value}` is there twice"),
            ));
        }
    }
    Ok(())
}

/// The one placeholder of a prompt, with its braces.
fn placeholder(prompt: &str) -> Result<String, String> {
    let mut found: Vec<String> = Vec::new();
    for piece in prompt.split('{').skip(1) {
        if let Some((name, _)) = piece.split_once('}')
            && !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        {
            let one = format!("{{{name}}}");
            if !found.contains(&one) {
                found.push(one);
            }
        }
    }
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(
            "the prompt of a counterfactual case needs a placeholder such as `{name}`".to_owned(),
        ),
        many => Err(format!(
            "the prompt has {} placeholders and a case changes exactly one",
            many.len()
        )),
    }
}

impl ResponsibleAiCase {
    /// Variant and prompt of each request.
    pub(crate) fn prompts(&self) -> Vec<(String, String)> {
        match &self.probe {
            Probe::Counterfactual {
                placeholder,
                values,
                ..
            } => values
                .iter()
                .map(|value| (value.clone(), self.prompt.replace(placeholder, value)))
                .collect(),
            Probe::Injection { .. } | Probe::Policy { .. } | Probe::Benign | Probe::Toxicity => {
                vec![(String::new(), self.prompt.clone())]
            }
        }
    }
}
