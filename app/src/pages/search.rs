//! "Where is it?" One search over agents, ids, pages and what can be begun. With script it also opens over any page (`Ctrl K`): the
//! part that is marked `data-over` is this page's, and there is no second list.

use domain::find::ID_MAX;
use domain::view::agent::AgentRow;
use domain::view::find::FoundThing;
use domain::view::search::SearchResults;
use leptos::prelude::*;
use leptos_router::components::Redirect;

use crate::format::{address, counted, length};
use crate::help::{Chapter, contents};
use crate::layout::places::{ACTS, Act, Place, begins, places};
use crate::rpc::search::search;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// What the words name. With `go` in the address, one exact hit leads straight there.
#[component]
pub(crate) fn SearchPage() -> impl IntoView {
    let q = asked("q");
    let go = !asked("go").is_empty();
    load(search(q.clone()), move |results, viewer| {
        match results.only_page() {
            Some(page) if go => view! { <Redirect path=page.to_owned()/> }.into_any(),
            Some(_) | None => body(&q, &results, &viewer),
        }
    })
}

fn body(q: &str, results: &SearchResults, viewer: &Viewer) -> AnyView {
    let q = q.to_owned();
    view! {
        <PageHead title="Search" sub="Agents by what they do, anything by its whole id, pages, and what you can begin.".into_any()/>
        <div class="over" data-over="">
            <form class="over__form" role="search" aria-label="Name, purpose or id" method="get" action="/search">
                <input type="hidden" name="go" value="1"/>
                <label class="vh" for="search">"Name, purpose or id"</label>
                <input
                    class="input"
                    id="search"
                    name="q"
                    type="search"
                    maxlength=ID_MAX
                    autocomplete="off"
                    spellcheck="false"
                    autofocus=true
                    placeholder="Agent, approval, commit, digest, client id or page"
                    value=q
                />
                <button class="btn" type="submit">
                    <Icon name="search"/>
                    "Search"
                </button>
            </form>
            <div class="hits" id="hits">{hits(results, viewer)}</div>
        </div>
    }
    .into_any()
}

/// Everything that was found, in groups; the best first.
fn hits(results: &SearchResults, viewer: &Viewer) -> AnyView {
    let q = results.q.as_str();
    let things: Vec<_> = results.found.things.iter().filter_map(thing).collect();
    let agents: Vec<_> = results.agents.iter().map(agent).collect();
    let places: Vec<_> = places()
        .filter(|one| one.is_meant_by(q))
        .map(place)
        .collect();
    let acts: Vec<_> = acts(q, viewer).map(act).collect();
    let help: Vec<_> = chapters(q).map(help).collect();
    let found = [&things, &agents, &places, &acts, &help]
        .into_iter()
        .map(|rows| length(rows))
        .sum();
    if found == 0 {
        return nothing(q);
    }
    let said = counted(found, "hit", "hits");
    let more = results.more_agents.then(|| {
        let href = address("/agents", &[("q", q)]);
        view! {
            <p class="hint">
                "More agents are about it. "
                <a href=href>"All of them in the registry"</a>
            </p>
        }
    });
    view! {
        <p class="vh" role="status">{said}</p>
        {group("Called exactly so", "hits-exact", things)}
        {group("Agents", "hits-agents", agents)}
        {more}
        {group("Pages", "hits-pages", places)}
        {group("Begin", "hits-acts", acts)}
        {group("Help", "hits-help", help)}
    }
    .into_any()
}

fn acts<'a>(q: &'a str, viewer: &'a Viewer) -> impl Iterator<Item = &'static Act> + 'a {
    let may = move |act: &&Act| viewer.may_somewhere(act.needs);
    ACTS.iter()
        .filter(may)
        .filter(move |act| act.is_meant_by(q))
}

/// Chapters, where something is looked for.
fn chapters(q: &str) -> impl Iterator<Item = &'static Chapter> {
    let asked = !q.is_empty();
    let meant = move |one: &&Chapter| asked && begins(&one.title, &one.name.replace('-', " "), q);
    contents().iter().filter(meant)
}

fn help(found: &Chapter) -> AnyView {
    row(
        found.href(),
        "circle-question-mark",
        found.title.clone(),
        ().into_any(),
    )
}

fn group(title: &'static str, id: &'static str, rows: Vec<AnyView>) -> Option<AnyView> {
    (!rows.is_empty()).then(|| {
        view! {
            <section aria-labelledby=id>
                <h2 class="hits__h" id=id>{title}</h2>
                <ul class="hits__l">{rows}</ul>
            </section>
        }
        .into_any()
    })
}

fn row(href: String, icon: &'static str, name: String, detail: AnyView) -> AnyView {
    view! {
        <li>
            <a href=href>
                <Icon name=icon/>
                <span class="hits__n">{name}</span>
                {detail}
            </a>
        </li>
    }
    .into_any()
}

fn words(text: String) -> AnyView {
    view! { <span class="hits__d">{text}</span> }.into_any()
}

fn thing(found: &FoundThing) -> Option<AnyView> {
    let page = found.page.clone()?;
    let mut said = found.kind.label().to_owned();
    if !found.state.is_empty() {
        said = format!("{said}, {}", found.state);
    }
    Some(row(page, "link", found.name.clone(), words(said)))
}

fn agent(found: &AgentRow) -> AnyView {
    let href = format!("/agents/{}", found.slug);
    let said = format!("{} · {}", found.team, found.description);
    row(href, "cpu", found.slug.clone(), words(said))
}

fn place(found: &Place) -> AnyView {
    let keys = found.key.map(|key| {
        view! {
            <span class="hits__k script">
                <kbd>"g"</kbd>
                " "
                <kbd>{key.to_string()}</kbd>
            </span>
        }
    });
    row(
        found.href.to_owned(),
        found.icon,
        found.label.to_owned(),
        keys.into_any(),
    )
}

fn act(found: &Act) -> AnyView {
    row(
        found.href.to_owned(),
        found.icon,
        found.label.to_owned(),
        ().into_any(),
    )
}

fn nothing(q: &str) -> AnyView {
    let title = format!("Nothing that you may see is called {q}");
    let events = address("/audit", &[("q", q)]);
    view! {
        <Empty icon="search" title=title>
            <p class="soft">
                "Ids are found whole. " <a href="/find">"Which ids are known"</a> ", or "
                <a href=events>"look for the words in the audit trail"</a> "."
            </p>
        </Empty>
    }
    .into_any()
}
