//! United States social security numbers, 3-2-4. The ranges that are never given out are left out.

use std::sync::LazyLock;

use regex::Regex;

use super::{Found, Kind};

static FORM: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b([0-9]{3})[- ]([0-9]{2})[- ]([0-9]{4})\b").ok());

pub(super) fn find(text: &str) -> Vec<Found> {
    let Some(form) = FORM.as_ref() else {
        return Vec::new();
    };
    form.captures_iter(text)
        .filter_map(|found| {
            let whole = found.get(0)?;
            let part = |at: usize| found.get(at).map_or("", |one| one.as_str());
            let (area, group, serial) = (part(1), part(2), part(3));
            let given = !matches!(area, "000" | "666")
                && !area.starts_with('9')
                && group != "00"
                && serial != "0000";
            let joined = |c: char| c == '-' || c.is_ascii_digit();
            let alone = !text.get(..whole.start())?.ends_with(joined)
                && !text.get(whole.end()..)?.starts_with(joined);
            (given && alone).then(|| Found {
                kind: Kind::SocialSecurity,
                value: format!("{area}{group}{serial}"),
                span: whole.range(),
            })
        })
        .collect()
}
