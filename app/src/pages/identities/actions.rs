//! "How do I stop this identity, for now or for good?"

use domain::identity::TOKEN_SECONDS;
use domain::view::identity::IdentityDetail;
use leptos::prelude::*;

use crate::rpc::identities::{ResumeIdentity, RevokeIdentity, RotateIdentity, SuspendIdentity};
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[("reason", "Reason")];

/// The ways to stop it and to let it go on, for whoever may.
pub(super) fn of(found: &IdentityDetail) -> Option<AnyView> {
    if !(found.can_revoke || found.can_suspend || found.can_resume || found.can_rotate) {
        return None;
    }
    let client = || found.row.client_id.clone();
    Some(
        view! {
            <section class="stack stack--3" aria-label="Actions">
                {found.can_resume.then(|| resume(client(), found.quarantined))}
                {found.can_suspend.then(|| suspend(client()))} {found.can_rotate.then(|| rotate(client()))}
                {found.can_revoke.then(|| revoke(client()))}
                <p class="hint">
                    "To stop its runtime too, " <a href="/incidents">"open an incident"</a>
                    " and quarantine the agent."
                </p>
            </section>
        }
        .into_any(),
    )
}

fn suspend(client: String) -> AnyView {
    let error = refused::<SuspendIdentity>();
    view! {
        <Danger label="Suspend for now…" open=error.is_some()>
            <p>
                "It can do nothing from now on: no token is given, and introspection and access decisions say no within 5 seconds. "
                {until()} "The agent goes on running. Whoever may roll back can let it act again."
            </p>
            <FormError error=error fields=FIELDS form="suspend"/>
            <Post to={url::<SuspendIdentity>()}>
                <Hidden name="client_id" value=client/>
                <Reason form="suspend" error=error hint="Why. Kept in the audit trail."/>
                <Submit label="Suspend identity" busy_label="Suspending…" icon="circle-pause"/>
            </Post>
        </Danger>
    }
    .into_any()
}

fn resume(client: String, quarantined: bool) -> AnyView {
    let error = refused::<ResumeIdentity>();
    let note = if quarantined {
        "It is in quarantine beside that, and acts again when that is released."
    } else {
        "It can act again as soon as its provider has answered, with the scopes that were approved."
    };
    view! {
        <Danger label="Let it act again…" open=error.is_some()>
            <p>{note}</p>
            <FormError error=error fields=FIELDS form="resume"/>
            <Post to={url::<ResumeIdentity>()}>
                <Hidden name="client_id" value=client/>
                <Reason form="resume" error=error hint="What was found. Kept in the audit trail."/>
                <Submit label="Let it act again" busy_label="Asking…" kind=Kind::Primary icon="play"/>
            </Post>
        </Danger>
    }
    .into_any()
}

fn rotate(client: String) -> AnyView {
    let error = refused::<RotateIdentity>();
    view! {
        <Danger label="Give it another key…" open=error.is_some()>
            <p>
                "The agent finds the new key where the old one was, and goes on. Nothing that the old one signs counts then; tokens that are out live to their end."
            </p>
            <FormError error=error fields=FIELDS form="rotate"/>
            <Post to={url::<RotateIdentity>()}>
                <Hidden name="client_id" value=client/>
                <Reason form="rotate" error=error hint="Why. Kept in the audit trail."/>
                <Submit label="Give it another key" busy_label="Asking…" icon="rotate-ccw-key"/>
            </Post>
        </Danger>
    }
    .into_any()
}

fn revoke(client: String) -> AnyView {
    let error = refused::<RevokeIdentity>();
    view! {
        <Danger label="Revoke this identity…" open=error.is_some()>
            <p>
                "It ends for good, now: no token is given, and introspection and access decisions say no within 5 seconds. "
                {until()}
                "The agent goes on running without an identity; another deployment or a rollback gives it a new one."
            </p>
            <FormError error=error fields=FIELDS form="revoke"/>
            <Post to={url::<RevokeIdentity>()}>
                <Hidden name="client_id" value=client/>
                <Reason form="revoke" error=error hint="Why. Kept in the audit trail."/>
                <Submit
                    label="Revoke identity"
                    busy_label="Revoking…"
                    kind=Kind::DangerSolid
                    icon="ban"
                />
            </Post>
        </Danger>
    }
    .into_any()
}

/// How long tokens that are out can pass where nobody asks us.
fn until() -> String {
    let minutes = TOKEN_SECONDS / 60;
    format!(
        "Programs that only check the signature of a token take one that is out for at most {minutes} minutes. "
    )
}
