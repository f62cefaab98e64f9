//! "What differs between these two versions?"

use domain::view::diff::VersionDiff;
use leptos::prelude::*;

use crate::format::address;
use crate::pages::changes::{rows, text};
use crate::rpc::agents::compare_versions;
use crate::ui::prelude::*;

/// Two versions of an agent, in either order.
pub(super) fn beside(slug: &str, from: &str, to: &str) -> String {
    address(
        &format!("/agents/{slug}/versions"),
        &[("from", from), ("to", to)],
    )
}

/// Two versions that the address names.
#[component]
pub(crate) fn VersionsPage() -> impl IntoView {
    let (slug, from, to) = (part("slug"), asked("from"), asked("to"));
    if from.is_empty() || to.is_empty() {
        return choose(&slug, &from, &to);
    }
    let read = compare_versions(slug.clone(), from, to);
    load(read, move |diff, _| body(&slug, &diff)).into_any()
}

fn choose(slug: &str, from: &str, to: &str) -> AnyView {
    let sub = "Any two versions of an agent: scopes, configuration, image and packages.";
    view! {
        <PageHead title="Compare versions" sub=sub.into_any()/>
        {form(slug, from, to)}
    }
    .into_any()
}

fn form(slug: &str, from: &str, to: &str) -> AnyView {
    let action = format!("/agents/{slug}/versions");
    let (from, to) = (from.to_owned(), to.to_owned());
    view! {
        <form class="filters" method="get" action=action aria-label="Which versions">
            <Field name="from" label="From version" value=from max=40 required=true plain=true/>
            <Field name="to" label="To version" value=to max=40 required=true plain=true/>
            <button class="btn" type="submit">"Compare"</button>
        </form>
    }
    .into_any()
}

fn body(slug: &str, diff: &VersionDiff) -> AnyView {
    let from = diff.live_version.clone().unwrap_or_default();
    let to = diff.proposed_version.clone();
    let title = format!("{slug} v{from} to v{to}");
    let back = beside(slug, &to, &from);
    let sub = view! {
        "By what is kept of both, riskiest part first. Commits between them are at the git host. "
        <a href=back>"The other way round"</a>
    };
    let (rows, texts) = (rows(diff, &[], ["From", "To"]), text::section(diff));
    let form = form(slug, &from, &to);
    let agent = format!("/agents/{slug}");
    let label = format!("Back to {slug}");
    view! {
        <PageHead title=title sub=sub.into_any()/>
        <Table caption="What differs" heads=&["Part", "From", "To", "Difference"] class="tbl--stack tbl--top changes">
            {rows}
        </Table>
        {texts}
        {form}
        <p>
            <a href=agent>{label}</a>
        </p>
    }
    .into_any()
}
