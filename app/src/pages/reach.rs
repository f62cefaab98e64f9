//! "What can this agent reach, and through what?"

mod graph;

use domain::environment::Environment;
use domain::form::query::ReachQuery;
use domain::tone::Tone;
use domain::view::reach::{Reach, ReachKind, ReachLive, ReachNode};
use leptos::prelude::*;

use crate::format::{count, counted};
use crate::rpc::agents::agent_reach;
use crate::ui::prelude::*;

/// In the order of how far the harm goes.
const ORDER: &[ReachKind] = &[
    ReachKind::Resource,
    ReachKind::Agent,
    ReachKind::Scope,
    ReachKind::Tool,
    ReachKind::McpServer,
    ReachKind::Secret,
    ReachKind::Model,
];

/// Everything that an agent can reach.
#[component]
pub(crate) fn ReachPage() -> impl IntoView {
    let query = ReachQuery {
        environment: asked("environment"),
    };
    load(agent_reach(part("slug"), query), |found, _| body(&found))
}

fn body(found: &Reach) -> AnyView {
    let sub = view! {
        <a href=format!("/agents/{}", found.agent)>{found.agent.clone()}</a>
        {format!(" in {}, and what the agents can reach that it may call.", found.environment.label().to_lowercase())}
    };
    let content = match &found.live {
        None => nothing(found),
        Some(live) => {
            let drawing = graph::draw(found);
            let lists: Vec<_> = ORDER.iter().filter_map(|kind| list(found, *kind)).collect();
            view! {
                {standing(live)}
                {summary(found, live)}
                <Section title="How it gets there" id="graph">
                    {drawing}
                </Section>
                {lists}
                {left_out(found.left_out)}
            }
            .into_any()
        }
    };
    view! {
        <PageHead title="What it can reach" sub=sub.into_any()/>
        <Live on="agent deployment identity"/>
        {elsewhere(found)}
        {content}
    }
    .into_any()
}

/// The same agent in the other environment.
fn elsewhere(found: &Reach) -> AnyView {
    let links: Vec<_> = [Environment::Production, Environment::NonProd]
        .into_iter()
        .map(|environment| {
            let to = format!("/agents/{}/reach?environment={environment}", found.agent);
            let current = (environment == found.environment).then_some("page");
            view! { <a href=to aria-current=current>{environment.label()}</a> }
        })
        .collect();
    view! {
        <nav class="tabs" aria-label="Environment">
            {links}
        </nav>
    }
    .into_any()
}

fn nothing(found: &Reach) -> AnyView {
    let agent = format!("/agents/{}", found.agent);
    let title = format!(
        "Nothing of it is live in {}",
        found.environment.label().to_lowercase()
    );
    view! {
        <Empty icon="lock" title=title>
            <p class="soft">"So it has no identity there and reaches nothing."</p>
            <LinkButton href=agent label="To the agent"/>
        </Empty>
    }
    .into_any()
}

fn standing(live: &ReachLive) -> Option<AnyView> {
    (!live.usable).then(|| {
        view! {
            <NoticeBar tone=Tone::Wait>
                <p>
                    "Its identity cannot act now, so the scopes below give it nothing. Servers, secrets and whatever does not ask for its token are still open to it."
                </p>
            </NoticeBar>
        }
        .into_any()
    })
}

fn summary(found: &Reach, live: &ReachLive) -> AnyView {
    let deployment = view! {
        <a href=format!("/deployments/{}", live.deployment)>
            {format!("#{} v{}", live.deployment, live.version)}
        </a>
    };
    let identity = view! {
        <a href=format!("/identities/{}", live.identity)>
            <code>{live.identity.clone()}</code>
        </a>
    };
    let classes = if found.data_classes.is_empty() {
        "None is named".to_owned()
    } else {
        found.data_classes.join(", ")
    };
    let kinds: Vec<_> = ORDER
        .iter()
        .filter(|kind| of(found, **kind).next().is_some())
        .map(|kind| {
            let many = u64::try_from(of(found, *kind).count()).unwrap_or(u64::MAX);
            // An abbreviation stays one.
            let small = |word: &str| word.to_lowercase().replace("mcp", "MCP");
            view! {
                <a href=format!("#{}", kind.as_str())>
                    {counted(many, &small(kind.one()), &small(kind.label()))}
                </a>
                " "
            }
        })
        .collect();
    let rows = vec![
        ("Live", deployment.into_any()),
        ("Acts as", identity.into_any()),
        ("Classes of data", classes.into_any()),
        ("Reaches", kinds.into_any()),
    ];
    view! { <Facts rows=rows/> }.into_any()
}

/// The things of one kind; the agent does not reach itself.
fn of(found: &Reach, kind: ReachKind) -> impl Iterator<Item = &ReachNode> {
    found
        .nodes
        .iter()
        .skip(1)
        .filter(move |node| node.kind == kind)
}

fn list(found: &Reach, kind: ReachKind) -> Option<AnyView> {
    let rows: Vec<_> = of(found, kind).map(row).collect();
    if rows.is_empty() {
        return None;
    }
    let note = count(u64::try_from(rows.len()).unwrap_or(u64::MAX));
    let heads: &'static [&'static str] = match kind {
        ReachKind::Resource => &["Name", "What it is", "Data", "Owner", "Through"],
        ReachKind::Agent
        | ReachKind::Tool
        | ReachKind::McpServer
        | ReachKind::Model
        | ReachKind::Secret
        | ReachKind::Scope => &["Name", "What it is", "Through"],
    };
    Some(
        view! {
            <Section title=kind.label() id=kind.as_str() note=note>
                <Table caption=kind.label() heads=heads class="tbl--stack">
                    {rows}
                </Table>
            </Section>
        }
        .into_any(),
    )
}

fn row(node: &ReachNode) -> AnyView {
    let name = match place(node) {
        Some(to) => view! { <a class="plain" href=to>{node.name.clone()}</a> }.into_any(),
        None => view! { <code>{node.name.clone()}</code> }.into_any(),
    };
    let note = match (node.kind, node.note.is_empty()) {
        (ReachKind::Agent, false) => format!("Owned by {}", node.note),
        (ReachKind::Scope, _) => "Given by the approval".to_owned(),
        (_, true) => "Nobody said".to_owned(),
        (_, false) => node.note.clone(),
    };
    let described = (node.kind == ReachKind::Resource).then(|| {
        let class = node
            .data_class
            .clone()
            .unwrap_or_else(|| "Not said".to_owned());
        let owner = node
            .owner
            .clone()
            .unwrap_or_else(|| "Nobody yet".to_owned());
        view! {
            <td data-label="Data">{class}</td>
            <td data-label="Owner">{owner}</td>
        }
    });
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td data-label="What it is" class="wrap">{note}</td>
            {described}
            <td data-label="Through">{through(node.hops)}</td>
        </tr>
    }
    .into_any()
}

/// "Itself", or how many agents lie between.
fn through(hops: u32) -> String {
    match hops {
        0 => "Itself".to_owned(),
        more => counted(u64::from(more), "other agent", "other agents"),
    }
}

/// The page of a thing, where it has one.
fn place(node: &ReachNode) -> Option<String> {
    match node.kind {
        ReachKind::Agent => Some(format!("/agents/{}", node.name)),
        ReachKind::Resource => Some(format!("/resources/{}", node.name)),
        ReachKind::Tool
        | ReachKind::McpServer
        | ReachKind::Model
        | ReachKind::Secret
        | ReachKind::Scope => None,
    }
}

fn left_out(many: u32) -> Option<AnyView> {
    (many > 0).then(|| {
        let said = counted(u64::from(many), "thing is", "things are");
        view! { <p class="hint">{format!("{said} not listed, because there are too many.")}</p> }
            .into_any()
    })
}
