//! Everybody who can sign in, and the form for one more.

use domain::form::person::{PASSWORD_MAX, PASSWORD_MIN};
use domain::view::session::{HeldRole, TeamRow, UserRow};
use leptos::prelude::*;

use super::roles;
use crate::format::{counted, length};
use crate::rpc::groups::LinkAddress;
use crate::rpc::people::AddPerson;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[
    ("name", "Name"),
    ("email", "Work e-mail"),
    ("role", "Role"),
    ("team", "Team"),
    ("password", "First password"),
];

const ADDRESS: &[(&str, &str)] = &[
    ("email", "Person's e-mail"),
    ("git_email", "Address in git"),
];

/// The list, and behind a step the form.
pub(super) fn section(people: Vec<UserRow>, teams: Vec<TeamRow>) -> AnyView {
    let note = counted(length(&people), "person", "people");
    let roles = roles::steps(&people, &teams);
    let rows: Vec<_> = people
        .into_iter()
        .map(|person| {
            view! {
                <tr>
                    <th scope="row">
                        {person.name}
                        {person.deactivated_at.map(|_| view! { <span class="sub">"Deactivated by the directory"</span> })}
                    </th>
                    <td data-label="E-mail">{person.email}</td>
                    <td data-label="In git" class="wide wrap">{person.git_emails.join(", ")}</td>
                    <td data-label="Roles" class="wide">{words(&person.roles)}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <Section title="People" id="people" note=note>
            <div class="stack stack--3">
                <Table caption="People" heads=&["Name", "E-mail", "In git", "Roles"] class="tbl--stack">
                    {rows}
                </Table>
                <FormError error={refused::<AddPerson>()} fields=FIELDS form="person"/>
                <details class="more">
                    <summary>
                        <Icon name="chevron-right" small=true/>
                        "Add a person"
                    </summary>
                    {form(&teams)}
                </details>
                {roles}
                <FormError error={refused::<LinkAddress>()} fields=ADDRESS form="address"/>
                <details class="more">
                    <summary>
                        <Icon name="chevron-right" small=true/>
                        "Link a git address"
                    </summary>
                    {address()}
                </details>
            </div>
        </Section>
    }
    .into_any()
}

fn words(roles: &[HeldRole]) -> String {
    let roles: Vec<_> = roles.iter().map(ToString::to_string).collect();
    roles.join(", ")
}

/// Ties what git says to a person, and two accounts to one person.
fn address() -> AnyView {
    let error = refused::<LinkAddress>();
    view! {
        <Post to={url::<LinkAddress>()}>
            <div class="form">
                <div class="form--2">
                    <Field name="email" label="Person's e-mail" form="address" error=error kind="email" required=true max=200 autocomplete="off"/>
                    <Field
                        name="git_email"
                        label="Address in git"
                        form="address"
                        error=error
                        kind="email"
                        hint="It stays linked. Two accounts with the same address count as one person."
                        required=true
                        max=200
                        autocomplete="off"
                    />
                </div>
                <div class="bar">
                    <Submit label="Link address" busy_label="Linking…"/>
                </div>
            </div>
        </Post>
    }
    .into_any()
}

fn form(teams: &[TeamRow]) -> AnyView {
    let error = refused::<AddPerson>();
    let (roles, places) = (roles::choices(), roles::places(teams));
    view! {
        <Post to={url::<AddPerson>()}>
            <div class="form">
                <div class="form--2">
                    <Field name="name" label="Name" form="person" error=error required=true max=80 autocomplete="off"/>
                    <Field
                        name="email"
                        label="Work e-mail"
                        form="person"
                        error=error
                        kind="email"
                        hint="The address they commit with: it keeps people from approving their own changes."
                        required=true
                        max=200
                        autocomplete="off"
                    />
                    <Select name="role" label="Role" form="person" options=roles error=error required=true/>
                    <Select name="team" label="In" form="person" options=places error=error/>
                </div>
                <Field
                    name="password"
                    label="First password"
                    form="person"
                    error=error
                    kind="password"
                    hint=format!("At least {PASSWORD_MIN} characters. Tell it to them on another way than e-mail.")
                    required=true
                    min=PASSWORD_MIN
                    max=PASSWORD_MAX
                    autocomplete="new-password"
                />
                <div class="bar">
                    <Submit label="Add person" busy_label="Adding…"/>
                </div>
            </div>
        </Post>
    }
    .into_any()
}
