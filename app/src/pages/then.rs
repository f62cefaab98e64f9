//! "What was it like on that day?" The registry, an agent, an identity and the policy as the audit log tells of a moment.

mod agent;
mod agents;
mod identity;
mod policy;

use domain::tone::Tone;
use domain::view::history::{Moment, Told};
use leptos::prelude::*;

pub(crate) use agent::agent_then;
pub(crate) use agents::agents_then;
pub(crate) use identity::identity_then;
pub(crate) use policy::policy_then;

use crate::format::{Now, count};
use crate::ui::prelude::*;

/// Which moment is shown, from what, and the way to another one and back to now.
fn moment(found: &Moment, here: &str, now: Now) -> AnyView {
    let events = format!("the first {} events of the ", count(found.events));
    let (at, form, here) = (found.at.clone(), ask(here, &found.at), here.to_owned());
    view! {
        <NoticeBar tone=Tone::Wait icon="history">
            <p>
                "As it was at " <Time at=at now=now/> ", told by " {events} <a href="/audit">"audit log"</a>
                ". Names, roles and rights are those of today. " <a href=here>"Show now"</a>
            </p>
        </NoticeBar>
        {form}
    }
    .into_any()
}

/// The way to what was, from a page that shows what is.
pub(crate) fn at_another_time(here: &str) -> AnyView {
    let form = ask(here, "");
    view! {
        <Section title="At another time" id="then">
            {form}
        </Section>
    }
    .into_any()
}

/// The form for a moment.
fn ask(here: &str, value: &str) -> AnyView {
    // An input of this kind takes a time to the minute, without a zone; ours are UTC.
    let value = value.get(..16).unwrap_or_default().to_owned();
    view! {
        <form class="filters" method="get" action=here.to_owned() aria-label="Moment">
            <Field name="as_of" label="As of, UTC" kind="datetime-local" value=value plain=true/>
            <button class="btn" type="submit">
                <Icon name="history"/>
                "Show"
            </button>
        </form>
    }
    .into_any()
}

/// When, with the event that tells it.
fn told(found: &Told, now: Now) -> AnyView {
    let (at, href) = (found.at.clone(), format!("/audit/{}", found.event));
    let label = format!("event {}", found.event);
    view! {
        <Time at=at now=now/>
        " ("
        <a href=href>{label}</a>
        ")"
    }
    .into_any()
}
