//! Passkeys: asked for after a right password, bound to who was asked and where, and answered once.

use chrono::Duration;
use control_plane::OpCtx;
use control_plane::ctx::SessionRef;
use control_plane::passkeys::{self, Answered, Begin, Begun, Door, Failure};
use control_plane::people;
use control_plane::testing::{Authenticator, TestPlane};
use domain::actor::{Actor, Role};
use domain::error::{ApiError, Conflict};
use domain::form::passkey::{RemovePasskeyForm, ResetPasskeysForm};
use domain::form::person::{PersonForm, SignInForm};
use domain::passkey::{PasskeyProblem, PasskeyPurpose};
use secrecy::{ExposeSecret as _, SecretString};

const PASSWORD: &str = "correct horse battery";
const ADA: &str = "ada@example.com";
const BEA: &str = "bea@example.com";
const REASON: &str = "lost the key on the way home";

/// Somebody with a password, in a session that began just now.
async fn person(plane: &TestPlane, email: &str, role: Role, session: u128) -> OpCtx {
    let admin = plane
        .person(&format!("admin-of-{email}"), Role::Administrator)
        .await;
    let form = PersonForm {
        name: email.to_owned(),
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        role: role.to_string(),
        team: String::new(),
    };
    people::add(&plane.cp, &admin, &form).await.unwrap();
    let id = people::sign_in(&plane.cp, &plane.anonymous(), &password(email)).await;
    let actor = people::actor(&plane.cp, id.unwrap())
        .await
        .unwrap()
        .unwrap();
    in_session(plane, actor, session)
}

fn in_session(plane: &TestPlane, actor: Actor, session: u128) -> OpCtx {
    let ctx = plane.ctx(actor);
    let now = ctx.now();
    ctx.with_sign_in(Some(now)).in_session(Some(SessionRef {
        handle: uuid::Uuid::from_u128(session),
        provider: None,
    }))
}

fn password(email: &str) -> SignInForm {
    SignInForm {
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        next: "/agents".to_owned(),
    }
}

async fn door(plane: &TestPlane, email: &str) -> Result<Door, Failure> {
    passkeys::sign_in(
        &plane.cp,
        &plane.anonymous(),
        &password(email),
        "Firefox on Linux",
    )
    .await
}

async fn asked_at_the_door(plane: &TestPlane, email: &str) -> Begun {
    match door(plane, email).await.unwrap() {
        Door::Passkey(begun) => begun,
        Door::Open(_) => panic!("the password alone opened a session"),
    }
}

async fn begin(plane: &TestPlane, ctx: &OpCtx, purpose: PasskeyPurpose) -> Result<Begun, Failure> {
    let wanted = Begin {
        purpose,
        name: "Blue key".to_owned(),
        next: "/approvals/1".to_owned(),
    };
    passkeys::begin(&plane.cp, ctx, &wanted).await
}

async fn options(plane: &TestPlane, ctx: &OpCtx, begun: &Begun) -> String {
    let browser = begun.browser.expose_secret();
    let asked = passkeys::question(&plane.cp, ctx, browser).await.unwrap();
    asked.expect("a question").options
}

async fn answer(
    plane: &TestPlane,
    ctx: &OpCtx,
    begun: &Begun,
    answer: &str,
) -> Result<PasskeyPurpose, Failure> {
    let answered = Answered {
        browser: begun.browser.clone(),
        answer: answer.to_owned(),
    };
    let finished = passkeys::finish(&plane.cp, ctx, &answered).await?;
    Ok(finished.purpose)
}

async fn enrol(plane: &TestPlane, ctx: &OpCtx, key: &Authenticator) -> Result<(), Failure> {
    let begun = begin(plane, ctx, PasskeyPurpose::Enrol).await?;
    let made = key.make(&options(plane, ctx, &begun).await);
    answer(plane, ctx, &begun, &made).await.map(|_| ())
}

fn problem<T: std::fmt::Debug>(outcome: Result<T, Failure>) -> PasskeyProblem {
    match outcome {
        Err(Failure::Passkey(problem)) => problem,
        other => panic!("{other:?}"),
    }
}

fn ours<T: std::fmt::Debug>(outcome: Result<T, Failure>) -> ApiError {
    match outcome {
        Err(Failure::Ours(error)) => error.to_api(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_password_of_somebody_with_a_passkey_opens_nothing_without_it() {
    let plane = TestPlane::new().await;
    let ada = person(&plane, ADA, Role::Administrator, 1).await;
    assert!(matches!(door(&plane, ADA).await.unwrap(), Door::Open(_)));
    let mut key = Authenticator::new(7);
    enrol(&plane, &ada, &key).await.unwrap();
    let signed_in = plane.count_events("signed_in").await;
    let begun = asked_at_the_door(&plane, ADA).await;
    assert_eq!(plane.count_events("signed_in").await, signed_in, "not yet");
    let nobody = plane.anonymous();
    let signed = key.sign(&options(&plane, &nobody, &begun).await);
    let opened = answer(&plane, &nobody, &begun, &signed).await.unwrap();
    assert_eq!(opened, PasskeyPurpose::SignIn);
    assert_eq!(plane.count_events("signed_in").await, signed_in + 1);
    assert_eq!(plane.count_events("passkey_added").await, 1);
    let again = answer(&plane, &nobody, &begun, &signed).await;
    assert_eq!(
        problem(again),
        PasskeyProblem::Expired,
        "an answer counts once"
    );
    let rows = passkeys::list(&plane.cp, &ada).await.unwrap().own;
    assert_eq!(rows[0].name, "Blue key");
    assert!(rows[0].last_used_at.is_some());
    plane.finish().await;
}

#[tokio::test]
async fn an_answer_made_elsewhere_or_before_is_refused() {
    let plane = TestPlane::new().await;
    let ada = person(&plane, ADA, Role::Viewer, 1).await;
    let key = Authenticator::new(7);
    enrol(&plane, &ada, &key).await.unwrap();
    let nobody = plane.anonymous();
    let first = asked_at_the_door(&plane, ADA).await;
    let before = options(&plane, &nobody, &first).await;
    type Lie = fn(Authenticator) -> Authenticator;
    let lies: [(&str, Lie); 6] = [
        ("origin of a lookalike", |k| {
            k.at("https://clearance.test.evil.example", "clearance.test")
        }),
        ("origin of a subdomain", |k| {
            k.at("https://evil.clearance.test", "clearance.test")
        }),
        ("origin in the clear", |k| {
            k.at("http://clearance.test", "clearance.test")
        }),
        ("another relying party", |k| {
            k.at("https://clearance.test", "evil.example")
        }),
        ("nobody verified", |mut k| {
            k.verified = false;
            k
        }),
        ("another person", |mut k| {
            k.user = Some(vec![1; 16]);
            k
        }),
    ];
    for (what, lie) in lies {
        let begun = asked_at_the_door(&plane, ADA).await;
        let signed = lie(key.clone()).sign(&options(&plane, &nobody, &begun).await);
        let refused = answer(&plane, &nobody, &begun, &signed).await;
        assert_eq!(problem(refused), PasskeyProblem::Refused, "{what}");
        plane.clock.advance(Duration::minutes(2));
    }
    plane.clock.advance(Duration::minutes(5));
    for junk in ["", "{}", "null", "[]", &"x".repeat(20_000)] {
        let begun = asked_at_the_door(&plane, ADA).await;
        let refused = answer(&plane, &nobody, &begun, junk).await;
        assert_eq!(problem(refused), PasskeyProblem::Refused);
        plane.clock.advance(Duration::minutes(2));
    }
    let begun = asked_at_the_door(&plane, ADA).await;
    let replayed = key.clone().sign(&before);
    let refused = answer(&plane, &nobody, &begun, &replayed).await;
    assert_eq!(
        problem(refused),
        PasskeyProblem::Refused,
        "a challenge of before"
    );
    assert_eq!(plane.count_events("sign_in_refused").await, 12);
    plane.finish().await;
}

#[tokio::test]
async fn the_passkey_of_somebody_else_opens_nothing() {
    let plane = TestPlane::new().await;
    let ada = person(&plane, ADA, Role::Viewer, 1).await;
    let bea = person(&plane, BEA, Role::Viewer, 2).await;
    let (hers, mut theirs) = (Authenticator::new(7), Authenticator::new(8));
    enrol(&plane, &ada, &hers).await.unwrap();
    enrol(&plane, &bea, &theirs).await.unwrap();
    let nobody = plane.anonymous();
    let begun = asked_at_the_door(&plane, ADA).await;
    let signed = theirs.sign(&options(&plane, &nobody, &begun).await);
    let refused = answer(&plane, &nobody, &begun, &signed).await;
    assert_eq!(problem(refused), PasskeyProblem::Refused);
    let taken = enrol(&plane, &bea, &hers).await;
    assert_eq!(
        problem(taken),
        PasskeyProblem::Known,
        "one key is one person's"
    );
    plane.finish().await;
}

#[tokio::test]
async fn a_counter_that_goes_back_is_refused_and_told() {
    let plane = TestPlane::new().await;
    let ada = person(&plane, ADA, Role::Viewer, 1).await;
    let mut key = Authenticator::new(7);
    enrol(&plane, &ada, &key).await.unwrap();
    let mut copy = key.clone();
    let early = begin(&plane, &ada, PasskeyPurpose::Confirm).await.unwrap();
    let early_options = options(&plane, &ada, &early).await;
    for _ in 0..2 {
        let begun = begin(&plane, &ada, PasskeyPurpose::Confirm).await.unwrap();
        let signed = key.sign(&options(&plane, &ada, &begun).await);
        answer(&plane, &ada, &begun, &signed).await.unwrap();
    }
    let begun = begin(&plane, &ada, PasskeyPurpose::Confirm).await.unwrap();
    let signed = copy.sign(&options(&plane, &ada, &begun).await);
    let refused = answer(&plane, &ada, &begun, &signed).await;
    assert_eq!(problem(refused), PasskeyProblem::Counter);
    // A question of before the last use knows an older count; what is kept now decides.
    let signed = copy.sign(&early_options);
    let refused = answer(&plane, &ada, &early, &signed).await;
    assert_eq!(problem(refused), PasskeyProblem::Counter);
    assert_eq!(plane.count_events("sign_in_refused").await, 2);
    plane.finish().await;
}

#[tokio::test]
async fn a_question_waits_five_minutes_and_belongs_to_its_session() {
    let plane = TestPlane::new().await;
    let ada = person(&plane, ADA, Role::Viewer, 1).await;
    let mut key = Authenticator::new(7);
    enrol(&plane, &ada, &key).await.unwrap();
    let begun = begin(&plane, &ada, PasskeyPurpose::Confirm).await.unwrap();
    let signed = key.sign(&options(&plane, &ada, &begun).await);
    let elsewhere = in_session(&plane, ada.actor().clone(), 3);
    let browser = begun.browser.expose_secret();
    let shown = passkeys::question(&plane.cp, &elsewhere, browser).await;
    assert_eq!(shown.unwrap(), None, "another session is not even shown it");
    let refused = answer(&plane, &elsewhere, &begun, &signed).await;
    assert_eq!(problem(refused), PasskeyProblem::Expired);
    let late = begin(&plane, &ada, PasskeyPurpose::Confirm).await.unwrap();
    let signed = key.sign(&options(&plane, &ada, &late).await);
    plane.clock.advance(Duration::seconds(300));
    let refused = answer(&plane, &ada, &late, &signed).await;
    assert_eq!(problem(refused), PasskeyProblem::Expired);
    let made_up = Begun {
        browser: SecretString::from("made up"),
    };
    let refused = answer(&plane, &ada, &made_up, &signed).await;
    assert_eq!(problem(refused), PasskeyProblem::Expired);
    plane.finish().await;
}

#[tokio::test]
async fn wrong_answers_are_limited_like_passwords() {
    let plane = TestPlane::new().await;
    let ada = person(&plane, ADA, Role::Viewer, 1).await;
    enrol(&plane, &ada, &Authenticator::new(7)).await.unwrap();
    for _ in 0..10 {
        let begun = begin(&plane, &ada, PasskeyPurpose::Confirm).await.unwrap();
        let refused = answer(&plane, &ada, &begun, "{}").await;
        assert_eq!(problem(refused), PasskeyProblem::Refused);
    }
    let begun = begin(&plane, &ada, PasskeyPurpose::Confirm).await.unwrap();
    let refused = answer(&plane, &ada, &begun, "{}").await;
    assert_eq!(ours(refused), ApiError::TooMany);
    assert_eq!(
        ours(door(&plane, ADA).await),
        ApiError::TooMany,
        "one limit"
    );
    plane.finish().await;
}

#[tokio::test]
async fn an_attempt_counts_as_failed_until_the_passkey_is_right() {
    let plane = TestPlane::new().await;
    let ada = person(&plane, ADA, Role::Viewer, 1).await;
    enrol(&plane, &ada, &Authenticator::new(7)).await.unwrap();
    // Twenty of a network in fifteen minutes: the right password alone takes none of them back.
    for _ in 0..20 {
        drop(asked_at_the_door(&plane, ADA).await);
        plane.clock.advance(Duration::seconds(40));
    }
    assert_eq!(ours(door(&plane, ADA).await), ApiError::TooMany);
    plane.finish().await;
}

#[tokio::test]
async fn a_passkey_is_added_after_a_recent_sign_in_alone() {
    let plane = TestPlane::new().await;
    let ada = person(&plane, ADA, Role::Viewer, 1).await;
    plane.clock.advance(Duration::minutes(16));
    let old = begin(&plane, &ada, PasskeyPurpose::Enrol).await;
    assert_eq!(ours(old), ApiError::SignInTooOld { minutes: 15 });
    let nobody = begin(&plane, &plane.anonymous(), PasskeyPurpose::Enrol).await;
    assert_eq!(ours(nobody), ApiError::Unauthenticated);
    let none = begin(&plane, &ada, PasskeyPurpose::Confirm).await;
    assert_eq!(problem(none), PasskeyProblem::NoPasskey);
    for purpose in [PasskeyPurpose::SignIn, PasskeyPurpose::FirstEnrol] {
        let refused = begin(&plane, &ada, purpose).await;
        assert_eq!(
            ours(refused),
            ApiError::NotFound,
            "a session opens no session"
        );
    }
    let ada = in_session(&plane, ada.actor().clone(), 1);
    for seed in 1..=10 {
        enrol(&plane, &ada, &Authenticator::new(seed))
            .await
            .unwrap();
    }
    let eleventh = enrol(&plane, &ada, &Authenticator::new(11)).await;
    assert_eq!(
        ours(eleventh),
        ApiError::Conflict {
            why: Conflict::Full
        }
    );
    plane.finish().await;
}

#[tokio::test]
async fn where_one_is_demanded_nobody_comes_in_without_and_the_last_one_stays() {
    let plane = TestPlane::with(|settings| settings.require_passkey = true).await;
    let ada = person(&plane, ADA, Role::Viewer, 1).await;
    let nobody = plane.anonymous();
    let early = asked_at_the_door(&plane, ADA).await;
    let thief = Authenticator::new(9).make(&options(&plane, &nobody, &early).await);
    let begun = asked_at_the_door(&plane, ADA).await;
    let key = Authenticator::new(7);
    let made = key.make(&options(&plane, &nobody, &begun).await);
    let opened = answer(&plane, &nobody, &begun, &made).await.unwrap();
    assert_eq!(opened, PasskeyPurpose::FirstEnrol);
    let second = answer(&plane, &nobody, &early, &thief).await;
    assert_eq!(
        problem(second),
        PasskeyProblem::Expired,
        "a password makes the first one alone"
    );
    let row = passkeys::list(&plane.cp, &ada).await.unwrap().own.remove(0);
    assert_eq!(row.name, "Firefox on Linux");
    let form = RemovePasskeyForm {
        id: row.id,
        password: String::new(),
    };
    let last = passkeys::remove(&plane.cp, &ada, &form).await.unwrap_err();
    let why = Conflict::LastPasskey;
    assert_eq!(last.to_api(), ApiError::Conflict { why });
    enrol(&plane, &ada, &Authenticator::new(8)).await.unwrap();
    passkeys::remove(&plane.cp, &ada, &form).await.unwrap();
    assert_eq!(passkeys::list(&plane.cp, &ada).await.unwrap().own.len(), 1);
    plane.finish().await;
}

#[tokio::test]
async fn a_removed_passkey_answers_nothing_that_was_asked_before() {
    let plane = TestPlane::new().await;
    let ada = person(&plane, ADA, Role::Viewer, 1).await;
    let bea = person(&plane, BEA, Role::Viewer, 2).await;
    let mut key = Authenticator::new(7);
    enrol(&plane, &ada, &key).await.unwrap();
    let id = passkeys::list(&plane.cp, &ada)
        .await
        .unwrap()
        .own
        .remove(0)
        .id;
    let begun = begin(&plane, &ada, PasskeyPurpose::Confirm).await.unwrap();
    let signed = key.sign(&options(&plane, &ada, &begun).await);
    let form = RemovePasskeyForm {
        id,
        password: String::new(),
    };
    let stranger = passkeys::remove(&plane.cp, &bea, &form).await.unwrap_err();
    assert_eq!(stranger.to_api(), ApiError::NotFound, "only one's own");
    let late = ada.clone();
    passkeys::remove(&plane.cp, &ada, &form).await.unwrap();
    let refused = answer(&plane, &late, &begun, &signed).await;
    assert_eq!(problem(refused), PasskeyProblem::Refused);
    assert!(matches!(door(&plane, ADA).await.unwrap(), Door::Open(_)));
    plane.finish().await;
}

#[tokio::test]
async fn an_administrator_takes_away_what_somebody_lost_and_never_their_own() {
    let plane = TestPlane::new().await;
    let ada = person(&plane, ADA, Role::Administrator, 1).await;
    let bea = person(&plane, BEA, Role::Viewer, 2).await;
    enrol(&plane, &ada, &Authenticator::new(7)).await.unwrap();
    enrol(&plane, &bea, &Authenticator::new(8)).await.unwrap();
    let of = |ctx: &OpCtx| ResetPasskeysForm {
        id: ctx.actor().user().unwrap().to_string(),
        reason: REASON.to_owned(),
        password: String::new(),
    };
    let refused = passkeys::reset(&plane.cp, &bea, &of(&ada))
        .await
        .unwrap_err();
    assert!(matches!(refused.to_api(), ApiError::Forbidden { .. }));
    let own = passkeys::reset(&plane.cp, &ada, &of(&ada))
        .await
        .unwrap_err();
    let why = Conflict::OwnPasskeys;
    assert_eq!(own.to_api(), ApiError::Conflict { why });
    let shown = passkeys::list(&plane.cp, &ada)
        .await
        .unwrap()
        .others
        .unwrap();
    assert_eq!(
        (shown.len(), shown[0].email.as_str(), shown[0].count),
        (1, BEA, 1)
    );
    assert_eq!(passkeys::list(&plane.cp, &bea).await.unwrap().others, None);
    passkeys::reset(&plane.cp, &ada, &of(&bea)).await.unwrap();
    assert!(matches!(door(&plane, BEA).await.unwrap(), Door::Open(_)));
    plane.clock.advance(Duration::minutes(16));
    let old = passkeys::reset(&plane.cp, &ada, &of(&bea))
        .await
        .unwrap_err();
    assert_eq!(old.to_api(), ApiError::SignInTooOld { minutes: 15 });
    assert_eq!(plane.count_events("passkey_removed").await, 1);
    plane.finish().await;
}

#[tokio::test]
async fn at_the_servers_own_host_everything_can_be_taken_away() {
    let plane = TestPlane::new().await;
    let ada = person(&plane, ADA, Role::Administrator, 1).await;
    enrol(&plane, &ada, &Authenticator::new(7)).await.unwrap();
    let refused = passkeys::remove_at_host(&plane.cp, &ada, ADA, REASON).await;
    assert_eq!(refused.unwrap_err().to_api(), ApiError::Unauthenticated);
    let host = plane.system();
    let count = passkeys::remove_at_host(&plane.cp, &host, ADA, REASON).await;
    assert_eq!(count.unwrap(), 1);
    assert!(matches!(door(&plane, ADA).await.unwrap(), Door::Open(_)));
    plane.finish().await;
}

#[tokio::test]
async fn an_address_without_passkeys_lets_nobody_in_by_the_password_alone() {
    let plane = TestPlane::with(|settings| {
        settings.base_url = "http://127.0.0.1:3000".to_owned();
        settings.require_passkey = true;
    })
    .await;
    let ada = person(&plane, ADA, Role::Viewer, 1).await;
    assert_eq!(problem(door(&plane, ADA).await), PasskeyProblem::Unusable);
    let shown = passkeys::list(&plane.cp, &ada).await.unwrap();
    assert!(!shown.usable && shown.required);
    plane.finish().await;
}
