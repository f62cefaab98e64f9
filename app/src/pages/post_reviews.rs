//! "Was it right to go on without the approval?"

use domain::approval::{REASON_MAX, REASON_MIN};
use domain::break_glass::{PostReviewState, incident_link};
use domain::form::break_glass::PostReviewForm;
use domain::tone::Tone;
use domain::view::break_glass::{BreakGlassMark, PostReviewDetail};
use leptos::prelude::*;

use crate::format::Now;
use crate::outcome::{Shown, shown};
use crate::rpc::break_glass::{ClosePostReview, get_post_review};
use crate::session::Viewer;
use crate::ui::field::FormProblem;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[("outcome", "Finding"), ("reason", "What you found")];

/// One post-review.
#[component]
pub(crate) fn PostReviewPage() -> impl IntoView {
    load(get_post_review(part("number")), move |found, viewer| {
        body(&found, &viewer)
    })
}

/// The siren while somebody must look at it, else the icon of the state.
pub(crate) fn status(state: PostReviewState, boxed: bool) -> AnyView {
    let icon = if state == PostReviewState::Due {
        "siren"
    } else {
        state.tone().icon()
    };
    view! { <Status tone=state.tone() label=state.label() icon=icon boxed=boxed/> }.into_any()
}

/// The sentence on whatever went on without an approval, until it is reviewed and after.
pub(crate) fn mark(mark: &BreakGlassMark, now: Now) -> AnyView {
    let due = mark.state.is_open().then(|| {
        view! {
            " Its review is due "
            <Time at=mark.due_at.clone() now=now ago=true/>
            "."
        }
    });
    let tone = match mark.state {
        PostReviewState::Due => Tone::Wait,
        PostReviewState::Overdue | PostReviewState::ReviewedViolation => Tone::Bad,
        PostReviewState::ReviewedOk => Tone::Idle,
    };
    let number = mark.number;
    let head = format!("#{} went on without approval. ", mark.deployment);
    let said = format!(
        "{} broke the glass: {}.",
        mark.broken_by,
        mark.state.label().to_lowercase()
    );
    view! {
        <NoticeBar tone=tone icon="siren">
            <p>
                <b>{head}</b>
                {said}
                {due}
                " "
                <a href=format!("/post-reviews/{number}")>{format!("PR-{number}")}</a>
            </p>
        </NoticeBar>
    }
    .into_any()
}

fn body(found: &PostReviewDetail, viewer: &Viewer) -> AnyView {
    let (row, now) = (&found.row, viewer.now());
    let badges = view! {
        {status(row.state, true)}
        <span class="tag">{format!("PR-{}", row.number)}</span>
    };
    let sub = view! {
        {format!("{} let ", row.broken_by)}
        <a href=format!("/deployments/{}", row.deployment)>{format!("deployment #{}", row.deployment)}</a>
        {format!(" of {} v{} ({}) go on without its approval, ", row.agent, row.version, row.team)}
        <Time at=row.broken_at.clone() now=now ago=true/>
        "."
    };
    view! {
        <PageHead
            title=format!("Was it right to let {} v{} through?", row.agent, row.version)
            badges=badges.into_any()
            sub=sub.into_any()
        />
        <Live on=format!("deployment:{}", row.deployment)/>
        <div class="cols">
            <div class="stack">
                {what(found, now)}
                {scope(found)}
            </div>
            {decision(found, now)}
        </div>
    }
    .into_any()
}

/// A number as it is; an address of the web as a link that tells nobody where it comes from.
fn incident(text: &str) -> AnyView {
    match incident_link(text) {
        Some(href) => {
            view! { <a class="wrap" href=href.to_owned() rel="noreferrer noopener external nofollow">{text.to_owned()}</a> }
                .into_any()
        }
        None => view! { <span class="wrap">{text.to_owned()}</span> }.into_any(),
    }
}

fn what(found: &PostReviewDetail, now: Now) -> AnyView {
    let row = &found.row;
    let used = match &found.used_at {
        Some(at) => view! { <Time at=at.clone() now=now/> }.into_any(),
        None => view! {
            "Not used. It lasted until " <Time at=found.permitted_until.clone() now=now/>
        }
        .into_any(),
    };
    let compared = if found.has_review_page {
        view! { <a href=format!("/approvals/{}", row.deployment)>"What people would have been asked: changes, evidence, gates"</a> }
            .into_any()
    } else {
        "Nobody was to be asked yet, so no comparison was made.".into_any()
    };
    let digest = found.manifest_digest.clone();
    let rows = vec![
        (
            "Reason",
            view! { <span class="wrap">{row.reason.clone()}</span> }.into_any(),
        ),
        ("Incident", incident(&row.incident)),
        (
            "Manifest",
            view! { <Hash value=digest full=true/> }.into_any(),
        ),
        ("Used", used),
        ("To compare", compared),
    ];
    view! {
        <Panel title="What happened" id="what">
            <div class="panel__b">
                <Facts rows=rows/>
            </div>
        </Panel>
    }
    .into_any()
}

fn scope(found: &PostReviewDetail) -> AnyView {
    let used = if found.used_at.is_some() {
        Tone::Ok
    } else {
        Tone::Idle
    };
    let items = vec![
        CheckItem::new(Tone::Ok, "Every gate that production needs was satisfied")
            .detail("Break-glass passes over no gate, whatever the emergency is."),
        CheckItem::new(
            used,
            "What went live had the digest that was typed, and an identity of its own",
        )
        .detail("The deployer compared it again at the moment of acting."),
        CheckItem::new(
            Tone::Wait,
            "Nobody approved it, and freezes did not hold it up",
        ),
    ];
    view! {
        <Panel title="What was passed over, and what was not" id="scope">
            <div class="panel__b">
                <Checklist items=items/>
            </div>
        </Panel>
    }
    .into_any()
}

fn decision(found: &PostReviewDetail, now: Now) -> AnyView {
    let row = &found.row;
    let foot = if !row.state.is_open() {
        closed(found, now)
    } else if let Some(rule) = row.excluded {
        view! {
            <div class="decide__b split">
                <p class="it strong">
                    <Icon name="ban"/>
                    {rule.message()}
                </p>
                <p class="soft">"Whoever had a part in it does not review it. This rule has no exception."</p>
            </div>
        }
        .into_any()
    } else {
        form(found)
    };
    let who = match found.can_review.as_slice() {
        [] => "Nobody is left who can close it. An administrator can give the approver role to somebody who had no part in it.".to_owned(),
        [one] => format!("{one} can close it."),
        [head @ .., last] => format!("{} or {last} can close it.", head.join(", ")),
    };
    let cannot: Vec<_> = found
        .cannot_review
        .iter()
        .map(|(name, rule)| CheckItem::new(Tone::Idle, format!("{name} {}", rule.of_other())))
        .collect();
    let open = row.state.is_open().then(|| {
        view! {
            <p>{who}</p>
            <Checklist items=cannot/>
            <Facts rows=vec![
                ("Due", view! { <Time at=row.due_at.clone() now=now ago=true/> }.into_any()),
                ("If nobody acts", format!(
                    "Nothing is undone. From then on no promotion of team {} starts, nor does anybody there break the glass again, until this is closed.",
                    row.team,
                ).into_any()),
            ]/>
        }
    });
    view! {
        <aside class="panel decide" id="decide" aria-labelledby="decide-h">
            <div class="panel__h">
                <h2 id="decide-h">"The review"</h2>
            </div>
            <div class="decide__b stack stack--3">{open}</div>
            {foot}
        </aside>
    }
    .into_any()
}

fn closed(found: &PostReviewDetail, now: Now) -> AnyView {
    let by = found.reviewed_by.clone().unwrap_or_default();
    let at = found
        .reviewed_at
        .clone()
        .map(|at| view! { <Time at=at now=now ago=true/> });
    let reason = found.review_reason.clone().unwrap_or_default();
    view! {
        <div class="decide__b stack stack--3">
            <p>
                {status(found.row.state, false)} " " {by} ", " {at}
            </p>
            <p class="wrap">{format!("“{reason}”")}</p>
        </div>
    }
    .into_any()
}

fn form(found: &PostReviewDetail) -> AnyView {
    let (typed, error) = match shown() {
        Some(Shown::StillOwed(typed, error)) if typed.number == found.row.number.to_string() => {
            (typed, FormProblem::new(Some(error)))
        }
        Some(_) | None => (PostReviewForm::default(), refused::<ClosePostReview>()),
    };
    let options = vec![
        (
            "ok".to_owned(),
            "It was right: the emergency was real".to_owned(),
        ),
        ("violation".to_owned(), "It broke a rule".to_owned()),
    ];
    let number = found.row.number.to_string();
    let older_than = found.sign_in_too_old;
    view! {
        <div class="decide__e">
            <FormError error=error fields=FIELDS form="close"/>
        </div>
        <Post to={url::<ClosePostReview>()}>
            <Hidden name="number" value=number/>
            <Select name="outcome" label="Finding" form="close" options=options value=typed.outcome error=error required=true/>
            <TextArea
                name="reason"
                value=typed.reason
                label="What you found"
                form="close"
                error=error
                hint=format!("Kept in the audit trail. At least {REASON_MIN} characters.")
                required=true
                min=REASON_MIN
                max=REASON_MAX
            />
            <Password older_than=older_than form="close" plain=true/>
            <Submit label="Close post-review" busy_label="Closing…" kind=Kind::Primary/>
        </Post>
    }
    .into_any()
}
