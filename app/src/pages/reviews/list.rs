//! Every review, and the form that starts one.

use domain::view::review::{ReviewRow, Reviews};
use leptos::prelude::*;

use super::{covers, progress};
use crate::format::Now;
use crate::rpc::reviews::{StartReview, list_reviews};
use crate::session::Viewer;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[("team", "Covers")];

/// The list.
#[component]
pub(crate) fn ReviewsPage() -> impl IntoView {
    let cursor = asked("cursor");
    load(list_reviews(cursor.clone()), move |found, viewer| {
        body(found, !cursor.is_empty(), &viewer)
    })
}

fn body(found: Reviews, paged: bool, viewer: &Viewer) -> AnyView {
    let now = viewer.now();
    let sub = "Who and what has which access, kept or taken away by somebody else, and signed. What is signed stands in the audit trail.";
    let form = found.teams.map(start);
    let actions =
        view! { <LinkButton href="/segregation" label="Separation of duties" icon="scale"/> }
            .into_any();
    let rows = if found.rows.is_empty() {
        view! {
            <Empty icon="folder-check" title="No access was reviewed yet">
                <p class="soft">"An administrator starts a review. Nobody decides about their own access, so it takes two administrators."</p>
            </Empty>
        }
        .into_any()
    } else {
        let rows: Vec<_> = found.rows.iter().map(|row| line(row, now)).collect();
        view! {
            <Table
                caption="Access reviews, newest first"
                heads=&["Review", "State", "Progress", "Started, UTC", "Signed off, UTC"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <PageHead title="Access reviews" sub=sub.into_any() actions=actions/>
        <Live on="audit"/>
        <div class="stack">
            {form}
            <Section title="Reviews" id="reviews" note="Newest first">
                {rows}
                <Pager next=found.next here="/reviews" paged=paged/>
            </Section>
        </div>
    }
    .into_any()
}

fn line(row: &ReviewRow, now: Now) -> AnyView {
    let href = format!("/reviews/{}", row.number);
    let signed = match (row.signed_at.clone(), row.signed_by.clone()) {
        (Some(at), by) => view! {
            <TimeCell at=at now=now/>
            <span class="sub">{format!("by {}", by.unwrap_or_default())}</span>
        }
        .into_any(),
        (None, _) => "–".into_any(),
    };
    view! {
        <tr>
            <th scope="row" class="wide">
                <a href=href>{format!("Review {}", row.number)}</a>
                <span class="sub">{covers(row.team.as_ref())}</span>
            </th>
            <td data-label="State">
                <Status tone=row.state.tone() label=row.state.label()/>
            </td>
            <td data-label="Progress">{progress(row)}</td>
            <td data-label="Started, UTC">
                <TimeCell at=row.started_at.clone() now=now/>
                <span class="sub">{format!("by {}", row.started_by)}</span>
            </td>
            <td data-label="Signed off, UTC">{signed}</td>
        </tr>
    }
    .into_any()
}

fn start(teams: Vec<String>) -> AnyView {
    let error = refused::<StartReview>();
    let options = std::iter::once((String::new(), "Everything".to_owned()))
        .chain(teams.into_iter().map(|slug| (slug.clone(), slug)))
        .collect();
    view! {
        <Panel title="Start a review" id="start">
            <div class="panel__b stack stack--3">
                <FormError error=error fields=FIELDS form="start"/>
                <Post to={url::<StartReview>()}>
                    <div class="form">
                        <Select
                            name="team"
                            label="Covers"
                            form="start"
                            options=options
                            error=error
                            hint="A team: roles in it, its service accounts and its agents. Everything: API tokens and roles in every team as well."
                        />
                        <div class="bar">
                            <Submit label="Start the review" busy_label="Listing…" icon="folder-check"/>
                        </div>
                    </div>
                </Post>
            </div>
        </Panel>
    }
    .into_any()
}
