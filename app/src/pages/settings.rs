//! People, teams, groups, who stands in for whom, API tokens and the theme.

mod away;
mod directory;
mod groups;
mod legal_holds;
mod notifications;
mod passkeys;
mod people;
pub(super) mod roles;
mod service_account_forms;
mod service_accounts;
mod sessions;
mod signing_keys;
mod teams;
mod theme;
mod tokens;
mod tokens_page;

pub(crate) use directory::{DirectoryGroupsPage, DirectoryPage, DirectoryPeoplePage};
pub(crate) use legal_holds::LegalHoldsPage;
pub(crate) use passkeys::PasskeysPage;
pub(crate) use service_accounts::ServiceAccountsPage;
pub(crate) use sessions::SessionsPage;
pub(crate) use tokens_page::TokensPage;

use domain::authz::Action;
use domain::view::group::{GroupRow, StandInRow};
use domain::view::notification::Choice;
use domain::view::session::{TeamRow, UserRow};
use domain::view::signing_key::SigningKeyList;
use leptos::prelude::*;

use crate::error::UiError;
use crate::rpc::groups::{list_groups, list_stand_ins};
use crate::rpc::notifications::get_choice;
use crate::rpc::people::{list_people, list_teams};
use crate::rpc::signing_keys::list_signing_keys;
use crate::session::{SessionOnce, Viewer, use_session};
use crate::ui::prelude::*;

/// Settings of the installation, and of the person.
#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    load(read(use_session()), move |read, viewer| body(read, &viewer))
}

/// What the page shows.
struct Read {
    people: Vec<UserRow>,
    teams: Vec<TeamRow>,
    groups: Vec<GroupRow>,
    away: Vec<StandInRow>,
    /// Of access tokens; an administrator's to see here.
    keys: Option<SigningKeyList>,
    /// What the person hears.
    choice: Option<Choice>,
}

async fn read(session: SessionOnce) -> Result<Read, UiError> {
    // People are an administrator's to see; asking for them in vain would mark the whole page as refused.
    let (people, groups, keys) = if Viewer::new(session.await?).may(Action::Administer, None) {
        let keys = list_signing_keys().await?;
        (list_people().await?, list_groups().await?, Some(keys))
    } else {
        (Vec::new(), Vec::new(), None)
    };
    Ok(Read {
        people,
        groups,
        keys,
        teams: list_teams().await?,
        away: list_stand_ins().await?,
        choice: Some(get_choice().await?),
    })
}

fn body(read: Read, viewer: &Viewer) -> AnyView {
    let administers = viewer.may(Action::Administer, None);
    let approves = viewer.may_somewhere(Action::Decide);
    let Read {
        people,
        teams,
        groups,
        away,
        keys,
        choice,
    } = read;
    let list = administers.then(|| people::section(people, teams.clone()));
    let groups = administers.then(|| groups::section(groups));
    let keys = keys.map(|keys| signing_keys::section(keys, viewer.now()));
    view! {
        <PageHead title="Settings"/>
        <div class="cols">
            <div class="stack">
                {list}
                {teams::section(teams, administers)}
                {groups}
                {keys}
            </div>
            <div class="stack stack--4">
                {notifications::panel(choice)}
                {away::panel(away, approves, viewer.now())}
                {access()}
                {administers.then(keeping)}
                {administers.then(directory_way)}
                {theme::panel()}
            </div>
        </div>
    }
    .into_any()
}

/// The way to what nothing may be removed from.
fn keeping() -> AnyView {
    view! {
        <Panel title="What is kept" id="keeping">
            <div class="panel__b stack stack--3">
                <p class="soft">"The policy says how long evidence is kept, the configuration how long access events. A legal hold stops both."</p>
                <div class="bar">
                    <a class="btn" href="/settings/legal-holds">"Legal holds"</a>
                </div>
            </div>
        </Panel>
    }
    .into_any()
}

/// The way to the company's directories.
fn directory_way() -> AnyView {
    view! {
        <Panel title="Directory" id="directory">
            <div class="panel__b stack stack--3">
                <p class="soft">"Your company's directory adds people and says who left, over SCIM."</p>
                <div class="bar">
                    <a class="btn" href="/settings/directory">"Directory"</a>
                </div>
            </div>
        </Panel>
    }
    .into_any()
}

/// The way to what acts in this person's name.
fn access() -> AnyView {
    view! {
        <Panel title="Your access" id="access">
            <div class="panel__b stack stack--3">
                <p class="soft">"Browsers that you are signed in with, passkeys that prove it is you, tokens of programs that act as you, and service accounts of your teams."</p>
                <div class="bar">
                    <a class="btn" href="/settings/sessions">"Sessions"</a>
                    <a class="btn" href="/settings/passkeys">"Passkeys"</a>
                    <a class="btn" href="/settings/tokens">"API tokens"</a>
                    <a class="btn" href="/settings/service-accounts">"Service accounts"</a>
                </div>
            </div>
        </Panel>
    }
    .into_any()
}
