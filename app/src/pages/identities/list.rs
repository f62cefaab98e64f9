//! "Which agents can act, on what, and how do I stop one?"

use domain::form::query::IdentityQuery;
use domain::identity::IdentityState;
use domain::view::identity::IdentityRow;
use domain::view::page::Page;
use domain::view::session::TeamRow;
use leptos::prelude::*;

use crate::error::UiError;
use crate::format::{Now, address, count};
use crate::rpc::identities::list_identities;
use crate::rpc::people::list_teams;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// Identities, filtered by the address; those that were not revoked unless asked otherwise.
#[component]
pub(crate) fn IdentitiesPage() -> impl IntoView {
    let query = IdentityQuery {
        state: asked("state"),
        agent: asked("agent"),
        team: asked("team"),
        scope: asked("scope"),
        cursor: asked("cursor"),
        limit: None,
    };
    load(read(query.clone()), move |(page, teams), viewer| {
        body(page, teams, query, &viewer)
    })
}

async fn read(query: IdentityQuery) -> Result<(Page<IdentityRow>, Vec<TeamRow>), UiError> {
    Ok((list_identities(query).await?, list_teams().await?))
}

fn body(
    page: Page<IdentityRow>,
    teams: Vec<TeamRow>,
    query: IdentityQuery,
    viewer: &Viewer,
) -> AnyView {
    let here = address("/identities", &query.filters());
    let (now, paged) = (viewer.now(), !query.cursor.is_empty());
    let content = if page.rows.is_empty() {
        nothing(!query.filters().is_empty())
    } else {
        let rows: Vec<_> = page.rows.into_iter().map(|row| line(row, now)).collect();
        view! {
            <Table
                caption="Agent identities, newest first"
                heads=&["Identity", "Status", "Agent", "Environment", "Deployment", "#Scopes", "Last used, UTC", "Key made, UTC"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    let sub = view! {
        "Every version of an agent acts under an identity of its own, with the "
        <a href="/scopes">"scopes"</a> " that were approved."
    };
    view! {
        <PageHead title="Identities" sub=sub.into_any()/>
        <Filters query=query teams=teams/>
        <Live on="audit"/>
        {content}
        <Pager next=page.next here=here paged=paged/>
    }
    .into_any()
}

#[component]
fn Filters(query: IdentityQuery, teams: Vec<TeamRow>) -> impl IntoView {
    let clear = !query.filters().is_empty();
    let mut owners = vec![(String::new(), "All teams".to_owned())];
    owners.extend(teams.into_iter().map(|team| (team.slug, team.name)));
    let mut states = vec![
        (String::new(), "Not revoked".to_owned()),
        ("any".to_owned(), "All states".to_owned()),
        ("usable".to_owned(), "Can act now".to_owned()),
    ];
    states.extend(
        IdentityState::ALL
            .iter()
            .map(|s| (s.as_str().to_owned(), s.label().to_owned())),
    );
    view! {
        <form class="filters" method="get" action="/identities" aria-label="Filters">
            <Field name="agent" label="Agent" kind="search" value=query.agent max=48 plain=true/>
            <Select name="team" label="Team" options=owners value=query.team plain=true/>
            <Select name="state" label="Status" options=states value=query.state plain=true/>
            <Field name="scope" label="Scope" kind="search" value=query.scope max=100 plain=true/>
            <button class="btn" type="submit">
                <Icon name="list-filter"/>
                "Apply"
            </button>
            {clear.then(|| view! { <a href="/identities">"Clear filters"</a> })}
        </form>
    }
}

fn nothing(filtered: bool) -> AnyView {
    if filtered {
        view! {
            <Empty icon="search" title="No identity matches these filters">
                <p class="soft">"Agent and scope must be written in full, as they stand in the lists."</p>
                <LinkButton href="/identities" label="Clear filters"/>
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <Empty icon="key-round" title="No agent can act">
                <p class="soft">"An identity is made when a version is deployed, and ends with its deployment."</p>
                <LinkButton href="/identities?state=any" label="Show those that were revoked"/>
            </Empty>
        }
        .into_any()
    }
}

fn line(row: IdentityRow, now: Now) -> AnyView {
    let place = format!("/identities/{}", row.client_id);
    let scopes = format!("{place}#scopes");
    let used = match row.last_used_at {
        Some(at) => view! { <TimeCell at=at now=now/> }.into_any(),
        None => view! { <span class="muted">"No call reported"</span> }.into_any(),
    };
    let approval = row
        .approval
        .map(|number| view! { <span class="sub">{format!("approval #{number}")}</span> });
    view! {
        <tr>
            <th scope="row" class="wide">
                <a class="plain" href=place>{row.client_id}</a>
            </th>
            <td class="first">
                <Status tone=row.state.tone() label=row.state.label()/>
            </td>
            <td data-label="Agent">
                <a class="plain" href=format!("/agents/{}", row.agent)>{row.agent.clone()}</a>
                <span class="sub">{row.team}</span>
            </td>
            <td data-label="Environment">{row.environment.label()}</td>
            <td data-label="Deployment">
                <a class="plain" href=format!("/deployments/{}", row.deployment)>
                    {format!("#{} v{}", row.deployment, row.version)}
                </a>
                {approval}
            </td>
            <td data-label="Scopes" class="num">
                <a class="plain" href=scopes>{count(row.scopes)}</a>
            </td>
            <td data-label="Last used, UTC">{used}</td>
            <td data-label="Key made, UTC">
                <TimeCell at=row.key_made_at now=now/>
            </td>
        </tr>
    }
    .into_any()
}
