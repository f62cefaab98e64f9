//! Service accounts: who makes and changes them, what they reach, and how refusals are kept.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use control_plane::ports::ci::CiToken;
use control_plane::service_accounts::{self, IssueError};
use control_plane::testing::{TEAM, TestPlane};
use control_plane::{Error, OpCtx, agents, elevations, people, tokens};
use domain::actor::{Actor, Role};
use domain::error::FieldProblem;
use domain::form::elevation::TakeAwayForm;
use domain::form::query::AgentQuery;
use domain::form::service_account::{NamedAccountForm, ServiceAccountForm, TrustForm};
use domain::service_account::{AZURE, GITHUB, TrustWarning};

use crate::support::token_of;

fn account(team: &str, owner: &str) -> ServiceAccountForm {
    ServiceAccountForm {
        slug: "support-ci".to_owned(),
        team: team.to_owned(),
        owner: owner.to_owned(),
        scopes: "read write".to_owned(),
    }
}

fn rule(claims: &str) -> TrustForm {
    TrustForm {
        slug: "support-ci".to_owned(),
        issuer: GITHUB.to_owned(),
        claims: claims.to_owned(),
    }
}

fn named() -> NamedAccountForm {
    NamedAccountForm {
        slug: "support-ci".to_owned(),
    }
}

const BOUND: &str = "repository_id = 7\nref=refs/heads/main";

async fn of_team(plane: &TestPlane, email: &str, role: Role) -> OpCtx {
    plane
        .person_with(email, &[(role, Some(plane.team))], &[])
        .await
}

/// Has `text` be a token of a run on the main branch.
fn sign(plane: &TestPlane, text: &str, more: &[(&str, &str)]) {
    let mut claims: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in [
        ("repository_id", "7"),
        ("repository", "acme/bots"),
        ("ref", "refs/heads/main"),
        ("run_id", "4711"),
        (
            "workflow_ref",
            "acme/bots/.github/workflows/ci.yml@refs/heads/main",
        ),
    ]
    .iter()
    .chain(more)
    {
        claims.insert((*name).to_owned(), (*value).to_owned());
    }
    let token = CiToken {
        issuer: GITHUB.to_owned(),
        claims,
        id: text.to_owned(),
        expires_at: plane.now() + TimeDelta::minutes(10),
    };
    plane.fakes.ci.signs(text, token);
}

fn problem(outcome: Result<(), Error>, field: &str) -> Option<FieldProblem> {
    match outcome {
        Err(Error::Invalid(errors)) => errors.get(field),
        other => panic!("not invalid: {other:?}"),
    }
}

#[tokio::test]
async fn people_of_the_team_make_one_and_only_its_owner_changes_it() {
    let plane = TestPlane::new().await;
    let cp = &plane.cp;
    let owner = of_team(&plane, "dev@example.com", Role::Developer).await;
    let other = of_team(&plane, "other@example.com", Role::Operator).await;
    let viewer = of_team(&plane, "viewer@example.com", Role::Viewer).await;
    plane.add_team("care").await;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    for (who, form) in [
        (&viewer, account(TEAM, "")),
        (&owner, account("care", "")),
        (&owner, account("nowhere", "")),
        (&owner, account(TEAM, "other@example.com")),
        (&token_of(&plane, &owner), account(TEAM, "")),
    ] {
        let refused = service_accounts::make(cp, who, &form).await;
        assert!(
            matches!(refused, Err(Error::Forbidden { .. })),
            "{refused:?}"
        );
    }
    service_accounts::make(cp, &owner, &account(TEAM, ""))
        .await
        .unwrap();
    let twice = service_accounts::make(cp, &admin, &account(TEAM, "")).await;
    assert_eq!(problem(twice, "slug"), Some(FieldProblem::Taken));
    // Whoever else could add a rule would have the owner's roles.
    for who in [&other, &viewer, &token_of(&plane, &owner)] {
        let refused = service_accounts::trust(cp, who, &rule(BOUND)).await;
        assert!(
            matches!(refused, Err(Error::Forbidden { .. })),
            "{refused:?}"
        );
        let refused = service_accounts::disable(cp, who, &named()).await;
        assert!(
            matches!(refused, Err(Error::Forbidden { .. })),
            "{refused:?}"
        );
    }
    let stranger = plane.person_with("far@example.com", &[], &[]).await;
    let hidden = service_accounts::disable(cp, &stranger, &named()).await;
    assert!(matches!(hidden, Err(Error::NotFound { .. })), "{hidden:?}");
    service_accounts::trust(cp, &owner, &rule(BOUND))
        .await
        .unwrap();
    service_accounts::disable(cp, &admin, &named())
        .await
        .unwrap();
    let found = service_accounts::list(cp, &viewer).await.unwrap();
    let row = &found.rows[0];
    assert_eq!(
        (row.owner.as_str(), row.disabled, row.can_change),
        ("dev@example.com", true, false)
    );
    assert_eq!(row.rules[0].claims["repository_id"], "7");
    assert!(found.teams.is_empty());
    plane.finish().await;
}

#[tokio::test]
async fn a_rule_binds_one_repository_has_no_wildcards_and_warns_of_what_is_wide() {
    let plane = TestPlane::new().await;
    let cp = &plane.cp;
    let owner = of_team(&plane, "dev@example.com", Role::Developer).await;
    service_accounts::make(cp, &owner, &account(TEAM, ""))
        .await
        .unwrap();
    for (claims, why) in [
        ("", FieldProblem::Required),
        ("ref=refs/heads/main", FieldProblem::NotAnchored),
        ("sub=repo:acme/*", FieldProblem::BadClaim),
        ("repository_id=", FieldProblem::BadClaim),
        ("repository_id", FieldProblem::BadClaim),
        ("repo id=7", FieldProblem::BadClaim),
        ("repository_id=7\nrepository_id=8", FieldProblem::Taken),
    ] {
        let refused = service_accounts::trust(cp, &owner, &rule(claims)).await;
        assert_eq!(problem(refused, "claims"), Some(why), "{claims}");
    }
    for issuer in [
        "https://evil.example",
        "https://token.actions.githubusercontent.com.evil.example",
        AZURE,
    ] {
        let form = TrustForm {
            issuer: issuer.to_owned(),
            ..rule(BOUND)
        };
        let refused = service_accounts::trust(cp, &owner, &form).await;
        assert_eq!(
            problem(refused, "issuer"),
            Some(FieldProblem::UnknownIssuer),
            "{issuer}"
        );
    }
    for claims in [
        BOUND,
        "repository_id=7",
        "sub=repo:acme/bots:ref:refs/heads/main",
        "repository_id=7\nevent_name=pull_request",
    ] {
        service_accounts::trust(cp, &owner, &rule(claims))
            .await
            .unwrap();
    }
    let azure = TrustForm {
        issuer: format!("{AZURE}01980000-0000-7000-8000-000000000000"),
        ..rule("sub=sc://acme/bots/clearance")
    };
    service_accounts::trust(cp, &owner, &azure).await.unwrap();
    let found = service_accounts::list(cp, &owner).await.unwrap();
    let warned: Vec<_> = found.rows[0]
        .rules
        .iter()
        .map(|rule| rule.warnings.clone())
        .collect();
    use TrustWarning as W;
    let expected = [
        vec![],
        vec![W::AnyRef],
        vec![W::AnyRef, W::NameOnly],
        vec![W::AnyRef, W::PullRequests],
        vec![],
    ];
    assert_eq!(warned, expected);
    plane.finish().await;
}

#[tokio::test]
async fn a_token_reaches_no_further_than_its_owner_does_at_that_moment_and_only_in_its_team() {
    let plane = TestPlane::new().await;
    let cp = &plane.cp;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    let agent = plane.agent("refund-assistant").await;
    service_accounts::make(cp, &admin, &account(TEAM, ""))
        .await
        .unwrap();
    service_accounts::trust(cp, &admin, &rule(BOUND))
        .await
        .unwrap();
    sign(&plane, "run-1", &[]);
    let nobody = plane.ctx(Actor::Anonymous);
    let given = service_accounts::issue(cp, &nobody, "run-1", "", "")
        .await
        .unwrap();
    assert_eq!(given.lives, 600, "never longer than the CI's token");
    let actor = tokens::actor(cp, &given.text).await.unwrap().unwrap();
    let Actor::Token { grants, .. } = &actor else {
        panic!("a token");
    };
    assert!(
        grants.iter().all(|grant| grant.team == Some(plane.team)),
        "{grants:?}"
    );
    let ctx = plane.ctx(actor.clone());
    let seen = agents::list(cp, &ctx, &AgentQuery::default())
        .await
        .unwrap();
    assert_eq!(seen.rows.len(), 1);
    assert_eq!(seen.rows[0].slug, agent.slug);
    use domain::authz::{Access, Action, Facts, can};
    for action in [Action::Decide, Action::Administer, Action::Waive] {
        let facts = Facts {
            team: Some(plane.team),
        };
        assert_eq!(can(&actor, action, facts), Access::Refused, "{action}");
    }
    // The owner loses the role: the token that is out opens nothing, and there is no other.
    let second = plane
        .person("second@example.com", Role::Administrator)
        .await;
    let people = people::list(cp, &second).await.unwrap();
    let first = people.iter().find(|one| one.email == "admin@example.com");
    let form = TakeAwayForm {
        grant: first.unwrap().roles[0].grant.clone(),
        reason: "they left for another company".to_owned(),
    };
    elevations::take_away(cp, &second, &form).await.unwrap();
    assert_eq!(tokens::actor(cp, &given.text).await.unwrap(), None);
    sign(&plane, "run-2", &[]);
    let refused = service_accounts::issue(cp, &nobody, "run-2", "", "").await;
    assert!(
        matches!(refused, Err(IssueError::NotAllowed)),
        "{refused:?}"
    );
    plane.finish().await;
}

#[tokio::test]
async fn who_got_a_token_for_what_run_is_in_the_log_and_refusals_are_summed_up() {
    let plane = TestPlane::new().await;
    let cp = &plane.cp;
    let owner = of_team(&plane, "dev@example.com", Role::Developer).await;
    service_accounts::make(cp, &owner, &account(TEAM, ""))
        .await
        .unwrap();
    service_accounts::trust(cp, &owner, &rule(BOUND))
        .await
        .unwrap();
    sign(&plane, "run-1", &[]);
    let nobody = plane.ctx(Actor::Anonymous);
    let given = service_accounts::issue(cp, &nobody, "run-1", "support-ci", "read")
        .await
        .unwrap();
    for _ in 0..30 {
        let again = service_accounts::issue(cp, &nobody, "run-1", "", "").await;
        assert!(matches!(again, Err(IssueError::Untrusted)), "{again:?}");
    }
    plane.clock.advance(TimeDelta::minutes(2));
    sign(&plane, "run-9", &[("repository_id", "8")]);
    for _ in 0..3 {
        let other = service_accounts::issue(cp, &nobody, "run-9", "", "").await;
        assert!(matches!(other, Err(IssueError::NotAllowed)), "{other:?}");
    }
    let again = service_accounts::issue(cp, &nobody, "run-1", "", "").await;
    assert!(matches!(again, Err(IssueError::Untrusted)));
    let said = |action: &str| {
        let action = action.to_owned();
        let plane = &plane;
        async move {
            let events = plane.events().await;
            let found = events.iter().filter(|event| event.action == action);
            found
                .map(|event| serde_json::to_value(event).unwrap().to_string())
                .collect::<Vec<_>>()
        }
    };
    let issued = said("service_token_issued").await;
    assert_eq!(issued.len(), 1);
    for word in [
        "acme/bots",
        "refs/heads/main",
        "4711",
        "ci.yml",
        "support-ci",
        "\"read\"",
    ] {
        assert!(issued[0].contains(word), "{word}: {}", issued[0]);
    }
    assert!(!issued[0].contains(&given.text) && !issued[0].contains("run-1"));
    let refused = said("service_token_refused").await;
    assert_eq!(refused.len(), 3, "{refused:?}");
    let (first, other, rest) = (&refused[0], &refused[1], &refused[2]);
    assert!(
        first.contains("used_before") && !first.contains(r#""count""#),
        "{first}"
    );
    assert!(
        other.contains("no_rule") && !other.contains(r#""count""#),
        "{other}"
    );
    assert!(
        rest.contains("used_before") && rest.contains(r#""count":"30""#),
        "{rest}"
    );
    plane.finish().await;
}
