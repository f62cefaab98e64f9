//! What the three kinds of line share: reading one strictly, placing a problem, and the checks of ids and texts.

use serde::de::DeserializeOwned;

use super::{MAX_TEXT, SuiteProblem};

/// Characters in a case id.
const MAX_ID: usize = 100;

/// Reads one line as `T`, with the place of the error in the file.
pub(super) fn read<T: DeserializeOwned>(number: u32, raw: &str) -> Result<T, SuiteProblem> {
    serde_json::from_str(raw).map_err(|error| {
        let text = error.to_string();
        // serde_json appends its own place, which would always say line 1.
        let message = text
            .rsplit_once(" at line ")
            .map_or(text.as_str(), |(message, _)| message)
            .to_owned();
        let bytes = error.column().saturating_sub(1).min(raw.len());
        let characters = raw.char_indices().take_while(|(at, _)| *at < bytes).count();
        SuiteProblem {
            line: number,
            column: column(characters),
            message,
        }
    })
}

/// A problem of one field, placed where the field's key stands.
pub(super) fn at(raw: &str, number: u32, field: &str, message: impl Into<String>) -> SuiteProblem {
    let characters = raw
        .find(&format!("\"{field}\""))
        .and_then(|bytes| raw.get(..bytes))
        .map_or(0, |before| before.chars().count());
    SuiteProblem {
        line: number,
        column: column(characters),
        message: message.into(),
    }
}

fn column(characters: usize) -> u32 {
    u32::try_from(characters)
        .unwrap_or(u32::MAX)
        .saturating_add(1)
}

/// Checks what every case has.
pub(super) fn check_case(
    number: u32,
    raw: &str,
    id: &str,
    prompt: &str,
) -> Result<(), SuiteProblem> {
    if id.trim().is_empty() {
        return Err(at(
            raw,
            number,
            "id",
            "`id` is empty: give each case a name of its own",
        ));
    }
    if id.chars().count() > MAX_ID || id.chars().any(char::is_control) {
        return Err(at(
            raw,
            number,
            "id",
            format!("`id` has control characters or more than {MAX_ID} characters"),
        ));
    }
    check_text(number, raw, "prompt", prompt)
}

/// Checks a text that is sent or compared: neither empty nor beyond the limit.
pub(super) fn check_text(
    number: u32,
    raw: &str,
    field: &str,
    text: &str,
) -> Result<(), SuiteProblem> {
    if text.trim().is_empty() {
        return Err(at(raw, number, field, format!("`{field}` is empty")));
    }
    if text.chars().count() > MAX_TEXT {
        return Err(at(
            raw,
            number,
            field,
            format!("`{field}` has more than {MAX_TEXT} characters"),
        ));
    }
    Ok(())
}

/// Checks a list of texts: at least one, none empty.
pub(super) fn check_texts(
    number: u32,
    raw: &str,
    field: &str,
    texts: &[String],
) -> Result<(), SuiteProblem> {
    if texts.is_empty() {
        return Err(at(
            raw,
            number,
            field,
            format!("`{field}` is an empty list: there is nothing to judge with"),
        ));
    }
    texts
        .iter()
        .try_for_each(|text| check_text(number, raw, field, text))
}
