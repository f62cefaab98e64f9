//! Looking at a source before its first version: ordered once, done once whatever is killed, and told as it is.

use chrono::TimeDelta;
use control_plane::fakes::{Fault, NewCommit};
use control_plane::ports::PortErrorKind;
use control_plane::testing::{CONNECTION, TEAM, TestAgent, TestPlane};
use control_plane::{Error, OpCtx, agents, detections};
use domain::actor::Role;
use domain::agent::{AgentManifest, Risk};
use domain::detection::{LookProblem, LookState, SetupCheck, SetupState};
use domain::error::Conflict;
use domain::form::agent::{DecommissionForm, LookForm, OnboardForm};
use domain::view::setup::{Look, Setup, SetupQuery};

const WORKER: &str = "look_at_sources";

/// An agent that a developer onboarded, and its repository with nothing in it.
struct Onboarded {
    plane: TestPlane,
    agent: TestAgent,
    developer: OpCtx,
}

impl Onboarded {
    async fn new() -> Self {
        Self::in_folder("").await
    }

    async fn in_folder(path: &str) -> Self {
        let plane = TestPlane::new().await;
        let developer = plane.person("dev@example.com", Role::Developer).await;
        let agent = TestAgent {
            path: path.to_owned(),
            ..TestAgent::new("refund-assistant")
        };
        let form = OnboardForm {
            slug: agent.slug.clone(),
            team: TEAM.to_owned(),
            connection: CONNECTION.to_owned(),
            repository: agent.repository.clone(),
            branch: agent.branch.clone(),
            path: agent.path.clone(),
        };
        agents::onboard(&plane.cp, &developer, &form).await.unwrap();
        Self {
            plane,
            agent,
            developer,
        }
    }

    fn form(&self) -> LookForm {
        LookForm {
            agent: self.agent.slug.clone(),
        }
    }

    async fn look_again(&self) -> Result<(), Error> {
        detections::look_again(&self.plane.cp, &self.developer, &self.form()).await
    }

    async fn setup(&self) -> Setup {
        self.setup_as(&self.developer, "").await.unwrap()
    }

    async fn setup_as(&self, ctx: &OpCtx, risk: &str) -> Result<Setup, Error> {
        let query = SetupQuery {
            risk: risk.to_owned(),
        };
        detections::setup(&self.plane.cp, ctx, &self.agent.slug, &query).await
    }

    async fn look(&self) -> Look {
        self.setup().await.look.unwrap()
    }

    async fn state(&self, check: SetupCheck) -> SetupState {
        let list = self.setup().await.checklist;
        list.into_iter()
            .find(|one| one.check == check)
            .unwrap()
            .state
    }

    /// Commits the files of a valid version without telling Clearance.
    fn commit(&self) -> String {
        let commit = NewCommit {
            files: self.agent.files(),
            ..NewCommit::default()
        };
        self.plane.commit(&self.agent, commit)
    }

    /// Names of checkouts of looks that are still there.
    fn left(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.plane.folder().join("work")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        names.filter(|name| name.starts_with("look-")).collect()
    }

    async fn ordered(&self) -> usize {
        self.plane.count_events("look_ordered").await
    }
}

#[tokio::test]
async fn a_persons_onboarding_is_followed_by_a_look_and_clearances_own_by_none() {
    let on = Onboarded::new().await;
    let commit = on.commit();
    let before = on.setup().await;
    assert_eq!(before.look.as_ref().unwrap().state, LookState::Ordered);
    assert_eq!(before.proposal, None);
    on.plane.activate(WORKER).await.unwrap();
    let look = on.look().await;
    assert_eq!(
        (look.state, look.commit.as_deref()),
        (LookState::Done, Some(commit.as_str()))
    );
    assert_eq!(look.found.unwrap().entrypoint.unwrap().value, "agent.py");
    assert_eq!(on.ordered().await, 0, "nobody pressed a button");
    assert!(on.left().is_empty());

    let own = on.plane.agent("own").await;
    let query = SetupQuery::default();
    let setup = detections::setup(&on.plane.cp, &on.developer, &own.slug, &query)
        .await
        .unwrap();
    assert_eq!(setup.look, None);
    on.plane.settle_all().await;
    on.plane.finish().await;
}

#[tokio::test]
async fn a_proposal_parses_for_every_risk_and_a_made_up_one_is_refused() {
    let on = Onboarded::new().await;
    on.commit();
    on.plane.activate(WORKER).await.unwrap();
    for risk in Risk::ALL {
        let setup = on.setup_as(&on.developer, risk.as_str()).await.unwrap();
        let manifest = AgentManifest::parse(&setup.proposal.unwrap()).unwrap();
        assert_eq!(
            (manifest.risk, manifest.agent.as_str()),
            (*risk, "refund-assistant")
        );
    }
    // The manifest that is there says low.
    assert_eq!(on.setup().await.risk, Risk::Low);
    let odd = on.setup_as(&on.developer, "none").await;
    assert!(matches!(odd, Err(Error::Invalid(_))), "{odd:?}");
    on.plane.settle_all().await;
    on.plane.finish().await;
}

#[tokio::test]
async fn what_stands_in_the_way_is_said_and_the_next_look_takes_its_place() {
    let on = Onboarded::in_folder("agents/refund").await;
    // The repository is there, and has no branch.
    on.plane
        .fakes
        .git
        .commit(&on.agent.repository, NewCommit::default());
    on.plane.activate(WORKER).await.unwrap();
    let look = on.look().await;
    assert_eq!(
        (look.state, look.problem),
        (LookState::Failed, Some(LookProblem::BranchMissing))
    );
    assert_eq!(on.state(SetupCheck::Branch).await, SetupState::Missing);

    let elsewhere = TestAgent::new("refund-assistant");
    on.plane.commit(
        &elsewhere,
        NewCommit {
            files: elsewhere.files(),
            ..NewCommit::default()
        },
    );
    on.look_again().await.unwrap();
    on.plane.activate(WORKER).await.unwrap();
    assert_eq!(on.look().await.problem, Some(LookProblem::FolderMissing));

    on.commit();
    on.look_again().await.unwrap();
    on.plane.activate(WORKER).await.unwrap();
    let look = on.look().await;
    assert_eq!(
        (look.state, look.problem, look.detail),
        (LookState::Done, None, None)
    );

    // What was found before a look that failed is not shown for what is there.
    on.look_again().await.unwrap();
    assert!(on.look().await.found.is_some(), "until the new one ends");
    let rejected = Fault::Refused(PortErrorKind::Rejected);
    on.plane.fakes.faults.next("git.head", 1, rejected);
    on.plane.activate(WORKER).await.unwrap();
    let setup = on.setup().await;
    let look = setup.look.unwrap();
    assert_eq!(
        (look.problem, look.found),
        (Some(LookProblem::RepositoryUnread), None)
    );
    assert_eq!((look.commit, setup.proposal), (None, None));
    assert!(look.detail.is_some_and(|said| !said.is_empty()));
    assert_eq!(on.ordered().await, 3);
    on.plane.settle_all().await;
    on.plane.finish().await;
}

#[tokio::test]
async fn a_silent_git_host_is_tried_again_and_then_said() {
    let on = Onboarded::new().await;
    on.commit();
    let silent = Fault::Refused(PortErrorKind::Unavailable);
    on.plane.fakes.faults.next("git.check_out", 5, silent);
    for tries in 1..5 {
        on.plane.activate(WORKER).await.unwrap();
        let look = on.look().await;
        assert_eq!((look.state, look.attempts), (LookState::Ordered, tries));
        on.plane.clock.advance(TimeDelta::minutes(1));
    }
    on.plane.activate(WORKER).await.unwrap();
    assert_eq!(on.look().await.problem, Some(LookProblem::RepositoryUnread));
    on.look_again().await.unwrap();
    on.plane.activate(WORKER).await.unwrap();
    assert_eq!(on.look().await.state, LookState::Done);
    on.plane.settle_all().await;
    on.plane.finish().await;
}

#[tokio::test]
async fn presses_at_once_are_one_order_and_only_who_may_change_it_orders() {
    let on = Onboarded::new().await;
    // The one that came with the onboarding is under way.
    on.look_again().await.unwrap();
    assert_eq!(on.ordered().await, 0);
    on.commit();
    on.plane.activate(WORKER).await.unwrap();
    let both = tokio::join!(on.look_again(), on.look_again());
    assert!(both.0.is_ok() && both.1.is_ok(), "{both:?}");
    assert_eq!(on.ordered().await, 1);

    let plane = &on.plane;
    let viewer = plane.person("viewer@example.com", Role::Viewer).await;
    let other = plane.add_team("other").await;
    let roles = [(Role::Developer, Some(other))];
    let outsider = plane.person_with("outsider@example.com", &roles, &[]).await;
    let order = async |ctx: &OpCtx| detections::look_again(&plane.cp, ctx, &on.form()).await;
    assert!(matches!(order(&viewer).await, Err(Error::Forbidden { .. })));
    assert!(matches!(
        order(&outsider).await,
        Err(Error::NotFound { .. })
    ));
    assert!(matches!(
        order(&plane.anonymous()).await,
        Err(Error::Unauthenticated)
    ));
    assert!(on.setup_as(&viewer, "").await.is_ok());
    assert!(matches!(
        on.setup_as(&outsider, "").await,
        Err(Error::NotFound { .. })
    ));
    assert!(matches!(
        on.setup_as(&plane.anonymous(), "").await,
        Err(Error::Unauthenticated)
    ));
    assert_eq!(on.ordered().await, 1);
    on.plane.settle_all().await;
    on.plane.finish().await;
}

#[tokio::test]
async fn where_a_secret_is_kept_is_for_who_reads_in_every_team() {
    let on = Onboarded::new().await;
    let team = [(Role::Developer, Some(on.plane.team))];
    let member = on.plane.person_with("member@example.com", &team, &[]).await;
    let theirs = on.setup_as(&member, "").await.unwrap().webhook;
    let everybodys = on.setup().await.webhook;
    assert_eq!(theirs.secret_reference, "");
    assert!(!everybodys.secret_reference.is_empty());
    assert_eq!(
        everybodys.url,
        "https://clearance.test/webhooks/github/acme"
    );
    on.plane.settle_all().await;
    on.plane.finish().await;
}

#[tokio::test]
async fn a_look_that_is_killed_anywhere_is_done_by_the_next_and_leaves_nothing() {
    let on = Onboarded::new().await;
    on.commit();
    let faults = &on.plane.fakes.faults;
    faults.next("git.check_out", 1, Fault::HangsAfter);
    tokio::select! {
        ended = on.plane.activate(WORKER) => panic!("it hangs: {ended:?}"),
        () = faults.hung() => {}
    }
    assert_eq!(on.left().len(), 1, "what the kill left");
    on.plane.clock.advance(TimeDelta::minutes(5));
    for statement in 1.. {
        let done = on.plane.cut_off(statement, on.plane.activate(WORKER)).await;
        on.plane.clock.advance(TimeDelta::minutes(5));
        while on.look().await.state == LookState::Ordered {
            on.plane.activate(WORKER).await.unwrap();
            on.plane.clock.advance(TimeDelta::minutes(5));
        }
        let look = on.look().await;
        assert_eq!(look.state, LookState::Done, "{statement}: {look:?}");
        assert!(on.left().is_empty(), "{statement}: {:?}", on.left());
        on.look_again().await.unwrap();
        if done.is_some() {
            break;
        }
    }
    let rows = on
        .plane
        .column("SELECT CAST(COUNT(*) AS TEXT) FROM detections")
        .await;
    assert_eq!(rows, ["1"]);
    on.plane.settle_all().await;
    on.plane.finish().await;
}

#[tokio::test]
async fn who_slept_through_the_lease_writes_nothing() {
    let on = Onboarded::new().await;
    on.commit();
    let faults = &on.plane.fakes.faults;
    faults.next("scanner.detect", 1, Fault::Waits);
    let slow = on.plane.activate(WORKER);
    let meanwhile = async {
        faults.hung().await;
        on.plane.clock.advance(TimeDelta::minutes(5));
        on.plane.activate(WORKER).await.unwrap();
        assert_eq!(on.look().await.state, LookState::Done);
        // It is ordered again, by somebody who saw the end.
        on.look_again().await.unwrap();
        faults.resume();
    };
    let (slow, ()) = tokio::join!(slow, meanwhile);
    assert!(matches!(slow, Err(Error::Fenced)), "{slow:?}");
    assert_eq!(
        on.look().await.state,
        LookState::Ordered,
        "the order stands"
    );
    on.plane.settle_all().await;
    assert_eq!(on.look().await.state, LookState::Done);
    on.plane.finish().await;
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_is_said_and_its_value_nowhere() {
    let on = Onboarded::new().await;
    on.commit();
    let gone = Fault::Refused(PortErrorKind::NotFound);
    on.plane.fakes.faults.next("secrets.read", 1, gone);
    on.plane.activate(WORKER).await.unwrap();
    assert_eq!(
        on.state(SetupCheck::WebhookSecret).await,
        SetupState::Missing
    );
    on.look_again().await.unwrap();
    on.plane.activate(WORKER).await.unwrap();
    assert_eq!(on.state(SetupCheck::WebhookSecret).await, SetupState::Met);
    on.plane.settle_all().await;
    on.plane.finish().await;
}

#[tokio::test]
async fn the_first_push_goes_its_way_beside_a_look_and_the_list_ends() {
    let on = Onboarded::new().await;
    assert_eq!(on.state(SetupCheck::Delivery).await, SetupState::Better);
    on.plane.push(&on.agent, on.agent.files()).await;
    on.plane.settle_all().await;
    let setup = on.setup().await;
    assert_eq!(setup.deployment, Some(1));
    for check in [
        SetupCheck::WebhookSecret,
        SetupCheck::Delivery,
        SetupCheck::Repository,
        SetupCheck::Branch,
        SetupCheck::EntryPoint,
        SetupCheck::Manifest,
        SetupCheck::Suites,
        SetupCheck::Owner,
        SetupCheck::Deployment,
    ] {
        let one = setup
            .checklist
            .iter()
            .find(|one| one.check == check)
            .unwrap();
        assert_eq!(one.state, SetupState::Met, "{one:?}");
    }
    assert!(!setup.look.unwrap().behind);

    on.plane
        .push(
            &on.agent,
            on.agent.files_with("clearance.yaml", "schema: 2\n"),
        )
        .await;
    on.plane.settle_all().await;
    assert!(on.look().await.behind);
    assert_eq!(on.state(SetupCheck::Manifest).await, SetupState::Missing);
    on.plane.finish().await;
}

#[tokio::test]
async fn an_agent_that_has_ended_is_not_looked_at() {
    let on = Onboarded::new().await;
    let operator = on.plane.person("ops@example.com", Role::Operator).await;
    on.plane.settle_all().await;
    let end = DecommissionForm {
        agent: on.agent.slug.clone(),
        reason: "Replaced by another agent.".to_owned(),
    };
    agents::decommission(&on.plane.cp, &operator, &end)
        .await
        .unwrap();
    let refused = on.look_again().await;
    assert!(
        matches!(
            refused,
            Err(Error::Conflict {
                why: Conflict::Decommissioned
            })
        ),
        "{refused:?}"
    );
    on.plane.settle_all().await;
    on.plane.finish().await;
}
