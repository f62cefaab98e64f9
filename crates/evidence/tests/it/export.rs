//! `JUnit` XML and CSV.

use domain::gate::{Gate, Severity, Standing, Verdict};

use crate::support::{finding, relevance, report};

#[test]
fn no_cell_is_a_formula() {
    let mut found = relevance();
    found.cases[0].id = "@SUM(A1)".to_owned();
    found.cases[0].why = "says \"two\",\nand  -3".to_owned();
    found.cases[0].expected = Some("=two".to_owned());
    found.cases[0].answered = "  =HYPERLINK(\"x\")\u{1b}".to_owned();
    let text = String::from_utf8(evidence::cases_csv([&found])).unwrap();
    let mut lines = text.split("\r\n");
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("\"gate\",\"suite\",\"case\"")
    );
    assert_eq!(
        lines.next().unwrap(),
        "\"relevance\",\"evaluation/r.jsonl\",\"'@SUM(A1)\",\"passed\",\"says \"\"two\"\",\nand  -3\",\"'=1+1\",\"'=two\",\"'  =HYPERLINK(\"\"x\"\")\",\"12\""
    );
}

#[test]
fn build_servers_see_failures_and_never_take_doubt_for_a_pass() {
    let mut scan = report(Gate::ImageScan, Verdict::Inconclusive);
    scan.findings = vec![
        finding("CVE-2021-1", Severity::Critical),
        finding("x-low", Severity::Low),
    ];
    let text = evidence::junit(
        "#7",
        [
            (&scan, Verdict::Inconclusive),
            (&relevance(), Verdict::Passed),
        ],
    );
    assert!(
        text.contains(
            "<testsuite name=\"image_scan\" tests=\"3\" skipped=\"1\" errors=\"1\" failures=\"1\""
        ),
        "{text}"
    );
    assert!(
        text.contains(
            "<testsuite name=\"relevance\" tests=\"2\" skipped=\"0\" errors=\"0\" failures=\"0\""
        ),
        "{text}"
    );
    assert!(
        !text.contains('\u{1b}') && !text.contains('\u{0}'),
        "{text}"
    );
}

#[test]
fn what_the_live_version_has_too_is_no_failure() {
    let mut known = finding("CVE-2021-1", Severity::Critical);
    known.standing = Standing::Known;
    let mut scan = report(Gate::ImageScan, Verdict::Passed);
    scan.findings = vec![known];
    let text = evidence::junit("#7", [(&scan, Verdict::Passed)]);
    assert!(
        text.contains("skipped=\"1\" errors=\"0\" failures=\"0\""),
        "{text}"
    );
}
