//! "May this finding be accepted, and until when?"

use domain::approval::{REASON_MAX, REASON_MIN};
use domain::environment::Environment;
use domain::form::waiver::WaiverForm;
use domain::view::waiver::WaiverQuestion;
use leptos::prelude::*;

use crate::rpc::waivers::{GiveWaiver, ask_waiver};
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[
    ("environment", "Environment"),
    ("until", "Last day"),
    ("reason", "Reason"),
    ("gate", "Gate"),
    ("finding", "Finding"),
];

/// The form, about the finding that the address names.
#[component]
pub(crate) fn GivePage() -> impl IntoView {
    let form = WaiverForm {
        deployment: asked("deployment"),
        gate: asked("gate"),
        finding: asked("finding"),
        location: asked("location"),
        ..WaiverForm::default()
    };
    load(ask_waiver(form), |found, _| body(&found))
}

fn body(found: &WaiverQuestion) -> AnyView {
    let back = format!(
        "/deployments/{}/evaluation#{}",
        found.deployment, found.gate
    );
    let back = view! {
        <LinkButton href=back label=format!("Back to #{}", found.deployment) icon="arrow-left"/>
    };
    let sub = format!(
        "{} found it in {} v{}. Whoever waives it cannot approve what leans on it.",
        found.gate.label(),
        found.agent,
        found.version
    );
    let content = match &found.refused {
        Some(why) => view! { <p>{why.clone()}</p> }.into_any(),
        None => form(found),
    };
    view! {
        <PageHead title="Waive this finding?" sub=sub.into_any() actions=back.into_any()/>
        <div class="stack">
            <dl class="strip strip--wrap">
                <div>
                    <dt>"Finding"</dt>
                    <dd>
                        <code>{found.finding.clone()}</code>
                    </dd>
                </div>
                <div>
                    <dt>"Where"</dt>
                    <dd>
                        <code>{found.location.clone()}</code>
                    </dd>
                </div>
            </dl>
            <p>{found.message.clone()}</p>
            {content}
        </div>
    }
    .into_any()
}

fn form(found: &WaiverQuestion) -> AnyView {
    let error = refused::<GiveWaiver>();
    let environments = Environment::ALL
        .iter()
        .map(|e| (e.as_str().to_owned(), e.label().to_owned()))
        .collect();
    let hint = format!("Counts whole. {} at the latest.", found.latest);
    let about = view! {
        <Hidden name="deployment" value=found.deployment.to_string()/>
        <Hidden name="gate" value=found.gate.as_str()/>
        <Hidden name="finding" value=found.finding.clone()/>
        <Hidden name="location" value=found.location.clone()/>
    }
    .into_any();
    let environment = found.environment.as_str();
    view! {
        <FormError error=error fields=FIELDS/>
        <Post to={url::<GiveWaiver>()}>
            <div class="form">
                {about}
                <Select
                    name="environment"
                    label="Environment"
                    options=environments
                    error=error
                    hint="Non-prod and production are waived each for itself."
                    value=environment
                    required=true
                />
                <Field name="until" label="Last day" kind="date" error=error hint=hint required=true/>
                <TextArea
                    name="reason"
                    label="Reason"
                    error=error
                    hint="Why it may be accepted until then. Kept in the audit trail."
                    required=true
                    min=REASON_MIN
                    max=REASON_MAX
                />
                <Submit label="Waive finding" busy_label="Waiving…" kind=Kind::Primary/>
            </div>
        </Post>
    }
    .into_any()
}
