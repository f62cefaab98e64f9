//! The walk: bounded, in order, never through a link; and verdicts about what was not there to read.

use std::fs;
use std::os::unix::fs::symlink;

use domain::gate::{Gate, Verdict};
use scanning::{Options, static_analysis};

fn basis<'a>(report: &'a domain::gate::Report, name: &str) -> Option<&'a str> {
    report
        .basis
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

#[test]
fn an_empty_tree_is_not_clean() {
    let empty = super::analyse(&[]);
    assert_eq!(
        (empty.verdict, empty.reason.as_deref()),
        (Verdict::Inconclusive, Some("nothing_to_check"))
    );
    assert_eq!(empty.gate, Gate::StaticAnalysis);
    let binary = super::analyse(&[("model.bin", b"\0\x01\x02")]);
    assert_eq!(binary.reason.as_deref(), Some("nothing_to_check"));
    let git = super::analyse(&[(".git/config", b"a")]);
    assert_eq!(git.reason.as_deref(), Some("nothing_to_check"));
}

#[test]
fn a_missing_folder_is_errored() {
    let folder = super::tree(&[]);
    let report = super::analyse_at(&folder.path().join("none"));
    assert_eq!(
        (report.verdict, report.reason.as_deref()),
        (Verdict::Errored, Some("unreadable"))
    );
}

#[test]
fn a_clean_agent_passes_with_its_basis() {
    let report = super::analyse(&[
        ("agent.py", b"print('hi')\n"),
        ("prompts/system.md", b"Be kind.\n"),
        ("run", b"#!/usr/bin/env python3\nx = 1\n"),
    ]);
    assert_eq!((report.verdict, report.reason), (Verdict::Passed, None));
    assert_eq!(report.summary, "No findings in 3 files, 2 of Python.");
    assert!(report.engine.starts_with("clearance-scanning "));
}

#[test]
fn a_language_without_rules_is_not_clean() {
    let report = super::analyse(&[("main.go", b"package main"), ("README.md", b"hi")]);
    assert_eq!(
        (report.verdict, report.reason.as_deref()),
        (Verdict::Inconclusive, Some("engine_missing"))
    );
    assert_eq!(basis(&report, "not assessed: Go"), Some("1 file"));
    let report = super::analyse(&[("main.go", b"package main"), ("agent.py", b"x = 1")]);
    assert_eq!(report.verdict, Verdict::Passed);
    assert_eq!(basis(&report, "not assessed: Go"), Some("1 file"));
}

#[test]
fn links_are_not_followed() {
    let outside = super::tree(&[("secret.py", b"eval(input())")]);
    let folder = super::tree(&[("agent.py", b"x = 1")]);
    symlink(outside.path(), folder.path().join("folder")).unwrap();
    symlink(
        outside.path().join("secret.py"),
        folder.path().join("file.py"),
    )
    .unwrap();
    symlink(folder.path(), folder.path().join("loop")).unwrap();
    symlink("/etc/passwd", folder.path().join("passwd")).unwrap();
    let report = super::analyse_at(folder.path());
    assert_eq!(
        (report.verdict, report.findings.len()),
        (Verdict::Passed, 0)
    );
    assert_eq!(basis(&report, "symbolic links, not followed"), Some("4"));
}

#[test]
fn bounds_end_in_doubt_and_never_in_a_pass() {
    let many: Vec<(String, Vec<u8>)> = (0..20)
        .map(|n| (format!("{n}.py"), b"x = 1".to_vec()))
        .collect();
    let files: Vec<(&str, &[u8])> = many
        .iter()
        .map(|(name, content)| (name.as_str(), content.as_slice()))
        .collect();
    let folder = super::tree(&files);
    let with = |options| static_analysis(folder.path(), options);
    assert_eq!(
        with(Options {
            max_files: 19,
            ..Options::default()
        })
        .reason
        .as_deref(),
        Some("too_large")
    );
    assert_eq!(
        with(Options {
            max_files: 20,
            ..Options::default()
        })
        .verdict,
        Verdict::Passed
    );
    assert_eq!(
        with(Options {
            max_total_bytes: 50,
            ..Options::default()
        })
        .reason
        .as_deref(),
        Some("too_large")
    );
    assert_eq!(
        with(Options {
            max_file_bytes: 4,
            ..Options::default()
        })
        .reason
        .as_deref(),
        Some("not_parsed")
    );
}

#[test]
fn deep_folders_end() {
    let folder = super::tree(&[("agent.py", b"x = 1")]);
    let mut path = folder.path().to_owned();
    for _ in 0..100 {
        path.push("d");
    }
    fs::create_dir_all(&path).unwrap();
    assert_eq!(
        super::analyse_at(folder.path()).reason.as_deref(),
        Some("too_large")
    );
}

#[test]
fn findings_are_ordered_and_bounded() {
    let code = "eval(input())\n".repeat(150);
    let many: Vec<(String, String)> = (0..5).map(|n| (format!("{n}.py"), code.clone())).collect();
    let files: Vec<(&str, &[u8])> = many
        .iter()
        .map(|(name, content)| (name.as_str(), content.as_bytes()))
        .collect();
    let report = super::analyse(&files);
    assert_eq!(report.findings.len(), 500);
    assert!(
        report
            .summary
            .starts_with("750 findings (750 high) in 5 files"),
        "{}",
        report.summary
    );
    assert!(report.findings.is_sorted_by_key(|one| (
        std::cmp::Reverse(one.severity),
        one.location.clone(),
        one.line
    )));
}

#[test]
fn lock_files_are_read_beyond_the_bound_of_other_files() {
    let packages: String = (0..40_000)
        .map(|n| format!("package{n}==1.{n}\n"))
        .chain(["last\n".to_owned()])
        .collect();
    assert!(packages.len() < 1024 * 1024);
    let folder = super::tree(&[
        ("requirements.txt", packages.as_bytes()),
        ("agent.py", b"x = 1"),
    ]);
    let options = Options {
        max_file_bytes: 1024,
        ..Options::default()
    };
    let report = static_analysis(folder.path(), options);
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
    assert_eq!(report.findings[0].rule, "dependency-unpinned");
    assert_eq!(report.findings[0].line, Some(40_001));
    assert_eq!(basis(&report, "packages in lock files"), Some("40000"));
    assert_eq!(basis(&report, "long files, read in part"), Some("1"));
}
