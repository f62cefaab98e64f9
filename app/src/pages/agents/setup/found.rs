//! What the repository was found to hold, each fact with the place that says so.

use domain::detection::{Detected, Place, Said};
use domain::view::setup::Setup;
use leptos::prelude::*;

use crate::format::Now;
use crate::ui::prelude::*;

/// Facts of one kind that are shown; the rest are counted.
const SHOWN: usize = 12;

/// Everything that was found.
pub(super) fn panel(found: &Detected, setup: &Setup, now: Now) -> AnyView {
    let look = setup.look.as_ref();
    let commit = look.and_then(|look| look.commit.clone()).map(|commit| {
        view! {
            "commit " <Hash value=commit kind=HashKind::Commit/>
        }
    });
    let read = look
        .and_then(|look| look.looked_at.clone())
        .map(|at| view! { ", read " <Time at=at now=now/> });
    let unsure = (!found.unsure.is_empty()).then(|| {
        let items: Vec<_> = found
            .unsure
            .iter()
            .take(SHOWN)
            .map(|why| CheckItem::new(domain::tone::Tone::Unknown, why.clone()))
            .collect();
        view! {
            <h3>"What is not sure"</h3>
            <Checklist items=items/>
        }
    });
    let rows = rows(found);
    let more = view! {
        {commit}
        {read}
    };
    view! {
        <Panel title="What was found" id="found" more=more.into_any()>
            <div class="panel__b stack stack--4">
                <Facts rows=rows/>
                {unsure}
            </div>
        </Panel>
    }
    .into_any()
}

fn rows(found: &Detected) -> Vec<(&'static str, AnyView)> {
    let framework = found
        .framework
        .as_ref()
        .map(|one| fact(one.framework.label().to_owned(), &one.at));
    let entry = found.entrypoint.as_ref().map(|one| {
        let said = if one.at.line == 0 {
            "by its name".to_owned()
        } else {
            format!("runs in line {}", one.at.line)
        };
        view! { <code>{one.value.clone()}</code> " " <span class="muted">{said}</span> }.into_any()
    });
    let requirements = found.requirements.as_ref().map(|one| {
        let said = format!("{} pinned, {} not", one.pinned, one.unpinned.len());
        view! { <code>{one.file.clone()}</code> " " <span class="muted">{said}</span> }.into_any()
    });
    let tools = found.tools.iter().map(|one| {
        let text = if one.description.is_empty() {
            one.name.clone()
        } else {
            format!("{}: {}", one.name, one.description)
        };
        fact(text, &one.at)
    });
    let servers = found.mcp_servers.iter().map(|one| {
        let reached = one
            .server
            .url
            .clone()
            .or_else(|| one.server.package.clone());
        let text = format!("{}, {}", one.server.name, reached.unwrap_or_default());
        fact(text, &one.at)
    });
    let prompts = found
        .prompts
        .iter()
        .map(|one| view! { <code>{one.at.file.clone()}</code> }.into_any());
    let suites = found
        .suites
        .iter()
        .map(|one| view! { {one.gate.label()} " " <code>{one.file.clone()}</code> }.into_any());
    vec![
        ("Framework", one(framework)),
        ("Entry point", one(entry)),
        ("Requirements", one(requirements)),
        ("Packages of note", many(said(&found.dependencies))),
        ("Tools", many(tools.collect())),
        ("MCP servers", many(servers.collect())),
        ("Prompts", many(prompts.collect())),
        ("Suites", many(suites.collect())),
        ("Secrets that it reads", many(said(&found.secrets))),
        ("A2A card", many(said(found.agent_card.as_slice()))),
    ]
}

fn said(all: &[Said]) -> Vec<AnyView> {
    all.iter()
        .map(|one| fact(one.value.clone(), &one.at))
        .collect()
}

fn fact(text: String, at: &Place) -> AnyView {
    view! { {text} " " <span class="muted wrap">{format!("from {at}")}</span> }.into_any()
}

fn one(view: Option<AnyView>) -> AnyView {
    view.unwrap_or_else(|| view! { <span class="muted">"None found"</span> }.into_any())
}

fn many(mut all: Vec<AnyView>) -> AnyView {
    let rest = all.len().saturating_sub(SHOWN);
    all.truncate(SHOWN);
    if all.is_empty() {
        return one(None);
    }
    let items: Vec<_> = all
        .into_iter()
        .map(|each| view! { <li>{each}</li> })
        .collect();
    let rest = (rest > 0).then(|| view! { <li class="muted">{format!("and {rest} more")}</li> });
    view! { <ul>{items} {rest}</ul> }.into_any()
}
