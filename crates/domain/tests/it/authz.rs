//! Who may do what: the whole matrix, as text that a person reads.

use std::fmt::Write as _;

use domain::actor::{Actor, Grant, Role, TokenScope};
use domain::authz::{Access, Action, Facts, can};
use domain::id::{TeamId, TokenId, UserId};
use uuid::Uuid;

fn team(number: u128) -> TeamId {
    TeamId(Uuid::from_u128(number))
}

fn person(role: Role, team: Option<TeamId>) -> Actor {
    Actor::User {
        id: UserId(Uuid::from_u128(1)),
        name: "A".to_owned(),
        email: "a@example.com".to_owned(),
        grants: vec![Grant { role, team }],
    }
}

fn token(role: Role, scopes: &[TokenScope]) -> Actor {
    Actor::Token {
        id: TokenId(Uuid::from_u128(2)),
        user: UserId(Uuid::from_u128(1)),
        name: "A".to_owned(),
        email: "a@example.com".to_owned(),
        grants: vec![Grant { role, team: None }],
        scopes: scopes.to_vec(),
    }
}

const fn word(access: Access) -> &'static str {
    match access {
        Access::Allowed => "yes",
        Access::Refused => "no",
        Access::Unauthenticated => "sign in",
    }
}

fn matrix() -> String {
    let facts = |team| Facts { team };
    let (ours, theirs) = (Some(team(1)), Some(team(2)));
    let mut text = String::from(
        "role           action      own team  other team  organisation  role in every team\n",
    );
    for role in Role::ALL {
        for action in Action::ALL {
            let here = person(*role, ours);
            let _ = writeln!(
                text,
                "{:<14} {:<11} {:<9} {:<11} {:<13} {}",
                role.as_str(),
                action.as_str(),
                word(can(&here, *action, facts(ours))),
                word(can(&here, *action, facts(theirs))),
                word(can(&here, *action, facts(None))),
                word(can(&person(*role, None), *action, facts(theirs))),
            );
        }
    }
    text
}

#[test]
fn the_matrix_of_roles_and_actions_is_the_one_on_file() {
    let found = matrix();
    let expected = include_str!("authz.txt");
    assert_eq!(found, expected, "the matrix is now:\n{found}");
}

#[test]
fn nobody_does_anything_before_sign_in() {
    for action in Action::ALL {
        let access = can(&Actor::Anonymous, *action, Facts::default());
        assert_eq!(access, Access::Unauthenticated, "{action}");
    }
}

#[test]
fn clearance_itself_decides_waives_and_administers_nothing() {
    let worker = Actor::System {
        worker: "w".to_owned(),
    };
    for action in Action::ALL {
        let allowed = !matches!(action, Action::Decide | Action::Administer | Action::Waive);
        let access = can(&worker, *action, Facts::default());
        assert_eq!(access == Access::Allowed, allowed, "{action}");
    }
}

#[test]
fn a_token_is_never_more_than_its_scopes_and_its_maker() {
    let scopes: [&[TokenScope]; 4] = [
        &[],
        &[TokenScope::Read],
        &[TokenScope::Write],
        &[TokenScope::Read, TokenScope::Write],
    ];
    for role in Role::ALL {
        for action in Action::ALL {
            for scopes in scopes {
                let access = can(&token(*role, scopes), *action, Facts::default());
                let maker = can(&person(*role, None), *action, Facts::default());
                let reads = matches!(action, Action::Read | Action::Export);
                let needed = if reads {
                    TokenScope::Read
                } else {
                    TokenScope::Write
                };
                let never = matches!(action, Action::Decide | Action::Administer | Action::Waive);
                let allowed = maker == Access::Allowed && scopes.contains(&needed) && !never;
                assert_eq!(
                    access == Access::Allowed,
                    allowed,
                    "{role} {action} {scopes:?}"
                );
            }
        }
    }
}
