//! Fourteen kinds of tampering, most by whoever has everything but the log's key, and four by somebody who has that too: made
//! from seeds, 1,000 in a test run. Both verifiers find every one, name the entry where it can be told, and are silent on as many
//! clean logs.
//!
//! `CLEARANCE_TEST_TAMPERING=10000` makes more.

mod forge;

use std::fs;
use std::process::Command;

use audit_log::{Checkpoint, VerifyError, VerifyOptions, WitnessPolicy, open, verify_export_with};
use serde_json::{Value, json};
use tempfile::TempDir;

use self::forge::{Case, Expect, Kind};
use crate::python::SECOND_VERIFIER;
use crate::support::trusted;

/// How many are made, and how many of them stand on disk at the same time.
const CASES: u64 = 1_000;
const BATCH: u64 = 500;

#[expect(
    clippy::disallowed_methods,
    reason = "tests have no configuration file; this variable is documented"
)]
fn count() -> u64 {
    let asked = std::env::var("CLEARANCE_TEST_TAMPERING");
    asked.map_or(CASES, |number| number.parse().expect("a number of cases"))
}

#[test]
fn every_tampering_is_found_and_named_by_both_verifiers() {
    let kinds = Kind::ALL.len();
    let case = |seed: u64| {
        let kind = Kind::ALL[usize::try_from(seed).unwrap() % kinds];
        (
            format!("seed {seed}, {kind:?}"),
            forge::tampered(seed, kind),
        )
    };
    judge_all(count(), case);
}

#[test]
fn clean_logs_raise_no_alarm_in_either_verifier() {
    judge_all(count(), |seed| {
        (format!("seed {seed}, clean"), forge::clean(seed))
    });
}

fn judge_all(count: u64, make: impl Fn(u64) -> (String, Case)) {
    let mut from = 0;
    while from < count {
        let to = count.min(from + BATCH);
        judge((from..to).map(&make).collect());
        from = to;
    }
}

/// Both verdicts on each case, against what is known of it.
fn judge(cases: Vec<(String, Case)>) {
    let folder = TempDir::new().unwrap();
    let mut list = String::new();
    let mut wanted = Vec::new();
    for (at, (name, case)) in cases.into_iter().enumerate() {
        let dir = folder.path().join(at.to_string());
        case.write(&dir);
        let ours = ours(&dir, &case);
        assert_eq!(ours, case.expect, "{name}: the first verifier");
        list.push_str(&asked_of_the_second(&dir, &case).to_string());
        list.push('\n');
        wanted.push((name, case.expect));
    }
    let file = folder.path().join("list");
    fs::write(&file, list).unwrap();
    let said = Command::new("python3")
        .arg(SECOND_VERIFIER)
        .arg("--list")
        .arg(&file)
        .output()
        .expect("python3 is needed for the second verifier");
    let verdicts = String::from_utf8(said.stdout).unwrap();
    let verdicts: Vec<&str> = verdicts.lines().collect();
    let complaint = String::from_utf8_lossy(&said.stderr);
    assert_eq!(verdicts.len(), wanted.len(), "{complaint}");
    for (verdict, (name, expect)) in verdicts.iter().zip(wanted) {
        assert_eq!(
            theirs(verdict),
            expect,
            "{name}: the second verifier: {verdict}"
        );
    }
}

fn ours(dir: &std::path::Path, case: &Case) -> Expect {
    let key = trusted();
    let earlier: Vec<Checkpoint> = case
        .earlier
        .iter()
        .map(|note| open(note, std::slice::from_ref(&key)).unwrap())
        .collect();
    let options = VerifyOptions {
        trusted: Some(&key),
        earlier: &earlier,
        witnesses: case.witnesses.as_ref(),
    };
    match verify_export_with(dir, &options) {
        Ok(_) => Expect::Silence,
        Err(VerifyError::Tampered { index, .. }) => index.map_or(Expect::Alarm, Expect::At),
        Err(unreadable) => panic!("{unreadable:?}"),
    }
}

fn asked_of_the_second(dir: &std::path::Path, case: &Case) -> Value {
    let earlier = |(n, note): (usize, &String)| {
        let file = dir.join(format!("earlier-{n}"));
        fs::write(&file, note).unwrap();
        file
    };
    let earlier: Vec<_> = case.earlier.iter().enumerate().map(earlier).collect();
    let keys = case.witnesses.iter().flat_map(WitnessPolicy::keys);
    let keys: Vec<String> = keys.map(ToString::to_string).collect();
    let quorum = case.witnesses.as_ref().map_or(0, WitnessPolicy::quorum);
    json!({ "folder": dir, "key": trusted().to_string(), "earlier": earlier, "witnesses": keys, "quorum": quorum })
}

fn theirs(verdict: &str) -> Expect {
    let verdict: Value = serde_json::from_str(verdict).unwrap();
    let text = verdict["text"].as_str().unwrap();
    let named = text
        .split_once("at entry ")
        .and_then(|(_, rest)| rest.split_once(':'))
        .map(|(index, _)| index.parse().unwrap());
    match verdict["code"].as_i64() {
        Some(0) => Expect::Silence,
        Some(1) => named.map_or(Expect::Alarm, Expect::At),
        _ => panic!("{text}"),
    }
}
