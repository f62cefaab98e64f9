//! What a company's directory says takes effect at once, and nobody becomes somebody else by it.

use std::collections::BTreeSet;

use control_plane::directories::{self, Caller, DirectoryGroup, DirectoryUser, Slice};
use control_plane::fakes::proven;
use control_plane::providers::{self, Begin, Callback, Failure, Finished};
use control_plane::sessions::NewSession;
use control_plane::testing::{TEAM, TestPlane};
use control_plane::{Error, OpCtx, people, sessions, stand_ins, tokens};
use domain::actor::{Actor, Role};
use domain::directory::{GroupFields, Patch, ProblemKind, UserFields, UserTerm};
use domain::error::ApiError;
use domain::form::directory::DirectoryTokenForm;
use domain::form::group::StandInForm;
use domain::form::person::{EndForm, RoleForm, TokenForm};
use domain::id::UserId;
use domain::sign_in::{GroupRule, Provider, ProviderProblem, Purpose};
use serde_json::{Value, json};

mod door;
mod histories;
mod identity;
mod leaving;
mod roles;

const ISSUER: &str = "https://acme.example";

fn provider(id: &str) -> Provider {
    let rule = |group: &str, role, team: Option<&str>| GroupRule {
        group: group.to_owned(),
        role,
        team: team.map(str::to_owned),
    };
    Provider {
        id: id.to_owned(),
        label: id.to_owned(),
        issuer: format!("https://{id}.example"),
        new_people: true,
        asks_anew: true,
        rules: vec![
            rule("Admins", Role::Administrator, None),
            rule("Payments", Role::Developer, Some(TEAM)),
            rule("Leads", Role::Approver, Some(TEAM)),
            rule("object-7", Role::Auditor, None),
            rule("Later", Role::Viewer, Some("later")),
        ],
    }
}

/// A plane with a provider, an administrator made by hand, and the door of the directory.
async fn connected() -> (TestPlane, OpCtx, Caller) {
    let plane = TestPlane::new().await;
    plane.fakes.sign_in.configure(provider("acme"));
    plane.fakes.sign_in.configure(provider("other"));
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    let caller = door(&plane, &admin, "acme").await;
    (plane, admin, caller)
}

async fn token(plane: &TestPlane, admin: &OpCtx, provider: &str) -> String {
    let form = DirectoryTokenForm {
        provider: provider.to_owned(),
        days: "180".to_owned(),
    };
    let made = directories::make_token(&plane.cp, admin, &form).await;
    made.unwrap().text
}

async fn door(plane: &TestPlane, admin: &OpCtx, provider: &str) -> Caller {
    let text = token(plane, admin, provider).await;
    let opened = directories::open(&plane.cp, &plane.anonymous(), provider, &text).await;
    opened.unwrap().expect("its own token opens the door")
}

fn fields(name: &str) -> UserFields {
    let body = json!({
        "userName": format!("{name}@example.com"),
        "externalId": name,
        "displayName": name,
    });
    UserFields::read(&body).unwrap()
}

async fn add(plane: &TestPlane, caller: &Caller, name: &str) -> DirectoryUser {
    let added = directories::create_user(&plane.cp, caller, &fields(name)).await;
    added.unwrap()
}

async fn group(
    plane: &TestPlane,
    caller: &Caller,
    name: &str,
    members: &[&DirectoryUser],
) -> DirectoryGroup {
    let group = GroupFields {
        name: name.to_owned(),
        external_id: None,
        members: members.iter().map(|user| user.id).collect(),
    };
    let made = directories::create_group(&plane.cp, caller, &group).await;
    made.unwrap()
}

async fn patch(
    plane: &TestPlane,
    caller: &Caller,
    user: &DirectoryUser,
    operations: Value,
) -> Result<DirectoryUser, Error> {
    let patch = Patch::read(&json!({ "Operations": operations })).unwrap();
    directories::patch_user(&plane.cp, caller, user.id, &patch, None).await
}

async fn active(
    plane: &TestPlane,
    caller: &Caller,
    user: &DirectoryUser,
    active: bool,
) -> Result<DirectoryUser, Error> {
    let operation = json!([{ "op": "replace", "path": "active", "value": active }]);
    patch(plane, caller, user, operation).await
}

async fn person(plane: &TestPlane, admin: &OpCtx, email: &str) -> domain::view::session::UserRow {
    let all = people::list(&plane.cp, admin).await.unwrap();
    let mut found = all.into_iter();
    found.find(|row| row.email == email).expect("the person")
}

/// Role and team of each role, those that the directory gave marked.
async fn roles(plane: &TestPlane, admin: &OpCtx, email: &str) -> BTreeSet<String> {
    let held = person(plane, admin, email).await.roles.into_iter();
    held.map(|held| {
        let place = held.team.unwrap_or_else(|| "*".to_owned());
        let by = held.provider.unwrap_or_else(|| "hand".to_owned());
        format!("{}/{place}/{by}", held.role)
    })
    .collect()
}

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn kind<T: std::fmt::Debug>(outcome: Result<T, Error>) -> ProblemKind {
    match outcome {
        Err(Error::Directory(problem)) => problem.kind,
        other => panic!("{other:?}"),
    }
}

async fn begin(plane: &TestPlane, ctx: &OpCtx, purpose: Purpose) -> Callback {
    let wanted = Begin {
        provider: "acme".to_owned(),
        purpose,
        next: "/".to_owned(),
    };
    let begun = providers::begin(&plane.cp, ctx, &wanted).await.unwrap();
    let (_, state) = begun.address.split_once("state=").unwrap();
    Callback {
        provider: "acme".to_owned(),
        state: state.split('&').next().unwrap().to_owned(),
        code: Some("code".to_owned()),
        issuer: Some(ISSUER.to_owned()),
        browser: begun.browser,
    }
}

async fn sign_in(
    plane: &TestPlane,
    subject: &str,
    email: &str,
    groups: &[&str],
) -> Result<Finished, Failure> {
    let anonymous = plane.anonymous();
    let callback = begin(plane, &anonymous, Purpose::SignIn).await;
    let known = proven(ISSUER, subject, email, groups);
    plane.fakes.sign_in.answers("code", known);
    providers::finish(&plane.cp, &anonymous, &callback).await
}

fn why(outcome: Result<Finished, Failure>) -> ProviderProblem {
    match outcome {
        Err(Failure::Provider(problem)) => problem,
        other => panic!("{other:?}"),
    }
}
