//! "How do I stop this identity, for now or for good?"

use domain::identity::TOKEN_SECONDS;
use domain::view::identity::IdentityDetail;
use leptos::prelude::*;

use crate::rpc::identities::{ResumeIdentity, RevokeIdentity, RotateIdentity, SuspendIdentity};
use crate::ui::prelude::*;
use crate::ui::step::{Step, step};

/// The field that says which identity.
const ABOUT: &str = "client_id";

/// The ways to stop it and to let it go on, for whoever may.
pub(super) fn of(found: &IdentityDetail) -> Option<AnyView> {
    if !(found.can_revoke || found.can_suspend || found.can_resume || found.can_rotate) {
        return None;
    }
    let client = &found.row.client_id;
    Some(
        view! {
            <section class="stack stack--3" aria-label="Actions">
                {found.can_resume.then(|| resume(client, found.quarantined))}
                {found.can_suspend.then(|| suspend(client))} {found.can_rotate.then(|| rotate(client))}
                {found.can_revoke.then(|| revoke(client))}
                <p class="hint">
                    "To stop its runtime too, " <a href="/incidents">"open an incident"</a>
                    " and quarantine the agent."
                </p>
            </section>
        }
        .into_any(),
    )
}

fn suspend(client: &str) -> AnyView {
    let suspend = Step {
        label: "Suspend for now…".to_owned(),
        form: "suspend",
        says: format!(
            "It can do nothing from now on: no token is given, and introspection and access decisions say no within 5 seconds. {}The agent goes on running. Whoever may roll back can let it act again.",
            until()
        ),
        hint: "Why. Kept in the audit trail.",
        button: "Suspend identity".to_owned(),
        busy: "Suspending…",
        icon: "circle-pause",
        kind: Kind::Plain,
    };
    let error = refused::<SuspendIdentity>();
    step(suspend, url::<SuspendIdentity>(), error, (ABOUT, client))
}

fn resume(client: &str, quarantined: bool) -> AnyView {
    let says = if quarantined {
        "It is in quarantine beside that, and acts again when that is released."
    } else {
        "It can act again as soon as its provider has answered, with the scopes that were approved."
    };
    let resume = Step {
        label: "Let it act again…".to_owned(),
        form: "resume",
        says: says.to_owned(),
        hint: "What was found. Kept in the audit trail.",
        button: "Let it act again".to_owned(),
        busy: "Asking…",
        icon: "play",
        kind: Kind::Primary,
    };
    let error = refused::<ResumeIdentity>();
    step(resume, url::<ResumeIdentity>(), error, (ABOUT, client))
}

fn rotate(client: &str) -> AnyView {
    let rotate = Step {
        label: "Give it another key…".to_owned(),
        form: "rotate",
        says: "The agent finds the new key where the old one was, and goes on. Nothing that the old one signs counts then; tokens that are out live to their end.".to_owned(),
        hint: "Why. Kept in the audit trail.",
        button: "Give it another key".to_owned(),
        busy: "Asking…",
        icon: "rotate-ccw-key",
        kind: Kind::Plain,
    };
    let error = refused::<RotateIdentity>();
    step(rotate, url::<RotateIdentity>(), error, (ABOUT, client))
}

fn revoke(client: &str) -> AnyView {
    let revoke = Step {
        label: "Revoke this identity…".to_owned(),
        form: "revoke",
        says: format!(
            "It ends for good, now: no token is given, and introspection and access decisions say no within 5 seconds. {}The agent goes on running without an identity; another deployment or a rollback gives it a new one.",
            until()
        ),
        hint: "Why. Kept in the audit trail.",
        button: "Revoke identity".to_owned(),
        busy: "Revoking…",
        icon: "ban",
        kind: Kind::DangerSolid,
    };
    let error = refused::<RevokeIdentity>();
    step(revoke, url::<RevokeIdentity>(), error, (ABOUT, client))
}

/// How long tokens that are out can pass where nobody asks us.
fn until() -> String {
    let minutes = TOKEN_SECONDS / 60;
    format!(
        "Programs that only check the signature of a token take one that is out for at most {minutes} minutes. "
    )
}
