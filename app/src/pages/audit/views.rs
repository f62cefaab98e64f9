//! Saved views: filters under a name, one's own and those that others share.

use domain::form::query::AuditQuery;
use domain::form::saved_view::NAME_MAX;
use domain::view::saved_view::{SavedView, SavedViews};
use leptos::prelude::*;

use super::place;
use crate::format::address;
use crate::rpc::saved_views::{ChangeView, RemoveView, SaveView};
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[("name", "Name"), ("filters", "Filters")];

/// Links to each of them, above the list.
pub(super) fn links(views: &SavedViews) -> AnyView {
    let all: Vec<_> = views.own.iter().chain(&views.shared).map(link).collect();
    if all.is_empty() {
        return ().into_any();
    }
    let links = all.into_iter().map(|link| view! { <li>{link}</li> });
    let links: Vec<_> = links.collect();
    view! {
        <nav aria-label="Saved views">
            <ul class="bar">{links}</ul>
        </nav>
    }
    .into_any()
}

fn link(one: &SavedView) -> AnyView {
    let href = place("/audit", &one.filters);
    let name = one.name.clone();
    view! {
        <a class="btn btn--sm" href=href>
            <Icon name="bookmark" small=true/>
            {name}
        </a>
    }
    .into_any()
}

/// Keeping the present filters, and what there is.
pub(super) fn panel(views: &SavedViews, query: &AuditQuery, chosen: &str) -> AnyView {
    let keeps = views.can_save && !query.filters().is_empty();
    let save = keeps.then(|| save(query));
    let mut all = views.own.iter().chain(&views.shared);
    let chosen = all
        .find(|one| one.id == chosen && one.can_remove)
        .map(|one| change(one, views.own.iter().any(|own| own.id == one.id)));
    let hint = (save.is_none() && views.own.is_empty() && views.shared.is_empty()).then(|| {
        view! { <p class="soft">"Narrow the list, and keep its filters here under a name."</p> }
    });
    let list = list(views, query);
    view! {
        <Panel title="Saved views" id="views">
            <div class="panel__b stack stack--3">{hint} {list} {chosen} {save}</div>
        </Panel>
    }
    .into_any()
}

fn list(views: &SavedViews, query: &AuditQuery) -> Option<AnyView> {
    let own = views.own.iter().map(|one| line(one, true, query));
    let shared = views.shared.iter().map(|one| line(one, false, query));
    let rows: Vec<_> = own.chain(shared).collect();
    (!rows.is_empty()).then(|| {
        view! {
            <Table caption="Saved views" heads=&["Name", "Of", "Seen by", ""] class="tbl--stack">
                {rows}
            </Table>
        }
        .into_any()
    })
}

fn line(one: &SavedView, own: bool, query: &AuditQuery) -> AnyView {
    let href = place("/audit", &one.filters);
    let seen = if one.shared {
        "Everybody who reads the trail"
    } else {
        "You alone"
    };
    let owner = if own {
        "You".to_owned()
    } else {
        one.owner.clone()
    };
    let change = one.can_remove.then(|| {
        let mut query = query.filters();
        query.push(("view", &one.id));
        let href = format!("{}#views", address("/audit", &query));
        let label = format!("Change {}", one.name);
        view! { <a rel="external" href=href>{label}</a> }
    });
    view! {
        <tr>
            <th scope="row" class="wide">
                <a class="plain" href=href>{one.name.clone()}</a>
            </th>
            <td data-label="Of">{owner}</td>
            <td data-label="Seen by">{seen}</td>
            <td>{change}</td>
        </tr>
    }
    .into_any()
}

fn save(query: &AuditQuery) -> AnyView {
    let error = refused::<SaveView>();
    // The form of a server function reads a struct within its own like this.
    let filters: Vec<_> = query
        .filters()
        .into_iter()
        .map(|(name, text)| {
            let (name, text) = (format!("form[filters][{name}]"), text.to_owned());
            view! { <input type="hidden" name=name value=text/> }
        })
        .collect();
    view! {
        <FormError error=error fields=FIELDS form="save"/>
        <Post to={url::<SaveView>()}>
            <div class="form">
                {filters}
                <Field name="name" label="Keep these filters as" form="save" error=error required=true max=NAME_MAX autocomplete="off"/>
                <Check name="shared" value="yes" form="save">
                    "Everybody who may read the audit trail finds it, with its name and its filters. Each sees what they may see."
                </Check>
                <div class="bar">
                    <Submit label="Save view" busy_label="Saving…" icon="bookmark"/>
                </div>
            </div>
        </Post>
    }
    .into_any()
}

/// Another name for one's own, and its end.
fn change(one: &SavedView, own: bool) -> AnyView {
    let (error, gone) = (refused::<ChangeView>(), refused::<RemoveView>());
    let (id, name, shared) = (one.id.clone(), one.name.clone(), one.shared);
    let rename = own.then(|| {
        view! {
            <FormError error=error fields=FIELDS form="change"/>
            <Post to={url::<ChangeView>()}>
                <div class="form">
                    <Hidden name="id" value=id/>
                    <Field name="name" label="Name" form="change" error=error value=name required=true max=NAME_MAX autocomplete="off"/>
                    <Check name="shared" value="yes" form="change" checked=shared>
                        "Everybody who may read the audit trail finds it."
                    </Check>
                    <div class="bar">
                        <Submit label="Change view" busy_label="Changing…"/>
                    </div>
                </div>
            </Post>
        }
    });
    let (id, label) = (one.id.clone(), format!("Remove {}", one.name));
    view! {
        {rename}
        <FormError error=gone form="remove"/>
        <Post to={url::<RemoveView>()}>
            <Hidden name="id" value=id/>
            <Submit label=label busy_label="Removing…" icon="trash-2"/>
        </Post>
    }
    .into_any()
}
