//! promptfoo's configuration. The fixtures are our own, in the form that its documentation describes.

use evaluation::formats::{Format, export, import};
use evaluation::row::Input;
use serde_json::json;

use super::{lists, read, round_trip};

const CONFIG: &str = r#"
description: Refund questions
providers: [openai:gpt-4.1, file://agent.py]
prompts:
  - 'Answer politely: {{question}}'
  - file://prompts/other.txt
assertionTemplates:
  short:
    type: word-count
    value: {max: 40}
defaultTest:
  options: {provider: openai:gpt-4.1}
  assert:
    - $ref: '#/assertionTemplates/short'
tests:
  - description: days
    vars: {question: How long does a refund take?, days: '5'}
    assert:
      - type: icontains
        value: '{{days}} working days'
      - type: not-contains
        value: sorry
        weight: 2
      - type: llm-rubric
        value: is polite
        provider: openai:gpt-4.1
      - type: javascript
        value: output.length < 100
  - vars:
      question: [Where is order 1?, Where is order 2?]
    threshold: 0.5
    assert:
      - type: assert-set
        threshold: 0.5
        assert:
          - {type: contains-any, value: [shipped, delivered]}
          - {type: latency, threshold: 2000}
  - file://more_tests.csv
scenarios:
  - config:
      - vars: {language: German}
      - vars: {language: French}
    tests:
      - vars: {question: 'Say hello in {{language}}'}
        assert: [{type: regex, value: '(?i)(hallo|bonjour)'}]
redteam: {purpose: x}
"#;

#[test]
fn tests_become_rows_and_the_rest_is_listed() {
    let found = round_trip(Format::Promptfoo, CONFIG);
    assert_eq!(found.rows.len(), 5);
    let first = &found.rows[0];
    assert_eq!(
        first.input,
        Input::Text("Answer politely: How long does a refund take?".to_owned())
    );
    let scorers: Vec<&str> = first
        .checks
        .iter()
        .map(|check| check.scorer.as_str())
        .collect();
    assert_eq!(
        scorers,
        [
            "word-count",
            "icontains",
            "contains",
            "llm-rubric",
            "javascript"
        ]
    );
    assert_eq!(first.checks[1].value, json!("5 working days"));
    assert!(first.checks[2].negated);
    assert_eq!(
        found.rows[2].input.text(),
        "Answer politely: Where is order 2?"
    );
    assert_eq!(found.rows[2].checks.len(), 3);
    assert_eq!(
        found.rows[3].input.text(),
        "Answer politely: Say hello in German"
    );
    for (place, what) in [
        ("providers", "the deployed agent is asked"),
        ("prompts[1]", "another file or code"),
        ("tests[0], check 4", "needs a judge"),
        ("tests[0], check 5", "is code and is not run"),
        ("tests[0].assert[2].provider", "kept with the check"),
        ("tests[1] (question 1).threshold", "every check"),
        ("assert[0].threshold", "every check of the set"),
        ("tests[2]", "import that file by itself"),
        ("defaultTest.options", "how promptfoo runs"),
        ("redteam", "generated attacks"),
        ("tests[0], check 3, weight", "whatever its weight"),
    ] {
        lists(&found, place, what);
    }
}

#[test]
fn several_prompts_of_one_test_are_a_cluster() {
    let found = round_trip(
        Format::Promptfoo,
        "prompts: ['A {{x}}', 'B {{x}}']\ntests: [{vars: {x: '1'}}, {vars: {x: '2'}}]\n",
    );
    let inputs: Vec<String> = found.rows.iter().map(|row| row.input.text()).collect();
    assert_eq!(inputs, ["A 1", "B 1", "A 2", "B 2"]);
    assert_eq!(found.rows[0].cluster_id, found.rows[1].cluster_id);
    assert_ne!(found.rows[0].cluster_id, found.rows[2].cluster_id);
}

#[test]
fn templates_are_filled_and_code_is_not() {
    let found = read(
        Format::Promptfoo,
        "prompts: ['{{a.b}} {{ c | upper }} {% if x %}y{% endif %} {{d']\ntests: [{vars: {a: {b: deep}}}]\n",
    );
    assert_eq!(
        found.rows[0].input.text(),
        "deep {{ c | upper }} {% if x %}y{% endif %} {{d"
    );
    lists(&found, "tests[0], prompt", "no such variable");
    lists(&found, "tests[0], prompt", "template code");
}

#[test]
fn csv_tests() {
    let text = "question,__expected,__expected2,__description,__metric,region\n\
        How long?,5 days,not-contains: sorry,d1,m,EU\n\
        Where?,\"contains-any: here, there\",llm-rubric(0.8): is polite,,,\n\
        JSON?,is-json,javascript: x,,,\n\
        \"Ratio 1:2?\",\"It is 1: 2\",rouge-n(0.6): one to two,,,\n";
    let found = round_trip(Format::PromptfooCsv, text);
    assert_eq!(found.rows[0].checks[0].scorer, "equals");
    assert_eq!(found.rows[0].checks[1].value, json!("sorry"));
    assert_eq!(found.rows[1].checks[0].value, json!(["here", "there"]));
    assert_eq!(found.rows[1].checks[1].threshold, Some(0.8));
    assert_eq!(found.rows[3].checks[0].value, json!("It is 1: 2"));
    lists(&found, "line 3, check 2", "needs a judge");
    lists(&found, "line 4, check 2", "is code");
    lists(&found, "line 2, region", "not sent");
}

#[test]
fn what_is_no_configuration_is_refused() {
    for (text, says) in [
        ("[1, 2]", "expected a map"),
        (
            "tests: [{vars: {a: '1'}, assert: [{value: x}]}]",
            "no `type`",
        ),
        (
            "tests: [{vars: {a: '1'}, assert: [{$ref: '#/assertionTemplates/none'}]}]",
            "no assertion template",
        ),
        (
            "assertionTemplates: {a: {$ref: a}}\ntests: [{vars: {a: '1'}, assert: [{$ref: a}]}]",
            "too deep",
        ),
        ("tests: [7]", "expected a test"),
        ("a: [", "line"),
    ] {
        let error = import(Format::Promptfoo, text.as_bytes()).unwrap_err();
        assert!(error.to_string().contains(says), "{text}: {error}");
    }
}

#[test]
fn what_we_write_is_plain_promptfoo() {
    let rows = read(Format::Promptfoo, CONFIG).rows;
    let text = export(Format::Promptfoo, &rows).unwrap();
    assert!(text.contains("prompts:") && text.contains("{{input}}"));
    assert!(text.contains("type: icontains"), "{text}");
    assert!(text.contains("type: not-contains"));
}

/// A check behind a transformation would compare something else than it says.
#[test]
fn what_code_transforms_is_not_scored() {
    let found = round_trip(
        Format::Promptfoo,
        "tests:\n  - vars: {a: Yes}\n    assert: [{type: equals, value: x, transform: 'output[0].name'}]\n  - vars: {a: '2'}\n    options: {transform: 'output.trim()'}\n    assert: [{type: equals, value: x}]\n  - vars: {a: '1', b: '2'}\n",
    );
    assert_eq!(found.rows.len(), 2);
    assert_eq!(found.rows[0].input.text(), "Yes");
    lists(&found, "tests[0], check 1", "transformed");
    lists(&found, "tests[1], check 1", "transformed");
    lists(&found, "tests[2]", "left out");
}
