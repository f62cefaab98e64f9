//! What a provider's groups give, and take, at each sign-in; and what a sign-in leaves in the log.

use control_plane::OpCtx;
use control_plane::fakes::{Fault, proven};
use control_plane::people;
use control_plane::ports::PortErrorKind;
use control_plane::providers::{self, Begin, Callback, Failure, Finished};
use control_plane::testing::TestPlane;
use domain::actor::{Actor, Role};
use domain::error::ApiError;
use domain::form::person::RoleForm;
use domain::sign_in::{GroupRule, Provider, ProviderProblem, Purpose};

const ISSUER: &str = "https://acme.example";

fn provider() -> Provider {
    let rule = |group: &str, role, team: Option<&str>| GroupRule {
        group: group.to_owned(),
        role,
        team: team.map(str::to_owned),
    };
    Provider {
        id: "acme".to_owned(),
        label: "Acme".to_owned(),
        issuer: ISSUER.to_owned(),
        new_people: true,
        asks_anew: true,
        rules: vec![
            rule("Admins", Role::Administrator, None),
            rule("Payments", Role::Developer, Some("payments")),
            rule("Leads", Role::Approver, Some("payments")),
            rule("Elsewhere", Role::Viewer, Some("no-such-team")),
        ],
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

async fn sign_in(plane: &TestPlane, groups: &[&str]) -> Result<Finished, Failure> {
    let anonymous = plane.anonymous();
    let callback = begin(plane, &anonymous, Purpose::SignIn).await;
    let known = proven(ISSUER, "ada", "ada@example.com", groups);
    plane.fakes.sign_in.answers("code", known);
    providers::finish(&plane.cp, &anonymous, &callback).await
}

async fn roles(plane: &TestPlane, finished: &Finished) -> Vec<Role> {
    let actor = people::actor(&plane.cp, finished.user).await.unwrap();
    let Some(Actor::User { grants, .. }) = actor else {
        panic!("a person");
    };
    let mut roles: Vec<Role> = grants.iter().map(|grant| grant.role).collect();
    roles.sort_unstable();
    roles
}

#[tokio::test]
async fn roles_follow_the_groups_and_what_a_person_gave_stays() {
    let plane = TestPlane::new().await;
    plane.fakes.sign_in.configure(provider());
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    let first = sign_in(&plane, &["Payments", "Leads", "Elsewhere"])
        .await
        .unwrap();
    assert_eq!(
        roles(&plane, &first).await,
        [Role::Developer, Role::Approver]
    );
    let given = RoleForm {
        email: "ada@example.com".to_owned(),
        role: "auditor".to_owned(),
        team: String::new(),
        reason: "reads along for the audit of this year".to_owned(),
    };
    people::give_role(&plane.cp, &admin, &given).await.unwrap();
    let again = sign_in(&plane, &["Leads"]).await.unwrap();
    assert_eq!(
        again.user, first.user,
        "the same person, by issuer and subject"
    );
    assert_eq!(roles(&plane, &first).await, [Role::Approver, Role::Auditor]);
    sign_in(&plane, &[]).await.unwrap();
    assert_eq!(
        roles(&plane, &first).await,
        [Role::Auditor],
        "every group is lost"
    );
    for (action, times) in [
        ("role_taken_away", 2),
        ("signed_in", 3),
        ("account_linked", 1),
    ] {
        assert_eq!(plane.count_events(action).await, times, "{action}");
    }
    plane.finish().await;
}

#[tokio::test]
async fn a_sign_in_takes_ten_minutes_at_the_most() {
    let plane = TestPlane::new().await;
    plane.fakes.sign_in.configure(provider());
    let anonymous = plane.anonymous();
    let callback = begin(&plane, &anonymous, Purpose::SignIn).await;
    plane.clock.advance(chrono::Duration::seconds(600));
    let late = providers::finish(&plane.cp, &anonymous, &callback).await;
    assert!(
        matches!(late, Err(Failure::Provider(ProviderProblem::Expired))),
        "{late:?}"
    );
    assert_eq!(plane.count_events("sign_in_refused").await, 1);
    plane.finish().await;
}

#[tokio::test]
async fn one_network_cannot_begin_sign_ins_without_end() {
    let plane = TestPlane::new().await;
    plane.fakes.sign_in.configure(provider());
    let here = plane
        .anonymous()
        .coming_from(Some("192.0.2.7".parse().unwrap()));
    let wanted = Begin {
        provider: "acme".to_owned(),
        purpose: Purpose::SignIn,
        next: "/".to_owned(),
    };
    for _ in 0..100 {
        providers::begin(&plane.cp, &here, &wanted).await.unwrap();
    }
    let more = providers::begin(&plane.cp, &here, &wanted).await;
    assert_eq!(more.unwrap_err().code(), ApiError::TooMany.code());
    let there = plane
        .anonymous()
        .coming_from(Some("192.0.2.8".parse().unwrap()));
    providers::begin(&plane.cp, &there, &wanted).await.unwrap();
    plane.clock.advance(chrono::Duration::seconds(601));
    providers::begin(&plane.cp, &here, &wanted).await.unwrap();
    plane.finish().await;
}

#[tokio::test]
async fn a_provider_that_fails_midway_signs_nobody_in() {
    let plane = TestPlane::new().await;
    plane.fakes.sign_in.configure(provider());
    let unavailable = Fault::Refused(PortErrorKind::Unavailable);
    plane.fakes.faults.next("sign_in.redeem", 1, unavailable);
    let down = sign_in(&plane, &["Admins"]).await;
    assert!(
        matches!(down, Err(Failure::Provider(ProviderProblem::Unavailable))),
        "{down:?}"
    );
    sign_in(&plane, &["Admins"]).await.unwrap();
    plane.finish().await;
}

#[tokio::test]
async fn an_account_belongs_to_one_person() {
    let plane = TestPlane::new().await;
    plane.fakes.sign_in.configure(provider());
    sign_in(&plane, &["Payments"]).await.unwrap();
    let eve = plane.person("eve@example.com", Role::Viewer).await;
    let callback = begin(&plane, &eve, Purpose::Link).await;
    plane
        .fakes
        .sign_in
        .answers("code", proven(ISSUER, "ada", "ada@example.com", &[]));
    let taken = providers::finish(&plane.cp, &eve, &callback).await;
    assert!(
        matches!(taken, Err(Failure::Provider(ProviderProblem::AccountTaken))),
        "{taken:?}"
    );
    plane.finish().await;
}
