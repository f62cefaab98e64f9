//! The judged cases of all gates as CSV, safe to open in a spreadsheet.

use domain::gate::Report;

use super::cell::cell;

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
