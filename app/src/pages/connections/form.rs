//! Making a connection, and the one moment when its secret is seen.

use domain::connection::ConnectionKind;
use domain::name::SLUG_MAX;
use domain::tone::Tone;
use leptos::prelude::*;

use crate::outcome::{Shown, shown};
use crate::pages::agents::SLUG_PATTERN;
use crate::rpc::connections::CreateConnection;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[
    ("name", "Name"),
    ("slug", "Short name"),
    ("kind", "Git host"),
    ("secret_reference", "Secret"),
];

/// The form.
pub(super) fn panel() -> AnyView {
    let error = refused::<CreateConnection>();
    let kinds = ConnectionKind::ALL
        .iter()
        .map(|kind| (kind.as_str().to_owned(), kind.label().to_owned()))
        .collect();
    view! {
        <Panel title="Connect a git host" id="connect">
            <div class="panel__b">
                <FormError error=error fields=FIELDS/>
                <Post to={url::<CreateConnection>()}>
                    <div class="form">
                        <Select name="kind" label="Git host" options=kinds error=error required=true/>
                        <Field
                            name="name"
                            label="Name"
                            error=error
                            hint="As people read it, such as Acme on GitHub."
                            required=true
                            max=80
                        />
                        <Field
                            name="slug"
                            label="Short name"
                            error=error
                            hint="Part of the webhook's address. Lower case and hyphens."
                            required=true
                            min=2
                            max=SLUG_MAX
                            pattern=SLUG_PATTERN
                            autocomplete="off"
                        />
                        <Field
                            name="secret_reference"
                            label="Secret"
                            error=error
                            hint="Empty to have one made. Or env:NAME to read it from the server's environment."
                            max=104
                            pattern="env:[A-Z0-9_]+"
                            autocomplete="off"
                        />
                        <Submit label="Connect git host" busy_label="Connecting…" kind=Kind::Primary/>
                    </div>
                </Post>
            </div>
        </Panel>
    }
    .into_any()
}

/// What was just made, with its secret.
pub(super) fn made() -> Option<AnyView> {
    let Some(Shown::Connected(made)) = shown() else {
        return None;
    };
    let secret = match made.secret {
        Some(secret) => view! {
            <p>"Its webhook secret is shown once, now:"</p>
            <Hash value=secret full=true/>
        }
        .into_any(),
        None => {
            view! { <p>"Its webhook secret is read from the server's environment."</p> }.into_any()
        }
    };
    Some(
        view! {
            <Once><NoticeBar tone=Tone::Ok>
                <div class="stack stack--3">
                    <p>
                        <b>{made.connection.name}</b> " is connected. Set the webhook of the repository to this path on this server:"
                    </p>
                    <Hash value=made.connection.webhook_path full=true/>
                    {secret}
                </div>
            </NoticeBar></Once>
        }
        .into_any(),
    )
}
