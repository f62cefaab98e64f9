//! What of the findings decides: not what a comment accepts, and not what the live version has too.

use domain::gate::{Standing, Verdict};
use scanning::{Options, static_analysis};

use super::{analyse, tree};

const EVAL: &str = "def f(x):\n    return eval(x)";

fn suppressed(comment: &str) -> (Verdict, Vec<(String, Standing)>) {
    let text = format!("def f(x):\n    return eval(x)  # clearance: allow {comment}\n");
    let folder = tree(&[("agent.py", text.as_bytes())]);
    let options = Options {
        today: chrono::NaiveDate::from_ymd_opt(2026, 11, 26),
        ..Options::default()
    };
    let report = static_analysis(folder.path(), options);
    let found = report
        .findings
        .into_iter()
        .map(|one| (one.rule, one.standing))
        .collect();
    (report.verdict, found)
}

#[test]
fn suppressions_need_a_reason_and_an_end() {
    let eval = |standing| ("agent-dynamic-eval".to_owned(), standing);
    let (verdict, found) =
        suppressed("agent-dynamic-eval until 2026-12-31 because the input is a fixed table");
    assert_eq!(
        (verdict, found),
        (Verdict::Passed, vec![eval(Standing::Suppressed)])
    );
    for (comment, rule) in [
        (
            "agent-dynamic-eval until 2026-11-25 because the input is a fixed table",
            "suppression-ended",
        ),
        (
            "agent-dynamic-eval until 2027-12-31 because the input is a fixed table",
            "suppression-invalid",
        ),
        (
            "agent-dynamic-eval until 2026-02-31 because the input is a fixed table",
            "suppression-invalid",
        ),
        (
            "agent-dynamic-eval until 2026-12-31 because ok",
            "suppression-invalid",
        ),
        (
            "agent-dynamic-eval because the input is a fixed table",
            "suppression-invalid",
        ),
        (
            "until 2026-12-31 because the input is a fixed table",
            "suppression-invalid",
        ),
    ] {
        let (verdict, found) = suppressed(comment);
        assert_eq!(verdict, Verdict::Failed, "{comment}");
        assert_eq!(
            found,
            [eval(Standing::New), (rule.to_owned(), Standing::New)],
            "{comment}"
        );
    }
    // One of another rule accepts nothing here, and neither does one that nobody could date.
    assert_eq!(
        suppressed("agent-dynamic-shell until 2026-12-31 because of something else").0,
        Verdict::Failed
    );
    let undated = analyse(&[(
        "agent.py",
        format!(
            "{EVAL} # clearance: allow agent-dynamic-eval until 2026-12-31 because it is fixed here"
        )
        .as_bytes(),
    )]);
    assert_eq!(undated.verdict, Verdict::Failed);
}

#[test]
fn findings_of_the_live_version_do_not_block_again() {
    let live = analyse(&[("agent.py", EVAL.as_bytes())]);
    assert_eq!(live.verdict, Verdict::Failed);
    let judge = |text: &str| {
        let folder = tree(&[("agent.py", text.as_bytes())]);
        let options = Options {
            known: &live.findings,
            ..Options::default()
        };
        static_analysis(folder.path(), options)
    };
    // Wherever its line has moved.
    let moved = judge(&format!("import os\n\n\n{EVAL}\n"));
    assert_eq!(
        (moved.verdict, moved.findings[0].standing),
        (Verdict::Passed, Standing::Known)
    );
    assert!(moved.summary.contains("1 known"), "{}", moved.summary);
    // The same text once more is a new finding.
    let twice = judge(&format!("{EVAL}\n\ndef g(x):\n    return eval(x)\n"));
    assert_eq!((twice.verdict, twice.failing().len()), (Verdict::Failed, 1));
    let other = judge("def f(y):\n    return eval(y)");
    assert_eq!(other.verdict, Verdict::Failed);
}
