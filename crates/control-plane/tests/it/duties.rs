//! Separation of duties over several commits: who had a part in anything since what is live cannot approve (invariant 2).

use control_plane::approvals;
use control_plane::fakes::{Files, NewCommit};
use control_plane::testing::{TEAM, TestAgent};
use domain::actor::Role;
use domain::deployment::DeploymentState;
use domain::error::Exclusion;

use crate::approvals::{excluded, reject};
use crate::support::World;

fn by(author: &str, files: Files) -> NewCommit {
    NewCommit {
        files,
        author: author.to_owned(),
        ..NewCommit::default()
    }
}

#[tokio::test]
async fn whoever_wrote_or_committed_any_commit_since_the_live_version_cannot_approve() {
    let world = World::live().await;
    let plane = &world.plane;
    let mallory = plane.person("mallory@example.com", Role::Approver).await;
    let presser = plane.person("presser@example.com", Role::Approver).await;
    let earlier = plane.person("author@example.com", Role::Approver).await;
    // One push of three commits; the last is harmless and by somebody without a role here.
    let code = |code| world.agent.files_with("agent.py", code);
    let commit = NewCommit {
        committer: "presser@example.com".to_owned(),
        ..by("Mallory@example.com", code("steal()\n"))
    };
    plane.commit(&world.agent, commit);
    plane.commit(&world.agent, by("coder@example.com", code("pass\n")));
    let last = by("coder@example.com", code("print('new')\n"));
    plane.push_commit(&world.agent, last).await;
    world.settle().await;
    world.expect(4, DeploymentState::AwaitingApproval).await;

    assert_eq!(excluded(&world, &mallory, 4).await, Exclusion::CommitAuthor);
    assert_eq!(excluded(&world, &presser, 4).await, Exclusion::Committer);
    let asked = approvals::get(&plane.cp, &world.approver, 4).await.unwrap();
    let kept_out = |name: &str| asked.cannot_approve.iter().find(|(n, _)| n == name);
    assert_eq!(kept_out("mallory").unwrap().1, Exclusion::CommitAuthor);
    assert_eq!(kept_out("presser").unwrap().1, Exclusion::Committer);
    // What is live was approved already: its author has no part in what came after.
    plane.approve(&earlier, 4).await.unwrap();
    world.settle().await;
    world.plane.finish().await;
}

#[tokio::test]
async fn a_version_that_only_non_prod_saw_hides_nobody() {
    let world = World::new().await;
    let plane = &world.plane;
    let mallory = plane.person("mallory@example.com", Role::Approver).await;
    let files = world.agent.files();
    plane.commit(&world.agent, by("coder@example.com", files));
    let files = world.agent.files_with("agent.py", "steal()\n");
    let commit = by("mallory@example.com", files);
    plane.push_commit(&world.agent, commit).await;
    world.settle().await;
    reject(plane, &world.approver, 2).await;
    world.settle().await;
    // The next push is somebody else's alone, but it brings the first one's work to production too.
    world.push_code("print('second')\n").await;
    world.settle().await;
    world.expect(4, DeploymentState::AwaitingApproval).await;
    assert_eq!(excluded(&world, &mallory, 4).await, Exclusion::CommitAuthor);
    plane.approve(&world.approver, 4).await.unwrap();
    world.settle().await;
    world.plane.finish().await;
}

#[tokio::test]
async fn a_rewritten_branch_hides_nobody() {
    let world = World::live().await;
    let plane = &world.plane;
    let mallory = plane.person("mallory@example.com", Role::Approver).await;
    let (url, branch) = (&world.agent.repository, &world.agent.branch);
    let live = plane.fakes.git.branch(url, branch).unwrap();
    // Commits that do not come after what is live, and the git host forgets that one.
    let files = world.agent.files_with("agent.py", "pass\n");
    let root = plane.fakes.git.commit(url, by("coder@example.com", files));
    let files = world.agent.files_with("agent.py", "steal()\n");
    let stolen = NewCommit {
        parent: Some(root),
        ..by("mallory@example.com", files)
    };
    let stolen = plane.fakes.git.commit(url, stolen);
    let files = world.agent.files_with("agent.py", "print('new')\n");
    let commit = NewCommit {
        parent: Some(stolen),
        ..by("coder@example.com", files)
    };
    plane.push_commit(&world.agent, commit).await;
    plane.fakes.git.forget_commit(url, &live);
    world.settle().await;
    world.expect(4, DeploymentState::AwaitingApproval).await;
    assert_eq!(excluded(&world, &mallory, 4).await, Exclusion::CommitAuthor);
    world.plane.finish().await;
}

#[tokio::test]
async fn commits_to_other_agents_of_the_repository_exclude_nobody() {
    let world = World::new().await;
    let plane = &world.plane;
    let neighbour = plane.person("neighbour@example.com", Role::Approver).await;
    let mut agent = TestAgent::new("refund-bot");
    agent.path = "bots/refund".to_owned();
    plane.onboard(&agent, TEAM).await;
    let mut files = Files::new();
    files.insert("bots/other/agent.py".to_owned(), "pass\n".to_owned());
    plane.commit(&agent, by("neighbour@example.com", files.clone()));
    files.extend(agent.files());
    plane.push(&agent, files).await;
    world.settle().await;
    world.expect(2, DeploymentState::AwaitingApproval).await;
    plane.approve(&neighbour, 2).await.unwrap();
    world.settle().await;
    world.plane.finish().await;
}
