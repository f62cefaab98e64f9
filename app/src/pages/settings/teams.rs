//! Teams own agents. People get their roles in one or in all of them.

use domain::name::SLUG_MAX;
use domain::view::session::TeamRow;
use leptos::prelude::*;

use crate::format::{counted, length};
use crate::pages::agents::SLUG_PATTERN;
use crate::rpc::people::CreateTeam;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[("name", "Name"), ("slug", "Short name")];

/// The list, and for administrators the form.
pub(super) fn section(teams: Vec<TeamRow>, administers: bool) -> AnyView {
    let note = counted(length(&teams), "team", "teams");
    let content = if teams.is_empty() {
        view! {
            <Empty icon="users" title="No team yet">
                <p class="soft">"An agent is owned by a team, so make one before the first agent."</p>
            </Empty>
        }
        .into_any()
    } else {
        let rows: Vec<_> = teams
            .into_iter()
            .map(|team| {
                view! {
                    <tr>
                        <th scope="row">{team.name}</th>
                        <td>
                            <a href=format!("/agents?team={}", team.slug)>{team.slug.clone()}</a>
                        </td>
                    </tr>
                }
            })
            .collect();
        view! {
            <Table caption="Teams" heads=&["Name", "Its agents"]>
                {rows}
            </Table>
        }
        .into_any()
    };
    let form = administers.then(form);
    view! {
        <Section title="Teams" id="teams" note=note>
            <div class="stack stack--3">{content} {form}</div>
        </Section>
    }
    .into_any()
}

fn form() -> AnyView {
    let error = refused::<CreateTeam>();
    view! {
        <FormError error=error fields=FIELDS form="team"/>
        <details class="more">
            <summary>
                <Icon name="chevron-right" small=true/>
                "Create a team"
            </summary>
            <Post to={url::<CreateTeam>()}>
                <div class="form">
                    <div class="form--2">
                        <Field name="name" label="Name" form="team" error=error required=true max=80 autocomplete="off"/>
                        <Field
                            name="slug"
                            label="Short name"
                            form="team"
                            error=error
                            hint="Lower case and hyphens."
                            required=true
                            min=2
                            max=SLUG_MAX
                            pattern=SLUG_PATTERN
                            autocomplete="off"
                        />
                    </div>
                    <div class="bar">
                        <Submit label="Create team" busy_label="Creating…"/>
                    </div>
                </div>
            </Post>
        </details>
    }
    .into_any()
}
