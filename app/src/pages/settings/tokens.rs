//! API tokens of this person. A token never decides an approval, and its text is seen once.

use domain::tone::Tone;
use leptos::prelude::*;

use crate::format::Now;
use crate::outcome::{Shown, shown};
use crate::rpc::people::CreateToken;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[("name", "Name"), ("scopes", "May"), ("days", "Days")];

/// What a token may be made for.
pub(super) fn scopes() -> Vec<(String, String)> {
    [
        ("read", "Read"),
        ("read write", "Read and write"),
        ("access", "Ask for access decisions and report accesses"),
    ]
    .map(|(word, label)| (word.to_owned(), label.to_owned()))
    .to_vec()
}

/// The form.
pub(super) fn panel() -> AnyView {
    let error = refused::<CreateToken>();
    view! {
        <Panel title="API token" id="tokens">
            <div class="panel__b stack stack--3">
                <p class="soft">
                    "Acts as you, with no more than your roles. It cannot decide approvals or administer Clearance."
                </p>
                    <FormError error=error fields=FIELDS form="token"/>
                    <Post to={url::<CreateToken>()}>
                        <div class="form">
                            <Field name="name" label="Name" form="token" error=error hint="What uses it." required=true max=80 autocomplete="off"/>
                            <Select name="scopes" label="May" form="token" options=scopes() error=error required=true/>
                            <Field name="days" label="Days" form="token" error=error hint="1 to 90, then it ends by itself." kind="number" value="30" required=true/>
                            <div class="bar">
                                <Submit label="Make token" busy_label="Making…" icon="key-round"/>
                            </div>
                        </div>
                    </Post>
            </div>
        </Panel>
    }
    .into_any()
}

/// The life of a token, of whichever kind.
pub(super) struct Life {
    /// RFC 3339, as the others.
    pub(super) created_at: String,
    pub(super) expires_at: String,
    pub(super) last_used_at: Option<String>,
}

/// The headings that [`life`] fills, behind the token's own.
pub(super) const HEADS: &[&str] = &[
    "Token",
    "State",
    "Made, UTC",
    "Ends, UTC",
    "Last used, UTC",
    "",
];

/// The cells of a token's row behind its name: how it stands, its times, and what can be done.
pub(super) fn life(state: AnyView, life: Life, act: Option<AnyView>, now: Now) -> AnyView {
    let used = match life.last_used_at {
        Some(at) => view! { <TimeCell at=at now=now/> }.into_any(),
        None => "Never".into_any(),
    };
    view! {
        <td data-label="State">{state}</td>
        <td data-label="Made, UTC">
            <TimeCell at=life.created_at now=now/>
        </td>
        <td data-label="Ends, UTC">
            <TimeCell at=life.expires_at now=now/>
        </td>
        <td data-label="Last used, UTC">{used}</td>
        <td class="wide">{act}</td>
    }
    .into_any()
}

/// The token that was just made.
pub(super) fn made(now: Now) -> Option<AnyView> {
    let Some(Shown::TokenMade(token)) = shown() else {
        return None;
    };
    Some(
        view! {
            <Once><NoticeBar tone=Tone::Ok icon="key-round">
                <div class="stack stack--3">
                    <p>
                        "The token " <b>{token.name}</b> " is shown once, now. It ends " <Time at=token.expires_at now=now/> "."
                    </p>
                    <Hash value=token.text full=true/>
                </div>
            </NoticeBar></Once>
        }
        .into_any(),
    )
}
