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
