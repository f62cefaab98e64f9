//! The grid of the page, and the way out for people who are not signed in.

use domain::actor::Actor;
use leptos::prelude::*;
use leptos_router::components::{Outlet, Redirect};
use leptos_router::hooks::use_location;

use super::elevated::Elevated;
use super::notices::Notices;
use super::sidebar::Sidebar;
use super::topbar::Topbar;
use crate::format::{Moment, encode};
use crate::session::{Session, Viewer, session_ends, use_session};

/// Sidebar, top bar and the page between them.
#[component]
pub(crate) fn Shell() -> impl IntoView {
    let session = use_session();
    view! {
        <a class="skip" href="#main">"Skip to content"</a>
        <div class="shell">
            {Suspend::new(async move {
                match session.await {
                    Ok(session) => frame(session),
                    // The page below says what is wrong.
                    Err(_) => ().into_any(),
                }
            })}
            <main class="main" id="main" tabindex="-1">
                <Elevated/>
                <Notices/>
                <Outlet/>
            </main>
        </div>
    }
    .into_any()
}

/// The bars, or the page that must come first.
fn frame(session: Session) -> AnyView {
    if session.frame.first_run {
        return view! { <Redirect path="/first-run"/> }.into_any();
    }
    if matches!(session.frame.actor, Actor::Anonymous) {
        let location = use_location();
        let here = format!(
            "{}{}",
            location.pathname.get_untracked(),
            query(&location.search.get_untracked())
        );
        let path = if here == "/" {
            "/sign-in".to_owned()
        } else {
            format!("/sign-in?next={}", encode(&here))
        };
        return view! { <Redirect path=path/> }.into_any();
    }
    let theme = session.theme;
    let (mark, printed) = (mark(&session), printed(&session));
    let viewer = Viewer::new(session);
    view! {
        <Topbar viewer=viewer.clone()/>
        <Sidebar viewer=viewer theme=theme/>
        {mark}
        <p class="print">{printed}</p>
    }
    .into_any()
}

/// For the browser: whose page it is, and when the session ends.
fn mark(session: &Session) -> Option<AnyView> {
    let ends = session_ends()?;
    let who = session.frame.actor.user()?.to_string();
    let [now, at, latest] = [ends.now, ends.at, ends.latest].map(|time| time.to_string());
    Some(view! { <div id="session" hidden data-who=who data-now=now data-ends=at data-latest=latest></div> }.into_any())
}

/// On paper stands where it is from and how old it is.
fn printed(session: &Session) -> String {
    let location = use_location();
    let at = Moment::parse(&session.frame.now).map_or_else(String::new, Moment::exact);
    let search = query(&location.search.get_untracked());
    format!(
        "Clearance, {}{search}, read at {at}",
        location.pathname.get_untracked()
    )
}

/// The query of an address, without what became of a form: whoever comes back later sent none.
fn query(search: &str) -> String {
    let parts = search.trim_start_matches('?').split('&');
    let kept: Vec<&str> = parts
        .filter(|part| !part.is_empty() && !part.starts_with("__"))
        .collect();
    if kept.is_empty() {
        return String::new();
    }
    format!("?{}", kept.join("&"))
}

/// The mark and the name.
#[component]
pub(crate) fn Brand() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 20 20" aria-hidden="true">
            <rect width="20" height="20" rx="4"></rect>
            <path d="M5 9.5 10 5l5 4.5" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"></path>
            <path d="M5 12.7h10" stroke-width="1.6"></path>
            <path d="M5 15.4h10" stroke-width="1.6" stroke-dasharray="2.2 1.7"></path>
        </svg>
        <span class="lbl">"Clearance"</span>
    }
}

#[cfg(test)]
mod tests {
    use super::query;

    #[test]
    fn the_way_back_has_no_error_of_a_form() {
        assert_eq!(query(""), "");
        assert_eq!(query("?q=a&team=b"), "?q=a&team=b");
        assert_eq!(query("?q=a&__path=%2Frpc%2Fx&__err=e30"), "?q=a");
        assert_eq!(query("?__path=%2Frpc%2Fx&__err=e30"), "");
    }
}
