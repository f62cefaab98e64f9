//! A2A cards on their way from a repository to approvers and readers.

use control_plane::testing::{TestAgent, TestPlane};
use control_plane::{Error, agents, approvals, versions};
use domain::actor::Role;
use domain::environment::Environment;
use domain::form::query::AgentQuery;
use domain::registry::Field;
use domain::view::diff::ChangeKind;
use serde_json::json;

use crate::support::World;

const FILE: &str = "agent-card.json";

/// A card with one skill; the text has a layout of its own, which must be kept.
fn card(skill: &str) -> String {
    let card = json!({
        "name": "Refunds", "description": "Answers.", "version": "1",
        "supportedInterfaces": [
            { "url": "https://a.example/x", "protocolBinding": "JSONRPC", "protocolVersion": "1.0" },
        ],
        "skills": [{ "id": "s", "name": skill, "description": "Explains.", "tags": [] }],
    });
    format!("\n{}\n", serde_json::to_string_pretty(&card).unwrap())
}

async fn push(plane: &TestPlane, agent: &TestAgent, card: &str) {
    let mut files = agent.files_with(FILE, card);
    let manifest = agent.manifest(&["orders:read"]) + "agent_card: agent-card.json\n";
    files.insert("clearance.yaml".to_owned(), manifest);
    plane.push(agent, files).await;
    plane.settle().await;
}

#[tokio::test]
async fn a_card_is_kept_as_written_shown_found_and_compared() {
    let world = World::new().await;
    let (plane, agent) = (&world.plane, &world.agent);
    let reader = plane.person("reader@example.com", Role::Viewer).await;
    push(plane, agent, &card("Explain warranties")).await;
    let found = agents::card(&plane.cp, &reader, &agent.slug, None)
        .await
        .unwrap();
    assert_eq!(found.live_in, [Environment::NonProd]);
    let kept = found.card.unwrap();
    assert_eq!(kept.text, card("Explain warranties"));
    assert_eq!(kept.says.skills[0].name, "Explain warranties");

    let query = AgentQuery::read([("q", "warrant")].into_iter());
    let list = agents::list(&plane.cp, &reader, &query).await.unwrap();
    let why = list.rows[0].why.as_ref().map(|why| why.field);
    assert_eq!(why, Some(Field::Skill));
    let page = agents::get(&plane.cp, &reader, &agent.slug).await.unwrap();
    assert!(page.does.unwrap().card);

    // Another text is another version, which an approver sees by its skill.
    plane.approve(&world.approver, 2).await.unwrap();
    plane.settle().await;
    push(plane, agent, &card("Grant warranties")).await;
    let pair = ("2.3.0", "2.3.1");
    let diff = versions::compare(&plane.cp, &reader, &agent.slug, pair)
        .await
        .unwrap();
    let told: Vec<_> = diff
        .config
        .iter()
        .map(|one| (one.part.as_str(), one.kind))
        .collect();
    assert_eq!(told, [("Card skill", ChangeKind::Changed)]);
    let asked = approvals::get(&plane.cp, &world.approver, 4).await.unwrap();
    assert_eq!(asked.diff.config, diff.config);
    // Until then production tells what is cleared; any version can be read by its number.
    let told = agents::card(&plane.cp, &reader, &agent.slug, None)
        .await
        .unwrap();
    assert_eq!(
        (told.version.as_str(), told.live_in),
        ("2.3.0", vec![Environment::Production])
    );
    let newer = agents::card(&plane.cp, &reader, &agent.slug, Some("2.3.1"))
        .await
        .unwrap();
    assert_eq!(newer.card.unwrap().says.skills[0].name, "Grant warranties");
    world.plane.finish().await;
}

#[tokio::test]
async fn a_card_that_is_none_rejects_the_push_with_file_and_line() {
    let world = World::new().await;
    push(&world.plane, &world.agent, "{\n  \"name\": \"x\"\n}").await;
    let pushes = world.plane.pushes().await;
    let (_, _, state, note) = pushes.last().unwrap();
    assert_eq!(state, "rejected");
    assert!(
        note.contains(FILE) && note.contains("missing field `description`"),
        "{note}"
    );
    assert!(note.contains("\"line\":3"), "{note}");
    // The same for one that the manifest names and the repository lacks.
    let agent = &world.agent;
    let manifest = agent.manifest(&["orders:read"]) + "agent_card: no.json\n";
    world
        .plane
        .push(agent, agent.files_with("clearance.yaml", &manifest))
        .await;
    world.plane.settle().await;
    let pushes = world.plane.pushes().await;
    let (_, _, state, note) = pushes.last().unwrap();
    assert_eq!(state, "rejected");
    assert!(
        note.contains("`no.json` is not in the repository"),
        "{note}"
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn who_may_not_read_the_agent_is_not_told_of_its_card() {
    let world = World::new().await;
    let (plane, agent) = (&world.plane, &world.agent);
    push(plane, agent, &card("Explain")).await;
    let elsewhere = plane.add_team("elsewhere").await;
    let roles = [(Role::Approver, Some(elsewhere))];
    let other = plane.person_with("other@example.com", &roles, &[]).await;
    for version in [None, Some("2.3.0"), Some("9.9.9")] {
        let refused = agents::card(&plane.cp, &other, &agent.slug, version).await;
        assert!(
            matches!(refused, Err(Error::NotFound { kind: "agent" })),
            "{refused:?}"
        );
    }
    let reader = plane.person("reader@example.com", Role::Viewer).await;
    let none = agents::card(&plane.cp, &reader, &agent.slug, Some("9.9.9")).await;
    assert!(
        matches!(none, Err(Error::NotFound { kind: "version" })),
        "{none:?}"
    );
    world.plane.finish().await;
}
