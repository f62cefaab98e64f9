//! People, teams, API tokens and the theme.

mod notifications;
mod people;
mod teams;
mod theme;
mod tokens;

use domain::authz::Action;
use domain::view::notification::Choice;
use domain::view::session::{TeamRow, UserRow};
use leptos::prelude::*;

use crate::error::UiError;
use crate::rpc::notifications::get_choice;
use crate::rpc::people::{list_people, list_teams};
use crate::session::{SessionOnce, Viewer, use_session};
use crate::ui::prelude::*;

/// Settings of the installation, and of the person.
#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    load(
        read(use_session()),
        move |(people, teams, choice), viewer| body(people, teams, choice, &viewer),
    )
}

/// People, teams, and what the person hears.
type Found = (Vec<UserRow>, Vec<TeamRow>, Option<Choice>);

async fn read(session: SessionOnce) -> Result<Found, UiError> {
    // People are an administrator's to see; asking for them in vain would mark the whole page as refused.
    let people = if Viewer::new(session.await?).may(Action::Administer, None) {
        list_people().await?
    } else {
        Vec::new()
    };
    Ok((people, list_teams().await?, Some(get_choice().await?)))
}

fn body(
    people: Vec<UserRow>,
    teams: Vec<TeamRow>,
    choice: Option<Choice>,
    viewer: &Viewer,
) -> AnyView {
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
                {notifications::panel(choice)}
                {tokens::panel()}
                {theme::panel()}
            </div>
        </div>
    }
    .into_any()
}
