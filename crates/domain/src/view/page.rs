//! One page of a list, paged by key: the cost of a page does not grow with its number.

use serde::{Deserialize, Serialize};

/// Rows of a list, with where the next page starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// Pass as `cursor` to get the rows after these. `None` on the last page.
    pub next: Option<String>,
}

/// Most rows a page holds.
pub const LIMIT_MAX: u64 = 200;
/// Rows of a page when nobody says otherwise.
pub const LIMIT_DEFAULT: u64 = 50;

impl<T> Page<T> {
    /// Makes a page out of up to `limit + 1` rows: the extra row only says that there are more.
    #[must_use]
    pub fn cut(mut rows: Vec<T>, limit: u64, key: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = more.then(|| rows.last().map(key)).flatten();
        Self { rows, next }
    }

    /// The same page with each row turned into something else.
    #[must_use]
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page {
            rows: self.rows.into_iter().map(turn).collect(),
            next: self.next,
        }
    }
}
