//! Times as text, for read models.

use chrono::{DateTime, SecondsFormat, Utc};

/// RFC 3339, UTC, microseconds.
pub(crate) fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// The same, if there is one.
pub(crate) fn text_opt(time: Option<DateTime<Utc>>) -> Option<String> {
    time.map(text)
}
