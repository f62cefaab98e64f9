//! The registry's index: it says what is true at every moment, finds agents by everything that their teams say of them, and knows who
//! does nearly the same.

use control_plane::testing::{TestAgent, TestPlane};
use control_plane::{Error, OpCtx, agents, registry, versions};
use domain::actor::Role;
use domain::form::agent::{DecommissionForm, OnboardForm};
use domain::form::query::{AgentQuery, Facet, UseQuery};
use domain::registry::{Degree, Field};
use domain::view::agent::AgentList;
use domain::view::diff::{Change, ChangeKind};

use crate::support::{World, drop_index};

/// What a team says of its agent beside the rest of the manifest.
fn says(agent: &TestAgent, description: &str, skills: &str, tools: &str, servers: &str) -> String {
    agent
        .manifest(&["orders:read"])
        .replace("Helps with refunds.", description)
        .replace(
            "risk: low\n",
            &format!("risk: low\nskills: [{skills}]\ntags: [finance]\n"),
        )
        .replace(
            "  settings:",
            &format!("  tools: [{tools}]\n  mcp_servers: [{servers}]\n  settings:"),
        )
}

const LEDGER: &str =
    r#"{name: read_ledger, description: "Reads the ledger", scopes: ["orders:read"]}"#;
const BRIDGE: &str = "{name: sap-bridge, transport: http, url: \"https://sap.example/mcp\"}";

async fn pushed(
    plane: &TestPlane,
    slug: &str,
    description: &str,
    skills: &str,
    tools: &str,
) -> TestAgent {
    let agent = plane.agent(slug).await;
    let manifest = says(&agent, description, skills, tools, BRIDGE);
    plane
        .push(&agent, agent.files_with("clearance.yaml", &manifest))
        .await;
    plane.settle().await;
    agent
}

async fn list(plane: &TestPlane, ctx: &OpCtx, parts: &[(&str, &str)]) -> AgentList {
    let query = AgentQuery::read(parts.iter().copied());
    agents::list(&plane.cp, ctx, &query).await.unwrap()
}

fn slugs(list: &AgentList) -> Vec<&str> {
    list.rows.iter().map(|row| row.slug.as_str()).collect()
}

#[tokio::test]
async fn an_agent_is_found_by_what_its_team_says_of_it_and_the_reason_is_told() {
    let plane = TestPlane::new().await;
    let reader = plane.person("reader@example.com", Role::Viewer).await;
    pushed(
        &plane,
        "invoice-matcher",
        "Matches invoices with orders.",
        "reconcile invoices",
        LEDGER,
    )
    .await;
    pushed(
        &plane,
        "shift-planner",
        "Plans the shifts of nurses.",
        "plan shifts",
        "",
    )
    .await;
    for (q, field) in [
        ("reconc", Some(Field::Skill)),
        ("ledger", Some(Field::Tool)),
        ("sap bridge", Some(Field::Server)),
        ("with orders", Some(Field::Purpose)),
        ("invoice-m", None),
    ] {
        let found = list(&plane, &reader, &[("q", q)]).await;
        let first = found
            .rows
            .first()
            .unwrap_or_else(|| panic!("{q} finds nothing"));
        assert_eq!(first.slug, "invoice-matcher", "{q}");
        assert_eq!(first.why.as_ref().map(|why| why.field), field, "{q}");
    }
    // Both are tagged so.
    assert_eq!(list(&plane, &reader, &[("q", "finance")]).await.fitting, 2);
    // Letters that are syntax of either database's index are none here.
    for q in [
        "\" OR invoices",
        "invoices:*",
        "§1",
        "' | 'x",
        "-invoices NOT",
        "NEAR(",
        "\u{202e}",
    ] {
        let query = AgentQuery::read([("q", q)]);
        agents::list(&plane.cp, &reader, &query).await.unwrap();
    }
    assert_eq!(list(&plane, &reader, &[("q", "§1")]).await.fitting, 0);
    plane.finish().await;
}

#[tokio::test]
async fn counts_beside_filters_are_what_the_lists_show() {
    let world = World::live().await;
    let plane = &world.plane;
    let reader = plane.person("reader@example.com", Role::Viewer).await;
    for number in 0..5 {
        plane.agent(&format!("fresh-{number}")).await;
    }
    pushed(
        plane,
        "invoice-matcher",
        "Matches invoices.",
        "match",
        LEDGER,
    )
    .await;
    for base in [
        vec![],
        vec![("q", "invoices")],
        vec![("status", "never")],
        vec![("risk", "low")],
    ] {
        let all = list(plane, &reader, &base).await;
        for one in &all.facets {
            // Beside its own filter a value is counted without it.
            let mut parts: Vec<_> = base.clone();
            parts.retain(|(name, _)| *name != one.facet.as_str());
            parts.push((one.facet.as_str(), one.value.as_str()));
            let shown = list(plane, &reader, &parts).await;
            let rows = u64::try_from(shown.rows.len()).unwrap();
            assert_eq!(
                (shown.fitting, rows),
                (one.agents, one.agents),
                "{base:?} {one:?}"
            );
        }
    }
    let all = list(plane, &reader, &[]).await;
    assert_eq!((all.fitting, all.count(Facet::Status, "never")), (7, 5));
    assert_eq!(all.count(Facet::Status, "production"), 1);
    assert_eq!(all.count(Facet::Status, "non_prod"), 1);
    world.plane.finish().await;
}

#[tokio::test]
async fn what_ends_is_counted_as_ended_in_the_same_moment() {
    let world = World::live().await;
    let plane = &world.plane;
    agents::decommission(
        &plane.cp,
        &plane.person("ops@example.com", Role::Operator).await,
        &world.leaving(),
    )
    .await
    .unwrap();
    // Before any worker runs.
    plane.check_registry().await;
    let ended = list(plane, &world.approver, &[("status", "decommissioned")]).await;
    assert_eq!(slugs(&ended), ["refund-assistant"]);
    assert_eq!(
        list(plane, &world.approver, &[("status", "production")])
            .await
            .fitting,
        0
    );
    world.settle().await;
    world.plane.finish().await;
}

#[tokio::test]
async fn of_other_teams_nothing_is_found_and_only_how_many_there_are() {
    let plane = TestPlane::new().await;
    pushed(
        &plane,
        "invoice-matcher",
        "Matches invoices.",
        "match invoices",
        LEDGER,
    )
    .await;
    let sales = plane.add_team("sales").await;
    let seller = plane
        .person_with("seller@example.com", &[(Role::Viewer, Some(sales))], &[])
        .await;
    for parts in [
        vec![],
        vec![("q", "invoices")],
        vec![("q", "invoice-matcher")],
        vec![("team", "payments")],
    ] {
        let found = list(&plane, &seller, &parts).await;
        assert!(
            found.rows.is_empty() && found.facets.is_empty(),
            "{parts:?}"
        );
        assert_eq!((found.fitting, found.elsewhere), (0, 1));
        assert_eq!(found.narrowest, None);
    }
    let (cp, tools) = (&plane.cp, UseQuery::default());
    assert!(
        agents::uses(cp, &seller, &tools)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    let hidden = agents::used_by(cp, &seller, ("tool", "read_ledger"), "").await;
    assert!(matches!(hidden, Err(Error::NotFound { .. })));
    let beside = agents::compare(cp, &seller, "invoice-matcher", "invoice-matcher").await;
    assert!(matches!(beside, Err(Error::NotFound { .. })));
    plane.finish().await;
}

#[tokio::test]
async fn agents_that_do_nearly_the_same_are_shown_to_who_sees_both() {
    let plane = TestPlane::new().await;
    let reader = plane.person("reader@example.com", Role::Viewer).await;
    let skills = "match invoices, post entries";
    pushed(
        &plane,
        "invoice-matcher",
        "Matches supplier invoices with purchase orders.",
        skills,
        LEDGER,
    )
    .await;
    let twin = pushed(
        &plane,
        "bill-checker",
        "Checks supplier invoices with purchase orders.",
        "match invoices",
        LEDGER,
    )
    .await;
    pushed(
        &plane,
        "shift-planner",
        "Plans the shifts of nurses.",
        "plan shifts",
        "",
    )
    .await;
    let cp = &plane.cp;
    let similar = agents::get(cp, &reader, "invoice-matcher")
        .await
        .unwrap()
        .similar;
    assert_eq!(similar.agents.len(), 1, "{similar:?}");
    assert_eq!(similar.agents[0].slug, "bill-checker");
    assert_eq!(
        similar.agents[0].shared.said(),
        "1 of the same 2 skills, tool read_ledger, MCP server sap-bridge"
    );
    let pairs = agents::pairs(cp, &reader).await.unwrap().pairs;
    assert_eq!(pairs.len(), 1);
    let beside = agents::compare(cp, &reader, "bill-checker", "invoice-matcher")
        .await
        .unwrap();
    assert_eq!(beside.one.row.slug, "bill-checker");
    assert_eq!(beside.degree, Some(pairs[0].degree));
    assert_ne!(beside.degree, Some(Degree::Related));
    // It describes itself anew, and is like nobody any more.
    let other = says(
        &twin,
        "Writes greeting cards for birthdays.",
        "write cards",
        "",
        "",
    );
    plane
        .push(&twin, twin.files_with("clearance.yaml", &other))
        .await;
    plane.settle().await;
    assert!(agents::pairs(cp, &reader).await.unwrap().pairs.is_empty());
    plane.finish().await;
}

#[tokio::test]
async fn one_that_has_ended_is_like_nobody() {
    let plane = TestPlane::new().await;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    for slug in ["one", "other"] {
        pushed(
            &plane,
            slug,
            "Matches supplier invoices with purchase orders.",
            "match invoices",
            LEDGER,
        )
        .await;
    }
    let reader = plane.person("reader@example.com", Role::Operator).await;
    assert_eq!(
        agents::pairs(&plane.cp, &admin).await.unwrap().pairs[0].degree,
        Degree::Same
    );
    let form = DecommissionForm {
        agent: "other".to_owned(),
        reason: "The first one does it all.".to_owned(),
    };
    agents::decommission(&plane.cp, &reader, &form)
        .await
        .unwrap();
    plane.settle().await;
    assert!(
        agents::pairs(&plane.cp, &admin)
            .await
            .unwrap()
            .pairs
            .is_empty()
    );
    plane.finish().await;
}

#[tokio::test]
async fn tools_and_servers_are_listed_with_who_uses_them() {
    let plane = TestPlane::new().await;
    let reader = plane.person("reader@example.com", Role::Viewer).await;
    for slug in ["a-one", "a-two"] {
        pushed(&plane, slug, "Matches invoices.", "match", LEDGER).await;
    }
    let cp = &plane.cp;
    let uses = async |kind: &str, q: &str| {
        let query = UseQuery {
            kind: kind.to_owned(),
            q: q.to_owned(),
            ..UseQuery::default()
        };
        let page = agents::uses(cp, &reader, &query).await.unwrap();
        page.rows
            .into_iter()
            .map(|row| (row.name, row.agents))
            .collect::<Vec<_>>()
    };
    assert_eq!(uses("", "").await, [("read_ledger".to_owned(), 2)]);
    assert_eq!(uses("server", "sap").await, [("sap-bridge".to_owned(), 2)]);
    assert!(uses("server", "sb").await.is_empty());
    let used = agents::used_by(cp, &reader, ("tool", "read_ledger"), "")
        .await
        .unwrap();
    assert_eq!(used.rows.len(), 2);
    assert_eq!(used.rows[0].description, "Reads the ledger");
    assert_eq!(used.rows[0].scopes, ["orders:read"]);
    plane.finish().await;
}

#[tokio::test]
async fn agents_from_before_the_index_are_filled_in_once() {
    let plane = TestPlane::new().await;
    let reader = plane.person("reader@example.com", Role::Viewer).await;
    pushed(
        &plane,
        "invoice-matcher",
        "Matches invoices.",
        "reconcile",
        LEDGER,
    )
    .await;
    drop_index(&plane).await;
    assert!(list(&plane, &reader, &[]).await.rows.is_empty());
    let (one, other) = tokio::join!(registry::fill(&plane.cp), registry::fill(&plane.cp));
    assert!(one.unwrap() + other.unwrap() >= 1);
    assert_eq!(registry::fill(&plane.cp).await.unwrap(), 0);
    assert_eq!(
        slugs(&list(&plane, &reader, &[("q", "reconcile")]).await),
        ["invoice-matcher"]
    );
    plane.finish().await;
}

#[tokio::test]
async fn pages_of_hits_hold_every_agent_once_and_taking_them_away_is_recorded() {
    let plane = TestPlane::new().await;
    let reader = plane.person("reader@example.com", Role::Viewer).await;
    for number in 0..7 {
        plane.agent(&format!("agent-{number}")).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let query = AgentQuery {
            cursor,
            limit: Some(3),
            ..AgentQuery::read([("q", "agent")])
        };
        let page = agents::list(&plane.cp, &reader, &query).await.unwrap();
        seen.extend(page.rows.into_iter().map(|row| row.slug));
        let Some(next) = page.next else { break };
        cursor = next;
    }
    let expected: Vec<String> = (0..7).map(|number| format!("agent-{number}")).collect();
    assert_eq!(seen, expected);
    let lines = agents::lines(&plane.cp, &reader, &AgentQuery::default())
        .await
        .unwrap();
    assert_eq!(lines.len(), 7);
    assert_eq!(plane.count_events("evidence_exported").await, 1);
    plane.finish().await;
}

#[tokio::test]
async fn two_agents_onboarded_at_once_are_both_counted() {
    let plane = TestPlane::new().await;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    let form = |slug: &str| OnboardForm {
        slug: slug.to_owned(),
        team: "payments".to_owned(),
        connection: "acme".to_owned(),
        repository: format!("https://git.example.com/acme/{slug}"),
        branch: "main".to_owned(),
        path: String::new(),
    };
    let forms: Vec<OnboardForm> = (0..8).map(|n| form(&format!("agent-{n}"))).collect();
    let all = forms
        .iter()
        .map(|form| agents::onboard(&plane.cp, &admin, form));
    for done in futures::future::join_all(all).await {
        done.unwrap();
    }
    assert_eq!(
        list(&plane, &admin, &[("status", "never")]).await.fitting,
        8
    );
    plane.finish().await;
}

#[tokio::test]
async fn any_two_versions_are_compared_in_either_direction() {
    let plane = TestPlane::new().await;
    let reader = plane.person("reader@example.com", Role::Viewer).await;
    let agent = pushed(&plane, "invoice-matcher", "Matches invoices.", "match", "").await;
    let manifest = says(&agent, "Matches invoices.", "match", LEDGER, BRIDGE).replace(
        "scopes: [orders:read]",
        "scopes: [orders:read, orders:write]",
    );
    plane
        .push(&agent, agent.files_with("clearance.yaml", &manifest))
        .await;
    plane.settle().await;
    let compare = async |from: &str, to: &str| {
        versions::compare(&plane.cp, &reader, "invoice-matcher", (from, to)).await
    };
    let diff = compare("2.3.0", "2.3.1").await.unwrap();
    assert_eq!(diff.added_scopes, ["orders:write"]);
    assert_eq!(diff.kept_scopes, ["orders:read"]);
    let tool = |change: &&Change| change.part == "Tool" && change.name == "read_ledger";
    assert_eq!(
        diff.config.iter().find(tool).unwrap().kind,
        ChangeKind::Added
    );
    let back = compare("2.3.1", "2.3.0").await.unwrap();
    assert_eq!(back.removed_scopes, ["orders:write"]);
    assert_eq!(
        back.config.iter().find(tool).unwrap().kind,
        ChangeKind::Removed
    );
    assert!(compare("2.3.0", "2.3.0").await.unwrap().config.is_empty());
    assert!(matches!(
        compare("2.3.0", "9.9.9").await,
        Err(Error::NotFound { .. })
    ));
    let stranger = plane.anonymous();
    let hidden = versions::compare(&plane.cp, &stranger, "invoice-matcher", ("2.3.0", "2.3.1"));
    assert!(matches!(hidden.await, Err(Error::Unauthenticated)));
    plane.finish().await;
}
