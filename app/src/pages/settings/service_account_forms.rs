//! Making a service account, and adding a trust rule to one.

use domain::form::service_account::{ServiceAccountForm, TrustForm};
use domain::name::SLUG_MAX;
use domain::service_account::{GITHUB, ISSUER_MAX};
use leptos::prelude::*;

use super::tokens::scopes;
use crate::outcome::{Shown, shown};
use crate::pages::agents::SLUG_PATTERN;
use crate::rpc::service_accounts::{MakeServiceAccount, TrustCi};
use crate::ui::field::FormProblem;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[
    ("slug", "Short name"),
    ("team", "Team"),
    ("owner", "Owner's e-mail"),
    ("scopes", "May"),
];
const TRUST: &[(&str, &str)] = &[
    ("slug", "Account"),
    ("issuer", "Issuer"),
    ("claims", "Claims"),
];

/// The form for another account, in one of these teams.
pub(super) fn make(teams: &[String]) -> AnyView {
    if teams.is_empty() {
        return view! {
            <p class="hint">"Making a service account needs the developer, operator or administrator role in its team."</p>
        }
        .into_any();
    }
    let (typed, error) = match shown() {
        Some(Shown::AccountNotMade(typed, error)) => (typed, FormProblem::new(Some(error))),
        Some(_) | None => (ServiceAccountForm::default(), FormProblem::default()),
    };
    let teams: Vec<_> = teams
        .iter()
        .map(|team| (team.clone(), team.clone()))
        .collect();
    view! {
        <Panel title="Make a service account" id="make">
            <div class="panel__b stack stack--3">
                <p class="soft">
                    "It acts in its team with no more than its owner's standing roles there. It cannot decide approvals or administer Clearance."
                </p>
                <FormError error=error fields=FIELDS form="account"/>
                <Post to={url::<MakeServiceAccount>()}>
                    <div class="form">
                        <Field name="slug" label="Short name" form="account" value=typed.slug error=error hint="What it is, such as support-ci." required=true min=2 max=SLUG_MAX pattern=SLUG_PATTERN autocomplete="off"/>
                        <Select name="team" label="Team" form="account" options=teams value=typed.team error=error required=true/>
                        <Select name="scopes" label="May" form="account" options=scopes() value=typed.scopes error=error required=true/>
                        <Field name="owner" label="Owner's e-mail" form="account" value=typed.owner error=error kind="email" hint="Empty for yourself. Only administrators name somebody else." max=200 autocomplete="off"/>
                        <div class="bar">
                            <Submit label="Make account" busy_label="Making…" icon="key-round"/>
                        </div>
                    </div>
                </Post>
            </div>
        </Panel>
    }
    .into_any()
}

/// The form for another trust rule of one of these accounts.
pub(super) fn trust(accounts: Vec<String>, issuers: &[String]) -> AnyView {
    let (typed, error) = match shown() {
        Some(Shown::NotTrusted(typed, error)) => (typed, FormProblem::new(Some(error))),
        Some(_) | None => (
            TrustForm {
                issuer: GITHUB.to_owned(),
                ..TrustForm::default()
            },
            FormProblem::default(),
        ),
    };
    let more = if issuers.is_empty() {
        String::new()
    } else {
        format!(" Also: {}.", issuers.join(", "))
    };
    let hint = format!(
        "GitHub Actions as it stands, or https://vstoken.dev.azure.com/ and the id of an organisation of Azure DevOps.{more}"
    );
    let accounts: Vec<_> = accounts
        .into_iter()
        .map(|slug| (slug.clone(), slug))
        .collect();
    view! {
        <Panel title="Trust a CI" id="trust">
            <div class="panel__b stack stack--3">
                <p class="soft">"Each claim must be in the token with exactly this value. Bind the repository by its id, and the branch."</p>
                <FormError error=error fields=TRUST form="trust"/>
                <Post to={url::<TrustCi>()}>
                    <div class="form">
                        <Select name="slug" label="Account" form="trust" options=accounts value=typed.slug error=error required=true/>
                        <Field name="issuer" label="Issuer" form="trust" value=typed.issuer error=error hint=hint required=true max=ISSUER_MAX autocomplete="off"/>
                        <TextArea name="claims" label="Claims" form="trust" value=typed.claims error=error hint="One each line: repository_id=1296269, then ref=refs/heads/main. Azure DevOps: sub=sc://organisation/project/connection." rows=4 required=true/>
                        <div class="bar">
                            <Submit label="Add trust rule" busy_label="Adding…"/>
                        </div>
                    </div>
                </Post>
            </div>
        </Panel>
    }
    .into_any()
}
