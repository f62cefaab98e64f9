//! What changes against the live version.

use domain::view::approval::ApprovalDetail;
use leptos::prelude::*;

use crate::pages::changes::rows;
use crate::ui::prelude::*;

/// The table.
pub(super) fn section(found: &ApprovalDetail) -> AnyView {
    let diff = &found.diff;
    let note = match &diff.live_version {
        Some(version) => format!("Against v{version}, live now. Riskiest part first."),
        None => "Nothing is live yet, so everything is new. Riskiest part first.".to_owned(),
    };
    let more = diff.live_number.map(|number| {
        view! { <a href=format!("/deployments/{number}")>"Open the live deployment"</a> }.into_any()
    });
    let rows = rows(diff, &found.scope_notes, ["Live", "Proposed"]);
    view! {
        <Section title="What changes" id="changes" note=note more=more.unwrap_or_else(|| ().into_any())>
            <Table caption="What changes" heads=&["Part", "Live", "Proposed", "Difference"] class="tbl--stack tbl--top changes">
                {rows}
            </Table>
        </Section>
    }
    .into_any()
}
