//! What the reports of both gates share: order and number of findings, what they are recognised by, and the sentence that
//! counts them.

use std::collections::{BTreeMap, BTreeSet};

use domain::gate::{Finding, Severity, Standing, Verdict};
use sha2::{Digest, Sha256};

/// Findings kept in one report. More say nothing new, and the number of all is in the summary.
pub(crate) const MAX_FINDINGS: usize = 500;

/// The engine as evidence names it.
pub const ENGINE: &str = concat!("clearance-scanning ", env!("CARGO_PKG_VERSION"));

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

/// The worst findings of a place, and not more than `max`: many lesser ones must not hide one that fails the gate.
#[derive(Debug)]
pub(crate) struct Worst {
    max: usize,
    kept: Vec<Finding>,
    /// How many are kept of each severity, so that one which finds no room costs no search.
    numbers: BTreeMap<Severity, usize>,
}

impl Worst {
    pub(crate) const fn new(max: usize) -> Self {
        Self {
            max,
            kept: Vec::new(),
            numbers: BTreeMap::new(),
        }
    }

    /// Keeps a finding where there is room, or in the place of the first of the least severity where that is lesser. It is
    /// only made where it is kept.
    pub(crate) fn keep(&mut self, severity: Severity, make: impl FnOnce() -> Finding) {
        if self.kept.len() < self.max {
            self.kept.push(make());
        } else {
            let Some(least) = self.least().filter(|least| *least < severity) else {
                return;
            };
            let Some(place) = self.kept.iter_mut().find(|one| one.severity == least) else {
                return;
            };
            *place = make();
            self.numbers
                .entry(least)
                .and_modify(|number| *number = number.saturating_sub(1));
        }
        *self.numbers.entry(severity).or_default() += 1;
    }

    fn least(&self) -> Option<Severity> {
        let mut kept = self.numbers.iter().filter(|(_, number)| **number > 0);
        kept.next().map(|(severity, _)| *severity)
    }

    pub(crate) fn into_findings(self) -> Vec<Finding> {
        self.kept
    }
}

/// What a finding is recognised by in another version: its rule, its place and the text it stands at, not its line.
/// 16 hexadecimal digits, the beginning of a SHA-256.
pub(crate) fn fingerprint(rule: &str, location: &str, text: &str) -> String {
    let mut hash = Sha256::new();
    for part in [rule, location, text.trim()] {
        hash.update(part.len().to_string());
        hash.update(":");
        hash.update(part);
    }
    let mut digits = hex(&hash.finalize());
    digits.truncate(16);
    digits
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What became of one file of code.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) findings: Vec<Finding>,
    /// False where the rules saw only a part of the file, or nothing.
    pub(crate) parsed: bool,
}

/// Marks what the live version has as well. The same text twice in a file is two findings, so each known one counts once.
pub(crate) fn settle(mut findings: Vec<Finding>, known: &[Finding]) -> Vec<Finding> {
    let known: BTreeSet<(&str, &str)> = known
        .iter()
        .filter(|one| !one.fingerprint.is_empty())
        .map(|one| (one.rule.as_str(), one.fingerprint.as_str()))
        .collect();
    for one in &mut findings {
        if one.standing.is_new() && known.contains(&(one.rule.as_str(), one.fingerprint.as_str())) {
            one.standing = Standing::Known;
        }
    }
    findings
}

/// Worst first, then by place; and not more than fit a report.
pub(crate) fn ordered(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|one, two| {
        one.standing
            .cmp(&two.standing)
            .then_with(|| two.severity.cmp(&one.severity))
            .then_with(|| one.location.cmp(&two.location))
            .then_with(|| one.line.cmp(&two.line))
            .then_with(|| one.rule.cmp(&two.rule))
    });
    findings.dedup();
    findings.truncate(MAX_FINDINGS);
    findings
}

/// What a gate comes to. `rest` is that without its findings.
pub(crate) fn outcome(
    findings: &[Finding],
    rest: (Verdict, Option<&'static str>),
) -> (Verdict, Option<&'static str>) {
    match (findings.iter().any(Finding::blocks), rest.0) {
        (true, Verdict::Passed) => (Verdict::Failed, Some("findings")),
        // Accepting the findings would not make it a pass.
        (true, _) => (Verdict::Failed, Some("findings_incomplete")),
        (false, _) => rest,
    }
}

/// "3 findings (1 critical, 2 low)", to begin a sentence.
pub(crate) fn count(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "No findings".to_owned();
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
    let mut parts = parts;
    for standing in [Standing::Known, Standing::Suppressed] {
        let number = findings
            .iter()
            .filter(|one| one.standing == standing)
            .count();
        if number > 0 {
            parts.push(format!("{number} {standing}"));
        }
    }
    format!(
        "{} ({})",
        plural(findings.len(), "finding"),
        parts.join(", ")
    )
}

/// How the findings stand, where not all are new: for the evidence.
pub(crate) fn standings(findings: &[Finding]) -> Vec<(String, String)> {
    let number = |standing: Standing| {
        findings
            .iter()
            .filter(|one| one.standing == standing)
            .count()
    };
    let all = [
        ("new findings", number(Standing::New)),
        (
            "known findings, in the live version too",
            number(Standing::Known),
        ),
        ("suppressed findings", number(Standing::Suppressed)),
    ];
    if all.iter().skip(1).all(|(_, number)| *number == 0) {
        return Vec::new();
    }
    all.iter()
        .map(|(name, number)| ((*name).to_owned(), number.to_string()))
        .collect()
}

/// 1-based line of a place in a text.
pub(crate) fn line_at(text: &str, at: usize) -> u32 {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    let lines = before.iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(lines).unwrap_or(u32::MAX).saturating_add(1)
}

/// Where the lines of a text begin, for a text of which many places are asked for.
#[derive(Debug)]
pub(crate) struct Lines(Vec<usize>);

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    /// 1-based line of a place.
    pub(crate) fn at(&self, place: usize) -> u32 {
        let before = self.0.partition_point(|end| *end < place);
        u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
    }
}

/// As much of the beginning of a text as is looked at.
pub(crate) fn beginning(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max))
        .unwrap_or_default()
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
