//! Onboarding: one form, and beside it what happens next.

use domain::form::query::AgentQuery;
use domain::name::SLUG_MAX;
use domain::view::agent::AgentList;
use domain::view::connection::ConnectionRow;
use domain::view::session::TeamRow;
use leptos::prelude::*;

use crate::error::UiError;
use crate::format::{address, counted};
use crate::rpc::agents::{OnboardAgent, list_agents};
use crate::rpc::connections::list_connections;
use crate::rpc::people::list_teams;
use crate::ui::prelude::*;

/// Slugs as the browser checks them; `domain` has the last word.
pub(crate) const SLUG_PATTERN: &str = "[a-z][a-z0-9]*(-[a-z0-9]+)*";

/// Agents that are shown of those that there are already.
const SHOWN: u64 = 5;

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
    let q = asked("does");
    load(read(q.clone()), move |(teams, connections, there), _| {
        body(teams, connections, already(&q, &there))
    })
}

/// Teams, connections, and the agents that there are already of what is about to be built.
type Found = (Vec<TeamRow>, Vec<ConnectionRow>, AgentList);

async fn read(q: String) -> Result<Found, UiError> {
    let query = AgentQuery {
        limit: Some(SHOWN),
        q,
        ..AgentQuery::default()
    };
    let there = if query.q.trim().is_empty() {
        AgentList::default()
    } else {
        list_agents(query).await?
    };
    Ok((list_teams().await?, list_connections().await?, there))
}

/// "Is there one already?" A question before the form, so that nobody builds the fourth of a kind.
fn already(q: &str, there: &AgentList) -> AnyView {
    let asked = q.trim().to_owned();
    let items: Vec<_> = there
        .rows
        .iter()
        .map(|row| {
            let (slug, team) = (row.slug.clone(), row.team.clone());
            let why = row.why.as_ref();
            let why = why.map(|why| format!("{}: {}", why.field.label(), why.text));
            view! {
                <li>
                    <a class="plain" href=format!("/agents/{slug}")>{slug.clone()}</a>
                    <span class="r soft">{team}</span>
                    <span class="sub">{row.description.clone()}</span>
                    {why.map(|why| view! { <span class="sub">{why}</span> })}
                </li>
            }
        })
        .collect();
    let answer = if asked.is_empty() {
        ().into_any()
    } else if items.is_empty() {
        view! { <p class="panel__b soft" role="status">"None that you may see. Fewer words find more."</p> }
            .into_any()
    } else {
        let label = format!("All {}", counted(there.fitting, "agent", "agents"));
        let more = (there.fitting > SHOWN).then(|| {
            let href = address("/agents", &[("q", &asked)]);
            view! {
                <p class="panel__b">
                    <a href=href>{label}</a>
                </p>
            }
        });
        view! {
            <ul class="rows rows--tight" aria-label="Agents that do so already">{items}</ul>
            {more}
        }
        .into_any()
    };
    view! {
        <Panel title="Is there one already?" id="already">
            <form class="panel__b filters" role="search" method="get" action="/agents/new" aria-label="What it should do">
                <Field
                    name="does"
                    label="What should it do?"
                    kind="search"
                    value=asked
                    max=200
                    placeholder="For example: reconcile invoices"
                    plain=true
                />
                <button class="btn" type="submit">"Look"</button>
            </form>
            {answer}
        </Panel>
    }
    .into_any()
}

fn body(teams: Vec<TeamRow>, connections: Vec<ConnectionRow>, already: AnyView) -> AnyView {
    let missing = missing(&teams, &connections);
    let hooks = connections.clone();
    let sub = "Point Clearance at a folder of a repository. Any framework works; nothing runs until the next push.";
    let cancel = view! { <LinkButton href="/agents" label="Finish later" kind=Kind::Quiet/> };
    view! {
        <PageHead title="Onboard agent" sub=sub.into_any() actions=cancel.into_any()/>
        <div class="cols cols--wide">
            <div class="stack stack--4">
                {missing} {already}
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
