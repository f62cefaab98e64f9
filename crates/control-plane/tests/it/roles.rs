//! Giving a further role: who may, what is refused, and that two clicks give it once.

use control_plane::{Error, people};
use domain::actor::Role;
use domain::authz::{Access, Action, Facts, can};
use domain::error::FieldProblem;
use domain::form::person::RoleForm;

use crate::support::World;

fn form(email: &str, role: Role, team: &str) -> RoleForm {
    RoleForm {
        email: email.to_owned(),
        role: role.as_str().to_owned(),
        team: team.to_owned(),
        reason: "They look after the agent now.".to_owned(),
    }
}

fn problem(outcome: Result<(), Error>) -> (String, FieldProblem) {
    let Err(Error::Invalid(errors)) = outcome else {
        panic!("not refused: {outcome:?}");
    };
    errors.fields.into_iter().next().unwrap()
}

#[tokio::test]
async fn a_role_is_given_once_in_one_place_and_recorded() {
    let world = World::new().await;
    let plane = &world.plane;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    let viewer = plane.person("viewer@example.com", Role::Viewer).await;
    let care = plane.add_team("care").await;
    let give = async |form: &RoleForm| people::give_role(&plane.cp, &admin, form).await;

    let own = people::give_role(
        &plane.cp,
        &viewer,
        &form("viewer@example.com", Role::Approver, ""),
    )
    .await;
    assert!(matches!(own, Err(Error::Forbidden { .. })));
    let nobody = give(&form("nobody@example.com", Role::Approver, "")).await;
    assert_eq!(
        problem(nobody),
        ("email".to_owned(), FieldProblem::UnknownChoice)
    );
    let nowhere = give(&form("viewer@example.com", Role::Approver, "nowhere")).await;
    assert_eq!(
        problem(nowhere),
        ("team".to_owned(), FieldProblem::UnknownChoice)
    );

    let wanted = form("Viewer@Example.com", Role::Approver, "care");
    let (one, two) = tokio::join!(give(&wanted), give(&wanted));
    assert!(one.is_ok() != two.is_ok(), "given once: {one:?}, {two:?}");
    let refused = if one.is_ok() { two } else { one };
    assert_eq!(
        problem(refused),
        ("role".to_owned(), FieldProblem::AlreadyHeld)
    );
    assert_eq!(plane.count_events("role_granted").await, 1);

    let id = viewer.actor().user().unwrap();
    let now = plane.again(id).await;
    let decides = |team| can(now.actor(), Action::Decide, Facts { team: Some(team) });
    assert_eq!(decides(care), Access::Allowed);
    assert_ne!(decides(plane.team), Access::Allowed, "in one team only");
    world.plane.finish().await;
}
