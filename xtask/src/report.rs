//! What ran and how it went: one line per item at the end, then the totals.
//!
//! A check counts as one; a test run counts its tests.

use std::time::Instant;

use anyhow::{Result, bail};

use serde_json::Value;

use crate::proc::{detail, say};

/// Most failures whose reason is repeated at the end, and most lines of each.
const WHY_MAX: usize = 20;
const WHY_LINES: usize = 12;
/// How nextest's totals begin.
const SUMMARY: &str = "Summary [";

/// How many passed, failed and were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Counts {
    /// One check that passed.
    pub(crate) const PASSED: Self = Self {
        passed: 1,
        failed: 0,
        skipped: 0,
    };
    /// One check that could not be judged here, for a reason that was printed.
    pub(crate) const SKIPPED: Self = Self {
        passed: 0,
        failed: 0,
        skipped: 1,
    };
}

/// What an item came to.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) counts: Counts,
    /// What is said of each that failed, repeated at the end: the log of a long run is often cut off at its beginning.
    pub(crate) why: Vec<String>,
}

impl From<Counts> for Outcome {
    fn from(counts: Counts) -> Self {
        Self {
            counts,
            why: Vec::new(),
        }
    }
}

#[derive(Debug)]
struct Item {
    name: String,
    counts: Counts,
    seconds: f64,
    error: Option<String>,
    why: Vec<String>,
}

/// The results so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    items: Vec<Item>,
}

impl Report {
    /// Runs one item and notes the result. A failure does not stop the items after it. Returns whether all was well.
    pub(crate) fn item<T: Into<Outcome>>(
        &mut self,
        name: &str,
        work: impl FnOnce() -> Result<T>,
    ) -> bool {
        say(name);
        let started = Instant::now();
        let (Outcome { counts, why }, error) = match work().map(T::into) {
            Ok(outcome) if outcome.counts.failed > 0 => {
                let error = format!("{} failed", outcome.counts.failed);
                (outcome, Some(error))
            }
            Ok(outcome) => (outcome, None),
            Err(error) => {
                let counts = Counts {
                    failed: 1,
                    ..Counts::default()
                };
                (counts.into(), Some(format!("{error:#}")))
            }
        };
        if let Some(error) = &error {
            detail(format!("FAILED: {error}"));
        }
        let well = error.is_none();
        self.items.push(Item {
            name: name.to_owned(),
            counts,
            seconds: started.elapsed().as_secs_f64(),
            error,
            why,
        });
        well
    }

    fn totals(&self) -> Counts {
        self.items
            .iter()
            .fold(Counts::default(), |sum, item| Counts {
                passed: sum.passed + item.counts.passed,
                failed: sum.failed + item.counts.failed,
                skipped: sum.skipped + item.counts.skipped,
            })
    }

    /// Prints every item and the totals; an error if anything failed.
    pub(crate) fn finish(self) -> Result<()> {
        println!();
        say("summary");
        for item in &self.items {
            let mark = match (&item.error, item.counts) {
                (Some(_), _) => "FAILED ",
                (None, Counts { passed: 0, .. }) => "skipped",
                (None, _) => "ok     ",
            };
            detail(format!(
                "{mark} {:7.1} s  {:4} passed  {}",
                item.seconds, item.counts.passed, item.name
            ));
        }
        for item in &self.items {
            if let Some(error) = &item.error {
                println!("\n{}: {error}", item.name);
                for why in &item.why {
                    println!("  {}", why.replace('\n', "\n    "));
                }
            }
        }
        let Counts {
            passed,
            failed,
            skipped,
        } = self.totals();
        println!("\n{passed} passed, {failed} failed, {skipped} skipped");
        if failed > 0 {
            bail!("{failed} of {} failed", passed + failed);
        }
        Ok(())
    }
}

/// Reads the totals that `cargo nextest run` or `cargo test` printed.
pub(crate) fn count_rust_tests(said: &str) -> Counts {
    let mut counts = Counts::default();
    let lines = || said.lines().map(str::trim);
    // nextest repeats what a slow or failed test said, with its own result; only its summary counts each once.
    let of_nextest = lines().any(|line| line.starts_with(SUMMARY));
    let kept = if of_nextest { SUMMARY } else { "test result:" };
    for figures in lines().filter_map(|line| line.strip_prefix(kept)) {
        counts.passed += number_before(figures, "passed");
        // nextest names a test that hangs or cannot be started apart from one that fails.
        for word in ["failed", "timed out", "exec failed"] {
            counts.failed += number_before(figures, word);
        }
        counts.skipped += number_before(figures, "skipped") + number_before(figures, "ignored");
    }
    counts
}

/// What panicked in the tests whose output this is, a few lines each, bounded.
pub(crate) fn panics(said: &str) -> Vec<String> {
    let lines: Vec<&str> = said.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if line.trim_start().starts_with("thread '")
            && line.contains("panicked at")
            && found.len() < WHY_MAX
        {
            let end = lines.len().min(at + WHY_LINES);
            let told = lines.get(at..end).unwrap_or_default();
            found.push(told.join("\n"));
        }
    }
    found
}

/// The errors in Playwright's JSON report, each with the title of its test, bounded.
pub(crate) fn journeys_that_failed(report: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Vec<&Value> = children(report, "suites").collect();
    while let Some(suite) = open.pop() {
        open.extend(children(suite, "suites"));
        for spec in children(suite, "specs") {
            let title = spec.get("title").and_then(Value::as_str).unwrap_or("?");
            let results = children(spec, "tests").flat_map(|test| children(test, "results"));
            for error in results.flat_map(|result| children(result, "errors")) {
                let message = error.get("message").and_then(Value::as_str);
                let message: Vec<&str> = message.unwrap_or("?").lines().take(WHY_LINES).collect();
                found.push(format!("{title}\n{}", plain(&message.join("\n"))));
            }
        }
    }
    found.truncate(WHY_MAX);
    found
}

fn children<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    of.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// Without the colours of a terminal.
fn plain(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| {
        let shown = part.split_once('m').map_or(part, |(_, shown)| shown);
        all + shown
    })
}

/// The number in front of `word`, as in `12 passed` or `12 passed (1 slow)`.
fn number_before(figures: &str, word: &str) -> u64 {
    figures
        .split([',', ';', ':', '.'])
        .filter_map(|part| part.trim().split_once(' '))
        .find(|(_, rest)| {
            *rest == word
                || rest
                    .strip_prefix(word)
                    .is_some_and(|tail| tail.starts_with(" ("))
        })
        .and_then(|(number, _)| number.parse().ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Counts, count_rust_tests, journeys_that_failed, panics};

    #[test]
    fn why_something_failed_is_said_again() {
        let said = "test a ... FAILED\nthread 'a' panicked at a.rs:1:1:\nleft: 1\nok\n";
        assert_eq!(
            panics(said),
            ["thread 'a' panicked at a.rs:1:1:\nleft: 1\nok"]
        );
        let error = serde_json::json!({ "message": "\u{1b}[31mno\u{1b}[39m button\nnear" });
        let result = serde_json::json!({ "results": [{ "errors": [error] }] });
        let spec = serde_json::json!({ "title": "one", "tests": [result] });
        let inner = serde_json::json!({ "suites": [{ "specs": [spec] }] });
        let report = serde_json::json!({ "suites": [inner] });
        assert_eq!(journeys_that_failed(&report), ["one\nno button\nnear"]);
    }

    #[test]
    fn nextest_and_libtest_totals_are_read() {
        let nextest = "     Summary [   1.234s] 15 tests run: 12 passed (1 slow), 2 failed, 1 timed out, 4 skipped";
        assert_eq!(
            count_rust_tests(nextest),
            Counts {
                passed: 12,
                failed: 3,
                skipped: 4
            }
        );
        let repeated = format!(
            "    test result: FAILED. 0 passed; 1 failed; 0 ignored\n{nextest}\n    test result: ok. 1 passed; 0 failed; 0 ignored"
        );
        assert_eq!(count_rust_tests(&repeated), count_rust_tests(nextest));
        let libtest = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
                       test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(
            count_rust_tests(libtest),
            Counts {
                passed: 15,
                failed: 2,
                skipped: 1
            }
        );
        assert_eq!(count_rust_tests("nothing here"), Counts::default());
    }
}
