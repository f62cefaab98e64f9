//! The values that are followed: on our own fixtures, beside Ruff and Bandit where they are installed, and on code that is
//! taken for clean.

use std::fs;
use std::path::Path;
use std::process::Command;

use domain::gate::{Finding, Severity};
use scanning::Options;
use serde_json::{Value, json};

const FIXTURES: &str = include_str!("../../tests/fixtures/flows.txt");
const OWN: &str = "Our own fixtures of sources, sinks, guards and sanitisers: the rules were written with them, so this shows that they hold and not how they do elsewhere. One finding of any kind counts as found.";

pub(super) fn figures(data: &Path) -> Vec<Value> {
    let (mut bad, mut clean) = (Vec::new(), Vec::new());
    for (rule, code) in FIXTURES
        .split("### ")
        .filter_map(|one| one.split_once('\n'))
    {
        if rule == "clean" {
            clean.push(code);
        } else {
            bad.push(code);
        }
    }
    let mut figures = Vec::new();
    type Finds<'f> = dyn Fn(&Path) -> Option<bool> + 'f;
    let engines: [(&str, &Finds<'_>); 3] = [
        ("ours", &|folder| Some(!ours(folder).is_empty())),
        ("Ruff, rules S", &|folder| {
            other(
                Command::new("ruff")
                    .args(["check", "--isolated", "--select", "S", "--quiet"])
                    .arg(folder),
            )
        }),
        ("Bandit", &|folder| {
            other(
                Command::new("bandit")
                    .args(["--quiet", "--recursive"])
                    .arg(folder),
            )
        }),
    ];
    for (metric, codes, wanted) in [
        ("Insecure fixtures found", &bad, true),
        ("Clean fixtures left alone", &clean, false),
    ] {
        let mut told = None;
        let mut beside = Vec::new();
        for (engine, finds) in engines {
            let judged: Option<Vec<bool>> = codes.iter().map(|code| on(code, finds)).collect();
            let Some(judged) = judged else { continue };
            let right = judged.iter().filter(|found| **found == wanted).count();
            if engine == "ours" {
                let data = "our own fixtures of values followed";
                let source = "tests/fixtures/flows.txt of this repository";
                let ours = ("values_followed", metric, right, codes.len());
                told = Some(figure(ours.0, ours.1, ours.2, ours.3, (data, source), OWN));
            } else {
                let source =
                    "measured beside ours on the same fixtures, which were not written for it";
                let value = share(right, codes.len());
                beside.push(json!({"system": engine, "value": value, "source": source}));
            }
        }
        if let Some(mut told) = told {
            told["published"] = json!(beside);
            figures.push(told);
        }
    }
    figures.extend(clean_code(&data.join("python-clean")));
    figures
}

fn share(right: usize, cases: usize) -> f64 {
    right as f64 / cases as f64
}

fn figure(
    check: &str,
    metric: &str,
    right: usize,
    cases: usize,
    (data, source): (&str, &str),
    note: &str,
) -> Value {
    json!({
        "check": check,
        "metric": metric,
        "value": share(right, cases),
        "cases": cases,
        "data": data,
        "source": source,
        "published": [],
        "note": note,
    })
}

fn on(code: &str, finds: &dyn Fn(&Path) -> Option<bool>) -> Option<bool> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("agent.py"), code).unwrap();
    finds(folder.path())
}

fn ours(folder: &Path) -> Vec<Finding> {
    scanning::static_analysis(folder, Options::default()).findings
}

/// Whether another engine finds something. `None` where it is not installed or does not come to an end.
fn other(command: &mut Command) -> Option<bool> {
    let code = command.output().ok()?.status.code()?;
    (code < 2).then_some(code == 1)
}

/// Packages that people use: the files in which nothing of severity high or critical is found.
fn clean_code(folder: &Path) -> Option<Value> {
    let mut files = 0;
    let mut flagged = 0;
    let mut packages: Vec<String> = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else {
        return None;
    };
    for entry in entries.flatten() {
        packages.push(entry.file_name().to_string_lossy().into_owned());
        let report = scanning::static_analysis(&entry.path(), Options::default());
        let count = |name: &str| {
            report
                .basis
                .iter()
                .find(|(key, _)| key == name)
                .and_then(|(_, value)| value.parse::<usize>().ok())
        };
        files += count("Python files").unwrap_or_default();
        let mut places: Vec<&str> = Vec::new();
        for one in report
            .findings
            .iter()
            .filter(|one| one.severity >= Severity::High)
        {
            let way: Vec<u32> = one.flow.iter().map(|step| step.line).collect();
            eprintln!(
                "{}/{} {} {way:?}",
                entry.file_name().to_string_lossy(),
                one.place(),
                one.rule
            );
            places.push(&one.location);
        }
        places.sort_unstable();
        places.dedup();
        flagged += places.len();
    }
    packages.sort();
    let source = format!(
        "The Python packages {}, each under its own licence",
        packages.join(", ")
    );
    (files > 0).then(|| {
        figure("clean_code", "Files without a finding of severity high or critical", files - flagged, files, ("Python packages that are used much", &source), "Such code is taken for clean, though some of it runs code on purpose. Every rule for Python counts, not only the values followed.")
    })
}
