//! Evidence packages: one for one order, whole or not at all whatever is killed, for who may export and nobody else; and schedules,
//! which have each period made once.

use std::path::Path;

use audit_log::VerifyOptions;
use chrono::{DateTime, Duration, Utc};
use control_plane::testing::TestPlane;
use control_plane::{Error, OpCtx, controls, legal_holds, packages};
use domain::actor::{Actor, Role, TokenScope};
use domain::error::{Conflict, FieldProblem};
use domain::form::legal_hold::{LegalHoldForm, ReleaseHoldForm};
use domain::form::package::{OrderPackageForm, RemovePackageForm, ScheduleActForm, ScheduleForm};
use domain::form::query::ControlsQuery;
use domain::package::{PackageState, ScheduleAct, ScheduleState};
use domain::view::package::PackageDetail;
use evidence::package::{PackageReport, verify_package};

use crate::support::{World, conflict, token_of};

const WHY: &str = "The audit of last year is over.";

fn order(seed: &str) -> OrderPackageForm {
    OrderPackageForm {
        framework: "soc2".to_owned(),
        seed: seed.to_owned(),
        sample: "3".to_owned(),
        ..OrderPackageForm::default()
    }
}

fn monthly() -> ScheduleForm {
    ScheduleForm {
        framework: "soc2".to_owned(),
        every: "month".to_owned(),
        sample: "2".to_owned(),
        ..ScheduleForm::default()
    }
}

async fn auditor(plane: &TestPlane) -> OpCtx {
    plane.person("auditor@example.com", Role::Auditor).await
}

async fn show(plane: &TestPlane, ctx: &OpCtx, number: i64) -> PackageDetail {
    packages::get(&plane.cp, ctx, number).await.unwrap()
}

async fn settle(plane: &TestPlane) {
    let errors = plane.settle().await;
    assert!(errors.is_empty(), "{errors:?}");
}

/// What somebody who downloads it gets.
async fn fetch(plane: &TestPlane, ctx: &OpCtx, number: i64) -> Result<Vec<u8>, Error> {
    let found = packages::download(&plane.cp, ctx, number).await?;
    let mut bytes = Vec::new();
    for at in 0.. {
        match packages::piece(&plane.cp, &found, at).await? {
            Some(piece) => bytes.extend(piece),
            None => break,
        }
    }
    assert_eq!(u64::try_from(bytes.len()).unwrap(), found.bytes);
    Ok(bytes)
}

/// The package, checked by the verifier that auditors use.
async fn verified(plane: &TestPlane, ctx: &OpCtx, number: i64) -> PackageReport {
    let bytes = fetch(plane, ctx, number).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    tar::Archive::new(bytes.as_slice())
        .unpack(dir.path())
        .unwrap();
    check(plane, dir.path())
}

fn check(plane: &TestPlane, dir: &Path) -> PackageReport {
    let options = VerifyOptions {
        trusted: Some(&plane.key),
        ..VerifyOptions::default()
    };
    verify_package(dir, &plane.key, &options).unwrap()
}

async fn pieces(plane: &TestPlane) -> String {
    let count = "SELECT CAST(count(*) AS TEXT) FROM package_pieces";
    plane.column(count).await.concat()
}

#[tokio::test]
async fn the_same_order_twice_is_one_package_that_says_what_the_log_says() {
    let world = World::asked().await;
    let plane = &world.plane;
    let auditor = auditor(plane).await;
    let form = OrderPackageForm {
        agent: world.agent.slug.clone(),
        ..order("seven")
    };
    let spaced = OrderPackageForm {
        seed: " seven ".to_owned(),
        ..form.clone()
    };
    let (one, two) = tokio::join!(
        packages::order(&plane.cp, &auditor, &form),
        packages::order(&plane.cp, &auditor, &spaced)
    );
    let number = one.unwrap();
    assert_eq!((number, two.unwrap()), (1, 1));
    assert_eq!(plane.count_events("package_ordered").await, 1);
    let early = packages::download(&plane.cp, &auditor, number).await;
    assert_eq!(conflict(early), Conflict::PackageNotReady);

    settle(plane).await;
    let found = show(plane, &auditor, number).await;
    assert_eq!(found.row.state, PackageState::Ready, "{found:?}");
    let report = verified(plane, &auditor, number).await;
    assert_eq!(report.manifest.sample.seed, "seven");
    assert_eq!(Some(report.view.events), found.row.events);
    assert_eq!(Some(report.log.size), found.log_size);
    assert_eq!(Some(report.log.root.to_hex()), found.log_root);
    let asked = ControlsQuery {
        from: found.row.from.clone(),
        to: found.row.to.clone(),
        agent: world.agent.slug.clone(),
    };
    let framework = "soc2".parse().unwrap();
    let shown = controls::framework(&plane.cp, &auditor, framework, &asked).await;
    assert_eq!(
        shown.unwrap(),
        report.view,
        "the page and the package count the same"
    );
    let events = plane.events().await;
    let made = events.iter().find(|e| e.action == "package_made").unwrap();
    assert_eq!(made.subject_digest, found.row.digest);
    let got = events.iter().filter(|e| e.action == "package_downloaded");
    let got: Vec<_> = got.map(|e| e.actor.name.as_str()).collect();
    assert_eq!(got, ["auditor"]);
    // What is made is not open any more, so the same again is another one.
    let again = packages::order(&plane.cp, &auditor, &form).await.unwrap();
    assert_eq!(again, 2);
    settle(plane).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn who_may_not_export_everywhere_gets_nothing_and_the_right_is_asked_at_each_download() {
    let plane = TestPlane::new().await;
    let auditor = auditor(&plane).await;
    let number = packages::order(&plane.cp, &auditor, &order("")).await;
    let number = number.unwrap();
    settle(&plane).await;
    let of_team = [(Role::Auditor, Some(plane.team))];
    let local = plane.person_with("local@example.com", &of_team, &[]).await;
    let viewer = plane.person("viewer@example.com", Role::Viewer).await;
    for ctx in [&local, &viewer] {
        let refused = packages::order(&plane.cp, ctx, &order("x")).await;
        assert!(matches!(refused, Err(Error::Forbidden { .. })));
        let refused = packages::list(&plane.cp, ctx, "").await;
        assert!(matches!(refused, Err(Error::Forbidden { .. })));
        let refused = packages::get(&plane.cp, ctx, number).await;
        assert!(matches!(refused, Err(Error::Forbidden { .. })));
        let refused = packages::download(&plane.cp, ctx, number).await;
        assert!(matches!(refused, Err(Error::Forbidden { .. })));
        let refused = packages::add(&plane.cp, ctx, &monthly()).await;
        assert!(matches!(refused, Err(Error::Forbidden { .. })));
    }
    let stranger = packages::download(&plane.cp, &plane.anonymous(), number).await;
    assert!(matches!(stranger, Err(Error::Unauthenticated)));
    // A token that may only read downloads, and orders nothing.
    let mut token = token_of(&plane, &auditor).actor().clone();
    if let Actor::Token { scopes, .. } = &mut token {
        *scopes = vec![TokenScope::Read];
    }
    let token = plane.ctx(token);
    let refused = packages::order(&plane.cp, &token, &order("x")).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })));
    let refused = packages::add(&plane.cp, &token, &monthly()).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })));
    assert!(!fetch(&plane, &token, number).await.unwrap().is_empty());
    // Whoever ordered it has no right to it by that.
    plane.sql("DELETE FROM role_grants").await.unwrap();
    let later = plane.again(auditor.actor().user().unwrap()).await;
    let refused = fetch(&plane, &later, number).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })));
    assert_eq!(plane.count_events("package_downloaded").await, 1);
    plane.finish().await;
}

#[tokio::test]
async fn odd_orders_are_refused_with_the_field_that_is_wrong() {
    let plane = TestPlane::new().await;
    let auditor = auditor(&plane).await;
    let base = order("");
    let long = "s".repeat(101);
    let hostile = [
        "'; DROP TABLE packages; --",
        "../../etc/passwd",
        "\u{202e}nigol",
        "no-such-agent",
    ];
    let wrong = |field: &'static str, problem, form: OrderPackageForm| (field, problem, form);
    let mut cases: Vec<(&str, FieldProblem, OrderPackageForm)> = hostile
        .iter()
        .map(|agent| {
            let agent = (*agent).to_owned();
            let form = OrderPackageForm {
                agent,
                ..base.clone()
            };
            wrong("agent", FieldProblem::UnknownChoice, form)
        })
        .collect();
    for seed in [long.as_str(), "\u{202e}", "a\nb", "é"] {
        cases.push(wrong("seed", FieldProblem::BadSeed, order(seed)));
    }
    for sample in ["501", "-1", "many"] {
        let sample = sample.to_owned();
        let form = OrderPackageForm {
            sample,
            ..base.clone()
        };
        cases.push(wrong("sample", FieldProblem::BadSample, form));
    }
    let form = OrderPackageForm {
        framework: "sox".to_owned(),
        ..base.clone()
    };
    cases.push(wrong("framework", FieldProblem::UnknownChoice, form));
    let form = OrderPackageForm {
        from: "soon".to_owned(),
        ..base.clone()
    };
    cases.push(wrong("from", FieldProblem::BadMoment, form));
    let form = OrderPackageForm {
        from: "2026-02-02".to_owned(),
        to: "2026-02-01".to_owned(),
        ..base
    };
    cases.push(wrong("to", FieldProblem::Backwards, form));
    for (field, problem, form) in cases {
        match packages::order(&plane.cp, &auditor, &form).await {
            Err(Error::Invalid(errors)) => assert_eq!(errors.get(field), Some(problem), "{form:?}"),
            other => panic!("{form:?}: {other:?}"),
        }
    }
    assert_eq!(plane.count_events("package_ordered").await, 0);
    plane.finish().await;
}

#[tokio::test]
async fn killed_behind_any_statement_there_is_nothing_or_a_whole_package() {
    let plane = TestPlane::new().await;
    let auditor = auditor(&plane).await;
    let mut step = 1;
    loop {
        let form = order("killed");
        let before = plane.count_events("package_ordered").await;
        let call = packages::order(&plane.cp, &auditor, &form);
        let done = plane.cut_off(step, call).await.is_some();
        let ordered = plane.count_events("package_ordered").await - before;
        assert_eq!(
            ordered,
            usize::from(done),
            "cut off behind statement {step}"
        );
        if done {
            break;
        }
        step += 1;
    }
    assert!(step > 5, "it took {step} statements");
    settle(&plane).await;
    let mut step = 1;
    loop {
        let number = packages::order(&plane.cp, &auditor, &order(&step.to_string())).await;
        let number = number.unwrap();
        let call = plane.activate("build_packages");
        let done = plane.cut_off(step, call).await.is_some();
        let state = show(&plane, &auditor, number).await.row.state;
        assert_eq!(
            state == PackageState::Ready,
            done,
            "cut off behind statement {step}"
        );
        // Its lease runs out, and the next worker makes it from the beginning.
        plane.clock.advance(Duration::seconds(31));
        settle(&plane).await;
        let found = show(&plane, &auditor, number).await;
        assert_eq!(found.row.state, PackageState::Ready, "{found:?}");
        let report = verified(&plane, &auditor, number).await;
        assert_eq!(report.manifest.sample.seed, step.to_string());
        if done {
            break;
        }
        step += 1;
    }
    assert!(step > 12, "it took {step} statements");
    let made = plane.count_events("package_made").await;
    assert_eq!(made, plane.count_events("package_ordered").await);
    let stale = "SELECT CAST(count(*) AS TEXT) FROM package_pieces WHERE fence <> \
        (SELECT fence FROM packages WHERE packages.id = package_pieces.package_id)";
    assert_eq!(plane.column(stale).await.concat(), "0");
    let left = std::fs::read_dir(plane.folder().join("work/packages")).unwrap();
    assert_eq!(left.count(), 0, "scratch is left");
    plane.finish().await;
}

#[tokio::test]
async fn what_cannot_be_written_is_tried_some_times_and_given_up_with_words() {
    let plane = TestPlane::new().await;
    let auditor = auditor(&plane).await;
    // A file stands where the folder should be.
    let place = plane.folder().join("work/packages");
    std::fs::write(&place, "in the way").unwrap();
    let number = packages::order(&plane.cp, &auditor, &order("")).await;
    let number = number.unwrap();
    let mut tries = 0;
    loop {
        settle(&plane).await;
        tries += 1;
        let found = show(&plane, &auditor, number).await;
        assert!(found.row.problem.is_some(), "{found:?}");
        if found.row.state == PackageState::Failed {
            break;
        }
        assert_eq!(found.row.state, PackageState::Ordered);
        let at: DateTime<Utc> = found.next_try_at.unwrap().parse().unwrap();
        plane.clock.advance_to(at);
        assert!(tries < 20, "it is tried for ever");
    }
    assert_eq!(tries, 8);
    assert_eq!(plane.count_events("package_failed").await, 1);
    std::fs::remove_file(&place).unwrap();
    // It does not stand in the way of the same order.
    let again = packages::order(&plane.cp, &auditor, &order("")).await;
    let again = again.unwrap();
    assert_ne!(again, number);
    settle(&plane).await;
    verified(&plane, &auditor, again).await;
    plane.finish().await;
}

#[tokio::test]
async fn a_package_is_removed_with_a_reason_unless_a_hold_is_in_force() {
    let plane = TestPlane::new().await;
    let auditor = auditor(&plane).await;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    let number = packages::order(&plane.cp, &auditor, &order("")).await;
    let number = number.unwrap();
    settle(&plane).await;
    let form = RemovePackageForm {
        number: number.to_string(),
        reason: WHY.to_owned(),
    };
    let refused = packages::remove(&plane.cp, &auditor, &form).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })));
    let hold = LegalHoldForm {
        agent: String::new(),
        reason: "Matter 2026-118 needs it.".to_owned(),
    };
    let hold = legal_holds::place(&plane.cp, &admin, &hold).await.unwrap();
    let held = packages::remove(&plane.cp, &admin, &form).await;
    assert_eq!(conflict(held), Conflict::OnHold);
    let release = ReleaseHoldForm {
        id: hold.to_string(),
        reason: "The matter is closed.".to_owned(),
    };
    legal_holds::release(&plane.cp, &admin, &release)
        .await
        .unwrap();
    assert_ne!(pieces(&plane).await, "0");
    packages::remove(&plane.cp, &admin, &form).await.unwrap();
    let gone = fetch(&plane, &auditor, number).await;
    assert_eq!(conflict(gone), Conflict::PackageNotReady);
    let twice = packages::remove(&plane.cp, &admin, &form).await;
    assert_eq!(conflict(twice), Conflict::WrongState);
    settle(&plane).await;
    assert_eq!(pieces(&plane).await, "0", "its bytes are gone");
    let found = show(&plane, &auditor, number).await;
    assert_eq!(found.remove_reason.as_deref(), Some(WHY));
    assert!(found.row.digest.is_some(), "its digest stays");
    plane.finish().await;
}

#[tokio::test]
async fn each_period_is_made_once_by_a_seed_that_nobody_chose() {
    let plane = TestPlane::new().await;
    plane.fakes.notifier.with_mail();
    let auditor = auditor(&plane).await;
    let second = plane.person("second@example.com", Role::Auditor).await;
    plane.person("dev@example.com", Role::Developer).await;
    let added = packages::add(&plane.cp, &auditor, &monthly()).await;
    assert_eq!(added.unwrap(), 1);
    let again = packages::add(&plane.cp, &second, &monthly()).await;
    assert_eq!(again.unwrap(), 1, "the same schedule is the same");
    settle(&plane).await;
    let none = packages::list(&plane.cp, &auditor, "").await.unwrap();
    assert!(none.rows.is_empty(), "March is not over");

    plane
        .clock
        .advance_to("2026-03-31T23:59:59Z".parse().unwrap());
    settle(&plane).await;
    plane
        .clock
        .advance_to("2026-04-01T00:00:00Z".parse().unwrap());
    // Several replicas look at the same moment.
    let look = || plane.activate("order_packages");
    let looked = tokio::join!(look(), look(), look(), look());
    for one in [looked.0, looked.1, looked.2, looked.3] {
        one.unwrap();
    }
    settle(&plane).await;
    let found = packages::list(&plane.cp, &auditor, "").await.unwrap();
    assert_eq!(found.rows.len(), 1, "{found:?}");
    let row = &found.rows[0];
    assert_eq!((row.schedule, row.state), (Some(1), PackageState::Ready));
    assert!(row.from.starts_with("2026-03-01T00:00:00"));
    assert!(row.to.starts_with("2026-04-01T00:00:00"));
    let first = "SELECT 'checkpoint ' || CAST(size AS TEXT) || ' ' || root FROM checkpoints \
        WHERE at >= '2026-04-01' ORDER BY size LIMIT 1";
    let first = plane.column(first).await.concat();
    let report = verified(&plane, &auditor, row.number).await;
    assert_eq!(report.manifest.sample.seed, first);
    // Those who can get it are told, and nobody else.
    let told = |email: &str| {
        let titles = plane.fakes.notifier.mailbox(email);
        titles
            .iter()
            .filter(|t| t.contains("evidence package"))
            .count()
    };
    assert_eq!(told("auditor@example.com"), 1);
    assert_eq!(told("second@example.com"), 1);
    assert_eq!(told("dev@example.com"), 0);
    settle(&plane).await;
    assert_eq!(plane.count_events("package_ordered").await, 1);
    plane.finish().await;
}

#[tokio::test]
async fn a_round_that_is_killed_orders_a_period_once_or_not_at_all() {
    let plane = TestPlane::new().await;
    let auditor = auditor(&plane).await;
    packages::add(&plane.cp, &auditor, &monthly())
        .await
        .unwrap();
    plane
        .clock
        .advance_to("2026-04-01T00:00:00Z".parse().unwrap());
    let mut step = 1;
    loop {
        let call = plane.activate("order_packages");
        let done = plane.cut_off(step, call).await.is_some();
        let ordered = plane.count_events("package_ordered").await;
        let next = packages::schedules(&plane.cp, &auditor).await.unwrap();
        let moved = next.rows[0].next_from.starts_with("2026-04-01");
        assert_eq!(
            (ordered, moved),
            (usize::from(done), done),
            "cut off behind statement {step}"
        );
        if done {
            break;
        }
        step += 1;
    }
    assert!(step > 5, "it took {step} statements");
    settle(&plane).await;
    assert_eq!(plane.count_events("package_ordered").await, 1);
    plane.finish().await;
}

#[tokio::test]
async fn what_was_missed_is_made_oldest_first_and_at_most_twelve() {
    let plane = TestPlane::new().await;
    let auditor = auditor(&plane).await;
    packages::add(&plane.cp, &auditor, &monthly())
        .await
        .unwrap();
    // From March 2026 on, fourteen months are over.
    plane
        .clock
        .advance_to("2027-05-02T00:00:00Z".parse().unwrap());
    settle(&plane).await;
    let found = packages::list(&plane.cp, &auditor, "").await.unwrap();
    let months: Vec<String> = found
        .rows
        .iter()
        .rev()
        .map(|r| r.from[..7].to_owned())
        .collect();
    let expected = [
        "2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11", "2026-12",
        "2027-01", "2027-02", "2027-03", "2027-04",
    ];
    assert_eq!(months, expected);
    let events = plane.events().await;
    let skipped = events
        .iter()
        .find(|e| e.action == "package_ordered")
        .unwrap();
    assert_eq!(skipped.detail.get("skipped").unwrap(), "2");
    plane.finish().await;
}

#[tokio::test]
async fn without_the_right_of_its_keeper_a_schedule_stands_still_and_says_so() {
    let plane = TestPlane::new().await;
    let auditor = auditor(&plane).await;
    packages::add(&plane.cp, &auditor, &monthly())
        .await
        .unwrap();
    plane.sql("DELETE FROM role_grants").await.unwrap();
    let second = plane.person("second@example.com", Role::Auditor).await;
    plane
        .clock
        .advance_to("2026-05-02T00:00:00Z".parse().unwrap());
    settle(&plane).await;
    settle(&plane).await;
    assert_eq!(plane.count_events("package_ordered").await, 0);
    assert_eq!(plane.count_events("package_schedule_paused").await, 1);
    let shown = packages::schedules(&plane.cp, &second).await.unwrap();
    assert_eq!(shown.rows[0].state, ScheduleState::Paused);
    assert!(shown.rows[0].problem.as_ref().unwrap().contains("auditor"));
    let form = ScheduleActForm {
        number: "1".to_owned(),
    };
    // Whoever lost the right cannot resume it, and whoever has it keeps it from then on.
    let refused = packages::act(&plane.cp, &auditor, &form, ScheduleAct::Resume).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })));
    let resume = || packages::act(&plane.cp, &second, &form, ScheduleAct::Resume);
    assert_eq!(resume().await.unwrap(), ScheduleState::Active);
    assert_eq!(resume().await.unwrap(), ScheduleState::Active);
    assert_eq!(plane.count_events("package_schedule_resumed").await, 1);
    settle(&plane).await;
    let made = packages::list(&plane.cp, &second, "").await.unwrap();
    assert_eq!(made.rows.len(), 2, "March and April");
    assert!(made.rows.iter().all(|row| row.ordered_by == "second"));
    let remove = packages::act(&plane.cp, &second, &form, ScheduleAct::Remove).await;
    assert_eq!(remove.unwrap(), ScheduleState::Removed);
    assert_eq!(conflict(resume().await), Conflict::WrongState);
    plane
        .clock
        .advance_to("2026-07-02T00:00:00Z".parse().unwrap());
    settle(&plane).await;
    assert_eq!(plane.count_events("package_ordered").await, 2);
    plane.finish().await;
}
