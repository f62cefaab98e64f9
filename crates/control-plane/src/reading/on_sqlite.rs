//! The read side on a real database: what people see, what they do not, and that the number of statements of a page does
//! not grow with the number of rows.

mod figures;
mod fleet;
mod pages;
mod plane;
mod trail;

use domain::actor::{Actor, Role};
use domain::agent::Risk;
use domain::form::query::{AgentQuery, ApprovalQuery, DeploymentQuery, Facet};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use self::fleet::Numbers;
use self::plane::Plane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store::entity::{agent, deployment};
use crate::{agents, approvals, deployments, gates, overview};

/// A plane with a fleet: agents `bot-1` … of the two teams in turn.
struct World {
    plane: Plane,
    /// May decide in every team.
    approver: OpCtx,
    /// Wrote every commit, by a linked git address; is an approver too.
    author: OpCtx,
    operator: OpCtx,
    /// Sees the team `sales` alone.
    seller: OpCtx,
    bots: Vec<Numbers>,
}

async fn world(agents: i64) -> World {
    let plane = Plane::new().await;
    let approver = plane.person("approver", Role::Approver, None).await;
    let author = plane.person("author", Role::Approver, None).await;
    let operator = plane.person("operator", Role::Operator, None).await;
    let seller = plane
        .person("seller", Role::Viewer, Some(plane.sales))
        .await;
    let mut bots = Vec::new();
    for n in 1..=agents {
        let team = if n % 2 == 1 { plane.care } else { plane.sales };
        bots.push(
            plane
                .agent(&format!("bot-{n}"), team, n * 10, &approver)
                .await,
        );
    }
    plane.index().await;
    World {
        plane,
        approver,
        author,
        operator,
        seller,
        bots,
    }
}

#[tokio::test]
async fn lists_take_as_many_statements_for_twelve_agents_as_for_two() {
    let mut taken = Vec::new();
    for agents in [2, 12] {
        let World {
            plane, approver, ..
        } = world(agents).await;
        let cp = &plane.cp;
        plane.statements();
        assert_eq!(
            agents::list(cp, &approver, &AgentQuery::default())
                .await
                .unwrap()
                .rows
                .len(),
            usize::try_from(agents).unwrap()
        );
        let registry = plane.statements();
        let rows = deployments::list(cp, &approver, &DeploymentQuery::default())
            .await
            .unwrap()
            .rows;
        assert_eq!(rows.len(), usize::try_from(agents * 3).unwrap());
        let deployments = plane.statements();
        assert_eq!(
            approvals::inbox(cp, &approver, &ApprovalQuery::default())
                .await
                .unwrap()
                .yours
                .len(),
            usize::try_from(agents).unwrap()
        );
        let inbox = plane.statements();
        overview::get(cp, &approver).await.unwrap();
        let overview = plane.statements();
        approvals::waiting_for(cp, &approver).await.unwrap();
        taken.push([registry, deployments, inbox, overview, plane.statements()]);
    }
    assert_eq!(taken[0], taken[1]);
    assert!(taken[0].iter().all(|n| (1..=40).contains(n)), "{taken:?}");
}

#[tokio::test]
async fn pages_hold_every_row_once() {
    let World {
        plane, approver, ..
    } = world(5).await;
    let (mut slugs, mut cursor) = (Vec::new(), String::new());
    loop {
        let asked = AgentQuery {
            cursor: cursor.clone(),
            limit: Some(2),
            ..AgentQuery::default()
        };
        let page = agents::list(&plane.cp, &approver, &asked).await.unwrap();
        slugs.extend(page.rows.into_iter().map(|r| r.slug));
        let Some(next) = page.next else { break };
        cursor = next;
    }
    assert_eq!(slugs, ["bot-1", "bot-2", "bot-3", "bot-4", "bot-5"]);
    let (mut numbers, mut cursor) = (Vec::new(), String::new());
    loop {
        let asked = DeploymentQuery {
            cursor: cursor.clone(),
            limit: Some(4),
            ..DeploymentQuery::default()
        };
        let page = deployments::list(&plane.cp, &approver, &asked)
            .await
            .unwrap();
        numbers.extend(page.rows.into_iter().map(|r| r.number));
        let Some(next) = page.next else { break };
        cursor = next;
    }
    assert_eq!(
        numbers,
        [52, 51, 50, 42, 41, 40, 32, 31, 30, 22, 21, 20, 12, 11, 10]
    );
}

#[tokio::test]
async fn people_see_the_things_of_their_teams_and_nothing_tells_them_of_others() {
    let World {
        plane,
        seller,
        bots,
        ..
    } = world(4).await;
    let cp = &plane.cp;
    let slugs = |rows: Vec<domain::view::agent::AgentRow>| {
        rows.into_iter().map(|r| r.slug).collect::<Vec<_>>()
    };
    assert_eq!(
        slugs(
            agents::list(cp, &seller, &AgentQuery::default())
                .await
                .unwrap()
                .rows
        ),
        ["bot-2", "bot-4"]
    );
    let care = AgentQuery {
        team: vec!["care".to_owned()],
        ..AgentQuery::default()
    };
    assert!(
        agents::list(cp, &seller, &care)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    let theirs = DeploymentQuery {
        agent: "bot-1".to_owned(),
        ..DeploymentQuery::default()
    };
    assert!(
        deployments::list(cp, &seller, &theirs)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    let inbox = approvals::inbox(cp, &seller, &ApprovalQuery::default())
        .await
        .unwrap();
    assert_eq!(
        inbox
            .others
            .iter()
            .map(|r| r.agent.as_str())
            .collect::<Vec<_>>(),
        ["bot-2", "bot-4"]
    );
    assert_eq!(inbox.decided.len(), 2);
    let fleet = overview::get(cp, &seller).await.unwrap();
    assert_eq!(
        (fleet.agents, fleet.live_production, fleet.active_identities),
        (2, 2, 4)
    );
    let hidden = bots[0].waiting;
    assert!(matches!(
        agents::get(cp, &seller, "bot-1").await,
        Err(Error::NotFound { .. })
    ));
    assert!(matches!(
        deployments::get(cp, &seller, hidden, None, None).await,
        Err(Error::NotFound { .. })
    ));
    assert!(matches!(
        approvals::get(cp, &seller, hidden).await,
        Err(Error::NotFound { .. })
    ));
    assert!(matches!(
        gates::evaluation(cp, &seller, hidden).await,
        Err(Error::NotFound { .. })
    ));
    assert!(agents::get(cp, &seller, "bot-2").await.is_ok());
}

#[tokio::test]
async fn strangers_do_not_learn_what_exists() {
    let World { plane, bots, .. } = world(1).await;
    let (cp, stranger) = (&plane.cp, Plane::by(Actor::Anonymous));
    for number in [bots[0].waiting, 9_999] {
        assert!(matches!(
            deployments::get(cp, &stranger, number, None, None).await,
            Err(Error::Unauthenticated)
        ));
        assert!(matches!(
            approvals::get(cp, &stranger, number).await,
            Err(Error::Unauthenticated)
        ));
        assert!(matches!(
            gates::evaluation(cp, &stranger, number).await,
            Err(Error::Unauthenticated)
        ));
    }
    assert!(matches!(
        agents::get(cp, &stranger, "bot-1").await,
        Err(Error::Unauthenticated)
    ));
    assert!(matches!(
        overview::get(cp, &Plane::nobody()).await,
        Err(Error::Forbidden { .. })
    ));
    assert_eq!(
        approvals::waiting_for(cp, &Plane::nobody()).await.unwrap(),
        0
    );
}

#[tokio::test]
async fn words_that_are_no_filter_find_nothing() {
    let World {
        plane, approver, ..
    } = world(1).await;
    let asked = |state: &str, environment: &str| DeploymentQuery {
        state: state.to_owned(),
        environment: environment.to_owned(),
        ..DeploymentQuery::default()
    };
    for (asked, found) in [
        (asked("in_progress", ""), 1),
        (asked("live", "production"), 1),
        (asked("lively", ""), 0),
        (asked("", "moon"), 0),
    ] {
        assert_eq!(
            deployments::list(&plane.cp, &approver, &asked)
                .await
                .unwrap()
                .rows
                .len(),
            found,
            "{asked:?}"
        );
    }
    for (q, found) in [
        ("BOT", 1),
        ("bo", 1),
        ("ot", 0),
        ("100% of_", 1),
        ("1 bot 100", 1),
        ("\" OR bot* NOT", 0),
        ("%", 0),
        ("\\", 0),
    ] {
        let asked = AgentQuery {
            q: q.to_owned(),
            ..AgentQuery::default()
        };
        assert_eq!(
            agents::list(&plane.cp, &approver, &asked)
                .await
                .unwrap()
                .rows
                .len(),
            found,
            "{q}"
        );
    }
}

#[tokio::test]
async fn of_several_values_one_must_hold_and_of_several_filters_all() {
    let World {
        plane, approver, ..
    } = world(4).await;
    let none = plane.registered("fresh", plane.care).await;
    agent::Entity::update_many()
        .col_expr(agent::Column::Risk, Expr::value(Risk::High))
        .filter(agent::Column::Id.eq(none))
        .exec(&plane.db)
        .await
        .unwrap();
    plane.index().await;
    let found = async |parts: &[(&str, &str)]| {
        let query = AgentQuery::read(parts.iter().copied());
        let page = agents::list(&plane.cp, &approver, &query).await.unwrap();
        page.rows
            .into_iter()
            .map(|row| row.slug)
            .collect::<Vec<_>>()
    };
    assert_eq!(found(&[("status", "never")]).await, ["fresh"]);
    assert_eq!(found(&[("status", "production")]).await.len(), 4);
    assert_eq!(found(&[("status", "production,never")]).await.len(), 5);
    assert!(found(&[("status", "non_prod")]).await.is_empty());
    assert!(
        found(&[("status", "quarantined,decommissioned")])
            .await
            .is_empty()
    );
    assert_eq!(found(&[("risk", "high")]).await, ["fresh"]);
    assert_eq!(
        found(&[("risk", "unknown"), ("team", "care")]).await.len(),
        2
    );
    assert_eq!(found(&[("team", "care,sales,nobody")]).await.len(), 5);
    assert!(found(&[("team", "nobody")]).await.is_empty());
    let down = found(&[("sort", "-name"), ("limit", "2")]).await;
    assert_eq!(down, ["fresh", "bot-4"]);
    let rest = found(&[("sort", "-name"), ("cursor", "bot-4")]).await;
    assert_eq!(rest, ["bot-3", "bot-2", "bot-1"]);
}

#[tokio::test]
async fn where_nothing_is_shown_the_filter_that_hides_most_is_named() {
    let World {
        plane,
        approver,
        seller,
        ..
    } = world(4).await;
    let parts = [("q", "bot"), ("team", "care"), ("status", "never")];
    let named = async |ctx, parts: &[(&str, &str)]| {
        let query = AgentQuery::read(parts.iter().copied());
        let found = agents::list(&plane.cp, ctx, &query).await.unwrap();
        assert!(found.rows.is_empty());
        found.narrowest.map(|one| (one.facet, one.shown))
    };
    assert_eq!(
        named(&approver, &parts).await,
        Some((Some(Facet::Status), 2))
    );
    // Who sees the other team alone is told of nothing in this one.
    assert_eq!(named(&seller, &parts).await, None);
    let words = [("q", "nonsense"), ("team", "care")];
    assert_eq!(named(&approver, &words).await, Some((None, 2)));
}

#[tokio::test]
async fn the_overview_counts_the_fleet() {
    let world = world(3).await;
    let db = &world.plane.db;
    deployment::Entity::update_many()
        .col_expr(
            deployment::Column::ManifestDigest,
            Expr::value("sha256:other"),
        )
        .col_expr(deployment::Column::Health, Expr::value("stopped"))
        .filter(deployment::Column::Number.eq(world.bots[0].production))
        .exec(db)
        .await
        .unwrap();
    let shown = overview::get(&world.plane.cp, &world.approver)
        .await
        .unwrap();
    assert_eq!(
        (
            shown.live_production,
            shown.live_non_prod,
            shown.agents,
            shown.agents_never_deployed
        ),
        (3, 3, 3, 0)
    );
    assert_eq!(
        (
            shown.active_identities,
            shown.distinct_scopes,
            shown.without_approval
        ),
        (6, 1, 1)
    );
    assert_eq!(
        (
            shown.unhealthy[0].agent.as_str(),
            shown.unhealthy[0].note.as_str()
        ),
        ("bot-1", "Stopped in production")
    );
    assert_eq!(
        (
            shown.gates_failed_7d,
            shown.gates_inconclusive_7d,
            shown.cleanup_incomplete
        ),
        (0, 0, 0)
    );
    assert_eq!(
        (shown.waiting_for_you.len(), shown.waiting_for_others),
        (3, 0)
    );
    assert_eq!(
        shown
            .in_progress
            .iter()
            .map(|(_, c)| c.number)
            .collect::<Vec<_>>(),
        [32, 22, 12]
    );
    assert!(shown.recently_ended.is_empty());
}
