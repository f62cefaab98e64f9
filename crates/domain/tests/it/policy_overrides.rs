//! Overrides make rules stricter and nothing else; freezes come again as RFC 5545 says; conditions are read when saved.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use domain::agent::Risk;
use domain::gate::{Gate, Verdict};
use domain::policy::{ApprovalRules, ConditionVerdict, Policy, STANDARD, WaiverRules};
use proptest::prelude::*;

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The built-in document with more at its end.
pub(crate) fn with(more: &str) -> Result<Policy, Vec<(u32, u32, String)>> {
    parse(&format!("{STANDARD}{more}"))
}

pub(crate) fn parse(text: &str) -> Result<Policy, Vec<(u32, u32, String)>> {
    Policy::parse(2, text).map_err(|problems| {
        let problems = problems.into_iter();
        problems.map(|p| (p.line, p.column, p.message)).collect()
    })
}

/// Lines of the built-in document.
pub(crate) fn lines() -> u32 {
    u32::try_from(STANDARD.lines().count()).unwrap()
}

#[test]
fn what_holds_for_an_agent_is_the_strictest_of_what_matches() {
    let policy = with(concat!(
        "overrides:\n",
        "  - team: payments\n    production: {quorum: 2, approval_hours: 48}\n",
        "  - risk: high\n    thresholds: {relevance: 95}\n    production: {quorum: 3, soak_minutes: 60}\n",
        "  - {team: payments, risk: high, promote_when_proven: false}\n",
    ))
    .unwrap();
    let of = |team: &str, risk| {
        let found = policy.effective(team, risk);
        (
            found.production.quorum,
            found.production.approval_hours,
            found.production.soak_minutes,
            found.thresholds.relevance,
            found.promote_when_proven,
        )
    };
    assert_eq!(of("sales", Risk::Medium), (1, 72, 0, 90, true));
    assert_eq!(of("payments", Risk::Low), (2, 48, 0, 90, true));
    assert_eq!(of("sales", Risk::High), (3, 72, 60, 95, true));
    assert_eq!(of("payments", Risk::High), (3, 48, 60, 95, false));
    let again = Policy::parse(2, &policy.canonical().unwrap()).unwrap();
    assert_eq!(again, policy);
}

#[test]
fn an_override_that_loosens_anything_is_refused_with_its_place() {
    let base = STANDARD
        .replace("quorum: 1", "quorum: 2\n  evidence_hours: 48")
        .replace("soak_minutes: 0", "soak_minutes: 30")
        .replace("promote_when_proven: true", "promote_when_proven: false")
        .replace(
            "freeze: []",
            "freeze: []\n  approval: {required: [{group: security, count: 2}], reason: true, unused_hours: 48, reminder_hours: 8, escalation_hours: 12, sign_in_minutes: 4}",
        );
    for (rule, column) in [
        ("production: {quorum: 1}", 26),
        ("production: {approval_hours: 73}", 34),
        ("production: {soak_minutes: 29}", 32),
        ("production: {evidence_hours: 49}", 34),
        ("production: {gates: [static_analysis, image_scan]}", 25),
        (
            "non_prod: {gates: [static_analysis, image_scan, health]}",
            23,
        ),
        ("thresholds: {relevance: 89}", 29),
        ("promote_when_proven: true", 26),
        (
            "waivers: {roles: [approver, operator], days: 1, gates: []}",
            22,
        ),
        ("waivers: {roles: [], days: 31, gates: []}", 32),
        ("production: {approval: {reason: false}}", 37),
        ("production: {approval: {unused_hours: 49}}", 43),
        ("production: {approval: {reminder_hours: 9}}", 45),
        ("production: {approval: {escalation_hours: 13}}", 47),
        ("production: {approval: {sign_in_minutes: 5}}", 46),
        (
            "production: {approval: {required: [{group: security, count: 1}]}}",
            65,
        ),
    ] {
        let text = format!("{base}overrides:\n  - team: payments\n    {rule}\n");
        let problems = parse(&text).unwrap_err();
        let at = u32::try_from(base.lines().count()).unwrap() + 3;
        assert!(
            problems
                .iter()
                .all(|p| (p.0, p.1) == (at, column) && p.2.contains("looser")),
            "{rule}: {problems:?}"
        );
    }
}

#[test]
fn an_override_says_for_whom_and_once() {
    let wrong = |more: &str| with(more).unwrap_err()[0].2.clone();
    assert!(wrong("overrides: [{production: {quorum: 2}}]\n").contains("for whom"));
    assert!(wrong("overrides: [{risk: extreme}]\n").contains("high"));
    assert!(wrong("overrides: [{team: 'No Slug'}]\n").contains("short name"));
    assert!(wrong("overrides: [{risk: high}, {risk: high}]\n").contains("already"));
    assert!(with("overrides: [{risk: high, colour: red}]\n").is_err());
}

#[test]
fn rules_that_cannot_be_met_together_are_refused() {
    let text = STANDARD.replace("soak_minutes: 0", "soak_minutes: 120\n  evidence_hours: 2");
    assert!(parse(&text).unwrap_err()[0].2.contains("too old"));
    let apart = "overrides:\n  - {team: payments, production: {soak_minutes: 1440}}\n  - {risk: high, production: {evidence_hours: 12}}\n";
    let problems = with(apart).unwrap_err();
    assert!(
        problems.iter().all(|p| p.2.contains("too old")),
        "{problems:?}"
    );
}

#[test]
fn without_the_new_keys_nothing_changes() {
    let policy = Policy::standard().unwrap();
    assert_eq!(policy.waiver_rules(), WaiverRules::default());
    assert_eq!(policy.production.evidence_hours, None);
    let canonical = policy.canonical().unwrap();
    for key in [
        "waivers",
        "overrides",
        "conditions",
        "evidence_hours",
        "rrule",
    ] {
        assert!(!canonical.contains(key), "{key}");
    }
}

#[test]
fn a_waived_result_counts_only_where_the_gate_may_be_waived() {
    let policy = with("waivers: {roles: [approver], days: 7, gates: [image_scan]}\n").unwrap();
    let results: Vec<_> = policy
        .production
        .gates
        .iter()
        .map(|gate| (*gate, Verdict::Waived))
        .collect();
    let open = policy.unproven(&results, &policy);
    assert!(!open.contains(&Gate::ImageScan) && open.len() == policy.production.gates.len() - 1);
    assert!(with("waivers: {roles: [viewer], days: 7, gates: []}\n").is_err());
    assert!(with("waivers: {roles: [], days: 0, gates: []}\n").is_err());
    assert!(with("waivers: {roles: [], days: 1, gates: [health]}\n").is_err());
}

fn frozen(window: &str) -> Result<Policy, Vec<(u32, u32, String)>> {
    parse(&STANDARD.replace(
        "freeze: []",
        &format!("freeze: [{{reason: Books, {window}}}]"),
    ))
}

/// When the windows between two moments begin.
fn begins(window: &str, from: &str, to: &str) -> Vec<String> {
    let policy = frozen(window).unwrap();
    let windows = policy
        .production
        .frozen_between(time(from), time(to), 1_000);
    let said = windows.iter();
    said.map(|w| w.from.format("%m-%d %H").to_string())
        .collect()
}

#[test]
fn a_freeze_comes_again_as_its_rule_says() {
    let weekend = "from: 2026-01-02T18:00:00Z, until: 2026-01-05T06:00:00Z, rrule: FREQ=WEEKLY";
    // Across both changes of European clocks it stays at 18:00 UTC, and one that began before is still open.
    assert_eq!(
        begins(weekend, "2026-03-28T12:00:00Z", "2026-04-03T18:00:00Z"),
        ["03-27 18", "04-03 18"]
    );
    assert_eq!(
        begins(weekend, "2026-10-23T17:00:00Z", "2026-10-30T17:00:00Z"),
        ["10-23 18"]
    );
    let policy = frozen(weekend).unwrap();
    let open = |at: &str| policy.production.frozen_at(time(at)).map(|w| w.until);
    assert_eq!(
        open("2036-01-05T05:00:00Z"),
        Some(time("2036-01-07T06:00:00Z"))
    );
    assert_eq!(open("2026-01-05T06:00:00Z"), None);
    assert_eq!(
        open("2026-01-05T05:59:59Z"),
        Some(time("2026-01-05T06:00:00Z"))
    );
    assert_eq!(open("2025-12-27T00:00:00Z"), None);
}

#[test]
fn the_end_of_months_and_leap_days_are_those_of_the_calendar() {
    let month = "from: 2027-01-31T00:00:00Z, until: 2027-02-01T00:00:00Z, rrule: 'FREQ=MONTHLY;BYMONTHDAY=-1'";
    assert_eq!(
        begins(month, "2028-01-15T00:00:00Z", "2028-04-01T00:00:00Z"),
        ["01-31 00", "02-29 00", "03-31 00"]
    );
    let leap = "from: 2028-02-29T00:00:00Z, until: 2028-03-01T00:00:00Z, rrule: FREQ=YEARLY";
    let policy = frozen(leap).unwrap();
    let years: Vec<String> = policy
        .production
        .frozen_between(
            time("2027-01-01T00:00:00Z"),
            time("2041-01-01T00:00:00Z"),
            99,
        )
        .iter()
        .map(|w| w.from.format("%Y-%m-%d").to_string())
        .collect();
    assert_eq!(
        years,
        ["2028-02-29", "2032-02-29", "2036-02-29", "2040-02-29"]
    );
}

#[test]
fn a_rule_ends_by_count_or_by_a_moment() {
    let all = |rule: &str| {
        let window =
            format!("from: 2027-01-01T00:00:00Z, until: 2027-01-01T06:00:00Z, rrule: '{rule}'");
        begins(&window, "2026-01-01T00:00:00Z", "2030-01-01T00:00:00Z")
    };
    assert_eq!(
        all("FREQ=DAILY;COUNT=3"),
        ["01-01 00", "01-02 00", "01-03 00"]
    );
    assert_eq!(
        all("FREQ=DAILY;INTERVAL=2;UNTIL=20270105T000000Z"),
        ["01-01 00", "01-03 00", "01-05 00"]
    );
    // Infinite, and asked for four years: bounded.
    assert!(all("FREQ=DAILY").len() <= 500);
    let late = frozen(
        "from: 2027-01-01T00:00:00Z, until: 2027-01-01T06:00:00Z, rrule: 'FREQ=DAILY;COUNT=3'",
    )
    .unwrap();
    assert_eq!(
        late.production.frozen_at(time("2027-01-04T01:00:00Z")),
        None
    );
}

#[test]
fn a_rule_that_is_wrong_or_hostile_is_refused_with_its_place() {
    let first = "from: 2027-01-01T00:00:00Z, until: 2027-01-01T06:00:00Z";
    for rule in [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY",
        "FREQ=HOURLY",
        "FREQ=DAILY;BYHOUR=1,2,3",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=60000",
        "FREQ=DAILY;COUNT=100000",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=WEEKLY;BYDAY=MO",
        "FREQ=DAILY;UNTIL=20270105T000000",
        "FREQ=SOMETIMES",
        "every day",
        "",
        "FREQ=DAILY\\nRRULE:FREQ=SECONDLY",
    ] {
        let problems = frozen(&format!("{first}, rrule: \"{rule}\"")).unwrap_err();
        assert!(
            problems[0].0 > 20 && problems[0].1 > 60,
            "{rule}: {problems:?}"
        );
    }
    let long = "from: 2027-01-01T00:00:00Z, until: 2027-03-01T00:00:00Z, rrule: FREQ=YEARLY";
    assert!(frozen(long).is_err());
    let old = "from: 1970-01-01T00:00:00Z, until: 1970-01-02T00:00:00Z, rrule: FREQ=YEARLY";
    assert!(frozen(old).is_err());
}

#[test]
fn the_costliest_rules_that_are_taken_are_answered_at_once() {
    let rules = [
        (
            "2024-02-29",
            "FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29;BYDAY=TH",
        ),
        ("2020-01-01", "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU"),
        ("2020-01-01", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR,SA,SU"),
        ("2020-02-01", "FREQ=DAILY;INTERVAL=30;BYMONTH=2;BYDAY=SA"),
        ("2020-02-03", "FREQ=WEEKLY;INTERVAL=52;BYMONTH=2"),
    ];
    let began = Instant::now();
    for (day, rule) in rules {
        let window = format!("from: {day}T00:00:00Z, until: {day}T06:00:00Z, rrule: '{rule}'");
        let policy = frozen(&window).unwrap();
        let open = policy.production.frozen_at(time("2045-06-01T12:00:00Z"));
        assert_eq!(open, None, "{rule}");
    }
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
}

fn condition(rego: &str) -> String {
    let body: String = rego.lines().map(|l| format!("        {l}\n")).collect();
    let key = format!(
        "freeze: []\n  conditions:\n    - name: few-scopes\n      message: At most one scope.\n      rego: |\n{body}"
    );
    STANDARD.replace("freeze: []", &key)
}

#[test]
fn a_condition_is_read_when_saved_and_says_where_in_the_document_it_is_wrong() {
    let text = condition("package clearance\n\nimport rego.v1\n\nallow if {\n  input.x ==\n}");
    let problems = parse(&text).unwrap_err();
    let (line, column, message) = problems.first().unwrap();
    let wrong = text.lines().position(|l| l.contains("input.x ==")).unwrap();
    let wrong = u32::try_from(wrong).unwrap() + 1;
    assert!(
        (wrong..=wrong + 1).contains(line) && *column >= 9,
        "{problems:?}"
    );
    assert!(message.starts_with("Rego:"), "{message}");
    let text = condition("package other\n\nallow := true");
    assert_eq!(parse(&text).unwrap_err()[0].1, 9);
}

#[test]
fn a_condition_says_met_or_not_and_is_part_of_the_rules() {
    let text = condition(
        "package clearance\n\nimport rego.v1\n\ndefault allow := false\n\nallow if count(input.scopes) < 2",
    );
    let policy = parse(&text).unwrap();
    let one = policy.production.conditions.first().unwrap();
    assert_eq!(
        one.evaluate("{\"scopes\":[\"a:b\"]}"),
        ConditionVerdict::Met
    );
    assert_eq!(
        one.evaluate("{\"scopes\":[\"a:b\",\"c:d\"]}"),
        ConditionVerdict::Unmet
    );
    assert_eq!(
        one.evaluate("{\"scopes\":7}"),
        ConditionVerdict::Inconclusive
    );
    assert_eq!(
        Policy::parse(2, &policy.canonical().unwrap()).unwrap(),
        policy
    );
    let twice = text.replace("name: few-scopes", "name: Few Scopes");
    assert!(parse(&twice).is_err());
    let again = format!(
        "{text}overrides:\n  - risk: high\n    production:\n      conditions: [{{name: few-scopes, message: No., rego: \"package clearance\\nallow := true\"}}]\n"
    );
    let problems = parse(&again).unwrap_err();
    assert!(problems[0].2.contains("Everybody has"), "{problems:?}");
}

/// `a` asks at least what `b` asks, rule by rule: written down a second time.
fn at_least(a: &Policy, b: &Policy) -> bool {
    let (p, q) = (&a.production, &b.production);
    let gates = |more: &[Gate], fewer: &[Gate]| fewer.iter().all(|g| more.contains(g));
    let (w, x) = (a.waiver_rules(), b.waiver_rules());
    Gate::ALL.iter().all(|g| a.percent(*g) >= b.percent(*g))
        && a.promote_when_proven <= b.promote_when_proven
        && gates(&a.non_prod.gates, &b.non_prod.gates)
        && gates(&p.gates, &q.gates)
        && p.quorum >= q.quorum
        && p.approval_hours <= q.approval_hours
        && p.soak_minutes >= q.soak_minutes
        && p.evidence_hours.unwrap_or(u32::MAX) <= q.evidence_hours.unwrap_or(u32::MAX)
        && q.freeze.iter().all(|f| p.freeze.contains(f))
        && asks_at_least(&p.approval, &q.approval)
        && q.conditions.iter().all(|c| p.conditions.contains(c))
        && w.days <= x.days
        && w.roles.iter().all(|r| x.roles.contains(r))
        && gates(&x.gates, &w.gates)
}

/// The same for how people are asked.
fn asks_at_least(a: &ApprovalRules, b: &ApprovalRules) -> bool {
    let most = |hours: Option<u32>| hours.unwrap_or(u32::MAX);
    a.reason >= b.reason
        && a.unused_hours <= b.unused_hours
        && a.sign_in_minutes <= b.sign_in_minutes
        && most(a.reminder_hours) <= most(b.reminder_hours)
        && most(a.escalation_hours) <= most(b.escalation_hours)
        && b.required.iter().all(|r| {
            a.required
                .iter()
                .any(|x| x.group == r.group && x.count >= r.count)
        })
}

prop_compose! {
    fn asking()(reason: bool, unused in 1_u32..=200, reminder in 1_u32..=90, minutes in 1_u32..=8,
        group in prop::sample::select(vec!["audit", "security"]), count in 1_u32..=3) -> (u32, String) {
        let rest = format!(
            "reason: {reason}, unused_hours: {unused}, sign_in_minutes: {minutes}, required: [{{group: {group}, count: {count}}}]"
        );
        (reminder, rest)
    }
}

prop_compose! {
    fn rules()(quorum in 1_u32..=4, hours in 1_u32..=80, soak in 0_u32..=120, evidence in 3_u32..=100,
        relevance in 80_u32..=100, proven: bool, fewer: bool, days in 1_u32..=40)
        -> (u32, u32, u32, u32, u32, bool, bool, u32) {
        (quorum, hours, soak, evidence, relevance, proven, fewer, days)
    }
}

const FEWER: &str = "[static_analysis, image_scan]";
const ALL: &str = "[static_analysis, image_scan, responsible_ai, hallucination, relevance]";

proptest! {
    #[test]
    fn no_override_loosens_anything(base in rules(), over in rules(), asked in asking(), more in asking()) {
        let (quorum, hours, soak, evidence, relevance, proven, fewer, days) = base;
        let gates = if fewer { FEWER } else { ALL };
        let waivers = |days: u32, fewer: bool| {
            let roles = if fewer { "[]" } else { "[approver, operator]" };
            format!("waivers: {{roles: {roles}, days: {days}, gates: [image_scan]}}")
        };
        let approval = |reminder: u32, rest: &str| {
            format!("approval: {{reminder_hours: {reminder}, {rest}}}")
        };
        let document = STANDARD
            .replace("quorum: 1", &format!("quorum: {quorum}\n  evidence_hours: {evidence}"))
            .replace("approval_hours: 72", &format!("approval_hours: {hours}"))
            .replace("soak_minutes: 0", &format!("soak_minutes: {soak}"))
            .replace("relevance: 90", &format!("relevance: {relevance}"))
            .replace("freeze: []", &format!("freeze: []\n  {}", approval((asked.0 % hours.max(2)).max(1), &asked.1)))
            .replace("promote_when_proven: true", &format!("promote_when_proven: {proven}"))
            .replace(&format!("gates: {ALL}"), &format!("gates: {gates}"));
        let document = format!("{document}{}\n", waivers(days, fewer));
        let alone = parse(&document).unwrap();
        let (quorum, hours, soak, evidence, relevance, proven, fewer, days) = over;
        let gates = if fewer { FEWER } else { ALL };
        let text = format!(
            "{document}overrides:\n  - risk: high\n    promote_when_proven: {proven}\n    thresholds: {{relevance: {relevance}}}\n    {}\n    production: {{quorum: {quorum}, approval_hours: {hours}, soak_minutes: {soak}, evidence_hours: {evidence}, gates: {gates}, {}}}\n",
            waivers(days, fewer),
            approval(more.0, &more.1)
        );
        match parse(&text) {
            Ok(policy) => {
                prop_assert!(at_least(&policy.effective("any", Risk::High), &alone));
                prop_assert_eq!(policy.effective("any", Risk::Low), alone);
            }
            Err(problems) => {
                prop_assert!(problems.iter().all(|p| p.0 > lines() && p.1 > 0), "{:?}", problems);
            }
        }
    }
}
