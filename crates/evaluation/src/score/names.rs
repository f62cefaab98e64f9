//! The names of scorers, here and elsewhere.

/// Scorers of other tools that ask a model.
pub(super) const JUDGED: &[&str] = &[
    "answer-relevance",
    "classifier",
    "context-faithfulness",
    "context-recall",
    "context-relevance",
    "conversation-relevance",
    "factuality",
    "g-eval",
    "guideline",
    "llm-rubric",
    "model-graded-closedqa",
    "model-graded-factuality",
    "moderation",
    "pi",
    "search-rubric",
    "select-best",
    "similar",
    "trajectory:goal-success",
];
/// Scorers that run code of the suite.
pub(super) const CODE: &[&str] = &["javascript", "python", "ruby", "webhook"];
/// Deterministic scorers of other tools that are not here.
const ABSENT: &[&str] = &[
    "contains-html",
    "contains-sql",
    "contains-xml",
    "finish-reason",
    "gleu",
    "guardrails",
    "human",
    "is-html",
    "is-sql",
    "is-valid-function-call",
    "is-valid-openai-function-call",
    "is-valid-openai-tools-call",
    "is-xml",
    "max-score",
    "meteor",
    "perplexity",
    "perplexity-score",
    "skill-used",
    "trace-error-spans",
    "trace-span-count",
    "trace-span-duration",
];
/// The scorers that are here.
const OURS: &[&str] = &[
    "bleu",
    "chrf",
    "contains",
    "contains-all",
    "contains-any",
    "contains-json",
    "cost",
    "date",
    "equals",
    "exact",
    "f1",
    "icontains",
    "icontains-all",
    "icontains-any",
    "is-json",
    "is-refusal",
    "json-fields",
    "json-path",
    "latency",
    "levenshtein",
    "match-any",
    "max-characters",
    "max-steps",
    "no-loop",
    "number",
    "regex",
    "rouge-1",
    "rouge-2",
    "rouge-l",
    "rouge-n",
    "script",
    "set",
    "starts-with",
    "starts-with-any",
    "state",
    "tokens",
    "tool-call-f1",
    "tools-forbidden",
    "tools-order",
    "tools-required",
    "word-count",
];

/// True for a name that means a scorer, here or elsewhere.
#[must_use]
pub fn is_known(name: &str) -> bool {
    [OURS, JUDGED, CODE, ABSENT]
        .iter()
        .any(|list| list.contains(&name))
}
