//! Canonical rows, one JSON object a line. Strict: an unknown field is a problem.

use serde_json::{Value, json};

use super::{Imported, Unreadable, json as lines};
use crate::row::Row;

pub(super) fn read(text: &str) -> Result<Imported, Unreadable> {
    let mut imported = Imported::default();
    for (place, object) in lines::objects(text)? {
        let row: Row = serde_json::from_value(Value::Object(object))
            .map_err(|error| Unreadable::new(&place, error.to_string()))?;
        if row.id.trim().is_empty() {
            return Err(Unreadable::new(place, "`id` is empty"));
        }
        imported.add(&place, row)?;
    }
    Ok(imported)
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "every format is written by the same form"
)]
pub(super) fn write(rows: &[Row]) -> Result<String, Unreadable> {
    Ok(lines::lines(rows.iter().map(|row| json!(row))))
}
