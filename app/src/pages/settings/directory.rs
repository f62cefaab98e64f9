//! "Does our company's directory say who works here, and who left?"

use domain::form::directory::{DirectoryQuery, TOKEN_DAYS_MAX};
use domain::tone::Tone;
use domain::view::directory::{
    DirectoryGroupRow, DirectoryList, DirectoryPersonRow, DirectoryRow, DirectoryTokenRow,
};
use domain::view::page::Page;
use leptos::prelude::*;

use super::tokens::{self, HEADS, Life, life};
use crate::format::Now;
use crate::rpc::directories::{
    MakeDirectoryToken, RevokeDirectoryToken, list_directories, list_directory_groups,
    list_directory_people,
};
use crate::session::Viewer;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[("provider", "Directory"), ("days", "Days")];

/// The directory of each provider, or of one.
#[component]
pub(crate) fn DirectoryPage() -> impl IntoView {
    let provider = part("provider");
    load(list_directories(), move |mut found, viewer| {
        found
            .rows
            .retain(|row| provider.is_empty() || row.provider == provider);
        body(found, &viewer)
    })
}

fn body(found: DirectoryList, viewer: &Viewer) -> AnyView {
    let now = viewer.now();
    let sub = "Your company's directory adds people, says who left, and who is in which group, over SCIM 2.0. What it says takes effect at once.";
    if found.rows.is_empty() {
        return view! {
            <PageHead title="Directory" sub=sub.into_any()/>
            <Empty icon="users" title="No sign-in provider yet">
                <p class="soft">
                    "People of a directory sign in through its provider. Configure one under " <code>"sign_in.providers"</code>
                    ", with the table that turns groups into roles; then make a token here."
                </p>
            </Empty>
        }
        .into_any();
    }
    let make = make(&found.rows);
    let rows: Vec<_> = found.rows.into_iter().map(|row| one(row, now)).collect();
    view! {
        <PageHead title="Directory" sub=sub.into_any()/>
        {tokens::made(now)}
        <FormError error={refused::<RevokeDirectoryToken>()}/>
        <div class="cols">
            <div class="stack">{rows}</div>
            <div class="stack stack--4">{make} {steps()}</div>
        </div>
    }
    .into_any()
}

fn one(row: DirectoryRow, now: Now) -> AnyView {
    let id = format!("directory-{}", row.provider);
    let heading = format!("{id}-h");
    let labelled = heading.clone();
    let usable = row
        .tokens
        .iter()
        .any(|token| !token.revoked && !token.expired);
    let state = match (usable, row.last_call_at.is_some()) {
        (false, false) => view! { <Status tone=Tone::Unknown label="Not connected"/> },
        (false, true) => {
            view! { <Status tone=Tone::Bad label="No valid token: nobody is sent away"/> }
        }
        (true, false) => view! { <Status tone=Tone::Wait label="Waits for its first call"/> },
        (true, true) => view! { <Status tone=Tone::Ok label="Connected"/> },
    };
    let last = match row.last_call_at {
        Some(at) => view! { <TimeCell at=at now=now/> }.into_any(),
        None => "Never".into_any(),
    };
    let href = format!("/settings/directory/{}", row.provider);
    let people = format!("{} active of {}", row.active, row.people);
    let facts = vec![
        ("State", state.into_any()),
        (
            "Address",
            view! { <Hash value=row.address full=true/> }.into_any(),
        ),
        ("Last call, UTC", last),
        (
            "People",
            view! { <a href=format!("{href}/people")>{people}</a> }.into_any(),
        ),
        (
            "Groups",
            view! { <a href=format!("{href}/groups")>{row.groups}</a> }.into_any(),
        ),
    ];
    view! {
        <section id=id aria-labelledby=labelled>
            <div class="sec">
                <h2 id=heading>{row.label}</h2>
                <span class="muted">{row.provider}</span>
            </div>
            <div class="stack stack--3">
                <Facts rows=facts/>
                {held(row.tokens, now)}
                {table(row.table)}
            </div>
        </section>
    }
    .into_any()
}

fn held(tokens: Vec<DirectoryTokenRow>, now: Now) -> AnyView {
    if tokens.is_empty() {
        return view! { <p class="soft">"It has no token yet, so it cannot call."</p> }.into_any();
    }
    let rows: Vec<_> = tokens.into_iter().map(|row| token(row, now)).collect();
    view! {
        <Table caption="Tokens, newest first" heads=HEADS class="tbl--stack tbl--top">
            {rows}
        </Table>
    }
    .into_any()
}

fn token(row: DirectoryTokenRow, now: Now) -> AnyView {
    let open = !row.revoked && !row.expired;
    let state = match (row.revoked, row.expired, row.maker_left) {
        (true, ..) => view! { <Status tone=Tone::Unknown label="Revoked"/> },
        (false, true, _) => view! { <Status tone=Tone::Unknown label="Ended"/> },
        (false, false, true) => {
            view! { <Status tone=Tone::Wait label="Its maker left: replace it"/> }
        }
        (false, false, false) => view! { <Status tone=Tone::Ok label="Valid"/> },
    };
    let act = open.then(|| {
        view! {
            <Post to={url::<RevokeDirectoryToken>()}>
                <Hidden name="id" value=row.id/>
                <Submit label="Revoke token" busy_label="Revoking…"/>
            </Post>
        }
        .into_any()
    });
    let times = Life {
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
    };
    let cells = life(state.into_any(), times, act, now);
    view! {
        <tr>
            <th scope="row" class="wide wrap">
                <code>{format!("{}…", row.prefix)}</code>
                <span class="sub">{format!("made by {}", row.maker)}</span>
            </th>
            {cells}
        </tr>
    }
    .into_any()
}

fn table(rules: Vec<(String, String)>) -> AnyView {
    if rules.is_empty() {
        return view! {
            <p class="soft">"No group gives a role: " <code>"sign_in.providers.roles"</code> " is empty for this provider."</p>
        }
        .into_any();
    }
    let rows: Vec<_> = rules
        .into_iter()
        .map(|(group, role)| {
            view! {
                <tr>
                    <th scope="row" class="wrap">{group}</th>
                    <td data-label="Role">{role}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <Table caption="What groups give" heads=&["Group", "Role"] class="tbl--stack">
            {rows}
        </Table>
    }
    .into_any()
}

fn make(rows: &[DirectoryRow]) -> AnyView {
    let error = refused::<MakeDirectoryToken>();
    let choices: Vec<_> = rows
        .iter()
        .map(|row| (row.provider.clone(), row.label.clone()))
        .collect();
    view! {
        <Panel title="Token for a directory" id="make">
            <div class="panel__b stack stack--3">
                <p class="soft">
                    "It opens this directory's address and nothing else. Whoever has it says who works here: keep it at the provider alone."
                </p>
                <FormError error=error fields=FIELDS form="token"/>
                <Post to={url::<MakeDirectoryToken>()}>
                    <div class="form">
                        <Select name="provider" label="Directory" form="token" options=choices error=error required=true/>
                        <Field
                            name="days"
                            label="Days"
                            form="token"
                            error=error
                            hint=format!("1 to {TOKEN_DAYS_MAX}, then it ends by itself. Make the next one before: once none is valid, nobody who leaves is sent away.")
                            kind="number"
                            value="180"
                            required=true
                        />
                        <div class="bar">
                            <Submit label="Make token" busy_label="Making…" icon="key-round"/>
                        </div>
                    </div>
                </Post>
            </div>
        </Panel>
    }
    .into_any()
}

fn steps() -> AnyView {
    view! {
        <Panel title="At the provider" id="steps">
            <div class="panel__b stack stack--3">
                <ol class="soft stack stack--3">
                    <li>"Enter the address and the token; bearer authentication."</li>
                    <li>"Let it create, update and deactivate people, and send the groups of the table."</li>
                    <li>
                        "Map its own immutable id of a person to " <code>"externalId"</code>
                        ": people are known by it, and never by an address. With Microsoft Entra ID that is "
                        <code>"objectId"</code> ", and " <code>"directory_claim = \"oid\""</code> " in the configuration."
                    </li>
                    <li>"Assign those who use Clearance: 1,000 people at the most."</li>
                </ol>
            </div>
        </Panel>
    }
    .into_any()
}

/// Where a list of a directory is.
fn place() -> DirectoryQuery {
    DirectoryQuery {
        provider: part("provider"),
        cursor: asked("cursor"),
    }
}

/// The people whom a directory tells of.
#[component]
pub(crate) fn DirectoryPeoplePage() -> impl IntoView {
    let query = place();
    let (here, paged) = (
        format!("/settings/directory/{}/people", query.provider),
        !query.cursor.is_empty(),
    );
    load(list_directory_people(query), move |page, viewer| {
        people(page, here, paged, viewer.now())
    })
}

fn people(page: Page<DirectoryPersonRow>, here: String, paged: bool, now: Now) -> AnyView {
    let sub = "As the directory tells of them. Their roles here follow its groups; roles that a person gave are in Settings.";
    let content = if page.rows.is_empty() {
        view! {
            <Empty icon="users" title="Nobody yet">
                <p class="soft">"People appear here when the directory sends them."</p>
            </Empty>
        }
        .into_any()
    } else {
        let rows: Vec<_> = page.rows.into_iter().map(|row| person(row, now)).collect();
        view! {
            <Table caption="People, oldest first" heads=&["Person", "State", "Groups", "Roles by groups", "Changed, UTC"] class="tbl--stack tbl--top">
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <PageHead title="People of the directory" sub=sub.into_any()/>
        {content}
        <Pager next=page.next here=here paged=paged/>
    }
    .into_any()
}

fn person(row: DirectoryPersonRow, now: Now) -> AnyView {
    let state = match (row.active, row.external_id.is_some()) {
        (false, _) => view! { <Status tone=Tone::Unknown label="Deactivated"/> },
        (true, false) => view! { <Status tone=Tone::Wait label="Cannot sign in: no externalId"/> },
        (true, true) => view! { <Status tone=Tone::Ok label="Active"/> },
    };
    view! {
        <tr>
            <th scope="row" class="wide wrap">
                {row.user_name}
                <span class="sub wrap">{row.address}</span>
            </th>
            <td data-label="State">{state}</td>
            <td data-label="Groups" class="wide wrap">{row.groups.join(", ")}</td>
            <td data-label="Roles by groups" class="wide wrap">{row.roles.join(", ")}</td>
            <td data-label="Changed, UTC">
                <TimeCell at=row.changed_at now=now/>
            </td>
        </tr>
    }
    .into_any()
}

/// The groups that a directory tells of.
#[component]
pub(crate) fn DirectoryGroupsPage() -> impl IntoView {
    let query = place();
    let (here, paged) = (
        format!("/settings/directory/{}/groups", query.provider),
        !query.cursor.is_empty(),
    );
    load(list_directory_groups(query), move |page, viewer| {
        groups(page, here, paged, viewer.now())
    })
}

fn groups(page: Page<DirectoryGroupRow>, here: String, paged: bool, now: Now) -> AnyView {
    let sub = "A group gives what the table of the configuration says of it: by the directory's own id where it tells one, else by its name.";
    let content = if page.rows.is_empty() {
        view! {
            <Empty icon="users" title="No group yet">
                <p class="soft">"Let the directory send the groups that stand in the table."</p>
            </Empty>
        }
        .into_any()
    } else {
        let rows: Vec<_> = page.rows.into_iter().map(|row| group(row, now)).collect();
        view! {
            <Table caption="Groups, oldest first" heads=&["Group", "Members", "Gives", "Changed, UTC"] class="tbl--stack tbl--top">
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <PageHead title="Groups of the directory" sub=sub.into_any()/>
        {content}
        <Pager next=page.next here=here paged=paged/>
    }
    .into_any()
}

fn group(row: DirectoryGroupRow, now: Now) -> AnyView {
    let gives = if row.roles.is_empty() {
        "Nothing".to_owned()
    } else {
        row.roles.join(", ")
    };
    let id = row
        .external_id
        .map(|id| view! { <span class="sub wrap"><code>{id}</code></span> });
    view! {
        <tr>
            <th scope="row" class="wide wrap">{row.name} {id}</th>
            <td data-label="Members">{row.members}</td>
            <td data-label="Gives" class="wide wrap">{gives}</td>
            <td data-label="Changed, UTC">
                <TimeCell at=row.changed_at now=now/>
            </td>
        </tr>
    }
    .into_any()
}
