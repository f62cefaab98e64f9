//! Figures of the overview and the lists that they lead to: both must say the same.

use domain::environment::Environment;
use domain::form::query::{AgentQuery, DeploymentQuery, IdentityQuery, Mark, ScopeQuery};
use domain::id::{ComplianceId, DeploymentId};
use domain::rollback::Readiness;
use domain::runtime::RuntimeHealth;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{World, world};
use crate::ctx::OpCtx;
use crate::store::entity::{compliance, deployment, identity, rollback_check};
use crate::{agents, deployments, identities, ids, overview};

/// What was found of the way back of each bot in production; of the others nobody looked.
const WAYS: [Readiness; 6] = [
    Readiness::Ready,
    Readiness::Ready,
    Readiness::NoTarget,
    Readiness::ImageMissing,
    Readiness::SecretMissing,
    Readiness::Unchecked,
];

async fn id(world: &World, number: i64) -> DeploymentId {
    let query = deployment::Entity::find().filter(deployment::Column::Number.eq(number));
    query.one(&world.plane.db).await.unwrap().unwrap().id
}

async fn set(world: &World, number: i64, column: deployment::Column, word: &str) {
    deployment::Entity::update_many()
        .col_expr(column, Expr::value(word))
        .filter(deployment::Column::Number.eq(number))
        .exec(&world.plane.db)
        .await
        .unwrap();
}

async fn lacks(world: &World, number: i64) {
    let row = compliance::Model {
        id: ComplianceId(ids::new()),
        deployment_id: id(world, number).await,
        reasons: r#"["the hallucination gate is missing"]"#.to_owned(),
        policy_version: 1,
        since: world.approver.now(),
    };
    compliance::Entity::insert(compliance::ActiveModel::from(row))
        .exec_without_returning(&world.plane.db)
        .await
        .unwrap();
}

/// Eight bots, of which some are not in order.
async fn troubled() -> World {
    let world = world(8).await;
    let production: Vec<i64> = world.bots.iter().map(|bot| bot.production).collect();
    let other = deployment::Column::ManifestDigest;
    let health = deployment::Column::Health;
    for number in [production[0], production[1], production[2]] {
        set(&world, number, other, "sha256:other").await;
    }
    set(
        &world,
        production[3],
        health,
        RuntimeHealth::Stopped.as_str(),
    )
    .await;
    set(
        &world,
        production[4],
        health,
        RuntimeHealth::Unhealthy.as_str(),
    )
    .await;
    lacks(&world, production[5]).await;
    lacks(&world, production[0]).await;
    for (number, readiness) in production.iter().zip(WAYS) {
        let row = rollback_check::Model {
            deployment_id: id(&world, *number).await,
            target: None,
            readiness,
            checked_at: world.approver.now(),
        };
        rollback_check::Entity::insert(rollback_check::ActiveModel::from(row))
            .exec_without_returning(&world.plane.db)
            .await
            .unwrap();
    }
    world.plane.registered("fresh", world.plane.care).await;
    world.plane.index().await;
    world
}

async fn count(world: &World, ctx: &OpCtx, asked: DeploymentQuery) -> u64 {
    let page = deployments::list(&world.plane.cp, ctx, &asked).await;
    let page = page.unwrap();
    assert_eq!(page.next, None);
    u64::try_from(page.rows.len()).unwrap()
}

#[tokio::test]
async fn each_figure_is_the_length_of_the_list_that_it_leads_to() {
    let world = troubled().await;
    for ctx in [&world.approver, &world.seller] {
        let shown = overview::get(&world.plane.cp, ctx).await.unwrap();
        let figures = [
            (Mark::Unhealthy, "", shown.unhealthy_count),
            (Mark::WithoutApproval, "production", shown.without_approval),
            (Mark::NotComplying, "", shown.non_compliant_count),
            (Mark::RollbackReady, "production", shown.rollback_ready),
            (
                Mark::RollbackNotReady,
                "production",
                shown.rollback_not_ready_count,
            ),
            (
                Mark::RollbackUnchecked,
                "production",
                shown.rollback_unchecked,
            ),
        ];
        for (mark, environment, figure) in figures {
            let asked = DeploymentQuery {
                mark: mark.as_str().to_owned(),
                environment: environment.to_owned(),
                ..DeploymentQuery::default()
            };
            assert_eq!(count(&world, ctx, asked).await, figure, "{mark}");
        }
        for (gate, figure) in &shown.gates_passed {
            let asked = DeploymentQuery {
                passed: gate.as_str().to_owned(),
                state: "live".to_owned(),
                environment: Environment::Production.as_str().to_owned(),
                ..DeploymentQuery::default()
            };
            assert_eq!(count(&world, ctx, asked).await, *figure, "{gate}");
        }
        let never = AgentQuery::read([("status", "never")]);
        let never = agents::list(&world.plane.cp, ctx, &never).await.unwrap();
        assert_eq!(never.fitting, shown.agents_never_deployed);
        let usable = IdentityQuery {
            state: "usable".to_owned(),
            ..IdentityQuery::default()
        };
        let usable = identities::list(&world.plane.cp, ctx, &usable).await;
        let usable = u64::try_from(usable.unwrap().rows.len()).unwrap();
        assert_eq!(usable, shown.active_identities);
        let scopes = identities::scopes(&world.plane.cp, ctx, &ScopeQuery::default()).await;
        let scopes = u64::try_from(scopes.unwrap().rows.len()).unwrap();
        assert_eq!(scopes, shown.distinct_scopes);
    }
    let shown = overview::get(&world.plane.cp, &world.approver).await;
    let shown = shown.unwrap();
    assert_eq!((shown.without_approval, shown.unhealthy_count), (3, 2));
    assert_eq!((shown.non_compliant_count, shown.rollback_ready), (2, 2));
    assert_eq!(
        (shown.rollback_not_ready_count, shown.rollback_unchecked),
        (2, 3)
    );
    assert_eq!(shown.agents_never_deployed, 1);
    assert!(shown.gates_passed.iter().any(|(_, passed)| *passed > 0));
}

#[tokio::test]
async fn a_word_that_is_no_mark_gate_or_scope_finds_nothing() {
    let world = world(1).await;
    let mark = DeploymentQuery {
        mark: "fine".to_owned(),
        ..DeploymentQuery::default()
    };
    assert_eq!(count(&world, &world.approver, mark).await, 0);
    let passed = DeploymentQuery {
        passed: "Hallucination".to_owned(),
        ..DeploymentQuery::default()
    };
    assert_eq!(count(&world, &world.approver, passed).await, 0);
}

#[tokio::test]
async fn an_identity_is_found_by_the_whole_of_a_scope_alone() {
    let world = world(2).await;
    let one = format!("client-{}", id(&world, world.bots[0].production).await);
    let other = format!("client-{}", id(&world, world.bots[1].production).await);
    for (client, scopes) in [
        (&one, r#"["crm_eu:read","crm:write"]"#),
        (&other, r#"["crmxeu:read","crm:write_all"]"#),
    ] {
        identity::Entity::update_many()
            .col_expr(identity::Column::Scopes, Expr::value(scopes))
            .filter(identity::Column::ClientId.eq(client))
            .exec(&world.plane.db)
            .await
            .unwrap();
    }
    for (scope, expected) in [
        ("crm_eu:read", vec![one.clone()]),
        ("crm:write", vec![one.clone()]),
        ("crm:write_all", vec![other.clone()]),
        ("CRM:WRITE", vec![]),
        ("crm:", vec![]),
        ("%", vec![]),
        ("crm:w%", vec![]),
    ] {
        let asked = IdentityQuery {
            scope: scope.to_owned(),
            ..IdentityQuery::default()
        };
        let page = identities::list(&world.plane.cp, &world.approver, &asked).await;
        let found = page.unwrap().rows.into_iter().map(|row| row.client_id);
        assert_eq!(found.collect::<Vec<_>>(), expected, "{scope}");
    }
    let scopes = async |q: &str| {
        let asked = ScopeQuery {
            q: q.to_owned(),
            ..ScopeQuery::default()
        };
        let page = identities::scopes(&world.plane.cp, &world.approver, &asked).await;
        let rows = page.unwrap().rows.into_iter();
        rows.map(|row| (row.scope, row.identities))
            .collect::<Vec<_>>()
    };
    let row = |scope: &str, count| (scope.to_owned(), count);
    assert_eq!(
        scopes("crm:").await,
        [row("crm:write", 1), row("crm:write_all", 1)]
    );
    assert_eq!(scopes("crm").await.len(), 5, "with the bots in non-prod");
}
