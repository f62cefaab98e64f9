//! "What did this agent do, and was it allowed to?" The log of an agent, and the parts that a resource's page shares.

use domain::access_event::Coverage;
use domain::form::query::AccessQuery;
use domain::tone::Tone;
use domain::view::access_event::AccessLine;
use domain::view::page::Page;
use leptos::prelude::*;

use crate::format::{Now, address};
use crate::rpc::access_events::agent_access;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// The acts of one agent.
#[component]
pub(crate) fn AgentAccessPage() -> impl IntoView {
    let slug = part("slug");
    let query = query();
    load(
        agent_access(slug.clone(), query.clone()),
        move |page, viewer| body(&slug, page, query, &viewer),
    )
}

/// The filters of the address.
pub(super) fn query() -> AccessQuery {
    AccessQuery {
        agent: asked("agent"),
        identity: asked("identity"),
        resource: asked("resource"),
        action: asked("action"),
        allowed: asked("allowed"),
        coverage: asked("coverage"),
        from: asked("from"),
        to: asked("to"),
        cursor: asked("cursor"),
        limit: None,
    }
}

/// The address of a log with its filters.
pub(super) fn here(place: &str, query: &AccessQuery) -> String {
    address(
        place,
        &[
            ("agent", &query.agent),
            ("identity", &query.identity),
            ("resource", &query.resource),
            ("action", &query.action),
            ("allowed", &query.allowed),
            ("coverage", &query.coverage),
            ("from", &query.from),
            ("to", &query.to),
        ],
    )
}

fn body(slug: &str, page: Page<AccessLine>, query: AccessQuery, viewer: &Viewer) -> AnyView {
    let place = format!("/agents/{slug}/access");
    let sub = view! {
        "What "
        <a href=format!("/agents/{slug}")>{slug.to_owned()}</a>
        " did, as resources and its own traces report it. Each line names the deployment and the approval behind it."
    };
    let first = view! {
        <Field name="resource" label="Resource" kind="search" value=query.resource.clone() max=100 plain=true/>
    };
    view! {
        <PageHead title=format!("Access of {slug}") sub=sub.into_any()/>
        {filters(&place, first.into_any(), &query)}
        {log(page, &query, &place, viewer.now())}
    }
    .into_any()
}

/// The filters of a log. What comes first is the page's own.
pub(super) fn filters(place: &str, first: AnyView, query: &AccessQuery) -> AnyView {
    let clear = query
        .is_narrowed()
        .then(|| view! { <a href=place.to_owned()>"Clear filters"</a> });
    let allowed = [("", "Both"), ("yes", "Allowed"), ("no", "Refused")];
    let allowed = allowed.map(|(word, label)| (word.to_owned(), label.to_owned()));
    let mut coverages = vec![(String::new(), "All".to_owned())];
    coverages.extend(
        Coverage::ALL
            .iter()
            .map(|one| (one.as_str().to_owned(), one.label().to_owned())),
    );
    let query = query.clone();
    view! {
        <form class="filters" method="get" action=place.to_owned() aria-label="Filters">
            {first}
            <Field name="action" label="Action" kind="search" value=query.action max=100 plain=true/>
            <Select name="allowed" label="Outcome" options=allowed.to_vec() value=query.allowed plain=true/>
            <Select name="coverage" label="Scope" options=coverages value=query.coverage plain=true/>
            <Field name="from" label="From" kind="date" value=query.from plain=true/>
            <Field name="to" label="To" kind="date" value=query.to plain=true/>
            <button class="btn" type="submit">
                <Icon name="list-filter"/>
                "Apply"
            </button>
            {clear}
        </form>
    }
    .into_any()
}

/// The lines with their pages.
pub(super) fn log(page: Page<AccessLine>, query: &AccessQuery, place: &str, now: Now) -> AnyView {
    if page.rows.is_empty() {
        return nothing(query.is_narrowed(), place);
    }
    let rows: Vec<_> = page.rows.into_iter().map(|row| line(row, now)).collect();
    let paged = !query.cursor.is_empty();
    view! {
        <Table
            caption="Access events, the newest act first"
            heads=&["When, UTC", "Outcome", "Did", "Scope", "Who, under what", "Reported by"]
            class="tbl--stack"
        >
            {rows}
        </Table>
        <Pager next=page.next here=here(place, query) paged=paged/>
    }
    .into_any()
}

fn nothing(narrowed: bool, place: &str) -> AnyView {
    if narrowed {
        let place = place.to_owned();
        view! {
            <Empty icon="search" title="No access event matches these filters">
                <p class="soft">"Names must be written in full, as scopes and the registry have them."</p>
                <LinkButton href=place label="Clear filters"/>
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <Empty icon="scroll-text" title="Nothing was reported yet">
                <p class="soft">
                    "Resources and gateways report what agents did with an API token of the scope access, agents with their own. An agent that sends traces reports its tools by them."
                </p>
            </Empty>
        }
        .into_any()
    }
}

/// Let happen or not, in words and colour.
fn outcome(allowed: bool) -> AnyView {
    let (tone, label) = if allowed {
        (Tone::Ok, "Allowed")
    } else {
        (Tone::Idle, "Refused")
    };
    view! { <Status tone=tone label=label/> }.into_any()
}

fn line(row: AccessLine, now: Now) -> AnyView {
    let (who, reporter) = (who(&row), row.reporter);
    let resource = format!("/resources/{}", row.resource);
    view! {
        <tr>
            <th scope="row">
                <TimeCell at=row.occurred_at now=now/>
            </th>
            <td class="first">{outcome(row.allowed)}</td>
            <td data-label="Did" class="wrap">
                <a class="plain" href=resource>{row.resource.clone()}</a>
                {format!(":{}", row.action)}
                {row.object.map(|object| view! { <span class="sub wrap">{object}</span> })}
            </td>
            <td data-label="Scope">
                <Status tone=row.coverage.tone() label=row.coverage.label()/>
            </td>
            <td data-label="Who" class="wrap">{who}</td>
            <td data-label="Reported by" class="wrap">
                {reporter}
                <span class="sub">{row.source.label()}</span>
            </td>
        </tr>
    }
    .into_any()
}

fn who(row: &AccessLine) -> AnyView {
    let Some(agent) = row.agent.clone() else {
        return view! {
            <code class="wrap">{row.identity.clone()}</code>
            <span class="sub">"Nobody that Clearance knows"</span>
        }
        .into_any();
    };
    let version = row.version.clone().unwrap_or_default();
    let deployment = row.deployment.map(|number| {
        view! { <a class="plain" href=format!("/deployments/{number}")>{format!("#{number}")}</a> }
    });
    let approval = row.approval.map(|number| {
        view! {
            ", approval "
            <a class="plain" href=format!("/approvals/{number}")>{format!("#{number}")}</a>
        }
    });
    let place = row
        .environment
        .map(|one| format!(" in {}", one.label().to_lowercase()));
    view! {
        <a class="plain" href=format!("/agents/{agent}")>{agent.clone()}</a>
        {format!(" v{version}")}
        {place}
        <span class="sub">
            <a class="plain" href=format!("/identities/{}", row.identity)>{row.identity.clone()}</a>
            ", deployment "
            {deployment}
            {approval}
        </span>
    }
    .into_any()
}
