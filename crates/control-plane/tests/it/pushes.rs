//! Pushes: what becomes a version, and what the team hears when it does not.

use control_plane::fakes::{Files, NewCommit};
use control_plane::testing::{TEAM, TestAgent, TestPlane};
use domain::deployment::DeploymentState;
use domain::environment::Environment;

use crate::support::World;

/// Pushes files that make no version, and gives the note with the problems.
async fn rejected(world: &World, files: Files) -> String {
    world.plane.push(&world.agent, files).await;
    world.settle().await;
    let pushes = world.plane.pushes().await;
    let (_, _, state, note) = pushes.last().unwrap();
    assert_eq!(state, "rejected", "{note}");
    assert!(world.plane.numbers().await.is_empty());
    note.clone()
}

#[tokio::test]
async fn an_invalid_manifest_is_rejected_with_line_and_column() {
    let world = World::new().await;
    let sound = world.agent.manifest(&["orders:read"]);
    let bad = sound.replace("framework: custom", "framework: abacus");
    let note = rejected(&world, world.agent.files_with("clearance.yaml", &bad)).await;
    assert!(note.contains("abacus"), "{note}");
    assert!(note.contains(r#""line":5,"column":12"#), "{note}");

    let unknown = format!("{sound}colour: red\n");
    let files = world.agent.files_with("clearance.yaml", &unknown);
    let note = rejected(&world, files).await;
    assert!(note.contains("colour"), "{note}");
    let line = sound.lines().count() + 1;
    assert!(note.contains(&format!(r#""line":{line}"#)), "{note}");
    world.plane.finish().await;
}

#[tokio::test]
async fn a_manifest_of_another_agent_and_missing_files_are_rejected() {
    let world = World::new().await;
    let other = TestAgent::new("somebody-else").manifest(&[]);
    let files = world.agent.files_with("clearance.yaml", &other);
    let note = rejected(&world, files).await;
    assert!(note.contains("somebody-else"), "{note}");
    for missing in ["prompts/system.md", "agent.py", "requirements.txt"] {
        let mut files = world.agent.files();
        files.remove(missing);
        let note = rejected(&world, files).await;
        assert!(note.contains(missing), "{note}");
    }
    let mut files = world.agent.files();
    files.remove("clearance.yaml");
    let note = rejected(&world, files).await;
    assert!(note.contains("clearance.yaml"), "{note}");
    world.plane.finish().await;
}

#[tokio::test]
async fn a_rejected_push_leaves_what_is_live_alone_and_the_next_one_goes_through() {
    let world = World::live().await;
    let plane = &world.plane;
    let broken = world.agent.files_with("clearance.yaml", "schema: 1\n");
    plane.push(&world.agent, broken).await;
    world.settle().await;
    world.expect(2, DeploymentState::Live).await;
    assert_eq!(plane.numbers().await, [1, 2]);
    world.push_code("print('repaired')\n").await;
    world.settle().await;
    world.expect(3, DeploymentState::Live).await;
    assert_eq!(plane.version(3).await.number, "2.3.1");
    world.plane.finish().await;
}

#[tokio::test]
async fn only_what_is_watched_makes_a_version() {
    let world = World::new().await;
    let plane = &world.plane;
    let manifest = format!(
        "{}watch: [prompts]\n",
        world.agent.manifest(&["orders:read"])
    );
    let mut files = world.agent.files_with("clearance.yaml", &manifest);
    plane.push(&world.agent, files.clone()).await;
    world.settle().await;
    files.insert("README.md".to_owned(), "Words.\n".to_owned());
    plane.push(&world.agent, files.clone()).await;
    world.settle().await;
    assert_eq!(plane.pushes().await[1].2, "unchanged");
    assert_eq!(plane.numbers().await, [1, 2]);
    files.insert("prompts/system.md".to_owned(), "New.\n".to_owned());
    plane.push(&world.agent, files).await;
    world.settle().await;
    assert_eq!(plane.pushes().await[2].2, "done");
    assert_eq!(plane.versions().await.len(), 2);
    world.plane.finish().await;
}

#[tokio::test]
async fn agents_that_share_a_repository_are_deployed_by_one_delivery() {
    let plane = TestPlane::new().await;
    let mut agents = Vec::new();
    let mut files = Files::new();
    for slug in ["order-tracker", "travel-planner"] {
        let mut agent = TestAgent::new(slug);
        agent.repository = "https://git.example.com/acme/all".to_owned();
        agent.path = format!("agents/{slug}");
        plane.onboard(&agent, TEAM).await;
        files.extend(agent.files());
        agents.push(agent);
    }
    plane.push(&agents[0], files.clone()).await;
    assert!(plane.settle().await.is_empty());
    for agent in &agents {
        assert!(plane.live(agent, Environment::NonProd).await.is_some());
    }
    // A change of the one is none of the other.
    let path = "agents/order-tracker/agent.py".to_owned();
    files.insert(path, "print('more')\n".to_owned());
    plane.push(&agents[0], files).await;
    assert!(plane.settle().await.is_empty());
    assert_eq!(plane.versions().await.len(), 3);
    plane.finish().await;
}

#[tokio::test]
async fn a_newer_push_takes_the_place_of_one_that_is_still_on_its_way() {
    let world = World::new().await;
    let plane = &world.plane;
    plane.push(&world.agent, world.agent.files()).await;
    for worker in ["ingest_deliveries", "cut_versions", "advance_deployments"] {
        plane.activate(worker).await.unwrap();
    }
    world.expect(1, DeploymentState::Building).await;
    world.push_code("print('newer')\n").await;
    world.settle().await;
    world.expect(1, DeploymentState::Cleaned).await;
    world.expect(2, DeploymentState::Live).await;
    world.expect(3, DeploymentState::AwaitingApproval).await;
    assert_eq!(plane.receipt(1).await.unwrap().left.len(), 0);
    world.plane.finish().await;
}

#[tokio::test]
async fn text_of_a_commit_that_hides_or_reorders_is_made_visible() {
    let world = World::new().await;
    let plane = &world.plane;
    let commit = NewCommit {
        files: world.agent.files(),
        subject: "safe \u{202e}egnahc\u{200b}".to_owned(),
        ..NewCommit::default()
    };
    plane.push_commit(&world.agent, commit).await;
    world.settle().await;
    let subjects = plane.column("SELECT subject FROM versions").await;
    assert_eq!(subjects, ["safe \u{fffd}egnahc\u{fffd}"]);
    world.plane.finish().await;
}
