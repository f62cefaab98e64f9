//! Access reviews: what they list, that a removal is real, that nobody decides about their own access or twice, and that what is
//! signed stays what it is.

use chrono::Duration;
use control_plane::testing::{TEAM, TestPlane};
use control_plane::{
    Error, OpCtx, elevations, overview, people, reviews, service_accounts, tokens,
};
use domain::actor::Role;
use domain::authz::Action;
use domain::canonical;
use domain::error::{Conflict, Exclusion, FieldProblem};
use domain::form::elevation::{ElevationDecisionForm, ElevationForm, TakeAwayForm};
use domain::form::person::{RoleForm, TokenForm};
use domain::form::query::ReviewQuery;
use domain::form::review::{ReviewItemForm, SignReviewForm, StartReviewForm};
use domain::form::service_account::ServiceAccountForm;
use domain::identity::IdentityState;
use domain::review::{ItemKind, ItemVerdict};
use domain::view::review::{ReviewDetail, ReviewItem};

use crate::support::{World, conflict, token_of};

const WHY: &str = "They look after this agent at night.";

/// A plane with two administrators, and somebody whose role was given by a person.
struct Office {
    plane: TestPlane,
    admin: OpCtx,
    second: OpCtx,
}

impl Office {
    async fn open() -> Self {
        Self::of(TestPlane::new().await).await
    }

    async fn of(plane: TestPlane) -> Self {
        let admin = plane.person("admin@example.com", Role::Administrator).await;
        let second = plane
            .person("second@example.com", Role::Administrator)
            .await;
        plane.person("vi@example.com", Role::Viewer).await;
        let form = RoleForm {
            email: "vi@example.com".to_owned(),
            role: "operator".to_owned(),
            team: TEAM.to_owned(),
            reason: WHY.to_owned(),
        };
        people::give_role(&plane.cp, &admin, &form).await.unwrap();
        Self {
            plane,
            admin,
            second,
        }
    }

    async fn start(&self, team: &str) -> i64 {
        let form = StartReviewForm {
            team: team.to_owned(),
        };
        let started = reviews::start(&self.plane.cp, &self.admin, &form).await;
        started.unwrap()
    }

    async fn show(&self, number: i64) -> ReviewDetail {
        let all = ReviewQuery::default();
        let found = reviews::get(&self.plane.cp, &self.admin, number, &all).await;
        found.unwrap()
    }

    async fn item(&self, number: i64, kind: ItemKind, who: &str) -> ReviewItem {
        let found = self.show(number).await.items.into_iter();
        let mut found = found.filter(|item| {
            let whose = item.person.as_ref().or(item.agent.as_ref());
            item.kind == kind && whose.is_some_and(|whose| whose == who)
        });
        found.next().expect("an item")
    }

    async fn decide(
        &self,
        by: &OpCtx,
        (number, item): (i64, i64),
        choice: &str,
        reason: &str,
    ) -> Result<ItemVerdict, Error> {
        let form = ReviewItemForm {
            number: number.to_string(),
            item: item.to_string(),
            choice: choice.to_owned(),
            reason: reason.to_owned(),
        };
        reviews::decide(&self.plane.cp, by, &form).await
    }

    /// Keeps everything that is left: each by the administrator whose own it is not.
    async fn keep_the_rest(&self, number: i64) {
        for item in self.show(number).await.items {
            if item.verdict.is_none() {
                let by = if item.own { &self.second } else { &self.admin };
                let kept = self.decide(by, (number, item.item), "keep", WHY).await;
                assert_eq!(kept.unwrap(), ItemVerdict::Kept);
            }
        }
    }

    async fn sign(&self, by: &OpCtx, number: i64) -> Result<String, Error> {
        let form = SignReviewForm {
            number: number.to_string(),
        };
        reviews::sign_off(&self.plane.cp, by, &form).await
    }

    async fn roles_of(&self, email: &str) -> Vec<Role> {
        let people = people::list(&self.plane.cp, &self.second).await.unwrap();
        let person = people.into_iter().find(|person| person.email == email);
        let roles = person.unwrap().roles.into_iter();
        roles.map(|held| held.role).collect()
    }
}

#[tokio::test]
async fn a_review_lists_who_has_what_by_whom_and_says_where_the_log_does_not() {
    let office = Office::open().await;
    office.plane.clock.advance(Duration::days(31));
    let number = office.start("").await;
    let found = office.show(number).await;
    let of = |who: &str| {
        let theirs = found
            .items
            .iter()
            .filter(|i| i.person.as_deref() == Some(who));
        theirs.collect::<Vec<_>>()
    };
    assert_eq!(found.row.items, 4);
    let [viewer, operator] = of("vi")[..] else {
        panic!("two roles: {found:?}")
    };
    assert_eq!(
        (operator.what.as_str(), operator.team.as_deref()),
        ("Operator", Some(TEAM))
    );
    assert_eq!(operator.given_by.as_deref(), Some("admin"));
    assert!(operator.unused && operator.last_used.is_none());
    // Reading leaves no event, so nobody can say that it was not used; and of whom the log only says that they were added.
    assert!(!viewer.unused);
    assert_eq!(viewer.given_by, None);
    // Giving a role used the administrator's, more than 30 days ago; what the other never used is unused too.
    assert!(of("admin")[0].last_used.is_some() && of("admin")[0].unused);
    assert!(of("admin")[0].own && !of("second")[0].own);

    let bare = office
        .decide(&office.second, (number, operator.item), "keep", "")
        .await;
    let Err(Error::Invalid(fields)) = bare else {
        panic!("not invalid: {bare:?}")
    };
    assert_eq!(fields.get("reason"), Some(FieldProblem::Required));
    let kept = office
        .decide(&office.second, (number, operator.item), "keep", WHY)
        .await;
    assert_eq!(kept.unwrap(), ItemVerdict::Kept);
    let kept = office
        .decide(&office.second, (number, viewer.item), "keep", "")
        .await;
    assert_eq!(kept.unwrap(), ItemVerdict::Kept);
    let left = ReviewQuery {
        show: "undecided".to_owned(),
        ..ReviewQuery::default()
    };
    let left = reviews::get(&office.plane.cp, &office.admin, number, &left).await;
    assert_eq!(left.unwrap().items.len(), 2);
    let shown = overview::get(&office.plane.cp, &office.admin)
        .await
        .unwrap();
    assert_eq!(
        (shown.reviews[0].number, shown.reviews[0].undecided),
        (number, 2)
    );
    office.plane.settle().await;
    office.plane.finish().await;
}

#[tokio::test]
async fn nobody_reviews_their_own_access_under_any_account() {
    let office = Office::open().await;
    let plane = &office.plane;
    let roles = [(Role::Administrator, None)];
    let alias = plane
        .person_with("alias@example.com", &roles, &["admin@example.com"])
        .await;
    let number = office.start("").await;
    let own = office.item(number, ItemKind::Role, "admin").await.item;
    for by in [&office.admin, &alias] {
        for choice in ["keep", "remove"] {
            let refused = office.decide(by, (number, own), choice, WHY).await;
            assert!(
                matches!(
                    refused,
                    Err(Error::Excluded {
                        rule: Exclusion::OwnAccess
                    })
                ),
                "{refused:?}"
            );
        }
    }
    assert_eq!(plane.count_events("refused").await, 4);
    assert_eq!(plane.count_events("review_item_decided").await, 0);
    let done = office
        .decide(&office.second, (number, own), "remove", WHY)
        .await;
    assert_eq!(done.unwrap(), ItemVerdict::Removed);
    assert!(office.roles_of("admin@example.com").await.is_empty());
    plane.settle().await;
    office.plane.finish().await;
}

#[tokio::test]
async fn two_clicks_are_one_decision_and_two_reviewers_do_not_both_decide() {
    let office = Office::open().await;
    let plane = &office.plane;
    let first = StartReviewForm::default();
    let (one, two) = tokio::join!(
        reviews::start(&plane.cp, &office.admin, &first),
        reviews::start(&plane.cp, &office.second, &first)
    );
    let number = one.unwrap();
    assert_eq!(number, two.unwrap(), "one review of the same is open");
    assert_eq!(plane.count_events("review_started").await, 1);

    let item = office.item(number, ItemKind::Role, "vi").await.item;
    let place = (number, item);
    let (one, two) = tokio::join!(
        office.decide(&office.admin, place, "remove", WHY),
        office.decide(&office.admin, place, "remove", WHY)
    );
    assert_eq!(one.unwrap(), ItemVerdict::Removed);
    assert_eq!(two.unwrap(), ItemVerdict::Removed);
    let other = office.decide(&office.admin, place, "keep", WHY).await;
    assert_eq!(conflict(other), Conflict::Changed);

    let item = office.show(number).await.items.into_iter();
    let mut item = item.filter(|item| item.person.as_deref() == Some("vi"));
    let place = (
        number,
        item.find(|item| item.verdict.is_none()).unwrap().item,
    );
    let (one, two) = tokio::join!(
        office.decide(&office.admin, place, "remove", WHY),
        office.decide(&office.second, place, "keep", WHY)
    );
    assert!(one.is_ok() != two.is_ok(), "{one:?}, {two:?}");
    let kept = two.is_ok();
    let lost = if kept { one } else { two };
    assert_eq!(conflict(lost), Conflict::Changed);
    let held = office.roles_of("vi@example.com").await.len();
    assert_eq!(held, usize::from(kept));
    assert_eq!(plane.count_events("review_item_decided").await, 2);
    let taken = plane.count_events("role_taken_away").await;
    assert_eq!(taken, 2 - usize::from(kept));
    plane.settle().await;
    office.plane.finish().await;
}

#[tokio::test]
async fn what_was_gone_before_anybody_decided_is_noted_as_that() {
    let office = Office::open().await;
    let plane = &office.plane;
    let number = office.start("").await;
    let people = people::list(&plane.cp, &office.admin).await.unwrap();
    let vi = people
        .into_iter()
        .find(|person| person.name == "vi")
        .unwrap();
    for held in &vi.roles {
        let form = TakeAwayForm {
            grant: held.grant.clone(),
            reason: WHY.to_owned(),
        };
        elevations::take_away(&plane.cp, &office.admin, &form)
            .await
            .unwrap();
    }
    // Given anew it is another role, which this review does not list.
    let again = RoleForm {
        email: "vi@example.com".to_owned(),
        role: "operator".to_owned(),
        team: TEAM.to_owned(),
        reason: WHY.to_owned(),
    };
    people::give_role(&plane.cp, &office.admin, &again)
        .await
        .unwrap();
    let items = office.show(number).await.items.into_iter();
    let items: Vec<i64> = items
        .filter(|item| item.person.as_deref() == Some("vi"))
        .map(|item| item.item)
        .collect();
    for (item, choice) in items.into_iter().zip(["keep", "remove"]) {
        let noted = office
            .decide(&office.admin, (number, item), choice, WHY)
            .await;
        assert_eq!(noted.unwrap(), ItemVerdict::Gone, "{choice}");
    }
    assert_eq!(office.roles_of("vi@example.com").await, [Role::Operator]);
    plane.settle().await;
    office.plane.finish().await;
}

#[tokio::test]
async fn a_removal_is_the_act_that_it_would_be_anywhere_else() {
    let world = World::live().await;
    world.plane.clock.advance(Duration::days(31));
    let office = Office::of(world.plane).await;
    let plane = &office.plane;
    let dev = plane.person("dev@example.com", Role::Developer).await;
    let form = TokenForm {
        name: "laptop".to_owned(),
        scopes: "read".to_owned(),
        days: "30".to_owned(),
    };
    let token = tokens::create(&plane.cp, &dev, &form).await.unwrap().text;
    let form = ServiceAccountForm {
        slug: "support-ci".to_owned(),
        team: TEAM.to_owned(),
        owner: String::new(),
        scopes: "read write".to_owned(),
    };
    service_accounts::make(&plane.cp, &dev, &form)
        .await
        .unwrap();
    let form = ElevationForm {
        wanted_role: "operator".to_owned(),
        team: TEAM.to_owned(),
        hours: "2".to_owned(),
        reason: WHY.to_owned(),
    };
    let asked = elevations::request(&plane.cp, &dev, &form).await.unwrap();
    let answer = ElevationDecisionForm {
        number: asked.to_string(),
        verdict: "approve".to_owned(),
        reason: WHY.to_owned(),
    };
    elevations::decide(&plane.cp, &office.second, &answer)
        .await
        .unwrap();
    // The identity in non-prod did something today, with one of its scopes.
    let (busy, _, scopes) = plane.identity(1).await.unwrap();
    let used = format!(
        "INSERT INTO scope_uses (identity_id, scope, calls, last_at) SELECT id, '{}', 1, '{}' FROM identities WHERE client_id = '{busy}'",
        scopes[0],
        plane.now().format("%Y-%m-%dT%H:%M:%SZ")
    );
    plane.sql(&used).await.unwrap();
    let number = office.start("").await;
    let agent = "refund-assistant";
    let found = office.show(number).await;
    let unused = found.items.iter().filter(|i| i.kind == ItemKind::Scope);
    assert_eq!(unused.count(), scopes.len() - 1, "{found:?}");

    for (kind, who, comes_to) in [
        (ItemKind::Role, "dev", ItemVerdict::Removed),
        (ItemKind::Elevation, "dev", ItemVerdict::Removed),
        (ItemKind::Token, "dev", ItemVerdict::Removed),
        (ItemKind::ServiceAccount, "dev", ItemVerdict::Removed),
        (ItemKind::Identity, agent, ItemVerdict::Removed),
    ] {
        let item = office.item(number, kind, who).await.item;
        let done = office
            .decide(&office.admin, (number, item), "remove", "")
            .await;
        assert_eq!(done.unwrap(), comes_to, "{kind}");
    }
    assert!(office.roles_of("dev@example.com").await.is_empty());
    let now = plane.again(dev.actor().user().unwrap()).await;
    assert!(now.actor().roles(Some(plane.team)).is_empty());
    assert!(tokens::actor(&plane.cp, &token).await.unwrap().is_none());
    assert_eq!(plane.identity(2).await.unwrap().1, IdentityState::Suspended);
    assert_eq!(plane.identity(1).await.unwrap().1, IdentityState::Active);
    for (event, times) in [
        ("role_taken_away", 1),
        ("elevation_ended", 1),
        ("token_revoked", 1),
        ("service_account_changed", 1),
        ("identity_suspended", 1),
        ("review_item_decided", 5),
    ] {
        assert_eq!(plane.count_events(event).await, times, "{event}");
    }
    if scopes.len() > 1 {
        let item = office.item(number, ItemKind::Scope, agent).await.item;
        let done = office
            .decide(&office.admin, (number, item), "remove", WHY)
            .await;
        assert_eq!(done.unwrap(), ItemVerdict::Referred);
        let events = plane.events().await;
        let told = events.iter().rfind(|e| e.action == "review_item_decided");
        let told = told.unwrap();
        assert_eq!(told.agent.as_deref(), Some(agent));
        assert_eq!(told.detail.get("asks").unwrap(), "owners");
    }
    assert_eq!(
        plane.identity(1).await.unwrap().2,
        scopes,
        "nothing was taken"
    );
    plane.settle().await;
    office.plane.finish().await;
}

#[tokio::test]
async fn a_decision_that_is_killed_at_any_step_did_everything_or_nothing() {
    let office = Office::open().await;
    let plane = &office.plane;
    let number = office.start("").await;
    let item = office.item(number, ItemKind::Role, "vi").await.item;
    let mut step = 1;
    loop {
        let call = office.decide(&office.admin, (number, item), "remove", WHY);
        let done = plane.cut_off(step, call).await.is_some();
        let decided = plane.count_events("review_item_decided").await;
        let taken = plane.count_events("role_taken_away").await;
        let held = office.roles_of("vi@example.com").await.len();
        let row = office.show(number).await.row.decided;
        assert_eq!(
            (decided, taken, held, row),
            (
                usize::from(done),
                usize::from(done),
                2 - usize::from(done),
                u64::from(done)
            ),
            "cut off behind statement {step}"
        );
        if done {
            break;
        }
        step += 1;
    }
    assert!(step > 10, "it took {step} statements");
    office.keep_the_rest(number).await;
    let mut step = 1;
    loop {
        let call = office.sign(&office.second, number);
        let done = plane.cut_off(step, call).await.is_some();
        let signed = plane.count_events("review_signed").await;
        let digest = office.show(number).await.row.digest;
        assert_eq!(
            (signed, digest.is_some()),
            (usize::from(done), done),
            "cut off behind statement {step}"
        );
        if done {
            break;
        }
        step += 1;
    }
    assert!(step > 5, "it took {step} statements");
    plane.settle().await;
    office.plane.finish().await;
}

/// What somebody with the database could do to a review, once to each of two.
fn by_hand((one, other): (i64, i64)) -> Vec<(String, String)> {
    let of = |number: i64| format!("(SELECT id FROM reviews WHERE number = {number})");
    let all = |number: i64| {
        [
            format!(
                "UPDATE review_items SET person = 'nobody' WHERE review_id = {}",
                of(number)
            ),
            format!(
                "DELETE FROM review_items WHERE item = 1 AND review_id = {}",
                of(number)
            ),
            format!("UPDATE reviews SET started_by_name = 'nobody' WHERE number = {number}"),
        ]
    };
    all(one).into_iter().zip(all(other)).collect()
}

#[tokio::test]
async fn what_is_signed_has_its_digest_in_the_log_and_is_only_read() {
    let office = Office::open().await;
    let plane = &office.plane;
    let number = office.start("").await;
    let early = office.sign(&office.admin, number).await;
    assert_eq!(conflict(early), Conflict::ItemsUndecided);
    let early = reviews::certificate(&plane.cp, &office.admin, number).await;
    assert_eq!(conflict(early), Conflict::WrongState);
    let gone = office.item(number, ItemKind::Role, "vi").await.item;
    office
        .decide(&office.admin, (number, gone), "remove", WHY)
        .await
        .unwrap();
    office.keep_the_rest(number).await;
    let digest = office.sign(&office.admin, number).await.unwrap();
    let text = reviews::certificate(&plane.cp, &office.admin, number).await;
    assert_eq!(canonical::digest(text.unwrap().as_bytes()), digest);
    let events = plane.events().await;
    let signed = events.iter().find(|e| e.action == "review_signed").unwrap();
    assert_eq!(signed.subject_digest.as_ref(), Some(&digest));
    assert_eq!(signed.detail.get("kept").unwrap(), "3");
    assert_eq!(signed.detail.get("removed").unwrap(), "1");
    // What was listed at the start has a digest of its own: nothing was decided then.
    let started = events
        .iter()
        .find(|e| e.action == "review_started")
        .unwrap();
    assert_ne!(started.subject_digest, signed.subject_digest);

    assert_eq!(office.sign(&office.admin, number).await.unwrap(), digest);
    let other = office.sign(&office.second, number).await;
    assert_eq!(conflict(other), Conflict::WrongState);
    let late = office
        .decide(&office.second, (number, gone), "keep", WHY)
        .await;
    assert_eq!(conflict(late), Conflict::Changed);
    assert_eq!(plane.count_events("review_signed").await, 1);
    let next = office.start("").await;
    assert_eq!(next, number + 1, "the next one");
    for (sealed, open) in [(number, next)].into_iter().flat_map(by_hand) {
        let refused = plane.sql(&sealed).await.unwrap_err().to_string();
        assert!(refused.contains("is sealed"), "{sealed}: {refused}");
        plane.sql(&open).await.unwrap();
    }
    plane.settle().await;
    office.plane.finish().await;
}

#[tokio::test]
async fn who_may_not_sees_and_changes_nothing() {
    let office = Office::open().await;
    let plane = &office.plane;
    let care = plane.add_team("care").await;
    let auditor = plane.person("auditor@example.com", Role::Auditor).await;
    let theirs = [(Role::Auditor, Some(care))];
    let of_care = plane.person_with("care@example.com", &theirs, &[]).await;
    let dev = plane.person("dev@example.com", Role::Developer).await;
    let token = token_of(plane, &office.admin);
    let all = office.start("").await;
    let team = office.start("care").await;
    let item = office.item(all, ItemKind::Role, "dev").await.item;
    let covered = office.show(team).await;
    assert_eq!(
        covered.items.len(),
        1,
        "roles in the team alone: {covered:?}"
    );

    let query = ReviewQuery::default();
    for by in [&auditor, &of_care, &dev, &token] {
        let form = StartReviewForm::default();
        let started = reviews::start(&plane.cp, by, &form).await;
        let decided = office
            .decide(by, (all, item), "remove", WHY)
            .await
            .map(|_| 0);
        let signed = office.sign(by, all).await.map(|_| 0);
        for refused in [started, decided, signed] {
            assert!(
                matches!(
                    refused,
                    Err(Error::Forbidden {
                        action: Action::Administer
                    })
                ),
                "{refused:?}"
            );
        }
    }
    assert!(reviews::get(&plane.cp, &auditor, all, &query).await.is_ok());
    assert!(
        reviews::get(&plane.cp, &of_care, team, &query)
            .await
            .is_ok()
    );
    let hidden = reviews::get(&plane.cp, &of_care, all, &query).await;
    assert!(matches!(hidden, Err(Error::NotFound { .. })), "{hidden:?}");
    let seen = reviews::list(&plane.cp, &of_care, "").await.unwrap();
    assert_eq!(seen.rows.len(), 1);
    assert!(seen.teams.is_none());
    for number in [all, team] {
        let refused = reviews::get(&plane.cp, &dev, number, &query).await;
        assert!(
            matches!(refused, Err(Error::Forbidden { .. })),
            "{refused:?}"
        );
    }
    let stranger = reviews::get(&plane.cp, &plane.anonymous(), all, &query).await;
    assert!(matches!(stranger, Err(Error::Unauthenticated)));
    assert_eq!(plane.count_events("review_item_decided").await, 0);
    plane.settle().await;
    office.plane.finish().await;
}
