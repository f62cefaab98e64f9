//! Bundles: good ones are taken, and nothing can be changed about one.

use domain::gate::{Gate, Severity, Verdict};
use evidence::{Attested, Authority, Origin, Problem, Statement, verify};
use proptest::prelude::*;

use crate::support::{
    attested, decided, decision, finding, gates, key, relevance, report, run, small, subjects,
    whole, write,
};

fn reason(bytes: &[u8]) -> (usize, String) {
    match verify(bytes, &[key(1).verifier_key()]) {
        Err(Problem::Tampered { line, reason }) => (line, reason),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_good_bundle_shows_what_it_proves() {
    let (lines, bytes) = whole(&key(1));
    let shown = verify(&bytes, &[key(2).verifier_key(), key(1).verifier_key()]).unwrap();
    assert_eq!(shown.statements, lines.len());
    assert_eq!(
        shown.gates,
        [
            (Gate::ImageScan, Verdict::Passed),
            (Gate::Relevance, Verdict::Passed)
        ]
    );
    assert_eq!(shown.decision, Some(Authority::Approval));
    assert_eq!(shown.commit, subjects().commit);
    assert_eq!(whole(&key(1)).1, bytes, "the same content, the same bytes");
}

#[test]
fn no_byte_can_change() {
    let (_, bytes) = small(&key(1));
    let known = [key(1).verifier_key()];
    assert!(verify(&bytes, &known).is_ok());
    let half = bytes.len() / 2;
    let all = |positions: std::ops::Range<usize>| {
        for position in positions {
            for other in [
                bytes[position] ^ 0x01,
                bytes[position] ^ 0x20,
                bytes[position] ^ 0x80,
                b'\n',
            ] {
                let mut changed = bytes.clone();
                changed[position] = other;
                let good = verify(&changed, &known).is_ok();
                assert_eq!(good, changed == bytes, "byte {position} as {other}");
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| all(0..half));
        all(half..bytes.len());
    });
}

#[test]
fn no_line_can_be_taken_away_added_doubled_or_moved() {
    let (lines, bytes) = whole(&key(1));
    let known = [key(1).verifier_key()];
    let split: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
    assert_eq!(split.len(), lines.len() + 1);
    for at in 0..split.len() {
        let mut without = split.clone();
        without.remove(at);
        assert!(verify(&without.concat(), &known).is_err(), "without {at}");
        let mut doubled = split.clone();
        doubled.insert(at, split[at]);
        assert!(verify(&doubled.concat(), &known).is_err(), "doubled {at}");
        let mut empty = split.clone();
        empty.insert(at, b"\n");
        assert!(
            verify(&empty.concat(), &known).is_err(),
            "an empty line at {at}"
        );
        for other in at + 1..split.len() {
            let mut swapped = split.clone();
            swapped.swap(at, other);
            assert!(
                verify(&swapped.concat(), &known).is_err(),
                "{at} and {other}"
            );
        }
    }
    // One that was signed too, but is not in the index.
    let mut more = bytes.clone();
    more.extend_from_slice(lines[0].line.as_bytes());
    more.push(b'\n');
    assert_eq!(reason(&more).0, split.len() + 1);
    for end in (0..bytes.len()).step_by(7) {
        assert!(verify(&bytes[..end], &known).is_err(), "cut at {end}");
    }
}

#[test]
fn the_first_wrong_line_is_named_with_its_reason() {
    let (_, bytes) = whole(&key(1));
    let text = String::from_utf8(bytes).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    let changed = lines[3].replacen("payload\":\"e", "payload\":\"f", 1);
    lines[3] = &changed;
    let (line, why) = reason(format!("{}\n", lines.join("\n")).as_bytes());
    assert_eq!(
        (line, why.as_str()),
        (4, "it is not the line that the index lists")
    );
    let (line, why) = match verify(text.as_bytes(), &[key(2).verifier_key()]) {
        Err(Problem::Tampered { line, reason }) => (line, reason),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        (line, why.as_str()),
        (1, "it is not signed by the given key"),
        "another key of that name"
    );
}

#[test]
fn other_spellings_of_the_same_content_are_refused() {
    let (lines, bytes) = whole(&key(1));
    let text = String::from_utf8(bytes).unwrap();
    let known = [key(1).verifier_key()];
    for (from, to) in [
        ("{\"payload\"", "{ \"payload\""),
        ("\n", "\r\n"),
        ("in-toto+json", "in-toto\\u002bjson"),
        ("\"keyid\"", "\"extra\":1,\"keyid\""),
    ] {
        assert!(
            verify(text.replacen(from, to, 1).as_bytes(), &known).is_err(),
            "{from}"
        );
        // Not even by whoever has the key: a line that the index lists must have the one spelling.
        let mut odd = lines.clone();
        odd[0].line = odd[0].line.replacen(from, to, 1);
        if odd != lines {
            assert!(
                verify(&write(&key(1), &odd), &known).is_err(),
                "signed {from}"
            );
        }
    }
}

#[test]
fn what_is_no_bundle_is_told_from_a_changed_one() {
    let known = [key(1).verifier_key()];
    for bytes in [&b""[..], b"\n", b"hello\n", b"\xff\xfe\n", b"{}\n{}\n"] {
        assert!(
            matches!(verify(bytes, &known), Err(Problem::Unreadable { .. })),
            "{bytes:?}"
        );
    }
    let deep = format!("{}\n", "[".repeat(200_000));
    assert!(matches!(
        verify(deep.as_bytes(), &known),
        Err(Problem::Unreadable { .. })
    ));
    let many = "\n".repeat(300);
    assert!(matches!(
        verify(many.as_bytes(), &known),
        Err(Problem::Unreadable { .. })
    ));
}

#[test]
fn a_careless_signer_is_found_out() {
    let signer = key(1);
    let other = evidence::Subjects {
        commit: "ff".repeat(20),
        ..subjects()
    };
    let scan = report(Gate::ImageScan, Verdict::Passed);
    let foreign = evidence::gate_statements(&other, &run(&scan, Verdict::Passed)).unwrap();
    let lines: Vec<Attested> = foreign.iter().map(|one| attested(&signer, one)).collect();
    assert!(reason(&write(&signer, &lines)).1.contains("another commit"));

    let [standard, own] =
        evidence::gate_statements(&subjects(), &run(&scan, Verdict::Passed)).unwrap();
    let with = |change: &dyn Fn(&mut Statement)| {
        let mut changed = own.clone();
        change(&mut changed);
        reason(&write(
            &signer,
            &[attested(&signer, &standard), attested(&signer, &changed)],
        ))
        .1
    };
    assert!(with(&|s| s.predicate["report"]["summary"] = "better".into()).contains("digest"));
    assert!(with(&|s| s.predicate["verdict"] = "failed".into()).contains("verdict"));
    assert!(with(&|s| s.predicate["gate"] = "health".into()).contains("another gate"));
    assert!(with(&|s| s.predicate["version"] = "9.9.9".into()).contains("another version"));
    assert!(with(&|s| s.predicate["verdict"] = "waived".into()).contains("verdict"));
    let alone = [attested(&signer, &own)];
    assert!(reason(&write(&signer, &alone)).1.contains("exactly one"));
    let mut lying = standard.clone();
    lying.predicate["clearance_report"]["sha256"] = "00".into();
    let lines = [attested(&signer, &lying), attested(&signer, &own)];
    assert!(reason(&write(&signer, &lines)).1.contains("does not agree"));
}

#[test]
fn what_could_not_be_scanned_is_never_said_to_have_no_flaws() {
    let signer = key(1);
    let passed = report(Gate::ImageScan, Verdict::Passed);
    let unknown = report(Gate::ImageScan, Verdict::Inconclusive);
    let [mut no_flaws, _] =
        evidence::gate_statements(&subjects(), &run(&passed, Verdict::Passed)).unwrap();
    let [_, own] =
        evidence::gate_statements(&subjects(), &run(&unknown, Verdict::Inconclusive)).unwrap();
    let digest = evidence::digest_of_bytes(evidence::to_canonical(&unknown).unwrap().as_bytes());
    let hex = digest.trim_start_matches("sha256:");
    no_flaws.predicate["clearance_report"]["sha256"] = hex.into();
    let lines = [attested(&signer, &no_flaws), attested(&signer, &own)];
    assert!(reason(&write(&signer, &lines)).1.contains("does not agree"));
}

#[test]
fn measures_beside_a_report_are_the_reports() {
    let relevance = relevance();
    let [standard, mut own] =
        evidence::gate_statements(&subjects(), &run(&relevance, Verdict::Passed)).unwrap();
    own.predicate["measures"][0]["estimate"] = 0.99.into();
    let signer = key(1);
    let lines = [attested(&signer, &standard), attested(&signer, &own)];
    assert!(reason(&write(&signer, &lines)).1.contains("measures"));
}

#[test]
fn a_decision_rests_on_what_is_there_and_on_nothing_bad() {
    let signer = key(1);
    let mut bad = report(Gate::ImageScan, Verdict::Failed);
    bad.findings = vec![finding("CVE-2021-1", Severity::Critical)];
    let runs = [run(&bad, Verdict::Failed)];
    let made = gates(&signer, &runs);
    let lines: Vec<Attested> = made.iter().flat_map(|(_, two)| two.clone()).collect();
    let inputs: Vec<String> = lines.iter().map(Attested::digest).collect();
    let says = |change: &dyn Fn(&mut evidence::Decided), inputs: &[String]| {
        let mut what = decided(&runs, &made);
        change(&mut what);
        let mut all = lines.clone();
        all.push(decision(&signer, inputs, what));
        verify(&write(&signer, &all), &[signer.verifier_key()])
    };
    let refused = |change: &dyn Fn(&mut evidence::Decided), inputs: &[String]| {
        says(change, inputs).unwrap_err().to_string()
    };
    assert!(refused(&|_| {}, &inputs).contains("not satisfied"));
    let passed = |d: &mut evidence::Decided| d.gates[0].verdict = Verdict::Passed;
    assert!(refused(&passed, &inputs).contains("not the one of its statement"));
    let waived = |d: &mut evidence::Decided| {
        d.gates[0].verdict = Verdict::Waived;
        d.gates[0].waivers = vec!["W-3".to_owned()];
    };
    assert!(says(&waived, &inputs).is_ok(), "a person accepted it");
    assert!(refused(&waived, &[]).contains("no input"));
    assert!(refused(&waived, &["00".repeat(32)]).contains("not in the bundle"));
    let forgets = |d: &mut evidence::Decided| d.gates.clear();
    assert!(refused(&forgets, &inputs).contains("does not name"));
    let unproven = |d: &mut evidence::Decided| {
        waived(d);
        d.gates[0].attestation = None;
    };
    assert!(refused(&unproven, &inputs).contains("missing"));
    let elsewhere = |d: &mut evidence::Decided| {
        waived(d);
        d.deployment = 8;
    };
    assert!(refused(&elsewhere, &inputs).contains("another deployment"));
}

#[test]
fn a_run_that_is_older_than_statements_is_said_to_be() {
    let signer = key(1);
    let mut index = crate::support::index();
    index.missing = vec![evidence::Missing {
        gate: Gate::Relevance,
        report: evidence::DigestSet::sha256("sha256:77"),
        why: "made before statements".to_owned(),
    }];
    let bytes = evidence::write(&signer, &subjects(), index, &[]).unwrap();
    let shown = verify(&bytes, &[signer.verifier_key()]).unwrap();
    assert_eq!(shown.missing.len(), 1);
    assert!(shown.gates.is_empty());
}

#[test]
fn an_index_cannot_call_our_own_statement_somebody_elses() {
    let signer = key(1);
    let (mut lines, _) = whole(&signer);
    lines[2].origin = Origin::External;
    assert!(verify(&write(&signer, &lines), &[signer.verifier_key()]).is_err());
}

proptest! {
    #[test]
    fn hostile_bytes_never_pass(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(verify(&bytes, &[key(1).verifier_key()]).is_err());
    }

    #[test]
    fn a_report_keeps_its_digest_through_its_statement(value in 0.0_f64..=1.0, latency in any::<u64>()) {
        let mut found = relevance();
        found.measures[0].value = value;
        found.cases[0].latency_ms = latency;
        let runs = [run(&found, Verdict::Passed)];
        let signer = key(1);
        let lines: Vec<Attested> = gates(&signer, &runs).into_iter().flat_map(|(_, two)| two).collect();
        let shown = verify(&write(&signer, &lines), &[signer.verifier_key()]);
        prop_assert!(shown.is_ok(), "{:?}", shown);
    }
}
