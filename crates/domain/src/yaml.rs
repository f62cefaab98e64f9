//! What is wrong with a YAML text, in words and with its place.

/// Line and column (1-based; 0 where they are not known) and the first sentence of an error; `otherwise` where it has none.
pub(crate) fn problem(error: &serde_saphyr::Error, otherwise: &str) -> (u32, u32, String) {
    let place = |number: u64| u32::try_from(number).unwrap_or(0);
    let (line, column) = error
        .location()
        .map_or((0, 0), |at| (place(at.line()), place(at.column())));
    // The first line says what is wrong; the rest is a picture of the file for terminals.
    let text = error.without_snippet().to_string();
    let first = text.lines().next().unwrap_or(otherwise);
    // The place is told beside it.
    let said = format!(" at line {line}, column {column}");
    let first = first.strip_suffix(&said).unwrap_or(first);
    (line, column, crate::text::cut(first, 300))
}
