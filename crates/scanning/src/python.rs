//! Python source: parsed by `ruff_python_parser`, judged by our own agent rules. Nothing is ever imported or run.

mod agents;
mod dangers;
mod depth;
mod expressions;
pub(crate) mod facts;
mod names;
mod network;
mod rules;
mod sql;
mod taint;
mod tools;

use std::thread;

use domain::gate::Severity;
use ruff_python_ast::{PySourceType, Stmt};
use ruff_python_parser::parse_unchecked_source;

use crate::report::{Checked, finding, line_at};

/// Stack of the thread that parses. Only what is touched is taken; nesting is bounded far below it.
const STACK: usize = 256 * 1024 * 1024;

/// True for a file that Python would run.
pub(crate) fn is_python(name: &str, text: &str) -> bool {
    let lower = name.to_lowercase();
    let shebang = || {
        text.lines()
            .next()
            .is_some_and(|line| line.starts_with("#!") && line.contains("python"))
    };
    lower.ends_with(".py")
        || lower.ends_with(".pyw")
        || (!lower.rsplit('/').next().unwrap_or_default().contains('.') && shebang())
}

/// Applies the rules to one file.
pub(crate) fn check(name: &str, text: &str) -> Checked {
    if let Some(encoding) = odd_encoding(text) {
        let message = format!(
            "The file declares the encoding `{encoding}`, in which its text means something else than it says: use UTF-8."
        );
        return Checked {
            findings: vec![finding(
                "python-odd-encoding",
                Severity::High,
                message,
                name,
                None,
            )],
            parsed: false,
        };
    }
    if depth::too_deep(text) {
        return unparsed(
            name,
            "python-too-deep",
            "The code is nested too deeply to be analysed: split the expression.",
        );
    }
    deeply(|| parse(name, text)).unwrap_or_else(|| {
        unparsed(
            name,
            "python-not-analysed",
            "The analysis of this file stopped: it was not checked.",
        )
    })
}

/// Runs what walks a tree, with room for it. None when it stopped.
fn deeply<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    let outcome = thread::scope(|scope| {
        thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, work)
            .map(thread::ScopedJoinHandle::join)
    });
    outcome.ok()?.ok()
}

/// Reads the statements of a file. None for one that does not parse whole, is nested too deeply, or means something else than it
/// says.
pub(crate) fn on_suite<T: Send>(text: &str, read: impl FnOnce(&[Stmt]) -> T + Send) -> Option<T> {
    if odd_encoding(text).is_some() || depth::too_deep(text) {
        return None;
    }
    let outcome = deeply(|| {
        let parsed = parse_unchecked_source(text, PySourceType::Python);
        parsed.errors().is_empty().then(|| read(parsed.suite()))
    });
    outcome.flatten()
}

fn parse(name: &str, text: &str) -> Checked {
    let parsed = parse_unchecked_source(text, PySourceType::Python);
    let mut findings = rules::apply(name, text, parsed.suite());
    let error = parsed.errors().first();
    if let Some(error) = error {
        let line = line_at(text, error.location.start().to_usize());
        let message = format!(
            "The file does not parse, so the rules saw only parts of it: {}.",
            error.error
        );
        findings.push(finding(
            "python-syntax-error",
            Severity::Medium,
            message,
            name,
            Some(line),
        ));
    }
    Checked {
        findings,
        parsed: error.is_none(),
    }
}

fn unparsed(name: &str, rule: &str, message: &str) -> Checked {
    Checked {
        findings: vec![finding(rule, Severity::Medium, message, name, None)],
        parsed: false,
    }
}

/// A declared encoding other than those in which ASCII is itself. Python reads the declaration in the first two lines.
fn odd_encoding(text: &str) -> Option<String> {
    text.lines()
        .take(2)
        .filter(|line| line.trim_start().starts_with('#'))
        .find_map(|line| {
            let (_, after) = line.split_once("coding")?;
            let value = after.strip_prefix([':', '='])?.trim_start();
            let encoding: String = value
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
                .collect();
            let plain = encoding.to_lowercase().replace('_', "-");
            let known = [
                "utf-8",
                "utf8",
                "utf-8-sig",
                "ascii",
                "us-ascii",
                "latin-1",
                "latin1",
                "iso-8859-1",
                "iso-8859-15",
                "cp1252",
            ];
            (!encoding.is_empty() && !known.contains(&plain.as_str())).then_some(encoding)
        })
}
