//! "What can be done now, and by whom?"

use domain::form::query::ScopeQuery;
use domain::name::resource_of;
use domain::view::identity::ScopeRow;
use domain::view::page::Page;
use leptos::prelude::*;

use crate::format::{address, count};
use crate::rpc::identities::list_scopes;
use crate::ui::prelude::*;

/// The scopes that identities can use now, by name.
#[component]
pub(crate) fn ScopesPage() -> impl IntoView {
    let query = ScopeQuery {
        q: asked("q"),
        cursor: asked("cursor"),
        limit: None,
    };
    load(list_scopes(query.clone()), move |page, _| {
        body(page, &query)
    })
}

fn body(page: Page<ScopeRow>, query: &ScopeQuery) -> AnyView {
    let (q, paged) = (query.q.clone(), !query.cursor.is_empty());
    let here = address("/scopes", &[("q", &query.q)]);
    let content = if page.rows.is_empty() {
        nothing(&query.q)
    } else {
        let rows: Vec<_> = page.rows.iter().map(line).collect();
        view! {
            <Table
                caption="Scopes in use, by name"
                heads=&["Scope", "#Identities", "Resource"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    let sub = "What agents may do now, over all identities that can act. Each scope was in the manifest of a version, and was approved with it.";
    view! {
        <PageHead title="Scopes" sub=sub.into_any()/>
        <Live on="audit"/>
        <form class="filters" method="get" action="/scopes" aria-label="Filters">
            <Field name="q" label="Scope begins with" kind="search" value=q max=100 plain=true/>
            <button class="btn" type="submit">
                <Icon name="list-filter"/>
                "Apply"
            </button>
        </form>
        {content}
        <Pager next=page.next here=here paged=paged/>
    }
    .into_any()
}

fn line(row: &ScopeRow) -> AnyView {
    let who = address("/identities", &[("state", "usable"), ("scope", &row.scope)]);
    let resource = resource_of(&row.scope).to_owned();
    view! {
        <tr>
            <th scope="row" class="wide">
                <a class="plain" href=who.clone()>
                    <code>{row.scope.clone()}</code>
                </a>
            </th>
            <td class="num" data-label="Identities">
                <a href=who>{count(row.identities)}</a>
            </td>
            <td data-label="Resource">
                <a href=format!("/resources/{resource}")>{resource.clone()}</a>
            </td>
        </tr>
    }
    .into_any()
}

fn nothing(q: &str) -> AnyView {
    if q.is_empty() {
        view! {
            <Empty icon="lock" title="No scope can be used now">
                <p class="soft">"A scope is used by an identity, which is made when a version is deployed and ends with its deployment."</p>
                <LinkButton href="/identities?state=any" label="Show all identities"/>
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <Empty icon="search" title="No scope that can be used now begins so">
                <p class="soft">"Scopes are written resource:verb, in lower case."</p>
                <LinkButton href="/scopes" label="Show all scopes"/>
            </Empty>
        }
        .into_any()
    }
}
