//! What ran and how it went: one line per item at the end, then the totals.
//!
//! A check counts as one; a test run counts its tests.

use std::time::Instant;

use anyhow::{Result, bail};

use crate::proc::{detail, say};

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

#[derive(Debug)]
struct Item {
    name: String,
    counts: Counts,
    seconds: f64,
    error: Option<String>,
}

/// The results so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    items: Vec<Item>,
}

impl Report {
    /// Runs one item and notes the result. A failure does not stop the items after it. Returns whether all was well.
    pub(crate) fn item(&mut self, name: &str, work: impl FnOnce() -> Result<Counts>) -> bool {
        say(name);
        let started = Instant::now();
        let (counts, error) = match work() {
            Ok(counts) if counts.failed > 0 => (counts, Some(format!("{} failed", counts.failed))),
            Ok(counts) => (counts, None),
            Err(error) => (
                Counts {
                    failed: 1,
                    ..Counts::default()
                },
                Some(format!("{error:#}")),
            ),
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
    for line in said.lines().map(str::trim) {
        let Some(figures) = line
            .strip_prefix("test result:")
            .or_else(|| line.strip_prefix("Summary ["))
        else {
            continue;
        };
        counts.passed += number_before(figures, "passed");
        // nextest names a test that hangs or cannot be started apart from one that fails.
        for word in ["failed", "timed out", "exec failed"] {
            counts.failed += number_before(figures, word);
        }
        counts.skipped += number_before(figures, "skipped") + number_before(figures, "ignored");
    }
    counts
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
    use super::{Counts, count_rust_tests};

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
