//! The public catalogues of risks, and which of their entries have an automatic check.

use super::Gate;

/// One entry of a catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Risk {
    /// Its id, such as `LLM01`, `ASI05`, `MEASURE 2.7` or `Art. 15`.
    pub id: &'static str,
    /// The catalogue.
    pub catalogue: &'static str,
    /// Its title, in few words.
    pub title: &'static str,
}

const OWASP_LLM: &str = "OWASP Top 10 for LLM applications (2025)";
const OWASP_AGENTS: &str = "OWASP Top 10 for agentic applications (2026)";
const NIST: &str = "NIST AI RMF";
const EU: &str = "EU AI Act";

/// Every entry that checks can name, in the order of the catalogues.
#[rustfmt::skip] // a table, read by line
pub const RISKS: &[Risk] = &[
    Risk { catalogue: OWASP_LLM, id: "LLM01", title: "Prompt injection" },
    Risk { catalogue: OWASP_LLM, id: "LLM02", title: "Sensitive information disclosure" },
    Risk { catalogue: OWASP_LLM, id: "LLM03", title: "Supply chain" },
    Risk { catalogue: OWASP_LLM, id: "LLM04", title: "Data and model poisoning" },
    Risk { catalogue: OWASP_LLM, id: "LLM05", title: "Improper output handling" },
    Risk { catalogue: OWASP_LLM, id: "LLM06", title: "Excessive agency" },
    Risk { catalogue: OWASP_LLM, id: "LLM07", title: "System prompt leakage" },
    Risk { catalogue: OWASP_LLM, id: "LLM08", title: "Vector and embedding weaknesses" },
    Risk { catalogue: OWASP_LLM, id: "LLM09", title: "Misinformation" },
    Risk { catalogue: OWASP_LLM, id: "LLM10", title: "Unbounded consumption" },
    Risk { catalogue: OWASP_AGENTS, id: "ASI01", title: "Goal hijack" },
    Risk { catalogue: OWASP_AGENTS, id: "ASI02", title: "Tool misuse" },
    Risk { catalogue: OWASP_AGENTS, id: "ASI03", title: "Identity and privilege abuse" },
    Risk { catalogue: OWASP_AGENTS, id: "ASI04", title: "Supply chain" },
    Risk { catalogue: OWASP_AGENTS, id: "ASI05", title: "Unexpected code execution" },
    Risk { catalogue: OWASP_AGENTS, id: "ASI06", title: "Memory and context poisoning" },
    Risk { catalogue: OWASP_AGENTS, id: "ASI07", title: "Insecure inter-agent communication" },
    Risk { catalogue: OWASP_AGENTS, id: "ASI08", title: "Cascading failures" },
    Risk { catalogue: OWASP_AGENTS, id: "ASI09", title: "Human-agent trust exploitation" },
    Risk { catalogue: OWASP_AGENTS, id: "ASI10", title: "Rogue agents" },
    Risk { catalogue: NIST, id: "MEASURE 2.3", title: "Performance is measured" },
    Risk { catalogue: NIST, id: "MEASURE 2.5", title: "Validity and reliability" },
    Risk { catalogue: NIST, id: "MEASURE 2.6", title: "Safety" },
    Risk { catalogue: NIST, id: "MEASURE 2.7", title: "Security and resilience" },
    Risk { catalogue: NIST, id: "MEASURE 2.10", title: "Privacy" },
    Risk { catalogue: NIST, id: "MEASURE 2.11", title: "Fairness and bias" },
    Risk { catalogue: NIST, id: "MANAGE 4.1", title: "Monitoring after deployment" },
    Risk { catalogue: EU, id: "Art. 9", title: "Risk management" },
    Risk { catalogue: EU, id: "Art. 10", title: "Data and data governance" },
    Risk { catalogue: EU, id: "Art. 12", title: "Record-keeping" },
    Risk { catalogue: EU, id: "Art. 13", title: "Transparency" },
    Risk { catalogue: EU, id: "Art. 14", title: "Human oversight" },
    Risk { catalogue: EU, id: "Art. 15", title: "Accuracy, robustness and cybersecurity" },
    Risk { catalogue: EU, id: "Art. 72", title: "Post-market monitoring" },
];

/// One automatic check with the entries that it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaggedCheck {
    /// Stable id, such as `injection-canary`.
    pub id: &'static str,
    /// A few words.
    pub title: &'static str,
    /// Ids of [`RISKS`].
    pub tags: &'static [&'static str],
}

/// An entry with the checks that stand for it; none means that nothing here tests it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// The entry.
    pub risk: Risk,
    /// The checks with their gates, in the order given.
    pub checks: Vec<(Gate, TaggedCheck)>,
}

/// Every entry of every catalogue with its checks.
#[must_use]
pub fn coverage(checks: &[(Gate, TaggedCheck)]) -> Vec<Covered> {
    RISKS
        .iter()
        .map(|risk| Covered {
            risk: *risk,
            checks: checks
                .iter()
                .filter(|(_, check)| check.tags.contains(&risk.id))
                .copied()
                .collect(),
        })
        .collect()
}
