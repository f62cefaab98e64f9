//! "Who did what, on what authority, and can I prove it?"

use domain::form::query::AuditQuery;
use domain::tone::Tone;
use domain::view::audit::{AuditRow, Trail};
use domain::view::session::{ChainState, Witnessed};
use leptos::prelude::*;

use super::{filters, keepers, object, place, query, there, verify, what, who};
use crate::format::{Now, address, counted};
use crate::islands::Newer;
use crate::pages::find::search;
use crate::pages::views::{self, Here};
use crate::rpc::audit::{Explored, explore};
use crate::session::Viewer;
use crate::ui::field::FormProblem;
use crate::ui::prelude::*;

/// The trail, filtered by the address.
#[component]
pub(crate) fn AuditPage() -> impl IntoView {
    let (query, chosen) = (query(), asked("view"));
    load(explore(query.clone()), move |found, viewer| {
        body(found, &query, &chosen, &viewer)
    })
}

fn body(found: Explored, query: &AuditQuery, chosen: &str, viewer: &Viewer) -> AnyView {
    let now = viewer.now();
    let Explored { trail, views } = found;
    let (trail, wrong) = match trail {
        Ok(trail) => (Some(trail), None),
        Err(wrong) => (None, Some(wrong)),
    };
    let head = trail.as_ref().map(|trail| {
        view! {
            {chain(&trail.chain, now)}
            {witnessed(trail.chain.witnessed.as_ref(), now)}
        }
    });
    let list = trail.as_ref().map(|trail| list(trail, query, now));
    let foot = trail.as_ref().map(|trail| {
        view! {
            {keepers::table(&trail.keepers, now)}
            {verify::panel(trail)}
        }
    });
    view! {
        <PageHead
            title="Audit trail"
            sub="Who decided what, when, and on what evidence. Rows are never changed or deleted.".into_any()
        />
        {head}
        {views::links(&views)}
        {filters::form(query, FormProblem::new(wrong))}
        {filters::narrowed(query)}
        {list}
        {views::panel(&views, &Here::Trail(query), chosen)}
        {search("", FormProblem::default())}
        {foot}
    }
    .into_any()
}

/// The events, and the ways on and out.
fn list(trail: &Trail, query: &AuditQuery, now: Now) -> AnyView {
    let content = if trail.rows.is_empty() && trail.next.is_none() {
        filters::nothing(trail, query)
    } else if trail.rows.is_empty() {
        ().into_any()
    } else {
        let rows: Vec<_> = trail.rows.iter().map(|row| line(row, query, now)).collect();
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
    let lines = |format: &str| {
        let mut words = query.filters();
        words.push(("format", format));
        address("/api/v1/audit/lines", &words)
    };
    let taken = (!trail.rows.is_empty()).then(|| {
        view! {
            <p class="hint">
                "Take these lines away, up to 10,000: "
                <a rel="external" download="" href=lines("csv")>"CSV"</a>
                ", "
                <a rel="external" download="" href=lines("json")>"JSON"</a>
            </p>
        }
    });
    view! {
        <Live on="audit"/>
        <Newer one="newer event".to_owned() many="newer events".to_owned()/>
        {content}
        {filters::looked(trail)}
        <Pager next=trail.next.clone() here=place("/audit", query) paged=!query.cursor.is_empty()/>
        {taken}
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

fn line(row: &AuditRow, query: &AuditQuery, now: Now) -> AnyView {
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
    let href = there(&format!("/audit/{}", row.index), query);
    view! {
        <tr id=format!("e{}", row.index) data-row=row.index.to_string()>
            <th scope="row" class="num">
                <a class="plain mono" href=href>{row.index.to_string()}</a>
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
