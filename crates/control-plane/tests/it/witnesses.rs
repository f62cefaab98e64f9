//! Witnesses of the audit log: what they have seen is shown as that and nothing else, none of them holds work up, and a second
//! history gets no quorum.

use audit_log::{Checkpoint, Hash, WitnessError, open};
use chrono::Duration;
use control_plane::fakes::{FakeWitnesses, Fault};
use control_plane::testing::TestPlane;
use control_plane::{Error, audit, deployments};
use domain::actor::Role;
use domain::deployment::DeploymentState;
use domain::form::query::AuditQuery;
use domain::view::audit::Keeper;
use domain::view::session::Witnessed;

use crate::policies::{administrators, adopt, form, with};
use crate::support::World;

const POLICY: (&str, &str) = (
    "soak_minutes: 0",
    "soak_minutes: 0\n  wait_for_witness: true",
);

async fn plane(witnesses: u8, quorum: usize) -> TestPlane {
    TestPlane::with(|settings| {
        settings.witnesses = Some(FakeWitnesses::policy(witnesses, quorum));
    })
    .await
}

/// One more event in the log.
async fn grow(plane: &TestPlane, who: &str) {
    plane.person(who, Role::Developer).await;
}

async fn settle(plane: &TestPlane) {
    let errors = plane.settle().await;
    assert!(errors.is_empty(), "{errors:?}");
}

async fn witnessed(plane: &TestPlane) -> Witnessed {
    let chain = audit::chain(&plane.cp).await.unwrap();
    chain.witnessed.expect("witnesses are configured")
}

async fn keepers(plane: &TestPlane) -> Vec<Keeper> {
    let trail = audit::trail(&plane.cp, &plane.system(), &AuditQuery::default()).await;
    trail.unwrap().keepers
}

async fn note(plane: &TestPlane) -> String {
    audit::checkpoint_note(&plane.cp).await.unwrap().unwrap()
}

async fn head(plane: &TestPlane) -> Checkpoint {
    open(&note(plane).await, std::slice::from_ref(&plane.key)).unwrap()
}

/// The newest signed head, whether witnessed or not.
async fn signed(plane: &TestPlane) -> u64 {
    audit::chain(&plane.cp).await.unwrap().checkpoint_size
}

#[tokio::test]
async fn what_a_quorum_has_seen_is_shown_with_their_signatures() {
    let plane = plane(3, 2).await;
    grow(&plane, "first@example.com").await;
    settle(&plane).await;
    let policy = FakeWitnesses::policy(3, 2);
    let shown = note(&plane).await;
    assert_eq!(policy.check(&shown).unwrap().len(), 3);
    let found = witnessed(&plane).await;
    let size = signed(&plane).await;
    assert_eq!((found.size, found.by, found.of), (size, 3, 3));
    assert_eq!(found.late_since, None);
    grow(&plane, "second@example.com").await;
    let reader = plane.system();
    let event = audit::get(&plane.cp, &reader, 0).await.unwrap();
    let proof = event.proof.unwrap();
    assert!(proof.valid && proof.is_witnessed());
    assert_eq!(policy.check(&proof.checkpoint).unwrap().len(), 3);
    // What came after that is in no witnessed head yet, and is not shown as if it were.
    audit::publish(&plane.cp).await.unwrap();
    let newest = audit::get(&plane.cp, &reader, size).await.unwrap();
    let proof = newest.proof.unwrap();
    assert!(proof.valid && !proof.is_witnessed());
    assert_eq!(proof.seen, Vec::new());
    assert_eq!(note(&plane).await, shown);
    plane.finish().await;
}

#[tokio::test]
async fn one_that_is_down_holds_nobody_up_and_catches_up() {
    let plane = plane(3, 2).await;
    plane.fakes.witnesses.answers(1, false);
    grow(&plane, "first@example.com").await;
    settle(&plane).await;
    assert_eq!(witnessed(&plane).await.by, 2);
    let troubled: Vec<bool> = keepers(&plane)
        .await
        .iter()
        .map(|one| one.trouble.is_some())
        .collect();
    assert_eq!(troubled, [false, true, false]);
    // It is not asked again at once.
    let asked = plane.fakes.faults.count("witness.add");
    grow(&plane, "second@example.com").await;
    settle(&plane).await;
    assert_eq!(plane.fakes.faults.count("witness.add"), asked + 2);
    plane.fakes.witnesses.answers(1, true);
    plane.clock.advance(Duration::minutes(6));
    settle(&plane).await;
    assert_eq!(plane.fakes.witnesses.seen(1), signed(&plane).await);
    assert_eq!(plane.fakes.witnesses.seen(0), signed(&plane).await);
    plane.finish().await;
}

#[tokio::test]
async fn without_a_quorum_for_a_minute_there_is_one_alarm_and_nothing_is_shown_as_witnessed() {
    let plane = plane(3, 2).await;
    grow(&plane, "first@example.com").await;
    settle(&plane).await;
    let before = witnessed(&plane).await.size;
    for number in [1, 2] {
        plane.fakes.witnesses.answers(number, false);
    }
    grow(&plane, "second@example.com").await;
    settle(&plane).await;
    let kept = head(&plane).await;
    assert_eq!(kept.size, before, "the newest that is witnessed is served");
    assert_eq!(witnessed(&plane).await.late_since, None, "not yet late");
    for _ in 0..3 {
        plane.clock.advance(Duration::seconds(61));
        settle(&plane).await;
    }
    assert_eq!(plane.count_events("witnesses_missed").await, 1);
    let found = witnessed(&plane).await;
    assert!(found.late_since.is_some());
    assert_eq!(found.size, before);
    let served = note(&plane).await;
    let refused = FakeWitnesses::policy(3, 2).check(&served);
    assert!(
        matches!(
            refused,
            Err(WitnessError::TooFew {
                found: 0 | 1,
                quorum: 2
            })
        ),
        "{refused:?}"
    );
    assert!(head(&plane).await.size > before, "work went on");
    for number in [1, 2] {
        plane.fakes.witnesses.answers(number, true);
    }
    plane.clock.advance(Duration::minutes(6));
    settle(&plane).await;
    assert_eq!(plane.count_events("witnesses_returned").await, 1);
    assert_eq!(plane.count_events("witnesses_missed").await, 1);
    let found = witnessed(&plane).await;
    assert_eq!((found.by, found.late_since), (3, None));
    plane.finish().await;
}

#[tokio::test]
async fn an_answer_that_is_lost_is_asked_for_again() {
    for fault in [Fault::AnswerLost, Fault::HangsAfter, Fault::HangsBefore] {
        let plane = plane(1, 1).await;
        grow(&plane, "first@example.com").await;
        settle(&plane).await;
        grow(&plane, "second@example.com").await;
        plane.fakes.faults.next("witness.add", 1, fault);
        plane.settle().await;
        assert!(witnessed(&plane).await.size < signed(&plane).await);
        plane.clock.advance(Duration::seconds(31));
        settle(&plane).await;
        let size = signed(&plane).await;
        assert_eq!(witnessed(&plane).await.size, size, "{fault:?}");
        assert_eq!(plane.count_events("witness_set_back").await, 0);
        plane.finish().await;
    }
}

#[tokio::test]
async fn killed_anywhere_it_asks_on() {
    let plane = plane(2, 2).await;
    for polls in 0..40 {
        grow(&plane, &format!("person{polls}@example.com")).await;
        audit::publish(&plane.cp).await.unwrap();
        plane.settle_killing(|| Some(polls)).await;
        plane.clock.advance(Duration::seconds(31));
    }
    settle(&plane).await;
    let size = signed(&plane).await;
    assert_eq!(witnessed(&plane).await.size, size);
    assert_eq!(plane.count_events("witness_set_back").await, 0);
    plane.finish().await;
}

#[tokio::test]
async fn a_witness_that_forgot_is_told_of_once_and_goes_on() {
    let plane = plane(1, 1).await;
    grow(&plane, "first@example.com").await;
    settle(&plane).await;
    let backup = head(&plane).await;
    grow(&plane, "second@example.com").await;
    settle(&plane).await;
    plane.fakes.witnesses.remember(0, Some(backup.clone()));
    grow(&plane, "third@example.com").await;
    settle(&plane).await;
    assert_eq!(plane.count_events("witness_set_back").await, 1);
    plane.clock.advance(Duration::minutes(6));
    settle(&plane).await;
    assert_eq!(plane.count_events("witness_set_back").await, 1);
    let size = signed(&plane).await;
    assert_eq!(witnessed(&plane).await.size, size);
    plane.finish().await;
}

/// The witness was shown another tree under the log's own key, or another size of one.
#[tokio::test]
async fn a_split_view_gets_no_quorum_and_is_said_to_be_one() {
    let plane = plane(2, 2).await;
    grow(&plane, "first@example.com").await;
    settle(&plane).await;
    let seen = head(&plane).await;
    let forked = Checkpoint {
        root: Hash([9; 32]),
        ..seen.clone()
    };
    let longer = Checkpoint {
        size: seen.size + 1_000,
        ..forked.clone()
    };
    for (memory, words) in [(forked, "not those it has seen"), (longer, "somebody else")] {
        plane.fakes.witnesses.remember(1, Some(memory));
        grow(&plane, &format!("{}@example.com", words.len())).await;
        plane.clock.advance(Duration::minutes(6));
        settle(&plane).await;
        let all = keepers(&plane).await;
        let trouble = all.get(1).and_then(|one| one.trouble.clone());
        let trouble = trouble.unwrap_or_default();
        assert!(trouble.contains(words), "{trouble}");
        assert_eq!(witnessed(&plane).await.size, seen.size);
    }
    plane.remove().await;
}

#[tokio::test]
async fn what_a_witness_said_is_never_changed() {
    let plane = plane(1, 1).await;
    grow(&plane, "first@example.com").await;
    settle(&plane).await;
    for table in ["cosignatures", "witnessed_checkpoints"] {
        for statement in [
            format!("DELETE FROM {table}"),
            format!("UPDATE {table} SET size = size + 1"),
        ] {
            let refused = plane.sql(&statement).await.unwrap_err().to_string();
            assert!(refused.contains("append-only"), "{statement}: {refused}");
        }
    }
    plane.finish().await;
}

#[tokio::test]
async fn a_deployment_waits_until_its_approval_is_witnessed_and_then_goes_on_by_itself() {
    let world = World::with(|settings| {
        settings.witnesses = Some(FakeWitnesses::policy(2, 2));
    })
    .await;
    let plane = &world.plane;
    adopt(&world, &with(&[POLICY])).await;
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    world.expect(1, DeploymentState::Live).await;
    world.expect(2, DeploymentState::AwaitingApproval).await;
    plane.fakes.witnesses.answers(1, false);
    plane.approve(&world.approver, 2).await.unwrap();
    for _ in 0..3 {
        world.settle().await;
        plane.clock.advance(Duration::seconds(6));
    }
    world.expect(2, DeploymentState::Deploying).await;
    assert_eq!(plane.identity(2).await, None);
    assert_eq!(plane.fakes.runtime.starts("clearance-2"), 0);
    let shown = deployments::get(&plane.cp, &world.approver, 2, None, None).await;
    let open = shown.unwrap().conditions.into_iter().filter(|c| !c.met);
    let waits = open
        .filter(|c| {
            c.text
                .starts_with("Waits for the witnesses of the audit log")
        })
        .count();
    assert_eq!(waits, 1);
    plane.fakes.witnesses.answers(1, true);
    plane.clock.advance(Duration::minutes(6));
    world.settle().await;
    plane.clock.advance(Duration::seconds(6));
    world.settle().await;
    world.expect(2, DeploymentState::Live).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn nobody_can_be_made_to_wait_for_witnesses_that_nobody_configured() {
    let world = World::new().await;
    let (one, _) = administrators(&world.plane).await;
    let asked = form(&with(&[POLICY]));
    let refused = control_plane::policies::propose(&world.plane.cp, &one, &asked).await;
    let Err(Error::Policy(refusal)) = refused else {
        panic!("{refused:?}")
    };
    assert!(refusal.problems[0].message.contains("audit_log.witnesses"));
    world.plane.finish().await;
}
