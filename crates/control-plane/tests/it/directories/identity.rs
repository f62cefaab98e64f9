//! Nobody becomes somebody else.

use super::*;

#[tokio::test]
async fn nobody_becomes_somebody_else_by_an_address() {
    let (plane, admin, caller) = connected().await;
    let before = roles(&plane, &admin, "admin@example.com").await;
    // As a name, as an address, in another case, by a change, and by another directory.
    let mut eve = fields("eve");
    eve.user_name = "Admin@Example.com".to_owned();
    let taken = directories::create_user(&plane.cp, &caller, &eve).await;
    assert_eq!(kind(taken), ProblemKind::Uniqueness);
    let eve = add(&plane, &caller, "eve").await;
    let operation = json!([{ "op": "replace", "path": "emails[type eq \"work\"].value", "value": "ADMIN@example.com" }]);
    assert_eq!(
        kind(patch(&plane, &caller, &eve, operation).await),
        ProblemKind::Uniqueness
    );
    let other = door(&plane, &admin, "other").await;
    let taken = directories::create_user(&plane.cp, &other, &fields("eve")).await;
    assert_eq!(
        kind(taken),
        ProblemKind::Uniqueness,
        "of another directory's person"
    );
    // A sign-in under the address of somebody provisioned, by another account.
    assert_eq!(
        why(sign_in(&plane, "mallory", "eve@example.com", &["Admins"]).await),
        ProviderProblem::AddressTaken
    );
    assert_eq!(
        why(sign_in(&plane, "mallory", "admin@example.com", &["Admins"]).await),
        ProviderProblem::AddressTaken
    );
    assert_eq!(roles(&plane, &admin, "admin@example.com").await, before);
    // The signed id is what counts, whatever address comes with it.
    let user = sign_in(&plane, "eve", "another@example.com", &[])
        .await
        .unwrap()
        .user;
    assert_eq!(
        person(&plane, &admin, "eve@example.com").await.id,
        user.to_string()
    );
    plane.finish().await;
}

#[tokio::test]
async fn an_id_that_was_used_stays_and_an_account_is_one_persons() {
    let (plane, admin, caller) = connected().await;
    let ada = add(&plane, &caller, "ada").await;
    let rename = |id: &str| json!([{ "op": "replace", "path": "externalId", "value": id }]);
    patch(&plane, &caller, &ada, rename("ada-2")).await.unwrap();
    sign_in(&plane, "ada-2", "ada@example.com", &[])
        .await
        .unwrap();
    let changed = patch(&plane, &caller, &ada, rename("mallory")).await;
    assert_eq!(kind(changed), ProblemKind::Mutability);
    let operation = json!([{ "op": "remove", "path": "externalId" }]);
    assert_eq!(
        kind(patch(&plane, &caller, &ada, operation).await),
        ProblemKind::Mutability
    );
    // Somebody who came before the directory told of them is the same person afterwards, with the directory's roles.
    let early = sign_in(&plane, "eve", "eve@example.com", &["Admins"])
        .await
        .unwrap()
        .user;
    let eve = add(&plane, &caller, "eve").await;
    let row = person(&plane, &admin, "eve@example.com").await;
    assert_eq!(row.id, early.to_string());
    assert_eq!(roles(&plane, &admin, "eve@example.com").await, set(&[]));
    // The account cannot be carried over to a person of whom the directory knows nothing.
    let bob = add(&plane, &caller, "bob").await;
    let hand = plane.person("hand@example.com", Role::Viewer).await;
    let callback = begin(&plane, &hand, Purpose::Link).await;
    plane
        .fakes
        .sign_in
        .answers("code", proven(ISSUER, "bob", "bob@example.com", &[]));
    let linked = providers::finish(&plane.cp, &hand, &callback).await;
    assert_eq!(why(linked), ProviderProblem::AccountTaken);
    // Nor can an id be given to one person that is another's account.
    assert_eq!(
        kind(patch(&plane, &caller, &bob, rename("eve")).await),
        ProblemKind::Uniqueness
    );
    directories::delete_user(&plane.cp, &caller, eve.id, None)
        .await
        .unwrap();
    assert_eq!(
        kind(patch(&plane, &caller, &bob, rename("eve")).await),
        ProblemKind::Uniqueness
    );
    plane.finish().await;
}

#[tokio::test]
async fn a_name_that_was_removed_is_free_and_brings_nothing_along() {
    let (plane, admin, caller) = connected().await;
    let first = add(&plane, &caller, "ada").await;
    let user = sign_in(&plane, "ada", "ada@example.com", &[])
        .await
        .unwrap()
        .user;
    let form = RoleForm {
        email: "ada@example.com".to_owned(),
        role: "auditor".to_owned(),
        team: String::new(),
        reason: "reads along for this year".to_owned(),
    };
    people::give_role(&plane.cp, &admin, &form).await.unwrap();
    directories::delete_user(&plane.cp, &caller, first.id, None)
        .await
        .unwrap();
    let gone = directories::get_user(&plane.cp, &caller, first.id).await;
    assert!(matches!(gone, Err(Error::NotFound { .. })));
    // Another human of the same name and address.
    let mut fields = fields("ada");
    fields.external_id = Some("ada-the-second".to_owned());
    directories::create_user(&plane.cp, &caller, &fields)
        .await
        .unwrap();
    assert_eq!(roles(&plane, &admin, "ada@example.com").await, set(&[]));
    let second = sign_in(&plane, "ada-the-second", "ada@example.com", &[])
        .await
        .unwrap()
        .user;
    assert_ne!(second, user);
    assert_eq!(
        why(sign_in(&plane, "ada", "ada@example.com", &[]).await),
        ProviderProblem::Deactivated
    );
    // The first one again, by the account that is still theirs.
    let mut fields = self::fields("ada-first");
    fields.external_id = Some("ada".to_owned());
    directories::create_user(&plane.cp, &caller, &fields)
        .await
        .unwrap();
    assert_eq!(
        sign_in(&plane, "ada", "x@example.com", &[])
            .await
            .unwrap()
            .user,
        user
    );
    assert_eq!(
        roles(&plane, &admin, "ada-first@example.com").await,
        set(&[])
    );
    plane.finish().await;
}
