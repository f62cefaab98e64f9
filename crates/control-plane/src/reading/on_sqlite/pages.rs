//! The pages of one agent, one deployment and one approval.

use domain::deployment::{DeploymentEvent as E, DeploymentState, Step};
use domain::environment::Environment;
use domain::error::Exclusion;
use domain::rollback::Readiness;
use domain::view::agent::RollbackBadge;
use domain::view::deployment::{StageKey, StageStatus};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::plane::{self, MISSING, Plane};
use super::{World, world};
use crate::store;
use crate::store::entity::{agent, deployment, rollback_check, version};
use crate::{agents, approvals, deployments, gates, overview, workers};

async fn find(world: &World, slug: &str) -> agent::Model {
    store::agents::by_slug(&world.plane.db, slug).await.unwrap()
}

#[tokio::test]
async fn the_page_of_an_agent_says_what_runs_and_what_waits() {
    let world = world(1).await;
    let cp = &world.plane.cp;
    let shown = agents::get(cp, &world.approver, "bot-1").await.unwrap();
    let [non_prod, production] = shown.environments.as_slice() else {
        panic!("two environments")
    };
    let live = production.live.as_ref().unwrap();
    assert_eq!(
        (live.number, live.version.as_str(), live.approval),
        (10, "1.0.0", Some(10))
    );
    assert_eq!(live.scopes, ["crm.read"]);
    assert_eq!(production.rollback, RollbackBadge::NoTarget);
    assert_eq!(non_prod.live.as_ref().unwrap().approval, None);
    assert_eq!(shown.waiting.as_ref().map(|c| c.number), Some(12));
    assert_eq!(shown.promotable, None, "its promotion is on its way");
    let does = shown.does.as_ref().map(|does| does.version.as_str());
    assert_eq!(does, Some("1.0.0"), "production before non-prod");
    let lineage: Vec<(&str, Vec<i64>)> = shown
        .lineage
        .iter()
        .map(|l| {
            (
                l.version.as_str(),
                l.deployments.iter().map(|d| d.number).collect(),
            )
        })
        .collect();
    assert_eq!(lineage, [("1.1.0", vec![12, 11]), ("1.0.0", vec![10])]);
    assert_eq!(
        (
            shown.pushes[0].trigger.as_str(),
            shown.pushes[0].problems.len()
        ),
        ("delivery", 1)
    );
}

#[tokio::test]
async fn a_proven_version_that_nobody_asked_for_is_promotable() {
    let world = world(1).await;
    let db = &world.plane.db;
    deployment::Entity::update_many()
        .col_expr(
            deployment::Column::State,
            Expr::value(DeploymentState::Cleaned),
        )
        .filter(deployment::Column::Number.eq(world.bots[0].waiting))
        .exec(db)
        .await
        .unwrap();
    let promotable = async || {
        agents::get(&world.plane.cp, &world.approver, "bot-1")
            .await
            .unwrap()
            .promotable
            .map(|c| c.number)
    };
    assert_eq!(promotable().await, Some(world.bots[0].non_prod));
    version::Entity::update_many()
        .col_expr(version::Column::HeldAt, Expr::value(plane::now()))
        .filter(version::Column::Number.eq("1.1.0"))
        .exec(db)
        .await
        .unwrap();
    assert_eq!(promotable().await, None, "it is held");
}

#[tokio::test]
async fn rollback_readiness_follows_the_earlier_version() {
    let world = world(1).await;
    let (plane, bot) = (&world.plane, find(&world, "bot-1").await);
    let path = [
        E::ImageReady,
        E::ChecksPassedAsk,
        E::Approved,
        E::Deployed,
        E::Verified,
        E::Superseded,
    ];
    let earlier = plane.version(bot.id, "0.9.0", "a").await;
    plane
        .deployment(bot.id, earlier, 5, Environment::Production, &path)
        .await;
    let badge = async || {
        agents::get(&plane.cp, &world.approver, "bot-1")
            .await
            .unwrap()
            .environments[1]
            .rollback
            .clone()
    };
    let version = || "0.9.0".to_owned();
    assert_eq!(
        badge().await,
        RollbackBadge::Ready {
            number: 5,
            version: version(),
            about_seconds: None,
        }
    );
    // The overview says what the worker found last.
    let fleet = async || overview::get(&plane.cp, &world.approver).await.unwrap();
    assert_eq!(fleet().await.rollback_unchecked, 1);
    look_again(plane).await;
    let seen = fleet().await;
    assert_eq!((seen.rollback_ready, seen.rollback_not_ready.len()), (1, 0));
    for (digest, reason) in [
        (Some(MISSING), Readiness::ImageMissing),
        (None, Readiness::ImageMissing),
    ] {
        version::Entity::update_many()
            .col_expr(
                version::Column::ImageDigest,
                Expr::value(digest.map(str::to_owned)),
            )
            .filter(version::Column::Id.eq(earlier))
            .exec(&plane.db)
            .await
            .unwrap();
        assert_eq!(
            badge().await,
            RollbackBadge::NotReady {
                number: 5,
                version: version(),
                reason
            }
        );
    }
    look_again(plane).await;
    let seen = fleet().await;
    let named = seen.rollback_not_ready[0].agent.as_str();
    assert_eq!((seen.rollback_ready, named), (0, "bot-1"));
}

/// Has every way back looked at, as if what was found before were old: the clock stands still here.
async fn look_again(plane: &Plane) {
    rollback_check::Entity::delete_many()
        .exec(&plane.db)
        .await
        .unwrap();
    let mut all = workers::all().into_iter();
    let worker = all.find(|w| w.name() == "check_rollbacks").unwrap();
    worker.activate(&plane.cp).await.unwrap();
}

#[tokio::test]
async fn the_page_of_a_waiting_deployment_says_why_it_is_not_further() {
    let world = world(1).await;
    let cp = &world.plane.cp;
    let shown = deployments::get(cp, &world.operator, world.bots[0].waiting, None, None)
        .await
        .unwrap();
    assert_eq!(shown.replaces, Some((10, "1.0.0".to_owned())));
    assert!(shown.can_cancel && !shown.can_roll_back);
    assert!(
        !deployments::get(cp, &world.approver, world.bots[0].waiting, None, None)
            .await
            .unwrap()
            .can_cancel
    );
    let approval = shown
        .stages
        .iter()
        .find(|s| s.key == StageKey::Approval)
        .unwrap();
    assert_eq!(
        (approval.status, approval.note.as_str()),
        (StageStatus::Waiting, "0 of 1")
    );
    let asked = shown
        .conditions
        .iter()
        .find(|c| c.text.contains("approval"))
        .unwrap();
    assert_eq!(asked.text, "1 approval, only approver can give it");
    assert!(
        !asked.met && shown.conditions.iter().filter(|c| !c.met).count() == 2,
        "{:?}",
        shown.conditions
    );
    assert_eq!(
        (shown.gates.len(), shown.gates[0].carried_from),
        (5, Some(11))
    );
    assert_eq!(
        (
            shown.ledger.len(),
            shown.outgoing[0].name.as_str(),
            shown.policy.as_str()
        ),
        (1, "bot/v1.1.0", "standard v1")
    );
    let live = deployments::get(cp, &world.operator, world.bots[0].production, None, None)
        .await
        .unwrap();
    assert!(live.can_roll_back && !live.can_cancel && live.conditions.is_empty());
    assert_eq!(
        live.approval.map(|a| (a.number, a.approvals, a.quorum)),
        Some((10, 1, 1))
    );
    assert_eq!(live.replaces, None);
}

#[tokio::test]
async fn the_log_pages_back_to_its_first_line() {
    let world = world(1).await;
    let read = async |step, before| {
        deployments::get(
            &world.plane.cp,
            &world.approver,
            world.bots[0].non_prod,
            step,
            before,
        )
        .await
        .unwrap()
    };
    let (mut lines, mut before) = (Vec::new(), None);
    loop {
        let shown = read(None, before).await;
        assert!(shown.log.len() <= 200);
        lines.splice(0..0, shown.log.into_iter().map(|l| l.text));
        before = shown.log_before;
        if before.is_none() {
            break;
        }
    }
    let all: Vec<String> = (1..=450).map(|n| format!("line {n}")).collect();
    assert_eq!(lines, all);
    let built = read(Some(Step::Build), None).await;
    assert!(
        built.log.iter().all(|l| l.step == Step::Build)
            && built.log.last().unwrap().text == "line 450"
    );
}

#[tokio::test]
async fn an_approval_says_who_can_decide_and_who_cannot() {
    let world = world(2).await;
    let cp = &world.plane.cp;
    let number = world.bots[0].waiting;
    let shown = approvals::get(cp, &world.author, number).await.unwrap();
    assert_eq!(shown.row.excluded, Some(Exclusion::CommitAuthor));
    assert_eq!(shown.can_approve, ["approver"]);
    assert_eq!(
        shown.rollback,
        RollbackBadge::Ready {
            number: 10,
            version: "1.0.0".to_owned(),
            about_seconds: None,
        }
    );
    assert_eq!(shown.attention[0].headline, "1 scope added");
    assert!(shown.decisions.is_empty() && shown.stale_fields.is_empty());
    let used = approvals::get(cp, &world.approver, world.bots[0].production)
        .await
        .unwrap();
    assert_eq!(
        (used.decisions[0].name.as_str(), used.row.excluded),
        ("approver", Some(Exclusion::AlreadyDecided))
    );
    for (ctx, yours) in [
        (&world.approver, 2),
        (&world.author, 0),
        (&world.operator, 0),
    ] {
        let inbox = approvals::inbox(cp, ctx, &domain::form::query::ApprovalQuery::default())
            .await
            .unwrap();
        assert_eq!((inbox.yours.len(), inbox.others.len()), (yours, 2 - yours));
        assert_eq!(
            approvals::waiting_for(cp, ctx).await.unwrap(),
            u64::try_from(yours).unwrap()
        );
    }
}

#[tokio::test]
async fn the_evaluation_report_holds_every_settled_gate() {
    let world = world(1).await;
    let report = gates::evaluation(&world.plane.cp, &world.approver, world.bots[0].non_prod)
        .await
        .unwrap();
    assert_eq!(
        (
            report.agent.as_str(),
            report.version.as_str(),
            report.gates.len()
        ),
        ("bot-1", "1.1.0", 6)
    );
    let carried = gates::evaluation(&world.plane.cp, &world.approver, world.bots[0].waiting)
        .await
        .unwrap();
    assert!(carried.gates.iter().all(|g| g.carried_from == Some(11)));
}
