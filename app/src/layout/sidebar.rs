//! The sidebar: three groups of places, the state of the audit chain, the theme. Opens as a popover on narrow screens.

use domain::tone::Tone;
use domain::view::session::{ChainState, Frame, Theme};
use leptos::prelude::*;
use leptos_router::components::A;

use super::places::{Place, SIDEBAR};
use super::shell::Brand;
use crate::format::{Now, count};
use crate::session::Viewer;
use crate::ui::icon::Icon;
use crate::ui::status::Status;
use crate::ui::switch::Switch;
use crate::ui::time::Time;

/// All of it.
#[component]
pub(crate) fn Sidebar(viewer: Viewer, theme: Theme) -> impl IntoView {
    let frame = viewer.frame();
    let groups: Vec<_> = SIDEBAR
        .iter()
        .map(|group| {
            let places: Vec<_> = group
                .places
                .iter()
                .map(|place| link(place, tail(place.href, frame)))
                .collect();
            view! { <nav class="nav" aria-label=group.label>{places}</nav> }
        })
        .collect();
    view! {
        <aside class="side" id="nav" popover="auto" aria-label="Clearance">
            <a class="brand" href="/">
                <Brand/>
            </a>
            {groups}
            <div class="side__foot">
                <Chain chain=frame.chain.clone() now=viewer.now()/>
                {theme_switch(theme)}
            </div>
        </aside>
    }
}

/// The count beside a place.
fn tail(href: &str, frame: &Frame) -> Option<AnyView> {
    let value = match href {
        "/approvals" => return due(frame.waiting_for_you),
        "/deployments" => frame.deployments_in_progress,
        "/agents" => frame.agents,
        "/findings" => frame.open_findings,
        _ => return None,
    };
    Some(view! { <span class="count">{count(value)}</span> }.into_any())
}

/// The one count that asks for something.
fn due(waiting: u64) -> Option<AnyView> {
    (waiting > 0).then(|| {
        view! {
            <span class="count count--due">
                {count(waiting)}
                <span class="vh">" waiting for you"</span>
            </span>
        }
        .into_any()
    })
}

/// One place. The overview is current on its own page alone, the others also on those below them.
fn link(place: &'static Place, tail: Option<AnyView>) -> AnyView {
    let exact = place.href == "/";
    let key = place.key.map(String::from);
    view! {
        <A href=place.href exact=exact attr:title=place.label attr:data-key=key>
            <Icon name=place.icon/>
            <span class="lbl">{place.label}</span>
            {tail}
        </A>
    }
    .into_any()
}

/// Is the trail whole, and when was it last signed?
#[component]
fn Chain(chain: ChainState, now: Now) -> impl IntoView {
    let late = chain
        .witnessed
        .is_some_and(|found| found.late_since.is_some());
    let (tone, words) = match (chain.intact, chain.broken_at) {
        (true, _) if late => (Tone::Bad, "Audit log not witnessed".to_owned()),
        (true, _) => (Tone::Ok, "Audit chain intact".to_owned()),
        (false, Some(at)) => (Tone::Bad, format!("Chain broken at {at}")),
        (false, None) => (Tone::Bad, "Audit chain broken".to_owned()),
    };
    let icon = if chain.intact && !late {
        "link"
    } else {
        "circle-x"
    };
    let signed = match chain.checkpoint_at {
        Some(at) => view! {
            <span class="lbl">
                "Signed checkpoint " <Time at=at now=now/>
            </span>
        }
        .into_any(),
        None => view! { <span class="lbl">"No signed checkpoint yet"</span> }.into_any(),
    };
    view! {
        <a class="chain" href="/audit" title=words>
            <Status tone=tone label=words.clone() icon=icon/>
        </a>
        {signed}
    }
}

/// Three buttons of a plain form: the server sets the cookie and comes back.
fn theme_switch(theme: Theme) -> AnyView {
    let choices = Theme::ALL.iter().map(|choice| {
        let label = match choice {
            Theme::System => "Auto",
            Theme::Light => "Light",
            Theme::Dark => "Dark",
        };
        (choice.as_str(), label)
    });
    let choices = choices.collect();
    view! { <Switch action="/theme" name="theme" label="Theme" choices=choices now=theme.as_str()/> }
        .into_any()
}
