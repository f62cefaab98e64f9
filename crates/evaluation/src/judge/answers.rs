//! Finds the exchanges of a case. A request that was never made and one that failed both leave the case unjudged.

use std::collections::BTreeMap;

use super::Exchange;
use crate::score::Trace;
use crate::suite::{Case, Suite};

/// One answered request of a case.
#[derive(Debug)]
pub(super) struct Given<'a> {
    pub(super) variant: String,
    pub(super) prompt: String,
    pub(super) answer: &'a str,
    pub(super) trace: Option<&'a Trace>,
    pub(super) latency_ms: u64,
}

/// The exchanges, found by case and variant.
#[derive(Debug)]
pub(super) struct Answers<'a> {
    by_key: BTreeMap<(&'a str, &'a str), Vec<&'a Exchange>>,
    /// Suites in which each plain id occurs.
    plain: BTreeMap<&'a str, usize>,
}

impl<'a> Answers<'a> {
    pub(super) fn new(suites: &[&'a Suite], exchanges: &'a [Exchange]) -> Self {
        let mut by_key: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for one in exchanges {
            by_key
                .entry((one.case_id.as_str(), one.variant.as_str()))
                .or_default()
                .push(one);
        }
        let mut plain = BTreeMap::new();
        for case in suites.iter().flat_map(|suite| suite.cases()) {
            *plain.entry(case.id.as_str()).or_default() += 1;
        }
        Self { by_key, plain }
    }

    /// How often the requests were made; at least once.
    pub(super) fn trials(&self) -> usize {
        self.by_key.values().map(Vec::len).max().unwrap_or(1)
    }

    /// The exchanges of one request.
    pub(super) fn find(&self, suite: &Suite, case: &Case, variant: &str) -> Vec<&'a Exchange> {
        let qualified = suite.key(case);
        self.by_key
            .get(&(qualified.as_str(), variant))
            .cloned()
            .or_else(|| {
                let alone = self.plain.get(case.id.as_str()) == Some(&1);
                alone
                    .then(|| self.by_key.get(&(case.id.as_str(), variant)).cloned())
                    .flatten()
            })
            .unwrap_or_default()
    }

    /// Every answer of a case in one trial, or why the case cannot be judged.
    pub(super) fn of(
        &self,
        suite: &Suite,
        case: &Case,
        trial: usize,
    ) -> Result<Vec<Given<'a>>, String> {
        let prompts = case.body.prompts();
        prompts
            .into_iter()
            .map(|(variant, prompt)| {
                let exchange = self
                    .find(suite, case, &variant)
                    .get(trial)
                    .copied()
                    .ok_or("The agent was not asked.")?;
                let answer = exchange
                    .outcome
                    .as_deref()
                    .map_err(|error| format!("The agent did not answer: {error}"))?;
                Ok(Given {
                    variant,
                    prompt,
                    answer,
                    trace: exchange.trace.as_ref(),
                    latency_ms: exchange.latency_ms,
                })
            })
            .collect()
    }
}
