//! Conditions say true or false within their bounds, and whatever else they do is inconclusive.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

use std::time::{Duration, Instant};

use conditions::{Outcome, SOURCE_MAX_BYTES, check, evaluate};

const MANIFEST: &str = r#"{"agent":"bot","scopes":["orders:read"],"environment":"production"}"#;

fn rule(body: &str) -> String {
    format!("package clearance\n\nimport rego.v1\n\n{body}\n")
}

fn inconclusive(source: &str) -> String {
    let began = Instant::now();
    let outcome = evaluate(source, MANIFEST);
    assert!(began.elapsed() < Duration::from_secs(3), "{outcome:?}");
    match outcome {
        Outcome::Inconclusive(why) => why,
        Outcome::Met | Outcome::Unmet => panic!("{outcome:?}"),
    }
}

#[test]
fn a_condition_is_met_or_not() {
    let source = rule("default allow := false\n\nallow if count(input.scopes) < 2");
    assert_eq!(check(&source), Ok(()));
    assert_eq!(evaluate(&source, MANIFEST), Outcome::Met);
    let more = r#"{"scopes":["a:b","c:d"]}"#;
    assert_eq!(evaluate(&source, more), Outcome::Unmet);
}

#[test]
fn what_is_neither_true_nor_false_is_inconclusive() {
    for body in [
        "allow := 1",
        "allow := \"true\"",
        "allow := null",
        "allow if input.nothing",
        "allow := [true]",
    ] {
        let why = inconclusive(&rule(body));
        assert!(why.contains("allow"), "{body}: {why}");
    }
}

#[test]
fn an_error_is_inconclusive() {
    inconclusive(&rule("allow if to_number(input.agent) == 1"));
    inconclusive(&rule("allow := true\n\nallow := false"));
    let source = rule("allow := true");
    assert!(matches!(
        evaluate(&source, "{oops"),
        Outcome::Inconclusive(_)
    ));
}

#[test]
fn a_loop_is_stopped() {
    let digits = "[0,1,2,3,4,5,6,7,8,9]";
    let loops: Vec<String> = (0..9).map(|n| format!("some x{n} in {digits}")).collect();
    let sum: Vec<String> = (0..9).map(|n| format!("x{n}")).collect();
    let body = format!(
        "default allow := false\n\nallow if {{\n{}\n{} == 1000\n}}",
        loops.join("\n"),
        sum.join(" + ")
    );
    let why = inconclusive(&rule(&body));
    assert!(why.contains("time") || why.contains("second"), "{why}");
}

#[test]
fn it_reaches_neither_network_nor_files_nor_the_clock() {
    for call in [
        "http.send({\"method\": \"get\", \"url\": \"http://127.0.0.1/\"})",
        "opa.runtime()",
        "time.now_ns()",
        "uuid.rfc4122(\"x\")",
        "net.lookup_ip_addr(\"localhost\")",
    ] {
        inconclusive(&rule(&format!("allow if {call}")));
    }
}

#[test]
fn what_multiplies_is_refused_with_its_place() {
    let source = rule("allow if count(numbers.range(1, 1000000000)) > 1");
    let problem = check(&source).unwrap_err();
    assert_eq!((problem.line, problem.column), (5, 16), "{problem:?}");
    assert!(problem.message.contains("numbers.range"));
    assert!(check(&rule("allow if sprintf (\"%s\", [1]) == \"\"")).is_err());
    assert_eq!(check(&rule("my_concat := 1\n\nallow := true")), Ok(()));
}

#[test]
fn mistakes_have_a_line_and_a_column() {
    let problem = check(&rule("allow if {\n  input.x ==\n}")).unwrap_err();
    assert!(problem.line >= 6 && problem.column > 0, "{problem:?}");
    let other = check("package other\n\nallow := true\n").unwrap_err();
    assert!(other.message.contains("package clearance"));
    let none = check("package clearance\n\ndeny := true\n").unwrap_err();
    assert!(none.message.contains("`allow`"), "{none:?}");
}

#[test]
fn its_size_and_depth_are_bounded() {
    let long = rule(&"# ".repeat(SOURCE_MAX_BYTES));
    assert_eq!(check(&long).unwrap_err().line, 0);
    let deep = rule(&format!("allow := {}1{}", "[".repeat(200), "]".repeat(200)));
    assert_eq!(check(&deep).unwrap_err().line, 5);
    assert!(check("").is_err());
}
