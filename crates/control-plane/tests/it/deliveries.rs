//! Deliveries: each has the effect of one, whatever the sender does (invariant 6).

use chrono::Duration;
use control_plane::Error;
use control_plane::fakes::{Fault, NewCommit};
use control_plane::ports::PortErrorKind;
use control_plane::testing::Delivery;
use domain::deployment::DeploymentState;
use domain::environment::Environment;
use domain::error::Conflict;

use crate::support::{World, conflict};

#[tokio::test]
async fn the_same_delivery_at_the_same_time_is_one_push() {
    let world = World::new().await;
    let plane = &world.plane;
    let files = world.agent.files();
    let commit = plane.commit(
        &world.agent,
        NewCommit {
            files,
            ..NewCommit::default()
        },
    );
    let delivery = plane.delivery(&world.agent, None, Some(&commit));
    let all = (0..8).map(|_| plane.deliver(&delivery));
    let taken = futures::future::join_all(all).await;
    let taken: Vec<_> = taken.into_iter().map(Result::unwrap).collect();
    assert_eq!(taken.iter().filter(|r| r.fresh).count(), 1);
    assert!(taken.iter().all(|r| r.id == taken[0].id));
    let (one, two) = tokio::join!(plane.settle(), plane.settle());
    drop((one, two));
    plane.settle_all().await;
    assert_eq!(plane.pushes().await.len(), 1);
    assert_eq!(plane.numbers().await, [1, 2]);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_redelivery_of_what_is_done_has_no_effect() {
    let world = World::new().await;
    let plane = &world.plane;
    let files = world.agent.files();
    let commit = NewCommit {
        files,
        ..NewCommit::default()
    };
    let commit = plane.commit(&world.agent, commit);
    let delivery = plane.delivery(&world.agent, None, Some(&commit));
    assert!(plane.deliver(&delivery).await.unwrap().fresh);
    world.settle().await;
    assert!(!plane.deliver(&delivery).await.unwrap().fresh);
    // The same push under another id: the host says where the branch is, and that is known.
    let again = plane.delivery(&world.agent, None, Some(&commit));
    assert!(plane.deliver(&again).await.unwrap().fresh);
    world.settle().await;
    assert_eq!(plane.pushes().await.len(), 1);
    assert_eq!(plane.numbers().await, [1, 2]);
    let notes: Vec<_> = plane.deliveries().await;
    assert_eq!(notes[1].2.as_deref(), Some("every head was known already"));
    world.plane.finish().await;
}

#[tokio::test]
async fn the_same_id_with_another_body_is_refused() {
    let world = World::new().await;
    let plane = &world.plane;
    let first = plane.delivery(&world.agent, None, Some(&"a".repeat(40)));
    plane.deliver(&first).await.unwrap();
    let second = Delivery {
        body: b"{}".to_vec(),
        ..first.clone()
    };
    assert_eq!(conflict(plane.deliver(&second).await), Conflict::KeyReused);
    world.settle().await;
    assert_eq!(plane.deliveries().await.len(), 1);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_redelivery_revives_only_what_failed() {
    let world = World::new().await;
    let plane = &world.plane;
    let files = world.agent.files();
    let commit = NewCommit {
        files,
        ..NewCommit::default()
    };
    let commit = plane.commit(&world.agent, commit);
    let refused = Fault::Refused(PortErrorKind::Unavailable);
    plane.fakes.faults.next("git.head", 50, refused);
    let delivery = plane.delivery(&world.agent, None, Some(&commit));
    plane.deliver(&delivery).await.unwrap();
    plane.settle_all().await;
    assert_eq!(plane.deliveries().await[0].1, "failed");
    assert_eq!(plane.pushes().await.len(), 0);

    plane.fakes.faults.clear();
    assert!(!plane.deliver(&delivery).await.unwrap().fresh);
    assert_eq!(plane.count_events("delivery_revived").await, 1);
    world.settle().await;
    assert_eq!(plane.deliveries().await[0].1, "done");
    assert_eq!(plane.pushes().await.len(), 1);
    plane.deliver(&delivery).await.unwrap();
    assert_eq!(plane.count_events("delivery_revived").await, 1);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_git_host_that_does_not_answer_for_a_while_loses_nothing() {
    let world = World::new().await;
    let plane = &world.plane;
    let refused = Fault::Refused(PortErrorKind::Unavailable);
    plane.fakes.faults.next("git.head", 3, refused);
    plane.fakes.faults.next("git.check_out", 3, refused);
    plane.push(&world.agent, world.agent.files()).await;
    plane.settle_all().await;
    assert_eq!(plane.deliveries().await[0].1, "done");
    world.expect(1, DeploymentState::Live).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn an_hour_without_the_git_host_loses_neither_push_nor_status() {
    let world = World::new().await;
    let plane = &world.plane;
    let refused = Fault::Refused(PortErrorKind::Unavailable);
    for call in ["git.check_out", "git.write_tag", "git.write_status"] {
        plane.fakes.faults.next(call, 25, refused);
    }
    let begin = plane.now();
    plane.push(&world.agent, world.agent.files()).await;
    plane.settle_all().await;
    assert!(plane.now() - begin > Duration::hours(1));
    assert_eq!(plane.fakes.faults.planned(), 0);
    world.expect(1, DeploymentState::Live).await;
    assert_eq!(plane.fakes.git.tags(&world.agent.repository).len(), 2);
    let unsent = "SELECT id FROM outbox WHERE state <> 'done'";
    assert_eq!(plane.column(unsent).await.len(), 0);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_wrong_signature_is_refused_and_audited_once_a_minute() {
    let world = World::new().await;
    let plane = &world.plane;
    let delivery = plane.delivery(&world.agent, None, Some(&"a".repeat(40)));
    for _ in 0..5 {
        let refused = plane.deliver_forged(&delivery).await;
        assert!(matches!(refused, Err(Error::Unauthenticated)));
    }
    assert_eq!(plane.count_events("delivery_refused").await, 1);
    plane.clock.advance(Duration::seconds(61));
    plane.deliver_forged(&delivery).await.unwrap_err();
    assert_eq!(plane.count_events("delivery_refused").await, 2);
    assert_eq!(plane.deliveries().await.len(), 0);
    world.plane.finish().await;
}

#[tokio::test]
async fn deliveries_out_of_order_end_at_the_newest_commit() {
    let world = World::new().await;
    let plane = &world.plane;
    let by = |files| NewCommit {
        files,
        ..NewCommit::default()
    };
    let old = plane.commit(&world.agent, by(world.agent.files()));
    let files = world.agent.files_with("agent.py", "print('new')\n");
    let new = plane.commit(&world.agent, by(files));
    let later = plane.delivery(&world.agent, Some(&old), Some(&new));
    let earlier = plane.delivery(&world.agent, None, Some(&old));
    plane.deliver(&later).await.unwrap();
    plane.deliver(&earlier).await.unwrap();
    world.settle().await;
    let commits: Vec<String> = plane.pushes().await.into_iter().map(|p| p.0).collect();
    assert_eq!(commits, [new]);
    assert_eq!(plane.numbers().await, [1, 2]);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_force_push_to_an_older_commit_deploys_that_version_again() {
    let world = World::live().await;
    let plane = &world.plane;
    let first = plane.version(1).await;
    let second = world.push_code("print('second')\n").await;
    world.settle().await;
    let (repository, branch) = (&world.agent.repository, &world.agent.branch);
    plane
        .fakes
        .git
        .move_branch(repository, branch, &first.commit);
    plane.fakes.git.forget_commit(repository, &second);
    let delivery = plane.delivery(&world.agent, Some(&second), Some(&first.commit));
    plane.deliver(&delivery).await.unwrap();
    world.settle().await;
    let numbers = plane.numbers().await;
    let last = *numbers.last().unwrap();
    let now = plane
        .live(&world.agent, Environment::NonProd)
        .await
        .unwrap();
    assert_eq!(plane.version(now).await.number, first.number);
    assert_eq!(plane.version(last).await.number, first.number);
    assert_eq!(plane.versions().await.len(), 2, "no third version");
    world.plane.finish().await;
}

#[tokio::test]
async fn a_deleted_branch_changes_nothing() {
    let world = World::live().await;
    let plane = &world.plane;
    let (repository, branch) = (&world.agent.repository, &world.agent.branch);
    let head = plane.fakes.git.branch(repository, branch).unwrap();
    plane.fakes.git.delete_branch(repository, branch);
    let delivery = plane.delivery(&world.agent, Some(&head), None);
    plane.deliver(&delivery).await.unwrap();
    world.settle().await;
    plane.clock.advance(Duration::minutes(5));
    world.settle().await;
    assert_eq!(plane.deliveries().await[1].1, "ignored");
    assert_eq!(plane.numbers().await, [1, 2]);
    world.expect(2, DeploymentState::Live).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn the_poller_finds_a_push_that_no_delivery_told_of() {
    let world = World::live().await;
    let plane = &world.plane;
    let files = world.agent.files_with("agent.py", "print('missed')\n");
    let commit = NewCommit {
        files,
        ..NewCommit::default()
    };
    let commit = plane.commit(&world.agent, commit);
    world.settle().await;
    assert_eq!(plane.pushes().await.len(), 1, "not before its time");
    plane.clock.advance(Duration::seconds(60));
    world.settle().await;
    let pushes = plane.pushes().await;
    assert_eq!(pushes.len(), 2);
    assert_eq!((&pushes[1].0, pushes[1].1.as_str()), (&commit, "poll"));
    world.expect(4, DeploymentState::AwaitingApproval).await;
    // The delivery that comes late is news no more.
    let late = plane.delivery(&world.agent, None, Some(&commit));
    plane.deliver(&late).await.unwrap();
    world.settle().await;
    assert_eq!(plane.pushes().await.len(), 2);
    world.plane.finish().await;
}

#[tokio::test]
async fn what_concerns_nobody_or_cannot_be_read_is_kept_and_ends() {
    let world = World::new().await;
    let plane = &world.plane;
    let with = |key: &str, event: &str, body: &str| Delivery {
        key: key.to_owned(),
        event: event.to_owned(),
        body: body.as_bytes().to_vec(),
    };
    let zero = "0".repeat(40);
    let foreign = format!(
        r#"{{"ref":"refs/heads/main","before":"{zero}","after":"{}","repository":{{"clone_url":"https://git.example.com/other/one"}}}}"#,
        "a".repeat(40)
    );
    let deep = "[".repeat(100_000);
    let cases = [
        (with("ping", "ping", "{}"), "ignored"),
        (with("issue", "issues", "{}"), "ignored"),
        (with("foreign", "push", &foreign), "ignored"),
        (with("no-json", "push", "not json"), "failed"),
        (with("deep", "push", &deep), "failed"),
        (with("empty", "push", "{}"), "failed"),
    ];
    for (delivery, _) in &cases {
        plane.deliver(delivery).await.unwrap();
    }
    world.settle().await;
    for ((key, state, _), (delivery, expected)) in plane.deliveries().await.iter().zip(&cases) {
        assert_eq!((key, state.as_str()), (&delivery.key, *expected));
    }
    assert_eq!(plane.pushes().await.len(), 0);
    world.plane.finish().await;
}
