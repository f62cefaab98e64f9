//! The sidebar: three groups of places, the state of the audit chain, the theme. Opens as a popover on narrow screens.

use domain::tone::Tone;
use domain::view::session::{ChainState, Theme};
use leptos::prelude::*;
use leptos_router::components::A;

use super::shell::Brand;
use crate::format::{Now, count};
use crate::session::Viewer;
use crate::ui::icon::Icon;
use crate::ui::status::Status;
use crate::ui::time::Time;

/// All of it.
#[component]
pub(crate) fn Sidebar(viewer: Viewer, theme: Theme) -> impl IntoView {
    let frame = viewer.frame();
    let due = (frame.waiting_for_you > 0).then(|| {
        view! {
            <span class="count count--due">
                {count(frame.waiting_for_you)}
                <span class="vh">" waiting for you"</span>
            </span>
        }
        .into_any()
    });
    let busy = number(frame.deployments_in_progress);
    let agents = number(frame.agents);
    let findings = number(frame.open_findings);
    view! {
        <aside class="side" id="nav" popover="auto" aria-label="Clearance">
            <a class="brand" href="/">
                <Brand/>
            </a>
            <nav class="nav" aria-label="Main">
                <Place href="/" label="Overview" icon="gauge" exact=true/>
                <Place href="/approvals" label="Approvals" icon="stamp" tail=due/>
                <Place href="/deployments" label="Deployments" icon="git-pull-request-arrow" tail=busy/>
                <Place href="/incidents" label="Incidents" icon="siren"/>
            </nav>
            <nav class="nav" aria-label="Inventory">
                <Place href="/agents" label="Registry" icon="table-2" tail=agents/>
                <Place href="/identities" label="Identities" icon="fingerprint"/>
                <Place href="/resources" label="Resources" icon="lock"/>
                <Place href="/connections" label="Connections" icon="webhook"/>
                <Place href="/policies" label="Policies" icon="scale"/>
                <Place href="/waivers" label="Waivers" icon="shield-alert"/>
            </nav>
            <nav class="nav" aria-label="Assurance">
                <Place href="/audit" label="Audit trail" icon="scroll-text"/>
                <Place href="/compliance" label="Compliance" icon="folder-check"/>
                <Place href="/reviews" label="Access reviews" icon="users"/>
                <Place href="/findings" label="Findings" icon="triangle-alert" tail=findings/>
                <Place href="/engines" label="Engines" icon="cpu"/>
            </nav>
            <nav class="nav" aria-label="Administration">
                <Place href="/notifications" label="Notifications" icon="send"/>
                <Place href="/elevations" label="Elevations" icon="key-round"/>
                <Place href="/settings" label="Settings" icon="settings"/>
            </nav>
            <div class="side__foot">
                <Chain chain=frame.chain.clone() now=viewer.now()/>
                <ThemeSwitch theme=theme/>
            </div>
        </aside>
    }
}

fn number(value: u64) -> Option<AnyView> {
    Some(view! { <span class="count">{count(value)}</span> }.into_any())
}

/// One place.
#[component]
fn Place(
    href: &'static str,
    label: &'static str,
    icon: &'static str,
    /// Only this page, not those below it.
    #[prop(optional)]
    exact: bool,
    #[prop(optional)] tail: Option<Option<AnyView>>,
) -> impl IntoView {
    view! {
        <A href=href exact=exact attr:title=label>
            <Icon name=icon/>
            <span class="lbl">{label}</span>
            {tail.flatten()}
        </A>
    }
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
#[component]
fn ThemeSwitch(theme: Theme) -> impl IntoView {
    let choices: Vec<_> = Theme::ALL
        .iter()
        .map(|choice| {
            let label = match choice {
                Theme::System => "Auto",
                Theme::Light => "Light",
                Theme::Dark => "Dark",
            };
            let pressed = if *choice == theme { "true" } else { "false" };
            view! { <button type="submit" name="theme" value=choice.as_str() aria-pressed=pressed>{label}</button> }
        })
        .collect();
    view! {
        <form class="seg" method="post" action="/theme" aria-label="Theme">
            {choices}
        </form>
    }
}
