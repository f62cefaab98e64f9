//! Rows of evaluation libraries. The fixtures are our own, in the form that each project documents.

use evaluation::formats::{Format, export, import};
use evaluation::row::{Check, Expected, Input, Row, StateCheck, ToolCall};
use serde_json::json;

use super::{lists, read, round_trip};

#[test]
fn openai_evals_of_both_kinds() {
    let text = r#"{"input": [{"role": "system", "content": "Answer shortly."}, {"role": "user", "content": "Capital of France?"}], "ideal": "Paris"}
{"input": "2+2?", "ideal": ["4", "four"]}

{"item": {"question": "Colour of the sky?", "correct_answer": "blue", "difficulty": 1}, "source": "quiz"}
"#;
    let found = round_trip(Format::OpenAiEvals, text);
    assert_eq!(found.rows.len(), 3);
    let first = &found.rows[0];
    assert!(matches!(&first.input, Input::Chat(turns) if turns.len() == 2));
    assert_eq!(
        first.input.text(),
        "system: Answer shortly.\n\nuser: Capital of France?"
    );
    assert_eq!(found.rows[1].expected.answers, ["4", "four"]);
    assert_eq!(found.rows[2].expected.answers, ["blue"]);
    lists(&found, "line 4, difficulty", "kept with the row");
    lists(&found, "line 4, source", "kept with the row");
}

#[test]
fn ragas_with_the_names_of_now_and_of_before() {
    let now = r#"{"user_input": "When does it arrive?", "response": "In 3 days.", "retrieved_contexts": ["Delivery takes 3 days."], "reference": "Three days", "reference_contexts": ["Delivery takes 3 days."], "reference_tool_calls": [{"name": "track", "args": {"order": 7}}], "rubrics": {"score1": "bad"}}
{"user_input": [{"content": "Weather?", "type": "human"}, {"content": "", "type": "ai", "tool_calls": [{"name": "weather", "args": {}}]}], "reference": "Sunny"}"#;
    let found = round_trip(Format::Ragas, now);
    let first = &found.rows[0];
    assert_eq!(first.context, ["Delivery takes 3 days."]);
    assert_eq!(
        first.expected.tools,
        [ToolCall {
            name: "track".to_owned(),
            arguments: json!({"order": 7})
        }]
    );
    assert_eq!(
        first.recorded.as_ref().unwrap().answer.as_deref(),
        Some("In 3 days.")
    );
    lists(&found, "line 1, rubrics", "not used to judge");
    lists(
        &found,
        "line 2, user_input",
        "tool calls of an earlier turn",
    );

    let before = r#"[{"question": "When?", "answer": "In 3 days.", "contexts": ["Delivery takes 3 days."], "ground_truths": ["Three days"]}, {"question": "Where?", "ground_truth": "Here"}]"#;
    let found = round_trip(Format::Ragas, before);
    assert_eq!(found.rows[0].expected.answers, ["Three days"]);
    assert_eq!(found.rows[1].input, Input::Text("Where?".to_owned()));
    assert!(found.unsupported.is_empty());
}

#[test]
fn deepeval_in_both_spellings() {
    let text = r#"[{"name": "shoes", "input": "They do not fit", "actual_output": "Full refund.", "expected_output": "A refund within 30 days", "context": ["30 days"], "retrieval_context": ["Refunds: 30 days"], "tools_called": [{"name": "policy"}], "expected_tools": [{"name": "policy", "input_parameters": {"topic": "refund"}}], "tags": ["shop"], "token_cost": 0.1},
{"input": "Hi", "actualOutput": "Hello", "expectedOutput": "Hello", "retrievalContext": ["x"]}]"#;
    let found = round_trip(Format::DeepEval, text);
    let first = &found.rows[0];
    assert_eq!(
        (first.id.as_str(), first.tags.as_slice()),
        ("shoes", ["shop".to_owned()].as_slice())
    );
    assert_eq!(first.expected.facts, ["30 days"]);
    assert_eq!(first.recorded.as_ref().unwrap().tools[0].name, "policy");
    assert_eq!(found.rows[1].context, ["x"]);
    lists(&found, "row 1, token_cost", "kept with the row");
}

#[test]
fn mlflow_with_its_expectations() {
    let text = r#"{"inputs": {"question": "What is MLflow?", "user": "u1"}, "outputs": "A platform.", "expectations": {"expected_response": "A platform", "expected_facts": ["open source", "for models"], "guidelines": ["Be short"], "owner": "qa"}}
{"inputs": {"messages": [{"role": "user", "content": "Hi"}]}, "outputs": {"response": "Hello"}, "tags": {"k": "v"}}
{"inputs": "plain", "expectations": {"expected_facts": ["x"]}}"#;
    let found = round_trip(Format::MlFlow, text);
    let first = &found.rows[0];
    assert_eq!(first.expected.facts, ["open source", "for models"]);
    assert_eq!(first.checks, [Check::new("guideline", json!("Be short"))]);
    assert_eq!(
        found.rows[1].recorded.as_ref().unwrap().answer.as_deref(),
        Some("Hello")
    );
    assert_eq!(found.rows[2].input, Input::Text("plain".to_owned()));
    lists(&found, "line 1, inputs.user", "not sent to the agent");
    lists(&found, "line 1, expectations, owner", "kept with the row");
    lists(&found, "line 1, check 1", "needs a judge");
    let unclear = import(Format::MlFlow, br#"{"inputs": {"a": "1", "b": "2"}}"#).unwrap_err();
    assert!(unclear.message.contains("name it `question`"), "{unclear}");
}

/// The form of a log that Inspect AI 0.3.285 writes with `--log-format json`.
#[test]
fn inspect_logs_with_epochs_errors_and_tools() {
    let text = r#"{"version": 2, "status": "success", "eval": {"task": "refunds", "model": "mockllm/model", "created": "2026-01-01T00:00:00+00:00", "revision": {"type": "git", "origin": "o", "commit": "abc123"}, "dataset": {"samples": 2}, "config": {"epochs": 2}},
 "plan": {"steps": []}, "results": {"total_samples": 3, "scores": []}, "stats": {},
 "samples": [
  {"id": "a", "epoch": 1, "input": "How long?", "target": "5 days", "messages": [], "output": {"model": "m", "choices": [{"message": {"role": "assistant", "content": "5 days.", "tool_calls": [{"id": "1", "function": "policy", "arguments": {"topic": "refund"}, "type": "function"}]}, "stop_reason": "stop"}], "completion": "5 days."}, "scores": {"includes": {"value": "C", "answer": "5 days."}}, "metadata": {"topic": "refunds"}, "store": {}, "events": [], "uuid": "u"},
  {"id": "a", "epoch": 2, "input": "How long?", "target": "5 days", "output": {"choices": [], "completion": ""}, "error": {"message": "timed out", "traceback": ""}},
  {"id": 7, "epoch": 1, "input": [{"role": "user", "content": [{"type": "text", "text": "Which?"}, {"type": "image", "image": "data:"}]}], "choices": ["x", "y"], "target": ["A", "B"], "output": {"choices": [], "completion": ""}}]}"#;
    let found = round_trip(Format::InspectLog, text);
    assert_eq!(found.source["model"], "mockllm/model");
    assert_eq!(found.source["revision"], "abc123");
    let [first, second, third] = found.rows.as_slice() else {
        panic!()
    };
    assert_eq!(
        (first.id.as_str(), first.cluster_id.as_deref()),
        ("a#1", Some("a"))
    );
    let recorded = first.recorded.as_ref().unwrap();
    assert_eq!(recorded.tools[0].arguments, json!({"topic": "refund"}));
    assert_eq!(recorded.scores["includes"]["value"], "C");
    assert_eq!(
        second.recorded.as_ref().unwrap().error.as_deref(),
        Some("timed out")
    );
    assert_eq!(third.expected.answers, ["A", "B"]);
    assert_eq!(third.input.text(), "Which?\n[image]");
    lists(&found, "samples[2], input", "only text is");
    lists(&found, "samples[2], choices", "kept with the row");
    lists(&found, "results", "worked out anew");
    for (log, says) in [
        (r#"{"version": 1, "samples": []}"#, "version 2"),
        (r#"{"version": 2}"#, "header alone"),
        (r"[]", "expected a log"),
    ] {
        assert!(
            import(Format::InspectLog, log.as_bytes())
                .unwrap_err()
                .message
                .contains(says)
        );
    }
}

#[test]
fn tables() {
    let text = "\u{feff}question,expected,context,topic,weight\n\"Where, exactly?\",Paris,\"[\"\"France\"\", \"\"Paris\"\"]\",geo,2\n\"two\nlines\",\"[\"\"a\"\", \"\"b\"\"]\",,,\n";
    let found = round_trip(Format::Csv, text);
    assert_eq!(found.rows[0].context, ["France", "Paris"]);
    assert!((found.rows[0].weight - 2.0).abs() < f64::EPSILON);
    assert_eq!(found.rows[1].expected.answers, ["a", "b"]);
    assert_eq!(found.rows[1].input, Input::Text("two\nlines".to_owned()));
    lists(&found, "line 2, topic", "not used to judge");
    let ragged = import(Format::Csv, b"input,expected\na,b,c\n").unwrap_err();
    assert!(ragged.place.contains("line 2"), "{ragged}");
    let twice = import(Format::Csv, b"input,input\na,b\n").unwrap_err();
    assert!(twice.message.contains("twice"));
    let bad = import(Format::Csv, b"input,weight\na,-1\n").unwrap_err();
    assert!(bad.message.contains("0 or more"));
}

fn full() -> Row {
    Row {
        id: "full".to_owned(),
        cluster_id: Some("c".to_owned()),
        input: Input::Text("Refund order 7, {{please}}".to_owned()),
        context: vec!["Orders can be refunded.".to_owned()],
        expected: Expected {
            answers: vec!["Done".to_owned()],
            facts: vec!["refunded".to_owned()],
            tools: vec![ToolCall {
                name: "refund".to_owned(),
                arguments: json!({"order": 7}),
            }],
            state: vec![StateCheck {
                path: "$.orders[0].status".to_owned(),
                equals: json!("refunded"),
            }],
        },
        checks: vec![Check::new("contains", json!("Done"))],
        tags: vec!["money".to_owned()],
        weight: 2.0,
        must_pass: true,
        recorded: None,
        extra: std::collections::BTreeMap::new(),
    }
}

/// A format that has no place for a part says so; it never leaves the part out.
#[test]
fn a_row_is_written_whole_or_not_at_all() {
    let rows = [full()];
    for format in [Format::Rows, Format::Promptfoo] {
        let written = export(format, &rows).unwrap();
        assert_eq!(read(format, &written).rows, rows, "{written}");
    }
    let mut log = read(
        Format::InspectLog,
        &export(Format::InspectLog, &rows).unwrap(),
    )
    .rows;
    log[0].extra.clear();
    assert_eq!(log, rows);
    for format in [
        Format::Csv,
        Format::PromptfooCsv,
        Format::OpenAiEvals,
        Format::Ragas,
        Format::DeepEval,
        Format::MlFlow,
    ] {
        let refused = export(format, &rows).unwrap_err();
        assert!(refused.place.contains("full"), "{refused}");
    }
}

#[test]
fn canonical_rows_are_strict() {
    for (text, says) in [
        (r#"{"id": "a", "input": "x", "colour": 1}"#, "colour"),
        (r#"{"id": " ", "input": "x"}"#, "`id` is empty"),
        (r#"{"input": "x"}"#, "missing field `id`"),
        (
            "{\"id\": \"a\", \"input\": \"x\"}\n{\"id\": \"a\", \"input\": \"y\"}",
            "used twice",
        ),
        ("[1]", "expected a JSON object"),
    ] {
        let found = import(Format::Rows, text.as_bytes()).unwrap_err();
        assert!(found.message.contains(says), "{text}: {found}");
    }
}
