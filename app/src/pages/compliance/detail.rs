//! One framework: each control with what supports evidence for it, gaps as gaps, and the package for an auditor.

use domain::form::query::ControlsQuery;
use domain::package::{SAMPLE_DEFAULT, SEED_MAX};
use domain::tone::Tone;
use domain::view::controls::{ControlView, EvidenceCount, FrameworkView, Scope};
use leptos::prelude::*;

use super::{Filters, LIMITS, again, over, query, same};
use crate::format::{address, count, counted};
use crate::rpc::compliance::get_framework;
use crate::rpc::packages::OrderPackage;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[
    ("from", "From day"),
    ("to", "To day"),
    ("agent", "Agent"),
    ("seed", "Seed of the sample"),
    ("sample", "Events in the sample"),
];

/// The framework of the address.
#[component]
pub(crate) fn FrameworkPage() -> impl IntoView {
    let query = query();
    let framework = part("framework");
    let path = format!("/compliance/{framework}");
    load(
        get_framework(framework, query.clone()),
        move |found, _| match found {
            Ok(found) => body(found, &query),
            Err(wrong) => again("Evidence".to_owned(), path, query, wrong),
        },
    )
}

fn body(found: FrameworkView, query: &ControlsQuery) -> AnyView {
    let name = found.framework.label();
    let path = format!("/compliance/{}", found.framework);
    let gaps = found.gaps();
    let note = format!(
        "{} {} of {} controls have evidence. {}, catalogue {}.",
        over(&found.scope),
        found.controls.len() - gaps,
        found.controls.len(),
        found.edition,
        found.catalogue,
    );
    let controls = found.controls.iter();
    let rows: Vec<_> = controls.map(|control| line(control, &found)).collect();
    let actions = view! {
        <LinkButton href=same("/compliance", query) label="Frameworks" icon="arrow-left"/>
        <LinkButton href="/compliance/packages" label="Packages" icon="package"/>
    }
    .into_any();
    view! {
        <PageHead title=format!("{name} evidence") sub=LIMITS.into_any() actions=actions/>
        <Filters path=path query=query.clone()/>
        <Section title="Controls" id="controls" note=note>
            <Table
                caption=format!("Controls of {name}")
                heads=&["Control", "Events", "Supported by", "State"]
                class="tbl--top tbl--stack"
            >
                {rows}
            </Table>
        </Section>
        {package(&found, query)}
    }
    .into_any()
}

/// The events of the period and scope that support evidence for something.
fn events(evidence: &str, scope: &Scope) -> String {
    let parts = [
        ("evidence", evidence),
        ("agent", scope.agent.as_deref().unwrap_or_default()),
        ("from", &scope.from),
        ("to", &scope.to),
    ];
    address("/audit", &parts)
}

fn line(control: &ControlView, of: &FrameworkView) -> AnyView {
    let kinds = control.evidence.iter();
    let kinds: Vec<_> = kinds.map(|one| kind(one, &of.scope)).collect();
    let all = events(&format!("{}:{}", of.framework, control.id), &of.scope);
    let kinds = if kinds.is_empty() {
        view! { <span class="muted">"Nothing that Clearance records"</span> }.into_any()
    } else {
        view! { <ul class="plain">{kinds}</ul> }.into_any()
    };
    let state = match &control.gap {
        Some(gap) => view! {
            <Status tone=Tone::Wait label="Gap"/>
            <p class="hint">{gap.clone()}</p>
        }
        .into_any(),
        None => view! { <Status tone=Tone::Ok label="Evidence"/> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">{control.id.clone()} <span class="sub">{control.title.clone()}</span></th>
            <td data-label="Events" class="num">
                <a href=all>{count(control.total)}</a>
            </td>
            <td data-label="Supported by" class="wide wrap">{kinds}</td>
            <td data-label="State">{state}</td>
        </tr>
    }
    .into_any()
}

fn kind(one: &EvidenceCount, scope: &Scope) -> AnyView {
    let all = events(&one.key, scope);
    let newest = one.newest.map(|index| {
        view! {
            ", newest "
            <a href=format!("/audit/{index}")>{format!("event {index}")}</a>
        }
    });
    view! {
        <li>
            {one.title.clone()}
            <span class="sub">
                <a href=all>{counted(one.count, "event", "events")}</a>
                {newest}
            </span>
        </li>
    }
    .into_any()
}

/// The form that orders the package, over the period and scope that the page shows.
fn package(found: &FrameworkView, query: &ControlsQuery) -> AnyView {
    let ControlsQuery { from, to, agent } = query.clone();
    let (framework, error) = (found.framework.to_string(), refused::<OrderPackage>());
    view! {
        <Panel title="Evidence package" id="package">
            <div class="panel__b stack stack--3">
                <p>
                    "For an auditor: the report, tables, OSCAL results, a sample of events with their proofs, the policy, and the whole audit log, signed. It is built in the background. Whoever has the log's public key checks it without this server, with "
                    <code>"clearance evidence verify-package"</code>
                    "."
                </p>
                <FormError error=error fields=FIELDS form="package"/>
                <Post to={url::<OrderPackage>()}>
                    <Hidden name="framework" value=framework/>
                    <Hidden name="from" value=from/>
                    <Hidden name="to" value=to/>
                    <Hidden name="agent" value=agent/>
                    <div class="form">
                        <Field name="seed" label="Seed of the sample" form="package" error=error max=SEED_MAX hint="Any words of the auditor: the same seed chooses the same events."/>
                        <Field name="sample" label="Events in the sample" form="package" error=error kind="number" value=SAMPLE_DEFAULT.to_string()/>
                        <div class="bar">
                            <Submit label="Build evidence package" busy_label="Ordering…" kind=Kind::Primary icon="package"/>
                        </div>
                    </div>
                </Post>
            </div>
        </Panel>
    }
    .into_any()
}
