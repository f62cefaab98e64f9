//! The first administrator, who exists once. A plain form of the server; nothing else answers before it is sent.

use domain::error::{ApiError, FieldProblem, ValidationErrors};
use domain::form::person::{PASSWORD_MAX, PASSWORD_MIN};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;

use crate::error::UiError;
use crate::layout::Brand;
use crate::session::use_session;
use crate::ui::field::FormProblem;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[
    ("name", "Name"),
    ("email", "Work e-mail"),
    ("password", "Password"),
];

/// The form, and beside it what comes after.
#[component]
pub(crate) fn FirstRunPage() -> impl IntoView {
    let session = use_session();
    view! {
        <Title text="Set up"/>
        <a class="skip" href="#main">
            "Skip to content"
        </a>
        <main class="door door--wide" id="main" tabindex="-1">
            <section class="door__l" aria-labelledby="fr">
                <div class="door__box">
                    <div class="door__brand">
                        <Brand/>
                    </div>
                    <h1 id="fr">"Set up Clearance"</h1>
                    <p class="soft">
                        "Nobody can sign in yet. Make the first administrator; everybody else is added by them."
                    </p>
                    {Suspend::new(async move {
                        let done = session.await.is_ok_and(|session| !session.frame.first_run);
                        done.then(|| view! { <Redirect path="/"/> })
                    })}
                    <SetUpForm/>
                </div>
            </section>
            <section class="door__r" aria-labelledby="nx">
                <h2 id="nx">"What comes next"</h2>
                <ol class="steps">
                    <li>
                        <span class="k">"1"</span>
                        <span>"Connect a git host. Clearance gives you an address and a secret for its webhook"</span>
                    </li>
                    <li>
                        <span class="k">"2"</span>
                        <span>"Make a team and add the people who review and approve"</span>
                        <span class="sub">"Nobody approves what they wrote themselves, administrators included"</span>
                    </li>
                    <li>
                        <span class="k">"3"</span>
                        <span>"Onboard an agent: a repository, a branch and a folder with clearance.yaml"</span>
                    </li>
                    <li>
                        <span class="k">"4"</span>
                        <span>"Push. Gates run, non-prod goes live, production waits for an approval"</span>
                    </li>
                </ol>
            </section>
        </main>
    }
    .into_any()
}

/// What the server's redirect says was wrong: `?error=invalid&fields=email.bad_email,…`, in closed words.
fn refusal(error: &str, fields: &str) -> Option<UiError> {
    let api = match error {
        "" => return None,
        "invalid" => {
            let mut errors = ValidationErrors::default();
            for (name, problem) in fields.split(',').filter_map(|pair| pair.split_once('.')) {
                if let Ok(problem) = problem.parse::<FieldProblem>() {
                    errors.add(name, problem);
                }
            }
            ApiError::Invalid { fields: errors }
        }
        "too_many" => ApiError::TooMany,
        "unavailable" => ApiError::Unavailable,
        "recovery" => ApiError::Recovery,
        "set_up" => ApiError::Conflict {
            why: domain::error::Conflict::SetUp,
        },
        _ => ApiError::Internal,
    };
    Some(UiError::Api(api))
}

/// Posts to the server, which answers with a redirect.
#[component]
fn SetUpForm() -> impl IntoView {
    let error = FormProblem::new(refusal(&asked("error"), &asked("fields")));
    view! {
        <FormError error=error fields=FIELDS/>
        <form method="post" action="/first-run">
            <Field name="name" label="Name" error=error autocomplete="name" required=true max=80 plain=true/>
            <Field
                name="email"
                label="Work e-mail"
                error=error
                kind="email"
                hint="The address you commit with, so that your own changes are recognised."
                autocomplete="username"
                required=true
                max=200
                plain=true
            />
            <Field
                name="password"
                label="Password"
                error=error
                kind="password"
                hint=format!("At least {PASSWORD_MIN} characters.")
                autocomplete="new-password"
                required=true
                min=PASSWORD_MIN
                max=PASSWORD_MAX
                plain=true
            />
            <button class="btn btn--primary btn--block" type="submit">
                "Make administrator"
            </button>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::refusal;
    use domain::error::FieldProblem;

    #[test]
    fn only_closed_words_come_out_of_the_address() {
        let error = refusal(
            "invalid",
            "email.bad_email,password.too_short,name.<script>",
        )
        .unwrap();
        assert_eq!(error.field("email"), Some(FieldProblem::BadEmail));
        assert_eq!(error.field("password"), Some(FieldProblem::TooShort));
        assert_eq!(error.field("name"), None);
        assert_eq!(refusal("", ""), None);
    }
}
