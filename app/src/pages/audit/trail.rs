//! "Who did what, on what authority, and can I prove it?"

use domain::event::AuditAction;
use domain::form::query::AuditQuery;
use domain::tone::Tone;
use domain::view::audit::{AuditRow, Trail};
use domain::view::session::{ChainState, Witnessed};
use leptos::prelude::*;

use super::{keepers, object, verify, what, who};
use crate::format::{Now, address, counted};
use crate::islands::Newer;
use crate::rpc::audit::list_events;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// The trail, filtered by the address.
#[component]
pub(crate) fn AuditPage() -> impl IntoView {
    let query = AuditQuery {
        agent: asked("agent"),
        deployment: asked("deployment"),
        action: asked("action"),
        actor: asked("actor"),
        cursor: asked("cursor"),
        limit: None,
    };
    load(list_events(query.clone()), move |trail, viewer| {
        body(trail, &query, &viewer)
    })
}

fn filtered(query: &AuditQuery) -> bool {
    [&query.agent, &query.deployment, &query.action, &query.actor]
        .iter()
        .any(|word| !word.is_empty())
}

fn body(trail: Trail, query: &AuditQuery, viewer: &Viewer) -> AnyView {
    let now = viewer.now();
    let here = address(
        "/audit",
        &[
            ("agent", &query.agent),
            ("deployment", &query.deployment),
            ("action", &query.action),
            ("actor", &query.actor),
        ],
    );
    let content = if trail.rows.is_empty() {
        nothing(filtered(query))
    } else {
        let rows: Vec<_> = trail.rows.iter().map(|row| line(row, now)).collect();
        view! {
            <Table
                caption="Events, newest first"
                heads=&["#Event", "Time, UTC", "Who", "What", "On", "Agent", "Under"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <PageHead
            title="Audit trail"
            sub="Who decided what, when, and on what evidence. Rows are never changed or deleted.".into_any()
        />
        {chain(&trail.chain, now)}
        {witnessed(trail.chain.witnessed.as_ref(), now)}
        <Filters query=query.clone()/>
        <Live on="audit"/>
        <Newer one="newer event".to_owned() many="newer events".to_owned()/>
        {content}
        <Pager next=trail.next.clone() here=here paged=!query.cursor.is_empty()/>
        {keepers::table(&trail.keepers, now)}
        {verify::panel(&trail)}
    }
    .into_any()
}

/// Whole up to where, signed up to where; or where it broke, and what to do.
fn chain(chain: &ChainState, now: Now) -> AnyView {
    let newest = chain.size.saturating_sub(1);
    if !chain.intact {
        let at = chain
            .broken_at
            .map_or_else(String::new, |at| format!(" at {at}"));
        return view! {
            <NoticeBar tone=Tone::Bad>
                <p>
                    <b>{format!("Chain broken{at}. ")}</b>
                    "Events were lost or changed. Stop Clearance, keep a copy of its data as it is, and compare it with an earlier export."
                </p>
            </NoticeBar>
        }
        .into_any();
    }
    if chain.size == 0 {
        return ().into_any();
    }
    let unsigned = chain.size.saturating_sub(chain.checkpoint_size);
    let unsigned = if unsigned == 0 {
        " All events are signed.".to_owned()
    } else {
        format!(
            " {} not signed yet.",
            counted(unsigned, "newer event is", "newer events are")
        )
    };
    let signed = match &chain.checkpoint_at {
        Some(at) => view! {
            {format!(" Checkpoint over {} signed ", counted(chain.checkpoint_size, "event", "events"))}
            <Time at=at.clone() now=now ago=true/>
            "."
            {unsigned}
        }
        .into_any(),
        None => " No checkpoint is signed yet: the first one comes within a minute.".into_any(),
    };
    view! {
        <NoticeBar tone=Tone::Ok icon="link">
            <p>
                <b>"Chain intact"</b>
                {format!(", 0 to {newest}.")}
                {signed}
                " "
                <a rel="external" href="#verify">"Verify it yourself"</a>
            </p>
        </NoticeBar>
    }
    .into_any()
}

/// Who outside has seen the log, and how far; or since when too few of them have.
fn witnessed(witnessed: Option<&Witnessed>, now: Now) -> AnyView {
    let Some(found) = witnessed else {
        return ().into_any();
    };
    let seen = match &found.at {
        Some(at) => view! {
            {format!(
                "Witnessed by {} of {} up to event {}, ",
                found.by,
                found.of,
                found.size.saturating_sub(1),
            )}
            <Time at=at.clone() now=now ago=true/>
            "."
        }
        .into_any(),
        None => format!(
            "Not witnessed yet: it takes {} of {} witnesses.",
            found.quorum, found.of
        )
        .into_any(),
    };
    match found.late_since.clone() {
        None => view! {
            <NoticeBar tone=Tone::Ok icon="eye">
                <p>{seen}</p>
            </NoticeBar>
        }
        .into_any(),
        Some(since) => view! {
            <NoticeBar tone=Tone::Bad>
                <p>
                    <b>
                        "Too few witnesses since " <Time at=since now=now/> ". "
                    </b>
                    {seen}
                    " Work goes on, but what is newer could still be rewritten unseen by whoever has the signing key. "
                    <a rel="external" href="#keepers">"See which witness does not answer"</a>
                </p>
            </NoticeBar>
        }
        .into_any(),
    }
}

#[component]
fn Filters(query: AuditQuery) -> impl IntoView {
    let clear = filtered(&query);
    let mut actions = vec![(String::new(), "All events".to_owned())];
    actions.extend(
        AuditAction::ALL
            .iter()
            .map(|action| (action.as_str().to_owned(), action.label().to_owned())),
    );
    view! {
        <form class="filters" method="get" action="/audit" aria-label="Filters">
            <Field name="actor" label="Who" kind="search" value=query.actor max=200 plain=true/>
            <Select name="action" label="What" options=actions value=query.action plain=true/>
            <Field name="agent" label="Agent" kind="search" value=query.agent max=48 plain=true/>
            <Field name="deployment" label="Deployment" kind="search" value=query.deployment max=20 plain=true/>
            <button class="btn" type="submit">
                <Icon name="list-filter"/>
                "Apply"
            </button>
            {clear.then(|| view! { <a href="/audit">"Clear filters"</a> })}
        </form>
    }
}

fn nothing(filtered: bool) -> AnyView {
    if filtered {
        view! {
            <Empty icon="search" title="No event matches these filters">
                <p class="soft">"The agent must be written in full, the deployment as its number."</p>
                <LinkButton href="/audit" label="Clear filters"/>
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <Empty icon="scroll-text" title="No event yet">
                <p class="soft">"Everything that Clearance or a person does is written here, also what was refused."</p>
            </Empty>
        }
        .into_any()
    }
}

fn line(row: &AuditRow, now: Now) -> AnyView {
    let agent = match &row.agent {
        Some(slug) => view! { <a href=format!("/agents/{slug}")>{slug.clone()}</a> }.into_any(),
        None => view! { <span class="muted">"None"</span> }.into_any(),
    };
    let under = match row.deployment {
        Some(number) => {
            view! { <a href=format!("/deployments/{number}")>{format!("#{number}")}</a> }.into_any()
        }
        None => view! { <span class="muted">"None"</span> }.into_any(),
    };
    view! {
        <tr id=format!("e{}", row.index) data-row=row.index.to_string()>
            <th scope="row" class="num">
                <a class="plain mono" href=format!("/audit/{}", row.index)>{row.index.to_string()}</a>
            </th>
            <td data-label="Time, UTC" class="nowrap">
                <span class="mono">
                    <TimeExact at=row.time.clone() now=now/>
                </span>
            </td>
            <td data-label="Who">{who(row)}</td>
            <td class="first" data-label="What">{what(row)}</td>
            <td data-label="On">{object(row)}</td>
            <td data-label="Agent">{agent}</td>
            <td data-label="Under">{under}</td>
        </tr>
    }
    .into_any()
}
