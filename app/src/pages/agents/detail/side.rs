//! The right rail: live checks, identity and scopes, the way back, the source.

use domain::environment::Environment;
use domain::registry::UseKind;
use domain::tone::Tone;
use domain::view::agent::{AgentDetail, Does, EnvironmentCard, LiveCard, RollbackBadge};
use leptos::prelude::*;

use super::super::table::labelled;
use super::super::{named, similar};
use super::head::{card, newest};
use crate::format::{Now, about, counted, length};
use crate::pages::tools::place;
use crate::rpc::agents::NameOwner;
use crate::ui::prelude::*;

/// All of it.
pub(super) fn all(agent: &AgentDetail, now: Now) -> AnyView {
    let identity = newest(agent).map(|(environment, live)| identity(environment, live));
    view! {
        {checks(agent)}
        {agent.does.as_ref().map(|said| does(&agent.slug, said))}
        {similar::panel(&agent.slug, &agent.similar)}
        {identity}
        {card(agent, Environment::Production).map(rollback)}
        {owner(agent)}
        {source(agent, now)}
    }
    .into_any()
}

/// What it can do, by its manifest.
fn does(slug: &str, does: &Does) -> AnyView {
    let none = || named(&[]);
    let tools: Vec<_> = does
        .tools
        .iter()
        .map(|tool| {
            let (name, text) = (tool.name.clone(), tool.description.clone());
            view! {
                <li>
                    <a href=place(UseKind::Tool, &name)>
                        <code>{name.clone()}</code>
                    </a>
                    " "
                    {text}
                </li>
            }
        })
        .collect();
    let tools = if tools.is_empty() {
        none()
    } else {
        view! { <ul class="plain">{tools}</ul> }.into_any()
    };
    let servers: Vec<_> = does
        .servers
        .iter()
        .map(|name| {
            view! {
                <li>
                    <a href=place(UseKind::Server, name)>{name.clone()}</a>
                </li>
            }
        })
        .collect();
    let servers = if servers.is_empty() {
        none()
    } else {
        view! { <ul class="plain">{servers}</ul> }.into_any()
    };
    let card_at = format!("/agents/{slug}/card");
    let a2a = if does.card {
        view! { <a href=card_at>"What it tells other agents"</a> }.into_any()
    } else {
        none()
    };
    let rows = vec![
        ("Skills", named(&does.skills)),
        ("Tools", tools),
        ("MCP servers", servers),
        ("Tags", named(&does.tags)),
        ("A2A card", a2a),
    ];
    let note = format!("By the manifest of v{}", does.version);
    view! {
        <Panel title="What it can do" id="does" note=note>
            <div class="panel__b">
                <Facts rows=rows/>
            </div>
        </Panel>
    }
    .into_any()
}

/// How each running copy is.
fn checks(agent: &AgentDetail) -> AnyView {
    let items: Vec<_> = agent
        .environments
        .iter()
        .filter_map(|card| card.live.as_ref().map(|live| (card.environment, live)))
        .map(|(environment, live)| {
            view! {
                <li>
                    <span>{environment.label()}</span>
                    <span class="r">
                        <Status tone=live.health.tone() label=live.health.label()/>
                    </span>
                    <span class="sub">
                        <a href=format!("/deployments/{}/evaluation", live.number)>
                            {format!("Evaluation of v{}", live.version)}
                        </a>
                    </span>
                </li>
            }
        })
        .collect();
    let content = if items.is_empty() {
        view! { <p class="panel__b soft">"Nothing is live, so there is nothing to check."</p> }
            .into_any()
    } else {
        view! { <ul class="rows rows--tight">{items}</ul> }.into_any()
    };
    let scores = view! {
        <a href=format!("/agents/{}/evaluation", agent.slug)>"Scores"</a>
        " "
        <a href=format!("/agents/{}/suites", agent.slug)>"Suites"</a>
    };
    let scores = scores.into_any();
    view! {
        <Panel title="Live checks" id="checks" more=scores>
            {content}
        </Panel>
    }
    .into_any()
}

/// Who it acts as, what it may do, and who allowed it.
fn identity(environment: Environment, live: &LiveCard) -> AnyView {
    let state = live.identity_state;
    let authority = match live.approval {
        Some(number) => {
            view! { <a href=format!("/approvals/{number}")>{format!("Approval #{number}")}</a> }
                .into_any()
        }
        None => view! { <span class="muted">"No approval needed"</span> }.into_any(),
    };
    let rows = vec![
        (
            "Principal",
            view! {
                <a class="plain" href=format!("/identities/{}", live.client_id)>
                    <Status tone=state.tone() label=state.label()/>
                </a>
            }
            .into_any(),
        ),
        (
            "Client id",
            view! { <Hash value=live.client_id.clone() kind=HashKind::Id/> }.into_any(),
        ),
        ("Granted by", authority),
    ];
    let scopes: Vec<_> = live
        .scopes
        .iter()
        .map(|scope| view! { <li><code>{scope.clone()}</code></li> })
        .collect();
    let note = format!(
        "{} v{}, {}",
        environment.label(),
        live.version,
        counted(length(&live.scopes), "scope", "scopes")
    );
    view! {
        <Panel title="Identity and scopes" id="identity" note=note>
            <div class="panel__b">
                <Facts rows=rows/>
            </div>
            <ul class="rows rows--tight rows--top" aria-label="Scopes">
                {scopes}
            </ul>
        </Panel>
    }
    .into_any()
}

/// What production would go back to.
fn rollback(card: &EnvironmentCard) -> AnyView {
    let (title, items) = match &card.rollback {
        RollbackBadge::Ready {
            number,
            version,
            about_seconds,
        } => (
            format!("Rollback to v{version}{}", about(*about_seconds)),
            vec![
                CheckItem::new(Tone::Ok, format!("Deployment #{number} was verified live")),
                CheckItem::new(Tone::Ok, "Its image is whole, checked digest by digest"),
                CheckItem::new(Tone::Ok, "Its secrets can be read, its identity made again"),
                CheckItem::new(
                    Tone::Ok,
                    "Runtime, config, scopes and registry come back as one unit",
                ),
            ],
        ),
        RollbackBadge::NotReady {
            number,
            version,
            reason,
        } => (
            format!("Rollback to v{version} is not ready"),
            vec![
                CheckItem::new(Tone::Ok, format!("Deployment #{number} was verified live")),
                CheckItem::new(
                    Tone::Bad,
                    format!("It cannot be restored: {}", reason.label()),
                ),
            ],
        ),
        RollbackBadge::NoTarget => (
            "Rollback".to_owned(),
            vec![CheckItem::new(Tone::Idle, "No target yet").detail(
                "A version becomes one when a newer one goes live after it in production.",
            )],
        ),
    };
    view! {
        <Panel title=title id="rollback">
            <div class="panel__b">
                <Checklist items=items/>
            </div>
        </Panel>
    }
    .into_any()
}

/// Who answers for it, and who else could.
fn owner(agent: &AgentDetail) -> AnyView {
    let now = match &agent.owner {
        None => view! { <p class="soft">"Nobody is named."</p> }.into_any(),
        Some(owner) if owner.left => view! {
            <p>{owner.name.clone()}</p>
            <p class="soft">
                <Status tone=Tone::Bad label="Has left the team"/>
                " Nothing new goes live until somebody else is named."
            </p>
        }
        .into_any(),
        Some(owner) => view! { <p>{owner.name.clone()}</p> }.into_any(),
    };
    let change = (!agent.owners.is_empty()).then(|| choose(agent));
    view! {
        <Panel title="Owner" id="owner">
            <div class="panel__b">{now} {change}</div>
        </Panel>
    }
    .into_any()
}

fn choose(agent: &AgentDetail) -> AnyView {
    let error = refused::<NameOwner>();
    let mut options = vec![(String::new(), "Choose…".to_owned())];
    options.extend(agent.owners.iter().cloned());
    let slug = agent.slug.clone();
    view! {
        <Danger label="Name another owner…" open=error.is_some()>
            <FormError error=error fields=&[("owner", "Owner")] form="owner"/>
            <Post to={url::<NameOwner>()}>
                <div class="form">
                    <Hidden name="agent" value=slug/>
                    <Select
                        name="owner"
                        label="Owner"
                        form="owner"
                        options=options
                        error=error
                        hint="A person with a role in its team. They are told."
                    />
                    <Submit label="Name owner" busy_label="Naming…"/>
                </div>
            </Post>
        </Danger>
    }
    .into_any()
}

/// Where it comes from.
fn source(agent: &AgentDetail, now: Now) -> AnyView {
    let folder = if agent.path.is_empty() {
        "the root".to_owned()
    } else {
        agent.path.clone()
    };
    let rows = vec![
        (
            "Repository",
            view! { <span class="wrap">{agent.repository.clone()}</span> }.into_any(),
        ),
        ("Labels", labelled(&agent.labels)),
        ("Branch", agent.branch.clone().into_any()),
        ("Folder", folder.into_any()),
        (
            "Connection",
            view! { <a href="/connections">{agent.connection.clone()}</a> }.into_any(),
        ),
        (
            "Onboarded",
            view! {
                {agent.onboarded_by.clone()} ", " <Time at=agent.onboarded_at.clone() now=now/>
            }
            .into_any(),
        ),
    ];
    view! {
        <Panel title="Source" id="source">
            <div class="panel__b">
                <Facts rows=rows/>
            </div>
        </Panel>
    }
    .into_any()
}
