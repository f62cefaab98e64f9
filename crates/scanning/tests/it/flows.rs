//! Values followed from where they come in to where they do harm: the fixtures, the paths that are told, and hostile code.

use std::fmt::Write as _;

use domain::gate::{Severity, Verdict};

/// Sections of code, each under the rule that it breaks, or under `clean`.
const FIXTURES: &str = include_str!("../fixtures/flows.txt");

fn fixtures() -> impl Iterator<Item = (&'static str, &'static str)> {
    FIXTURES
        .split("### ")
        .filter_map(|one| one.split_once('\n'))
}

#[test]
fn every_fixture_is_judged_as_it_says() {
    let mut wrong = String::new();
    for (rule, code) in fixtures() {
        let report = super::analyse(&[("agent.py", code.as_bytes())]);
        let told = report
            .findings
            .iter()
            .any(|one| one.rule == rule && !one.flow.is_empty());
        let right = if rule == "clean" {
            report.findings.is_empty()
        } else {
            told
        };
        if !right {
            writeln!(wrong, "### {rule}\n{code}found: {:?}\n", report.findings).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_source_and_sink_has_fixtures() {
    let rules: Vec<&str> = fixtures().map(|(rule, _)| rule).collect();
    assert!(rules.iter().filter(|rule| **rule == "clean").count() >= 25);
    for rule in scanning::catalogue::RULES
        .iter()
        .filter(|rule| rule.id.starts_with("agent-untrusted-"))
    {
        assert!(rules.contains(&rule.id), "{} has no fixture", rule.id);
    }
}

#[test]
fn a_flow_names_each_step_from_the_source_to_the_sink() {
    let code = "def run(llm, q):\n    reply = llm.invoke(q)\n    code = reply.content\n    helper(code)\ndef helper(text):\n    exec(text)\n";
    let report = super::analyse(&[("agent.py", code.as_bytes())]);
    let found = report
        .findings
        .iter()
        .find(|one| one.rule == "agent-model-output-eval")
        .unwrap();
    assert_eq!((found.severity, found.line), (Severity::Critical, Some(6)));
    let lines: Vec<u32> = found.flow.iter().map(|step| step.line).collect();
    assert_eq!(lines, [2, 2, 3, 5, 6]);
    assert_eq!(found.flow[2].what, "kept as `code`");
    assert_eq!(found.flow[4].what, "is run as code");
}

#[test]
fn hostile_code_costs_no_more_than_its_bound() {
    let mut branches = String::from("def f(llm, q):\n    x = llm.invoke(q)\n");
    for n in 0..4_000 {
        write!(
            branches,
            "    if q == {n}:\n        v{n} = x\n    else:\n        v{n} = q\n"
        )
        .unwrap();
    }
    branches.push_str("    eval(v1)\n");
    let mut loops = String::from("def f(q):\n");
    for n in 0..60 {
        writeln!(loops, "{}for v{n} in q:", " ".repeat(n + 1)).unwrap();
    }
    writeln!(loops, "{}eval(q)", " ".repeat(61)).unwrap();
    let mut chain = String::new();
    for n in 0..8_000 {
        writeln!(chain, "def f{n}(q):\n    return f{}(q)", n + 1).unwrap();
    }
    chain.push_str("def f8000(q):\n    return eval(q)\n");
    let mut doubled = String::from("def f(llm, q):\n    x = [llm.invoke(q)]\n    s = 'ab'\n");
    for _ in 0..2_000 {
        doubled.push_str("    x = [x, x, x]\n    s = s + s\n");
    }
    doubled.push_str("    eval(x)\n");
    let mut calls =
        String::from("def g(a):\n    return a\ndef f(llm, q):\n    x = llm.invoke(q)\n");
    writeln!(calls, "    {}x{}", "g(".repeat(300), ")".repeat(300)).unwrap();
    calls.push_str("    eval(x)\n");
    for code in [branches, loops, chain, doubled, calls] {
        let report = super::analyse(&[("agent.py", code.as_bytes())]);
        // Whatever is not followed is judged by its names: nothing gets through.
        assert_eq!(report.verdict, Verdict::Failed, "{}", report.summary);
        assert!(
            report
                .findings
                .iter()
                .any(|one| one.rule.ends_with("-eval"))
        );
    }
}

#[test]
fn a_file_of_too_many_ways_says_so() {
    let mut code = String::from("def f(q):\n");
    for n in 0..60 {
        writeln!(code, "{}for v{n} in q:", " ".repeat(n + 1)).unwrap();
    }
    writeln!(code, "{}pass", " ".repeat(61)).unwrap();
    assert!(super::rules("agent.py", &code).contains(&"python-flow-cut".to_owned()));
}

#[test]
fn a_function_whose_name_a_later_one_takes_is_followed_too() {
    let code = "@mcp.tool()\ndef act(code: str):\n    exec(code)\n@mcp.tool()\ndef act(code: str):\n    return 1\n";
    assert!(super::rules("agent.py", code).contains(&"agent-model-output-eval".to_owned()));
    let report = super::analyse(&[("agent.py", code.as_bytes())]);
    assert!(report.findings.iter().any(|one| !one.flow.is_empty()));
}
