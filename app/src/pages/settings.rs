//! People, teams, API tokens and the theme.

mod people;
mod teams;
mod theme;
mod tokens;

use domain::authz::Action;
use domain::view::session::{TeamRow, UserRow};
use leptos::prelude::*;

use crate::error::UiError;
use crate::rpc::people::{list_people, list_teams};
use crate::session::{SessionOnce, Viewer, use_session};
use crate::ui::prelude::*;

/// Settings of the installation, and of the person.
#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    load(read(use_session()), move |(people, teams), viewer| {
        body(people, teams, &viewer)
    })
}

async fn read(session: SessionOnce) -> Result<(Vec<UserRow>, Vec<TeamRow>), UiError> {
    // People are an administrator's to see; asking for them in vain would mark the whole page as refused.
    let people = if Viewer::new(session.await?).may(Action::Administer, None) {
        list_people().await?
    } else {
        Vec::new()
    };
    Ok((people, list_teams().await?))
}

fn body(people: Vec<UserRow>, teams: Vec<TeamRow>, viewer: &Viewer) -> AnyView {
    let administers = viewer.may(Action::Administer, None);
    let list = administers.then(|| people::section(people, teams.clone()));
    view! {
        <PageHead title="Settings"/>
        {tokens::made(viewer.now())}
        <div class="cols">
            <div class="stack">
                {list}
                {teams::section(teams, administers)}
            </div>
            <div class="stack stack--4">
                {tokens::panel()}
                {theme::panel()}
            </div>
        </div>
    }
    .into_any()
}
