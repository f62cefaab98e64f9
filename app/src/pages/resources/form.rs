//! Describing a resource, for those who may.

use domain::access_event::NAME_MAX;
use domain::form::catalogue::{CLASS_MAX, DESCRIPTION_MAX, ResourceForm};
use domain::view::catalogue::{ResourceDetail, ResourceRow};
use leptos::prelude::*;

use crate::outcome::{Shown, shown};
use crate::rpc::resources::{AddResource, ChangeResource, RemoveResource};
use crate::ui::field::FormProblem;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[
    ("resource", "Name"),
    ("owner", "Owner"),
    ("description", "Description"),
    ("data_class", "Class of its data"),
    ("actions", "Actions"),
];
const PATTERN: &str = "[a-z][a-z0-9_.\\-]*";

/// What was typed and refused on this page, with the reason; else what there is.
fn last(there: ResourceForm) -> (ResourceForm, FormProblem) {
    match shown() {
        Some(Shown::NotDescribed(typed, error)) => (typed, FormProblem::new(Some(error))),
        Some(_) | None => (there, FormProblem::default()),
    }
}

/// The form for one that the catalogue does not have.
pub(super) fn add() -> AnyView {
    adding(None, &[])
}

fn adding(name: Option<String>, teams: &[String]) -> AnyView {
    let (typed, error) = last(ResourceForm::default());
    let name = match name {
        Some(name) => view! { <Hidden name="resource" value=name/> }.into_any(),
        None => view! {
            <Field
                name="resource"
                label="Name"
                value=typed.resource.clone()
                error=error
                hint="What scopes begin with, such as salesforce."
                required=true
                max=NAME_MAX
                pattern=PATTERN
                autocomplete="off"
            />
        }
        .into_any(),
    };
    let owner = owner(teams, &typed, error);
    view! {
        <Panel title="Add a resource" id="add">
            <div class="panel__b">
                <FormError error=error fields=FIELDS/>
                <Post to={url::<AddResource>()}>
                    <div class="form">
                        {name}
                        {owner}
                        {said(&typed, error)}
                        <Submit label="Add resource" busy_label="Adding…" kind=Kind::Primary/>
                    </div>
                </Post>
            </div>
        </Panel>
    }
    .into_any()
}

/// What the reader may do about a resource.
pub(super) fn change(found: &ResourceDetail) -> AnyView {
    let Some(row) = found.row.as_ref() else {
        return if found.can_administer {
            adding(Some(found.name.clone()), &found.teams)
        } else {
            view! { <p class="hint">"Adding it to the catalogue needs the administrator role."</p> }
                .into_any()
        };
    };
    if !found.can_change {
        return view! {
            <p class="hint">"Its owner and administrators change what is said here."</p>
        }
        .into_any();
    }
    let (typed, error) = last(there(row));
    let owner = if found.can_administer {
        owner(&found.teams, &typed, error)
    } else {
        let owner = row.owner.clone().unwrap_or_default();
        view! { <Hidden name="owner" value=owner/> }.into_any()
    };
    let (name, revision) = (found.name.clone(), row.revision.to_string());
    let said = said(&typed, error);
    let remove = found.can_administer.then(|| remove(found));
    view! {
        <Panel title="Describe it" id="describe">
            <div class="panel__b">
                <FormError error=error fields=FIELDS/>
                <Post to={url::<ChangeResource>()}>
                    <div class="form">
                        <Hidden name="resource" value=name/>
                        <Hidden name="revision" value=revision/>
                        {owner}
                        {said}
                        <Submit label="Keep" busy_label="Keeping…" kind=Kind::Primary/>
                    </div>
                </Post>
            </div>
        </Panel>
        {remove}
    }
    .into_any()
}

/// What the catalogue says, as the form has it.
fn there(row: &ResourceRow) -> ResourceForm {
    let lines = row.actions.iter();
    let lines: Vec<String> = lines
        .map(|(name, said)| format!("{name}: {said}"))
        .collect();
    ResourceForm {
        resource: row.name.clone(),
        owner: row.owner.clone().unwrap_or_default(),
        description: row.description.clone(),
        data_class: row.data_class.clone(),
        actions: lines.join("\n"),
        revision: row.revision.to_string(),
    }
}

/// Whose it is: chosen where the teams are known, else written.
fn owner(teams: &[String], typed: &ResourceForm, error: FormProblem) -> AnyView {
    if teams.is_empty() {
        return view! {
            <Field
                name="owner"
                label="Owner"
                value=typed.owner.clone()
                error=error
                hint="Short name of the team that looks after it. May be empty."
                max=48
                autocomplete="off"
            />
        }
        .into_any();
    }
    let mut options = vec![(String::new(), "Nobody yet".to_owned())];
    options.extend(teams.iter().map(|team| (team.clone(), team.clone())));
    let value = typed.owner.clone();
    view! {
        <Select
            name="owner"
            label="Owner"
            options=options
            value=value
            error=error
            hint="The team that looks after it. Its people describe it, and see who touched it."
        />
    }
    .into_any()
}

fn said(typed: &ResourceForm, error: FormProblem) -> AnyView {
    view! {
        <TextArea
            name="description"
            label="Description"
            error=error
            hint="What it is and what lies in it."
            value=typed.description.clone()
            max=DESCRIPTION_MAX
        />
        <Field
            name="data_class"
            label="Class of its data"
            error=error
            hint="As manifests name it, such as customer. May be empty."
            value=typed.data_class.clone()
            max=CLASS_MAX
            pattern=PATTERN
            autocomplete="off"
        />
        <TextArea
            name="actions"
            label="Actions"
            error=error
            hint="One each line: leads.read: Reads every lead of the region."
            value=typed.actions.clone()
            rows=6
        />
    }
    .into_any()
}

fn remove(found: &ResourceDetail) -> AnyView {
    let error = refused::<RemoveResource>();
    let name = found.name.clone();
    view! {
        <Danger label="Take it out of the catalogue…" open=error.is_some()>
            <p>"Its description is gone, and approvers read that it is not in the catalogue. No scope is given or taken by it."</p>
            <FormError error=error/>
            <Post to={url::<RemoveResource>()}>
                <Hidden name="resource" value=name/>
                <Submit
                    label="Take it out"
                    busy_label="Taking it out…"
                    kind=Kind::DangerSolid
                    icon="trash-2"
                />
            </Post>
        </Danger>
    }
    .into_any()
}
