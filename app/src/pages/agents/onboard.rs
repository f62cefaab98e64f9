//! Onboarding: one form, and beside it what happens next.

use domain::name::SLUG_MAX;
use domain::view::connection::ConnectionRow;
use domain::view::session::TeamRow;
use leptos::prelude::*;

use crate::error::UiError;
use crate::rpc::agents::OnboardAgent;
use crate::rpc::connections::list_connections;
use crate::rpc::people::list_teams;
use crate::ui::prelude::*;

/// Slugs as the browser checks them; `domain` has the last word.
pub(crate) const SLUG_PATTERN: &str = "[a-z][a-z0-9]*(-[a-z0-9]+)*";

const FIELDS: &[(&str, &str)] = &[
    ("slug", "Name"),
    ("team", "Team"),
    ("connection", "Connection"),
    ("repository", "Repository"),
    ("branch", "Branch"),
    ("path", "Folder"),
];

/// Registers an agent.
#[component]
pub(crate) fn OnboardPage() -> impl IntoView {
    load(read(), move |(teams, connections), _| {
        body(teams, connections)
    })
}

async fn read() -> Result<(Vec<TeamRow>, Vec<ConnectionRow>), UiError> {
    Ok((list_teams().await?, list_connections().await?))
}

fn body(teams: Vec<TeamRow>, connections: Vec<ConnectionRow>) -> AnyView {
    let missing = missing(&teams, &connections);
    let hooks = connections.clone();
    let sub = "Point Clearance at a folder of a repository. Any framework works; nothing runs until the next push.";
    let cancel = view! { <LinkButton href="/agents" label="Finish later" kind=Kind::Quiet/> };
    view! {
        <PageHead title="Onboard agent" sub=sub.into_any() actions=cancel.into_any()/>
        <div class="cols cols--wide">
            <div class="stack stack--4">
                {missing}
                <OnboardFields teams=teams connections=connections/>
            </div>
            <div class="stack stack--4">
                <Next connections=hooks/>
            </div>
        </div>
    }
    .into_any()
}

/// What must exist first.
fn missing(teams: &[TeamRow], connections: &[ConnectionRow]) -> Option<AnyView> {
    let (text, href, link) = match (teams.is_empty(), connections.is_empty()) {
        (true, _) => (
            "There is no team yet, and an agent is owned by a team.",
            "/settings#teams",
            "Create a team",
        ),
        (false, true) => (
            "No git host is connected yet, so no push can arrive.",
            "/connections",
            "Connect a git host",
        ),
        (false, false) => return None,
    };
    Some(
        view! {
            <NoticeBar tone=domain::tone::Tone::Wait icon="triangle-alert">
                <p>
                    {text} " " <a href=href>{link}</a>
                </p>
            </NoticeBar>
        }
        .into_any(),
    )
}

#[component]
fn OnboardFields(teams: Vec<TeamRow>, connections: Vec<ConnectionRow>) -> impl IntoView {
    let error = refused::<OnboardAgent>();
    let teams: Vec<_> = teams
        .into_iter()
        .map(|team| (team.slug, team.name))
        .collect();
    let connections: Vec<_> = connections
        .into_iter()
        .map(|connection| {
            (
                connection.slug,
                format!("{} ({})", connection.name, connection.kind.label()),
            )
        })
        .collect();
    view! {
        <FormError error=error fields=FIELDS/>
        <Post to={url::<OnboardAgent>()}>
            <section class="panel" aria-label="The agent">
                <div class="panel__b form">
                    <div class="form--2">
                        <Field
                            name="slug"
                            label="Name"
                            error=error
                            hint="The same as agent: in clearance.yaml."
                            required=true
                            min=2
                            max=SLUG_MAX
                            pattern=SLUG_PATTERN
                            autocomplete="off"
                        />
                        <Select name="team" label="Team" error=error hint="Owns the agent and its approvals." options=teams required=true/>
                    </div>
                    <Select
                        name="connection"
                        label="Connection"
                        error=error
                        hint="The git host that tells Clearance about pushes."
                        options=connections
                        required=true
                    />
                    <Field
                        name="repository"
                        label="Repository"
                        error=error
                        hint="The address you clone from, https or ssh."
                        required=true
                        max=400
                        placeholder="https://github.com/acme/agents.git"
                    />
                    <div class="form--2">
                        <Field name="branch" label="Branch" error=error hint="Each push to it starts a deployment." value="main" max=200/>
                        <Field name="path" label="Folder" error=error hint="Where clearance.yaml is. Empty for the root." max=300/>
                    </div>
                </div>
                <div class="panel__f bar">
                    <Submit label="Register agent" busy_label="Registering…" kind=Kind::Primary/>
                    <span class="hint">"Creates a registry entry. Nothing is built and no identity exists yet."</span>
                </div>
            </section>
        </Post>
    }
}

/// What happens next, with the address for the webhook and the command to push.
#[component]
fn Next(connections: Vec<ConnectionRow>) -> impl IntoView {
    let hooks: Vec<_> = connections
        .into_iter()
        .map(|connection| {
            view! {
                <li>
                    <span class="soft">{connection.name}</span>
                    <code>{connection.webhook_path}</code>
                </li>
            }
        })
        .collect();
    view! {
        <Panel title="What happens after you register" id="next">
            <ol class="panel__b steps">
                <li>
                    <span class="k">"1"</span>
                    <span>"Clearance looks at the repository, proposes clearance.yaml, and lists what is missing"</span>
                    <span class="sub">"It reads; it changes nothing there"</span>
                </li>
                <li>
                    <span class="k">"2"</span>
                    <span>"The webhook of the repository points at its connection's path on this server:"</span>
                    <ul class="sub paths">{hooks}</ul>
                </li>
                <li>
                    <span class="k">"3"</span>
                    <span>
                        "You push to the branch: " <code>"git push origin main"</code>
                    </span>
                    <span class="sub">"A missed webhook is found by looking at the branch every little while"</span>
                </li>
                <li>
                    <span class="k">"4"</span>
                    <span>"A version is cut, its image built, and the gates run in non-prod"</span>
                    <span class="sub">"If one fails, all that was made for it is removed"</span>
                </li>
                <li>
                    <span class="k">"5"</span>
                    <span>"Promotion to production asks people to approve the exact digest"</span>
                </li>
                <li>
                    <span class="k">"6"</span>
                    <span>"The agent goes live with its own identity, and can be rolled back as one unit"</span>
                </li>
            </ol>
        </Panel>
    }
}
