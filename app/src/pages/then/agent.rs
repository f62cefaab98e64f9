//! "What ran, which version and config, who had approved it, with what scopes, and what had it passed?"

use domain::tone::Tone;
use domain::view::history::{AgentThen, DecisionThen, GateThen, LiveThen, ManifestThen};
use leptos::prelude::*;

use super::{moment, told};
use crate::format::{Now, address};
use crate::rpc::history::get_agent_then;
use crate::session::Viewer;
use crate::ui::hash::HashKind;
use crate::ui::prelude::*;

/// One agent at a moment.
pub(crate) fn agent_then(slug: String, as_of: String) -> AnyView {
    let read = get_agent_then(slug, as_of.clone());
    load(read, move |found, viewer| body(&found, &as_of, &viewer)).into_any()
}

fn body(found: &AgentThen, as_of: &str, viewer: &Viewer) -> AnyView {
    let now = viewer.now();
    let here = format!("/agents/{}", found.slug);
    let title = format!("{} as it was", found.slug);
    let none = if found.registered {
        "Nothing of it was live."
    } else {
        "It was not registered: not yet, or not any more."
    };
    let none = found
        .live
        .is_empty()
        .then(|| view! { <p class="soft">{none}</p> });
    let parts: Vec<_> = found.live.iter().map(|one| live(one, as_of, now)).collect();
    view! {
        <PageHead title=title/>
        {moment(&found.moment, &here, now)}
        <div class="stack">{none} {parts}</div>
    }
    .into_any()
}

fn live(one: &LiveThen, as_of: &str, now: Now) -> AnyView {
    let deployment = view! { <a href=format!("/deployments/{}", one.deployment)>{format!("#{}", one.deployment)}</a> };
    let until = one
        .until
        .as_ref()
        .map_or_else(|| "Still live".into_any(), |until| told(until, now));
    let mut rows = vec![
        ("Deployment", deployment.into_any()),
        ("Went live", told(&one.since, now)),
        ("Until", until),
        (
            "Manifest",
            view! { <Hash value=one.manifest_digest.clone() kind=HashKind::Digest/> }.into_any(),
        ),
        ("Decided by", decisions(&one.decisions, now)),
        ("Identity", identity(one, as_of)),
    ];
    let gates = match &one.manifest {
        Some(found) => {
            rows.extend(manifest(found));
            passed(&found.gates)
        }
        None => view! {
            <NoticeBar tone=Tone::Bad>
                <p>"The manifest that is kept is not the one that the log names. What it said cannot be shown."</p>
            </NoticeBar>
        }
        .into_any(),
    };
    let (title, id) = (one.environment.label(), one.environment.as_str());
    view! {
        <Section title=title id=id>
            <Facts rows=rows/>
            {gates}
        </Section>
    }
    .into_any()
}

fn manifest(found: &ManifestThen) -> Vec<(&'static str, AnyView)> {
    let hash = |value: &str, kind| {
        let value = value.to_owned();
        view! { <Hash value=value kind=kind/> }.into_any()
    };
    let scopes = if found.scopes.is_empty() {
        "None".to_owned()
    } else {
        found.scopes.join(", ")
    };
    let policy = found.policy_version;
    vec![
        ("Version", found.version.clone().into_any()),
        ("Commit", hash(&found.commit, HashKind::Commit)),
        ("Config", hash(&found.config_digest, HashKind::Digest)),
        ("Image", hash(&found.image_digest, HashKind::Digest)),
        ("Scopes", view! { <code>{scopes}</code> }.into_any()),
        (
            "Policy",
            view! { <a href=format!("/policies/{policy}")>{format!("v{policy}")}</a> }.into_any(),
        ),
    ]
}

fn decisions(all: &[DecisionThen], now: Now) -> AnyView {
    if all.is_empty() {
        return "Nobody was asked here".into_any();
    }
    let all: Vec<_> = all
        .iter()
        .map(|one| {
            let said = match one.verdict.as_str() {
                "approve" => "approved, ",
                _ => "rejected, ",
            };
            let by = format!("{} {said}", one.by);
            view! { <li>{by} {told(&one.told, now)}</li> }
        })
        .collect();
    view! { <ul class="plain">{all}</ul> }.into_any()
}

fn identity(one: &LiveThen, as_of: &str) -> AnyView {
    let Some(found) = &one.identity else {
        return "None stood".into_any();
    };
    let href = address(
        &format!("/identities/{}", found.client_id),
        &[("as_of", as_of)],
    );
    let standing = format!(", {}", found.standing.label().to_lowercase());
    view! {
        <a href=href>{found.client_id.clone()}</a>
        {standing}
    }
    .into_any()
}

fn passed(gates: &[GateThen]) -> AnyView {
    let rows: Vec<_> = gates
        .iter()
        .map(|one| {
            let digest = one.evidence_digest.clone();
            view! {
                <tr>
                    <th scope="row">{one.gate.label()}</th>
                    <td data-label="Result">
                        <Status tone=one.verdict.tone() label=one.verdict.label()/>
                    </td>
                    <td data-label="Evidence">
                        <Hash value=digest kind=HashKind::Digest/>
                    </td>
                </tr>
            }
        })
        .collect();
    view! {
        <Table caption="What it had passed" heads=&["Gate", "Result", "Evidence"] class="tbl--stack">
            {rows}
        </Table>
    }
    .into_any()
}
