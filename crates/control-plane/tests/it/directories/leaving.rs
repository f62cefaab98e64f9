//! Whoever leaves, and what stays.

use control_plane::findings;
use domain::form::query::FindingQuery;

use super::*;

#[tokio::test]
async fn whoever_leaves_loses_everything_and_coming_back_restores_nothing() {
    let (plane, admin, caller) = connected().await;
    let ada = add(&plane, &caller, "ada").await;
    let leads = group(&plane, &caller, "Leads", &[&ada]).await;
    let user = sign_in(&plane, "ada", "ada@example.com", &[])
        .await
        .unwrap()
        .user;
    let form = RoleForm {
        email: "ada@example.com".to_owned(),
        role: "administrator".to_owned(),
        team: String::new(),
        reason: "stands in for a week".to_owned(),
    };
    people::give_role(&plane.cp, &admin, &form).await.unwrap();
    let ctx = plane.again(user).await;
    let form = TokenForm {
        name: "laptop".to_owned(),
        scopes: "read write".to_owned(),
        days: "30".to_owned(),
    };
    let api = tokens::create(&plane.cp, &ctx, &form).await.unwrap().text;
    // A directory's token that she made outlives her.
    let theirs = token(&plane, &ctx, "acme").await;
    let session = NewSession {
        user,
        device: "Firefox on Linux".to_owned(),
        address: "192.0.2.7".to_owned(),
        through: None,
        started_at: plane.now().timestamp(),
    };
    let until = plane.now().timestamp() + 3_600;
    assert!(
        sessions::create(&plane.cp, "hash", "{}", until, &session)
            .await
            .unwrap()
    );
    plane.person("eve@example.com", Role::Viewer).await;
    let away = StandInForm {
        email: "eve@example.com".to_owned(),
        from: String::new(),
        until: "2026-03-10 09:00".to_owned(),
        reason: "on leave until then".to_owned(),
    };
    stand_ins::name(&plane.cp, &ctx, &away).await.unwrap();

    active(&plane, &caller, &ada, false).await.unwrap();
    assert!(people::actor(&plane.cp, user).await.unwrap().is_none());
    assert!(tokens::actor(&plane.cp, &api).await.unwrap().is_none());
    assert!(sessions::load(&plane.cp, "hash").await.unwrap().is_none());
    assert_eq!(
        why(sign_in(&plane, "ada", "ada@example.com", &["Admins"]).await),
        ProviderProblem::Deactivated
    );
    assert_eq!(roles(&plane, &admin, "ada@example.com").await, set(&[]));
    assert!(stand_ins::list(&plane.cp, &admin).await.unwrap().is_empty());
    let opened = directories::open(&plane.cp, &plane.anonymous(), "acme", &theirs).await;
    assert!(opened.unwrap().is_some(), "others can still be sent away");
    let form = RoleForm {
        email: "ada@example.com".to_owned(),
        role: "viewer".to_owned(),
        team: String::new(),
        reason: "nobody gives a role to whoever left".to_owned(),
    };
    assert!(people::give_role(&plane.cp, &admin, &form).await.is_err());

    active(&plane, &caller, &ada, true).await.unwrap();
    let back = set(&["approver/payments/acme"]);
    assert_eq!(
        roles(&plane, &admin, "ada@example.com").await,
        back,
        "the directory's alone"
    );
    assert!(tokens::actor(&plane.cp, &api).await.unwrap().is_none());
    assert!(sessions::load(&plane.cp, "hash").await.unwrap().is_none());
    assert_eq!(
        sign_in(&plane, "ada", "x@example.com", &[])
            .await
            .unwrap()
            .user,
        user
    );
    for (action, times) in [
        ("user_deactivated", 1),
        ("user_reactivated", 1),
        ("token_revoked", 1),
        ("session_ended", 1),
        ("stand_in_ended", 1),
    ] {
        assert_eq!(plane.count_events(action).await, times, "{action}");
    }
    directories::delete_group(&plane.cp, &caller, leads.id, None)
        .await
        .unwrap();
    plane.finish().await;
}

#[tokio::test]
async fn the_last_administrator_stays_and_the_refusal_is_written_down() {
    let (plane, admin, caller) = connected().await;
    let finished = sign_in(&plane, "root", "root@example.com", &["Admins"]).await;
    let root = finished.unwrap().user;
    let managed = add(&plane, &caller, "root").await;
    let group = group(&plane, &caller, "Admins", &[&managed]).await;
    // Given by hand to her alone; the other one loses it.
    let form = RoleForm {
        email: "root@example.com".to_owned(),
        role: "administrator".to_owned(),
        team: String::new(),
        reason: "keeps the keys of this place".to_owned(),
    };
    people::give_role(&plane.cp, &admin, &form).await.unwrap();
    let held = person(&plane, &admin, "admin@example.com").await.roles;
    let form = domain::form::elevation::TakeAwayForm {
        grant: held[0].grant.clone(),
        reason: "goes to another department".to_owned(),
    };
    control_plane::elevations::take_away(&plane.cp, &plane.again(root).await, &form)
        .await
        .unwrap();
    for outcome in [
        kind(active(&plane, &caller, &managed, false).await),
        kind(directories::delete_user(&plane.cp, &caller, managed.id, None).await),
    ] {
        assert_eq!(outcome, ProblemKind::LastAdministrator);
    }
    assert!(people::actor(&plane.cp, root).await.unwrap().is_some());
    assert_eq!(plane.count_events("user_deactivated").await, 0);
    assert_eq!(plane.count_events("refused").await, 2);
    // What the directory itself gave does not keep anybody here.
    let other = add(&plane, &caller, "eve").await;
    let patch = json!({ "Operations": [{ "op": "add", "path": "members", "value": [{ "value": other.id }] }] });
    directories::patch_group(
        &plane.cp,
        &caller,
        group.id,
        &Patch::read(&patch).unwrap(),
        None,
    )
    .await
    .unwrap();
    active(&plane, &caller, &other, false).await.unwrap();
    plane.finish().await;
}

#[tokio::test]
async fn an_owner_who_left_by_the_directory_is_noticed() {
    let (plane, admin, caller) = connected().await;
    let ada = add(&plane, &caller, "ada").await;
    group(&plane, &caller, "Payments", &[&ada]).await;
    let user: UserId = person(&plane, &admin, "ada@example.com")
        .await
        .id
        .parse()
        .unwrap();
    let agent = plane.agent("refund-assistant").await;
    let form = domain::form::agent::OwnerForm {
        agent: agent.slug.clone(),
        owner: user.to_string(),
    };
    control_plane::agents::set_owner(&plane.cp, &admin, &form)
        .await
        .unwrap();
    active(&plane, &caller, &ada, false).await.unwrap();
    plane.settle().await;
    let left = FindingQuery {
        kind: "owner_left".to_owned(),
        ..FindingQuery::default()
    };
    let found = findings::list(&plane.cp, &admin, &left).await.unwrap();
    assert_eq!(found.rows.len(), 1);
    plane.finish().await;
}

#[tokio::test]
async fn a_call_that_is_killed_at_any_step_did_everything_or_nothing() {
    let (plane, admin, caller) = connected().await;
    let ada = add(&plane, &caller, "ada").await;
    group(&plane, &caller, "Leads", &[&ada]).await;
    let user = sign_in(&plane, "ada", "ada@example.com", &[]).await;
    let ctx = plane.again(user.unwrap().user).await;
    let form = TokenForm {
        name: "laptop".to_owned(),
        scopes: "read".to_owned(),
        days: "30".to_owned(),
    };
    let api = tokens::create(&plane.cp, &ctx, &form).await.unwrap().text;
    let mut step = 1;
    loop {
        let call = active(&plane, &caller, &ada, false);
        let done = plane.cut_off(step, call).await.is_some();
        let row = person(&plane, &admin, "ada@example.com").await;
        let left = row.deactivated_at.is_some();
        let told = directories::get_user(&plane.cp, &caller, ada.id)
            .await
            .unwrap();
        let token = tokens::actor(&plane.cp, &api).await.unwrap().is_some();
        assert_eq!(
            (row.roles.is_empty(), !told.fields.active, !token),
            (left, left, left),
            "cut off behind statement {step}"
        );
        let written = plane.count_events("user_deactivated").await;
        assert_eq!(
            written,
            usize::from(left),
            "cut off behind statement {step}"
        );
        assert_eq!(done, left, "what it said behind statement {step}");
        if done {
            break;
        }
        step += 1;
    }
    assert!(step > 10, "it took {step} statements");
    active(&plane, &caller, &ada, false).await.unwrap();
    assert_eq!(
        plane.count_events("user_deactivated").await,
        1,
        "again is the same"
    );
    plane.finish().await;
}
