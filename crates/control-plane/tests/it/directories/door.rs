//! What opens the door of a directory, and who makes it.

use domain::directory::CALLS_PER_MINUTE;

use super::*;

#[tokio::test]
async fn a_token_opens_its_own_directory_and_nothing_else() {
    let (plane, admin, caller) = connected().await;
    let ada = add(&plane, &caller, "ada").await;
    let leads = group(&plane, &caller, "Leads", &[&ada]).await;
    let text = token(&plane, &admin, "acme").await;
    assert!(
        tokens::actor(&plane.cp, &text).await.unwrap().is_none(),
        "no API token"
    );
    let open = |provider: &'static str, text: String| {
        let (cp, ctx) = (plane.cp.clone(), plane.anonymous());
        async move { directories::open(&cp, &ctx, provider, &text).await.unwrap() }
    };
    assert!(open("acme", text.clone()).await.is_some());
    assert!(open("other", text.clone()).await.is_none());
    assert!(open("no-such", text.clone()).await.is_none());
    let form = TokenForm {
        name: "laptop".to_owned(),
        scopes: "read write".to_owned(),
        days: "30".to_owned(),
    };
    let own = tokens::create(&plane.cp, &admin, &form).await.unwrap().text;
    assert!(
        open("acme", own).await.is_none(),
        "an API token is none of a directory"
    );
    // Another directory sees and changes nothing of this one.
    let other = door(&plane, &admin, "other").await;
    let seen = directories::get_user(&plane.cp, &other, ada.id).await;
    assert!(matches!(seen, Err(Error::NotFound { .. })));
    let removed = directories::delete_user(&plane.cp, &other, ada.id, None).await;
    assert!(matches!(removed, Err(Error::NotFound { .. })));
    let removed = directories::delete_group(&plane.cp, &other, leads.id, None).await;
    assert!(matches!(removed, Err(Error::NotFound { .. })));
    let whole = Slice {
        start: 1,
        count: 100,
    };
    for terms in [
        vec![],
        vec![UserTerm::Name("ada@example.com".to_owned())],
        vec![UserTerm::Id(ada.id.to_string())],
    ] {
        let found = directories::users(&plane.cp, &other, &terms, whole)
            .await
            .unwrap();
        assert_eq!((found.total, found.rows.len()), (0, 0));
    }
    let with = GroupFields {
        name: "Admins".to_owned(),
        external_id: None,
        members: [ada.id].into(),
    };
    let taken_over = directories::create_group(&plane.cp, &other, &with).await;
    assert_eq!(kind(taken_over), ProblemKind::InvalidValue);
    // The door of API tokens does not know it.
    let made = directories::list(&plane.cp, &admin).await.unwrap().rows;
    let form = EndForm {
        id: made[0].tokens[0].id.clone(),
    };
    assert!(tokens::revoke(&plane.cp, &admin, &form).await.is_err());
    // Revoked, and over.
    let rows = directories::list(&plane.cp, &admin).await.unwrap().rows;
    assert!(!format!("{rows:?}").contains(&text), "shown once");
    for row in rows.iter().flat_map(|row| &row.tokens) {
        let form = EndForm { id: row.id.clone() };
        directories::revoke_token(&plane.cp, &admin, &form)
            .await
            .unwrap();
    }
    assert!(open("acme", text).await.is_none());
    let short = token(&plane, &admin, "acme").await;
    plane.clock.advance(chrono::Duration::days(181));
    assert!(open("acme", short).await.is_none());
    plane.finish().await;
}

#[tokio::test]
async fn tokens_of_directories_are_administrators_to_make() {
    let (plane, _, _) = connected().await;
    let form = DirectoryTokenForm {
        provider: "acme".to_owned(),
        days: "30".to_owned(),
    };
    for role in [Role::Viewer, Role::Operator, Role::Auditor, Role::Approver] {
        let other = plane.person(&format!("{role}@example.com"), role).await;
        let made = directories::make_token(&plane.cp, &other, &form).await;
        assert_eq!(made.unwrap_err().to_api().code(), "forbidden", "{role}");
        assert!(directories::list(&plane.cp, &other).await.is_err());
    }
    let admin = plane
        .person("second@example.com", Role::Administrator)
        .await;
    for days in ["0", "366", "", "x"] {
        let form = DirectoryTokenForm {
            days: days.to_owned(),
            ..form.clone()
        };
        assert!(
            directories::make_token(&plane.cp, &admin, &form)
                .await
                .is_err()
        );
    }
    for _ in 0..3 {
        directories::make_token(&plane.cp, &admin, &form)
            .await
            .unwrap();
    }
    let full = directories::make_token(&plane.cp, &admin, &form).await;
    assert!(
        matches!(full.unwrap_err().to_api(), ApiError::Conflict { .. }),
        "four are enough"
    );
    plane.finish().await;
}

#[tokio::test]
async fn a_directory_calls_so_often_a_minute_and_keeps_no_other_from_calling() {
    let (plane, admin, _) = connected().await;
    let (one, other) = (
        token(&plane, &admin, "acme").await,
        token(&plane, &admin, "other").await,
    );
    let ctx = plane.anonymous();
    let call = |provider: &'static str, text: String| {
        let (cp, ctx) = (plane.cp.clone(), ctx.clone());
        async move { directories::open(&cp, &ctx, provider, &text).await }
    };
    // The door was opened once already.
    for _ in 1..CALLS_PER_MINUTE {
        assert!(call("acme", one.clone()).await.unwrap().is_some());
    }
    let more = call("acme", one.clone()).await;
    assert!(matches!(more, Err(Error::TooMany)));
    assert!(call("other", other).await.unwrap().is_some());
    plane.clock.advance(chrono::Duration::seconds(1));
    let now = plane.anonymous();
    let again = directories::open(&plane.cp, &now, "acme", &one).await;
    assert!(again.unwrap().is_some());
    plane.finish().await;
}
