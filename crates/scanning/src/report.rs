//! What the reports of both gates share: order and number of findings, and the sentence that counts them.

use domain::gate::{Finding, Severity};

/// Findings kept in one report. More say nothing new, and the number of all is in the summary.
pub(crate) const MAX_FINDINGS: usize = 500;

/// The engine as evidence names it.
pub(crate) const ENGINE: &str = concat!("clearance-scanning ", env!("CARGO_PKG_VERSION"));

/// Builds a finding.
pub(crate) fn finding(
    rule: &str,
    severity: Severity,
    message: impl Into<String>,
    location: &str,
    line: Option<u32>,
) -> Finding {
    Finding::new(rule, severity, message, printable(location), line)
}

/// Worst first, then by place; and not more than fit a report.
pub(crate) fn ordered(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|one, two| {
        two.severity
            .cmp(&one.severity)
            .then_with(|| one.location.cmp(&two.location))
            .then_with(|| one.line.cmp(&two.line))
            .then_with(|| one.rule.cmp(&two.rule))
    });
    findings.dedup();
    findings.truncate(MAX_FINDINGS);
    findings
}

/// True if any finding fails the gate.
pub(crate) fn any_blocking(findings: &[Finding]) -> bool {
    findings.iter().any(Finding::blocks)
}

/// "3 findings (1 critical, 2 low)".
pub(crate) fn count(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "no findings".to_owned();
    }
    let parts: Vec<String> = Severity::ALL
        .iter()
        .rev()
        .filter_map(|severity| {
            let number = findings
                .iter()
                .filter(|one| one.severity == *severity)
                .count();
            (number > 0).then(|| format!("{number} {severity}"))
        })
        .collect();
    format!(
        "{} ({})",
        plural(findings.len(), "finding"),
        parts.join(", ")
    )
}

/// "1 file", "2 files".
pub(crate) fn plural(number: usize, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}

/// File names are hostile: control characters and invisible ones are shown as escapes, and length is bounded.
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().take(500) {
        if c.is_control() || crate::hidden_text::is_invisible(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}
