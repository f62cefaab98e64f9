//! "What exactly is accepted, why, and what leans on it?"

use domain::approval::{REASON_MAX, REASON_MIN};
use domain::view::waiver::{WaiverDetail, WaiverRow};
use leptos::prelude::*;

use crate::format::Now;
use crate::rpc::waivers::{RevokeWaiver, get_waiver};
use crate::session::Viewer;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[("reason", "Reason")];

/// One waiver.
#[component]
pub(crate) fn WaiverPage() -> impl IntoView {
    load(get_waiver(part("number")), |found, viewer| {
        body(&found, &viewer)
    })
}

fn body(found: &WaiverDetail, viewer: &Viewer) -> AnyView {
    let (row, now) = (&found.row, viewer.now());
    let title = format!("Waiver {}", domain::waiver::name(row.number));
    let badges = view! { <Status tone=row.state.tone() label=row.state.label() boxed=true/> };
    let sub = view! {
        {format!("Given by {}, ", row.given_by)} <Time at=row.given_at.clone() now=now ago=true/> ". "
        {row.reason.clone()}
    };
    view! {
        <PageHead title=title sub=sub.into_any() badges=badges.into_any()/>
        <Live on="audit" pin=row.number.to_string()/>
        <div class="cols">
            <div class="stack">{facts(row, now)} {leaning(found)}</div>
            <div class="stack stack--4">{revoke(found)}</div>
        </div>
    }
    .into_any()
}

fn facts(row: &WaiverRow, now: Now) -> AnyView {
    let revoked = row.revoked_by.clone().map(|by| {
        let why = row.revoke_reason.clone().unwrap_or_default();
        let at = row.revoked_at.clone().map(|at| {
            view! { ", " <Time at=at now=now ago=true/> }
        });
        view! {
            <div>
                <dt>"Revoked by"</dt>
                <dd>{by} {at} ". " {why}</dd>
            </div>
        }
    });
    let evaluation = format!("/deployments/{}/evaluation#{}", row.deployment, row.gate);
    let facts = view! {
            <dl class="strip strip--wrap">
                <div>
                    <dt>"Finding"</dt>
                    <dd>
                        <code>{row.finding.clone()}</code>
                    </dd>
                </div>
                <div>
                    <dt>"Where"</dt>
                    <dd>
                        <code>{row.location.clone()}</code>
                    </dd>
                </div>
                <div>
                    <dt>"Gate"</dt>
                    <dd>{row.gate.label()}</dd>
                </div>
                <div>
                    <dt>"Agent"</dt>
                    <dd>
                        <a href=format!("/agents/{}", row.agent)>{row.agent.clone()}</a>
                    </dd>
                </div>
                <div>
                    <dt>"Environment"</dt>
                    <dd>{row.environment.label()}</dd>
                </div>
                <div>
                    <dt>"Found by"</dt>
                    <dd>
                        <a href=evaluation>{format!("#{}", row.deployment)}</a>
                    </dd>
                </div>
                <div>
                    <dt>"Ends"</dt>
                    <dd>
                        <Time at=row.ends_at.clone() now=now ago=true/>
                    </dd>
                </div>
                {revoked}
            </dl>
    }
    .into_any();
    view! { <Section title="What is accepted" id="finding">{facts}</Section> }.into_any()
}

fn leaning(found: &WaiverDetail) -> AnyView {
    let content = if found.leaning.is_empty() {
        view! {
            <p>"Nothing yet. A gate that is judged from now on, or a promotion, takes it into account."</p>
        }
        .into_any()
    } else {
        let items: Vec<_> = found
            .leaning
            .iter()
            .map(|number| {
                view! {
                    <li>
                        <a href=format!("/deployments/{number}")>{format!("#{number}")}</a>
                    </li>
                }
            })
            .collect();
        view! { <ul>{items}</ul> }.into_any()
    };
    view! {
        <Section title="What leans on it" id="leaning" note="Newest first, at most 100">
            {content}
        </Section>
    }
    .into_any()
}

fn revoke(found: &WaiverDetail) -> Option<AnyView> {
    if !found.can_revoke {
        return None;
    }
    let error = refused::<RevokeWaiver>();
    let number = found.row.number.to_string();
    Some(
        view! {
            <FormError error=error fields=FIELDS/>
            <Danger label="Revoke this waiver…" open={error.is_some()}>
                <Post to={url::<RevokeWaiver>()}>
                    <div class="form">
                        <p class="hint">
                            "What is live stays live, and no longer complies. What is on its way does not get further on it."
                        </p>
                        <Hidden name="number" value=number/>
                        <TextArea
                            name="reason"
                            label="Reason"
                            error=error
                            required=true
                            min=REASON_MIN
                            max=REASON_MAX
                        />
                        <Submit label="Revoke waiver" busy_label="Revoking…" kind=Kind::DangerSolid/>
                    </div>
                </Post>
            </Danger>
        }
        .into_any(),
    )
}
