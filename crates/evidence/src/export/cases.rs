//! The judged cases of all gates as CSV, safe to open in a spreadsheet.

use domain::gate::Report;

/// What a cell must not begin with: spreadsheets take it for a formula (OWASP, CSV injection).
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A cell that no spreadsheet evaluates: a leading apostrophe says that it is text. Control characters other than line
/// breaks and tabs are left out.
fn cell(text: &str) -> String {
    let shown: String = text
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect();
    // What a program trims away does not hide a formula either.
    if shown.trim_start().starts_with(FORMULA) || shown.starts_with(FORMULA) {
        format!("'{shown}")
    } else {
        shown
    }
}

/// One row for each case: gate, suite, case, result, why, asked, expected, answered, milliseconds. RFC 4180, CRLF.
#[must_use]
pub fn cases_csv<'a>(reports: impl IntoIterator<Item = &'a Report>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .quote_style(csv::QuoteStyle::Always)
        .from_writer(Vec::new());
    let head = [
        "gate",
        "suite",
        "case",
        "result",
        "why",
        "asked",
        "expected",
        "answered",
        "milliseconds",
    ];
    // Writing into memory does not fail.
    let _ = writer.write_record(head);
    for report in reports {
        for case in &report.cases {
            let _ = writer.write_record([
                report.gate.as_str().to_owned(),
                cell(&case.suite),
                cell(&case.id),
                case.verdict.as_str().to_owned(),
                cell(&case.why),
                cell(&case.asked),
                cell(case.expected.as_deref().unwrap_or_default()),
                cell(&case.answered),
                case.latency_ms.to_string(),
            ]);
        }
    }
    writer.into_inner().unwrap_or_default()
}
