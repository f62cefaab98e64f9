//! Engines of the user's: the same contract for the real ones and for programs that behave, hang, lie or talk nonsense.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::NaiveDate;
use domain::gate::{Severity, Verdict};
use scanning::inventory::Component;
use scanning::{
    Engine, EngineKind, Gap, Matcher, MatcherKind, Options, Program, ProgramMatcher,
    static_analysis,
};
use tempfile::TempDir;

use super::tree;

/// A program that is a script.
fn script(folder: &TempDir, text: &str) -> PathBuf {
    let path = folder.path().join("engine");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn engine(kind: EngineKind, path: PathBuf) -> Engine {
    let mut program = Program::new(path);
    program.limits.time = Duration::from_secs(20);
    program.limits.output = 1024 * 1024;
    Engine {
        kind,
        program,
        rules: None,
    }
}

const FLAWED: &str = "import subprocess\n\ndef f(x):\n    subprocess.run(x, shell=True)\n    return eval(x)  # nosec # noqa\n";

/// What every engine for Python holds to, real or not. `lists` says how it names the flaw.
fn contract(kind: EngineKind, program: &Path, flaw: &str) {
    let engine = engine(kind, program.to_owned());
    let folder = tree(&[
        ("flawed.py", FLAWED.as_bytes()),
        ("build/dist/more.py", b"print(1)\n"),
        (".gitignore", b"*.py\n"),
    ]);
    let run = engine.run(folder.path());
    let found = run.outcome.clone().unwrap();
    assert!(
        found
            .iter()
            .any(|one| one.rule == flaw && one.location == "flawed.py" && one.line == Some(5)),
        "{found:?}"
    );
    assert!(
        run.engine.starts_with(kind.name()) && run.engine.contains(|c: char| c.is_ascii_digit()),
        "{}",
        run.engine
    );
    let runs = [run];
    let options = Options {
        engines: &runs,
        ..Options::default()
    };
    let report = static_analysis(folder.path(), options);
    assert!(report.engine.contains(kind.name()));
    assert!(
        report
            .findings
            .iter()
            .any(|one| one.rule == flaw && !one.fingerprint.is_empty())
    );
    let clean = tree(&[("fine.py", b"print(1)\n")]);
    assert_eq!(engine.run(clean.path()).outcome, Ok(Vec::new()));
    let broken = tree(&[("broken.py", b"def f(:\n")]);
    assert!(
        engine.run(broken.path()).outcome.is_err(),
        "what it cannot parse it has not scanned"
    );
}

/// The real engine, where the test run has installed it.
#[expect(
    clippy::disallowed_methods,
    reason = "the test run says where it has put the engines"
)]
fn installed(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("CLEARANCE_TEST_ENGINES")?;
    let path = Path::new(&folder).join(name);
    assert!(path.is_file(), "CLEARANCE_TEST_ENGINES has no {name}");
    Some(path)
}

/// Answers as the engine does, by looking at the files as little as it must.
const FAKE_RUFF: &str = r#"
case "$*" in
  *--version*) echo "ruff 0.0.1"; exit 0;;
  *--show-files*) find . -name '*.py'; exit 0;;
esac
if grep -rqs 'def f(:' .; then
  echo '[{"code":null,"message":"SyntaxError","filename":"broken.py","location":{"row":1,"column":1}}]'; exit 1
fi
if [ -f flawed.py ]; then
  echo '[{"code":"S307","message":"eval","filename":"'"$PWD"'/flawed.py","location":{"row":5,"column":1}}]'; exit 1
fi
echo '[]'
"#;

const FAKE_BANDIT: &str = r#"
case "$*" in *--version*) echo "bandit 0.0.1"; exit 0;; esac
metrics='"_totals":{}'
for file in $(find . -name '*.py'); do metrics="$metrics,\"$file\":{}"; done
if grep -rqs 'def f(:' .; then
  echo '{"errors":[{"filename":"broken.py","reason":"syntax error"}],"metrics":{'"$metrics"'},"results":[]}'; exit 0
fi
if [ -f flawed.py ]; then
  echo '{"errors":[],"metrics":{'"$metrics"'},"results":[{"test_id":"B307","issue_severity":"MEDIUM","issue_confidence":"HIGH","issue_text":"eval","filename":"./flawed.py","line_number":5}]}'; exit 1
fi
echo '{"errors":[],"metrics":{'"$metrics"'},"results":[]}'
"#;

#[test]
fn ruff_and_what_behaves_like_it() {
    let folder = TempDir::new().unwrap();
    contract(EngineKind::Ruff, &script(&folder, FAKE_RUFF), "ruff/S307");
    if let Some(program) = installed("ruff") {
        contract(EngineKind::Ruff, &program, "ruff/S307");
    }
}

#[test]
fn bandit_and_what_behaves_like_it() {
    let folder = TempDir::new().unwrap();
    contract(
        EngineKind::Bandit,
        &script(&folder, FAKE_BANDIT),
        "bandit/B307",
    );
    if let Some(program) = installed("bandit") {
        contract(EngineKind::Bandit, &program, "bandit/B307");
        // Its settings in the tree would let the tree choose its own tests.
        let tree = tree(&[
            ("flawed.py", FLAWED.as_bytes()),
            (".bandit", b"[bandit]\nskips: B307,B602\n"),
        ]);
        let found = engine(EngineKind::Bandit, program)
            .run(tree.path())
            .outcome
            .unwrap();
        assert!(
            found
                .iter()
                .any(|one| one.rule == "bandit/B602" && one.severity == Severity::High)
        );
    }
}

/// Why an engine that answers like this has not scanned a tree with one Python file.
fn refusal(kind: EngineKind, text: &str) -> String {
    let folder = TempDir::new().unwrap();
    let version = "case \"$*\" in *--version*|version) echo 'tool 1.2.3'; exit 0;; esac";
    let mut engine = engine(kind, script(&folder, &format!("{version}\n{text}")));
    engine.program.limits.time = Duration::from_secs(3);
    engine.program.network = kind == EngineKind::PipAudit;
    engine.rules = (kind == EngineKind::Semgrep).then(|| folder.path().join("rules.yml"));
    let tree = tree(&[
        ("a.py", b"print(1)\n"),
        ("requirements.txt", b"requests==1\n"),
    ]);
    let run = engine.run(tree.path());
    let why = run.outcome.clone().unwrap_err();
    let runs = [run];
    let report = static_analysis(
        tree.path(),
        Options {
            engines: &runs,
            ..Options::default()
        },
    );
    assert_eq!(
        (report.verdict, report.reason.as_deref()),
        (Verdict::Inconclusive, Some("not_scanned")),
        "{text}"
    );
    why
}

#[test]
fn an_engine_that_fails_hangs_or_talks_nonsense_has_not_scanned() {
    let list = "case \"$*\" in *--show-files*) echo a.py; exit 0;; esac;";
    for (kind, text, wanted) in [
        (EngineKind::Ruff, "exit 2", "code 2"),
        (EngineKind::Ruff, "echo boom >&2; exit 3", "boom"),
        (EngineKind::Ruff, "echo; exit 0", "0 of 1 files"),
        (EngineKind::Bandit, "echo garbage", "cannot be read"),
        (EngineKind::Bandit, "exit 0", "cannot be read"),
        (
            EngineKind::Bandit,
            "echo '{\"errors\":[],\"metrics\":{\"_totals\":{}},\"results\":[]}'",
            "0 of 1 files",
        ),
        (
            EngineKind::Bandit,
            "yes | head -c 3000000",
            "more than an answer",
        ),
        (EngineKind::Bandit, "kill -9 $$", "signal"),
        (
            EngineKind::Semgrep,
            "echo '{\"results\":[],\"errors\":[],\"paths\":{\"scanned\":[]}}'",
            "no file",
        ),
        (
            EngineKind::Semgrep,
            "echo '{\"results\":[],\"errors\":[{\"level\":\"error\"}],\"paths\":{\"scanned\":[\"a.py\"]}}'",
            "1 errors",
        ),
        (EngineKind::Gitleaks, "echo '[]'", "looked at anything"),
        (
            EngineKind::Gitleaks,
            "echo 'scanned ~0 bytes (0)' >&2; echo '[]'",
            "looked at anything",
        ),
        (
            EngineKind::PipAudit,
            "echo '{\"dependencies\":[{\"name\":\"requests\",\"skip_reason\":\"not found\"}]}'",
            "skipped 1 packages",
        ),
        (
            EngineKind::PipAudit,
            "echo '{\"dependencies\":[]}'",
            "no package",
        ),
    ] {
        let why = refusal(kind, text);
        assert!(why.contains(wanted), "{text}: {why}");
    }
    let why = refusal(EngineKind::Ruff, &format!("{list} echo '{{'"));
    assert!(why.contains("cannot be read"), "{why}");
    let began = std::time::Instant::now();
    // A child of its own would hold its output open.
    let why = refusal(
        EngineKind::Bandit,
        "sh -c 'while :; do :; done' & while :; do :; done",
    );
    assert!(
        why.contains("after 3 seconds") && began.elapsed() < Duration::from_secs(15),
        "{why}"
    );
    let missing = engine(EngineKind::Ruff, PathBuf::from("/no/such/program"));
    assert!(
        missing
            .run(Path::new("/"))
            .outcome
            .unwrap_err()
            .contains("could not be started")
            || missing.run(Path::new("/")).outcome.is_err()
    );
}

#[test]
fn an_engine_sees_no_environment_and_no_network() {
    let folder = TempDir::new().unwrap();
    let report = folder.path().join("seen");
    let text = format!(
        "env > {0}; ls /sys/class/net >> {0}; cat /proc/net/dev >> {0}; exit 9",
        report.display()
    );
    let _run = engine(EngineKind::Ruff, script(&folder, &text)).run(folder.path());
    let seen = fs::read_to_string(report).unwrap();
    assert!(
        !seen.contains("CARGO") && seen.contains("HOME=") && seen.contains("http_proxy="),
        "{seen}"
    );
}

#[test]
fn answers_of_the_others_are_read() {
    let folder = TempDir::new().unwrap();
    let tree = tree(&[("a.py", b"x\n")]);
    let version = "case \"$*\" in *--version*|version) echo 'tool 1.2.3'; exit 0;; esac\n";
    let semgrep = "echo '{\"results\":[{\"check_id\":\"r.one\",\"path\":\"a.py\",\"start\":{\"line\":1},\"extra\":{\"message\":\"m\",\"severity\":\"ERROR\"}}],\"errors\":[],\"paths\":{\"scanned\":[\"a.py\"]}}'";
    let mut one = engine(
        EngineKind::Semgrep,
        script(&folder, &format!("{version}{semgrep}")),
    );
    assert!(
        one.run(tree.path())
            .outcome
            .unwrap_err()
            .contains("no rules")
    );
    one.rules = Some(folder.path().to_owned());
    let found = one.run(tree.path()).outcome.unwrap();
    assert_eq!(
        (found[0].rule.as_str(), found[0].severity),
        ("semgrep/r.one", Severity::High)
    );
    let gitleaks = "echo 'INF scanned ~12 bytes (12 bytes) in 1ms' >&2; echo '[{\"RuleID\":\"aws\",\"Description\":\"A key.\",\"File\":\"a.py\",\"StartLine\":1,\"Secret\":\"REDACTED\"}]'; exit 7";
    let found = engine(
        EngineKind::Gitleaks,
        script(&folder, &format!("{version}{gitleaks}")),
    )
    .run(tree.path())
    .outcome
    .unwrap();
    assert_eq!(found[0].rule, "gitleaks/aws");
    assert!(
        engine(EngineKind::PipAudit, script(&folder, version))
            .run(tree.path())
            .outcome
            .unwrap_err()
            .contains("network")
    );
}

fn components() -> Vec<Component> {
    vec![serde_json::from_value(serde_json::json!({"ecosystem": "PyPI", "name": "requests", "version": "2.19.1", "place": "x"})).unwrap()]
}

fn matched(kind: MatcherKind, text: &str) -> scanning::matching::Assessment {
    let folder = TempDir::new().unwrap();
    matched_in(
        kind,
        text,
        folder.path().to_owned(),
        NaiveDate::from_ymd_opt(2026, 11, 26),
    )
}

fn matched_in(
    kind: MatcherKind,
    text: &str,
    cache: PathBuf,
    today: Option<NaiveDate>,
) -> scanning::matching::Assessment {
    let folder = TempDir::new().unwrap();
    let mut program = Program::new(script(&folder, text));
    program.limits.time = Duration::from_secs(5);
    let matcher = ProgramMatcher {
        kind,
        program,
        cache,
        max_age_days: 7,
    };
    matcher.assess(&components(), today)
}

#[test]
fn trivy_is_asked_for_its_database_and_its_packages() {
    let fake = |database: &str, answer: &str| {
        format!(
            "case \"$*\" in *--format*json*sbom*|sbom*) grep -q pkg:pypi/requests@2.19.1 \"$(eval echo \\$$#)\" || exit 1; echo '{answer}';; *--format*) echo '{{\"Version\":\"0.59.1\",{database}}}';; *) echo 'Version: 0.59.1';; esac"
        )
    };
    let fresh = "\"VulnerabilityDB\":{\"UpdatedAt\":\"2026-11-25T06:00:00Z\"}";
    let full = r#"{"Results":[{"Packages":[{"Name":"requests"}],"Vulnerabilities":[{"VulnerabilityID":"CVE-2018-18074","PkgName":"requests","InstalledVersion":"2.19.1","FixedVersion":"2.20.0","Severity":"HIGH","Title":"Leak"}]}]}"#;
    let found = matched(MatcherKind::Trivy, &fake(fresh, full));
    assert_eq!(found.gap, None);
    assert_eq!(
        (found.engine.as_str(), found.findings[0].rule.as_str()),
        ("trivy 0.59.1", "CVE-2018-18074")
    );
    assert!(
        found
            .basis
            .contains(&("database of trivy as of".into(), "2026-11-25".into()))
    );
    let old = "\"VulnerabilityDB\":{\"UpdatedAt\":\"2026-10-25T06:00:00Z\"}";
    assert_eq!(
        matched(MatcherKind::Trivy, &fake(old, full)).gap,
        Some(Gap::DatabaseStale(Some(32)))
    );
    assert_eq!(
        matched(MatcherKind::Trivy, &fake("\"x\":1", full)).gap,
        Some(Gap::DatabaseMissing)
    );
    for answer in [
        r#"{}"#,
        r#"{"Results":[]}"#,
        r#"{"Results":[{"Packages":[]}]}"#,
        "nonsense",
    ] {
        assert!(
            matches!(
                matched(MatcherKind::Trivy, &fake(fresh, answer)).gap,
                Some(Gap::NotScanned(_))
            ),
            "{answer}"
        );
    }
    assert!(matches!(
        matched(MatcherKind::Trivy, "while :; do :; done").gap,
        Some(Gap::NotScanned(_))
    ));
}

#[test]
fn grype_is_asked_for_its_database_and_its_packages() {
    let fake = |status: &str, answer: &str| {
        format!(
            "case \"$*\" in version*) echo 'Version: 0.90.0';; db*) {status};; sbom:*) echo '{answer}';; esac"
        )
    };
    let fresh = "echo '{\"built\":\"2026-11-24T00:00:00Z\",\"valid\":true}'";
    let full = r#"{"matches":[{"vulnerability":{"id":"GHSA-1","severity":"Critical","description":"Leak","fix":{"versions":["2.20.0"]}},"artifact":{"name":"requests","version":"2.19.1"}}],"descriptor":{"name":"grype"}}"#;
    let found = matched(MatcherKind::Grype, &fake(fresh, full));
    assert_eq!(
        (found.gap, found.findings[0].severity),
        (None, Severity::Critical)
    );
    assert_eq!(
        matched(MatcherKind::Grype, &fake("exit 1", full)).gap,
        Some(Gap::DatabaseMissing)
    );
    let invalid = "echo '{\"built\":\"2026-11-24T00:00:00Z\",\"valid\":false}'";
    assert_eq!(
        matched(MatcherKind::Grype, &fake(invalid, full)).gap,
        Some(Gap::DatabaseMissing)
    );
    assert!(matches!(
        matched(MatcherKind::Grype, &fake(fresh, "{}")).gap,
        Some(Gap::NotScanned(_))
    ));
}

#[test]
fn osv_scanner_is_asked_for_every_package() {
    let fake = |answer: &str| {
        format!(
            "case \"$*\" in *--version*) echo 'osv-scanner version: 2.0.0';; *) echo '{answer}'; exit 1;; esac"
        )
    };
    let full = r#"{"results":[{"packages":[{"package":{"name":"requests","version":"2.19.1","ecosystem":"PyPI"},"vulnerabilities":[{"id":"GHSA-1","summary":"Leak"}],"groups":[{"ids":["GHSA-1","CVE-1"],"max_severity":"7.5"}]}]}]}"#;
    let cache = TempDir::new().unwrap();
    let ask = |answer: &str, today| {
        matched_in(
            MatcherKind::OsvScanner,
            &fake(answer),
            cache.path().to_owned(),
            today,
        )
    };
    assert_eq!(ask(full, None).gap, Some(Gap::DatabaseMissing));
    fs::create_dir_all(cache.path().join("osv-scanner/PyPI")).unwrap();
    fs::write(cache.path().join("osv-scanner/PyPI/all.zip"), "").unwrap();
    let found = ask(full, None);
    assert_eq!(
        (
            found.gap,
            found.findings[0].rule.as_str(),
            found.findings[0].severity
        ),
        (None, "GHSA-1", Severity::High)
    );
    // Its archives have no date but that of their files.
    assert!(matches!(
        ask(full, NaiveDate::from_ymd_opt(2999, 1, 1)).gap,
        Some(Gap::DatabaseStale(Some(_)))
    ));
    for answer in [
        "{}",
        r#"{"results":[]}"#,
        r#"{"results":[{"packages":[]}]}"#,
    ] {
        assert!(
            matches!(ask(answer, None).gap, Some(Gap::NotScanned(_))),
            "{answer}"
        );
    }
}
