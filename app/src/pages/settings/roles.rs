//! A further role for somebody, and taking one away.

use domain::actor::Role;
use domain::approval::{REASON_MAX, REASON_MIN};
use domain::view::session::{HeldRole, TeamRow, UserRow};
use leptos::prelude::*;

use crate::rpc::elevations::TakeAwayRole;
use crate::rpc::people::GiveRole;
use crate::ui::prelude::*;

const GIVE: &[(&str, &str)] = &[
    ("email", "Person's e-mail"),
    ("role", "Role"),
    ("team", "In"),
    ("reason", "Reason"),
];
const TAKE: &[(&str, &str)] = &[("grant", "Role"), ("reason", "Reason")];

/// Both steps, closed until they are needed.
pub(super) fn steps(people: &[UserRow], teams: &[TeamRow]) -> AnyView {
    let give = refused::<GiveRole>();
    view! {
        <FormError error=give fields=GIVE form="give-role"/>
        <details class="more" open=give.is_some()>
            <summary>
                <Icon name="chevron-right" small=true/>
                "Give a role"
            </summary>
            {give_role(teams)}
        </details>
        {take_away(held(people))}
    }
    .into_any()
}

/// Every role, as a choice.
pub(super) fn choices() -> Vec<(String, String)> {
    Role::ALL
        .iter()
        .map(|role| (role.as_str().to_owned(), role.label().to_owned()))
        .collect()
}

/// Where a role holds: everywhere, or in one team.
pub(super) fn places(teams: &[TeamRow]) -> Vec<(String, String)> {
    let teams = teams
        .iter()
        .map(|team| (team.slug.clone(), team.name.clone()));
    std::iter::once((String::new(), "Every team".to_owned()))
        .chain(teams)
        .collect()
}

fn give_role(teams: &[TeamRow]) -> AnyView {
    let error = refused::<GiveRole>();
    let (roles, places) = (choices(), places(teams));
    view! {
        <Post to={url::<GiveRole>()}>
            <div class="form">
                <Field name="email" label="Person's e-mail" form="give-role" error=error kind="email" required=true max=200 autocomplete="off"/>
                <div class="form--2">
                    <Select name="role" label="Role" form="give-role" options=roles error=error required=true/>
                    <Select name="team" label="In" form="give-role" options=places error=error/>
                </div>
                <TextArea
                    name="reason"
                    label="Reason"
                    form="give-role"
                    error=error
                    hint="Why they need it for good. For some hours, they ask for it under Elevations."
                    required=true
                    min=REASON_MIN
                    max=REASON_MAX
                />
                <div class="bar">
                    <Submit label="Give the role" busy_label="Giving…"/>
                </div>
            </div>
        </Post>
    }
    .into_any()
}

fn held(people: &[UserRow]) -> Vec<(String, String)> {
    people
        .iter()
        .flat_map(|person| {
            let line = |held: &HeldRole| (held.grant.clone(), format!("{}: {held}", person.name));
            person.roles.iter().map(line)
        })
        .collect()
}

/// The step that takes one of these roles away; each is the id of a grant and its words.
pub(crate) fn take_away(roles: Vec<(String, String)>) -> AnyView {
    let error = refused::<TakeAwayRole>();
    view! {
        <Danger label="Take a role away…" open=error.is_some()>
            <p class="soft">"It is gone at once: sessions notice with their next click. What was decided with it stays."</p>
            <FormError error=error fields=TAKE form="take"/>
            <Post to={url::<TakeAwayRole>()}>
                <Select name="grant" label="Role" form="take" options=roles error=error required=true/>
                <Reason form="take" error=error hint="Why it goes. Kept in the audit trail."/>
                <Submit label="Take the role away" busy_label="Taking away…" kind=Kind::DangerSolid/>
            </Post>
        </Danger>
    }
    .into_any()
}
