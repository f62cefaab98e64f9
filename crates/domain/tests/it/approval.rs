//! Separation of duties: each part in a deployment keeps a person from deciding it, whatever else they are.

use domain::actor::{Actor, Grant, Role, TokenScope};
use domain::approval::{Candidate, Parties, may_decide};
use domain::error::Exclusion;
use domain::id::{TeamId, TokenId, UserId};
use uuid::Uuid;

fn user(number: u128) -> UserId {
    UserId(Uuid::from_u128(number))
}

fn team() -> TeamId {
    TeamId(Uuid::from_u128(9))
}

fn approver() -> Candidate {
    Candidate {
        id: user(1),
        name: "Approver".to_owned(),
        emails: vec!["a@example.com".to_owned(), "alias@example.com".to_owned()],
        approver: true,
    }
}

#[test]
fn each_part_in_a_deployment_excludes() {
    let alias = "alias@example.com".to_owned();
    let none = Parties::default;
    let cases = [
        (
            Parties {
                requester: Some(user(1)),
                ..none()
            },
            Exclusion::Requester,
        ),
        (
            Parties {
                author_email: alias.clone(),
                ..none()
            },
            Exclusion::CommitAuthor,
        ),
        (
            Parties {
                author_emails: vec!["b@example.com".to_owned(), alias.clone()],
                ..none()
            },
            Exclusion::CommitAuthor,
        ),
        (
            Parties {
                committer_emails: vec![alias.clone()],
                ..none()
            },
            Exclusion::Committer,
        ),
        (
            Parties {
                committer_email: alias.clone(),
                ..none()
            },
            Exclusion::Committer,
        ),
        (
            Parties {
                config_editor_emails: vec!["b@example.com".to_owned(), alias],
                ..none()
            },
            Exclusion::ConfigEditor,
        ),
        (
            Parties {
                waiver_givers: vec![user(2), user(1)],
                ..none()
            },
            Exclusion::WaiverGiver,
        ),
        (
            Parties {
                decided: vec![user(1)],
                ..none()
            },
            Exclusion::AlreadyDecided,
        ),
    ];
    for (parties, rule) in cases {
        assert_eq!(may_decide(&approver(), &parties), Err(rule));
        let mut other = approver();
        other.id = user(3);
        other.emails = vec!["c@example.com".to_owned()];
        assert_eq!(may_decide(&other, &parties), Ok(()));
        other.approver = false;
        let refused = may_decide(&other, &parties);
        assert_eq!(refused, Err(Exclusion::NotApprover));
    }
}

#[test]
fn an_author_without_an_address_excludes_nobody_by_accident() {
    let mut person = approver();
    person.emails.clear();
    assert_eq!(may_decide(&person, &Parties::default()), Ok(()));
}

#[test]
fn only_a_person_with_a_session_is_a_candidate() {
    let grants = |team| {
        vec![Grant {
            role: Role::Approver,
            team,
        }]
    };
    let person = |team| Actor::User {
        id: user(1),
        name: "A".to_owned(),
        email: "A@Example.com".to_owned(),
        grants: grants(team),
    };
    let git = ["Git@Example.com".to_owned()];
    let found = Candidate::of(&person(None), team(), &git).unwrap();
    assert_eq!(found.emails, ["a@example.com", "git@example.com"]);
    assert!(found.approver);
    let elsewhere = Some(TeamId(Uuid::from_u128(8)));
    let found = Candidate::of(&person(elsewhere), team(), &[]).unwrap();
    assert!(!found.approver);
    let token = Actor::Token {
        id: TokenId(Uuid::from_u128(2)),
        user: user(1),
        name: "A".to_owned(),
        email: "a@example.com".to_owned(),
        grants: grants(None),
        scopes: TokenScope::ALL.to_vec(),
    };
    for actor in [
        token,
        Actor::Anonymous,
        Actor::System {
            worker: "w".to_owned(),
        },
    ] {
        assert_eq!(Candidate::of(&actor, team(), &[]), None);
    }
}
