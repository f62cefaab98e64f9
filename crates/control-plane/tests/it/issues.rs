//! Routing back: what failed becomes an issue on the git host where that is switched on, and a later version answers it.

use control_plane::connections;
use control_plane::fakes::Fault;
use control_plane::ports::PortErrorKind;
use domain::actor::Role;
use domain::deployment::DeploymentState;
use domain::form::connection::ConnectionChangeForm;
use domain::gate::{Gate, Verdict};

use crate::support::World;

async fn switched_on() -> World {
    let world = World::new().await;
    let admin = world
        .plane
        .person("admin@example.com", Role::Administrator)
        .await;
    let form = ConnectionChangeForm {
        slug: "acme".to_owned(),
        opens_issues: "on".to_owned(),
    };
    connections::change(&world.plane.cp, &admin, &form)
        .await
        .unwrap();
    world
}

async fn fails(world: &World) {
    world
        .plane
        .fakes
        .verdicts
        .set(Gate::Relevance, Verdict::Failed);
    world.plane.push(&world.agent, world.agent.files()).await;
    world.plane.settle_all().await;
    assert_eq!(world.plane.state(1).await, DeploymentState::Cleaned);
}

async fn goes_live(world: &World, code: &str, number: i64) {
    world
        .plane
        .fakes
        .verdicts
        .set(Gate::Relevance, Verdict::Passed);
    world.push_code(code).await;
    world.plane.settle_all().await;
    world.expect(number, DeploymentState::Live).await;
}

#[tokio::test]
async fn no_issue_is_opened_unless_the_connection_says_so() {
    let world = World::new().await;
    fails(&world).await;
    assert!(
        world
            .plane
            .fakes
            .git
            .issues(&world.agent.repository)
            .is_empty()
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn a_failed_deployment_is_one_issue_and_a_later_version_closes_it() {
    let world = switched_on().await;
    fails(&world).await;
    let opened = world.plane.fakes.git.issues(&world.agent.repository);
    assert_eq!(opened.len(), 1);
    let (issue, answer) = &opened[0];
    assert!(
        issue.title.starts_with("refund-assistant ")
            && issue.title.ends_with("failed in Non-prod (#1)"),
        "{}",
        issue.title
    );
    assert!(issue.body.contains("https://clearance.test/deployments/1"));
    assert!(answer.is_none());
    goes_live(&world, "print('better')\n", 2).await;
    let closed = world.plane.fakes.git.issues(&world.agent.repository);
    assert_eq!(closed.len(), 1);
    assert!(
        closed[0]
            .1
            .as_deref()
            .unwrap()
            .contains("is live in Non-prod as deployment [#2]")
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn a_lost_answer_or_a_kill_opens_no_second_issue() {
    for fault in [Fault::AnswerLost, Fault::HangsAfter, Fault::HangsBefore] {
        let world = switched_on().await;
        world.plane.fakes.faults.next("git.open_issue", 2, fault);
        world.plane.fakes.faults.next("git.close_issue", 1, fault);
        fails(&world).await;
        goes_live(&world, "print('better')\n", 2).await;
        let issues = world.plane.fakes.git.issues(&world.agent.repository);
        assert_eq!(issues.len(), 1, "{fault:?}");
        assert!(issues[0].1.is_some(), "{fault:?}");
        world.plane.finish().await;
    }
}

#[tokio::test]
async fn an_issue_that_the_host_refused_is_not_answered() {
    let world = switched_on().await;
    let no = Fault::Refused(PortErrorKind::Rejected);
    world.plane.fakes.faults.next("git.open_issue", 1, no);
    fails(&world).await;
    goes_live(&world, "print('better')\n", 2).await;
    assert!(
        world
            .plane
            .fakes
            .git
            .issues(&world.agent.repository)
            .is_empty()
    );
    assert_eq!(world.plane.fakes.faults.count("git.close_issue"), 0);
    world.plane.finish().await;
}
