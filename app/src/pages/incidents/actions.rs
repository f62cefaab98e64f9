//! What can be done about an incident, the gentlest first: take it over, say that it is stopped, quarantine, roll back, close.

use domain::incident::{IncidentState, QuarantineState, quoted};
use domain::view::agent::RollbackBadge;
use domain::view::incident::IncidentDetail;
use leptos::prelude::*;

use crate::rpc::incidents::{
    BeginQuarantine, CloseIncident, MitigateIncident, ReleaseQuarantine, ReopenIncident,
    TakeIncident,
};
use crate::ui::prelude::*;
use crate::ui::step::{Step, step};

/// What this person may do now.
pub(super) fn all(found: &IncidentDetail) -> AnyView {
    let number = quoted(found.row.number);
    let take = (!found.yours).then(|| take_over(&number));
    let steps = match found.row.state {
        IncidentState::Open => mitigate(&number),
        IncidentState::Mitigated => view! { {close(&number)} {reopen(&number)} }.into_any(),
        IncidentState::Closed => ().into_any(),
    };
    let quarantine = quarantine(found, &number);
    let back = roll_back(found);
    view! {
        <section class="stack stack--3" aria-label="Actions">
            {take}
            {back}
            {quarantine}
            {steps}
        </section>
    }
    .into_any()
}

fn take_over(number: &str) -> AnyView {
    let error = refused::<TakeIncident>();
    let number = number.to_owned();
    view! {
        <FormError error=error/>
        <Post to={url::<TakeIncident>()}>
            <Hidden name="number" value=number/>
            <Submit label="Take it over" busy_label="Taking over…" icon="user"/>
        </Post>
    }
    .into_any()
}

fn roll_back(found: &IncidentDetail) -> Option<AnyView> {
    let live = found.live.as_ref()?;
    let RollbackBadge::Ready { version, .. } = &live.rollback else {
        return None;
    };
    let (href, label) = (
        format!("/deployments/{}/rollback", live.number),
        format!("Roll back to v{version}…"),
    );
    Some(view! { <LinkButton href=href label=label icon="undo-2"/> }.into_any())
}

fn quarantine(found: &IncidentDetail, number: &str) -> Option<AnyView> {
    match found.quarantine().map(|q| q.state) {
        Some(QuarantineState::Requested | QuarantineState::InForce) => {
            let release = Step {
                label: "Release from quarantine…".to_owned(),
                form: "release",
                says: "Its runtime is started again, and its identity is usable as soon as that is done.".to_owned(),
                hint: "Why it may act again. Kept in the audit trail.",
                button: "Release from quarantine".to_owned(),
                busy: "Releasing…",
                icon: "play",
                kind: Kind::DangerSolid,
            };
            let error = refused::<ReleaseQuarantine>();
            Some(step(
                release,
                url::<ReleaseQuarantine>(),
                error,
                ("number", number),
            ))
        }
        Some(QuarantineState::Releasing | QuarantineState::Released | QuarantineState::Over) => {
            None
        }
        None => {
            let live = found.live.as_ref()?;
            let begin = Step {
                label: "Put into quarantine…".to_owned(),
                form: "quarantine",
                says: "Its identity is suspended at once: no token is given, and those that are out are inactive. Then its runtime is stopped. Both come back when it is released.".to_owned(),
                hint: "What it does. Kept in the audit trail.",
                button: format!("Quarantine v{}", live.version),
                busy: "Suspending…",
                icon: "circle-pause",
                kind: Kind::DangerSolid,
            };
            let error = refused::<BeginQuarantine>();
            Some(step(
                begin,
                url::<BeginQuarantine>(),
                error,
                ("number", number),
            ))
        }
    }
}

fn mitigate(number: &str) -> AnyView {
    let mitigate = Step {
        label: "Say that it does no harm any more…".to_owned(),
        form: "mitigate",
        says: "The notice on the overview ends. The incident stays until it is closed.".to_owned(),
        hint: "What was done. Kept in the audit trail.",
        button: "Mark as mitigated".to_owned(),
        busy: "Writing…",
        icon: "check",
        kind: Kind::DangerSolid,
    };
    let error = refused::<MitigateIncident>();
    step(
        mitigate,
        url::<MitigateIncident>(),
        error,
        ("number", number),
    )
}

fn close(number: &str) -> AnyView {
    let close = Step {
        label: "Close the incident…".to_owned(),
        form: "close",
        says: "Nothing can be added to it any more.".to_owned(),
        hint: "What was found and what was learnt. Kept with the incident.",
        button: "Close incident".to_owned(),
        busy: "Closing…",
        icon: "check",
        kind: Kind::DangerSolid,
    };
    let error = refused::<CloseIncident>();
    step(close, url::<CloseIncident>(), error, ("number", number))
}

fn reopen(number: &str) -> AnyView {
    let reopen = Step {
        label: "It does harm again…".to_owned(),
        form: "reopen",
        says: "The incident is open again, and so is the notice on the overview.".to_owned(),
        hint: "What happens. Kept in the audit trail.",
        button: "Open again".to_owned(),
        busy: "Opening…",
        icon: "siren",
        kind: Kind::DangerSolid,
    };
    let error = refused::<ReopenIncident>();
    step(reopen, url::<ReopenIncident>(), error, ("number", number))
}
