//! The top bar: where we are, the search, the server's clock, the account.

use domain::find::ID_MAX;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::places::{help_on, label_of};
use crate::help::{address, contents};
use crate::session::Viewer;
use crate::ui::icon::Icon;
use crate::ui::time::Time;

/// All of it.
#[component]
pub(crate) fn Topbar(viewer: Viewer) -> impl IntoView {
    let now = viewer.now();
    let time = viewer.frame().now.clone();
    view! {
        <header class="top">
            <button class="btn btn--quiet menu-btn" type="button" popovertarget="nav" aria-label="Menu">
                <Icon name="menu"/>
            </button>
            <Breadcrumb/>
            <form class="find" role="search" aria-label="Everything" method="get" action="/search">
                <input type="hidden" name="go" value="1"/>
                <button class="find__go" type="submit" aria-label="Search">
                    <Icon name="search"/>
                </button>
                <label class="vh" for="find">"Find anything by name or id"</label>
                <input
                    id="find"
                    name="q"
                    type="search"
                    maxlength=ID_MAX
                    placeholder="Agent, approval, commit, digest or client id"
                />
                <kbd class="script" aria-hidden="true">"/"</kbd>
            </form>
            <Help/>
            <div class="top__now">
                <span class="vh">"Time of this page: "</span>
                <Time at=time now=now/>
            </div>
            <Account viewer=viewer/>
        </header>
    }
}

/// The chapter of the documentation about this page.
#[component]
fn Help() -> impl IntoView {
    let location = use_location();
    move || {
        let href = address(help_on(&location.pathname.get()));
        view! {
            <a class="btn btn--quiet top__help" href=href aria-label="Help on this page" title="Help on this page">
                <Icon name="circle-question-mark"/>
            </a>
        }
    }
}

/// The name, and behind it the way out.
#[component]
fn Account(viewer: Viewer) -> impl IntoView {
    let name = viewer.frame().actor.name().to_owned();
    let initials: String = name
        .split_whitespace()
        .filter_map(|word| word.chars().next())
        .take(2)
        .collect();
    view! {
        <details class="menu">
            <summary class="who">
                <span class="av" aria-hidden="true">{initials.to_uppercase()}</span>
                <span>{name}</span>
            </summary>
            <div class="menu__b">
                <a href="/settings">"Settings"</a>
                <a href="/keyboard">"Keyboard"</a>
                <form method="post" action="/sign-out">
                    <button class="btn btn--block" type="submit">
                        <Icon name="log-out"/>
                        "Sign out"
                    </button>
                </form>
            </div>
        </details>
    }
}

/// Where we are, read from the path.
#[component]
fn Breadcrumb() -> impl IntoView {
    let location = use_location();
    move || {
        let crumbs = crumbs(&location.pathname.get());
        let last = crumbs.len().saturating_sub(1);
        let items: Vec<_> = crumbs
            .into_iter()
            .enumerate()
            .map(|(at, (href, text))| {
                if at == last {
                    view! { <span aria-current="page">{text}</span> }.into_any()
                } else {
                    view! {
                        <a href=href>{text}</a>
                        <span aria-hidden="true">"/"</span>
                    }
                    .into_any()
                }
            })
            .collect();
        view! {
            <nav class="crumb" aria-label="Breadcrumb">
                {items}
            </nav>
        }
    }
}

/// The name of a framework by its word in the address.
fn framework_name(word: &str) -> String {
    word.parse::<domain::controls::Framework>()
        .map_or_else(|_| word.to_owned(), |found| found.label().to_owned())
}

/// The title of a chapter of the help by its word in the address.
fn chapter_title(word: &str) -> String {
    let chapter = contents().iter().find(|chapter| chapter.name == word);
    chapter.map_or_else(|| word.to_owned(), |chapter| chapter.title.clone())
}

/// Address and name of each step of a path.
fn crumbs(path: &str) -> Vec<(String, String)> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let Some((first, rest)) = parts.split_first() else {
        return vec![("/".to_owned(), "Overview".to_owned())];
    };
    let numbered = matches!(*first, "deployments" | "approvals" | "reviews");
    let mut href = match *first {
        // A post-review is in the inbox, and suites are of agents: they have no lists of their own.
        "post-reviews" => "/approvals".to_owned(),
        "suites" | "registry" => "/agents".to_owned(),
        "find" => "/audit".to_owned(),
        first => format!("/{first}"),
    };
    let top = match *first {
        "search" => "Search",
        "help" => "Help",
        "styleguide" => "Components",
        _ => label_of(&href).unwrap_or("Overview"),
    };
    let mut found = vec![(href.clone(), top.to_owned())];
    for (at, part) in rest.iter().enumerate() {
        // What is not in the list above it has an address of its own.
        href = if at == 0 && *first == "registry" {
            format!("/registry/{part}")
        } else {
            format!("{href}/{part}")
        };
        // The kind of a tool is no page.
        if at == 0 && *first == "tools" {
            continue;
        }
        if let Some(label) = label_of(&href) {
            found.push((href.clone(), label.to_owned()));
            continue;
        }
        let text = match (at, *part) {
            (0, "new") if *first == "policies" => "Propose a policy".to_owned(),
            (0, "new") if *first == "waivers" => "Waive a finding".to_owned(),
            (0, number) if *first == "waivers" => format!("W-{number}"),
            (0, "check") if *first == "suites" => "Check a suite".to_owned(),
            (1, "suites") => "Suites".to_owned(),
            (2, "people") => "People".to_owned(),
            (2, "groups") => "Groups".to_owned(),
            (0, "packages") => "Evidence packages".to_owned(),
            (0, "schedules") => "Schedules".to_owned(),
            (0, chapter) if *first == "help" => chapter_title(chapter),
            (0, framework) if *first == "compliance" => framework_name(framework),
            (0, "comparison") if *first == "registry" => "Compare agents".to_owned(),
            (0, "new") => "Onboard agent".to_owned(),
            (0, number) if *first == "policies" => format!("Version {number}"),
            (0, number) if *first == "post-reviews" => format!("PR-{number}"),
            (0, number) if numbered => format!("#{number}"),
            (0, number) if *first == "findings" => format!("F-{number}"),
            (0, number) if *first == "audit" => format!("Event {number}"),
            (1, "evaluation") => "Evaluation".to_owned(),
            (1, "reach") => "What it can reach".to_owned(),
            (1, "setup") => "Set up".to_owned(),
            (1, "versions") => "Versions".to_owned(),
            (1, "card") => "Agent card".to_owned(),
            (1, "access") => "Access".to_owned(),
            (1, "online") => "In production".to_owned(),
            (1, "rollback") => "Roll back".to_owned(),
            (_, other) => other.to_owned(),
        };
        found.push((href.clone(), text));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::crumbs;

    #[test]
    fn a_path_says_where_we_are() {
        let names = |path: &str| {
            crumbs(path)
                .into_iter()
                .map(|(_, name)| name)
                .collect::<Vec<_>>()
                .join(" / ")
        };
        assert_eq!(names("/"), "Overview");
        assert_eq!(
            names("/agents/refund-assistant"),
            "Registry / refund-assistant"
        );
        assert_eq!(
            names("/deployments/12/evaluation"),
            "Deployments / #12 / Evaluation"
        );
        assert_eq!(names("/tools/tool/read_ledger"), "Tools / read_ledger");
        assert_eq!(names("/registry/comparison"), "Registry / Compare agents");
        assert_eq!(names("/registry/similar"), "Registry / Similar agents");
        assert_eq!(names("/agents/a/versions"), "Registry / a / Versions");
        assert_eq!(names("/policies/2"), "Policies / Version 2");
        assert_eq!(names("/policies/calendar"), "Policies / Freeze calendar");
        assert_eq!(names("/waivers/3"), "Waivers / W-3");
        assert_eq!(names("/settings/tokens"), "Settings / API tokens");
        assert_eq!(names("/post-reviews/4"), "Approvals / PR-4");
        assert_eq!(names("/help/witness"), "Help / Witnesses");
        assert_eq!(names("/compliance/soc2"), "Compliance / SOC 2");
        assert_eq!(names("/policies/new"), "Policies / Propose a policy");
        assert_eq!(crumbs("/deployments/12/evaluation")[1].0, "/deployments/12");
    }
}
