//! "Use your passkey": after the password and before there is a session, to confirm who decides, and to make one. A plain
//! form of the server, with the one button that needs script: browsers reach authenticators by script alone.

use domain::passkey::{PasskeyProblem, PasskeyPurpose};
use domain::tone::Tone;
use domain::view::passkey::PasskeyQuestion;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::islands::PasskeyButton;
use crate::layout::Brand;
use crate::rpc::passkeys::get_question;
use crate::ui::prelude::*;

/// What this browser is asked now.
#[component]
pub(crate) fn PasskeyPage() -> impl IntoView {
    view! {
        <Title text="Passkey"/>
        <a class="skip" href="#main">
            "Skip to content"
        </a>
        <main class="door" id="main" tabindex="-1">
            <section class="door__l" aria-labelledby="pk">
                <div class="door__box">
                    <div class="door__brand">
                        <Brand/>
                    </div>
                    {Suspend::new(async move {
                        match get_question().await {
                            Ok(Some(question)) => ask(question),
                            Ok(None) => over(),
                            Err(error) => told(Tone::Unknown, error.message()),
                        }
                    })}
                </div>
            </section>
            <section class="door__r" aria-labelledby="wh">
                <h2 id="wh">"Why a passkey"</h2>
                <p>
                    "A password can be watched, guessed and typed into the wrong page. A passkey stays on your device and answers this address alone."
                </p>
                <p class="hint">
                    "Lost it? An administrator can take your passkeys away; then you sign in with your password and add another one."
                </p>
            </section>
        </main>
    }
    .into_any()
}

fn ask(question: PasskeyQuestion) -> AnyView {
    let (title, sub, label) = words(question.purpose);
    let name = (!question.name.is_empty()).then(|| {
        view! {
            <p class="soft wrap">
                "It will be called "
                <b>{question.name}</b>
                "."
            </p>
        }
    });
    view! {
        <h1 id="pk">{title}</h1>
        <p class="soft">{sub}</p>
        {name}
        <form method="post" action="/passkey" autocomplete="off">
            <input type="hidden" name="answer" value=""/>
            <PasskeyButton options=question.options makes=question.purpose.makes() label=label.to_owned()/>
        </form>
        <noscript>
            <div class="notice notice--wait">
                <Icon name="circle-alert"/>
                <p>
                    "Browsers reach passkeys by script alone. Switch script on for this address and load the page again; everything else here works without."
                </p>
            </div>
        </noscript>
        <p class="hint">
            "You have five minutes. "
            <a href=back(question.purpose)>"Break off"</a>
        </p>
    }
    .into_any()
}

const fn words(purpose: PasskeyPurpose) -> (&'static str, &'static str, &'static str) {
    match purpose {
        PasskeyPurpose::SignIn => (
            "Use your passkey",
            "Your password was right. You are in once your passkey answers.",
            "Use passkey",
        ),
        PasskeyPurpose::FirstEnrol => (
            "Add a passkey",
            "Your password was right. Nobody comes in here with a password alone, so add a passkey now; you are in with it.",
            "Add passkey",
        ),
        PasskeyPurpose::Confirm => (
            "Confirm that it is you",
            "A decision needs to know that it is still you. You go back to where you were.",
            "Use passkey",
        ),
        PasskeyPurpose::Enrol => (
            "Add a passkey",
            "Your device asks for its PIN, your finger or your face, and keeps the key.",
            "Add passkey",
        ),
    }
}

const fn back(purpose: PasskeyPurpose) -> &'static str {
    match purpose {
        PasskeyPurpose::SignIn | PasskeyPurpose::FirstEnrol => "/sign-in",
        PasskeyPurpose::Confirm | PasskeyPurpose::Enrol => "/settings/passkeys",
    }
}

/// Nothing is asked of this browser.
fn over() -> AnyView {
    told(Tone::Unknown, PasskeyProblem::Expired.message().to_owned())
}

fn told(tone: Tone, text: String) -> AnyView {
    view! {
        <h1 id="pk">"Nothing is asked here"</h1>
        <NoticeBar tone=tone icon="circle-alert" alert=true>
            <p>{text}</p>
        </NoticeBar>
        <p>
            <a class="btn" href="/sign-in">"Sign in"</a>
        </p>
    }
    .into_any()
}
