//! Roles follow the directory, once for each change.

use super::*;

#[tokio::test]
async fn roles_follow_the_directory_at_once_and_what_a_person_gave_stays() {
    let (plane, admin, caller) = connected().await;
    let ada = add(&plane, &caller, "ada").await;
    let form = RoleForm {
        email: "ada@example.com".to_owned(),
        role: "operator".to_owned(),
        team: String::new(),
        reason: "looks after the nights".to_owned(),
    };
    people::give_role(&plane.cp, &admin, &form).await.unwrap();
    let leads = group(&plane, &caller, "Leads", &[&ada]).await;
    group(&plane, &caller, "Nothing of the table", &[&ada]).await;
    let held = || roles(&plane, &admin, "ada@example.com");
    let by_hand = "operator/*/hand";
    assert_eq!(held().await, set(&[by_hand, "approver/payments/acme"]));
    // The token of a sign-in is older than the directory, and counts for nothing.
    let finished = sign_in(&plane, "ada", "ada@example.com", &["Admins"]).await;
    let ctx = plane.again(finished.unwrap().user).await;
    assert_eq!(held().await, set(&[by_hand, "approver/payments/acme"]));
    let rename = Patch::read(&json!({ "Operations": [
        { "op": "replace", "value": { "displayName": "Payments" } },
    ]}));
    directories::patch_group(&plane.cp, &caller, leads.id, &rename.unwrap(), None)
        .await
        .unwrap();
    assert_eq!(held().await, set(&[by_hand, "developer/payments/acme"]));
    // By the directory's own id a group is known before its name.
    let id = Patch::read(&json!({ "Operations": [
        { "op": "add", "path": "externalId", "value": "object-7" },
    ]}));
    directories::patch_group(&plane.cp, &caller, leads.id, &id.unwrap(), None)
        .await
        .unwrap();
    assert_eq!(held().await, set(&[by_hand, "auditor/*/acme"]));
    directories::delete_group(&plane.cp, &caller, leads.id, None)
        .await
        .unwrap();
    assert_eq!(held().await, set(&[by_hand]));
    assert_eq!(
        plane
            .again(ctx.actor().user().unwrap())
            .await
            .actor()
            .roles(None),
        [Role::Operator],
        "with the next request"
    );
    plane.finish().await;
}

#[tokio::test]
async fn a_team_that_is_made_later_gets_its_people_by_itself() {
    let (plane, admin, caller) = connected().await;
    let ada = add(&plane, &caller, "ada").await;
    group(&plane, &caller, "Later", &[&ada]).await;
    assert_eq!(roles(&plane, &admin, "ada@example.com").await, set(&[]));
    plane.add_team("later").await;
    plane.activate("renew_directory_roles").await.unwrap();
    let due = set(&["viewer/later/acme"]);
    assert_eq!(roles(&plane, &admin, "ada@example.com").await, due);
    let before = plane.count_events("role_granted").await;
    plane.activate("renew_directory_roles").await.unwrap();
    assert_eq!(plane.count_events("role_granted").await, before, "once");
    plane.finish().await;
}

#[tokio::test]
async fn the_same_call_twice_at_once_makes_one_person() {
    let (plane, admin, caller) = connected().await;
    let ada = fields("ada");
    let calls = (0..8).map(|_| directories::create_user(&plane.cp, &caller, &ada));
    let answers = futures::future::join_all(calls).await;
    let made = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(made, 1);
    for answer in answers.into_iter().filter(Result::is_err) {
        assert_eq!(kind(answer), ProblemKind::Uniqueness);
    }
    let all = people::list(&plane.cp, &admin).await.unwrap();
    assert_eq!(
        all.iter()
            .filter(|row| row.email == "ada@example.com")
            .count(),
        1
    );
    assert_eq!(
        plane.count_events("user_created").await,
        2,
        "the administrator, and Ada"
    );
    plane.finish().await;
}

#[tokio::test]
async fn what_changes_nothing_writes_nothing() {
    let (plane, _, caller) = connected().await;
    let ada = add(&plane, &caller, "ada").await;
    let leads = group(&plane, &caller, "Leads", &[&ada]).await;
    let before = plane.events().await.len();
    let again = active(&plane, &caller, &ada, true).await.unwrap();
    assert_eq!(again.revision, ada.revision);
    directories::replace_user(
        &plane.cp,
        &caller,
        ada.id,
        &fields("ada"),
        Some(ada.revision),
    )
    .await
    .unwrap();
    let add_again = json!({ "Operations": [
        { "op": "add", "path": "members", "value": [{ "value": ada.id }] },
        { "op": "remove", "path": "members[value eq \"nobody\"]" },
    ]});
    let patch = Patch::read(&add_again).unwrap();
    let same = directories::patch_group(&plane.cp, &caller, leads.id, &patch, None).await;
    assert_eq!(same.unwrap().revision, leads.revision);
    assert_eq!(plane.events().await.len(), before);
    // A version that was not read is not written over.
    let stale =
        directories::replace_user(&plane.cp, &caller, ada.id, &fields("bob"), Some(7)).await;
    assert_eq!(kind(stale), ProblemKind::Changed);
    assert_eq!(plane.events().await.len(), before);
    plane.finish().await;
}

#[tokio::test]
async fn a_directory_is_no_person() {
    let (plane, admin, caller) = connected().await;
    add(&plane, &caller, "ada").await;
    let events = plane.events().await;
    let made = events
        .iter()
        .rfind(|event| event.action == "user_created")
        .unwrap();
    assert_eq!(
        (made.actor.kind.as_str(), made.actor.id.as_str()),
        ("system", "directory acme")
    );
    assert!(matches!(admin.actor(), Actor::User { .. }));
    plane.finish().await;
}
