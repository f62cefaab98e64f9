//! People, teams, API tokens and the theme.

mod people;
mod teams;
mod theme;
mod tokens;

use domain::authz::Action;
use domain::view::session::{TeamRow, UserRow};
use leptos::prelude::*;

use crate::error::UiError;
use crate::rpc::people::{AddPerson, CreateTeam, CreateToken, list_people, list_teams};
use crate::session::{Viewer, use_session};
use crate::ui::prelude::*;

/// What a person may send from this page.
#[derive(Clone, Copy)]
struct Acts {
    person: ServerAction<AddPerson>,
    team: ServerAction<CreateTeam>,
    token: ServerAction<CreateToken>,
}

/// Settings of the installation, and of the person.
#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    let session = use_session();
    let acts = Acts {
        person: ServerAction::new(),
        team: ServerAction::new(),
        token: ServerAction::new(),
    };
    let data = Resource::new(
        move || (acts.person.version().get(), acts.team.version().get()),
        move |_| async move {
            // People are an administrator's to see; asking for them in vain would mark the whole page as refused.
            let administers = Viewer::new(session.await?).may(Action::Administer, None);
            let people = if administers {
                list_people().await?
            } else {
                Vec::new()
            };
            Ok::<_, UiError>((people, list_teams().await?))
        },
    );
    load(data, move |(people, teams), viewer| {
        body(people, teams, &viewer, acts)
    })
}

fn body(people: Vec<UserRow>, teams: Vec<TeamRow>, viewer: &Viewer, acts: Acts) -> AnyView {
    let administers = viewer.may(Action::Administer, None);
    let list = administers.then(|| people::section(people, teams.clone(), acts.person));
    view! {
        <PageHead title="Settings"/>
        {tokens::made(acts.token, viewer.now())}
        <div class="cols">
            <div class="stack">
                {list}
                {teams::section(teams, administers, acts.team)}
            </div>
            <div class="stack stack--4">
                {tokens::panel(acts.token)}
                {theme::panel()}
            </div>
        </div>
    }
    .into_any()
}
