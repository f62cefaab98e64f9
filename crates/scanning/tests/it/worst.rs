//! Findings are bounded, and however many lesser ones come first, the worst of them stay.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use domain::gate::{Report, Severity, Verdict};
use scanning::{
    AdvisorySet, Embedded, Engine, EngineKind, Image, ImageOptions, Program, image_scan,
};
use tar::EntryType;
use tempfile::TempDir;

use super::image::{Layer, PEM};
use super::{analyse, tree};

/// Fails for a rule, with no more findings than a place may have.
fn fails_for(report: &Report, rule: &str, most: usize) {
    assert!(report.findings.iter().any(|one| one.rule == rule));
    assert_eq!(
        (report.verdict, report.findings.len()),
        (Verdict::Failed, most)
    );
}

#[test]
fn lesser_findings_of_a_file_do_not_hide_the_worst() {
    let python = format!(
        "{}eval(input())\n",
        "import torch\ntorch.load(path)\n".repeat(201)
    );
    let report = analyse(&[("agent.py", python.as_bytes())]);
    fails_for(&report, "agent-dynamic-eval", 200);
    let script = format!("{}eval(x);\n", "f({ model: \"gpt-4o\" });\n".repeat(201));
    let report = analyse(&[("agent.ts", script.as_bytes())]);
    fails_for(&report, "agent-dynamic-eval", 200);
    let settings = format!("a:\n{}tools: \"*\"\n", "  - model: gpt-4o\n".repeat(200));
    let report = analyse(&[("agent.yaml", settings.as_bytes())]);
    fails_for(&report, "agent-wildcard-tools", 50);
    assert_eq!(report.findings[0].line, Some(202));
    let servers: String = (0..101)
        .map(|n| format!("  s{n}:\n    command: npx -y server{n}\n"))
        .chain(["  last:\n    url: http://mcp.example.com/sse\n".to_owned()])
        .collect();
    let servers = format!("mcpServers:\n{servers}");
    let report = analyse(&[("servers.yaml", servers.as_bytes())]);
    fails_for(&report, "agent-mcp-plain-http", 100);
}

#[test]
fn unpinned_packages_do_not_hide_those_from_an_address() {
    let list: String = (0..60)
        .map(|n| format!("package{n}\n"))
        .chain(["other @ https://example.com/other.tar.gz\n".to_owned()])
        .collect();
    let report = analyse(&[("requirements.txt", list.as_bytes())]);
    let found = &report.findings;
    assert_eq!(
        (found.len(), found[0].rule.as_str()),
        (50, "dependency-from-address")
    );
}

/// What an engine answers that lists `lesser` 5,000 times and then one more thing.
fn answer(
    folder: &TempDir,
    lesser: &str,
    last: &str,
) -> Result<Vec<domain::gate::Finding>, String> {
    let all = vec![lesser; 5_000].join(",");
    fs::write(folder.path().join("answer.json"), format!("[{all},{last}]")).unwrap();
    let program = folder.path().join("engine");
    let text = format!(
        "#!/bin/sh\ncase \"$*\" in *--version*) echo 'ruff 0.0.1'; exit 0;; *--show-files*) exit 0;; esac\nexec cat {}\n",
        folder.path().join("answer.json").display()
    );
    fs::write(&program, text).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let engine = Engine {
        kind: EngineKind::Ruff,
        program: Program::new(program),
        rules: None,
    };
    engine.run(tree(&[]).path()).outcome
}

#[test]
fn lesser_findings_of_an_engine_do_not_hide_the_worst() {
    let folder = TempDir::new().unwrap();
    let hit = |code: &str| {
        format!(r#"{{"code":{code},"message":"m","filename":"a.py","location":{{"row":1}}}}"#)
    };
    let found = answer(&folder, &hit("\"S101\""), &hit("\"S506\"")).unwrap();
    assert_eq!((found.len(), found[0].rule.as_str()), (5_000, "ruff/S506"));
    let broken = answer(&folder, &hit("\"S101\""), &hit("null"));
    assert_eq!(broken, Err("it could not parse 1 places".to_owned()));
}

#[test]
fn lesser_findings_of_an_image_do_not_hide_the_worst() {
    let scan = |layers: Vec<std::path::PathBuf>| {
        let advisories = AdvisorySet::embedded();
        let matcher = Embedded {
            advisories: &advisories,
            max_age_days: 7,
        };
        image_scan(
            &Image::Layers(layers),
            &[],
            &matcher,
            ImageOptions::default(),
        )
    };
    let folder = TempDir::new().unwrap();
    let many = (0..5_001).fold(Layer::new(&folder, "many.tar.gz"), |layer, n| {
        layer.entry(&format!("srv/{n}"), EntryType::Fifo, 0o644, b"", "")
    });
    // One path that is two things at once, and neither hides the other.
    let many = many.file("app/key.pem", 0o646, PEM).done();
    let report = scan(vec![many.clone()]);
    fails_for(&report, "image-private-key", 500);
    let found: Vec<(&str, Severity)> = super::image::found(&report);
    assert!(found.contains(&("image-world-writable", Severity::Medium)));
    // What a later layer removes makes room again.
    let removal = Layer::new(&folder, "removal.tar.gz")
        .file(".wh.srv", 0o644, "")
        .file("app/pipe.pkl", 0o644, "")
        .done();
    let report = scan(vec![many, removal]);
    let found: Vec<(&str, Severity)> = super::image::found(&report);
    assert!(found.contains(&("image-pickled-model", Severity::Low)));
    assert!(!found.contains(&("image-fifo", Severity::Low)));
}
