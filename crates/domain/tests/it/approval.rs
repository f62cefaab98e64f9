//! Separation of duties: each part in a deployment keeps a person from deciding it, whatever else they are.

use domain::approval::{Absent, Candidate, Parties, RequiredGroup, Rule, may_decide, voice};
use domain::error::Exclusion;
use domain::id::UserId;
use uuid::Uuid;

fn user(number: u128) -> UserId {
    UserId(Uuid::from_u128(number))
}

fn approver() -> Candidate {
    let emails = vec!["a@example.com".to_owned(), "alias@example.com".to_owned()];
    Candidate::approver(user(1), "Approver", emails)
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
        other.accounts = vec![user(3)];
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

fn absent(number: u128, groups: &[&str]) -> Absent {
    Absent {
        id: user(number),
        name: format!("Away {number}"),
        accounts: vec![user(number)],
        emails: vec![format!("{number}@example.com")],
        approver: true,
        groups: groups.iter().map(|g| (*g).to_owned()).collect(),
    }
}

/// Somebody without the role who stands in for another.
fn stand_in(for_whom: Absent) -> Candidate {
    let mut person = Candidate::approver(user(5), "Stand-in", vec!["5@example.com".to_owned()]);
    person.approver = false;
    person.stands_in_for = vec![for_whom];
    person
}

#[test]
fn a_stand_in_speaks_in_the_name_of_whoever_is_away() {
    let person = stand_in(absent(7, &["security"]));
    let found = voice(&person, &Parties::default(), &[]).unwrap();
    assert_eq!(found.on_behalf_of, Some((user(7), "Away 7".to_owned())));
    assert_eq!(found.groups, ["security"]);
    let mut powerless = absent(7, &[]);
    powerless.approver = false;
    let refused = may_decide(&stand_in(powerless), &Parties::default());
    assert_eq!(refused, Err(Exclusion::NotApprover));
}

#[test]
fn what_either_of_the_two_had_a_part_in_cannot_be_decided() {
    let person = stand_in(absent(7, &[]));
    let of_absent = Parties {
        requester: Some(user(7)),
        ..Parties::default()
    };
    assert_eq!(
        may_decide(&person, &of_absent),
        Err(Exclusion::StandsForExcluded)
    );
    let decided = Parties {
        decided: vec![user(7)],
        ..Parties::default()
    };
    assert_eq!(
        may_decide(&person, &decided),
        Err(Exclusion::StandsForExcluded)
    );
    let of_stand_in = Parties {
        author_email: "5@example.com".to_owned(),
        ..Parties::default()
    };
    assert_eq!(
        may_decide(&person, &of_stand_in),
        Err(Exclusion::CommitAuthor)
    );
}

#[test]
fn an_approver_uses_another_name_only_for_a_group_that_is_asked_for() {
    let mut person = approver();
    person.stands_in_for = vec![absent(7, &["security"])];
    let asked = ["security".to_owned()];
    let plain = voice(&person, &Parties::default(), &[]).unwrap();
    assert_eq!(plain.on_behalf_of, None);
    let brings = voice(&person, &Parties::default(), &asked).unwrap();
    assert_eq!(brings.on_behalf_of.unwrap().0, user(7));
    person.groups = asked.to_vec();
    let own = voice(&person, &Parties::default(), &asked).unwrap();
    assert_eq!((own.on_behalf_of, own.groups), (None, asked.to_vec()));
}

#[test]
fn another_account_of_the_same_person_is_excluded_with_it() {
    let mut person = approver();
    person.accounts = vec![user(1), user(2)];
    for parties in [
        Parties {
            requester: Some(user(2)),
            ..Parties::default()
        },
        Parties {
            decided: vec![user(2)],
            ..Parties::default()
        },
        Parties {
            waiver_givers: vec![user(2)],
            ..Parties::default()
        },
    ] {
        assert!(may_decide(&person, &parties).is_err(), "{parties:?}");
    }
}

#[test]
fn a_rule_counts_people_and_groups_apart() {
    let group = |group: &str, count| RequiredGroup {
        group: group.to_owned(),
        count,
    };
    let rule = Rule {
        quorum: 2,
        required: vec![group("legal", 1), group("security", 2)],
    };
    let of = |groups: &[&str]| groups.iter().map(|g| (*g).to_owned()).collect::<Vec<_>>();
    let lacking = rule.lacking(&[of(&["legal"]), of(&["security", "legal"])]);
    assert_eq!(
        (lacking.approvals, lacking.groups.clone()),
        (0, vec![group("security", 1)])
    );
    assert_eq!((lacking.people(), lacking.is_met()), (1, false));
    assert!(
        rule.lacking(&[of(&["legal", "security"]), of(&["security"])])
            .is_met()
    );

    let mut guard = Candidate::approver(user(8), "Guard", Vec::new());
    guard.groups = of(&["security"]);
    let mut alias = guard.clone();
    alias.id = user(9);
    alias.accounts = vec![user(8), user(9)];
    guard.accounts = alias.accounts.clone();
    let none = Parties::default();
    assert!(rule.beyond(&lacking, &[guard.clone()], &none).is_met());
    // Two accounts of one person, and a stand-in, give no more than one.
    let nothing = rule.lacking(&[]);
    let people = [guard, alias, stand_in(absent(8, &["security", "legal"]))];
    let short = rule.beyond(&nothing, &people, &none);
    assert_eq!(short.approvals, 1);
    assert_eq!(short.groups, [group("legal", 1), group("security", 1)]);
}
