//! What several tests begin with.

use control_plane::OpCtx;
use control_plane::testing::{TestAgent, TestPlane};
use domain::actor::Role;
use domain::deployment::DeploymentState;

/// A plane with an agent and an approver.
pub(crate) struct World {
    pub(crate) plane: TestPlane,
    pub(crate) agent: TestAgent,
    pub(crate) approver: OpCtx,
}

impl World {
    /// Nothing was pushed yet.
    pub(crate) async fn new() -> Self {
        let plane = TestPlane::new().await;
        let agent = plane.agent("refund-assistant").await;
        let approver = plane.person("approver@example.com", Role::Approver).await;
        Self {
            plane,
            agent,
            approver,
        }
    }

    /// The first version was pushed, is live in non-prod as #1 and awaits approval for production as #2.
    pub(crate) async fn asked() -> Self {
        let world = Self::new().await;
        world.plane.push(&world.agent, world.agent.files()).await;
        world.settle().await;
        assert_eq!(world.plane.state(1).await, DeploymentState::Live);
        assert_eq!(
            world.plane.state(2).await,
            DeploymentState::AwaitingApproval
        );
        world
    }

    /// The first version is live in production as #2.
    pub(crate) async fn live() -> Self {
        let world = Self::asked().await;
        world.plane.approve(&world.approver, 2).await.unwrap();
        world.settle().await;
        assert_eq!(world.plane.state(2).await, DeploymentState::Live);
        world
    }

    /// A second version is live in production as #4, in the place of #2.
    pub(crate) async fn live_twice() -> Self {
        let world = Self::live().await;
        let files = world.agent.files_with("agent.py", "print('second')\n");
        world.plane.push(&world.agent, files).await;
        world.settle().await;
        world.plane.approve(&world.approver, 4).await.unwrap();
        world.settle().await;
        assert_eq!(world.plane.state(4).await, DeploymentState::Live);
        world
    }

    /// Lets the workers work, and takes no error for an answer.
    pub(crate) async fn settle(&self) {
        let errors = self.plane.settle().await;
        assert!(errors.is_empty(), "workers in trouble: {errors:?}");
    }
}
