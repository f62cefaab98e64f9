//! What several tests begin with.

use control_plane::testing::{TestAgent, TestPlane};
use control_plane::{Error, OpCtx, Settings};
use domain::actor::{Actor, Role, TokenScope};
use domain::deployment::DeploymentState;
use domain::error::Conflict;
use domain::form::agent::DecommissionForm;
use domain::id::TokenId;

/// A plane with an agent and an approver.
pub(crate) struct World {
    pub(crate) plane: TestPlane,
    pub(crate) agent: TestAgent,
    pub(crate) approver: OpCtx,
}

impl World {
    /// Nothing was pushed yet.
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// The same, where the operator configured something else.
    pub(crate) async fn with(configure: impl FnOnce(&mut Settings)) -> Self {
        let plane = TestPlane::with(configure).await;
        let agent = plane.agent("refund-assistant").await;
        let approver = plane.person("approver@example.com", Role::Approver).await;
        Self {
            plane,
            agent,
            approver,
        }
    }

    /// The agent is to be taken out of service.
    pub(crate) fn leaving(&self) -> DecommissionForm {
        DecommissionForm {
            agent: self.agent.slug.clone(),
            reason: "Replaced by another agent.".to_owned(),
        }
    }

    /// The first version was pushed, is live in non-prod as #1 and awaits approval for production as #2.
    pub(crate) async fn asked() -> Self {
        let world = Self::new().await;
        world.plane.push(&world.agent, world.agent.files()).await;
        world.settle().await;
        world.expect(1, DeploymentState::Live).await;
        world.expect(2, DeploymentState::AwaitingApproval).await;
        world
    }

    /// The first version is live in production as #2.
    pub(crate) async fn live() -> Self {
        let world = Self::asked().await;
        world.plane.approve(&world.approver, 2).await.unwrap();
        world.settle().await;
        world.expect(2, DeploymentState::Live).await;
        world
    }

    /// A second version is live in production as #4, in the place of #2.
    pub(crate) async fn live_twice() -> Self {
        let world = Self::live().await;
        world.push_code("print('second')\n").await;
        world.settle().await;
        world.plane.approve(&world.approver, 4).await.unwrap();
        world.settle().await;
        world.expect(4, DeploymentState::Live).await;
        world.expect(2, DeploymentState::Superseded).await;
        world
    }

    /// Pushes a version that differs in its code alone. Returns the commit.
    pub(crate) async fn push_code(&self, code: &str) -> String {
        let files = self.agent.files_with("agent.py", code);
        self.plane.push(&self.agent, files).await
    }

    /// Lets the workers work, and takes no error for an answer.
    pub(crate) async fn settle(&self) {
        let errors = self.plane.settle().await;
        assert!(errors.is_empty(), "workers in trouble: {errors:?}");
    }

    /// A deployment is where it should be; if not, says why it ended.
    pub(crate) async fn expect(&self, number: i64, state: DeploymentState) {
        let found = self.plane.state(number).await;
        let failure = self.plane.failure(number).await;
        assert_eq!(found, state, "#{number}: {failure:?}");
    }

    /// The message of why a deployment ended.
    pub(crate) async fn why(&self, number: i64) -> String {
        let failure = self.plane.failure(number).await;
        failure.expect("a reason").message
    }
}

/// The conflict that an outcome is.
pub(crate) fn conflict<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Conflict {
    match outcome {
        Err(Error::Conflict { why }) => why,
        other => panic!("not a conflict: {other:?}"),
    }
}

/// A token of this person that may read and write.
pub(crate) fn token_of(plane: &TestPlane, person: &OpCtx) -> OpCtx {
    let Actor::User {
        id,
        name,
        email,
        grants,
    } = person.actor().clone()
    else {
        panic!("a person")
    };
    plane.ctx(Actor::Token {
        id: TokenId(id.0),
        user: id,
        name,
        email,
        grants,
        scopes: vec![TokenScope::Read, TokenScope::Write],
    })
}

/// Takes the registry's index away, as it is before an upgrade: `registry::fill` makes it anew.
pub(crate) async fn drop_index(plane: &TestPlane) {
    for table in ["likenesses", "uses", "words", "entries", "cells"] {
        let statement = format!("DELETE FROM registry_{table}");
        plane.sql(&statement).await.unwrap();
    }
}
