//! Agents that say one thing in other words: found where there is a model of language, and never instead of what words say.

use control_plane::fakes::Fault;
use control_plane::ports::PortErrorKind;
use control_plane::testing::{TestAgent, TestPlane};
use control_plane::{OpCtx, agents};
use domain::actor::Role;
use domain::registry::{Degree, Shared};

const MATCHER: &str = "Matches invoice of suppliers against order";
const PAIRER: &str = "Pairs bill from vendors with purchase";
const PLANNER: &str = "Plans shifts for nurses at night";
/// Words that mean the same.
const GROUPS: &[&[&str]] = &[
    &["matches", "pairs"],
    &["invoice", "bill"],
    &["suppliers", "vendors"],
    &["order", "purchase"],
    &["of", "from", "against", "with"],
];

async fn says(plane: &TestPlane, agent: &TestAgent, description: &str) {
    let manifest = agent
        .manifest(&["orders:read"])
        .replace("Helps with refunds.", description);
    let files = agent.files_with("clearance.yaml", &manifest);
    plane.push(agent, files).await;
    plane.settle().await;
}

async fn three(plane: &TestPlane) -> [TestAgent; 3] {
    let mut all = Vec::new();
    for (slug, description) in [
        ("invoice-matcher", MATCHER),
        ("bill-pairer", PAIRER),
        ("shift-planner", PLANNER),
    ] {
        let agent = plane.agent(slug).await;
        says(plane, &agent, description).await;
        all.push(agent);
    }
    all.try_into().ok().unwrap()
}

/// What each pair has in common, as the reader sees them.
async fn pairs(plane: &TestPlane, reader: &OpCtx) -> Vec<(String, String, Degree, Shared)> {
    let found = agents::pairs(&plane.cp, reader).await.unwrap();
    let pair = |pair: domain::view::agent::SimilarPair| {
        let mut names = [pair.one.0, pair.other.0];
        names.sort();
        let [one, other] = names;
        (one, other, pair.degree, pair.shared)
    };
    found.pairs.into_iter().map(pair).collect()
}

#[tokio::test]
async fn agents_that_say_one_thing_in_other_words_are_found_by_a_model() {
    let plane = TestPlane::new().await;
    let reader = plane.person("reader@example.com", Role::Viewer).await;
    let [_, pairer, _] = three(&plane).await;
    assert!(pairs(&plane, &reader).await.is_empty(), "words alone");

    // A model that is configured later is asked about those that were there before.
    plane.fakes.embedder.is("model 1", GROUPS);
    plane.settle().await;
    let found = pairs(&plane, &reader).await;
    let (one, other, degree, shared) = &found[0];
    assert_eq!(
        (one.as_str(), other.as_str(), *degree),
        ("bill-pairer", "invoice-matcher", Degree::Close)
    );
    assert_eq!(shared.said(), "what they mean, in other words");
    assert_eq!(found.len(), 1, "{found:?}");
    let page = agents::get(&plane.cp, &reader, "invoice-matcher").await;
    let similar = page.unwrap().similar;
    assert_eq!(similar.agents[0].slug, "bill-pairer");
    assert!(similar.agents[0].shared.meaning);
    let asked = plane.fakes.faults.count("embedder.embed");
    plane.settle().await;
    let again = plane.fakes.faults.count("embedder.embed");
    assert_eq!(again, asked, "each is asked about once");

    // What both say in the same words is said of them.
    says(&plane, &pairer, MATCHER).await;
    let found = pairs(&plane, &reader).await;
    assert_eq!(found[0].2, Degree::Same);
    assert!(!found[0].3.meaning, "{found:?}");

    says(&plane, &pairer, "Writes greeting cards for birthdays").await;
    assert!(pairs(&plane, &reader).await.is_empty());
    plane.finish().await;
}

#[tokio::test]
async fn another_model_is_asked_anew_and_what_it_does_not_find_is_gone() {
    let plane = TestPlane::new().await;
    let reader = plane.person("reader@example.com", Role::Viewer).await;
    plane.fakes.embedder.is("model 1", GROUPS);
    three(&plane).await;
    assert_eq!(pairs(&plane, &reader).await.len(), 1);
    plane.fakes.embedder.is("model 2", &[]);
    plane.settle().await;
    assert!(pairs(&plane, &reader).await.is_empty());
    plane.finish().await;
}

#[tokio::test]
async fn while_a_model_fails_words_decide_and_it_is_asked_again() {
    let plane = TestPlane::new().await;
    let reader = plane.person("reader@example.com", Role::Viewer).await;
    plane.fakes.embedder.is("model 1", GROUPS);
    let down = Fault::Refused(PortErrorKind::Unavailable);
    plane.fakes.faults.next("embedder.embed", 1_000, down);
    let [_, pairer, _] = three(&plane).await;
    assert!(pairs(&plane, &reader).await.is_empty());
    says(&plane, &pairer, MATCHER).await;
    assert_eq!(pairs(&plane, &reader).await[0].2, Degree::Same, "by words");
    says(&plane, &pairer, PAIRER).await;
    assert!(pairs(&plane, &reader).await.is_empty());
    plane.fakes.faults.clear();
    plane.settle().await;
    assert!(pairs(&plane, &reader).await[0].3.meaning);
    plane.finish().await;
}
