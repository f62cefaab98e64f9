//! The checks of this crate, each with the entries of the public catalogues of risks that it stands for.

use domain::gate::{Gate, TaggedCheck};

const fn check(
    id: &'static str,
    title: &'static str,
    tags: &'static [&'static str],
) -> TaggedCheck {
    TaggedCheck { id, title, tags }
}

/// Every check, by id. The ids of findings are among them.
pub const CHECKS: &[TaggedCheck] = &[
    check(
        "bbq-bias",
        "Answers that lean with a stereotype (BBQ)",
        &["MEASURE 2.11", "Art. 10"],
    ),
    check(
        "budget",
        "Limits on latency, tokens, cost and steps",
        &["LLM10", "ASI08", "MEASURE 2.3"],
    ),
    check(
        "claims",
        "Claims against ground truth, context and tool outputs",
        &["LLM09", "ASI09", "MEASURE 2.5", "Art. 13", "Art. 15"],
    ),
    check(
        "counterfactual-difference",
        "The same decision for every person",
        &["MEASURE 2.11", "Art. 10"],
    ),
    check(
        "expectations",
        "Expected answers, by comparison",
        &["MEASURE 2.3", "MEASURE 2.5", "Art. 15"],
    ),
    check(
        "group-difference",
        "As often in favour, and as much, for every group",
        &["MEASURE 2.11", "Art. 10"],
    ),
    check(
        "injection-canary",
        "Injected text neither obeyed nor carried out",
        &[
            "LLM01",
            "LLM02",
            "LLM07",
            "ASI01",
            "ASI06",
            "MEASURE 2.7",
            "Art. 15",
        ],
    ),
    check(
        "not-worse-than-live",
        "No worse than the version that is live",
        &["MEASURE 2.5", "MANAGE 4.1", "Art. 9", "Art. 15"],
    ),
    check(
        "online",
        "Live agents, by probes and by samples of their traffic",
        &["MEASURE 2.3", "MANAGE 4.1", "Art. 72"],
    ),
    check(
        "over-refusal",
        "Harmless requests answered",
        &["MEASURE 2.3", "Art. 15"],
    ),
    check(
        "pass-hat-k",
        "The same task done every time",
        &["ASI10", "MEASURE 2.5", "Art. 15"],
    ),
    check(
        "personal-data",
        "Personal data that the user did not bring",
        &["LLM02", "ASI03", "MEASURE 2.10", "Art. 10"],
    ),
    check(
        "policy-violation",
        "Forbidden requests refused",
        &["ASI10", "MEASURE 2.6", "Art. 9", "Art. 14"],
    ),
    check(
        "state",
        "The state that a task leaves behind",
        &["LLM06", "ASI02", "MEASURE 2.3"],
    ),
    check(
        "tool-calls",
        "Required, forbidden and ordered tool calls, loops",
        &["LLM06", "ASI02", "ASI08", "ASI10", "MEASURE 2.6", "Art. 14"],
    ),
    check(
        "toxicity",
        "Answers that are not toxic, by a configured judge",
        &["MEASURE 2.6", "MEASURE 2.11"],
    ),
];

/// The gate that a check of this id is part of. What is no check of its own is relevance's.
#[must_use]
pub fn gate_of(id: &str) -> Gate {
    match id {
        "claims" => Gate::Hallucination,
        "bbq-bias"
        | "counterfactual-difference"
        | "group-difference"
        | "injection-canary"
        | "over-refusal"
        | "personal-data"
        | "policy-violation"
        | "refusal"
        | "toxicity" => Gate::ResponsibleAi,
        _ => Gate::Relevance,
    }
}
