//! "With which devices do I prove that it is me?"

use domain::approval::{REASON_MAX, REASON_MIN};
use domain::error::ApiError;
use domain::passkey::{NAME_MAX, PasskeyProblem};
use domain::tone::Tone;
use domain::view::passkey::{PasskeyHolder, PasskeyRow, Passkeys};
use leptos::prelude::*;

use crate::format::{Now, counted, length};
use crate::rpc::passkeys::{AddPasskey, RemovePasskey, ResetPasskeys, list_passkeys};
use crate::session::Viewer;
use crate::ui::prelude::*;

const ADD: &[(&str, &str)] = &[("name", "Name"), ("password", "Your password")];
const RESET: &[(&str, &str)] = &[("id", "Person"), ("reason", "Reason")];

/// All of it.
#[component]
pub(crate) fn PasskeysPage() -> impl IntoView {
    load(list_passkeys(), move |found, viewer| body(found, &viewer))
}

fn body(found: Passkeys, viewer: &Viewer) -> AnyView {
    let now = viewer.now();
    let sub = if found.required {
        "Nobody signs in with a password alone here: a passkey is needed as well."
    } else {
        "Whoever has a passkey is asked for it after the password. It also confirms a decision."
    };
    let older = found.older_than;
    let others = found.others.map(|rows| others(rows, older, now));
    view! {
        <PageHead title="Passkeys" sub=sub.into_any()/>
        {problem()}
        <FormError error={refused::<RemovePasskey>()}/>
        <div class="cols">
            <div class="stack">{own(found.own, older, now)} {others}</div>
            <div class="stack stack--4">{add(found.usable, older)}</div>
        </div>
    }
    .into_any()
}

/// Why a passkey came to nothing, from the closed words of `?problem=`.
fn problem() -> Option<AnyView> {
    let word = asked("problem");
    let text = match word.as_str() {
        "" => return None,
        "sign_in_too_old" => "Confirm first that it is you: you signed in a while ago.".to_owned(),
        "too_many" => ApiError::TooMany.to_string(),
        "unauthenticated" => ApiError::Unauthenticated.to_string(),
        word => word.parse::<PasskeyProblem>().map_or_else(
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

fn own(rows: Vec<PasskeyRow>, older: Option<u32>, now: Now) -> AnyView {
    let note = counted(length(&rows), "passkey", "passkeys");
    let content = if rows.is_empty() {
        view! {
            <Empty icon="key-round" title="No passkey yet">
                <p class="soft">"Add one, and your password alone opens nothing any more."</p>
            </Empty>
        }
        .into_any()
    } else {
        let rows: Vec<_> = rows.into_iter().map(|row| line(row, older, now)).collect();
        view! {
            <Table caption="Your passkeys, oldest first" heads=&["Passkey", "Made, UTC", "Last used, UTC", ""] class="tbl--stack tbl--top">
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <Section title="Your passkeys" id="own" note=note>
            {content}
        </Section>
    }
    .into_any()
}

fn used(at: Option<String>, now: Now) -> AnyView {
    match at {
        Some(at) => view! { <TimeCell at=at now=now/> }.into_any(),
        None => "Never".into_any(),
    }
}

fn line(row: PasskeyRow, older: Option<u32>, now: Now) -> AnyView {
    let of = format!("-{}", row.id);
    view! {
        <tr>
            <th scope="row" class="wide wrap">
                {row.name}
            </th>
            <td data-label="Made, UTC">
                <TimeCell at=row.made_at now=now/>
            </td>
            <td data-label="Last used, UTC">{used(row.last_used_at, now)}</td>
            <td class="wide">
                <Danger label="Remove…" of=of>
                    <p class="soft">"It opens nothing any more, and cannot be brought back."</p>
                    <Post to={url::<RemovePasskey>()}>
                        <Hidden name="id" value=row.id/>
                        <Password older_than=older form="remove"/>
                        <Submit label="Remove passkey" busy_label="Removing…" kind=Kind::DangerSolid/>
                    </Post>
                </Danger>
            </td>
        </tr>
    }
    .into_any()
}

fn add(usable: bool, older: Option<u32>) -> AnyView {
    let error = refused::<AddPasskey>();
    let content = if usable {
        view! {
            <FormError error=error fields=ADD form="add"/>
            <Post to={url::<AddPasskey>()}>
                <div class="form">
                    <Field
                        name="name"
                        label="Name"
                        form="add"
                        error=error
                        hint="So that you tell it from others: \"Laptop\", \"Blue key\"."
                        required=true
                        max=NAME_MAX
                        autocomplete="off"
                    />
                    <Password older_than=older form="add" error=error/>
                    <div class="bar">
                        <Submit label="Add a passkey" busy_label="Opening…" kind=Kind::Primary/>
                    </div>
                </div>
            </Post>
        }
        .into_any()
    } else {
        view! { <p class="soft">{PasskeyProblem::Unusable.message()}</p> }.into_any()
    };
    view! {
        <Panel title="Add a passkey" id="add">
            <div class="panel__b stack stack--3">{content}</div>
        </Panel>
    }
    .into_any()
}

fn others(rows: Vec<PasskeyHolder>, older: Option<u32>, now: Now) -> AnyView {
    let note = counted(length(&rows), "person", "people");
    let content = if rows.is_empty() {
        view! {
            <Empty icon="users" title="Nobody else has one">
                <p class="soft">"Whoever adds a passkey shows here, and you can help them when it is lost."</p>
            </Empty>
        }
        .into_any()
    } else {
        let choices: Vec<_> = rows
            .iter()
            .map(|row| (row.id.clone(), format!("{} · {}", row.person, row.email)))
            .collect();
        let lines: Vec<_> = rows.into_iter().map(|row| holder(row, now)).collect();
        view! {
            <div class="stack stack--3">
                <Table caption="People with passkeys" heads=&["Person", "#Passkeys", "Last used, UTC"] class="tbl--stack">
                    {lines}
                </Table>
                {reset(choices, older)}
            </div>
        }
        .into_any()
    };
    view! {
        <Section title="Passkeys of others" id="others" note=note>
            {content}
        </Section>
    }
    .into_any()
}

fn holder(row: PasskeyHolder, now: Now) -> AnyView {
    view! {
        <tr>
            <th scope="row" class="wide wrap">
                {row.person}
                <span class="sub wrap">{row.email}</span>
            </th>
            <td data-label="Passkeys" class="num">{row.count}</td>
            <td data-label="Last used, UTC">{used(row.last_used_at, now)}</td>
        </tr>
    }
    .into_any()
}

/// For whoever lost theirs.
fn reset(choices: Vec<(String, String)>, older: Option<u32>) -> AnyView {
    let error = refused::<ResetPasskeys>();
    view! {
        <Danger label="Take somebody's passkeys away…" open=error.is_some()>
            <p class="soft">
                "All of them go. The person then signs in with their password alone, or is led to a new passkey where one is demanded. Be sure that it is they who asked."
            </p>
            <FormError error=error fields=RESET form="reset"/>
            <Post to={url::<ResetPasskeys>()}>
                <Select name="id" label="Person" form="reset" options=choices error=error required=true/>
                <TextArea
                    name="reason"
                    label="Reason"
                    form="reset"
                    error=error
                    hint="How you know that it is they. Kept in the audit trail."
                    required=true
                    min=REASON_MIN
                    max=REASON_MAX
                />
                <Password older_than=older form="reset" error=error/>
                <Submit label="Take the passkeys away" busy_label="Taking away…" kind=Kind::DangerSolid/>
            </Post>
        </Danger>
    }
    .into_any()
}
