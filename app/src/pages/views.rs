//! Saved views: filters under a name, one's own and those that others share.

use domain::form::query::{AgentQuery, AuditQuery, Facet};
use domain::form::saved_view::{NAME_MAX, REGISTRY};
use domain::view::saved_view::{SavedView, SavedViews};
use leptos::prelude::*;

use crate::format::address;
use crate::rpc::saved_views::{ChangeView, RemoveView, SaveView};
use crate::ui::prelude::*;

/// What is narrowed now, and may be kept.
pub(crate) enum Here<'a> {
    Trail(&'a AuditQuery),
    Registry(&'a AgentQuery),
}

impl Here<'_> {
    const fn page(&self) -> &'static str {
        match self {
            Self::Trail(_) => "/audit",
            Self::Registry(_) => "/agents",
        }
    }

    /// Empty for the trail.
    const fn of(&self) -> &'static str {
        match self {
            Self::Trail(_) => "",
            Self::Registry(_) => REGISTRY,
        }
    }

    /// Who finds a view that is shared.
    const fn readers(&self) -> &'static str {
        match self {
            Self::Trail(_) => "Everybody who reads the trail",
            Self::Registry(_) => "Everybody who reads the registry",
        }
    }

    fn address(&self, more: &[(&'static str, &str)]) -> String {
        let mut parts = self.parts();
        parts.extend(more);
        address(self.page(), &parts)
    }

    /// The filters, as they stand in an address.
    fn parts(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::Trail(query) => query.filters(),
            Self::Registry(query) => query.parts(),
        }
    }

    /// The filters, as the form of a server function reads a struct within its own.
    fn fields(&self) -> Vec<(String, String)> {
        match self {
            Self::Trail(query) => {
                let all = query.filters().into_iter();
                all.map(|(name, text)| (format!("form[filters][{name}]"), text.to_owned()))
                    .collect()
            }
            Self::Registry(query) => registry_fields(query, "form[agents]"),
        }
    }
}

/// The filters of the registry, as the form of a server function reads them in its field of this name.
pub(crate) fn registry_fields(query: &AgentQuery, within: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for (name, text) in query.parts() {
        let several = name == "column" || Facet::ALL.iter().any(|facet| facet.as_str() == name);
        let before = format!("{within}[{name}]");
        let at = fields
            .iter()
            .filter(|(known, _)| known.starts_with(&before))
            .count();
        let name = if several {
            format!("{before}[{at}]")
        } else {
            before
        };
        fields.push((name, text.to_owned()));
    }
    fields
}

/// The list that a view shows.
fn place(view: &SavedView) -> String {
    match &view.agents {
        Some(query) => Here::Registry(query),
        None => Here::Trail(&view.filters),
    }
    .address(&[])
}

const FIELDS: &[(&str, &str)] = &[("name", "Name"), ("filters", "Filters")];

/// Links to each of them, above the list.
pub(crate) fn links(views: &SavedViews) -> AnyView {
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
    let href = place(one);
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
pub(crate) fn panel(views: &SavedViews, here: &Here<'_>, chosen: &str) -> AnyView {
    let keeps = views.can_save && !here.parts().is_empty();
    let save = keeps.then(|| save(here));
    let mut all = views.own.iter().chain(&views.shared);
    let chosen = all
        .find(|one| one.id == chosen && one.can_remove)
        .map(|one| change(one, here, views.own.iter().any(|own| own.id == one.id)));
    let hint = (save.is_none() && views.own.is_empty() && views.shared.is_empty()).then(|| {
        view! { <p class="soft">"Narrow the list, and keep its filters here under a name."</p> }
    });
    let list = list(views, here);
    view! {
        <Panel title="Saved views" id="views">
            <div class="panel__b stack stack--3">{hint} {list} {chosen} {save}</div>
        </Panel>
    }
    .into_any()
}

fn list(views: &SavedViews, here: &Here<'_>) -> Option<AnyView> {
    let own = views.own.iter().map(|one| line(one, true, here));
    let shared = views.shared.iter().map(|one| line(one, false, here));
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

fn line(one: &SavedView, own: bool, here: &Here<'_>) -> AnyView {
    let href = place(one);
    let seen = if one.shared {
        here.readers()
    } else {
        "You alone"
    };
    let owner = if own {
        "You".to_owned()
    } else {
        one.owner.clone()
    };
    let change = one.can_remove.then(|| {
        let href = format!("{}#views", here.address(&[("view", &one.id)]));
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

fn save(here: &Here<'_>) -> AnyView {
    let error = refused::<SaveView>();
    let fields = here.fields().into_iter();
    let filters: Vec<_> = fields
        .map(|(name, text)| view! { <input type="hidden" name=name value=text/> })
        .collect();
    let finds = format!(
        "{} finds it, with its name and its filters. Each sees what they may see.",
        here.readers()
    );
    view! {
        <FormError error=error fields=FIELDS form="save"/>
        <Post to={url::<SaveView>()}>
            <div class="form">
                {filters}
                <Field name="name" label="Keep these filters as" form="save" error=error required=true max=NAME_MAX autocomplete="off"/>
                <Check name="shared" value="yes" form="save">
                    {finds}
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
fn change(one: &SavedView, here: &Here<'_>, own: bool) -> AnyView {
    let (error, gone) = (refused::<ChangeView>(), refused::<RemoveView>());
    let (id, name, shared) = (one.id.clone(), one.name.clone(), one.shared);
    let (of, finds) = (here.of(), format!("{} finds it.", here.readers()));
    let rename = own.then(|| {
        view! {
            <FormError error=error fields=FIELDS form="change"/>
            <Post to={url::<ChangeView>()}>
                <div class="form">
                    <Hidden name="id" value=id/>
                    <Hidden name="of" value=of/>
                    <Field name="name" label="Name" form="change" error=error value=name required=true max=NAME_MAX autocomplete="off"/>
                    <Check name="shared" value="yes" form="change" checked=shared>
                        {finds}
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
            <Hidden name="of" value=of/>
            <Submit label=label busy_label="Removing…" icon="trash-2"/>
        </Post>
    }
    .into_any()
}
