//! Evaluation suites.

use domain::form::suite::SuiteForm;
use domain::view::suite::AgentSuites;
use leptos::prelude::*;

use crate::error::{UiError, reject};
use crate::outcome::{self, Shown};

/// The suites of an agent.
pub(crate) async fn get_suites(slug: String) -> Result<AgentSuites, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::suites::of(&cp, &ctx, &slug)
        .await
        .map_err(reject)
}

/// Looks at a file. The page that answers shows it beside what was typed.
#[server(prefix = "/rpc", endpoint = "suites/check")]
pub(crate) async fn check_suite(form: SuiteForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    let found = control_plane::suites::check(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    outcome::show("/suites/check".to_owned(), Shown::SuiteChecked(form, found));
    Ok(())
}
