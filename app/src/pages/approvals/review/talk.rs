//! What was written while it waited, and what was asked before.

use domain::form::approval::COMMENT_MAX;
use domain::view::approval::{ApprovalDetail, CommentRow, RoundRow};
use leptos::prelude::*;

use crate::format::{Now, counted, length};
use crate::rpc::approvals::CommentApproval;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[("reason", "Comment")];

/// The comments, and the form for one more.
pub(super) fn comments(found: &ApprovalDetail, now: Now) -> AnyView {
    if found.comments.is_empty() && !found.can_comment {
        return ().into_any();
    }
    let note = counted(length(&found.comments), "comment", "comments");
    let round = found.row.round;
    let items: Vec<_> = found
        .comments
        .iter()
        .map(|comment| written(comment, round, now))
        .collect();
    let list = (!items.is_empty()).then(|| view! { <ul class="panel rows">{items}</ul> });
    let form = form(found);
    view! {
        <Section title="Comments" id="comments" note=note>
            <div class="stack stack--3">{list} {form}</div>
        </Section>
    }
    .into_any()
}

fn written(comment: &CommentRow, round: i32, now: Now) -> AnyView {
    let before = (comment.round != round).then(|| format!(", in round {}", comment.round));
    view! {
        <li>
            <b>{comment.name.clone()}</b>
            <span class="r muted">
                <Time at=comment.at.clone() now=now ago=true/>
                {before}
            </span>
            <span class="sub wrap">{comment.text.clone()}</span>
        </li>
    }
    .into_any()
}

fn form(found: &ApprovalDetail) -> Option<AnyView> {
    if !found.can_comment {
        return None;
    }
    let error = refused::<CommentApproval>();
    let number = found.row.number.to_string();
    Some(
        view! {
            <FormError error=error fields=FIELDS form="comment"/>
            <Post to={url::<CommentApproval>()}>
                <div class="form">
                    <Hidden name="number" value=number/>
                    <TextArea
                        name="reason"
                        label="Comment"
                        form="comment"
                        error=error
                        hint="A comment decides nothing. Kept in the audit trail."
                        required=true
                        max=COMMENT_MAX
                        rows=2
                    />
                    <div class="bar">
                        <Submit label="Add comment" busy_label="Adding…"/>
                    </div>
                </div>
            </Post>
        }
        .into_any(),
    )
}

/// Every time of asking, when there was more than one.
pub(super) fn rounds(found: &ApprovalDetail, now: Now) -> AnyView {
    if found.rounds.len() < 2 {
        return ().into_any();
    }
    let note = counted(length(&found.rounds), "round", "rounds");
    let rows: Vec<_> = found.rounds.iter().map(|round| asked(round, now)).collect();
    view! {
        <Section title="Asked before" id="rounds" note=note>
            <Table caption="Rounds of this approval" heads=&["Round", "Outcome", "Manifest", "What changed", "Asked, UTC"] class="tbl--stack">
                {rows}
            </Table>
        </Section>
    }
    .into_any()
}

fn asked(round: &RoundRow, now: Now) -> AnyView {
    let changed = match round.changed.as_slice() {
        [] => "First asked".to_owned(),
        fields => fields.join(", "),
    };
    view! {
        <tr>
            <th scope="row">{round.round.to_string()}</th>
            <td class="first">
                <Status tone=round.state.tone() label=round.state.label()/>
            </td>
            <td data-label="Manifest">
                <Hash value=round.manifest_digest.clone() kind=HashKind::Bare/>
            </td>
            <td data-label="What changed">{changed}</td>
            <td data-label="Asked, UTC">
                <TimeCell at=round.opened_at.clone() now=now/>
            </td>
        </tr>
    }
    .into_any()
}
