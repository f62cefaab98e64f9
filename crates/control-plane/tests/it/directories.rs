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
use proptest::prelude::*;
use serde_json::{Value, json};

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

#[tokio::test]
async fn roles_follow_the_directory_at_once_and_what_a_person_gave_stays() {
    let (plane, admin, caller) = connected().await;
    let ada = add(&plane, &caller, "ada").await;
    let form = RoleForm {
        email: "ada@example.com".to_owned(),
        role: "operator".to_owned(),
        team: String::new(),
        reason: "looks after the nights".to_owned(),
    };
    people::give_role(&plane.cp, &admin, &form).await.unwrap();
    let leads = group(&plane, &caller, "Leads", &[&ada]).await;
    group(&plane, &caller, "Nothing of the table", &[&ada]).await;
    let held = || roles(&plane, &admin, "ada@example.com");
    let by_hand = "operator/*/hand";
    assert_eq!(held().await, set(&[by_hand, "approver/payments/acme"]));
    // The token of a sign-in is older than the directory, and counts for nothing.
    let finished = sign_in(&plane, "ada", "ada@example.com", &["Admins"]).await;
    let ctx = plane.again(finished.unwrap().user).await;
    assert_eq!(held().await, set(&[by_hand, "approver/payments/acme"]));
    let rename = Patch::read(&json!({ "Operations": [
        { "op": "replace", "value": { "displayName": "Payments" } },
    ]}));
    directories::patch_group(&plane.cp, &caller, leads.id, &rename.unwrap(), None)
        .await
        .unwrap();
    assert_eq!(held().await, set(&[by_hand, "developer/payments/acme"]));
    // By the directory's own id a group is known before its name.
    let id = Patch::read(&json!({ "Operations": [
        { "op": "add", "path": "externalId", "value": "object-7" },
    ]}));
    directories::patch_group(&plane.cp, &caller, leads.id, &id.unwrap(), None)
        .await
        .unwrap();
    assert_eq!(held().await, set(&[by_hand, "auditor/*/acme"]));
    directories::delete_group(&plane.cp, &caller, leads.id, None)
        .await
        .unwrap();
    assert_eq!(held().await, set(&[by_hand]));
    assert_eq!(
        plane
            .again(ctx.actor().user().unwrap())
            .await
            .actor()
            .roles(None),
        [Role::Operator],
        "with the next request"
    );
    plane.finish().await;
}

#[tokio::test]
async fn a_team_that_is_made_later_gets_its_people_by_itself() {
    let (plane, admin, caller) = connected().await;
    let ada = add(&plane, &caller, "ada").await;
    group(&plane, &caller, "Later", &[&ada]).await;
    assert_eq!(roles(&plane, &admin, "ada@example.com").await, set(&[]));
    plane.add_team("later").await;
    plane.activate("renew_directory_roles").await.unwrap();
    let due = set(&["viewer/later/acme"]);
    assert_eq!(roles(&plane, &admin, "ada@example.com").await, due);
    let before = plane.count_events("role_granted").await;
    plane.activate("renew_directory_roles").await.unwrap();
    assert_eq!(plane.count_events("role_granted").await, before, "once");
    plane.finish().await;
}

#[tokio::test]
async fn whoever_leaves_loses_everything_and_coming_back_restores_nothing() {
    let (plane, admin, caller) = connected().await;
    let ada = add(&plane, &caller, "ada").await;
    let leads = group(&plane, &caller, "Leads", &[&ada]).await;
    let user = sign_in(&plane, "ada", "ada@example.com", &[])
        .await
        .unwrap()
        .user;
    let form = RoleForm {
        email: "ada@example.com".to_owned(),
        role: "administrator".to_owned(),
        team: String::new(),
        reason: "stands in for a week".to_owned(),
    };
    people::give_role(&plane.cp, &admin, &form).await.unwrap();
    let ctx = plane.again(user).await;
    let form = TokenForm {
        name: "laptop".to_owned(),
        scopes: "read write".to_owned(),
        days: "30".to_owned(),
    };
    let api = tokens::create(&plane.cp, &ctx, &form).await.unwrap().text;
    // A directory's token that she made outlives her.
    let theirs = token(&plane, &ctx, "acme").await;
    let session = NewSession {
        user,
        device: "Firefox on Linux".to_owned(),
        address: "192.0.2.7".to_owned(),
        through: None,
        started_at: plane.now().timestamp(),
    };
    let until = plane.now().timestamp() + 3_600;
    assert!(
        sessions::create(&plane.cp, "hash", "{}", until, &session)
            .await
            .unwrap()
    );
    plane.person("eve@example.com", Role::Viewer).await;
    let away = StandInForm {
        email: "eve@example.com".to_owned(),
        from: "2026-03-02".to_owned(),
        until: "2026-03-20".to_owned(),
        reason: "on leave until then".to_owned(),
    };
    stand_ins::name(&plane.cp, &ctx, &away).await.unwrap();

    active(&plane, &caller, &ada, false).await.unwrap();
    assert!(people::actor(&plane.cp, user).await.unwrap().is_none());
    assert!(tokens::actor(&plane.cp, &api).await.unwrap().is_none());
    assert!(sessions::load(&plane.cp, "hash").await.unwrap().is_none());
    assert_eq!(
        why(sign_in(&plane, "ada", "ada@example.com", &["Admins"]).await),
        ProviderProblem::Deactivated
    );
    assert_eq!(roles(&plane, &admin, "ada@example.com").await, set(&[]));
    assert!(stand_ins::list(&plane.cp, &admin).await.unwrap().is_empty());
    let opened = directories::open(&plane.cp, &plane.anonymous(), "acme", &theirs).await;
    assert!(opened.unwrap().is_some(), "others can still be sent away");
    let form = RoleForm {
        email: "ada@example.com".to_owned(),
        role: "viewer".to_owned(),
        team: String::new(),
        reason: "nobody gives a role to whoever left".to_owned(),
    };
    assert!(people::give_role(&plane.cp, &admin, &form).await.is_err());

    active(&plane, &caller, &ada, true).await.unwrap();
    let back = set(&["approver/payments/acme"]);
    assert_eq!(
        roles(&plane, &admin, "ada@example.com").await,
        back,
        "the directory's alone"
    );
    assert!(tokens::actor(&plane.cp, &api).await.unwrap().is_none());
    assert!(sessions::load(&plane.cp, "hash").await.unwrap().is_none());
    assert_eq!(
        sign_in(&plane, "ada", "x@example.com", &[])
            .await
            .unwrap()
            .user,
        user
    );
    for (action, times) in [
        ("user_deactivated", 1),
        ("user_reactivated", 1),
        ("token_revoked", 1),
        ("session_ended", 1),
        ("stand_in_ended", 1),
    ] {
        assert_eq!(plane.count_events(action).await, times, "{action}");
    }
    directories::delete_group(&plane.cp, &caller, leads.id, None)
        .await
        .unwrap();
    plane.finish().await;
}

#[tokio::test]
async fn the_last_administrator_stays_and_the_refusal_is_written_down() {
    let (plane, admin, caller) = connected().await;
    let finished = sign_in(&plane, "root", "root@example.com", &["Admins"]).await;
    let root = finished.unwrap().user;
    let managed = add(&plane, &caller, "root").await;
    let group = group(&plane, &caller, "Admins", &[&managed]).await;
    // Given by hand to her alone; the other one loses it.
    let form = RoleForm {
        email: "root@example.com".to_owned(),
        role: "administrator".to_owned(),
        team: String::new(),
        reason: "keeps the keys of this place".to_owned(),
    };
    people::give_role(&plane.cp, &admin, &form).await.unwrap();
    let held = person(&plane, &admin, "admin@example.com").await.roles;
    let form = domain::form::elevation::TakeAwayForm {
        grant: held[0].grant.clone(),
        reason: "goes to another department".to_owned(),
    };
    control_plane::elevations::take_away(&plane.cp, &plane.again(root).await, &form)
        .await
        .unwrap();
    for outcome in [
        kind(active(&plane, &caller, &managed, false).await),
        kind(directories::delete_user(&plane.cp, &caller, managed.id, None).await),
    ] {
        assert_eq!(outcome, ProblemKind::LastAdministrator);
    }
    assert!(people::actor(&plane.cp, root).await.unwrap().is_some());
    assert_eq!(plane.count_events("user_deactivated").await, 0);
    assert_eq!(plane.count_events("refused").await, 2);
    // What the directory itself gave does not keep anybody here.
    let other = add(&plane, &caller, "eve").await;
    let patch = json!({ "Operations": [{ "op": "add", "path": "members", "value": [{ "value": other.id }] }] });
    directories::patch_group(
        &plane.cp,
        &caller,
        group.id,
        &Patch::read(&patch).unwrap(),
        None,
    )
    .await
    .unwrap();
    active(&plane, &caller, &other, false).await.unwrap();
    plane.finish().await;
}

#[tokio::test]
async fn nobody_becomes_somebody_else_by_an_address() {
    let (plane, admin, caller) = connected().await;
    let before = roles(&plane, &admin, "admin@example.com").await;
    // As a name, as an address, in another case, by a change, and by another directory.
    let mut eve = fields("eve");
    eve.user_name = "Admin@Example.com".to_owned();
    let taken = directories::create_user(&plane.cp, &caller, &eve).await;
    assert_eq!(kind(taken), ProblemKind::Uniqueness);
    let eve = add(&plane, &caller, "eve").await;
    let operation = json!([{ "op": "replace", "path": "emails[type eq \"work\"].value", "value": "ADMIN@example.com" }]);
    assert_eq!(
        kind(patch(&plane, &caller, &eve, operation).await),
        ProblemKind::Uniqueness
    );
    let other = door(&plane, &admin, "other").await;
    let taken = directories::create_user(&plane.cp, &other, &fields("eve")).await;
    assert_eq!(
        kind(taken),
        ProblemKind::Uniqueness,
        "of another directory's person"
    );
    // A sign-in under the address of somebody provisioned, by another account.
    assert_eq!(
        why(sign_in(&plane, "mallory", "eve@example.com", &["Admins"]).await),
        ProviderProblem::AddressTaken
    );
    assert_eq!(
        why(sign_in(&plane, "mallory", "admin@example.com", &["Admins"]).await),
        ProviderProblem::AddressTaken
    );
    assert_eq!(roles(&plane, &admin, "admin@example.com").await, before);
    // The signed id is what counts, whatever address comes with it.
    let user = sign_in(&plane, "eve", "another@example.com", &[])
        .await
        .unwrap()
        .user;
    assert_eq!(
        person(&plane, &admin, "eve@example.com").await.id,
        user.to_string()
    );
    plane.finish().await;
}

#[tokio::test]
async fn an_id_that_was_used_stays_and_an_account_is_one_persons() {
    let (plane, admin, caller) = connected().await;
    let ada = add(&plane, &caller, "ada").await;
    let rename = |id: &str| json!([{ "op": "replace", "path": "externalId", "value": id }]);
    patch(&plane, &caller, &ada, rename("ada-2")).await.unwrap();
    sign_in(&plane, "ada-2", "ada@example.com", &[])
        .await
        .unwrap();
    let changed = patch(&plane, &caller, &ada, rename("mallory")).await;
    assert_eq!(kind(changed), ProblemKind::Mutability);
    let operation = json!([{ "op": "remove", "path": "externalId" }]);
    assert_eq!(
        kind(patch(&plane, &caller, &ada, operation).await),
        ProblemKind::Mutability
    );
    // Somebody who came before the directory told of them is the same person afterwards, with the directory's roles.
    let early = sign_in(&plane, "eve", "eve@example.com", &["Admins"])
        .await
        .unwrap()
        .user;
    let eve = add(&plane, &caller, "eve").await;
    let row = person(&plane, &admin, "eve@example.com").await;
    assert_eq!(row.id, early.to_string());
    assert_eq!(roles(&plane, &admin, "eve@example.com").await, set(&[]));
    // The account cannot be carried over to a person of whom the directory knows nothing.
    let bob = add(&plane, &caller, "bob").await;
    let hand = plane.person("hand@example.com", Role::Viewer).await;
    let callback = begin(&plane, &hand, Purpose::Link).await;
    plane
        .fakes
        .sign_in
        .answers("code", proven(ISSUER, "bob", "bob@example.com", &[]));
    let linked = providers::finish(&plane.cp, &hand, &callback).await;
    assert_eq!(why(linked), ProviderProblem::AccountTaken);
    // Nor can an id be given to one person that is another's account.
    assert_eq!(
        kind(patch(&plane, &caller, &bob, rename("eve")).await),
        ProblemKind::Uniqueness
    );
    directories::delete_user(&plane.cp, &caller, eve.id, None)
        .await
        .unwrap();
    assert_eq!(
        kind(patch(&plane, &caller, &bob, rename("eve")).await),
        ProblemKind::Uniqueness
    );
    plane.finish().await;
}

#[tokio::test]
async fn a_name_that_was_removed_is_free_and_brings_nothing_along() {
    let (plane, admin, caller) = connected().await;
    let first = add(&plane, &caller, "ada").await;
    let user = sign_in(&plane, "ada", "ada@example.com", &[])
        .await
        .unwrap()
        .user;
    let form = RoleForm {
        email: "ada@example.com".to_owned(),
        role: "auditor".to_owned(),
        team: String::new(),
        reason: "reads along for this year".to_owned(),
    };
    people::give_role(&plane.cp, &admin, &form).await.unwrap();
    directories::delete_user(&plane.cp, &caller, first.id, None)
        .await
        .unwrap();
    let gone = directories::get_user(&plane.cp, &caller, first.id).await;
    assert!(matches!(gone, Err(Error::NotFound { .. })));
    // Another human of the same name and address.
    let mut fields = fields("ada");
    fields.external_id = Some("ada-the-second".to_owned());
    directories::create_user(&plane.cp, &caller, &fields)
        .await
        .unwrap();
    assert_eq!(roles(&plane, &admin, "ada@example.com").await, set(&[]));
    let second = sign_in(&plane, "ada-the-second", "ada@example.com", &[])
        .await
        .unwrap()
        .user;
    assert_ne!(second, user);
    assert_eq!(
        why(sign_in(&plane, "ada", "ada@example.com", &[]).await),
        ProviderProblem::Deactivated
    );
    // The first one again, by the account that is still theirs.
    let mut fields = self::fields("ada-first");
    fields.external_id = Some("ada".to_owned());
    directories::create_user(&plane.cp, &caller, &fields)
        .await
        .unwrap();
    assert_eq!(
        sign_in(&plane, "ada", "x@example.com", &[])
            .await
            .unwrap()
            .user,
        user
    );
    assert_eq!(
        roles(&plane, &admin, "ada-first@example.com").await,
        set(&[])
    );
    plane.finish().await;
}

#[tokio::test]
async fn a_token_opens_its_own_directory_and_nothing_else() {
    let (plane, admin, caller) = connected().await;
    let ada = add(&plane, &caller, "ada").await;
    let leads = group(&plane, &caller, "Leads", &[&ada]).await;
    let text = token(&plane, &admin, "acme").await;
    assert!(
        tokens::actor(&plane.cp, &text).await.unwrap().is_none(),
        "no API token"
    );
    let open = |provider: &'static str, text: String| {
        let (cp, ctx) = (plane.cp.clone(), plane.anonymous());
        async move { directories::open(&cp, &ctx, provider, &text).await.unwrap() }
    };
    assert!(open("acme", text.clone()).await.is_some());
    assert!(open("other", text.clone()).await.is_none());
    assert!(open("no-such", text.clone()).await.is_none());
    let form = TokenForm {
        name: "laptop".to_owned(),
        scopes: "read write".to_owned(),
        days: "30".to_owned(),
    };
    let own = tokens::create(&plane.cp, &admin, &form).await.unwrap().text;
    assert!(
        open("acme", own).await.is_none(),
        "an API token is none of a directory"
    );
    // Another directory sees and changes nothing of this one.
    let other = door(&plane, &admin, "other").await;
    let seen = directories::get_user(&plane.cp, &other, ada.id).await;
    assert!(matches!(seen, Err(Error::NotFound { .. })));
    let removed = directories::delete_user(&plane.cp, &other, ada.id, None).await;
    assert!(matches!(removed, Err(Error::NotFound { .. })));
    let removed = directories::delete_group(&plane.cp, &other, leads.id, None).await;
    assert!(matches!(removed, Err(Error::NotFound { .. })));
    let whole = Slice {
        start: 1,
        count: 100,
    };
    for terms in [
        vec![],
        vec![UserTerm::Name("ada@example.com".to_owned())],
        vec![UserTerm::Id(ada.id.to_string())],
    ] {
        let found = directories::users(&plane.cp, &other, &terms, whole)
            .await
            .unwrap();
        assert_eq!((found.total, found.rows.len()), (0, 0));
    }
    let with = GroupFields {
        name: "Admins".to_owned(),
        external_id: None,
        members: [ada.id].into(),
    };
    let taken_over = directories::create_group(&plane.cp, &other, &with).await;
    assert_eq!(kind(taken_over), ProblemKind::InvalidValue);
    // Revoked, and over.
    let rows = directories::list(&plane.cp, &admin).await.unwrap().rows;
    assert!(!format!("{rows:?}").contains(&text), "shown once");
    for row in rows.iter().flat_map(|row| &row.tokens) {
        let form = EndForm { id: row.id.clone() };
        directories::revoke_token(&plane.cp, &admin, &form)
            .await
            .unwrap();
    }
    assert!(open("acme", text).await.is_none());
    let short = token(&plane, &admin, "acme").await;
    plane.clock.advance(chrono::Duration::days(181));
    assert!(open("acme", short).await.is_none());
    plane.finish().await;
}

#[tokio::test]
async fn tokens_of_directories_are_administrators_to_make() {
    let (plane, _, _) = connected().await;
    let form = DirectoryTokenForm {
        provider: "acme".to_owned(),
        days: "30".to_owned(),
    };
    for role in [Role::Viewer, Role::Operator, Role::Auditor, Role::Approver] {
        let other = plane.person(&format!("{role}@example.com"), role).await;
        let made = directories::make_token(&plane.cp, &other, &form).await;
        assert_eq!(made.unwrap_err().to_api().code(), "forbidden", "{role}");
        assert!(directories::list(&plane.cp, &other).await.is_err());
    }
    let admin = plane
        .person("second@example.com", Role::Administrator)
        .await;
    for days in ["0", "366", "", "x"] {
        let form = DirectoryTokenForm {
            days: days.to_owned(),
            ..form.clone()
        };
        assert!(
            directories::make_token(&plane.cp, &admin, &form)
                .await
                .is_err()
        );
    }
    for _ in 0..3 {
        directories::make_token(&plane.cp, &admin, &form)
            .await
            .unwrap();
    }
    let full = directories::make_token(&plane.cp, &admin, &form).await;
    assert!(
        matches!(full.unwrap_err().to_api(), ApiError::Conflict { .. }),
        "four are enough"
    );
    plane.finish().await;
}

#[tokio::test]
async fn the_same_call_twice_at_once_makes_one_person() {
    let (plane, admin, caller) = connected().await;
    let ada = fields("ada");
    let calls = (0..8).map(|_| directories::create_user(&plane.cp, &caller, &ada));
    let answers = futures::future::join_all(calls).await;
    let made = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(made, 1);
    for answer in answers.into_iter().filter(Result::is_err) {
        assert_eq!(kind(answer), ProblemKind::Uniqueness);
    }
    let all = people::list(&plane.cp, &admin).await.unwrap();
    assert_eq!(
        all.iter()
            .filter(|row| row.email == "ada@example.com")
            .count(),
        1
    );
    assert_eq!(
        plane.count_events("user_created").await,
        2,
        "the administrator, and Ada"
    );
    plane.finish().await;
}

#[tokio::test]
async fn what_changes_nothing_writes_nothing() {
    let (plane, _, caller) = connected().await;
    let ada = add(&plane, &caller, "ada").await;
    let leads = group(&plane, &caller, "Leads", &[&ada]).await;
    let before = plane.events().await.len();
    let again = active(&plane, &caller, &ada, true).await.unwrap();
    assert_eq!(again.revision, ada.revision);
    directories::replace_user(
        &plane.cp,
        &caller,
        ada.id,
        &fields("ada"),
        Some(ada.revision),
    )
    .await
    .unwrap();
    let add_again = json!({ "Operations": [
        { "op": "add", "path": "members", "value": [{ "value": ada.id }] },
        { "op": "remove", "path": "members[value eq \"nobody\"]" },
    ]});
    let patch = Patch::read(&add_again).unwrap();
    let same = directories::patch_group(&plane.cp, &caller, leads.id, &patch, None).await;
    assert_eq!(same.unwrap().revision, leads.revision);
    assert_eq!(plane.events().await.len(), before);
    // A version that was not read is not written over.
    let stale =
        directories::replace_user(&plane.cp, &caller, ada.id, &fields("bob"), Some(7)).await;
    assert_eq!(kind(stale), ProblemKind::Changed);
    assert_eq!(plane.events().await.len(), before);
    plane.finish().await;
}

#[tokio::test]
async fn an_owner_who_left_by_the_directory_is_noticed() {
    let (plane, admin, caller) = connected().await;
    let ada = add(&plane, &caller, "ada").await;
    group(&plane, &caller, "Payments", &[&ada]).await;
    let user: UserId = person(&plane, &admin, "ada@example.com")
        .await
        .id
        .parse()
        .unwrap();
    let agent = plane.agent("refund-assistant").await;
    let form = domain::form::agent::OwnerForm {
        agent: agent.slug.clone(),
        owner: user.to_string(),
    };
    control_plane::agents::set_owner(&plane.cp, &admin, &form)
        .await
        .unwrap();
    active(&plane, &caller, &ada, false).await.unwrap();
    plane.activate("watch_owners").await.unwrap();
    assert_eq!(plane.count_events("finding_raised").await, 1);
    plane.finish().await;
}

/// One call of a directory about one of three people and two groups.
#[derive(Debug, Clone)]
enum Step {
    Add(usize),
    Remove(usize),
    Active(usize, bool),
    Members(usize, Vec<usize>),
    Rename(usize, bool),
    Drop(usize),
    SignIn(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let one = prop_oneof![
        3 => (0..3usize).prop_map(Step::Add),
        1 => (0..3usize).prop_map(Step::Remove),
        2 => (0..3usize, any::<bool>()).prop_map(|(who, to)| Step::Active(who, to)),
        4 => (0..2usize, prop::collection::vec(0..3usize, 0..4)).prop_map(|(g, m)| Step::Members(g, m)),
        1 => (0..2usize, any::<bool>()).prop_map(|(group, to)| Step::Rename(group, to)),
        1 => (0..2usize).prop_map(Step::Drop),
        1 => (0..3usize).prop_map(Step::SignIn),
    ];
    prop::collection::vec(one, 1..14)
}

const NAMES: [&str; 3] = ["ada", "bob", "eve"];
const GROUPS: [[&str; 2]; 2] = [["Leads", "Heads"], ["Payments", "Admins"]];

/// What the directory knows, by the test's own reckoning.
#[derive(Default)]
struct Model {
    users: [Option<(DirectoryUser, bool)>; 3],
    groups: [Option<(DirectoryGroup, usize, BTreeSet<usize>)>; 2],
}

impl Model {
    fn due(&self, who: usize) -> BTreeSet<String> {
        let Some((_, true)) = self.users[who] else {
            return BTreeSet::new();
        };
        let mut due = BTreeSet::new();
        for (at, group) in self.groups.iter().enumerate() {
            let Some((_, name, members)) = group else {
                continue;
            };
            if members.contains(&who) {
                match GROUPS[at][*name] {
                    "Leads" => drop(due.insert("approver/payments/acme".to_owned())),
                    "Payments" => drop(due.insert("developer/payments/acme".to_owned())),
                    "Admins" => drop(due.insert("administrator/*/acme".to_owned())),
                    _ => {}
                }
            }
        }
        due
    }

    async fn take(&mut self, plane: &TestPlane, caller: &Caller, step: &Step) {
        match step {
            Step::Add(who) if self.users[*who].is_none() => {
                let added = directories::create_user(&plane.cp, caller, &fields(NAMES[*who])).await;
                self.users[*who] = Some((added.unwrap(), true));
            }
            Step::Remove(who) => {
                if let Some((user, _)) = self.users[*who].take() {
                    directories::delete_user(&plane.cp, caller, user.id, None)
                        .await
                        .unwrap();
                    for (_, _, members) in self.groups.iter_mut().flatten() {
                        members.remove(who);
                    }
                }
            }
            Step::Active(who, to) => {
                if let Some((user, is)) = &mut self.users[*who] {
                    active(plane, caller, user, *to).await.unwrap();
                    *is = *to;
                }
            }
            Step::Members(at, who) => self.members(plane, caller, *at, who).await,
            Step::Rename(at, to) => {
                if let Some((group, name, _)) = &mut self.groups[*at] {
                    *name = usize::from(*to);
                    let patch = json!({ "Operations": [{ "op": "replace", "path": "displayName", "value": GROUPS[*at][*name] }] });
                    let patch = Patch::read(&patch).unwrap();
                    directories::patch_group(&plane.cp, caller, group.id, &patch, None)
                        .await
                        .unwrap();
                }
            }
            Step::Drop(at) => {
                if let Some((group, ..)) = self.groups[*at].take() {
                    directories::delete_group(&plane.cp, caller, group.id, None)
                        .await
                        .unwrap();
                }
            }
            Step::SignIn(who) => {
                // Somebody of whom the directory does not tell would be a new person by their groups; that is no step of it.
                if self.users[*who].is_some() {
                    let _ =
                        sign_in(plane, NAMES[*who], "x@example.com", &["Admins", "Leads"]).await;
                }
            }
            Step::Add(_) => {}
        }
    }

    async fn members(&mut self, plane: &TestPlane, caller: &Caller, at: usize, who: &[usize]) {
        let who: BTreeSet<usize> = who
            .iter()
            .copied()
            .filter(|w| self.users[*w].is_some())
            .collect();
        let ids = who
            .iter()
            .map(|w| self.users[*w].as_ref().unwrap().0.id)
            .collect();
        let name = self.groups[at].as_ref().map_or(0, |(_, name, _)| *name);
        let fields = GroupFields {
            name: GROUPS[at][name].to_owned(),
            external_id: None,
            members: ids,
        };
        let group = match &self.groups[at] {
            Some((group, ..)) => {
                directories::replace_group(&plane.cp, caller, group.id, &fields, None).await
            }
            None => directories::create_group(&plane.cp, caller, &fields).await,
        };
        self.groups[at] = Some((group.unwrap(), name, who));
    }
}

#[test]
fn whatever_a_directory_says_roles_are_what_the_table_gives() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    proptest!(ProptestConfig::with_cases(24), |(steps in steps())| {
        runtime.block_on(async {
            let (plane, admin, caller) = connected().await;
            let mut model = Model::default();
            for step in &steps {
                model.take(&plane, &caller, step).await;
                let all = people::list(&plane.cp, &admin).await.unwrap();
                for (who, known) in model.users.iter().enumerate() {
                    let Some((user, is)) = known else { continue };
                    let email = format!("{}@example.com", NAMES[who]);
                    assert_eq!(roles(&plane, &admin, &email).await, model.due(who), "{step:?}");
                    let row = all.iter().find(|row| row.email == email).unwrap();
                    assert_eq!(row.deactivated_at.is_none(), *is);
                    let told = directories::get_user(&plane.cp, &caller, user.id).await.unwrap();
                    assert_eq!(told.fields.active, *is);
                }
                // Whoever is not told of any more has nothing.
                for row in all.iter().filter(|row| row.deactivated_at.is_some()) {
                    assert!(row.roles.is_empty(), "{step:?}: {row:?}");
                }
            }
            plane.finish().await;
        });
    });
}

#[tokio::test]
async fn a_directory_is_no_person() {
    let (plane, admin, caller) = connected().await;
    add(&plane, &caller, "ada").await;
    let events = plane.events().await;
    let made = events
        .iter()
        .rfind(|event| event.action == "user_created")
        .unwrap();
    assert_eq!(
        (made.actor.kind.as_str(), made.actor.id.as_str()),
        ("system", "directory acme")
    );
    assert!(matches!(admin.actor(), Actor::User { .. }));
    plane.finish().await;
}
