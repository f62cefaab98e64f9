//! "What waits for me, and which first?" No bulk approve, and no approve in the row: deciding needs the review.

use domain::approval::ApprovalState;
use domain::form::query::ApprovalQuery;
use domain::name::SLUG_MAX;
use domain::view::approval::{ApprovalRow, Inbox};
use domain::view::break_glass::PostReviewRow;
use leptos::prelude::*;

use crate::error::UiError;
use crate::format::{Now, address, count, length};
use crate::islands::Newer;
use crate::pages::post_reviews::status;
use crate::rpc::approvals::list_approvals;
use crate::rpc::break_glass::open_post_reviews;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// The inbox.
#[component]
pub(crate) fn ApprovalsPage() -> impl IntoView {
    let query = ApprovalQuery {
        agent: asked("agent"),
        state: asked("state"),
        cursor: asked("cursor"),
        limit: None,
    };
    load(read(query.clone()), move |(inbox, owed), viewer| {
        body(inbox, owed, &query, &viewer)
    })
}

async fn read(query: ApprovalQuery) -> Result<(Inbox, Vec<PostReviewRow>), UiError> {
    Ok((list_approvals(query).await?, open_post_reviews().await?))
}

/// The states that the history can be narrowed to.
const STATES: [ApprovalState; 9] = [
    ApprovalState::Open,
    ApprovalState::Approved,
    ApprovalState::Consumed,
    ApprovalState::Rejected,
    ApprovalState::Expired,
    ApprovalState::ExpiredUnused,
    ApprovalState::Withdrawn,
    ApprovalState::Revoked,
    ApprovalState::Stale,
];

/// The form of filters; what it says is in the address.
fn filters(query: &ApprovalQuery) -> AnyView {
    let mut states = vec![(String::new(), "Every state".to_owned())];
    let known = STATES.into_iter();
    states.extend(known.map(|state| (state.as_str().to_owned(), state.label().to_owned())));
    let narrowed = !(query.agent.is_empty() && query.state.is_empty());
    let all =
        narrowed.then(|| view! { <a class="btn btn--quiet" href="/approvals">"Show all"</a> });
    view! {
        <form class="filters" method="get" action="/approvals" role="search" aria-label="Filter approvals">
            <Field name="agent" label="Agent" form="filter" value=query.agent.clone() max=SLUG_MAX autocomplete="off" plain=true/>
            <Select name="state" label="State" form="filter" options=states value=query.state.clone() plain=true/>
            <Submit label="Filter"/>
            {all}
        </form>
    }
    .into_any()
}

fn body(inbox: Inbox, owed: Vec<PostReviewRow>, query: &ApprovalQuery, viewer: &Viewer) -> AnyView {
    let now = viewer.now();
    let paged = !query.cursor.is_empty();
    let here = address(
        "/approvals",
        &[("agent", &query.agent), ("state", &query.state)],
    );
    view! {
        <PageHead
            title="Approvals"
            sub="Soonest to expire first. You decide on the review page, after seeing the difference; there is no bulk approve."
                .into_any()
        />
        <Live on="approval"/>
        <Newer one="newer request".to_owned() many="newer requests".to_owned()/>
        {post_reviews(owed, now)}
        {filters(query)}
        {yours(inbox.yours, inbox.others.len(), now)}
        {others(inbox.others, now)}
        {decided(inbox.decided, inbox.next, here, paged, now)}
    }
    .into_any()
}

fn yours(rows: Vec<ApprovalRow>, others: usize, now: Now) -> AnyView {
    let note = count(length(&rows));
    let content = if rows.is_empty() {
        let text = match others {
            0 => "Nothing waits for others either. A promotion to production asks here.".to_owned(),
            1 => "1 approval waits for others.".to_owned(),
            n => format!("{n} approvals wait for others."),
        };
        view! {
            <Empty icon="inbox" title="Nothing waits for you">
                <p class="soft">{text}</p>
            </Empty>
        }
        .into_any()
    } else {
        let items: Vec<_> = rows.into_iter().map(|row| request(row, now)).collect();
        view! { <ul class="panel reqs">{items}</ul> }.into_any()
    };
    view! {
        <Section title="Waiting for you" id="yours" note=note>
            {content}
        </Section>
    }
    .into_any()
}

/// Open post-reviews, with what being late costs. Above the approvals, because a late one holds those up.
fn post_reviews(rows: Vec<PostReviewRow>, now: Now) -> AnyView {
    if rows.is_empty() {
        return ().into_any();
    }
    let items: Vec<_> = rows.into_iter().map(|row| owed(row, now)).collect();
    view! {
        <Section
            title="Post-reviews"
            id="post-reviews"
            note="Went on without approval. A late review holds up every promotion of its team."
        >
            <ul class="panel reqs">{items}</ul>
        </Section>
    }
    .into_any()
}

fn owed(row: PostReviewRow, now: Now) -> AnyView {
    let href = format!("/post-reviews/{}", row.number);
    let go = if row.excluded.is_none() {
        "Review"
    } else {
        "Read only"
    };
    let why = row.excluded.map(|rule| {
        view! {
            <span>
                <Icon name="ban"/>
                {rule.message()}
            </span>
        }
    });
    view! {
        <li class="req">
            <div class="req__t">
                <a class="plain strong" href=href.clone()>{format!("{} v{}", row.agent, row.version)}</a>
                <span class="tag">{format!("PR-{}", row.number)}</span>
                <span class="tag">{format!("#{}", row.deployment)}</span>
            </div>
            <div class="req__m">
                {status(row.state, false)}
                <span class="sub">{row.team}</span>
            </div>
            <div class="req__m">
                <span class="vh">"Due "</span>
                <TimeCell at=row.due_at now=now/>
            </div>
            <div class="req__go">
                <a class="btn btn--sm" href=href>
                    {go}
                    <span class="vh">{format!(" PR-{}", row.number)}</span>
                </a>
            </div>
            <div class="req__c">
                {why}
                <span class="wrap">
                    <Icon name="siren"/>
                    {format!("{}: “{}”", row.broken_by, row.reason)}
                </span>
            </div>
        </li>
    }
    .into_any()
}

fn others(rows: Vec<ApprovalRow>, now: Now) -> AnyView {
    if rows.is_empty() {
        return ().into_any();
    }
    let items: Vec<_> = rows.into_iter().map(|row| request(row, now)).collect();
    view! {
        <Section title="You cannot decide these" id="others" note="Open, in teams you can see, but a rule excludes you">
            <ul class="panel reqs">{items}</ul>
        </Section>
    }
    .into_any()
}

/// One open request: what, how many approvals, until when.
fn request(row: ApprovalRow, now: Now) -> AnyView {
    let href = format!("/approvals/{}", row.number);
    let hidden = format!(" #{}", row.number);
    let go = if row.excluded.is_none() {
        "Review"
    } else {
        "Read only"
    };
    let against = row.live_version.as_ref().map_or_else(
        || "first version in production".to_owned(),
        |live| format!("replaces v{live}"),
    );
    let round = (row.round > 1)
        .then(|| view! { <span class="tag">{format!("round {}", row.round)}</span> });
    let chips = match row.excluded {
        Some(rule) => view! {
            <span>
                <Icon name="ban"/>
                {rule.message()}
            </span>
        }
        .into_any(),
        None => changes(&row.changes),
    };
    view! {
        <li class="req" id=format!("a{}", row.number) data-row=row.number.to_string()>
            <div class="req__t">
                <a class="plain strong" href=href.clone()>{format!("{} v{}", row.agent, row.version)}</a>
                <Icon name="arrow-right" small=true/>
                <span>"production"</span>
                <span class="tag">{format!("#{}", row.number)}</span>
                {round}
            </div>
            <div class="req__m">
                {pips(row.approvals, row.quorum)}
                {format!("{} of {}", row.approvals, row.quorum)}
                <span class="sub">{row.team}</span>
            </div>
            <div class="req__m">
                <span class="vh">"Expires "</span>
                <TimeCell at=row.expires_at now=now/>
            </div>
            <div class="req__go">
                <a class="btn btn--sm" href=href>
                    {go}
                    <span class="vh">{hidden}</span>
                </a>
            </div>
            <div class="req__c">
                {chips}
                <span>
                    <Icon name="history"/>
                    {against}
                </span>
            </div>
        </li>
    }
    .into_any()
}

/// "2 scopes added, 3 files" as marks, added scopes in red.
fn changes(text: &str) -> AnyView {
    let chips: Vec<_> = text
        .split(", ")
        .map(|part| {
            let (class, icon) = if part.contains("scope") {
                ("added", "plus")
            } else if part.contains("config") {
                ("", "sliders-horizontal")
            } else if part.contains("file") {
                ("", "git-commit-horizontal")
            } else {
                ("", "circle")
            };
            view! {
                <span class=class>
                    <Icon name=icon/>
                    {part.to_owned()}
                </span>
            }
        })
        .collect();
    chips.into_any()
}

/// One dot for each approval that is needed. Decoration: the words stand beside it.
pub(super) fn pips(given: u32, needed: u32) -> AnyView {
    let dots: Vec<_> = (0..needed.min(12))
        .map(|at| view! { <i class:y=at < given></i> })
        .collect();
    view! {
        <span class="pips" aria-hidden="true">
            {dots}
        </span>
    }
    .into_any()
}

fn decided(
    rows: Vec<ApprovalRow>,
    next: Option<String>,
    here: String,
    paged: bool,
    now: Now,
) -> AnyView {
    let content = if rows.is_empty() {
        view! { <p class="soft">"Nothing was decided, or nothing that these filters let through."</p> }.into_any()
    } else {
        let rows: Vec<_> = rows.into_iter().map(|row| line(row, now)).collect();
        view! {
            <Table
                caption="Decided approvals, newest first"
                heads=&["Approval", "Outcome", "Deployment", "What changed", "Approvals", "Team", "Asked, UTC"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <Section title="Decided" id="decided" note="Newest first">
            {content}
            <Pager next=next here=here paged=paged/>
        </Section>
    }
    .into_any()
}

fn line(row: ApprovalRow, now: Now) -> AnyView {
    view! {
        <tr>
            <th scope="row">
                <a class="plain" href=format!("/approvals/{}", row.number)>
                    {format!("#{}", row.number)}
                </a>
            </th>
            <td class="first">
                <Status tone=row.state.tone() label=row.state.label()/>
            </td>
            <td data-label="Deployment">
                <a href=format!("/deployments/{}", row.number)>{format!("{} v{}", row.agent, row.version)}</a>
            </td>
            <td data-label="What changed" class="soft">{row.changes}</td>
            <td data-label="Approvals">{format!("{} of {}", row.approvals, row.quorum)}</td>
            <td data-label="Team">{row.team}</td>
            <td data-label="Asked, UTC">
                <TimeCell at=row.requested_at now=now/>
            </td>
        </tr>
    }
    .into_any()
}
