//! How long evidence is kept: nothing goes that somebody needs, nothing goes without a trace, and nothing goes otherwise.

use chrono::TimeDelta;
use control_plane::attestations::{self, Form};
use control_plane::{Error, OpCtx, agents, gates, incidents, legal_holds};
use domain::actor::Role;
use domain::deployment::DeploymentState;
use domain::error::Conflict;
use domain::form::legal_hold::{LegalHoldForm, ReleaseHoldForm};
use domain::gate::{Gate, Verdict};
use domain::id::LegalHoldId;
use evidence::verify;

use crate::incidents::{on, opening};
use crate::policies::{adopt, with};
use crate::support::World;

/// Two versions were live in both environments, #5 failed, and the policy keeps evidence for `days`.
async fn kept_for(days: u32) -> World {
    let world = World::live_twice().await;
    let fakes = &world.plane.fakes;
    fakes.verdicts.set(Gate::ImageScan, Verdict::Failed);
    world.push_code("print('third')\n").await;
    world.settle().await;
    world.expect(5, DeploymentState::Cleaned).await;
    let block = format!("name: standard\nretention: {{evidence_days: {days}}}");
    adopt(&world, &with(&[("name: standard", &block)])).await;
    world
}

async fn bundle(world: &World, number: i64) -> Result<Vec<u8>, Error> {
    let auditor = world.plane.fresh(&world.approver);
    let file = attestations::download(&world.plane.cp, &auditor, number, Form::Bundle).await;
    file.map(|file| file.bytes)
}

/// Lets days pass, and the worker look. Returns of how many versions the evidence was removed in all.
async fn after(world: &World, days: i64) -> usize {
    world.plane.clock.advance(TimeDelta::days(days));
    world.plane.activate("remove_evidence").await.unwrap();
    world.plane.count_events("evidence_removed").await
}

#[tokio::test]
async fn evidence_goes_when_the_policy_keeps_it_no_longer_and_nobody_needs_it() {
    let world = kept_for(200).await;
    let cp = &world.plane.cp;
    let before = [
        bundle(&world, 1).await.unwrap(),
        bundle(&world, 2).await.unwrap(),
        bundle(&world, 4).await.unwrap(),
    ];
    assert_eq!(after(&world, 199).await, 0, "too early");
    assert_eq!(after(&world, 2).await, 1);
    assert_eq!(after(&world, 400).await, 1, "and once");
    let still = [
        bundle(&world, 1).await.unwrap(),
        bundle(&world, 2).await.unwrap(),
        bundle(&world, 4).await.unwrap(),
    ];
    assert_eq!(still, before, "what is live and what can be restored");
    let auditor = world.plane.fresh(&world.approver);
    let shown = gates::evaluation(cp, &auditor, 5).await.unwrap();
    assert!(shown.gates.is_empty());
    let removed = shown.removed.unwrap();
    assert_eq!((removed.policy_version, removed.days), (2, 200));
    for form in [
        Form::Bundle,
        Form::Junit,
        Form::Cases,
        Form::Sarif,
        Form::Sbom,
    ] {
        match attestations::download(cp, &auditor, 5, form).await {
            Err(Error::Conflict {
                why: Conflict::EvidenceRemoved,
            }) => {}
            other => panic!("{form:?}: {other:?}"),
        }
    }
    world.plane.finish().await;
}

#[tokio::test]
async fn a_bundle_names_the_runs_whose_evidence_was_removed() {
    let world = kept_for(200).await;
    let plane = &world.plane;
    let operator = plane.person("operator@example.com", Role::Operator).await;
    let form = world.leaving();
    agents::decommission(&plane.cp, &operator, &form)
        .await
        .unwrap();
    world.settle().await;
    assert_eq!(after(&world, 201).await, 3, "nothing is live any more");
    let left = bundle(&world, 4).await.unwrap();
    let left = verify(&left, std::slice::from_ref(&plane.key)).unwrap();
    assert_eq!((left.statements, left.decision), (0, None));
    assert_eq!(left.missing.len(), 6);
    for missing in &left.missing {
        assert!(missing.why.contains("200 days"), "{}", missing.why);
    }
    world.plane.finish().await;
}

#[tokio::test]
async fn an_incident_that_is_not_closed_holds_the_evidence_of_its_agent() {
    let world = kept_for(184).await;
    let plane = &world.plane;
    let operator = plane.person("operator@example.com", Role::Operator).await;
    let opened = opening("It pays refunds twice");
    incidents::open(&plane.cp, &operator, &opened)
        .await
        .unwrap();
    assert_eq!(after(&world, 300).await, 0);
    let operator = plane.fresh(&operator);
    incidents::mitigate(&plane.cp, &operator, &on(1))
        .await
        .unwrap();
    assert_eq!(after(&world, 1).await, 0, "mitigated is not closed");
    let operator = plane.fresh(&operator);
    incidents::close(&plane.cp, &operator, &on(1))
        .await
        .unwrap();
    assert_eq!(after(&world, 1).await, 1);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_body_that_another_version_rests_on_stays() {
    let world = kept_for(184).await;
    let plane = &world.plane;
    // The failed version came to the same report of static analysis as the one that is live.
    let same = "UPDATE gate_runs SET evidence_digest = (SELECT g.evidence_digest FROM gate_runs g JOIN deployments d \
                ON d.id = g.deployment_id WHERE d.number = 3 AND g.gate = 'static_analysis') \
                WHERE gate = 'static_analysis' AND deployment_id = (SELECT id FROM deployments WHERE number = 5)";
    plane.sql(same).await.unwrap();
    let before = bundle(&world, 4).await.unwrap();
    assert_eq!(after(&world, 300).await, 1);
    assert_eq!(bundle(&world, 4).await.unwrap(), before);
    let auditor = plane.fresh(&world.approver);
    let shown = gates::evaluation(&plane.cp, &auditor, 3).await.unwrap();
    assert!(
        shown
            .gates
            .iter()
            .any(|g| g.report.gate == Gate::StaticAnalysis)
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn without_a_rule_evidence_is_kept_for_ever_and_nobody_can_delete_it() {
    let world = World::live_twice().await;
    assert_eq!(after(&world, 36_500).await, 0);
    for statement in ["DELETE FROM statements", "UPDATE statements SET line = ''"] {
        let refused = world.plane.sql(statement).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{statement}: {refused}");
    }
    world.plane.finish().await;
}

#[tokio::test]
async fn where_evidence_was_removed_the_seal_of_every_other_statement_holds() {
    let world = kept_for(184).await;
    assert_eq!(after(&world, 300).await, 1);
    for statement in [
        "DELETE FROM statements",
        "UPDATE statements SET line = ''",
        "DELETE FROM evidence_removals",
    ] {
        let refused = world.plane.sql(statement).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{statement}: {refused}");
    }
    world.plane.finish().await;
}

async fn hold(world: &World, ctx: &OpCtx, agent: &str) -> Result<LegalHoldId, Error> {
    let form = LegalHoldForm {
        agent: agent.to_owned(),
        reason: "Matter 2026-118 needs it.".to_owned(),
    };
    legal_holds::place(&world.plane.cp, ctx, &form).await
}

fn release(id: LegalHoldId) -> ReleaseHoldForm {
    ReleaseHoldForm {
        id: id.to_string(),
        reason: "The matter was closed.".to_owned(),
    }
}

#[tokio::test]
async fn a_legal_hold_stops_every_removal_until_it_is_released() {
    let world = kept_for(200).await;
    let plane = &world.plane;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    let act = crate::access_events::event(plane, "old", "refund-assistant-2", "read");
    crate::access_events::report(plane, vec![act]).await;
    let own = hold(&world, &admin, "refund-assistant").await.unwrap();
    let all = hold(&world, &admin, "").await.unwrap();
    let again = hold(&world, &admin, "").await;
    assert!(
        matches!(
            again,
            Err(Error::Conflict {
                why: Conflict::WrongState
            })
        ),
        "{again:?}"
    );
    assert_eq!(after(&world, 500).await, 0, "held");
    plane.activate("watch_access").await.unwrap();
    assert_eq!(plane.count_events("access_events_removed").await, 0);
    let admin = plane.fresh(&admin);
    legal_holds::release(&plane.cp, &admin, &release(all))
        .await
        .unwrap();
    assert_eq!(after(&world, 1).await, 0, "held by the other");
    plane.activate("watch_access").await.unwrap();
    assert_eq!(plane.count_events("access_events_removed").await, 0);
    let admin = plane.fresh(&admin);
    legal_holds::release(&plane.cp, &admin, &release(own))
        .await
        .unwrap();
    let twice = legal_holds::release(&plane.cp, &admin, &release(own)).await;
    assert!(
        matches!(
            twice,
            Err(Error::Conflict {
                why: Conflict::WrongState
            })
        ),
        "{twice:?}"
    );
    assert_eq!(after(&world, 1).await, 1);
    plane.activate("watch_access").await.unwrap();
    plane.activate("watch_access").await.unwrap();
    assert_eq!(
        plane.count_events("access_events_removed").await,
        1,
        "told once, with how many"
    );
    assert_eq!(plane.count_events("legal_hold_placed").await, 2);
    assert_eq!(plane.count_events("legal_hold_released").await, 2);
    world.plane.finish().await;
}

#[tokio::test]
async fn only_administrators_of_every_team_hold_and_only_who_reads_everywhere_sees_it() {
    let world = World::new().await;
    let plane = &world.plane;
    let auditor = plane.person("audit@example.com", Role::Auditor).await;
    let refused = hold(&world, &auditor, "").await;
    assert!(
        matches!(refused, Err(Error::Forbidden { .. })),
        "{refused:?}"
    );
    let team = plane.add_team("elsewhere").await;
    let local = plane
        .person_with(
            "local@example.com",
            &[(Role::Administrator, Some(team))],
            &[],
        )
        .await;
    let refused = hold(&world, &local, "").await;
    assert!(
        matches!(refused, Err(Error::Forbidden { .. })),
        "{refused:?}"
    );
    assert!(legal_holds::list(&plane.cp, &local).await.is_err());
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    let none = hold(&world, &admin, "no-such-agent").await;
    assert!(matches!(none, Err(Error::NotFound { .. })), "{none:?}");
    let (one, two) = tokio::join!(hold(&world, &admin, ""), hold(&world, &admin, ""));
    assert_eq!(
        usize::from(one.is_ok()) + usize::from(two.is_ok()),
        1,
        "{one:?} {two:?}"
    );
    let listed = legal_holds::list(&plane.cp, &auditor).await.unwrap();
    assert_eq!((listed.rows.len(), listed.can_change), (1, false));
    let short = LegalHoldForm {
        agent: String::new(),
        reason: "no".to_owned(),
    };
    let short = legal_holds::place(&plane.cp, &admin, &short).await;
    assert!(matches!(short, Err(Error::Invalid(_))), "{short:?}");
    world.plane.finish().await;
}
