//! "Whom did Clearance tell what, and did it arrive?"

mod channels;
mod form;
mod messages;
mod subjects;

use domain::authz::Action;
use domain::view::notification::{Channels, MessageRow};
use domain::view::page::Page;
use domain::view::session::TeamRow;
use leptos::prelude::*;

use crate::error::UiError;
use crate::rpc::notifications::{list_channels, list_messages};
use crate::rpc::people::list_teams;
use crate::session::Viewer;
use crate::ui::prelude::*;

pub(crate) use subjects::boxes;

struct Found {
    channels: Channels,
    messages: Page<MessageRow>,
    teams: Vec<TeamRow>,
}

/// The messages, the channels, and the form for another.
#[component]
pub(crate) fn NotificationsPage() -> impl IntoView {
    let (state, cursor) = (asked("state"), asked("cursor"));
    let data = read(state.clone(), cursor.clone());
    load(data, move |found, viewer| {
        body(found, &state, &cursor, &viewer)
    })
}

async fn read(state: String, cursor: String) -> Result<Found, UiError> {
    Ok(Found {
        channels: list_channels().await?,
        messages: list_messages(state, cursor).await?,
        teams: list_teams().await?,
    })
}

/// The teams whose channels the person may change; with the empty one first, which stands for all, where they may.
fn administered(teams: Vec<TeamRow>, viewer: &Viewer) -> Vec<(String, String)> {
    let every = viewer
        .may(Action::Administer, None)
        .then(|| (String::new(), "Every team".to_owned()));
    let of = |team: &TeamRow| viewer.may(Action::Administer, Some(&team.id));
    let some = teams
        .into_iter()
        .filter(of)
        .map(|team| (team.slug, team.name));
    every.into_iter().chain(some).collect()
}

fn body(found: Found, state: &str, cursor: &str, viewer: &Viewer) -> AnyView {
    let now = viewer.now();
    let teams = administered(found.teams, viewer);
    let form = if teams.is_empty() {
        view! { <p class="hint">"Adding a channel needs the administrator role, in one team or in all."</p> }
            .into_any()
    } else {
        form::panel(teams)
    };
    let sub = "What was told to people and channels. Nothing can be decided from a message.";
    view! {
        <PageHead title="Notifications" sub=sub.into_any()/>
        <Live on="notification audit"/>
        {form::made()}
        {channels::mail(found.channels.mail)}
        <div class="cols">
            <div class="stack">
                {messages::section(found.messages, state, cursor, now)}
                {channels::section(found.channels.channels, now)}
            </div>
            <div class="stack stack--4">{form}</div>
        </div>
    }
    .into_any()
}
