//! Comments that accept a finding: `clearance: allow <rule> until <YYYY-MM-DD> because <reason>`, on its line or the line
//! before. Without a rule, a reason and an end within a year it accepts nothing and is a finding itself.

use std::sync::LazyLock;

use chrono::{Days, NaiveDate};
use domain::gate::{Finding, Severity, Standing};
use regex::Regex;

use crate::report::{finding, printable};

/// Days that a suppression may last from today.
const MAX_DAYS: u64 = 366;
/// Characters of a reason that say something.
const MIN_REASON: usize = 10;
/// Suppressions of one file.
const MAX: usize = 200;

static COMMENT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:#|//|/\*|--|<!--)\s*clearance:\s*allow\b([^\n]{0,500})").ok());
static PARTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^\s+([a-z0-9][a-zA-Z0-9-]*)\s+until\s+(\d{4}-\d{2}-\d{2})\s+because\s+(.*?)\s*(?:\*/|-->)?\s*$").ok()
});

#[derive(Debug)]
struct Suppression {
    rule: String,
    /// The lines that it covers.
    lines: [u32; 2],
    until: NaiveDate,
    reason: String,
}

/// Marks the findings of one file that its comments accept, and adds findings about comments that accept nothing. Without a
/// day nothing is accepted: nobody could say whether it has ended.
pub(crate) fn apply(name: &str, text: &str, today: Option<NaiveDate>, findings: &mut Vec<Finding>) {
    let (Some(today), true) = (today, text.contains("clearance:")) else {
        return;
    };
    let mut problems = Vec::new();
    for (line, comment) in comments(text) {
        match parse(&comment, line, today) {
            Ok(one) => accept(&one, findings),
            Err((rule, message)) => {
                problems.push(finding(rule, Severity::Medium, message, name, Some(line)));
            }
        }
    }
    findings.extend(problems);
}

fn comments(text: &str) -> Vec<(u32, String)> {
    let Some(pattern) = COMMENT.as_ref() else {
        return Vec::new();
    };
    (1_u32..)
        .zip(text.lines())
        .filter(|(_, line)| line.contains("clearance:"))
        .filter_map(|(number, line)| {
            let comment = pattern.captures(line)?.get(1)?.as_str().to_owned();
            Some((number, comment))
        })
        .take(MAX)
        .collect()
}

fn parse(
    comment: &str,
    line: u32,
    today: NaiveDate,
) -> Result<Suppression, (&'static str, &'static str)> {
    let invalid = |message| ("suppression-invalid", message);
    let parts = PARTS.as_ref().and_then(|pattern| pattern.captures(comment));
    let parts = parts.ok_or(invalid(
        "A suppression needs a rule, an end and a reason: `clearance: allow <rule> until <YYYY-MM-DD> because <reason>`.",
    ))?;
    let part = |at: usize| parts.get(at).map_or("", |part| part.as_str());
    let until: NaiveDate = part(2)
        .parse()
        .map_err(|_| invalid("A suppression ends on a day that does not exist: correct it."))?;
    if part(3).chars().count() < MIN_REASON {
        return Err(invalid(
            "The reason of a suppression says too little: write why the finding may stay.",
        ));
    }
    if until < today {
        return Err((
            "suppression-ended",
            "The suppression has ended: mend what it is about, or give it a new end and a reason.",
        ));
    }
    let latest = today.checked_add_days(Days::new(MAX_DAYS));
    if latest.is_none_or(|latest| until > latest) {
        return Err(invalid(
            "A suppression may last a year at the most: choose an earlier end.",
        ));
    }
    Ok(Suppression {
        rule: part(1).to_owned(),
        lines: [line, line.saturating_add(1)],
        until,
        reason: printable(part(3)),
    })
}

fn accept(one: &Suppression, findings: &mut [Finding]) {
    for finding in findings.iter_mut() {
        let here = finding.line.is_some_and(|line| one.lines.contains(&line));
        if here && finding.rule == one.rule && finding.standing.is_new() {
            finding.standing = Standing::Suppressed;
            finding.message = format!(
                "{} Accepted until {} because: {}",
                finding.message, one.until, one.reason
            );
        }
    }
}
