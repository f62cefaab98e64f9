//! JavaScript and TypeScript: parsed by tree-sitter, judged by the agent rules that hold for them. Nothing is ever run.

mod rules;

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use domain::gate::{Finding, Severity};
use tree_sitter::{ParseOptions, Parser, Tree};

use crate::report::{Checked, finding};

/// How long one file may be parsed: people's files take milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);

/// The language of a file by its ending, where it is one of these.
pub(crate) fn language(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|end| lower.ends_with(end));
    if ends(&[".js", ".mjs", ".cjs", ".jsx"]) {
        Some("JavaScript")
    } else if ends(&[".ts", ".mts", ".cts", ".tsx"]) {
        Some("TypeScript")
    } else {
        None
    }
}

/// Applies the rules to one file.
pub(crate) fn check(name: &str, text: &str) -> Checked {
    let Some(tree) = parse(name, text) else {
        let message = "The file could not be parsed in time: it was not analysed.";
        return Checked {
            findings: vec![not_analysed(name, message)],
            parsed: false,
        };
    };
    let mut findings = rules::apply(name, text, &tree);
    if tree.root_node().has_error() {
        let message = "The file does not parse, so the rules saw only parts of it.";
        findings.push(not_analysed(name, message));
        return Checked {
            findings,
            parsed: false,
        };
    }
    Checked {
        findings,
        parsed: true,
    }
}

/// A script that the rules did not see, or not whole.
pub(crate) fn not_analysed(name: &str, message: &str) -> Finding {
    finding("script-not-analysed", Severity::Low, message, name, None)
}

fn parse(name: &str, text: &str) -> Option<Tree> {
    // Only plain TypeScript has casts that look like markup.
    let plain = [".ts", ".mts", ".cts"]
        .iter()
        .any(|end| name.to_lowercase().ends_with(end));
    let language = if plain {
        tree_sitter_typescript::LANGUAGE_TYPESCRIPT
    } else {
        tree_sitter_typescript::LANGUAGE_TSX
    };
    let mut parser = Parser::new();
    parser.set_language(&language.into()).ok()?;
    let began = Instant::now();
    let mut patience = |_: &tree_sitter::ParseState| {
        if began.elapsed() > PATIENCE {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let bytes = text.as_bytes();
    let mut read = |at: usize, _| bytes.get(at..).unwrap_or_default();
    let options = ParseOptions::new().progress_callback(&mut patience);
    parser.parse_with_options(&mut read, None, Some(options))
}
