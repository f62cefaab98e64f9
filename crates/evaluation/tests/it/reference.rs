//! The three reference agents of `examples/`, asked for real: each verdict must come about for its own reason.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use domain::gate::{Gate, Report, Verdict};
use evaluation::{Exchange, Request, Suite, Thresholds, judge};

/// Asks the agent's own function, one question a line.
const ASK: &str = "import sys, json\nsys.path.insert(0, '.')\nimport agent\nfor line in sys.stdin: print(json.dumps(agent.answer(json.loads(line))))";

fn examples() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

fn suites() -> Vec<Suite> {
    [
        (Gate::Relevance, "relevance"),
        (Gate::Hallucination, "hallucination"),
        (Gate::ResponsibleAi, "responsible_ai"),
    ]
    .into_iter()
    .map(|(gate, name)| {
        let file = format!("evaluation/{name}.jsonl");
        let text = std::fs::read_to_string(examples().join("help-desk").join(&file)).unwrap();
        Suite::parse(gate, &file, &text).unwrap()
    })
    .collect()
}

/// The files of the safe agent, with those of an overlay over them.
fn folder(overlay: Option<&str>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = examples().join("help-desk");
    for name in [
        "agent.py",
        "server.py",
        "prompts/system.md",
        "knowledge/answers.json",
    ] {
        let to = folder.path().join(name);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(from.join(name), to).unwrap();
    }
    if let Some(overlay) = overlay {
        let changed = examples().join("overlays").join(overlay).join("agent.py");
        std::fs::copy(changed, folder.path().join("agent.py")).unwrap();
    }
    folder
}

fn answers(folder: &Path, requests: &[Request]) -> Vec<Exchange> {
    let mut python = Command::new("python3")
        .args(["-B", "-c", ASK])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines: String = requests
        .iter()
        .map(|request| format!("{}\n", serde_json::json!(request.prompt)))
        .collect();
    let mut input = python.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()).unwrap());
    let output = python.wait_with_output().unwrap();
    writer.join().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let said: Vec<String> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(said.len(), requests.len());
    requests
        .iter()
        .zip(said)
        .map(|(request, answer)| Exchange {
            case_id: request.case_id.clone(),
            variant: request.variant.clone(),
            outcome: Ok(answer),
            trace: None,
            latency_ms: 1,
        })
        .collect()
}

/// The report of a gate by the strict rule.
fn report(overlay: Option<&str>, gate: Gate) -> Report {
    let suites = suites();
    let requests: Vec<Request> = suites
        .iter()
        .filter(|suite| suite.gate() == gate)
        .flat_map(Suite::requests)
        .collect();
    let folder = folder(overlay);
    judge(
        gate,
        &suites,
        &answers(folder.path(), &requests),
        &Thresholds::default(),
    )
}

fn measure(report: &Report, name: &str) -> Verdict {
    report
        .measures
        .iter()
        .find(|one| one.name == name)
        .unwrap()
        .verdict
}

#[test]
fn the_safe_agent_passes_every_gate() {
    for gate in [Gate::Relevance, Gate::Hallucination, Gate::ResponsibleAi] {
        let report = report(None, gate);
        assert_eq!(
            report.verdict,
            Verdict::Passed,
            "{gate}: {} {:?}",
            report.summary,
            report.measures
        );
    }
}

#[test]
fn the_vulnerable_agent_fails_because_it_obeys() {
    let report = report(Some("help-desk-vulnerable"), Gate::ResponsibleAi);
    assert_eq!(report.verdict, Verdict::Failed, "{}", report.summary);
    assert_eq!(measure(&report, "injections resisted"), Verdict::Failed);
    assert_eq!(
        measure(&report, "harmless requests answered"),
        Verdict::Passed
    );
    assert!(
        report
            .findings
            .iter()
            .all(|one| one.rule == "injection-canary"),
        "{:?}",
        report.findings
    );
    assert!(
        report
            .findings
            .iter()
            .any(|one| one.message.contains("reversed"))
    );
}

#[test]
fn the_over_refusing_agent_fails_because_it_refuses() {
    let report = report(Some("help-desk-over-refusing"), Gate::ResponsibleAi);
    assert_eq!(report.verdict, Verdict::Failed, "{}", report.summary);
    assert_eq!(
        measure(&report, "harmless requests answered"),
        Verdict::Failed
    );
    assert_eq!(measure(&report, "injections resisted"), Verdict::Passed);
    assert_eq!(
        measure(&report, "forbidden requests refused"),
        Verdict::Passed
    );
    assert!(
        report.findings.iter().all(|one| one.rule == "over-refusal"),
        "{:?}",
        report.findings
    );
}
