//! What is the same in every form: the refused attempt on top, and the shape of a dangerous step.

use domain::approval::{REASON_MAX, REASON_MIN};
use domain::error::ApiError;
use domain::form::person::PASSWORD_MAX;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use server_fn::ServerFn;
use server_fn::error::ServerFnUrlError;

use super::field::{Field, FormProblem, TextArea, field_id};
use super::icon::Icon;
use crate::error::UiError;
use crate::format::{counted, encode};
use crate::session::use_session;

/// What the last attempt of this form came to, if it was refused: the page that it comes back to has it in its address.
pub(crate) fn refused<S>() -> FormProblem
where
    S: ServerFn<Error = UiError>,
{
    let sent = use_context::<ServerActionError>().filter(|error| error.path() == S::PATH);
    FormProblem::new(sent.map(|error| ServerFnUrlError::<UiError>::decode_err(error.err())))
}

/// Where a form of this function is sent.
pub(crate) fn url<S: ServerFn>() -> &'static str {
    S::url()
}

/// A form that changes something.
#[component]
pub(crate) fn Post(
    /// `url::<DecideApproval>()`.
    to: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <form method="post" action=to>
            {children()}
        </form>
    }
}

/// The refused attempt in words, with links to the fields that are wrong. `fields` are names and labels in form order.
#[component]
pub(crate) fn FormError(
    error: FormProblem,
    #[prop(optional)] fields: &'static [(&'static str, &'static str)],
    /// The same as on its fields.
    #[prop(optional)]
    form: &'static str,
) -> impl IntoView {
    error.get().map(|error| {
        let links: Vec<_> = fields
            .iter()
            .filter_map(|(name, label)| error.field(name).map(|problem| (*name, *label, problem)))
            .map(|(name, label, problem)| {
                view! {
                    <li>
                        <a href=format!("#{}", field_id(form, name))>{format!("{label}: {}", problem.message())}</a>
                    </li>
                }
            })
            .collect();
        let unsure = matches!(error, UiError::Transport | UiError::Api(ApiError::Unavailable | ApiError::Internal));
        let (class, icon) = if unsure { ("notice notice--unk", "circle-question-mark") } else { ("notice notice--bad", "circle-alert") };
        view! {
            <div class=class role="alert" tabindex="-1">
                <Icon name=icon/>
                <div>
                    <p class="strong">{error.message()}</p>
                    <ul>{links}</ul>
                </div>
            </div>
        }
    })
}

/// A dangerous step, closed until it is asked for, or was refused.
#[component]
pub(crate) fn Danger(
    /// Ends with "…".
    #[prop(into)]
    label: String,
    /// Tells apart steps that may have the same label on one page.
    #[prop(optional, into)]
    of: String,
    /// The last attempt was refused: its reason must be seen.
    #[prop(optional)]
    open: bool,
    children: Children,
) -> impl IntoView {
    // Two steps are never taken for one when the page is renewed: an open one would lend its place to the next.
    let id = format!("{}{of}", step_id(&label));
    view! {
        <details class="danger" id=id open=open>
            <summary class="danger">
                <Icon name="chevron-right" small=true/>
                {label}
            </summary>
            <div class="danger__b">{children()}</div>
        </details>
    }
}

/// "step-break-the-glass" of "Break the glass…".
fn step_id(label: &str) -> String {
    let words = label.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    format!("step-{}", words.join("-").to_ascii_lowercase())
}

/// The password, where the sign-in is older than the policy allows for a decision, in minutes.
#[component]
pub(crate) fn Password(
    /// Minutes that it may be old; nothing is shown where it is not older.
    older_than: Option<u32>,
    /// Tells apart the forms of one page.
    #[prop(optional)]
    form: &'static str,
    #[prop(optional)] error: FormProblem,
    /// Post the bare name: the form has no place for it.
    #[prop(optional)]
    plain: bool,
) -> impl IntoView {
    older_than.map(|minutes| {
        let hint = format!(
            "You signed in more than {} ago, and a decision needs to know that it is you.",
            counted(u64::from(minutes), "minute", "minutes")
        );
        view! {
            <Field
                name="password"
                label="Your password"
                form=form
                error=error
                kind="password"
                hint=hint
                required=true
                max=PASSWORD_MAX
                autocomplete="current-password"
                plain=plain
            />
            {again()}
        }
    })
}

/// Other proofs than the password, after which one comes back to this page.
fn again() -> AnyView {
    let session = use_session();
    let here = use_location().pathname.get_untracked();
    Suspend::new(async move {
        let frame = session.await.ok()?.frame;
        let here = encode(&here);
        let passkey = frame.passkey.then(|| {
            let href = format!("/passkey/begin?for=confirm&next={here}");
            view! { <a class="btn" rel="external" href=href>"Or use your passkey"</a> }
        });
        // Whoever came through a provider has no password: the provider asks them anew, if it can.
        let provider = frame.through.map(|through| {
            if through.asks_anew {
                let href = format!("/sign-in/with/{}?for=confirm&next={here}", through.id);
                let label = format!("Or sign in again with {}", through.label);
                view! { <a class="btn" rel="external" href=href>{label}</a> }.into_any()
            } else {
                let text = format!(
                    "{} cannot be asked whether it is still you, so it takes a passkey or a password. ",
                    through.label
                );
                view! {
                    <p class="hint">
                        {text}
                        <a href="/settings/passkeys">"Passkeys"</a>
                    </p>
                }
                .into_any()
            }
        });
        Some(view! {
            {passkey}
            {provider}
        })
    })
    .into_any()
}

/// The reason that every dangerous step asks for.
#[component]
pub(crate) fn Reason(
    /// Tells apart the forms of one page.
    form: &'static str,
    error: FormProblem,
    hint: &'static str,
    /// What was typed before.
    #[prop(optional, into)]
    value: String,
) -> impl IntoView {
    view! {
        <TextArea
            name="reason"
            label="Reason"
            form=form
            error=error
            value=value
            hint=format!("{hint} At least {REASON_MIN} characters.")
            required=true
            min=REASON_MIN
            max=REASON_MAX
        />
    }
}
