//! Groups of people that a policy may ask some of the approvals to come from.

use domain::name::SLUG_MAX;
use domain::view::group::GroupRow;
use leptos::prelude::*;

use crate::format::{counted, length};
use crate::pages::agents::SLUG_PATTERN;
use crate::rpc::groups::{AddToGroup, CreateGroup, RemoveFromGroup};
use crate::ui::field::FormProblem;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[("name", "Name"), ("slug", "Short name")];
const MEMBER: &[(&str, &str)] = &[("slug", "Group"), ("email", "Person's e-mail")];

/// The list, and the forms.
pub(super) fn section(groups: Vec<GroupRow>) -> AnyView {
    let note = counted(length(&groups), "group", "groups");
    let options: Vec<(String, String)> = groups
        .iter()
        .map(|group| (group.slug.clone(), group.name.clone()))
        .collect();
    let content = if groups.is_empty() {
        view! {
            <Empty icon="users" title="No group yet">
                <p class="soft">"A policy can ask that some approvals come from a group, such as security. A group gives no right by itself."</p>
            </Empty>
        }
        .into_any()
    } else {
        let rows: Vec<_> = groups.into_iter().map(row).collect();
        view! {
            <Table caption="Groups" heads=&["Name", "Short name", "People"] class="tbl--stack">
                {rows}
            </Table>
        }
        .into_any()
    };
    let members = (!options.is_empty()).then(|| members(options));
    view! {
        <Section title="Groups" id="groups" note=note>
            <div class="stack stack--3">{content} {members} {create()}</div>
        </Section>
    }
    .into_any()
}

fn row(group: GroupRow) -> AnyView {
    let people: Vec<String> = group
        .people
        .into_iter()
        .map(|(name, email)| format!("{name} ({email})"))
        .collect();
    let people = if people.is_empty() {
        "Nobody".to_owned()
    } else {
        people.join(", ")
    };
    view! {
        <tr>
            <th scope="row">{group.name}</th>
            <td data-label="Short name">{group.slug}</td>
            <td data-label="People" class="wide wrap">{people}</td>
        </tr>
    }
    .into_any()
}

fn create() -> AnyView {
    let error = refused::<CreateGroup>();
    view! {
        <FormError error=error fields=FIELDS form="group"/>
        <details class="more">
            <summary>
                <Icon name="chevron-right" small=true/>
                "Create a group"
            </summary>
            <Post to={url::<CreateGroup>()}>
                <div class="form">
                    <div class="form--2">
                        <Field name="name" label="Name" form="group" error=error required=true max=80 autocomplete="off"/>
                        <Field
                            name="slug"
                            label="Short name"
                            form="group"
                            error=error
                            hint="Lower case and hyphens. The policy calls it so."
                            required=true
                            min=2
                            max=SLUG_MAX
                            pattern=SLUG_PATTERN
                            autocomplete="off"
                        />
                    </div>
                    <div class="bar">
                        <Submit label="Create group" busy_label="Creating…"/>
                    </div>
                </div>
            </Post>
        </details>
    }
    .into_any()
}

fn members(groups: Vec<(String, String)>) -> AnyView {
    let (adding, removing) = (refused::<AddToGroup>(), refused::<RemoveFromGroup>());
    let joins = who(groups.clone(), "member", adding);
    let leaves = who(groups, "leaver", removing);
    view! {
        <FormError error=adding fields=MEMBER form="member"/>
        <FormError error=removing fields=MEMBER form="leaver"/>
        <details class="more">
            <summary>
                <Icon name="chevron-right" small=true/>
                "Add a person to a group"
            </summary>
            <Post to={url::<AddToGroup>()}>
                <div class="form">
                    {joins}
                    <div class="bar">
                        <Submit label="Add to group" busy_label="Adding…"/>
                    </div>
                </div>
            </Post>
        </details>
        <details class="more">
            <summary>
                <Icon name="chevron-right" small=true/>
                "Remove a person from a group"
            </summary>
            <Post to={url::<RemoveFromGroup>()}>
                <div class="form">
                    {leaves}
                    <div class="bar">
                        <Submit label="Remove from group" busy_label="Removing…"/>
                    </div>
                </div>
            </Post>
        </details>
    }
    .into_any()
}

fn who(groups: Vec<(String, String)>, form: &'static str, error: FormProblem) -> AnyView {
    view! {
        <div class="form--2">
            <Select name="slug" label="Group" form=form options=groups error=error required=true/>
            <Field name="email" label="Person's e-mail" form=form error=error kind="email" required=true max=200 autocomplete="off"/>
        </div>
    }
    .into_any()
}
