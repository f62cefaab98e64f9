//! What an override asks of those who approve, beyond what everybody is asked.

use domain::agent::Risk;
use domain::policy::STANDARD;

use crate::policy_overrides::{lines, parse, with};

#[test]
fn an_override_asks_more_of_those_who_approve() {
    let policy = parse(&STANDARD.replace(
        "freeze: []",
        "freeze: []\n  approval: {required: [{group: security, count: 1}], reminder_hours: 24}",
    ));
    let alone = policy.unwrap();
    let document = alone.canonical().unwrap();
    let overrides = concat!(
        r#","overrides":[{"team":"payments","production":{"approval":{"required":[{"group":"audit","count":1},{"group":"security","count":2}],"reason":true}}},"#,
        r#"{"risk":"high","production":{"approval":{"unused_hours":12,"reminder_hours":8,"escalation_hours":16,"sign_in_minutes":2}}}]}"#,
    );
    let text = format!("{}{overrides}", document.strip_suffix('}').unwrap());
    let policy = parse(&text).unwrap();
    assert_eq!(policy.effective("sales", Risk::Low), alone);
    let asked = policy.effective("payments", Risk::High).production.approval;
    let groups: Vec<_> = asked
        .required
        .iter()
        .map(|r| (r.group.as_str(), r.count))
        .collect();
    assert_eq!(groups, [("audit", 1), ("security", 2)]);
    assert!(asked.reason);
    assert_eq!(
        (
            asked.unused_hours,
            asked.reminder_hours,
            asked.escalation_hours,
            asked.sign_in_minutes
        ),
        (12, Some(8), Some(16), 2)
    );
    let team = policy.effective("payments", Risk::Low).production.approval;
    assert_eq!((team.unused_hours, team.reminder_hours), (168, Some(24)));
    assert_eq!(parse(&policy.canonical().unwrap()).unwrap(), policy);
}

#[test]
fn what_an_override_asks_of_those_who_approve_is_read_as_strictly_as_elsewhere() {
    for (rule, said) in [
        ("required: [{group: security, count: 0}]", "from 1 to 10"),
        ("required: [{group: No Slug, count: 1}]", "lower"),
        (
            "required: [{group: audit, count: 1}, {group: audit, count: 2}]",
            "twice",
        ),
        ("unused_hours: 0", "from 1 to 168"),
        ("sign_in_minutes: 0", "from 1 to 5"),
        // The override's own time to answer is 10 hours.
        ("reminder_hours: 10", "from 1 to 9"),
        ("escalation_hours: 10", "from 1 to 9"),
        ("colour: red", "colour"),
    ] {
        let text = format!(
            "overrides:\n  - risk: high\n    production: {{approval_hours: 10, approval: {{{rule}}}}}\n"
        );
        let problems = with(&text).unwrap_err();
        let (line, column, message) = problems.first().unwrap();
        assert!(
            *line == lines() + 3 && *column > 40 && message.contains(said),
            "{rule}: {problems:?}"
        );
    }
}
