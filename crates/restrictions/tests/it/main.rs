//! Restrictions: what they forbid, what counts as a no, and what is refused when they are read.

use restrictions::{Kind, Problem, Question, Restrictions, Value};

const REFUNDS: &str = r#"
@reason("Refunds above 500 are for people.")
forbid (principal, action == Action::"payments:refund", resource)
unless { context has amount && context.amount <= 500 };

@reason("Nothing of class restricted for this team at night.")
forbid (principal, action, resource)
when {
  principal.team == "customer-care" && resource has class && resource.class == "restricted"
  && context.now.toTime() < duration("6h")
};
"#;

fn amount() -> Vec<(String, Kind)> {
    vec![("amount".to_owned(), Kind::Long)]
}

fn read(text: &str) -> Result<Restrictions, Vec<Problem>> {
    Restrictions::read(text, &amount())
}

fn question<'a>(action: &'a str, context: &'a [(&'a str, Value<'a>)]) -> Question<'a> {
    let resource = action.split(':').next().unwrap_or_default();
    Question {
        agent: "refund-assistant",
        team: "customer-care",
        version: "2.3.0",
        environment: "production",
        deployment: 4471,
        scopes: &[],
        action,
        resource,
        resource_id: "1",
        class: None,
        at: None,
        now: "2026-11-27T14:32:00.000Z",
        context,
    }
}

fn said(value: Value<'_>) -> [(&str, Value<'_>); 1] {
    [("amount", value)]
}

#[test]
fn a_statement_forbids_what_it_is_about_and_nothing_else() {
    let all = read(REFUNDS).unwrap();
    let refund =
        |amount: i64| all.forbids(&question("payments:refund", &said(Value::Long(amount))));
    assert_eq!(refund(500), None);
    assert_eq!(
        refund(501).as_deref(),
        Some("Refunds above 500 are for people.")
    );
    let silent = all.forbids(&question("payments:refund", &[]));
    assert_eq!(silent.as_deref(), Some("Refunds above 500 are for people."));
    assert_eq!(all.forbids(&question("payments:read", &[])), None);
    let mut night = question("payments:read", &[]);
    (night.now, night.class) = ("2026-11-27T05:59:59.999Z", Some("restricted"));
    let why = all.forbids(&night);
    assert_eq!(
        why.as_deref(),
        Some("Nothing of class restricted for this team at night.")
    );
    night.now = "2026-11-27T06:00:00.000Z";
    assert_eq!(all.forbids(&night), None);
    assert_eq!(all.reasons().len(), 2);
    assert_eq!(all.reasons()[0], "Refunds above 500 are for people.");
}

#[test]
fn what_cannot_be_worked_out_is_a_no() {
    let (all, one) = (read(REFUNDS).unwrap(), ["1".to_owned()]);
    for odd in [
        Value::Other,
        Value::String("1"),
        Value::Bool(true),
        Value::Strings(&one),
    ] {
        let why = all.forbids(&question("payments:read", &said(odd)));
        assert_eq!(
            why.as_deref(),
            Some("context.amount must be a whole number.")
        );
    }
    // What is not declared is not looked at.
    let more = [("region", Value::Other)];
    assert_eq!(all.forbids(&question("payments:read", &more)), None);
    // A statement that errs forbids, though it would not be met.
    let overflow = read(
        r#"@reason("Large.") forbid (principal, action, resource)
        when { context has amount && context.amount * 9223372036854775807 > 0 };"#,
    )
    .unwrap();
    let asked = said(Value::Long(-3));
    let why = overflow.forbids(&question("payments:read", &asked));
    assert_eq!(
        why.as_deref(),
        Some("A restriction of the policy could not be worked out.")
    );
    let mut odd = question("payments:read", &[]);
    odd.now = "yesterday";
    assert!(all.forbids(&odd).is_some());
}

#[test]
fn names_of_others_are_only_names() {
    let all = read(REFUNDS).unwrap();
    let mut hostile = question("payments:refund", &[]);
    hostile.agent = "x\" || true || \"";
    hostile.resource_id = "Resource::\"payments\"";
    assert!(all.forbids(&hostile).is_some());
    let none = read(r#"@reason("One.") forbid (principal == Agent::"other", action, resource);"#);
    assert_eq!(none.unwrap().forbids(&hostile), None);
}

#[test]
fn each_mistake_is_named_where_it_stands() {
    let one = |rest: &str| format!("\n@reason(\"Why.\")\n{rest}");
    for (text, line, part) in [
        (String::new(), 0, "Write a forbid"),
        (
            "forbid (principal, action, resource);".to_owned(),
            1,
            "@reason",
        ),
        (
            "@reason(\"\")\nforbid (principal, action, resource);".to_owned(),
            1,
            "empty",
        ),
        (
            one("permit (principal, action, resource);"),
            2,
            "Only forbid",
        ),
        (one("forbid (principal, action, resource"), 3, "unexpected"),
        (
            one("forbid (principal == ?principal, action, resource);"),
            0,
            "slots",
        ),
        (
            one("forbid (principal, action == Action::\"Refund!\", resource);"),
            3,
            "An action is a scope",
        ),
        (
            one("forbid (principal, action, resource) when { principal.teem == \"a\" };"),
            3,
            "teem",
        ),
        (
            one("forbid (principal, action, resource) when { context.amount > 5 };"),
            3,
            "amount",
        ),
        (
            one(
                "forbid (principal, action, resource) when { context has amount && context.amount > \"5\" };",
            ),
            3,
            "type",
        ),
        (
            one("forbid (principal == User::\"a\", action, resource);"),
            3,
            "User",
        ),
        ("@".repeat(40_000), 0, "bytes"),
    ] {
        let found = read(&text).unwrap_err();
        let shown: String = text.chars().take(90).collect();
        assert!(
            found
                .iter()
                .any(|p| p.line == line && p.message.contains(part)),
            "{shown}: {found:?}"
        );
    }
    let many = one("forbid (principal, action, resource);").repeat(101);
    assert!(
        read(&many)
            .unwrap_err()
            .iter()
            .any(|p| p.message.contains("at most 100"))
    );
}

#[test]
fn deep_nesting_is_refused_and_kills_nothing() {
    let when = |condition: &str| {
        format!("@reason(\"Deep.\") forbid (principal, action, resource) when {{ {condition} }};")
    };
    for (deep, part) in [
        (
            format!("{}true{}", "(".repeat(12_000), ")".repeat(12_000)),
            "24 brackets",
        ),
        (
            format!("{}1{}", "[".repeat(30), "]".repeat(30)),
            "24 brackets",
        ),
        (format!("{}true", "!".repeat(5_000)), "1000 bytes"),
        (vec!["true"; 3_000].join(" || "), "1000 bytes"),
        (
            format!("{}true", "if true then true else ".repeat(1_000)),
            "1000 bytes",
        ),
    ] {
        let found = read(&when(&deep)).unwrap_err();
        assert!(found[0].message.contains(part), "{found:?}");
    }
    // As deep and as long as may be is parsed, checked and asked without harm.
    let chain = vec!["true"; 110].join(" || ");
    let inner = format!("{}{chain}{}", "(".repeat(20), ")".repeat(20));
    let all = read(&when(&inner)).unwrap();
    assert!(all.forbids(&question("payments:read", &[])).is_some());
    // Brackets in strings and comments are none.
    let quoted = format!(
        "// {}\n@reason(\"{}\") forbid (principal, action, resource);",
        "(".repeat(2_000),
        "(".repeat(100)
    );
    assert!(read(&quoted).is_ok());
}
