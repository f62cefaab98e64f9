//! Every framework, with how many of its controls have nothing recorded.

use domain::form::query::ControlsQuery;
use domain::tone::Tone;
use domain::view::controls::{FrameworkRow, Frameworks};
use leptos::prelude::*;

use super::{Filters, LIMITS, again, over, query, same};
use crate::rpc::compliance::list_frameworks;
use crate::ui::prelude::*;

/// The frameworks.
#[component]
pub(crate) fn CompliancePage() -> impl IntoView {
    let query = query();
    load(
        list_frameworks(query.clone()),
        move |found, _| match found {
            Ok(found) => body(found, &query),
            Err(wrong) => again(
                "Compliance".to_owned(),
                "/compliance".to_owned(),
                query,
                wrong,
            ),
        },
    )
}

fn body(found: Frameworks, query: &ControlsQuery) -> AnyView {
    let rows: Vec<_> = found.rows.iter().map(|row| line(row, query)).collect();
    let note = format!("{} Catalogue {}.", over(&found.scope), found.catalogue);
    let actions = view! {
        <LinkButton href="/compliance/packages" label="Evidence packages" icon="package"/>
        <LinkButton href="/segregation" label="Separation of duties" icon="scale"/>
        <LinkButton href="/reviews" label="Access reviews" icon="users"/>
    }
    .into_any();
    view! {
        <PageHead title="Compliance" sub=LIMITS.into_any() actions=actions/>
        <Filters path="/compliance".to_owned() query=query.clone()/>
        <Section title="Frameworks" id="frameworks" note=note>
            <Table
                caption="Frameworks and their gaps"
                heads=&["Framework", "Edition", "With evidence", "Gaps"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        </Section>
    }
    .into_any()
}

fn line(row: &FrameworkRow, query: &ControlsQuery) -> AnyView {
    let href = same(&format!("/compliance/{}", row.framework), query);
    let (tone, gaps) = match row.gaps {
        0 => (Tone::Ok, "No gap".to_owned()),
        1 => (Tone::Wait, "1 gap".to_owned()),
        more => (Tone::Wait, format!("{more} gaps")),
    };
    let with = format!("{} of {}", row.controls - row.gaps, row.controls);
    view! {
        <tr>
            <th scope="row">
                <a href=href>{row.framework.label()}</a>
            </th>
            <td data-label="Edition" class="wrap">{row.edition.clone()}</td>
            <td data-label="With evidence" class="num">{with}</td>
            <td data-label="Gaps">
                <Status tone=tone label=gaps/>
            </td>
        </tr>
    }
    .into_any()
}
