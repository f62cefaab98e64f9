//! One search over everything.

use domain::view::search::SearchResults;

use crate::error::{UiError, reject};

/// Agents by what they are about, and whatever is called exactly so.
pub(crate) async fn search(q: String) -> Result<SearchResults, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::search::all(&cp, &ctx, &q)
        .await
        .map_err(reject)
}
