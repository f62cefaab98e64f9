//! One review: progress, items, and the sign-off.

use domain::form::query::ReviewQuery;
use domain::review::ReviewState;
use domain::view::review::ReviewDetail;
use leptos::prelude::*;

use super::{covers, items, progress};
use crate::format::address;
use crate::rpc::reviews::{DecideReviewItem, SignReviewOff, get_review};
use crate::session::Viewer;
use crate::ui::prelude::*;

/// The review of the address.
#[component]
pub(crate) fn ReviewPage() -> impl IntoView {
    let query = ReviewQuery {
        show: asked("show"),
        cursor: asked("cursor"),
    };
    load(
        get_review(part("number"), query.clone()),
        move |found, viewer| body(&found, &query, &viewer),
    )
}

fn body(found: &ReviewDetail, query: &ReviewQuery, viewer: &Viewer) -> AnyView {
    let (row, now) = (&found.row, viewer.now());
    let title = format!("Access review {}", row.number);
    let badge = view! { <Status tone=row.state.tone() label=row.state.label() boxed=true/> };
    let sub = format!(
        "{}, as it was when {} started it. Not used means: not for {} days.",
        covers(row.team.as_ref()),
        row.started_by,
        found.idle_days
    );
    let path = format!("/reviews/{}", row.number);
    let here = address(&path, &[("show", &query.show)]);
    let other = if query.show == "undecided" {
        view! { <a href=path.clone()>"Show all"</a> }.into_any()
    } else {
        let href = address(&path, &[("show", "undecided")]);
        view! { <a href=href>"Show what is not decided"</a> }.into_any()
    };
    let content = if found.items.is_empty() {
        view! { <p class="soft">"Nothing is left here."</p> }.into_any()
    } else {
        items::table(found, now)
    };
    let (paged, next) = (!query.cursor.is_empty(), found.next.clone());
    let (summary, note) = (summary(found, viewer), progress(row));
    view! {
        <PageHead title=title badges=badge.into_any() sub=sub.into_any()/>
        <Live on="audit"/>
        <FormError error={refused::<DecideReviewItem>()}/>
        {reason_missing()}
        <FormError error={refused::<SignReviewOff>()}/>
        <div class="stack">
            {summary}
            <Section title="What is reviewed" id="items" note=note more=other>
                {content}
                <Pager next=next here=here paged=paged/>
            </Section>
        </div>
    }
    .into_any()
}

/// The form that was refused stands in a row, so the sentence about its field stands here.
fn reason_missing() -> Option<AnyView> {
    let problem = refused::<DecideReviewItem>().field("reason")?;
    let text = format!(
        "Reason: {} Keeping what was not used takes one of at least {} characters.",
        problem.message(),
        domain::approval::REASON_MIN
    );
    Some(view! { <p class="err">{text}</p> }.into_any())
}

fn summary(found: &ReviewDetail, viewer: &Viewer) -> AnyView {
    let (row, now) = (&found.row, viewer.now());
    let number = |value: u64| value.to_string().into_any();
    let started = row.started_at.clone();
    let mut cells = vec![
        ("Started", view! { <Time at=started now=now/> }.into_any()),
        ("Kept", number(found.kept)),
        ("Removed", number(found.removed)),
        ("Removal asked for", number(found.referred)),
        ("Gone already", number(found.gone)),
    ];
    if let (Some(by), Some(at)) = (row.signed_by.clone(), row.signed_at.clone()) {
        let signed = view! {
            {by}
            ", "
            <Time at=at now=now/>
        };
        cells.push(("Signed off by", signed.into_any()));
    }
    if let Some(digest) = row.digest.clone() {
        let hash = view! { <Hash value=digest kind=HashKind::Digest/> };
        cells.push(("Certificate", hash.into_any()));
    }
    let sign = sign(found);
    view! {
        <Strip cells=cells/>
        {sign}
    }
    .into_any()
}

fn sign(found: &ReviewDetail) -> Option<AnyView> {
    let row = &found.row;
    if row.state == ReviewState::Signed {
        let href = format!("/api/v1/reviews/{}/certificate", row.number);
        return Some(
            view! { <LinkButton href=href label="Certificate" icon="download"/> }.into_any(),
        );
    }
    if !found.can_decide {
        return None;
    }
    if row.decided < row.items {
        let why = "Every access must be decided first. Nobody decides about their own, so that takes a second administrator.";
        return Some(view! { <Unavailable label="Sign off" why=why/> }.into_any());
    }
    let number = row.number.to_string();
    Some(
        view! {
            <Post to={url::<SignReviewOff>()}>
                <Hidden name="number" value=number/>
                <Submit label="Sign off" busy_label="Signing…" kind=Kind::Primary icon="stamp"/>
            </Post>
        }
        .into_any(),
    )
}
