//! What was, at a moment of the past: equal to what was recorded then, told by the log alone, and by nobody's rewriting.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use control_plane::testing::{TestAgent, TestPlane};
use control_plane::{Error, OpCtx, agents, history, identities, incidents, quarantines, rollbacks};
use domain::actor::Role;
use domain::approval::ApprovalState;
use domain::environment::Environment;
use domain::form::identity::IdentityForm;
use domain::form::incident::{IncidentForm, OpenIncidentForm};
use domain::view::history::{AgentThen, StandingThen};

use crate::policies::adopt;
use crate::support::World;

const SLUGS: [&str; 3] = ["refund-assistant", "sales-qualifier", "invoice-matcher"];
const MOMENTS: usize = 1_000;

fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Numbers from a seed (`SplitMix64`).
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }
}

/// What the tables said of an agent, at the end of a step: where, number, manifest and who decided.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Recorded {
    live: Vec<(Environment, i64, String)>,
    standing: Vec<StandingThen>,
}

fn answered(found: &AgentThen) -> Recorded {
    let one = |environment| {
        found
            .live
            .iter()
            .find(move |one| one.environment == environment)
    };
    let both = [Environment::NonProd, Environment::Production];
    let live = both.into_iter().filter_map(one);
    Recorded {
        standing: live
            .clone()
            .map(|one| {
                one.identity
                    .as_ref()
                    .map_or(StandingThen::Gone, |i| i.standing)
            })
            .collect(),
        live: live
            .map(|one| (one.environment, one.deployment, one.manifest_digest.clone()))
            .collect(),
    }
}

/// A plane with three agents, and its people.
struct Stage {
    plane: TestPlane,
    agents: Vec<TestAgent>,
    approver: OpCtx,
    operator: OpCtx,
}

impl Stage {
    async fn new() -> Self {
        let plane = TestPlane::new().await;
        let mut agents = Vec::new();
        for slug in SLUGS {
            agents.push(plane.agent(slug).await);
        }
        let approver = plane.person("approver@example.com", Role::Approver).await;
        let operator = plane.person("operator@example.com", Role::Operator).await;
        Self {
            plane,
            agents,
            approver,
            operator,
        }
    }

    async fn recorded(&self, agent: &TestAgent) -> Recorded {
        let (mut live, mut standing) = (Vec::new(), Vec::new());
        for environment in [Environment::NonProd, Environment::Production] {
            let Some(number) = self.plane.live(agent, environment).await else {
                continue;
            };
            let digest = self.plane.authorised(number).await.unwrap();
            let (client, _, _) = self.plane.identity(number).await.unwrap();
            live.push((environment, number, digest));
            let ctx = self.plane.fresh(&self.operator);
            let now = identities::get(&self.plane.cp, &ctx, &client)
                .await
                .unwrap();
            standing.push(match (now.row.state, now.quarantined, now.suspension) {
                (domain::identity::IdentityState::Revoked, _, _) => StandingThen::Gone,
                (_, true, _) => StandingThen::Quarantined,
                (_, _, Some(_)) => StandingThen::Suspended,
                _ => StandingThen::Active,
            });
        }
        Recorded { live, standing }
    }

    /// One thing happens, and its consequences.
    async fn step(&self, seeded: &mut Seeded, round: usize) {
        let agent = &self.agents[usize::try_from(seeded.below(3)).unwrap()];
        let place = [Environment::NonProd, Environment::Production]
            [usize::try_from(seeded.below(2)).unwrap()];
        let live = self.plane.live(agent, place).await;
        match (seeded.below(8), live) {
            (0..=3, _) | (_, None) => {
                let files = agent.files_with("agent.py", &format!("print({round})"));
                self.plane.push(agent, files).await;
            }
            (4, Some(number)) => {
                let back = TestPlane::back(number);
                let _ = rollbacks::start(&self.plane.cp, &self.operator, &back).await;
            }
            (5 | 6, Some(number)) => {
                let (client_id, _, _) = self.plane.identity(number).await.unwrap();
                let reason = "It was seen somewhere odd.".to_owned();
                let form = IdentityForm { client_id, reason };
                let ctx = self.plane.fresh(&self.operator);
                if identities::suspend(&self.plane.cp, &ctx, &form)
                    .await
                    .is_err()
                {
                    let _ = identities::resume(&self.plane.cp, &ctx, &form).await;
                }
            }
            (_, Some(number)) => {
                let (client_id, _, _) = self.plane.identity(number).await.unwrap();
                let reason = "Its key was in a log.".to_owned();
                let form = IdentityForm { client_id, reason };
                let _ = identities::revoke(&self.plane.cp, &self.operator, &form).await;
            }
        }
        self.plane.settle().await;
        for number in self.plane.numbers().await {
            if self.plane.approval(number).await == Some(ApprovalState::Open) {
                let approver = self.plane.fresh(&self.approver);
                let _ = self.plane.approve(&approver, number).await;
            }
        }
        self.plane.settle().await;
    }
}

#[tokio::test]
async fn answers_are_what_was_recorded_at_a_thousand_moments() {
    let stage = Stage::new().await;
    let mut seeded = Seeded(20_261_127);
    let mut kept: Vec<(DateTime<Utc>, Vec<Recorded>)> = Vec::new();
    for round in 0..40 {
        stage.step(&mut seeded, round).await;
        // Nothing happens for a minute, so any moment of it has one answer.
        stage.plane.clock.advance(TimeDelta::minutes(1));
        let mut all = Vec::new();
        for agent in &stage.agents {
            all.push(stage.recorded(agent).await);
        }
        kept.push((stage.plane.now(), all));
        stage.plane.clock.advance(TimeDelta::minutes(1));
    }
    stage.plane.settle().await;
    let reader = stage.plane.person("audit@example.com", Role::Auditor).await;
    let mut live = 0;
    for _ in 0..MOMENTS {
        let step = usize::try_from(seeded.below(40)).unwrap();
        let later = i64::try_from(seeded.below(60)).unwrap();
        let agent = usize::try_from(seeded.below(3)).unwrap();
        let (at, recorded) = &kept[step];
        let as_of = text(*at - TimeDelta::seconds(30) + TimeDelta::seconds(later));
        let found = history::agent(&stage.plane.cp, &reader, SLUGS[agent], &as_of).await;
        let found = found.unwrap();
        assert_eq!(
            answered(&found),
            recorded[agent],
            "{} at {as_of}",
            SLUGS[agent]
        );
        for one in &found.live {
            live += 1;
            let manifest = one
                .manifest
                .as_ref()
                .expect("the manifest that the log names");
            assert!(!manifest.gates.is_empty());
            let asked = one.environment == Environment::Production;
            assert_eq!(
                one.decisions.iter().any(|said| said.verdict == "approve"),
                asked
            );
        }
    }
    assert!(
        live > MOMENTS / 2,
        "only {live} were live: a history of nothing proves nothing"
    );
    stage.plane.finish().await;
}

async fn at(plane: &TestPlane, ctx: &OpCtx, as_of: &str) -> AgentThen {
    history::agent(&plane.cp, ctx, SLUGS[0], as_of)
        .await
        .unwrap()
}

#[tokio::test]
async fn before_during_and_after_are_told_apart() {
    let world = World::live().await;
    let plane = &world.plane;
    let auditor = plane.person("audit@example.com", Role::Auditor).await;
    let long_ago = at(plane, &auditor, "2001-01-01").await;
    assert!(!long_ago.registered && long_ago.live.is_empty());
    assert_eq!(long_ago.moment.events, 0);
    let running = text(plane.now());
    plane.clock.advance(TimeDelta::hours(1));
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    agents::decommission(&plane.cp, &admin, &world.leaving())
        .await
        .unwrap();
    plane.settle().await;
    plane.clock.advance(TimeDelta::hours(1));
    let then = at(plane, &auditor, &running).await;
    assert!(then.registered);
    let production = &then.live[0];
    assert_eq!(
        (production.deployment, production.environment),
        (2, Environment::Production)
    );
    assert_eq!(
        production.manifest.as_ref().unwrap().scopes,
        ["orders:read"]
    );
    assert_eq!(production.decisions[0].by, "approver");
    assert!(production.until.is_some(), "it is over by now");
    let now = at(plane, &auditor, &text(plane.now())).await;
    assert!(!now.registered && now.live.is_empty());
    let listed = history::agents(&plane.cp, &auditor, &running, ("", None))
        .await
        .unwrap();
    assert_eq!((listed.rows.len(), listed.rows[0].live.len()), (1, 2));
    let none = history::agents(&plane.cp, &auditor, &text(plane.now()), ("", None)).await;
    assert!(none.unwrap().rows.is_empty());
    world.plane.finish().await;
}

#[tokio::test]
async fn an_identity_in_quarantine_and_the_policy_of_then_are_told() {
    let world = World::live().await;
    let plane = &world.plane;
    let auditor = plane.person("audit@example.com", Role::Auditor).await;
    let before = text(plane.now());
    plane.clock.advance(TimeDelta::hours(1));
    let open = OpenIncidentForm {
        agent: SLUGS[0].to_owned(),
        environment: "production".to_owned(),
        title: "It answers strangers.".to_owned(),
    };
    let operator = plane.person("operator@example.com", Role::Operator).await;
    let incident = incidents::open(&plane.cp, &operator, &open).await.unwrap();
    let act = IncidentForm {
        number: incident.to_string(),
        reason: "Until we know what it did.".to_owned(),
    };
    quarantines::begin(&plane.cp, &operator, &act)
        .await
        .unwrap();
    let text_of = domain::policy::STANDARD.replace("approval_hours: 72", "approval_hours: 24");
    adopt(&world, &text_of).await;
    plane.settle().await;
    plane.clock.advance(TimeDelta::hours(1));
    let now = text(plane.now());
    let standing = async |as_of: &str| {
        let found = history::identity(&plane.cp, &auditor, "refund-assistant-2", as_of).await;
        found.unwrap().standing
    };
    assert_eq!(standing("2001-01-01T00:00").await, StandingThen::Gone);
    assert_eq!(standing(&before).await, StandingThen::Active);
    assert_eq!(standing(&now).await, StandingThen::Quarantined);
    let policy = async |as_of: &str| {
        let found = history::policy(&plane.cp, &auditor, as_of).await.unwrap();
        (found.version, found.since.is_some())
    };
    assert_eq!(policy(&before).await, (1, false));
    assert_eq!(policy(&now).await, (2, true));
    world.plane.finish().await;
}

#[tokio::test]
async fn a_manifest_that_somebody_rewrote_is_not_shown_as_the_one_of_then() {
    let world = World::live().await;
    let plane = &world.plane;
    let auditor = plane.person("audit@example.com", Role::Auditor).await;
    let now = text(plane.now());
    assert!(at(plane, &auditor, &now).await.live[0].manifest.is_some());
    plane
        .sql("UPDATE deployments SET manifest = replace(manifest, 'orders:read', 'orders:write') WHERE number = 2")
        .await
        .unwrap();
    let found = at(plane, &auditor, &now).await;
    assert!(found.live[0].manifest.is_none());
    assert!(found.live[0].manifest_digest.starts_with("sha256:"));
    world.plane.remove().await;
}

#[tokio::test]
async fn what_is_no_moment_and_what_is_not_read_yet_are_refused() {
    let world = World::live().await;
    let plane = &world.plane;
    let auditor = plane.person("audit@example.com", Role::Auditor).await;
    for odd in [
        "",
        "yesterday",
        "2026-13-01",
        "2026-11-27T25:00",
        "1e9",
        "\u{202e}2026-11-27",
    ] {
        let refused = history::agent(&plane.cp, &auditor, SLUGS[0], odd).await;
        assert!(
            matches!(refused, Err(Error::Invalid(_))),
            "{odd}: {refused:?}"
        );
    }
    let stranger = history::agents(&plane.cp, &plane.anonymous(), "2026-11-27", ("", None)).await;
    assert!(matches!(stranger, Err(Error::Unauthenticated)));
    let other = plane.add_team("elsewhere").await;
    let outsider = plane
        .person_with("outsider@example.com", &[(Role::Viewer, Some(other))], &[])
        .await;
    let hidden = history::agent(&plane.cp, &outsider, SLUGS[0], "2026-11-27").await;
    assert!(matches!(hidden, Err(Error::NotFound { .. })), "{hidden:?}");
    let seen = history::agents(&plane.cp, &outsider, &text(plane.now()), ("", None)).await;
    assert!(seen.unwrap().rows.is_empty());
    // Until the log was read so far there is no answer, rather than a wrong one.
    let moment = text(plane.now());
    plane.clock.advance(TimeDelta::hours(1));
    plane
        .sql("UPDATE history_cursor SET next_event = 3")
        .await
        .unwrap();
    let early = history::agent(&plane.cp, &auditor, SLUGS[0], &moment).await;
    assert!(matches!(early, Err(Error::Unavailable { .. })), "{early:?}");
    world.plane.remove().await;
}
