//! SARIF: what we write is read back as it was, and what others write is believed only as far as it says something.

use domain::gate::{Finding, Severity, Standing};
use scanning::sarif;
use serde_json::{Value, json};

use super::analyse;

#[test]
fn a_report_survives_the_way_out_and_in() {
    let report = analyse(&[(
        "src/my agent.py",
        b"def f(x):\n    return eval(x)\n\npassword = 'q7WzR2nKf9LxB4vTj6Ym'\n",
    )]);
    let document = sarif::write([&report]);
    assert_eq!(document["version"], "2.1.0");
    let run = &document["runs"][0];
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), report.findings.len());
    for result in results {
        let rule = &run["tool"]["driver"]["rules"]
            [usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(result["partialFingerprints"]["clearanceFinding/v1"].is_string());
    }
    assert_eq!(
        results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        "src/my%20agent.py"
    );
    let back = sarif::read(document.to_string().as_bytes())
        .unwrap()
        .remove(0);
    assert_eq!(back.outcome.unwrap(), report.findings);
    assert!(back.engine.starts_with("clearance"));
}

#[test]
fn standings_are_written() {
    let mut report = analyse(&[("a.py", b"def f(x):\n    return eval(x)\n")]);
    report.findings[0].standing = Standing::Suppressed;
    let mut known = report.findings[0].clone();
    known.standing = Standing::Known;
    report.findings.push(known);
    let results = sarif::write([&report])["runs"][0]["results"].clone();
    assert_eq!(results[0]["suppressions"][0]["kind"], "inSource");
    assert_eq!(results[1]["baselineState"], "unchanged");
    let broken = analyse(&[("a.py", b"def f(:\n")]);
    assert_eq!(
        sarif::write([&broken])["runs"][0]["invocations"][0]["executionSuccessful"],
        false
    );
}

fn read(run: Value) -> Result<Vec<Finding>, String> {
    let document = json!({"version": "2.1.0", "runs": [run]});
    sarif::read(document.to_string().as_bytes())
        .unwrap()
        .remove(0)
        .outcome
}

fn with(result: Value) -> Finding {
    let run = json!({"tool": {"driver": {"name": "Tool", "rules": [{"id": "A", "defaultConfiguration": {"level": "note"}}, {"id": "B", "properties": {"security-severity": "9.8"}}]}}, "results": [result]});
    read(run).unwrap().remove(0)
}

#[test]
fn wrong_offsets_and_odd_values_are_bounded() {
    let place = |line: Value| json!([{"physicalLocation": {"artifactLocation": {"uri": "file:///../../a%20b/../c.py"}, "region": {"startLine": line}}}]);
    let found =
        with(json!({"ruleId": "A", "message": {"text": "x"}, "locations": place(json!(7))}));
    assert_eq!(
        (
            found.rule.as_str(),
            found.severity,
            found.location.as_str(),
            found.line
        ),
        ("tool/A", Severity::Low, "a b/c.py", Some(7))
    );
    for line in [
        json!(0),
        json!(-1),
        json!(99_999_999_999_u64),
        json!("7"),
        json!(null),
        json!(1.5),
    ] {
        assert_eq!(
            with(json!({"ruleId": "A", "message": {}, "locations": place(line)})).line,
            None
        );
    }
    assert_eq!(
        with(json!({"ruleIndex": 1, "message": {}})).severity,
        Severity::Critical
    );
    for index in [-1, 2, i64::MAX] {
        assert_eq!(
            with(json!({"ruleIndex": index, "message": {}})).rule,
            "tool/unnamed"
        );
    }
    assert_eq!(
        with(json!({"ruleId": "A", "ruleIndex": 1, "message": {}})).severity,
        Severity::Low,
        "the id decides"
    );
    assert_eq!(
        with(json!({"ruleId": "C", "level": "error", "message": {"text": "a\u{202e}b"}})).severity,
        Severity::High
    );
}

#[test]
fn a_run_without_results_has_not_scanned() {
    let tool = json!({"driver": {"name": "Tool", "version": "1"}});
    assert!(read(json!({"tool": tool})).is_err());
    assert!(read(json!({"tool": tool, "results": null})).is_err());
    assert!(
        read(json!({"tool": tool, "results": [], "invocations": [{"executionSuccessful": false}]}))
            .is_err()
    );
    assert_eq!(read(json!({"tool": tool, "results": []})), Ok(Vec::new()));
    assert_eq!(
        read(json!({"tool": tool, "results": [{"kind": "pass", "message": {}}]})),
        Ok(Vec::new())
    );
    for document in [
        &b""[..],
        b"{}",
        b"[]",
        br#"{"version":"1.0.0","runs":[]}"#,
        br#"{"version":"2.1.0","runs":[]}"#,
    ] {
        assert!(sarif::read(document).is_err());
    }
}

#[test]
fn the_way_of_a_value_is_a_code_flow() {
    let code = b"def f(llm, q):\n    x = llm.invoke(q).content\n    exec(x)\n";
    let report = analyse(&[("a.py", code)]);
    let document = sarif::write([&report]);
    let result = &document["runs"][0]["results"][0];
    let steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
        .as_array()
        .unwrap();
    let lines: Vec<&Value> = steps
        .iter()
        .map(|step| &step["location"]["physicalLocation"]["region"]["startLine"])
        .collect();
    assert_eq!(lines, [2, 2, 3]);
    assert_eq!(steps[2]["location"]["message"]["text"], "is run as code");
    assert!(result["partialFingerprints"]["clearanceFinding/v1"].is_string());
}
