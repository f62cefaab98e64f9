//! Signing in. A plain form of the server: it works without script, and the password never passes through ours.

use domain::actor::Actor;
use domain::error::ApiError;
use domain::form::person::PASSWORD_MAX;
use domain::passkey::PasskeyProblem;
use domain::sign_in::ProviderProblem;
use domain::tone::Tone;
use domain::view::session::ChainState;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;

use crate::format::encode;
use crate::layout::Brand;
use crate::outcome::{Shown, shown};
use crate::session::{Session, use_session};
use crate::ui::field::inside;
use crate::ui::prelude::*;

/// The form, and beside it what may be said to anybody.
#[component]
pub(crate) fn SignInPage() -> impl IntoView {
    let session = use_session();
    let providers = session.clone();
    view! {
        <Title text="Sign in"/>
        <a class="skip" href="#main">
            "Skip to content"
        </a>
        <main class="door" id="main" tabindex="-1">
            <section class="door__l" aria-labelledby="si">
                <div class="door__box">
                    <div class="door__brand">
                        <Brand/>
                    </div>
                    {match shown() {
                        Some(Shown::SentTooLate(texts)) => too_late(texts),
                        _ => {
                            view! {
                                <h1 id="si">"Sign in"</h1>
                                <Refused/>
                                {Suspend::new(async move { ways(providers.await.ok()) })}
                                <SignInForm/>
                            }
                            .into_any()
                        }
                    }}
                    <p class="hint">
                        "No access? Ask an administrator of this installation. Agents cannot sign in here; they use their own identity."
                    </p>
                </div>
            </section>
            <section class="door__r" aria-labelledby="st">
                <h2 id="st">"No agent flies without clearance."</h2>
                {Suspend::new(async move { beside(session.await.ok()) })}
                <p class="hint">
                    "If Clearance stops, agents that are live keep running. Nothing new can be deployed until it is back."
                </p>
            </section>
        </main>
    }
    .into_any()
}

/// In answer to a form whose session had ended. The browser still has the form: it sends it again once somebody is signed in. It is in
/// no field of this page, which would have to be believed.
fn too_late(texts: Vec<String>) -> AnyView {
    let href = format!("/sign-in?next={}", encode(&asked("next")));
    let fields: Vec<_> = texts
        .into_iter()
        .enumerate()
        .map(|(at, text)| {
            let (id, label) = (format!("typed-{at}"), format!("What you typed, {}", at + 1));
            view! { <Typed id=id label=label text=text/> }
        })
        .collect();
    view! {
        <h1 id="si">"Your session has ended"</h1>
        <NoticeBar tone=Tone::Wait icon="log-out" alert=true>
            <p>"What you sent was not recorded, and nothing was changed."</p>
        </NoticeBar>
        <ol class="steps">
            <li>
                <span class="k" aria-hidden="true">"1"</span>
                <a href=href target="_blank">"Sign in in another tab"</a>
            </li>
            <li>
                <span class="k" aria-hidden="true">"2"</span>
                <span>"Come back to this tab and load it again. Your browser asks whether it is to send the form once more, as you filled it in."</span>
            </li>
        </ol>
        {fields}
    }
    .into_any()
}

/// A text to be copied.
#[component]
fn Typed(id: String, label: String, text: String) -> impl IntoView {
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <textarea class="input" id=id rows="4" readonly>
                {inside(&text)}
            </textarea>
        </div>
    }
}

/// The state of the service, or the way to the page that must come first.
fn beside(session: Option<Session>) -> AnyView {
    match session {
        Some(session) if session.frame.first_run => {
            view! { <Redirect path="/first-run"/> }.into_any()
        }
        // They signed in elsewhere meanwhile. The server lets no redirect leave this site.
        Some(session) if matches!(session.frame.actor, Actor::User { .. }) => {
            let next = asked("next");
            let path = if next.is_empty() {
                "/".to_owned()
            } else {
                next
            };
            view! { <Redirect path=path/> }.into_any()
        }
        Some(session) => view! { <Service chain=session.frame.chain/> }.into_any(),
        None => {
            view! { <Status tone=Tone::Unknown label="State of the service not known"/> }.into_any()
        }
    }
}

/// The providers, before the password: that is for the first administrator, and for when providers are down.
fn ways(session: Option<Session>) -> AnyView {
    let providers = session
        .map(|session| session.frame.providers)
        .unwrap_or_default();
    if providers.is_empty() {
        return ().into_any();
    }
    let next = encode(&asked("next"));
    let links: Vec<_> = providers
        .into_iter()
        .map(|provider| {
            let href = format!("/sign-in/with/{}?next={next}", provider.id);
            let label = format!("Continue with {}", provider.label);
            view! { <a class="btn btn--primary btn--block" rel="external" href=href>{label}</a> }
        })
        .collect();
    view! {
        <div class="stack stack--3">
            {links}
            <p class="hint">"Or with a password. That is for emergencies, and administrators are told of it."</p>
        </div>
    }
    .into_any()
}

/// No version, names or counts of agents: only whether it works.
#[component]
pub(crate) fn Service(chain: ChainState) -> impl IntoView {
    let (tone, icon, text) = if chain.intact {
        (
            Tone::Ok,
            "link",
            format!("Intact, checkpoint {}", chain.checkpoint_size),
        )
    } else {
        (
            Tone::Bad,
            "circle-x",
            "Broken: ask an administrator".to_owned(),
        )
    };
    let rows = vec![
        (
            "Service",
            view! { <Status tone=Tone::Ok label="Working"/> }.into_any(),
        ),
        (
            "Audit chain",
            view! { <Status tone=tone label=text icon=icon/> }.into_any(),
        ),
        (
            "Running agents",
            view! { <Status tone=Tone::Ok label="Not affected by this service"/> }.into_any(),
        ),
    ];
    view! { <Facts rows=rows/> }
}

/// The last attempt, from the closed words of `?error=`.
#[component]
fn Refused() -> impl IntoView {
    let error = match asked("error").as_str() {
        "" => return None,
        "wrong_credentials" => ApiError::WrongCredentials,
        "too_many" => ApiError::TooMany,
        "unavailable" => ApiError::Unavailable,
        "recovery" => ApiError::Recovery,
        "not_found" => ApiError::NotFound,
        _ => ApiError::Internal,
    };
    let word = asked("error");
    let provider = word.parse().map(ProviderProblem::message).ok();
    let passkey = word.parse().map(PasskeyProblem::message).ok();
    let text = provider
        .or(passkey)
        .map_or_else(|| error.to_string(), str::to_owned);
    Some(view! {
        <NoticeBar tone=Tone::Bad icon="circle-alert" alert=true>
            <p>{text}</p>
        </NoticeBar>
    })
}

/// Posts to the server, which answers with a redirect.
#[component]
fn SignInForm() -> impl IntoView {
    let next = asked("next");
    view! {
        <form method="post" action="/sign-in">
            <input type="hidden" name="next" value=next/>
            <Field
                name="email"
                label="Work e-mail"
                kind="email"
                autocomplete="username"
                required=true
                max=200
                plain=true
            />
            <Field
                name="password"
                label="Password"
                kind="password"
                autocomplete="current-password"
                required=true
                max=PASSWORD_MAX
                plain=true
            />
            <button class="btn btn--primary btn--block" type="submit">
                "Sign in"
            </button>
        </form>
    }
}
