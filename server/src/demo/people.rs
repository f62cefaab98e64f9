//! The demo's people: one for each role, with one password that is made on the first start and kept in the data folder.
//! Each of them signs in as anybody would; nobody acts without a password.

use std::path::Path;

use anyhow::{Context as _, Result};
use control_plane::{ControlPlane, OpCtx, people};
use domain::actor::Actor;
use domain::error::{ApiError, FieldProblem};
use domain::form::person::{PersonForm, SignInForm, TeamForm};

use super::agents::TEAMS;
use super::stage::said;
use crate::keys;

/// Name of the file with the password, in the data folder.
const PASSWORD_FILE: &str = "demo-password";

/// Role, and what its person is shown for.
const ROLES: [(&str, &str); 6] = [
    (
        "administrator",
        "people, teams and connections; may decide nothing",
    ),
    ("developer", "onboards agents; wrote the demo's commits"),
    ("approver", "decides what goes to production"),
    ("operator", "rolls back, cancels, decommissions"),
    ("auditor", "reads and exports the evidence"),
    ("viewer", "reads"),
];

/// Those who act in the story.
#[derive(Debug)]
pub(super) struct Cast {
    pub(super) administrator: OpCtx,
    pub(super) developer: OpCtx,
    pub(super) approver: OpCtx,
}

fn email(role: &str) -> String {
    format!(
        "{}@example.com",
        if role == "administrator" {
            "admin"
        } else {
            role
        }
    )
}

fn name(role: &str) -> String {
    format!("Demo {role}")
}

/// Makes the people and teams that are missing, and signs in those who act.
pub(super) async fn cast(cp: &ControlPlane, data_dir: &Path) -> Result<Cast> {
    let nobody = OpCtx::new(Actor::Anonymous, "demo", cp.clock());
    let first_run = people::frame(cp, &nobody).await.map_err(said)?.first_run;
    let kept = data_dir.join(PASSWORD_FILE);
    anyhow::ensure!(
        first_run || kept.exists(),
        "{} is an installation of its own, and the demo would mix with it: run `clearance serve`, or name another folder with --data-dir",
        data_dir.display()
    );
    let password = password(data_dir)?;
    if first_run {
        people::set_up(cp, &nobody, &person("administrator", &password))
            .await
            .map_err(said)?;
    }
    let administrator = sign_in(cp, &nobody, "administrator", &password).await?;
    for (slug, name) in TEAMS {
        let team = TeamForm {
            slug: slug.to_owned(),
            name: name.to_owned(),
        };
        unless_taken(people::create_team(cp, &administrator, &team).await)?;
    }
    for (role, _) in &ROLES[1..] {
        unless_taken(people::add(cp, &administrator, &person(role, &password)).await)?;
    }
    Ok(Cast {
        developer: sign_in(cp, &nobody, "developer", &password).await?,
        approver: sign_in(cp, &nobody, "approver", &password).await?,
        administrator,
    })
}

fn person(role: &str, password: &str) -> PersonForm {
    PersonForm {
        name: name(role),
        email: email(role),
        password: password.to_owned(),
        role: role.to_owned(),
        team: String::new(),
    }
}

async fn sign_in(cp: &ControlPlane, nobody: &OpCtx, role: &str, password: &str) -> Result<OpCtx> {
    let form = SignInForm {
        email: email(role),
        password: password.to_owned(),
        next: String::new(),
    };
    let id = people::sign_in(cp, nobody, &form)
        .await
        .map_err(said)
        .with_context(|| format!("{} cannot sign in", email(role)))?;
    let actor = people::actor(cp, id)
        .await
        .map_err(said)?
        .context("this person is gone")?;
    Ok(nobody.acting_as(actor))
}

/// What is there already was made by an earlier start.
fn unless_taken(outcome: Result<(), control_plane::Error>) -> Result<()> {
    match outcome.map_err(|error| error.to_api()) {
        Ok(()) => Ok(()),
        Err(ApiError::Invalid { fields })
            if fields
                .fields
                .iter()
                .all(|(_, problem)| *problem == FieldProblem::Taken) =>
        {
            Ok(())
        }
        Err(error) => Err(anyhow::anyhow!("{error}")),
    }
}

/// The password: made once, readable by this user only.
fn password(data_dir: &Path) -> Result<String> {
    let made = keys::random::<12>().map(|bytes| format!("demo-{}", hex::encode(bytes)))?;
    keys::kept_secret(&data_dir.join(PASSWORD_FILE), &made)
        .map(|text| text.trim().to_owned())
        .context("the demo's password cannot be kept")
}

/// Says where to open the browser and how to sign in as each role.
pub(super) fn print_sign_in(base_url: &str, data_dir: &Path) -> Result<()> {
    let password = password(data_dir)?;
    println!("\nClearance is ready: {base_url}\n\nSign in as");
    for (role, does) in ROLES {
        println!("  {:<24} {role}: {does}", email(role));
    }
    println!(
        "each with the password  {password}\n(kept in {})\n",
        data_dir.join(PASSWORD_FILE).display()
    );
    Ok(())
}
