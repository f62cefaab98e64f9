//! A cell of a table that spreadsheets open.

use domain::text::visible;

/// What a cell must not begin with: spreadsheets take it for a formula (OWASP, CSV injection).
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A cell that no spreadsheet evaluates and that neither hides nor reorders what it says: a leading apostrophe says that it is text;
/// control characters are left out but for line breaks and tabs, bidirectional and zero-width ones are replaced.
pub(crate) fn cell(text: &str) -> String {
    let plain = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    let shown = visible(&text.chars().filter(plain).collect::<String>());
    // What a program trims away does not hide a formula either.
    if shown.trim_start().starts_with(FORMULA) || shown.starts_with(FORMULA) {
        format!("'{shown}")
    } else {
        shown
    }
}
