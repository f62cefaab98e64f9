//! People whose only role is in one team: they see what is their team's, and nothing tells them of the rest.

use audit_log::TilePath;
use control_plane::testing::{TEAM, TestAgent};
use control_plane::topic::{self, Topic};
use control_plane::{Error, OpCtx, agents, audit, connections, overview, people};
use domain::actor::Role;
use domain::authz::{ASK, Access, Facts, can};
use domain::form::agent::AskForm;
use domain::form::query::AuditQuery;
use domain::view::audit::AuditRow;

use crate::support::World;

/// Two teams with an agent each, both pushed and awaiting approval.
struct Two {
    world: World,
    other: TestAgent,
    /// Develops in the team of the world's agent alone.
    payments: OpCtx,
    /// Develops in the other team alone.
    care: OpCtx,
    /// Reads everywhere.
    auditor: OpCtx,
}

impl Two {
    async fn new() -> Self {
        let world = World::new().await;
        let plane = &world.plane;
        let care = plane.add_team("care").await;
        let other = TestAgent::new("care-bot");
        plane.onboard(&other, "care").await;
        plane.push(&world.agent, world.agent.files()).await;
        world.settle().await;
        plane.push(&other, other.files()).await;
        world.settle().await;
        let bound = |team| [(Role::Developer, Some(team))];
        let payments = plane
            .person_with("p@example.com", &bound(plane.team), &[])
            .await;
        let care = plane.person_with("c@example.com", &bound(care), &[]).await;
        let auditor = plane.person("auditor@example.com", Role::Auditor).await;
        Self {
            other,
            payments,
            care,
            auditor,
            world,
        }
    }

    /// Every row of the trail that somebody sees, over all its pages.
    async fn trail(&self, ctx: &OpCtx) -> Vec<AuditRow> {
        let mut rows = Vec::new();
        let mut asked = AuditQuery {
            limit: Some(7),
            ..AuditQuery::default()
        };
        loop {
            let page = audit::trail(&self.world.plane.cp, ctx, &asked)
                .await
                .unwrap();
            rows.extend(page.rows);
            let Some(next) = page.next else { return rows };
            asked.cursor = next;
        }
    }
}

#[tokio::test]
async fn the_trail_of_one_team_holds_all_of_its_events_and_no_other() {
    let two = Two::new().await;
    let all = two.trail(&two.auditor).await;
    assert!(all.iter().any(|row| row.agent.is_none()));
    for (ctx, slug) in [
        (&two.payments, two.world.agent.slug.as_str()),
        (&two.care, two.other.slug.as_str()),
    ] {
        let seen = two.trail(ctx).await;
        let theirs: Vec<_> = all
            .iter()
            .filter(|row| row.agent.as_deref() == Some(slug))
            .cloned()
            .collect();
        assert!(theirs.len() > 10);
        assert_eq!(seen, theirs);
    }
    two.world.plane.finish().await;
}

#[tokio::test]
async fn filters_lead_nobody_to_the_events_of_another_team() {
    let two = Two::new().await;
    let plane = &two.world.plane;
    let foreign = two.trail(&two.care).await;
    let number = foreign.iter().find_map(|row| row.deployment).unwrap();
    for asked in [
        AuditQuery {
            agent: two.other.slug.clone(),
            ..AuditQuery::default()
        },
        AuditQuery {
            deployment: number.to_string(),
            ..AuditQuery::default()
        },
        AuditQuery {
            action: "signed_in".to_owned(),
            ..AuditQuery::default()
        },
    ] {
        let page = audit::trail(&plane.cp, &two.payments, &asked)
            .await
            .unwrap();
        assert!(page.rows.is_empty(), "{asked:?}");
        assert_eq!(page.next, None);
    }
    two.world.plane.finish().await;
}

#[tokio::test]
async fn an_event_of_another_team_and_one_that_never_was_look_the_same() {
    let two = Two::new().await;
    let cp = &two.world.plane.cp;
    let all = two.trail(&two.auditor).await;
    for row in &all {
        let theirs = row.agent.as_deref() == Some(two.world.agent.slug.as_str());
        let seen = audit::get(cp, &two.payments, row.index).await;
        match seen {
            Ok(detail) => assert!(theirs && detail.row == *row),
            Err(Error::NotFound { kind }) => assert!(!theirs && kind == "event"),
            Err(error) => panic!("{error:?}"),
        }
    }
    let never = audit::get(cp, &two.payments, 1_000_000).await;
    assert!(matches!(never, Err(Error::NotFound { kind: "event" })));
    two.world.plane.finish().await;
}

/// The trail of a team is told by the agent that an event names, so none about a deployment may do without.
#[tokio::test]
async fn every_event_about_a_deployment_names_its_agent() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    let operator = plane.person("operator@example.com", Role::Operator).await;
    let back = control_plane::testing::TestPlane::back(4);
    control_plane::rollbacks::start(&plane.cp, &operator, &back)
        .await
        .unwrap();
    world.settle().await;
    let events = plane.events().await;
    assert!(events.iter().any(|e| e.action == "rolled_back"));
    for event in events {
        let about = matches!(
            event.object.kind.as_str(),
            "agent"
                | "deployment"
                | "approval"
                | "gate"
                | "identity"
                | "resource"
                | "version"
                | "push"
        );
        if about || event.deployment.is_some() {
            assert!(event.agent.is_some(), "{event:?}");
        }
    }
    world.plane.finish().await;
}

#[tokio::test]
async fn entries_of_the_log_are_for_those_who_read_everywhere() {
    let two = Two::new().await;
    let cp = &two.world.plane.cp;
    audit::publish(cp).await.unwrap();
    let size = audit::chain(cp).await.unwrap().checkpoint_size;
    let path: TilePath = format!("tile/entries/000.p/{}", size % 256)
        .parse()
        .unwrap();
    assert!(
        audit::entries(cp, &two.auditor, &path)
            .await
            .unwrap()
            .is_some()
    );
    let refused = audit::entries(cp, &two.payments, &path).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })));
    two.world.plane.finish().await;
}

#[tokio::test]
async fn connections_are_seen_by_every_team_without_the_place_of_their_secrets() {
    let two = Two::new().await;
    let cp = &two.world.plane.cp;
    let all = connections::list(cp, &two.auditor).await.unwrap();
    assert!(all.iter().all(|row| !row.secret_reference.is_empty()));
    let seen = connections::list(cp, &two.care).await.unwrap();
    assert_eq!(seen.len(), all.len());
    for (row, known) in seen.iter().zip(&all) {
        assert_eq!(row.webhook_path, known.webhook_path);
        assert_eq!(row.secret_reference, "");
    }
    let nobody = two
        .world
        .plane
        .person_with("nobody@example.com", &[], &[])
        .await;
    let refused = connections::list(cp, &nobody).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })));
    let stranger = connections::list(cp, &two.world.plane.anonymous()).await;
    assert!(matches!(stranger, Err(Error::Unauthenticated)));
    two.world.plane.finish().await;
}

#[tokio::test]
async fn a_delivery_is_seen_by_the_teams_whose_agents_it_concerned() {
    let two = Two::new().await;
    let plane = &two.world.plane;
    // About a repository that nobody has, and one that is not worked on yet.
    let lost = plane.delivery(&TestAgent::new("unknown"), None, Some(&"a".repeat(40)));
    plane.deliver(&lost).await.unwrap();
    two.world.settle().await;
    let waiting = plane.delivery(&two.other, None, Some(&"b".repeat(40)));
    plane.deliver(&waiting).await.unwrap();
    let keys = async |ctx: &OpCtx| {
        let page = connections::deliveries(&plane.cp, ctx, "").await.unwrap();
        page.rows.into_iter().map(|row| row.key).collect::<Vec<_>>()
    };
    let all = keys(&two.auditor).await;
    assert_eq!(all.len(), 4);
    assert_eq!(&all[..2], [waiting.key, lost.key]);
    assert_eq!(keys(&two.care).await, all[2..3]);
    assert_eq!(keys(&two.payments).await, all[3..]);
    plane.settle_all().await;
    assert_eq!(keys(&two.care).await, [all[0].clone(), all[2].clone()]);
    two.world.plane.finish().await;
}

#[tokio::test]
async fn a_delivery_about_a_shared_repository_is_seen_by_each_of_its_teams() {
    let two = Two::new().await;
    let plane = &two.world.plane;
    let mut shared = TestAgent::new("shared-bot");
    shared.repository.clone_from(&two.other.repository);
    shared.path = "bots/shared".to_owned();
    plane.onboard(&shared, TEAM).await;
    plane.push(&two.other, two.other.files()).await;
    plane.settle_all().await;
    for ctx in [&two.payments, &two.care] {
        let page = connections::deliveries(&plane.cp, ctx, "").await.unwrap();
        assert_eq!(page.rows.len(), 2);
    }
    two.world.plane.finish().await;
}

#[tokio::test]
async fn the_frame_and_the_overview_count_what_the_person_sees() {
    let two = Two::new().await;
    let plane = &two.world.plane;
    for (ctx, agents) in [(&two.payments, 1), (&two.care, 1), (&two.auditor, 2)] {
        let frame = people::frame(&plane.cp, ctx).await.unwrap();
        assert_eq!(
            (frame.agents, frame.deployments_in_progress),
            (agents, agents)
        );
        assert_eq!(frame.waiting_for_you, 0);
        let fleet = overview::get(&plane.cp, ctx).await.unwrap();
        assert_eq!((fleet.agents, fleet.waiting_for_others), (agents, agents));
    }
    let bound = [(Role::Approver, Some(plane.team))];
    let approver = plane.person_with("a@example.com", &bound, &[]).await;
    let frame = people::frame(&plane.cp, &approver).await.unwrap();
    assert_eq!((frame.agents, frame.waiting_for_you), (1, 1));
    let nobody = plane.person_with("nobody@example.com", &[], &[]).await;
    for ctx in [&nobody, &plane.anonymous()] {
        let frame = people::frame(&plane.cp, ctx).await.unwrap();
        assert_eq!((frame.agents, frame.deployments_in_progress), (0, 0));
    }
    two.world.plane.finish().await;
}

#[tokio::test]
async fn pages_are_woken_by_what_the_person_may_see() {
    let two = Two::new().await;
    let cp = &two.world.plane.cp;
    let all = two.trail(&two.auditor).await;
    let nobody = two
        .world
        .plane
        .person_with("nobody@example.com", &[], &[])
        .await;
    for row in &all {
        let theirs = row.agent.as_deref() == Some(two.world.agent.slug.as_str());
        let mut topics = vec![Topic::new("audit", row.index.to_string())];
        topics.extend(row.agent.iter().map(|slug| Topic::new("agent", slug)));
        for number in row.deployment.iter().map(ToString::to_string) {
            topics.push(Topic::new("deployment", &number));
            topics.push(Topic::new("approval", &number));
        }
        for told in &topics {
            let seen = async |ctx: &OpCtx| topic::visible(cp, ctx, told).await.unwrap();
            assert!(seen(&two.auditor).await, "{told:?}");
            assert_eq!(seen(&two.payments).await, theirs, "{told:?}");
            assert!(!seen(&nobody).await, "{told:?}");
        }
    }
    for never in ["agent", "deployment", "approval", "audit", "other"] {
        let told = Topic::new(never, "999999");
        assert!(!topic::visible(cp, &two.payments, &told).await.unwrap());
    }
    two.world.plane.finish().await;
}

/// Pages decide by [`ASK`] whether they show the form, so the use case must decide by it too.
#[tokio::test]
async fn an_agent_is_asked_by_those_whom_the_pages_let_ask() {
    let world = World::live().await;
    let plane = &world.plane;
    let form = AskForm {
        agent: world.agent.slug.clone(),
        environment: "production".to_owned(),
        prompt: "Where is my order?".to_owned(),
    };
    let facts = Facts {
        team: Some(plane.team),
    };
    for role in Role::ALL {
        let address = format!("{role}-asks@example.com");
        let ctx = plane.person(&address, *role).await;
        let may = can(ctx.actor(), ASK, facts) == Access::Allowed;
        let refused = matches!(
            agents::ask(&plane.cp, &ctx, &form).await,
            Err(Error::Forbidden { .. })
        );
        assert_eq!(may, !refused, "{role}");
        assert_eq!(may, ASK.roles().contains(role), "{role}");
    }
    let approver = can(world.approver.actor(), ASK, facts);
    assert_eq!(approver, Access::Refused);
    world.plane.finish().await;
}
