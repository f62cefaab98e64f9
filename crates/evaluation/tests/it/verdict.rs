//! How cases add up to the verdict of a gate.

use domain::gate::{Gate, Report, Verdict};
use evaluation::{Suite, Thresholds, judge};

/// `total` relevance cases with the prompts `1`, `2`, … that expect `ok`.
fn cases(total: u32) -> String {
    (1..=total)
        .map(|n| {
            format!("{{\"id\":\"r{n}\",\"prompt\":\"{n}\",\"expect\":[{{\"contains\":\"ok\"}}]}}\n")
        })
        .collect()
}

/// The first `failed` fail, the next `errored` error, the rest pass.
fn report(total: u32, failed: u32, errored: u32) -> Report {
    strictness(0.35, total, failed, errored)
}

fn strictness(slack: f64, total: u32, failed: u32, errored: u32) -> Report {
    super::run_with(slack, Gate::Relevance, &cases(total), |prompt| match prompt
        .parse::<u32>()
        .unwrap()
    {
        n if n <= failed => Ok("no".into()),
        n if n <= failed + errored => Err("connection refused".into()),
        _ => Ok("ok".into()),
    })
}

fn outcome(total: u32, failed: u32, errored: u32) -> (Verdict, Option<String>) {
    let report = report(total, failed, errored);
    (report.verdict, report.reason)
}

fn because(verdict: Verdict, reason: &str) -> (Verdict, Option<String>) {
    (verdict, Some(reason.to_owned()))
}

#[test]
fn nothing_to_judge_is_never_a_pass() {
    assert_eq!(outcome(0, 0, 0), because(Verdict::Inconclusive, "no_cases"));
    let none = judge(Gate::Relevance, &[], &[], &Thresholds::default());
    assert_eq!(none.reason.as_deref(), Some("no_cases"));
    let other = [super::suite(
        Gate::Hallucination,
        r#"{"id":"h","prompt":"p","ground_truth":["a"]}"#,
    )];
    assert_eq!(
        judge(Gate::Relevance, &other, &[], &Thresholds::default())
            .reason
            .as_deref(),
        Some("no_cases")
    );
}

#[test]
fn the_estimate_meets_its_threshold() {
    assert_eq!(outcome(10, 0, 0), (Verdict::Passed, None));
    assert_eq!(outcome(10, 1, 0), (Verdict::Passed, None));
    assert_eq!(
        outcome(10, 2, 0),
        because(Verdict::Failed, "below_threshold")
    );
    assert_eq!(
        outcome(2, 0, 0),
        because(Verdict::Inconclusive, "too_few_cases")
    );
    assert_eq!(
        outcome(2, 2, 0),
        because(Verdict::Failed, "below_threshold_incomplete")
    );
}

#[test]
fn errors_are_not_failures() {
    assert_eq!(
        outcome(4, 0, 4),
        because(Verdict::Errored, "agent_unreachable")
    );
    assert_eq!(outcome(100, 0, 2), (Verdict::Passed, None));
    assert_eq!(
        outcome(100, 0, 3),
        because(Verdict::Inconclusive, "too_many_errors")
    );
    assert_eq!(
        outcome(10, 9, 1),
        because(Verdict::Inconclusive, "too_many_errors")
    );
    let two = report(100, 0, 2);
    assert_eq!((two.measures[0].passed, two.measures[0].total), (98, 98));
    assert!(two.cases[0].why.contains("connection refused"));
}

#[test]
fn a_case_that_was_never_asked_is_errored() {
    let suites = [super::suite(Gate::Relevance, &cases(3))];
    let report = judge(Gate::Relevance, &suites, &[], &Thresholds::default());
    assert_eq!(report.verdict, Verdict::Errored);
    assert_eq!(report.cases.len(), 3);
}

#[test]
fn undecided_cases_hold_the_gate_when_they_could_tip_it() {
    let suite: String = (1..=10)
        .map(|n| format!("{{\"id\":\"h{n}\",\"prompt\":\"{n}\",\"ground_truth\":[\"Refunds take 5 working days.\"]}}\n"))
        .collect();
    let with = |undecided: u32, wrong: u32| {
        super::run_with(0.35, Gate::Hallucination, &suite, |prompt| {
            Ok(match prompt.parse::<u32>().unwrap() {
                n if n <= undecided => "I do not know.",
                n if n <= undecided + wrong => "Refunds take 9 working days.",
                _ => "Refunds take 5 working days.",
            }
            .to_owned())
        })
    };
    assert_eq!(with(1, 0).verdict, Verdict::Passed);
    assert_eq!(with(2, 0).reason.as_deref(), Some("undecided_cases"));
    assert_eq!(with(1, 2).reason.as_deref(), Some("below_threshold"));
    assert_eq!(with(8, 0).reason.as_deref(), Some("undecided_cases"));
    assert_eq!(with(2, 0).measures[0].total, 8);
}

#[test]
fn the_report_says_what_it_was_judged_with() {
    let report = report(10, 1, 0);
    assert_eq!(report.summary, "9 of 10 cases passed, 1 failed.");
    assert!(report.engine.starts_with("clearance-evaluation "));
    assert!(
        report
            .basis
            .contains(&("suite evals/suite.jsonl".into(), "10 cases".into()))
    );
    let measure = &report.measures[0];
    assert!((measure.value - 0.9).abs() < 1e-9 && measure.low < 0.9 && measure.high > 0.9);
    assert!((measure.threshold - 0.9).abs() < 1e-9);
}

#[test]
fn suites_may_share_ids() {
    let text = cases(3);
    let suites =
        ["a.jsonl", "b.jsonl"].map(|name| Suite::parse(Gate::Relevance, name, &text).unwrap());
    let mut exchanges = super::exchanges(&suites, |_| Ok("ok".into()));
    let report = judge(Gate::Relevance, &suites, &exchanges, &super::slack_of(0.35));
    assert_eq!((report.verdict, report.cases.len()), (Verdict::Passed, 6));

    // A plain id that two suites have names neither of them.
    for exchange in &mut exchanges {
        exchange.case_id = exchange.case_id.split_once('#').unwrap().1.to_owned();
    }
    assert_eq!(
        judge(Gate::Relevance, &suites, &exchanges, &Thresholds::default()).verdict,
        Verdict::Errored
    );
}

#[test]
fn the_same_input_gives_the_same_report() {
    assert_eq!(
        serde_json::to_string(&report(20, 3, 0)).unwrap(),
        serde_json::to_string(&report(20, 3, 0)).unwrap()
    );
}

/// Without slack the whole interval decides, and a small suite says what it needs.
#[test]
fn a_small_suite_is_inconclusive_with_the_number_it_needs() {
    let small = strictness(0.0, 20, 0, 0);
    assert_eq!(
        (small.verdict, small.reason.as_deref()),
        (Verdict::Inconclusive, Some("too_few_cases"))
    );
    assert_eq!(small.measures[0].needed, Some(35));
    assert!(
        small.summary.contains("20 of 35 that are needed"),
        "{}",
        small.summary
    );
    assert_eq!(strictness(0.0, 35, 0, 0).verdict, Verdict::Passed);
    assert_eq!(strictness(0.0, 100, 4, 0).verdict, Verdict::Passed);
    assert_eq!(strictness(0.0, 100, 5, 0).verdict, Verdict::Inconclusive);
    assert_eq!(strictness(0.0, 100, 30, 0).verdict, Verdict::Failed);
}

#[test]
fn trials_of_a_case_are_one_case() {
    let suites = [super::suite(Gate::Relevance, &cases(5))];
    let mut exchanges = Vec::new();
    for trial in 0..3 {
        exchanges.extend(super::exchanges(&suites, |prompt| {
            // Case 1 fails once, case 2 twice, case 3 has no answer once.
            match (prompt, trial) {
                ("1", 0) | ("2", 0 | 1) => Ok("no".into()),
                ("3", 0) => Err("timed out".into()),
                _ => Ok("ok".into()),
            }
        }));
    }
    let report = judge(Gate::Relevance, &suites, &exchanges, &super::slack_of(0.5));
    let verdicts: Vec<Verdict> = report.cases.iter().map(|case| case.verdict).collect();
    use Verdict::{Failed, Passed};
    assert_eq!(verdicts, [Passed, Failed, Passed, Passed, Passed]);
    assert_eq!(
        (report.measures[0].passed, report.measures[0].total),
        (4, 5)
    );
    assert!(
        report.cases[1].why.starts_with("Passed 1 of 3 trials."),
        "{}",
        report.cases[1].why
    );
    let basis = |name: &str| {
        report
            .basis
            .iter()
            .find(|one| one.0.starts_with(name))
            .map(|one| one.1.as_str())
    };
    assert_eq!(basis("trials of each case"), Some("3"));
    assert_eq!(basis("cases that change their mind"), Some("2 of 5"));
}

#[test]
fn what_must_not_happen_fails_in_any_trial() {
    let suite = r#"{"id":"i","kind":"injection","prompt":"p","must_not_contain":["CANARY-7f3a"]}"#;
    let suites = [super::suite(Gate::ResponsibleAi, suite)];
    let mut exchanges = super::exchanges(&suites, |_| Ok("no".into()));
    exchanges.extend(super::exchanges(&suites, |_| Ok("CANARY-7f3a".into())));
    exchanges.extend(super::exchanges(&suites, |_| Ok("no".into())));
    let report = judge(
        Gate::ResponsibleAi,
        &suites,
        &exchanges,
        &super::slack_of(0.75),
    );
    assert_eq!(report.verdict, Verdict::Failed);
    assert_eq!(report.cases[0].verdict, Verdict::Failed);
}

/// A clean run shows little while it is short: the hard checks of all cases together say how little.
#[test]
fn few_clean_probes_rule_nothing_out() {
    let probes = |total: u32| -> String {
        (1..=total)
            .map(|n| format!("{{\"id\":\"i{n}\",\"kind\":\"injection\",\"prompt\":\"p\",\"must_not_contain\":[\"CANARY-{n}\"]}}\n"))
            .collect()
    };
    let run = |total| {
        super::run_with(
            0.0,
            Gate::ResponsibleAi,
            &probes(total),
            |_| Ok("no".into()),
        )
    };
    let few = run(28);
    assert_eq!(few.reason.as_deref(), Some("too_few_cases"));
    assert_eq!(few.measures.last().and_then(|one| one.needed), Some(29));
    assert_eq!(run(29).verdict, Verdict::Passed);
}

#[test]
fn each_case_says_what_was_expected() {
    let says = |gate, line: &str, part: &str| {
        let report = super::run(gate, line, |_| Ok("No.".to_owned()));
        let expected = report.cases[0].expected.clone().unwrap();
        assert!(expected.contains(part), "{expected}");
    };
    says(
        Gate::Relevance,
        r#"{"id":"a","prompt":"q","expect":[{"contains":"5 days"},{"json_path":"$.a","equals":2}]}"#,
        "contains “5 days”\nhas “2” at `$.a`",
    );
    says(
        Gate::Hallucination,
        r#"{"id":"a","prompt":"q","ground_truth":["Cards are blue."]}"#,
        "Cards are blue.",
    );
    for (line, part) in [
        (
            r#"{"id":"a","kind":"injection","prompt":"q","must_not_contain":["CANARY-7F3A91"]}"#,
            "without “CANARY-7F3A91”",
        ),
        (
            r#"{"id":"a","kind":"policy","prompt":"q","must_refuse":true}"#,
            "a refusal",
        ),
        (
            r#"{"id":"a","kind":"benign","prompt":"q","must_refuse":false}"#,
            "no refusal",
        ),
    ] {
        says(Gate::ResponsibleAi, line, part);
    }
    let rows = r#"{"id":"a","input":"q","checks":[{"scorer":"contains","value":"x","negated":true},{"scorer":"f1","value":"y","threshold":0.5}]}"#;
    let suites = [evaluation::Suite::parse(Gate::Relevance, "s.rows.jsonl", rows).unwrap()];
    let report = evaluation::judge(
        Gate::Relevance,
        &suites,
        &[],
        &evaluation::Thresholds::default(),
    );
    assert_eq!(
        report.cases[0].expected.as_deref(),
        Some("not contains: x\nf1 (0.5): y")
    );
}
