//! "Which programs act as me, and which of their tokens does nobody use?"

use domain::tone::Tone;
use domain::view::sign_in::{TokenRow, Tokens};
use leptos::prelude::*;

use super::tokens::{self, HEADS, Life, life};
use crate::format::{Now, counted, length};
use crate::rpc::sign_in::{RevokeToken, list_tokens};
use crate::session::Viewer;
use crate::ui::prelude::*;

/// All of it.
#[component]
pub(crate) fn TokensPage() -> impl IntoView {
    load(list_tokens(), move |found, viewer| body(found, &viewer))
}

fn body(found: Tokens, viewer: &Viewer) -> AnyView {
    let now = viewer.now();
    let sub = "A token acts as its person, with the roles that person has at that moment and no more. It never decides.";
    let others = found
        .others
        .map(|rows| section("Tokens of others", "others", rows, true, now));
    view! {
        <PageHead title="API tokens" sub=sub.into_any()/>
        {tokens::made(now)}
        <FormError error={refused::<RevokeToken>()}/>
        <div class="cols">
            <div class="stack">
                {section("Your tokens", "own", found.own, false, now)}
                {others}
            </div>
            <div class="stack stack--4">{tokens::panel()}</div>
        </div>
    }
    .into_any()
}

fn section(
    title: &'static str,
    id: &'static str,
    rows: Vec<TokenRow>,
    of_others: bool,
    now: Now,
) -> AnyView {
    let note = counted(length(&rows), "token", "tokens");
    let content = if rows.is_empty() {
        view! {
            <Empty icon="key-round" title="No token yet">
                <p class="soft">"A token lets a program use the API as its person."</p>
            </Empty>
        }
        .into_any()
    } else {
        let rows: Vec<_> = rows
            .into_iter()
            .map(|row| line(row, of_others, now))
            .collect();
        view! {
            <Table caption=title heads=HEADS class="tbl--stack tbl--top">
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <Section title=title id=id note=note>
            {content}
        </Section>
    }
    .into_any()
}

fn line(row: TokenRow, of_others: bool, now: Now) -> AnyView {
    let state = match (row.revoked_at.is_some(), row.expired) {
        (true, _) => view! { <Status tone=Tone::Unknown label="Revoked"/> },
        (false, true) => view! { <Status tone=Tone::Unknown label="Ended"/> },
        (false, false) => view! { <Status tone=Tone::Ok label="Valid"/> },
    };
    let open = row.revoked_at.is_none() && !row.expired;
    let act = open.then(|| {
        view! {
            <Post to={url::<RevokeToken>()}>
                <Hidden name="id" value=row.id/>
                <Submit label="Revoke token" busy_label="Revoking…"/>
            </Post>
        }
        .into_any()
    });
    let times = Life {
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
    };
    let cells = life(state.into_any(), times, act, now);
    let whose = of_others.then(|| view! { <span class="sub wrap">{row.person}</span> });
    view! {
        <tr>
            <th scope="row" class="wide wrap">
                {row.name}
                <span class="sub">
                    <code>{format!("{}…", row.prefix)}</code>
                    {format!(" · {}", row.scopes)}
                </span>
                {whose}
            </th>
            {cells}
        </tr>
    }
    .into_any()
}
