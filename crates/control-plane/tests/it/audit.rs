//! The audit log: written with the change or not at all, never changed, and checkable by somebody outside (invariants 3 and 8).

use control_plane::{Error, agents, connections, people};
use domain::actor::Role;
use domain::form::agent::OnboardForm;
use domain::form::connection::ConnectionForm;
use domain::form::person::{PersonForm, TeamForm};

use crate::support::World;
use control_plane::testing::{CONNECTION, TEAM};

const SEALED: [&str; 3] = ["audit_leaves", "audit_hashes", "checkpoints"];

/// Takes the seal off a table, as somebody with the database's password could.
pub(crate) async fn unseal(world: &World, table: &str) {
    let statements = if world.plane.is_postgres() {
        vec![format!("ALTER TABLE {table} DISABLE TRIGGER ALL")]
    } else {
        ["UPDATE", "DELETE"]
            .map(|verb| format!("DROP TRIGGER seal_{table}_{verb}"))
            .to_vec()
    };
    for statement in statements {
        world.plane.sql(&statement).await.unwrap();
    }
}

#[tokio::test]
async fn rows_of_the_log_cannot_be_updated_or_deleted() {
    let world = World::asked().await;
    let plane = &world.plane;
    control_plane::audit::publish(&plane.cp).await.unwrap();
    for table in SEALED {
        for statement in [
            format!("DELETE FROM {table}"),
            match table {
                "audit_leaves" => "UPDATE audit_leaves SET actor_name = 'nobody'".to_owned(),
                "audit_hashes" => "UPDATE audit_hashes SET idx = idx + 1000000".to_owned(),
                _ => "UPDATE checkpoints SET root = ''".to_owned(),
            },
        ] {
            let refused = plane.sql(&statement).await.unwrap_err().to_string();
            assert!(refused.contains("append-only"), "{statement}: {refused}");
        }
    }
    world.plane.finish().await;
}

#[tokio::test]
async fn tampering_is_found_by_somebody_who_has_only_the_export_and_the_key() {
    let quoted = "X'00'";
    let attacks = [
        (
            "another actor on the page",
            "UPDATE audit_leaves SET actor_name = 'nobody' WHERE idx = 7".to_owned(),
        ),
        (
            "another fact under the same hash",
            "UPDATE audit_leaves SET leaf = (SELECT leaf FROM audit_leaves WHERE idx = 8) WHERE idx = 7".to_owned(),
        ),
        (
            "another hash",
            "UPDATE audit_leaves SET leaf_hash = (SELECT leaf_hash FROM audit_leaves WHERE idx = 8) WHERE idx = 7".to_owned(),
        ),
        ("nonsense", format!("UPDATE audit_leaves SET leaf = {quoted} WHERE idx = 7")),
        ("a hole", "DELETE FROM audit_leaves WHERE idx = 7".to_owned()),
    ];
    for (what, attack) in attacks {
        let world = World::asked().await;
        let plane = &world.plane;
        let sound = plane.verify_log().await.unwrap();
        assert!(sound.size > 20);
        unseal(&world, "audit_leaves").await;
        let attack = if plane.is_postgres() {
            attack.replace("X'00'", "'\\x00'::bytea")
        } else {
            attack
        };
        plane.sql(&attack).await.unwrap();
        let found = plane.verify_log().await.expect_err(what);
        assert!(found.contains("entry 7"), "{what}: {found}");
        world.plane.remove().await;
    }
}

#[tokio::test]
async fn two_events_that_changed_places_are_found() {
    let world = World::asked().await;
    let plane = &world.plane;
    plane.verify_log().await.unwrap();
    unseal(&world, "audit_leaves").await;
    for step in [
        "UPDATE audit_leaves SET idx = -1 WHERE idx = 7",
        "UPDATE audit_leaves SET idx = 7 WHERE idx = 8",
        "UPDATE audit_leaves SET idx = 8 WHERE idx = -1",
    ] {
        plane.sql(step).await.unwrap();
    }
    // With their hashes they moved as well, so the root alone tells; which ones it was, an earlier export shows.
    let found = plane.verify_log().await.unwrap_err();
    assert!(found.contains("tampered"), "{found}");
    world.plane.remove().await;
}

#[tokio::test]
async fn a_log_that_was_cut_is_noticed_on_every_page() {
    let world = World::asked().await;
    let plane = &world.plane;
    control_plane::audit::publish(&plane.cp).await.unwrap();
    assert!(control_plane::audit::chain(&plane.cp).await.unwrap().intact);
    plane
        .sql("UPDATE audit_tree SET size = size - 3")
        .await
        .unwrap();
    let chain = control_plane::audit::chain(&plane.cp).await.unwrap();
    assert!(!chain.intact);
    world.plane.remove().await;
}

#[tokio::test]
async fn what_cannot_be_audited_does_not_happen() {
    let world = World::asked().await;
    let plane = &world.plane;
    let form = plane.approval_form(&world.approver, 2).await;
    let rename = |from: &str, to: &str| format!("ALTER TABLE {from} RENAME TO {to}");
    plane.sql(&rename("audit_leaves", "away")).await.unwrap();

    let decided = control_plane::approvals::decide(&plane.cp, &world.approver, &form).await;
    assert!(matches!(decided, Err(Error::Unavailable { .. })));
    let onboard = OnboardForm {
        slug: "second-agent".to_owned(),
        team: TEAM.to_owned(),
        connection: CONNECTION.to_owned(),
        repository: "https://git.example.com/acme/second".to_owned(),
        ..OnboardForm::default()
    };
    let onboarded = agents::onboard(&plane.cp, &plane.system(), &onboard).await;
    assert!(onboarded.is_err());
    let delivery = plane.delivery(&world.agent, None, Some(&"a".repeat(40)));
    assert!(plane.deliver(&delivery).await.is_err());

    plane.sql(&rename("away", "audit_leaves")).await.unwrap();
    let states = plane.column("SELECT state FROM approvals").await;
    assert_eq!(states, ["open"]);
    assert_eq!(plane.column("SELECT id FROM decisions").await.len(), 0);
    assert_eq!(plane.column("SELECT slug FROM agents").await.len(), 1);
    assert_eq!(plane.deliveries().await.len(), 1);
    world.settle().await;
    world.plane.finish().await;
}

#[tokio::test]
async fn of_two_first_runs_at_once_one_makes_an_administrator() {
    let plane = control_plane::testing::TestPlane::new().await;
    let ctx = plane.anonymous();
    let form = |email: &str| PersonForm {
        name: "First".to_owned(),
        email: email.to_owned(),
        password: "a password of some length".to_owned(),
        role: "viewer".to_owned(),
        team: String::new(),
    };
    let (one, two) = (form("one@example.com"), form("two@example.com"));
    let (one, two) = tokio::join!(
        people::set_up(&plane.cp, &ctx, &one),
        people::set_up(&plane.cp, &ctx, &two)
    );
    assert_ne!(one.is_ok(), two.is_ok());
    assert_eq!(plane.column("SELECT email FROM users").await.len(), 1);
    assert_eq!(
        plane.column("SELECT role FROM role_grants").await,
        ["administrator"]
    );
    assert_eq!(plane.count_events("set_up").await, 1);
    plane.finish().await;
}

#[tokio::test]
async fn a_refused_attempt_is_a_fact_in_the_log() {
    let world = World::new().await;
    let plane = &world.plane;
    let viewer = plane.person("viewer@example.com", Role::Viewer).await;
    let team = TeamForm {
        slug: "mine".to_owned(),
        name: "Mine".to_owned(),
    };
    let person = PersonForm {
        name: "Friend".to_owned(),
        email: "friend@example.com".to_owned(),
        password: "a password of some length".to_owned(),
        role: "administrator".to_owned(),
        team: String::new(),
    };
    let connection = ConnectionForm {
        slug: "mine".to_owned(),
        name: "Mine".to_owned(),
        kind: "github".to_owned(),
        secret_reference: String::new(),
    };
    let onboard = OnboardForm {
        slug: "mine".to_owned(),
        team: TEAM.to_owned(),
        connection: CONNECTION.to_owned(),
        repository: "https://git.example.com/acme/mine".to_owned(),
        ..OnboardForm::default()
    };
    let outcomes = [
        people::create_team(&plane.cp, &viewer, &team).await,
        people::add(&plane.cp, &viewer, &person).await,
        connections::create(&plane.cp, &viewer, &connection)
            .await
            .map(|_| ()),
        agents::onboard(&plane.cp, &viewer, &onboard)
            .await
            .map(|_| ()),
    ];
    for outcome in &outcomes {
        assert!(
            matches!(outcome, Err(Error::Forbidden { .. })),
            "{outcome:?}"
        );
    }
    let events = plane.events().await;
    let refused: Vec<_> = events.iter().filter(|e| e.action == "refused").collect();
    let asked: Vec<&str> = refused.iter().map(|e| e.object.id.as_str()).collect();
    assert_eq!(
        asked,
        [
            "people::create_team",
            "people::add",
            "connections::create",
            "agents::onboard"
        ]
    );
    assert!(
        refused
            .iter()
            .all(|e| e.actor.id == viewer.actor().audit_id())
    );
    world.plane.finish().await;
}
