//! The demo's people: one for each role, and a second administrator, because nobody decides about a policy that they proposed
//! themselves; with one password that is made on the first start and kept in the data folder.
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

/// One of them.
struct Person {
    /// The part of the address before the @.
    at: &'static str,
    role: &'static str,
    /// What they are shown for.
    does: &'static str,
}

const fn one(at: &'static str, role: &'static str, does: &'static str) -> Person {
    Person { at, role, does }
}

/// The first sets Clearance up, and adds the others.
const PEOPLE: [Person; 7] = [
    one(
        "admin",
        "administrator",
        "people, teams and connections; decides about no deployment",
    ),
    one(
        "compliance-admin",
        "administrator",
        "decides about a policy that admin proposes",
    ),
    one(
        "developer",
        "developer",
        "onboards agents; wrote the demo's commits",
    ),
    one("approver", "approver", "decides what goes to production"),
    one("operator", "operator", "rolls back, cancels, decommissions"),
    one("auditor", "auditor", "reads and exports the evidence"),
    one("viewer", "viewer", "reads"),
];

/// Those who act in the story.
#[derive(Debug)]
pub(super) struct Cast {
    pub(super) administrator: OpCtx,
    /// Decides about what the administrator proposes.
    pub(super) compliance_administrator: OpCtx,
    pub(super) developer: OpCtx,
    pub(super) approver: OpCtx,
    pub(super) auditor: OpCtx,
}

fn email(at: &str) -> String {
    format!("{at}@example.com")
}

/// "Demo compliance administrator".
fn name(person: &Person) -> String {
    match person.at.strip_suffix("-admin") {
        Some(kind) => format!("Demo {kind} {}", person.role),
        None => format!("Demo {}", person.role),
    }
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
    let [first, others @ ..] = &PEOPLE;
    if first_run {
        people::set_up(cp, &nobody, &form(first, &password))
            .await
            .map_err(said)?;
    }
    let administrator = sign_in(cp, &nobody, first.at, &password).await?;
    for (slug, name) in TEAMS {
        let team = TeamForm {
            slug: slug.to_owned(),
            name: name.to_owned(),
        };
        unless_taken(people::create_team(cp, &administrator, &team).await)?;
    }
    for person in others {
        unless_taken(people::add(cp, &administrator, &form(person, &password)).await)?;
    }
    Ok(Cast {
        compliance_administrator: sign_in(cp, &nobody, "compliance-admin", &password).await?,
        developer: sign_in(cp, &nobody, "developer", &password).await?,
        approver: sign_in(cp, &nobody, "approver", &password).await?,
        auditor: sign_in(cp, &nobody, "auditor", &password).await?,
        administrator,
    })
}

fn form(person: &Person, password: &str) -> PersonForm {
    PersonForm {
        name: name(person),
        email: email(person.at),
        password: password.to_owned(),
        role: person.role.to_owned(),
        team: String::new(),
    }
}

async fn sign_in(cp: &ControlPlane, nobody: &OpCtx, at: &str, password: &str) -> Result<OpCtx> {
    let form = SignInForm {
        email: email(at),
        password: password.to_owned(),
        next: String::new(),
    };
    let id = people::sign_in(cp, nobody, &form)
        .await
        .map_err(said)
        .with_context(|| format!("{} cannot sign in", email(at)))?;
    let actor = people::actor(cp, id)
        .await
        .map_err(said)?
        .context("this person is gone")?;
    Ok(nobody.acting_as(actor))
}

/// What is there already was made by an earlier start.
pub(super) fn unless_taken(outcome: Result<(), control_plane::Error>) -> Result<()> {
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
    for Person { at, role, does } in PEOPLE {
        println!("  {:<30} {role}: {does}", email(at));
    }
    println!(
        "each with the password  {password}\n(kept in {})\n",
        data_dir.join(PASSWORD_FILE).display()
    );
    Ok(())
}
