//! The policy document, and which verdicts satisfy it.

use chrono::{DateTime, Utc};
use domain::deployment::DeploymentKind;
use domain::environment::Environment;
use domain::gate::{Gate, Verdict};
use domain::lines::LineKind;
use domain::policy::{
    ApprovalRules, OnBreach, POLICY_MAX_BYTES, Policy, STANDARD, STANDARD_VERSION, Shortfall, Taken,
};
use domain::policy::{diff, shortfalls, unmet};
use proptest::prelude::*;
use serde_json::Value;

fn standard() -> Policy {
    Policy::standard().unwrap()
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// What is wrong when a part of the built-in text is replaced: line, column, message.
fn wrong(part: &str, by: &str) -> Vec<(u32, u32, String)> {
    assert!(STANDARD.contains(part), "{part}");
    let problems = Policy::parse(2, &STANDARD.replacen(part, by, 1)).unwrap_err();
    let problems = problems.into_iter();
    problems.map(|p| (p.line, p.column, p.message)).collect()
}

/// 1-based line of the built-in text that begins with a key.
fn line_of(key: &str) -> u32 {
    let at = STANDARD
        .lines()
        .position(|l| l.trim_start().starts_with(key));
    u32::try_from(at.unwrap()).unwrap() + 1
}

#[test]
fn only_passed_and_waived_satisfy() {
    for verdict in Verdict::ALL {
        let open = unmet(&[Gate::Relevance], &[(Gate::Relevance, *verdict)]);
        let satisfied = matches!(verdict.as_str(), "passed" | "waived");
        assert_eq!(open.is_empty(), satisfied, "{verdict}");
    }
}

#[test]
fn a_gate_without_a_result_is_unmet_and_another_one_does_not_stand_for_it() {
    let gates = [Gate::Relevance, Gate::Hallucination];
    let results = [(Gate::Relevance, Verdict::Passed)];
    assert_eq!(unmet(&gates, &results), [Gate::Hallucination]);
    assert_eq!(unmet(&gates, &[]), gates);
}

#[test]
fn production_asks_for_people_and_for_every_gate_of_the_pipeline() {
    let policy = standard();
    let production = policy.of(Environment::Production);
    assert_eq!((production.quorum, production.approval_hours), (1, 72));
    for gate in Gate::ALL.iter().filter(|g| **g != Gate::Health) {
        assert!(production.gates.contains(gate), "{gate}");
        assert!(policy.of(Environment::NonProd).gates.contains(gate));
    }
    assert_eq!(policy.of(Environment::NonProd).quorum, 0);
    assert!((policy.threshold(Gate::Relevance) - 0.9).abs() < f64::EPSILON);
    assert!((policy.threshold(Gate::ResponsibleAi) - 1.0).abs() < f64::EPSILON);
}

#[test]
fn what_is_not_in_the_document_s_language_is_refused_with_its_place() {
    let unknown = wrong("  quorum: 1", "  quorum: 1\n  quorums: 2");
    assert_eq!(
        unknown.first().unwrap().0,
        line_of("quorum:") + 1,
        "{unknown:?}"
    );
    for (part, by) in [
        ("promote_when_proven: true", "promote_when_proven: maybe"),
        ("  quorum: 1", "  quorum: one"),
        ("  quorum: 1", "  quorum: -1"),
        ("  quorum: 1", "  quorum: 1\n  quorum: 2"),
        ("schema: 1", "schema: 1\ncolour: red"),
    ] {
        let problems = wrong(part, by);
        assert!(
            problems.iter().all(|(line, _, _)| *line > 0),
            "{by}: {problems:?}"
        );
    }
    assert!(Policy::parse(2, "").is_err());
    assert!(Policy::parse(2, "[1, 2]").is_err());
    assert!(Policy::parse(2, &STANDARD.replace("schema: 1\n", "")).is_err());
    let long = format!("{STANDARD}#{}", "x".repeat(POLICY_MAX_BYTES));
    assert!(
        Policy::parse(2, &long).unwrap_err()[0]
            .message
            .contains("32 KiB")
    );
}

#[test]
fn values_that_cannot_be_are_refused_with_line_and_column() {
    let quorum = wrong("  quorum: 1", "  quorum: 0");
    assert_eq!(
        quorum,
        [(
            line_of("quorum:"),
            11,
            "Write a whole number from 1 to 10.".to_owned()
        )]
    );
    for (part, by, key) in [
        ("schema: 1", "schema: 2", "schema:"),
        ("name: standard", "name: \"\"", "name:"),
        ("relevance: 90", "relevance: 101", "relevance:"),
        ("approval_hours: 72", "approval_hours: 0", "approval_hours:"),
        ("soak_minutes: 0", "soak_minutes: 99999", "soak_minutes:"),
    ] {
        let problems = wrong(part, by);
        assert_eq!(problems.len(), 1, "{by}: {problems:?}");
        assert_eq!(problems[0].0, line_of(key), "{by}");
    }
}

#[test]
fn no_policy_undercuts_the_least() {
    let said = |part: &str, by: &str| wrong(part, by)[0].2.clone();
    let production =
        "gates: [static_analysis, image_scan, responsible_ai, hallucination, relevance]";
    let without = said(production, "gates: [image_scan]");
    assert_eq!(without, "No policy may leave out static_analysis.");
    let without = said(production, "gates: [static_analysis]");
    assert_eq!(without, "No policy may leave out image_scan.");
    assert!(said(", relevance, health]", ", relevance]").contains("health"));
    // Production would wait for ever for a gate that does not run in non-prod.
    assert!(said(", relevance, health]", ", health]").contains("nothing could ever satisfy it"));
    assert!(said(production, "gates: [static_analysis, image_scan, health]").contains("health"));
    assert!(said("relevance, health]", "relevance, health, health]").contains("twice"));
    assert!(said("relevance, health]", "relevance, health, vibes]").contains("`vibes`"));
}

#[test]
fn freeze_windows_have_a_reason_a_beginning_and_a_later_end() {
    let with = |from: &str, until: &str, reason: &str| {
        let window =
            format!("freeze:\n    - {{reason: \"{reason}\", from: {from}, until: {until}}}");
        Policy::parse(2, &STANDARD.replace("freeze: []", &window))
    };
    let policy = with("2027-01-01T00:00:00Z", "2027-01-04T06:00:00+01:00", "Books").unwrap();
    let production = &policy.production;
    let open = |at: &str| production.frozen_at(time(at)).map(|w| w.reason);
    assert_eq!(open("2026-12-31T23:59:59Z"), None);
    assert_eq!(open("2027-01-01T00:00:00Z"), Some("Books".to_owned()));
    assert_eq!(open("2027-01-04T04:59:59Z"), Some("Books".to_owned()));
    assert_eq!(open("2027-01-04T05:00:00Z"), None);
    assert!(with("2027-01-04T00:00:00Z", "2027-01-01T00:00:00Z", "Books").is_err());
    assert!(with("2027-01-01T00:00:00Z", "2029-01-01T00:00:00Z", "Books").is_err());
    assert!(with("yesterday", "2027-01-01T00:00:00Z", "Books").is_err());
    assert!(with("2027-01-01T00:00:00Z", "2027-01-02T00:00:00Z", "").is_err());
}

#[test]
fn the_digest_is_of_the_rules_and_not_of_their_writing() {
    let digest = |text: &str| Policy::parse(2, text).unwrap().digest().unwrap();
    let written = digest(STANDARD);
    assert!(written.starts_with("sha256:"));
    let reordered = STANDARD.replace(
        "[static_analysis, image_scan,",
        "[image_scan, static_analysis,",
    );
    assert_eq!(digest(&format!("# Another comment\n{reordered}")), written);
    assert_eq!(standard().digest().unwrap(), written);
    assert_ne!(digest(&STANDARD.replace("quorum: 1", "quorum: 2")), written);
}

proptest! {
    #[test]
    fn a_canonical_document_is_the_same_policy_again(
        quorum in 1_u32..=10, hours in 1_u32..=720, soak in 0_u32..=43_200, percent in 1_u32..=100,
        proven: bool, begin in 0_i64..4_000_000_000, seconds in 1_i64..31_000_000, name in "[a-zA-Z][a-z :#'\"-]{0,20}[a-z]",
    ) {
        let mut policy = standard();
        policy.name = name;
        policy.promote_when_proven = proven;
        policy.thresholds.relevance = percent;
        policy.production.quorum = quorum;
        policy.production.approval_hours = hours;
        policy.production.soak_minutes = soak;
        policy.production.freeze.push(domain::policy::Freeze {
            reason: "Books: \"closed\"".to_owned(),
            from: DateTime::from_timestamp(begin, 0).unwrap(),
            until: DateTime::from_timestamp(begin + seconds, 0).unwrap(),
            rrule: None,
        });
        let again = Policy::parse(1, &policy.canonical().unwrap()).unwrap();
        prop_assert_eq!(again, policy);
    }

    #[test]
    fn no_text_at_all_makes_it_panic(text in ".{0,300}") {
        let _ = Policy::parse(2, &text);
    }
}

/// The keys of a JSON value, with those below it.
fn keys(value: &Value, found: &mut Vec<String>) {
    if let Value::Object(map) = value {
        for (key, below) in map {
            found.push(key.clone());
            keys(below, found);
        }
    }
}

#[test]
fn the_published_schema_knows_every_key_and_every_gate() {
    let schema = include_str!("../../../../docs/policy.schema.json");
    let parsed: Value = serde_json::from_str(schema).unwrap();
    let mut known = Vec::new();
    keys(&parsed, &mut known);
    let window = concat!(
        "freeze: [{reason: Books, from: 2027-01-01T00:00:00Z, until: 2027-01-02T00:00:00Z, rrule: FREQ=DAILY}]\n",
        "  evidence_hours: 9\n  conditions: [{name: a-b, message: No., rego: \"package clearance\\nallow := true\"}]\n",
        "  online: {probe_minutes: 15, probe_cases: 5, sample_percent: 10, window: 50, thresholds: {relevance: 80}, on_breach: roll_back}\n",
        "waivers: {roles: [], days: 1, gates: []}\n",
        "retention: {evidence_days: 400}\nscopes: {catalogued: true}\n",
        "overrides: [{team: care, risk: high, production: {quorum: 2, approval: {unused_hours: 9}}}]",
    );
    let policy = Policy::parse(2, &STANDARD.replace("freeze: []", window)).unwrap();
    let document: Value = serde_json::from_str(&policy.canonical().unwrap()).unwrap();
    let mut used = Vec::new();
    keys(&document, &mut used);
    keys(&document["production"]["freeze"][0], &mut used);
    keys(&document["production"]["conditions"][0], &mut used);
    keys(&document["overrides"][0], &mut used);
    assert!(used.len() > 15, "{used:?}");
    let approval = &parsed["properties"]["overrides"]["items"]["properties"]["production"]["properties"]
        ["approval"];
    assert_eq!(
        approval["$ref"],
        "#/properties/production/properties/approval"
    );
    for key in used {
        assert!(known.contains(&key), "{key}");
    }
    for gate in Gate::ALL {
        assert!(schema.contains(&format!("\"{gate}\"")), "{gate}");
    }
}

#[test]
fn production_is_evaluated_while_it_runs_as_the_document_says() {
    let with = |block: &str| {
        let text = format!("freeze: []\n  online: {{{block}}}");
        Policy::parse(2, &STANDARD.replace("freeze: []", &text))
    };
    assert_eq!(standard().production.online, None);
    let whole = "probe_minutes: 15, probe_cases: 5, window: 50, thresholds: {relevance: 80}, on_breach: roll_back";
    let policy = with(whole).unwrap();
    let rules = policy.production.online.unwrap();
    assert_eq!((rules.sampled(), rules.on_breach), (0, OnBreach::RollBack));
    let asked = |gate| (policy.online_threshold(gate) * 100.0).round();
    assert_eq!(asked(Gate::Relevance), 80.0);
    assert_eq!(asked(Gate::Hallucination), 90.0, "as at the gate");
    let again = Policy::parse(2, &policy.canonical().unwrap()).unwrap();
    assert_eq!(again, policy);
    for (part, by) in [
        ("probe_minutes: 15", "probe_minutes: 0"),
        ("probe_cases: 5", "probe_cases: 51"),
        ("window: 50", "window: 9"),
        ("relevance: 80", "relevance: 0"),
        ("relevance: 80", "health: 80"),
        ("roll_back", "panic"),
        ("window: 50, ", ""),
    ] {
        assert!(with(&whole.replace(part, by)).is_err(), "{by}");
    }
}

#[test]
fn evidence_is_kept_for_ever_or_for_at_least_half_a_year() {
    let with = |days: u32| {
        let text = format!("{STANDARD}\nretention: {{evidence_days: {days}}}\n");
        Policy::parse(2, &text)
    };
    assert_eq!(standard().retention, None);
    let policy = with(400).unwrap();
    let rules = policy.retention.unwrap();
    let now = time("2028-02-05T00:00:00Z");
    assert_eq!(rules.cut(now), time("2027-01-01T00:00:00Z"));
    let again = Policy::parse(2, &policy.canonical().unwrap()).unwrap();
    assert_eq!(again, policy);
    assert!(with(184).is_ok() && with(36_500).is_ok());
    assert!(with(183).is_err() && with(36_501).is_err());
}

#[test]
fn any_scope_may_be_asked_for_unless_the_policy_says_otherwise() {
    assert_eq!(standard().scopes, None);
    let text = format!("{STANDARD}\nscopes: {{catalogued: true}}\n");
    let policy = Policy::parse(2, &text).unwrap();
    assert!(policy.scopes.unwrap().catalogued);
    let again = Policy::parse(2, &policy.canonical().unwrap()).unwrap();
    assert_eq!(again, policy);
    assert!(Policy::parse(2, &format!("{STANDARD}\nscopes: {{}}\n")).is_err());
}

#[test]
fn a_difference_keeps_what_is_common() {
    assert!(diff("a\nb", "a\nb").is_empty());
    let lines = diff("a\nb\nc", "a\nx\nc\nd");
    let said: Vec<(LineKind, &str)> = lines.iter().map(|l| (l.kind, l.text.as_str())).collect();
    assert_eq!(
        said,
        [
            (LineKind::Same, "a"),
            (LineKind::Removed, "b"),
            (LineKind::Added, "x"),
            (LineKind::Same, "c"),
            (LineKind::Added, "d"),
        ]
    );
}

#[test]
fn a_deployment_is_measured_against_every_rule_of_another_policy() {
    let text = STANDARD
        .replace("relevance: 90", "relevance: 95")
        .replace("quorum: 1", "quorum: 2")
        .replace("soak_minutes: 0", "soak_minutes: 60")
        .replace(
            "freeze: []",
            "freeze: [{reason: Books, from: 2027-01-01T00:00:00Z, until: 2027-01-02T00:00:00Z}]",
        );
    let (stricter, before) = (Policy::parse(2, &text).unwrap(), standard());
    let results: Vec<_> = before
        .production
        .gates
        .iter()
        .map(|g| (*g, Verdict::Passed))
        .collect();
    let given = [Vec::new()];
    let taken = |results, kind| Taken {
        environment: Environment::Production,
        kind,
        results,
        judged_at: &[],
        weighed_at: time("2027-01-01T12:00:00Z"),
        judged_by: &before,
        approvals: &given,
        live_at: Some(time("2027-01-01T12:00:00Z")),
        proven_at: Some(time("2027-01-01T11:30:00Z")),
    };
    let promotion = taken(&results, DeploymentKind::Promotion);
    assert_eq!(shortfalls(&before, &promotion), []);
    assert_eq!(
        shortfalls(&stricter, &promotion),
        [
            Shortfall::Threshold(Gate::Relevance, 90, 95),
            Shortfall::Quorum(1, 2),
            Shortfall::Frozen("Books".to_owned()),
            Shortfall::Soak(60),
        ]
    );
    assert_eq!(stricter.unproven(&results, &before), [Gate::Relevance]);
    assert_eq!(stricter.unproven(&results, &stricter), []);
    let counting = [Gate::ResponsibleAi, Gate::Hallucination, Gate::Relevance];
    let mut loose = before.clone();
    loose.thresholds.slack = Some(90);
    assert_eq!(before.unproven(&results, &loose), counting);
    let mut thrice = before.clone();
    thrice.thresholds.trials = Some(3);
    assert_eq!(thrice.unproven(&results, &before), counting);
    assert_eq!(before.unproven(&results, &thrice), []);
    let mut lenient = before.clone();
    lenient.thresholds.margin = Some(6);
    assert_eq!(before.unproven(&results, &lenient), counting);
    lenient.thresholds.margin = Some(5);
    assert_eq!(before.unproven(&results, &lenient), [], "it is the default");
    let mut fewer = results.clone();
    fewer.retain(|(gate, _)| *gate != Gate::ImageScan);
    let rollback = taken(&fewer, DeploymentKind::Rollback);
    assert_eq!(
        shortfalls(&before, &rollback),
        [Shortfall::Gate(Gate::ImageScan, None)]
    );
}

/// The built-in document with a block of approval rules.
fn asking(block: &str) -> String {
    STANDARD.replace(
        "freeze: []",
        &format!("freeze: []\n  approval: {{ {block} }}"),
    )
}

#[test]
fn the_approval_block_may_be_left_out_and_its_defaults_change_no_digest() {
    let plain = standard();
    assert_eq!(plain.production.approval, ApprovalRules::default());
    assert!(!plain.canonical().unwrap().contains("approval\""));
    let written = "required: [], reason: false, unused_hours: 168, sign_in_minutes: 5";
    for block in ["", written] {
        let same = Policy::parse(STANDARD_VERSION, &asking(block)).unwrap();
        assert_eq!(same.digest().unwrap(), plain.digest().unwrap(), "{block}");
    }
    let block = "required: [{ group: security, count: 2 }, { group: legal, count: 1 }], reason: true, unused_hours: 24, reminder_hours: 8, escalation_hours: 24, sign_in_minutes: 15";
    let other = Policy::parse(2, &asking(block)).unwrap();
    assert_ne!(other.digest().unwrap(), plain.digest().unwrap());
    let again = Policy::parse(2, &other.canonical().unwrap()).unwrap();
    assert_eq!(again, other);
    let rules = &other.production.approval;
    assert_eq!(other.production.rule().groups(), ["legal", "security"]);
    assert_eq!((rules.reason, rules.unused_hours), (true, 24));
    assert_eq!(
        (rules.reminder_hours, rules.escalation_hours),
        (Some(8), Some(24))
    );
    assert_eq!(rules.sign_in_minutes, 15);
}

#[test]
fn approval_rules_that_cannot_be_are_refused() {
    for block in [
        "colour: red",
        "required: [{ group: Security, count: 1 }]",
        "required: [{ group: security, count: 0 }]",
        "required: [{ group: security, count: 1 }, { group: security, count: 2 }]",
        "required: [{ group: security }]",
        "reminder_hours: 72",
        "escalation_hours: 0",
        "unused_hours: 721",
        "sign_in_minutes: 0",
        "sign_in_minutes: 481",
    ] {
        assert!(Policy::parse(2, &asking(block)).is_err(), "{block}");
    }
}

#[test]
fn a_deployment_without_the_approvals_of_a_group_falls_short() {
    let block = "required: [{ group: security, count: 1 }]";
    let (stricter, before) = (Policy::parse(2, &asking(block)).unwrap(), standard());
    let gates = before.production.gates.iter();
    let results: Vec<_> = gates.map(|g| (*g, Verdict::Passed)).collect();
    let lacks = |approvals: &[Vec<String>]| {
        shortfalls(
            &stricter,
            &Taken {
                environment: Environment::Production,
                kind: DeploymentKind::Promotion,
                results: &results,
                judged_at: &[],
                weighed_at: time("2027-01-01T12:00:00Z"),
                judged_by: &before,
                approvals,
                live_at: None,
                proven_at: None,
            },
        )
    };
    let short = Shortfall::Group("security".to_owned(), 0, 1);
    assert_eq!(lacks(&[Vec::new()]), [short]);
    assert_eq!(lacks(&[vec!["security".to_owned()]]), []);
}
