//! "Should this exact version go live?"

mod attention;
mod changes;
mod code;
mod decision;
mod evidence;
mod forms;
mod gates;
mod take_back;
mod talk;

use domain::approval::ApprovalState;
use domain::tone::Tone;
use domain::view::approval::ApprovalDetail;
use leptos::prelude::*;

use crate::format::{Moment, Now, pretty};
use crate::pages::audit::history;
use crate::pages::changes::text;
use crate::pages::post_reviews;
use crate::rpc::approvals::get_approval;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// One approval.
#[component]
pub(crate) fn ApprovalPage() -> impl IntoView {
    load(get_approval(part("number")), move |found, viewer| {
        body(&found, &viewer)
    })
}

fn body(found: &ApprovalDetail, viewer: &Viewer) -> AnyView {
    let now = viewer.now();
    view! {
        <Live on=format!("approval:{0} deployment:{0}", found.row.number) pin=found.manifest_digest.clone()/>
        {head(found, now)}
        {stale(found)}
        {found.break_glass.as_ref().map(|mark| post_reviews::mark(mark, now))}
        <div class="cols">
            <div class="stack">
                {attention::list(found)}
                {changes::section(found)}
                {text::section(&found.diff)}
                {evidence::evaluation(found)}
                {evidence::vulnerabilities(found)}
                {gates::section(found)}
                {code::section(found)}
                {attention::rollback(found)}
                {talk::comments(found, now)}
                {talk::rounds(found, now)}
                {manifest(found)}
            </div>
            {decision::panel(found, now)}
        </div>
        {jump(found, now)}
    }
    .into_any()
}

fn head(found: &ApprovalDetail, now: Now) -> AnyView {
    let row = &found.row;
    let open = row.state == ApprovalState::Open;
    let words = if open {
        format!("{}, {} of {}", row.state.label(), row.approvals, row.quorum)
    } else {
        row.state.label().to_owned()
    };
    let round = (row.round > 1)
        .then(|| view! { <span class="tag">{format!("Round {}", row.round)}</span> });
    let badges = view! {
        <Status tone=row.state.tone() label=words boxed=true/>
        <span class="tag">{format!("#{}", row.number)}</span>
        {round}
    };
    let committer =
        (found.committer != found.author).then(|| format!(", committed by {}", found.committer));
    let sub = view! {
        {format!("Requested by {} for ", found.requested_by)}
        <a href=format!("/agents/{}", row.agent)>{row.agent.clone()}</a>
        {format!(" ({}), ", row.team)}
        <Time at=row.requested_at.clone() now=now ago=true/>
        {format!(". Written by {}", found.author)}
        {committer}
        ". "
        <a href=format!("/deployments/{}", row.number)>{format!("Deployment #{}", row.number)}</a>
    };
    let title = format!(
        "Deploy {} v{} to {}?",
        row.agent,
        row.version,
        found.environment.to_lowercase()
    );
    let events = history("approval", &row.number.to_string());
    let actions = view! { <LinkButton href=events label="History"/> };
    view! {
        <PageHead
            title=title
            badges=badges.into_any()
            sub=sub.into_any()
            actions=actions.into_any()
        />
    }
    .into_any()
}

/// The manifest changed after people were asked: nobody can decide any more, and here is what differs.
fn stale(found: &ApprovalDetail) -> AnyView {
    if let (ApprovalState::Open, Some(again)) = (found.row.state, found.rounds.last())
        && again.round > 1
        && !again.changed.is_empty()
    {
        let fields = format!("Asked again: {} changed.", again.changed.join(", "));
        return view! {
            <NoticeBar tone=Tone::Wait>
                <p>
                    <b>{fields}</b>
                    " Decisions about the manifest of before do not count. "
                    <a href="#rounds">"See every round"</a>
                </p>
            </NoticeBar>
        }
        .into_any();
    }
    if found.row.state != ApprovalState::Stale {
        return ().into_any();
    }
    let fields = if found.stale_fields.is_empty() {
        "The manifest changed after this was asked.".to_owned()
    } else {
        format!(
            "The manifest changed after this was asked: {}.",
            found.stale_fields.join(", ")
        )
    };
    view! {
        <NoticeBar tone=Tone::Bad>
            <p>
                <b>{fields}</b>
                " No decision about it counts."
            </p>
        </NoticeBar>
    }
    .into_any()
}

/// All of what is approved, byte for byte under one digest.
fn manifest(found: &ApprovalDetail) -> AnyView {
    let text = pretty(&found.manifest);
    view! {
        <details class="more" id="manifest">
            <summary>
                <Icon name="chevron-right" small=true/>
                "The whole manifest"
                <span class="muted">"What the digest is of, indented for reading"</span>
            </summary>
            <pre class="code" tabindex="0" role="region" aria-label="Manifest">{text}</pre>
        </details>
    }
    .into_any()
}

/// On a phone the decision is far below.
fn jump(found: &ApprovalDetail, now: Now) -> AnyView {
    if found.row.state != ApprovalState::Open {
        return ().into_any();
    }
    let expires = Moment::parse(&found.row.expires_at).map(|at| at.relative(now));
    let text = expires.map(|words| format!("Expires {words}"));
    view! {
        <div class="jump">
            <span class="soft">{text}</span>
            <a class="btn push" rel="external" href="#decide">"Go to decision"</a>
        </div>
    }
    .into_any()
}
