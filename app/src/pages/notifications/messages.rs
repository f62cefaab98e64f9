//! The messages: what was sent to whom about what, how often it was tried, and what stood in the way.

use domain::notification::MessageState;
use domain::view::notification::MessageRow;
use domain::view::page::Page;
use leptos::prelude::*;

use crate::format::Now;
use crate::rpc::notifications::SendMessageAgain;
use crate::ui::prelude::*;

/// One page of messages, newest first, all of them or those in one state.
pub(super) fn section(page: Page<MessageRow>, state: &str, cursor: &str, now: Now) -> AnyView {
    let paged = !cursor.is_empty();
    let chosen: Option<MessageState> = state.parse().ok();
    let here = match chosen {
        Some(state) => format!("/notifications?state={state}"),
        None => "/notifications".to_owned(),
    };
    let content = if page.rows.is_empty() {
        empty(chosen)
    } else {
        let rows: Vec<_> = page.rows.into_iter().map(|row| line(row, now)).collect();
        view! {
            <Table
                caption="Messages, newest first"
                heads=&["Message", "To", "State", "#Tries", "Written, UTC"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <Section title="Messages" id="messages" note="Newest first" more=filters(chosen)>
            <FormError error={refused::<SendMessageAgain>()}/>
            {content}
            <Pager next=page.next here=here paged=paged/>
        </Section>
    }
    .into_any()
}

fn filters(chosen: Option<MessageState>) -> AnyView {
    let link = |state: Option<MessageState>, label: &'static str| {
        let href = match state {
            Some(state) => format!("/notifications?state={state}"),
            None => "/notifications".to_owned(),
        };
        let current = (state == chosen).then_some("true");
        view! { <a class="btn btn--sm btn--quiet" href=href aria-current=current>{label}</a> }
    };
    view! {
        {link(None, "All")}
        {link(Some(MessageState::Waiting), "Waiting")}
        {link(Some(MessageState::Dead), "Not sent")}
    }
    .into_any()
}

fn empty(chosen: Option<MessageState>) -> AnyView {
    let (title, why) = match chosen {
        Some(MessageState::Waiting) => ("Nothing waits", "Every message was sent or given up."),
        Some(MessageState::Dead) => (
            "Nothing was given up",
            "No message is without its receiver.",
        ),
        Some(MessageState::Sent) | None => (
            "No message yet",
            "A message appears here as soon as something happens that somebody asked to hear of.",
        ),
    };
    view! {
        <Empty icon="send" title=title>
            <p class="soft">{why}</p>
        </Empty>
    }
    .into_any()
}

fn line(row: MessageRow, now: Now) -> AnyView {
    let about = match (row.deployment, row.event) {
        (Some(number), _) => Some((
            format!("/deployments/{number}"),
            format!("Deployment #{number}"),
        )),
        (None, Some(event)) => Some((format!("/audit/{event}"), format!("Event {event}"))),
        (None, None) => None,
    };
    // A test message is about nothing but its channel.
    let subject = about
        .is_some()
        .then(|| format!("{} · ", row.subject.label()));
    let about = about.map(|(href, text)| view! { <a href=href>{text}</a> });
    let again = row.again.then(|| {
        view! {
            <Post to={url::<SendMessageAgain>()}>
                <Hidden name="id" value=row.id.clone()/>
                <Submit label="Send again" busy_label="Sending…" kind=Kind::Quiet icon="rotate-cw"/>
            </Post>
        }
    });
    let next = row.next_attempt_at.filter(|_| row.attempts > 0).map(|at| {
        view! { <span class="sub">"Next try " <Time at=at now=now/></span> }
    });
    view! {
        <tr>
            <th scope="row" class="wide">
                {row.title}
                <span class="sub">{subject} {about}</span>
            </th>
            <td data-label="To" class="wide">
                {row.to}
                <span class="sub">{row.kind.label()}</span>
            </td>
            <td data-label="State" class="wide">
                <Status tone=row.state.tone() label=row.state.label()/>
                {row.last_error.map(|why| view! { <span class="sub">{why}</span> })}
                {next}
                {again}
            </td>
            <td data-label="Tries" class="num">{row.attempts}</td>
            <td data-label="Written, UTC">
                <TimeCell at=row.created_at now=now/>
            </td>
        </tr>
    }
    .into_any()
}
