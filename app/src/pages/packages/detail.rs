//! One package: where it is, what it holds, and how to check it without us.

use domain::package::PackageState;
use domain::view::package::{PackageDetail, PackageRow};
use leptos::prelude::*;

use super::{about, by, period, size};
use crate::rpc::packages::{RemovePackage, get_package};
use crate::session::Viewer;
use crate::ui::prelude::*;
use crate::ui::step::{Step, step};

/// The package of the address.
#[component]
pub(crate) fn PackagePage() -> impl IntoView {
    load(get_package(part("number")), |found, viewer| {
        body(&found, &viewer)
    })
}

fn body(found: &PackageDetail, viewer: &Viewer) -> AnyView {
    let row = &found.row;
    let title = format!("Evidence package {}", row.number);
    let badge = view! { <Status tone=row.state.tone() label=row.state.label() boxed=true/> };
    let sub = format!(
        "{}. Events from {}.",
        about(row.framework, row.agent.as_ref()),
        period(&row.from, &row.to)
    );
    let download = (row.state == PackageState::Ready).then(|| {
        let href = format!("/api/v1/packages/{}/download", row.number);
        view! {
            <a class="btn btn--primary" rel="external" href=href download>
                <Icon name="download"/>
                "Download"
            </a>
        }
    });
    let actions = view! {
        <LinkButton href="/compliance/packages" label="All packages" icon="arrow-left"/>
        {download}
    }
    .into_any();
    let (what, who, check, remove) = (
        what(found),
        who(found, viewer),
        check(found),
        found.can_remove.then(|| remove(row)),
    );
    view! {
        <PageHead title=title badges=badge.into_any() sub=sub.into_any() actions=actions/>
        <Live on=format!("package:{}", row.number)/>
        <div class="stack">{happening(found, viewer)} {what} {who} {check} {remove}</div>
    }
    .into_any()
}

/// What is happening, or what stood in the way.
fn happening(found: &PackageDetail, viewer: &Viewer) -> AnyView {
    let row = &found.row;
    let step = row.step.clone().map(|step| {
        view! {
            <NoticeBar tone=row.state.tone()>
                <p>{step}</p>
            </NoticeBar>
        }
    });
    let problem = row.problem.clone().map(|problem| {
        let again = found.next_try_at.clone().map(|at| {
            view! {
                " It is tried again "
                <Time at=at now=viewer.now()/>
                "."
            }
        });
        view! {
            <NoticeBar tone=domain::tone::Tone::Bad>
                <p>{problem} {again}</p>
            </NoticeBar>
        }
    });
    view! {
        {step}
        {problem}
    }
    .into_any()
}

fn number(value: Option<u64>) -> AnyView {
    value.map_or_else(|| "–".into_any(), |value| value.to_string().into_any())
}

fn what(found: &PackageDetail) -> AnyView {
    let row = &found.row;
    let seed = match (found.seed.is_empty(), row.schedule) {
        (true, Some(_)) => {
            "The first signed head of the audit log after the period; not known yet".to_owned()
        }
        (true, None) => "Empty".to_owned(),
        (false, _) => found.seed.clone(),
    };
    let mut cells = vec![
        ("Supporting events", number(row.events)),
        ("Files", number(row.files)),
        (
            "Size",
            row.bytes
                .map_or_else(|| "–".into_any(), |bytes| size(bytes).into_any()),
        ),
        ("Audit log, events", number(found.log_size)),
        ("Sample, events", found.sample.to_string().into_any()),
        ("Seed of the sample", seed.into_any()),
    ];
    if let Some(root) = found.log_root.clone() {
        let root = view! { <Hash value=root kind=HashKind::Id/> };
        cells.push(("Root of the audit log", root.into_any()));
    }
    if let Some(digest) = row.digest.clone() {
        let digest = view! { <Hash value=digest kind=HashKind::Digest/> };
        cells.push(("Digest of its manifest", digest.into_any()));
    }
    view! {
        <Panel title="What it holds" id="holds">
            <div class="panel__b stack stack--3">
                <Facts rows=cells/>
                <p class="soft">"The report, tables of controls and events, OSCAL results, the catalogue, the policy, the sample with its proofs, and the whole audit log. The manifest names every file, and its digest is signed."</p>
            </div>
        </Panel>
    }
    .into_any()
}

fn who(found: &PackageDetail, viewer: &Viewer) -> AnyView {
    let (row, now) = (&found.row, viewer.now());
    let mut cells = vec![
        ("Ordered by", by(row).into_any()),
        (
            "Ordered",
            view! { <Time at=row.ordered_at.clone() now=now/> }.into_any(),
        ),
    ];
    if let Some(at) = row.ended_at.clone() {
        let term = if row.state == PackageState::Failed {
            "Given up"
        } else {
            "Made"
        };
        cells.push((term, view! { <Time at=at now=now/> }.into_any()));
    }
    if let (Some(by), Some(at)) = (found.removed_by.clone(), found.removed_at.clone()) {
        let why = found.remove_reason.clone().unwrap_or_default();
        let removed = view! {
            {by}
            ", "
            <Time at=at now=now/>
            {format!(": {why}")}
        };
        cells.push(("Removed by", removed.into_any()));
    }
    view! {
        <Panel title="Who and when" id="who">
            <div class="panel__b">
                <Facts rows=cells/>
            </div>
        </Panel>
    }
    .into_any()
}

fn check(found: &PackageDetail) -> Option<AnyView> {
    let signature = found.signature.clone()?;
    let command = format!(
        "clearance evidence verify-package {} --key '{}'",
        found.file, found.key
    );
    Some(
        view! {
            <Panel title="Check it without this server" id="check">
                <div class="panel__b stack stack--3">
                    <p>"Take the key from somewhere else than this page: an earlier export, or whoever looks after the installation."</p>
                    <pre class="code code--wrap" tabindex="0" role="region" aria-label="Command">{command}</pre>
                    <p class="soft">"The signature of the manifest, which the package holds as manifest.sig:"</p>
                    <pre class="code code--wrap" tabindex="0" role="region" aria-label="Signature">{signature}</pre>
                </div>
            </Panel>
        }
        .into_any(),
    )
}

fn remove(row: &PackageRow) -> AnyView {
    let remove = Step {
        label: "Remove this package…".to_owned(),
        form: "remove",
        says: "Nobody can download it any more. Its digest and what happened to it stay in the audit trail.".to_owned(),
        hint: "Why it is needed no longer. Kept in the audit trail.",
        button: "Remove package".to_owned(),
        busy: "Removing…",
        icon: "trash-2",
        kind: Kind::DangerSolid,
    };
    let error = refused::<RemovePackage>();
    let number = row.number.to_string();
    step(remove, url::<RemovePackage>(), error, ("number", &number))
}
