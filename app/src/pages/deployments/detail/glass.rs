//! Breaking the glass: in an emergency, and only then.

use domain::break_glass::INCIDENT_MAX;
use domain::form::break_glass::BreakGlassForm;
use domain::view::break_glass::BreakGlassOffer;
use domain::view::deployment::DeploymentDetail;
use leptos::prelude::*;

use crate::format::counted;
use crate::outcome::{Shown, shown};
use crate::rpc::break_glass::BreakGlass;
use crate::ui::field::FormProblem;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[
    ("manifest_digest", "Manifest digest"),
    ("reason", "Reason"),
    ("incident", "Incident"),
];

/// The step, where the person may take it and it was not taken before.
pub(super) fn step(found: &DeploymentDetail) -> Option<AnyView> {
    let offer = found.break_glass_offer.as_ref();
    if let Some(offer) = offer.filter(|_| found.break_glass.is_none()) {
        return Some(form(found, offer));
    }
    // It went on meanwhile: the form is gone, and why it was refused is said all the same.
    let error = last(found).1;
    error
        .is_some()
        .then(|| view! { <FormError error=error/> }.into_any())
}

/// The last attempt, if it was refused: what was typed, and why.
fn last(found: &DeploymentDetail) -> (BreakGlassForm, FormProblem) {
    match shown() {
        Some(Shown::NotLetThrough(typed, error))
            if typed.number == found.row.number.to_string() =>
        {
            (typed, FormProblem::new(Some(error)))
        }
        Some(_) | None => (BreakGlassForm::default(), refused::<BreakGlass>()),
    }
}

fn form(found: &DeploymentDetail, offer: &BreakGlassOffer) -> AnyView {
    let number = found.row.number;
    let (typed, error) = last(found);
    let said = format!(
        "The deployment goes on without the approval that it waits for, and no freeze holds it up. You have {} for that. Every gate, the identity and the comparison of the manifest stay.",
        counted(u64::from(offer.hours), "hour", "hours")
    );
    let owed = format!(
        "It is paid back: somebody who had no part in it reviews it within {}. Until then #{number} bears a mark, and a late review holds up every promotion of the team.",
        counted(u64::from(offer.review_hours), "hour", "hours")
    );
    let digest = offer.manifest_digest.clone();
    let older_than = offer.sign_in_too_old;
    view! {
        <Danger label="Break the glass…" open=error.is_some()>
            <p id="break-glass">{said}</p>
            <p class="soft">{owed}</p>
            <div class="digest">
                <span class="hint">"Exactly this manifest goes live. Type or paste its digest below."</span>
                <Hash value=digest full=true/>
            </div>
            <FormError error=error fields=FIELDS form="glass"/>
            <Post to={url::<BreakGlass>()}>
                <Hidden name="number" value=number.to_string()/>
                <Field
                    name="manifest_digest"
                    value=typed.manifest_digest
                    label="Manifest digest"
                    form="glass"
                    error=error
                    hint="The whole of it, so that nobody lets through what they did not look at."
                    required=true
                    max=100
                    autocomplete="off"
                />
                <Field
                    name="incident"
                    value=typed.incident
                    label="Incident"
                    form="glass"
                    error=error
                    hint="Its number, or its address with https://."
                    required=true
                    min=2
                    max=INCIDENT_MAX
                    autocomplete="off"
                />
                <Reason
                    form="glass"
                    error=error
                    hint="Why it cannot wait. Whoever reviews it reads it."
                    value=typed.reason
                />
                <Password older_than=older_than form="glass" plain=true/>
                <Submit
                    label=format!("Break the glass for #{number}")
                    busy_label="Breaking…"
                    kind=Kind::DangerSolid
                    icon="siren"
                />
            </Post>
        </Danger>
    }
    .into_any()
}
