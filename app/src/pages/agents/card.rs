//! "What does it tell other agents?" The A2A card of a version.

use domain::agent_card::{AgentCard, CARD_PATH};
use domain::tone::Tone;
use domain::view::agent_card::{KeptCard, VersionCard};
use leptos::prelude::*;

use super::named;
use crate::format::{counted, length};
use crate::rpc::agents::get_card;
use crate::ui::prelude::*;

/// The card of the version that the address names, or of the one that tells what the agent does.
#[component]
pub(crate) fn CardPage() -> impl IntoView {
    load(get_card(part("slug"), asked("version")), |found, _| {
        body(&found)
    })
}

fn body(found: &VersionCard) -> AnyView {
    let live = match found.live_in.as_slice() {
        [] => "live nowhere".to_owned(),
        all => {
            let names: Vec<&str> = all.iter().map(|one| one.label()).collect();
            format!("live in {}", names.join(" and "))
        }
    };
    let sub = format!("What v{} tells other agents by A2A; {live}.", found.version);
    let title = format!("Agent card of {}", found.agent);
    let content = match &found.card {
        Some(card) => all(found, card),
        None => none(&found.agent),
    };
    view! {
        <PageHead title=title sub=sub.into_any()/>
        <Live on=format!("agent:{} deployment", found.agent)/>
        {content}
    }
    .into_any()
}

fn none(agent: &str) -> AnyView {
    let setup = format!("/agents/{agent}/setup");
    view! {
        <Empty icon="file-text" title="This version has no card">
            <p class="soft">
                "Write the card into the repository, and name its file in the manifest: "
                <code>"agent_card: .well-known/agent-card.json"</code>
                ". It is read with the next push and approved like everything else that changes."
            </p>
            <LinkButton href=setup label="Set up"/>
            <LinkButton href="/help/agent-cards" label="About agent cards"/>
        </Empty>
    }
    .into_any()
}

fn all(found: &VersionCard, card: &KeptCard) -> AnyView {
    view! {
        <div class="cols">
            <div class="stack">{skills(&card.says)} {interfaces(&card.says)} {source(card)}</div>
            <div class="stack stack--4">{says(card)} {protection(&card.says)} {served(found)}</div>
        </div>
    }
    .into_any()
}

fn says(card: &KeptCard) -> AnyView {
    let said = &card.says;
    let provider = said.provider.as_slice();
    let rows = vec![
        ("Name", said.name.clone().into_any()),
        ("Says of itself", said.description.clone().into_any()),
        ("Its own version", said.version.clone().into_any()),
        ("Provider", named(provider)),
        ("Can also", named(&said.capabilities)),
        ("Extensions", named(&said.extensions)),
        ("Takes", named(&said.input_modes)),
        ("Gives", named(&said.output_modes)),
        (
            "Digest",
            view! { <Hash value=card.digest.clone()/> }.into_any(),
        ),
    ];
    view! {
        <Panel title="What it says" id="says">
            <div class="panel__b">
                <Facts rows=rows/>
            </div>
        </Panel>
    }
    .into_any()
}

fn skills(card: &AgentCard) -> AnyView {
    let rows: Vec<_> = card
        .skills
        .iter()
        .map(|skill| {
            let examples: Vec<_> = skill
                .examples
                .iter()
                .map(|text| view! { <span class="sub">"“" {text.clone()} "”"</span> })
                .collect();
            view! {
                <tr>
                    <th scope="row" data-label="Skill">
                        {skill.name.clone()}
                        <span class="sub"><code>{skill.id.clone()}</code></span>
                    </th>
                    <td data-label="What it does">{skill.description.clone()} {examples}</td>
                    <td data-label="Tags">{skill.tags.join(", ")}</td>
                </tr>
            }
        })
        .collect();
    let note = counted(length(&card.skills), "skill", "skills");
    let content = if rows.is_empty() {
        view! { <p class="panel__b soft">"The card names no skill."</p> }.into_any()
    } else {
        view! {
            <Table caption="What it can be asked for" heads=&["Skill", "What it does", "Tags"] class="tbl--stack tbl--top">
                {rows}
            </Table>
        }
        .into_any()
    };
    view! { <Panel title="What it can be asked for" id="skills" note=note>{content}</Panel> }
        .into_any()
}

fn interfaces(card: &AgentCard) -> AnyView {
    let rows: Vec<_> = card
        .interfaces
        .iter()
        .map(|one| {
            view! {
                <tr>
                    <th scope="row" data-label="Address"><span class="wrap">{one.url.clone()}</span></th>
                    <td data-label="Binding">{one.binding.clone()}</td>
                    <td data-label="Protocol">{one.protocol.clone()}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <Panel title="Where it is spoken to" id="addresses" note="The preferred first">
            <Table caption="Where it is spoken to" heads=&["Address", "Binding", "Protocol"] class="tbl--stack">
                {rows}
            </Table>
        </Panel>
    }
    .into_any()
}

fn protection(card: &AgentCard) -> AnyView {
    let schemes: Vec<_> = card
        .security
        .iter()
        .map(|(name, words)| {
            view! { <li><span><code>{name.clone()}</code></span><span class="r wrap">{words.clone()}</span></li> }
        })
        .collect();
    let schemes = if schemes.is_empty() {
        view! {
            <p class="panel__b">
                <Status tone=Tone::Idle label="The card asks for no proof of who calls"/>
            </p>
        }
        .into_any()
    } else {
        view! { <ul class="rows rows--tight">{schemes}</ul> }.into_any()
    };
    let signed: Vec<_> = card
        .signatures
        .iter()
        .map(|one| {
            let key = one.key.clone();
            view! { <li><span><code>{key}</code></span><span class="r">{one.algorithm.clone()}</span></li> }
        })
        .collect();
    let signed = (!signed.is_empty()).then(|| {
        view! {
            <p class="panel__b soft">
                "Signed in the repository with these keys. The signatures are not checked: a key that a card names itself proves nothing."
            </p>
            <ul class="rows rows--tight" aria-label="Signatures">{signed}</ul>
        }
    });
    view! {
        <Panel title="How callers prove themselves" id="protection">
            {schemes}
            {signed}
        </Panel>
    }
    .into_any()
}

fn served(found: &VersionCard) -> AnyView {
    let at = format!("/api/v1/agents/{}/{CARD_PATH}", found.agent);
    let content = if found.live_in.is_empty() {
        view! { <p class="soft">"It is served, signed by this installation, while this version is live."</p> }
            .into_any()
    } else {
        view! {
            <p>
                "Whoever may read this agent gets the card of what is live, with a signature of this installation: "
                <a class="wrap" href=at.clone()>{at.clone()}</a>
            </p>
            <p class="soft">
                "Its keys are at "
                <a href="/.well-known/agent-card-keys.json">"/.well-known/agent-card-keys.json"</a>
                ". "
                <a href="/help/agent-cards">"How to check it"</a>
            </p>
        }
        .into_any()
    };
    view! {
        <Panel title="Served" id="served">
            <div class="panel__b">{content}</div>
        </Panel>
    }
    .into_any()
}

fn source(card: &KeptCard) -> AnyView {
    let text = domain::text::visible(&card.text);
    view! {
        <Panel title="As it is in the repository" id="source">
            <details class="panel__b">
                <summary>"Show the card"</summary>
                <pre class="code code--wrap" tabindex="0" role="region" aria-label="The card">{text}</pre>
            </details>
        </Panel>
    }
    .into_any()
}
