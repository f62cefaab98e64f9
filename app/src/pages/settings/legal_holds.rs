//! "What must nobody remove, why, and since when?"

use domain::name::SLUG_MAX;
use domain::tone::Tone;
use domain::view::legal_hold::{LegalHoldList, LegalHoldRow};
use leptos::prelude::*;

use crate::format::{Now, counted};
use crate::rpc::legal_holds::{PlaceLegalHold, ReleaseLegalHold, list_legal_holds};
use crate::session::Viewer;
use crate::ui::prelude::*;
use crate::ui::step::{Step, step};

const FIELDS: &[(&str, &str)] = &[("agent", "Agent"), ("reason", "Reason")];

/// All of them.
#[component]
pub(crate) fn LegalHoldsPage() -> impl IntoView {
    load(list_legal_holds(), |found, viewer| body(found, &viewer))
}

fn body(found: LegalHoldList, viewer: &Viewer) -> AnyView {
    let now = viewer.now();
    let sub = "What a hold covers is kept, whatever the policy keeps no longer: evidence and access events. The audit log is never removed.";
    let (open, over): (Vec<_>, Vec<_>) = found
        .rows
        .into_iter()
        .partition(|row| row.released_at.is_none());
    let form = found.can_change.then(place);
    let over = (!over.is_empty()).then(|| section("Released", "released", &over, now));
    let steps: Vec<_> = if found.can_change {
        open.iter().map(release).collect()
    } else {
        Vec::new()
    };
    let open = if open.is_empty() {
        view! {
            <Empty icon="lock" title="Nothing is held">
                <p class="soft">"Place a hold when a dispute, an inquiry or an audit needs what would be removed."</p>
            </Empty>
        }
        .into_any()
    } else {
        section("In force", "in-force", &open, now)
    };
    view! {
        <PageHead title="Legal holds" sub=sub.into_any()/>
        <Live on="audit"/>
        <div class="cols">
            <div class="stack">{open} {steps} {over}</div>
            <div class="stack stack--4">{form}</div>
        </div>
    }
    .into_any()
}

fn section(title: &'static str, id: &'static str, rows: &[LegalHoldRow], now: Now) -> AnyView {
    let note = counted(u64::try_from(rows.len()).unwrap_or(0), "hold", "holds");
    let rows: Vec<_> = rows.iter().map(|row| line(row, now)).collect();
    view! {
        <Section title=title id=id note=note>
            <Table
                caption=title
                heads=&["Covers", "Reason", "Placed by", "Placed, UTC", "Status"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        </Section>
    }
    .into_any()
}

fn covers(row: &LegalHoldRow) -> String {
    row.agent.clone().unwrap_or_else(|| "Everything".to_owned())
}

fn line(row: &LegalHoldRow, now: Now) -> AnyView {
    let what = match row.agent.clone() {
        Some(slug) => {
            let href = format!("/agents/{slug}");
            view! { <a class="plain" href=href>{slug}</a> }.into_any()
        }
        None => "Everything".into_any(),
    };
    let status = match (row.released_at.clone(), row.released_by.clone()) {
        (Some(at), by) => {
            let said = format!(
                "by {}: {}",
                by.unwrap_or_default(),
                row.release_reason.clone().unwrap_or_default()
            );
            view! {
                <TimeCell at=at now=now/>
                <span class="sub">{said}</span>
            }
            .into_any()
        }
        (None, _) => view! { <Status tone=Tone::Wait label="In force"/> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row" class="wide">{what}</th>
            <td data-label="Reason">{row.reason.clone()}</td>
            <td data-label="Placed by">{row.placed_by.clone()}</td>
            <td data-label="Placed, UTC">
                <TimeCell at=row.placed_at.clone() now=now/>
            </td>
            <td data-label="Status">{status}</td>
        </tr>
    }
    .into_any()
}

fn release(row: &LegalHoldRow) -> AnyView {
    let release = Step {
        label: format!("Release the hold on {}…", covers(row).to_lowercase()),
        form: "release",
        says: "What it covers may be removed again, by the policy and by age.".to_owned(),
        hint: "Who decided that it is needed no longer. Kept in the audit trail.",
        button: "Release hold".to_owned(),
        busy: "Releasing…",
        icon: "undo-2",
        kind: Kind::DangerSolid,
    };
    let error = refused::<ReleaseLegalHold>();
    step(release, url::<ReleaseLegalHold>(), error, ("id", &row.id))
}

fn place() -> AnyView {
    let error = refused::<PlaceLegalHold>();
    view! {
        <Panel title="Place a hold" id="place">
            <div class="panel__b stack stack--3">
                <FormError error=error fields=FIELDS form="place"/>
                <Post to={url::<PlaceLegalHold>()}>
                    <div class="form">
                        <Field name="agent" label="Agent" form="place" error=error hint="Its short name. Empty for everything." max=SLUG_MAX autocomplete="off"/>
                        <Reason form="place" error=error hint="Which matter needs it. Kept in the audit trail."/>
                        <div class="bar">
                            <Submit label="Place hold" busy_label="Placing…" icon="lock"/>
                        </div>
                    </div>
                </Post>
            </div>
        </Panel>
    }
    .into_any()
}
