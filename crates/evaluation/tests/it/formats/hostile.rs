//! Files that want to hurt: nothing panics, hangs, or grows without bound.

use std::time::{Duration, Instant};

use evaluation::formats::{Format, MAX_BYTES, MAX_ROWS, MAX_UNSUPPORTED, import};

#[track_caller]
fn refused(format: Format, text: &str) -> String {
    let began = Instant::now();
    let error = import(format, text.as_bytes()).unwrap_err();
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
    assert!(error.to_string().len() < 1_000, "{error}");
    error.to_string()
}

#[test]
fn aliases_that_multiply_are_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..10 {
        let list = vec![format!("*a{}", n - 1); 10].join(", ");
        bomb.push_str(&format!("a{n}: &a{n} [{list}]\n"));
    }
    bomb.push_str("tests: *a9\n");
    refused(Format::Promptfoo, &bomb);
}

#[test]
fn variables_that_multiply_are_refused() {
    let values = (0..200)
        .map(|n| format!("'{n}'"))
        .collect::<Vec<_>>()
        .join(", ");
    let text = format!("tests: [{{vars: {{question: [{values}], b: [{values}], c: [{values}]}}}}]");
    assert!(refused(Format::Promptfoo, &text).contains("multiply"));
}

/// Bytes in the rows that came out, or how it was refused.
fn grown(text: &str) -> Result<usize, String> {
    let began = Instant::now();
    let found = import(Format::Promptfoo, text.as_bytes());
    assert!(began.elapsed() < Duration::from_secs(20));
    let rows = found.map_err(|error| error.to_string())?.rows;
    Ok(rows.iter().map(|row| format!("{row:?}").len()).sum())
}

/// Each of these is a small file that would fill gigabytes when it is written out.
#[test]
fn what_multiplies_in_memory_is_refused_before_it_is_made() {
    let long = "x".repeat(200_000);
    let use_it = "{{a}}".repeat(10_000);
    let filled = format!("prompts: ['{use_it}']\ntests: [{{vars: {{a: {long}}}}}]");
    let chained = format!(
        "prompts: ['{{{{a}}}}']\ntests: [{{vars: {{a: '{}', b: '{}', c: '{}', d: {}}}}}]",
        "{{b}}".repeat(300),
        "{{c}}".repeat(300),
        "{{d}}".repeat(300),
        "x".repeat(300),
    );
    let many = "{vars: {q: x}}, ".repeat(5_000);
    let inherited = format!("defaultTest: {{vars: {{a: {long}}}}}\ntests: [{many}]");
    let scenario = format!(
        "scenarios: [{{config: [{}], tests: [{{vars: {{q: {long}}}}}]}}]",
        "{vars: {b: x}}, ".repeat(1_000)
    );
    let values = "x, ".repeat(2_000);
    let cloned = format!("tests: [{{vars: {{q: [{values}], a: {long}}}}}]");
    let referred = format!(
        "assertionTemplates: {{t: {{type: contains, value: {long}}}}}\ntests: [{{vars: {{q: x}}, assert: [{}]}}]",
        "{$ref: t}, ".repeat(2_000)
    );
    let asserted = format!(
        "tests: [{{vars: {{question: x, a: {long}}}, assert: [{}]}}]",
        "{type: contains, value: '{{a}}'}, ".repeat(2_000)
    );
    for (name, text) in [
        ("filled", filled),
        ("chained", chained),
        ("inherited", inherited),
        ("scenario", scenario),
        ("cloned", cloned),
        ("referred", referred),
        ("asserted", asserted),
    ] {
        assert!(text.len() < 1024 * 1024, "{name} is no small file");
        let error = grown(&text).unwrap_err();
        assert!(
            error.contains("multiply to more than 16 MiB"),
            "{name}: {error}"
        );
    }
}

#[test]
fn what_grows_within_bounds_is_read() {
    let text = format!(
        "prompts: ['{{{{q}}}} {{{{a}}}}']\ntests: [{{vars: {{q: [{}], a: {}}}}}]",
        "x, ".repeat(100),
        "y".repeat(10_000)
    );
    assert!(grown(&text).unwrap() > 1_000_000);
}

#[test]
fn a_broken_line_is_placed_once() {
    for (format, text, place) in [
        (
            Format::Rows,
            "\n{\"id\": 1,,}",
            "line 2, column 10: not valid JSON",
        ),
        (
            Format::OpenAiEvals,
            "[{},\n {,}]",
            "line 2, column 3: not valid JSON",
        ),
        (
            Format::InspectLog,
            "{\n,",
            "line 2, column 1: not valid JSON",
        ),
    ] {
        let error = refused(format, text);
        assert!(error.starts_with(place), "{error}");
        assert_eq!(error.matches("line").count(), 1, "{error}");
    }
}

#[test]
fn depth_is_bounded() {
    let deep = format!("tests: {}1{}", "[".repeat(5_000), "]".repeat(5_000));
    refused(Format::Promptfoo, &deep);
    let indented: String = (0..3_000)
        .map(|n| format!("{}a:\n", " ".repeat(n)))
        .collect();
    refused(Format::Promptfoo, &indented);
    let json = format!(
        "{{\"input\": {}1{}}}",
        "[".repeat(50_000),
        "]".repeat(50_000)
    );
    for format in [
        Format::Rows,
        Format::OpenAiEvals,
        Format::Ragas,
        Format::MlFlow,
        Format::DeepEval,
        Format::InspectLog,
    ] {
        refused(format, &json);
    }
}

#[test]
fn size_and_rows_are_bounded() {
    let large = " ".repeat(MAX_BYTES + 1);
    for format in Format::ALL {
        assert!(refused(*format, &large).contains("split the file"));
    }
    let many = "{\"input\": \"x\", \"ideal\": \"y\"}\n".repeat(MAX_ROWS + 1);
    assert!(refused(Format::OpenAiEvals, &many).contains("split the file"));
    let many = format!("input\n{}", "x\n".repeat(MAX_ROWS + 1));
    assert!(refused(Format::Csv, &many).contains("split the file"));
    let odd: String = (0..MAX_UNSUPPORTED + 50)
        .map(|_| "{\"input\": \"x\", \"odd\": 1}\n")
        .collect();
    let found = import(Format::OpenAiEvals, odd.as_bytes()).unwrap();
    assert_eq!(found.unsupported.len(), MAX_UNSUPPORTED + 1);
}

#[test]
fn what_is_not_text_is_refused() {
    for format in Format::ALL {
        let error = import(*format, b"\xff\xfe\x00").unwrap_err();
        assert!(error.message.contains("UTF-8"));
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "[\\[\\]{}:,\"a-c0-9 \n&*#'|>.-]{0,200}") {
        for format in Format::ALL {
            let _ = import(*format, text.as_bytes());
        }
    }

    #[test]
    fn any_input_survives_every_format(input in "\\PC{1,60}") {
        let line = serde_json::json!({"id": "a", "input": input}).to_string();
        let rows = import(Format::Rows, line.as_bytes()).unwrap().rows;
        for format in [Format::Rows, Format::Promptfoo, Format::Csv] {
            if let Ok(written) = evaluation::formats::export(format, &rows) {
                let back = import(format, written.as_bytes()).unwrap();
                proptest::prop_assert_eq!(&back.rows, &rows, "{:?}: {}", format, written);
            }
        }
    }
}
