//! Asking for a role for some hours.

use domain::approval::{REASON_MAX, REASON_MIN};
use domain::elevation::{REQUEST_HOURS, REQUESTABLE};
use domain::view::elevation::Elevations;
use leptos::prelude::*;

use crate::format::counted;
use crate::rpc::elevations::RequestElevation;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[
    ("wanted_role", "Role"),
    ("team", "Team"),
    ("hours", "For"),
    ("reason", "Reason"),
];

/// The form.
pub(super) fn form(found: &Elevations) -> AnyView {
    let error = refused::<RequestElevation>();
    let roles = REQUESTABLE
        .iter()
        .rev()
        .map(|role| (role.as_str().to_owned(), role.label().to_owned()))
        .collect();
    let teams = found
        .teams
        .iter()
        .map(|team| (team.clone(), team.clone()))
        .collect();
    let hours = (1..=found.max_hours)
        .map(|hours| {
            (
                hours.to_string(),
                counted(u64::from(hours), "hour", "hours"),
            )
        })
        .collect();
    let hint = format!(
        "Why you need it now. Whoever gives it reads it, and the audit trail keeps it. At least {REASON_MIN} characters."
    );
    let note = format!(
        "A request without an answer expires after {REQUEST_HOURS} hours. A time that runs cannot be made longer, only asked for again. The approver and administrator roles cannot be asked for."
    );
    view! {
        <Section title="Ask for a role" id="ask">
            <div class="stack stack--3">
                <p class="soft">{note}</p>
                <FormError error=error fields=FIELDS form="ask"/>
                <Post to={url::<RequestElevation>()}>
                    <div class="form">
                        <div class="form--2">
                            <Select name="wanted_role" label="Role" form="ask" options=roles error=error required=true/>
                            <Select name="team" label="Team" form="ask" options=teams error=error required=true/>
                        </div>
                        <Select name="hours" label="For" form="ask" options=hours error=error required=true/>
                        <TextArea
                            name="reason"
                            label="Reason"
                            form="ask"
                            error=error
                            hint=hint
                            required=true
                            min=REASON_MIN
                            max=REASON_MAX
                        />
                        <div class="bar">
                            <Submit label="Ask for the role" busy_label="Asking…" kind=Kind::Primary/>
                        </div>
                    </div>
                </Post>
            </div>
        </Section>
    }
    .into_any()
}
