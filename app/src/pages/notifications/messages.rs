//! The messages: what was sent to whom about what, how often it was tried, and what stood in the way.

use domain::form::query::MessageQuery;
use domain::notification::{ChannelKind, MessageState};
use domain::view::notification::{Channels, MessageRow};
use domain::view::page::Page;
use leptos::prelude::*;

use crate::format::{Now, address};
use crate::rpc::notifications::SendMessageAgain;
use crate::ui::prelude::*;

/// Over what messages can have gone: the word of the address, and the name.
pub(super) fn over(channels: &Channels) -> Vec<(String, String)> {
    let mut over = vec![
        (String::new(), "All channels".to_owned()),
        (
            ChannelKind::Email.as_str().to_owned(),
            ChannelKind::Email.label().to_owned(),
        ),
    ];
    let added = channels.channels.iter();
    over.extend(added.map(|row| {
        (
            row.id.clone(),
            format!("{} ({})", row.name, row.kind.label()),
        )
    }));
    over
}

fn place(query: &MessageQuery, state: Option<MessageState>) -> String {
    let state = state.map_or("", MessageState::as_str);
    address(
        "/notifications",
        &[("state", state), ("channel", &query.channel)],
    )
}

/// One page of messages, newest first, all of them or those in one state, over one channel.
pub(super) fn section(
    page: Page<MessageRow>,
    query: &MessageQuery,
    over: Vec<(String, String)>,
    now: Now,
) -> AnyView {
    let paged = !query.cursor.is_empty();
    let chosen: Option<MessageState> = query.state.parse().ok();
    let here = place(query, chosen);
    let content = if page.rows.is_empty() {
        empty(chosen, !query.channel.is_empty())
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
    let (states, over) = (filters(query, chosen), channel(query, chosen, over));
    view! {
        <Section title="Messages" id="messages" note="Newest first" more=states>
            {over}
            <FormError error={refused::<SendMessageAgain>()}/>
            {content}
            <Pager next=page.next here=here paged=paged/>
        </Section>
    }
    .into_any()
}

/// Which channel, beside the state that is chosen. A removed one stays chosen as long as the address names it.
fn channel(
    query: &MessageQuery,
    chosen: Option<MessageState>,
    mut over: Vec<(String, String)>,
) -> AnyView {
    if !over.iter().any(|(word, _)| *word == query.channel) {
        over.push((query.channel.clone(), "A removed channel".to_owned()));
    }
    let state = chosen.map(|state| {
        view! { <input type="hidden" name="state" value=state.as_str()/> }
    });
    let clear = (!query.channel.is_empty()).then(|| {
        let all = MessageQuery::default();
        view! { <a href=place(&all, chosen)>"Clear filters"</a> }
    });
    view! {
        <form class="filters" method="get" action="/notifications" aria-label="Filters">
            {state}
            <Select name="channel" label="Channel" options=over value=query.channel.clone() plain=true/>
            <button class="btn" type="submit">
                <Icon name="list-filter"/>
                "Apply"
            </button>
            {clear}
        </form>
    }
    .into_any()
}

fn filters(query: &MessageQuery, chosen: Option<MessageState>) -> AnyView {
    let link = |state: Option<MessageState>, label: &'static str| {
        let href = place(query, state);
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

fn empty(chosen: Option<MessageState>, over_one: bool) -> AnyView {
    if over_one {
        return view! {
            <Empty icon="search" title="No message matches these filters">
                <p class="soft">"Nothing that you may see went over this channel, or it is in another state."</p>
                <LinkButton href="/notifications" label="Clear filters"/>
            </Empty>
        }
        .into_any();
    }
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
