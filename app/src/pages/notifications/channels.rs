//! The channels, each with a test and a way out of use.

use domain::notification::Subject;
use domain::tone::Tone;
use domain::view::notification::ChannelRow;
use leptos::prelude::*;

use crate::format::{Now, counted, length};
use crate::rpc::notifications::{RemoveChannel, TestChannel};
use crate::ui::prelude::*;

/// Says that nobody gets mail, where it is so.
pub(super) fn mail(configured: bool) -> Option<AnyView> {
    (!configured).then(|| {
        view! {
            <NoticeBar tone=Tone::Unknown>
                <p>"No mail server is configured, so nobody is told by e-mail. Channels work without one."</p>
            </NoticeBar>
        }
        .into_any()
    })
}

/// Every channel.
pub(super) fn section(rows: Vec<ChannelRow>, now: Now) -> AnyView {
    let note = counted(length(&rows), "channel", "channels");
    let content = if rows.is_empty() {
        view! {
            <Empty icon="radio" title="No channel yet">
                <p class="soft">
                    "A channel tells a chat or a program of yours what happens to the agents of one team, or of all. Its address comes from there: make an incoming webhook first."
                </p>
            </Empty>
        }
        .into_any()
    } else {
        let rows: Vec<_> = rows.into_iter().map(|row| line(row, now)).collect();
        view! {
            <Table
                caption="Channels"
                heads=&["Name", "About", "Tells of", "Added, UTC", "Actions"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <Section title="Channels" id="channels" note=note>
            {content}
        </Section>
    }
    .into_any()
}

fn line(row: ChannelRow, now: Now) -> AnyView {
    let subjects: Vec<&str> = row.subjects.iter().map(|s| Subject::label(*s)).collect();
    let about = if row.team.is_empty() {
        "Every team".to_owned()
    } else {
        row.team.clone()
    };
    let actions = if row.administers {
        actions(row.id, &row.name)
    } else {
        view! { <span class="muted">"For administrators"</span> }.into_any()
    };
    view! {
        <tr>
            <th scope="row" class="wide">
                {row.name}
                <span class="sub">{format!("{}, added by {}", row.kind.label(), row.created_by)}</span>
            </th>
            <td data-label="About">{about}</td>
            <td data-label="Tells of" class="wide">{subjects.join(", ")}</td>
            <td data-label="Added, UTC">
                <TimeCell at=row.created_at now=now/>
            </td>
            <td data-label="Actions" class="wide">{actions}</td>
        </tr>
    }
    .into_any()
}

fn actions(id: String, name: &str) -> AnyView {
    let (tested, remove, of) = (id.clone(), format!("Remove {name}…"), format!("-{id}"));
    view! {
        <div class="stack stack--3">
            <Post to={url::<TestChannel>()}>
                <Hidden name="id" value=tested/>
                <Submit label="Send a test" busy_label="Sending…" icon="send"/>
            </Post>
            <Danger label=remove of=of>
                <Post to={url::<RemoveChannel>()}>
                    <Hidden name="id" value=id/>
                    <div class="form">
                        <p class="hint">"Its address is forgotten, and what waits for it is not sent. It cannot be brought back, only added anew."</p>
                        <Submit label="Remove channel" busy_label="Removing…" kind=Kind::DangerSolid/>
                    </div>
                </Post>
            </Danger>
        </div>
    }
    .into_any()
}
