//! The deterministic scorers. Values of overlap agree with rouge-score 0.1.2 and sacrebleu 2.6 (lower case, words alone).

use evaluation::row::Check;
use evaluation::score::{
    Call, Given, Score, Scorer, Trace, bleu, chrf, levenshtein, rouge_l, rouge_n, token_f1,
};
use serde_json::{Value, json};

const ANSWER: &str = "Refunds are paid within five working days to the card.";
const REFERENCE: &str = "A refund is paid back within five working days.";

#[track_caller]
fn close(found: f64, wanted: f64) {
    assert!((found - wanted).abs() < 1e-6, "{found} is not {wanted}");
}

#[test]
fn overlap_matches_the_reference_implementations() {
    close(rouge_n(ANSWER, REFERENCE, 1), 0.526_315_789_5);
    close(rouge_n(ANSWER, REFERENCE, 2), 0.352_941_176_5);
    close(rouge_l(ANSWER, REFERENCE), 0.526_315_789_5);
    close(bleu(ANSWER, &[REFERENCE.to_owned()]), 0.277_761_903_4);
    let two = [REFERENCE.to_owned(), ANSWER.to_owned()];
    close(bleu("The refund is paid on Monday.", &two), 0.196_921_045_0);
    close(chrf(ANSWER, REFERENCE), 0.621_588_643_8);
    close(chrf("Müller zahlt", "Müller zahlte heute"), 0.633_497_453_5);
    // The example of SQuAD's script: articles and punctuation do not count.
    close(token_f1("the Broncos!", "Denver Broncos"), 2.0 / 3.0);
    close(token_f1("", ""), 1.0);
    close(token_f1("x", ""), 0.0);
    assert_eq!(levenshtein("kitten", "sitting"), 3);
}

#[test]
fn overlap_of_nothing_is_nothing() {
    for text in ["", "…", "a"] {
        close(rouge_n(text, "", 2), 0.0);
        close(rouge_l("", text), 0.0);
        close(bleu(text, &[]), 0.0);
        close(bleu(text, &[String::new()]), 0.0);
        close(chrf("", text), 0.0);
    }
}

fn with(
    scorer: &str,
    value: Value,
    threshold: Option<f64>,
    answer: &str,
    trace: Option<&Trace>,
) -> Score {
    let check = Check {
        threshold,
        ..Check::new(scorer, value)
    };
    Scorer::of(&check).unwrap().score(&Given {
        answer,
        latency_ms: 120,
        trace,
    })
}

#[track_caller]
fn says(scorer: &str, value: Value, yes: &[&str], no: &[&str]) {
    for answer in yes {
        let score = with(scorer, value.clone(), None, answer, None);
        assert_eq!(
            score.holds,
            Some(true),
            "{scorer} {value} {answer}: {}",
            score.why
        );
    }
    for answer in no {
        let score = with(scorer, value.clone(), None, answer, None);
        assert_eq!(
            score.holds,
            Some(false),
            "{scorer} {value} {answer}: {}",
            score.why
        );
    }
}

#[test]
fn texts_are_compared() {
    says(
        "equals",
        json!("Paris"),
        &["Paris", " Paris\n"],
        &["paris", "Paris."],
    );
    says(
        "equals",
        json!({"a": 1}),
        &[r#"{"a":1}"#],
        &[r#"{"a":2}"#, "a"],
    );
    says(
        "exact",
        json!("The Eiffel Tower"),
        &["eiffel tower."],
        &["tower"],
    );
    says("match-any", json!(["Paris", "Lyon"]), &["lyon!"], &["Nice"]);
    says("contains", json!("Paris"), &["In Paris."], &["In paris."]);
    says(
        "icontains-any",
        json!(["paris", "lyon"]),
        &["LYON"],
        &["Nice"],
    );
    says(
        "icontains-all",
        json!(["paris", "lyon"]),
        &["Lyon, Paris"],
        &["Paris"],
    );
    says(
        "starts-with",
        json!("Yes"),
        &["Yes, sir", "  Yes"],
        &["No. Yes"],
    );
    says("regex", json!(r"^\d{4}$"), &["2026"], &["x2026"]);
    says(
        "is-refusal",
        Value::Null,
        &["I cannot help with that."],
        &["Sure."],
    );
    says(
        "set",
        json!(["red", "dark blue"]),
        &["Dark blue and red", "red, dark blue", "- red\n- dark blue"],
        &["red", "red, dark blue, green"],
    );
    says(
        "number",
        json!(1234.5),
        &["It is 1,234.5 pounds"],
        &["It is -1,234.5", "1234"],
    );
    says("number", json!(-3), &["minus: -3"], &["A-3 paper"]);
    says(
        "date",
        json!("2026-03-05"),
        &["on 5 March 2026", "March 5th, 2026", "2026-03-05"],
        &["05/03/2026", "2026-05-03"],
    );
    says(
        "levenshtein",
        json!("kitten"),
        &["sitting"],
        &["completely other"],
    );
}

#[test]
fn form_is_checked() {
    says(
        "word-count",
        json!({"min": 2, "max": 3}),
        &["one two"],
        &["one", "1 2 3 4"],
    );
    says("word-count", json!(1), &["one"], &["one two"]);
    says("max-characters", json!(3), &["äöü"], &["four"]);
    says("script", json!("Cyrillic"), &["Привет мир"], &["Hello"]);
    says(
        "is-json",
        Value::Null,
        &["{}", "```json\n[1]\n```"],
        &["{", "text {}"],
    );
    says(
        "contains-json",
        Value::Null,
        &["Here: {\"a\": 1}."],
        &["none [ here"],
    );
    let schema =
        json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}});
    says("is-json", schema, &[r#"{"a":1}"#], &[r#"{"a":"1"}"#, "[]"]);
    says(
        "json-path",
        json!({"path": "$.a[0]", "equals": 2}),
        &[r#"{"a":[2]}"#],
        &[r#"{"a":[]}"#, "x"],
    );
    let fields = with(
        "json-fields",
        json!({"a": 1, "b": {"c": 2}}),
        None,
        r#"{"a":1,"b":{"c":3}}"#,
        None,
    );
    close(fields.value, 0.5);
    assert_eq!(fields.holds, Some(false));
    assert_eq!(
        with("latency", Value::Null, Some(100.0), "", None).holds,
        Some(false)
    );
    assert_eq!(
        with("latency", json!(200), None, "", None).holds,
        Some(true)
    );
    assert_eq!(
        with("script", json!("Latin"), None, "123", None).holds,
        None
    );
}

fn call(name: &str, arguments: Value) -> Call {
    Call {
        name: name.to_owned(),
        arguments,
        ..Call::default()
    }
}

#[test]
fn what_the_agent_did_is_checked() {
    let trace = Trace {
        calls: vec![
            call("search", json!({"q": "order 7", "limit": 3})),
            call("refund", json!({"order": 7})),
        ],
        state: Some(json!({"orders": [{"status": "refunded"}]})),
        tokens: Some(900),
        cost: Some(0.02),
        steps: None,
    };
    let holds = |scorer: &str, value: Value| with(scorer, value, None, "", Some(&trace)).holds;
    for (scorer, yes, no) in [
        (
            "tools-required",
            json!(["refund"]),
            json!(["refund", "email"]),
        ),
        ("tools-forbidden", json!(["email"]), json!("refund")),
        (
            "tools-order",
            json!(["search", "refund"]),
            json!(["refund", "search"]),
        ),
        ("max-steps", json!(2), json!(1)),
        ("tokens", json!(1000), json!(899)),
        ("cost", json!(0.02), json!(0.01)),
        (
            "state",
            json!([{"path": "$.orders[0].status", "equals": "refunded"}]),
            json!([{"path": "$.orders[0].status", "equals": "open"}]),
        ),
        (
            "state",
            json!([{"path": "$.mails"}]),
            json!([{"path": "$.orders"}]),
        ),
        (
            "tool-call-f1",
            json!([{"name": "refund", "arguments": {"order": 7}}, "search"]),
            json!(["search"]),
        ),
    ] {
        assert_eq!(holds(scorer, yes), Some(true), "{scorer}");
        assert_eq!(holds(scorer, no), Some(false), "{scorer}");
    }
    assert_eq!(holds("no-loop", Value::Null), Some(true));
    let half = with("tool-call-f1", json!("search"), Some(0.6), "", Some(&trace));
    close(half.value, 2.0 / 3.0);
    assert_eq!(half.holds, Some(true));
    let looping = Trace {
        calls: vec![call("search", json!({"q": 1})); 3],
        ..Trace::default()
    };
    let found = with("no-loop", Value::Null, None, "", Some(&looping));
    assert_eq!(found.holds, Some(false));
    let unsaid = with("cost", json!(1), None, "", Some(&looping));
    assert_eq!(
        unsaid.holds, None,
        "what is not reported is not within budget"
    );
    assert_eq!(with("no-loop", Value::Null, None, "", None).holds, None);
}

#[test]
fn a_failed_call_is_no_success() {
    let trace = Trace {
        calls: vec![Call {
            failed: true,
            ..call("refund", Value::Null)
        }],
        ..Trace::default()
    };
    assert_eq!(
        with("tools-required", json!("refund"), None, "", Some(&trace)).holds,
        Some(false)
    );
    assert_eq!(
        with("tools-forbidden", json!("refund"), None, "", Some(&trace)).holds,
        Some(false)
    );
}

#[test]
fn the_opposite_can_be_asked_for() {
    let check = Check {
        negated: true,
        ..Check::new("contains", json!("secret"))
    };
    let scorer = Scorer::of(&check).unwrap();
    let given = |answer| Given {
        answer,
        latency_ms: 0,
        trace: None,
    };
    assert_eq!(scorer.score(&given("no secret")).holds, Some(false));
    assert_eq!(scorer.score(&given("nothing")).holds, Some(true));
    let check = Check {
        negated: true,
        ..Check::new("no-loop", Value::Null)
    };
    assert_eq!(Scorer::of(&check).unwrap().score(&given("")).holds, None);
}

#[test]
fn what_cannot_be_scored_says_why() {
    let why = |scorer: &str, value: Value| Scorer::of(&Check::new(scorer, value)).unwrap_err();
    assert!(why("llm-rubric", json!("polite")).contains("needs a judge"));
    assert!(why("javascript", json!("true")).contains("is code"));
    assert!(why("made-up", Value::Null).contains("not supported"));
    assert!(why("contains", json!("")).contains("not empty"));
    assert!(why("contains", json!({})).contains("expected a text"));
    assert!(why("regex", json!("(?<=a)b")).contains("regular expression"));
    assert!(why("regex", json!("(a{500}){500}")).contains("regular expression"));
    assert!(why("is-json", json!({"type": 3})).contains("JSON Schema"));
    assert!(why("is-json", json!({"$ref": "https://example.com/s.json"})).contains("JSON Schema"));
    assert!(why("state", json!([])).contains("assertions"));
    assert!(why("word-count", json!({})).contains("min"));
    assert!(why("date", json!("soon")).contains("2026-03-05"));
}

proptest::proptest! {
    #[test]
    fn any_answer_is_scored(answer in "(?s).{0,200}", wanted in "(?s).{1,40}") {
        for scorer in ["equals", "contains", "bleu", "chrf", "rouge-l", "f1", "set", "levenshtein", "contains-json", "is-json"] {
            let value = if scorer.ends_with("json") { Value::Null } else { json!(wanted) };
            if let Ok(scorer) = Scorer::of(&Check::new(scorer, value)) {
                let score = scorer.score(&Given { answer: &answer, latency_ms: 0, trace: None });
                proptest::prop_assert!((0.0..=1.0).contains(&score.value), "{} {}", scorer.name(), score.value);
            }
        }
    }
}
