//! `clearance user`: the first administrator without a browser, and more people by an administrator's password.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use control_plane::{ControlPlane, OpCtx, passkeys, people};
use domain::actor::Actor;
use domain::approval::{REASON_MAX, REASON_MIN};
use domain::form::person::{PersonForm, SignInForm};
use domain::view::session::UserRow;
use serde_json::json;

use super::{print_json, prompt};
use crate::config::Config;
use crate::wiring;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a person. The first one becomes administrator; later ones need an administrator's password (--as)
    #[command(
        after_help = "The new person's password is asked for, read from standard input, or taken from CLEARANCE_PASSWORD. \
        The administrator's comes after it, or from CLEARANCE_ADMIN_PASSWORD."
    )]
    Add(Add),
    /// List people with their roles
    #[command(
        after_help = "The administrator's password is asked for, read from standard input, or taken from CLEARANCE_ADMIN_PASSWORD."
    )]
    List(List),
    /// Take every passkey of a person away, on the server's own host: the way back in when no administrator has one
    #[command(
        after_help = "It needs no password: whoever runs it holds the database. The audit log says that it was done here, and why.\n\
        The person then signs in with their password, and adds a new passkey."
    )]
    RemovePasskeys(RemovePasskeys),
}

#[derive(Debug, Args)]
pub(super) struct RemovePasskeys {
    /// Whose passkeys
    #[arg(long)]
    email: String,
    /// Why, in 10 to 1,000 characters; kept in the audit log
    #[arg(long)]
    reason: String,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// Address to sign in with
    #[arg(long)]
    email: String,
    /// Name that others read
    #[arg(long)]
    name: String,
    /// viewer, developer, approver, operator, auditor or administrator; the first person is always an administrator
    #[arg(long, default_value = "administrator")]
    role: String,
    /// Slug of the team that the role is for; without it, for every team
    #[arg(long, default_value = "")]
    team: String,
    /// Administrator who adds the person
    #[arg(long = "as", value_name = "EMAIL")]
    by: Option<String>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Administrator who asks
    #[arg(long = "as", value_name = "EMAIL")]
    by: String,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(config: &Config, command: Command) -> Result<ExitCode> {
    let cp = wiring::open(config).await?.cp;
    match command {
        Command::Add(add) => self::add(&cp, add).await,
        Command::List(list) => self::list(&cp, list).await,
        Command::RemovePasskeys(remove) => remove_passkeys(&cp, remove).await,
    }
}

async fn remove_passkeys(cp: &ControlPlane, remove: RemovePasskeys) -> Result<ExitCode> {
    let reason = remove.reason.trim();
    let length = reason.chars().count();
    anyhow::ensure!(
        (REASON_MIN..=REASON_MAX).contains(&length),
        "the reason must have {REASON_MIN} to {REASON_MAX} characters"
    );
    let host = Actor::System {
        worker: "command line".to_owned(),
    };
    let ctx = OpCtx::new(host, "command-line", cp.clock());
    let removed = passkeys::remove_at_host(cp, &ctx, &remove.email, reason).await;
    let count = match removed {
        Ok(count) => count,
        Err(control_plane::Error::NotFound { kind }) => anyhow::bail!("no such {kind}"),
        Err(error) => return Err(told(error)),
    };
    if remove.json {
        print_json(&json!({ "email": remove.email.to_lowercase(), "removed": count }))?;
    } else {
        println!(
            "Removed {count}. {} signs in with the password alone, or is led to a new passkey.",
            remove.email
        );
    }
    Ok(ExitCode::SUCCESS)
}

async fn add(cp: &ControlPlane, add: Add) -> Result<ExitCode> {
    let nobody = anonymous(cp);
    let first = people::frame(cp, &nobody)
        .await
        .map_err(|e| e.to_api())?
        .first_run;
    anyhow::ensure!(
        first || add.by.is_some(),
        "somebody is there already: name an administrator with --as EMAIL"
    );
    let password = prompt::password("CLEARANCE_PASSWORD", "password of the new person")?;
    let form = PersonForm {
        name: add.name,
        email: add.email,
        password,
        role: add.role,
        team: add.team,
    };
    if first {
        people::set_up(cp, &nobody, &form).await.map_err(told)?;
    } else {
        let by = signed_in(cp, &add.by.unwrap_or_default(), "CLEARANCE_ADMIN_PASSWORD").await?;
        people::add(cp, &by, &form).await.map_err(told)?;
    }
    if add.json {
        print_json(&json!({ "email": form.email.to_lowercase(), "first": first }))?;
    } else {
        println!("{} can sign in now.", form.email.to_lowercase());
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(cp: &ControlPlane, list: List) -> Result<ExitCode> {
    let by = signed_in(cp, &list.by, "CLEARANCE_ADMIN_PASSWORD").await?;
    let rows: Vec<UserRow> = people::list(cp, &by).await.map_err(told)?;
    if list.json {
        print_json(&rows)?;
    } else {
        for row in rows {
            let roles: Vec<_> = row.roles.iter().map(ToString::to_string).collect();
            println!("{}  {}  {}", row.email, row.name, roles.join(", "));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn anonymous(cp: &ControlPlane) -> OpCtx {
    OpCtx::new(Actor::Anonymous, "command-line", cp.clock())
}

/// The context of a person who gave their password: the log then names who did it.
pub(super) async fn signed_in(cp: &ControlPlane, email: &str, variable: &str) -> Result<OpCtx> {
    let password = prompt::password(variable, &format!("password of {email}"))?;
    let nobody = anonymous(cp);
    let form = SignInForm {
        email: email.to_owned(),
        password,
        next: String::new(),
    };
    let id = people::sign_in(cp, &nobody, &form).await.map_err(told)?;
    let actor = people::actor(cp, id)
        .await
        .map_err(told)?
        .context("this person is gone")?;
    Ok(nobody.acting_as(actor))
}

/// The error as people read it, with the wrong fields.
pub(super) fn told(error: control_plane::Error) -> anyhow::Error {
    let error = error.to_api();
    if let domain::error::ApiError::Invalid { fields } = &error {
        let fields: Vec<String> = fields
            .fields
            .iter()
            .map(|(name, problem)| format!("{name}: {}", problem.message()))
            .collect();
        return anyhow::anyhow!("{}", fields.join("\n"));
    }
    anyhow::anyhow!("{error}")
}
