//! "Where am I signed in, and is all of that me?"

use domain::error::ApiError;
use domain::sign_in::ProviderProblem;
use domain::tone::Tone;
use domain::view::sign_in::{AccountRow, ProviderRow, SessionRow, Sessions};
use leptos::prelude::*;

use crate::format::{Now, counted, encode, length};
use crate::rpc::sign_in::{EndOtherSessions, EndSession, list_sessions};
use crate::session::Viewer;
use crate::ui::prelude::*;

const HERE: &str = "/settings/sessions";

/// All of it.
#[component]
pub(crate) fn SessionsPage() -> impl IntoView {
    load(list_sessions(), move |found, viewer| body(found, &viewer))
}

fn body(found: Sessions, viewer: &Viewer) -> AnyView {
    let now = viewer.now();
    let sub = "Whoever has an open browser of yours acts as you. End what you do not know; it ends at once, everywhere.";
    let others = found.others.map(|rows| others(rows, now));
    let accounts = (!found.providers.is_empty() || !found.accounts.is_empty())
        .then(|| accounts(found.accounts, found.providers, now));
    view! {
        <PageHead title="Sessions" sub=sub.into_any()/>
        {problem()}
        <FormError error={refused::<EndSession>()}/>
        <FormError error={refused::<EndOtherSessions>()}/>
        <div class="stack">
            {own(found.own, now)}
            {accounts}
            {others}
        </div>
    }
    .into_any()
}

/// Why a provider was asked in vain, from the closed words of `?problem=`.
fn problem() -> Option<AnyView> {
    let text = match asked("problem").as_str() {
        "" => return None,
        "sign_in_too_old" => {
            "You signed in a while ago. Sign out, sign in again, and link the account then."
                .to_owned()
        }
        word => word.parse::<ProviderProblem>().map_or_else(
            |_| ApiError::Internal.to_string(),
            |problem| problem.message().to_owned(),
        ),
    };
    Some(
        view! {
            <NoticeBar tone=Tone::Bad icon="circle-alert" alert=true>
                <p>{text}</p>
            </NoticeBar>
        }
        .into_any(),
    )
}

fn own(rows: Vec<SessionRow>, now: Now) -> AnyView {
    let note = counted(length(&rows), "open", "open");
    let more = rows.iter().any(|row| !row.this);
    let rows: Vec<_> = rows.into_iter().map(|row| line(row, false, now)).collect();
    let all = more.then(|| {
        view! {
            <Post to={url::<EndOtherSessions>()}>
                <Submit label="End all others" busy_label="Ending…"/>
            </Post>
        }
    });
    view! {
        <Section title="Your sessions" id="own" note=note>
            <div class="stack stack--3">
                <Table caption="Your open sessions, last used first" heads=&["Device", "From", "Signed in, UTC", "Last seen, UTC", ""] class="tbl--stack">
                    {rows}
                </Table>
                {all}
            </div>
        </Section>
    }
    .into_any()
}

fn others(rows: Vec<SessionRow>, now: Now) -> AnyView {
    let note = counted(length(&rows), "open", "open");
    let content = if rows.is_empty() {
        view! {
            <Empty icon="users" title="Nobody else is signed in">
                <p class="soft">"Sessions of other people show here while they are open."</p>
            </Empty>
        }
        .into_any()
    } else {
        let rows: Vec<_> = rows.into_iter().map(|row| line(row, true, now)).collect();
        view! {
            <Table caption="Open sessions of others, last used first" heads=&["Person", "From", "Signed in, UTC", "Last seen, UTC", ""] class="tbl--stack">
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <Section title="Sessions of others" id="others" note=note>
            {content}
        </Section>
    }
    .into_any()
}

fn line(row: SessionRow, of_others: bool, now: Now) -> AnyView {
    let (head, sub) = if of_others {
        (row.person, format!("{} · {}", row.email, row.device))
    } else {
        (row.device, row.by.clone())
    };
    let act = if row.this {
        view! { <Status tone=Tone::Ok label="This one"/> }.into_any()
    } else {
        view! {
            <Post to={url::<EndSession>()}>
                <Hidden name="id" value=row.id/>
                <Submit label="End session" busy_label="Ending…"/>
            </Post>
        }
        .into_any()
    };
    view! {
        <tr>
            <th scope="row" class="wide wrap">
                {head}
                <span class="sub wrap">{sub}</span>
            </th>
            <td data-label="From">{row.from}</td>
            <td data-label="Signed in, UTC">
                <TimeCell at=row.started_at now=now/>
            </td>
            <td data-label="Last seen, UTC">
                <TimeCell at=row.seen_at now=now/>
            </td>
            <td class="wide">{act}</td>
        </tr>
    }
    .into_any()
}

fn accounts(rows: Vec<AccountRow>, providers: Vec<ProviderRow>, now: Now) -> AnyView {
    let linked: Vec<String> = rows.iter().map(|row| row.provider.clone()).collect();
    let rows: Vec<_> = rows
        .into_iter()
        .map(|row| {
            view! {
                <tr>
                    <th scope="row">{row.provider}</th>
                    <td data-label="Known there as" class="wide wrap">
                        <code>{row.subject}</code>
                    </td>
                    <td data-label="Linked, UTC">
                        <TimeCell at=row.linked_at now=now/>
                    </td>
                    <td data-label="Last used, UTC">
                        <TimeCell at=row.last_used_at now=now/>
                    </td>
                </tr>
            }
        })
        .collect();
    let table = (!rows.is_empty()).then(|| {
        view! {
            <Table caption="Accounts at sign-in providers" heads=&["Provider", "Known there as", "Linked, UTC", "Last used, UTC"] class="tbl--stack">
                {rows}
            </Table>
        }
    });
    let links: Vec<_> = providers
        .into_iter()
        .filter(|provider| !linked.contains(&provider.label))
        .map(|provider| {
            let href = format!(
                "/sign-in/with/{}?for=link&next={}",
                provider.id,
                encode(HERE)
            );
            let label = format!("Link your account at {}", provider.label);
            view! { <a class="btn" rel="external" href=href>{label}</a> }
        })
        .collect();
    view! {
        <Section title="Accounts you sign in with" id="accounts">
            <div class="stack stack--3">
                {table}
                <div class="bar">{links}</div>
            </div>
        </Section>
    }
    .into_any()
}
