//! "Whom did Clearance tell what, and did it arrive?"

mod channels;
mod form;
mod messages;
mod subjects;

use domain::authz::Action;
use domain::form::query::MessageQuery;
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
    let query = MessageQuery {
        state: asked("state"),
        channel: asked("channel"),
        cursor: asked("cursor"),
    };
    load(read(query.clone()), move |found, viewer| {
        body(found, &query, &viewer)
    })
}

async fn read(query: MessageQuery) -> Result<Found, UiError> {
    Ok(Found {
        channels: list_channels().await?,
        messages: list_messages(query).await?,
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

fn body(found: Found, query: &MessageQuery, viewer: &Viewer) -> AnyView {
    let now = viewer.now();
    let over = messages::over(&found.channels);
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
                {messages::section(found.messages, query, over, now)}
                {channels::section(found.channels.channels, now)}
            </div>
            <div class="stack stack--4">{form}</div>
        </div>
    }
    .into_any()
}
