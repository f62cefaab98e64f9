//! `clearance token`: API tokens of a person who gives their password.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use control_plane::tokens;
use domain::form::person::TokenForm;

use super::print_json;
use super::user::{signed_in, told};
use crate::config::Config;
use crate::wiring;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a token; its text is told once and kept nowhere
    #[command(
        after_help = "The person's password is asked for, read from standard input, or taken from CLEARANCE_PASSWORD.\n\
        A token can never decide an approval, and never do more than its person."
    )]
    Create(Create),
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// Whose token it is
    #[arg(long = "as", value_name = "EMAIL")]
    by: String,
    /// What it is for
    #[arg(long)]
    name: String,
    /// `read`, `read write`, or `access` for a program that asks whether an agent may do something, and reports what it did
    #[arg(long, default_value = "read")]
    scopes: String,
    /// Days until it ends, 1 to 90
    #[arg(long, default_value = "30")]
    days: String,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(config: &Config, command: Command) -> Result<ExitCode> {
    let Command::Create(create) = command;
    let cp = wiring::open(config).await?.cp;
    let ctx = signed_in(&cp, &create.by, "CLEARANCE_PASSWORD").await?;
    let form = TokenForm {
        name: create.name,
        scopes: create.scopes,
        days: create.days,
    };
    let token = tokens::create(&cp, &ctx, &form).await.map_err(told)?;
    if create.json {
        print_json(&token)?;
    } else {
        println!("{}", token.text);
        eprintln!(
            "Ends {}. Keep it now: it is not shown again.",
            token.expires_at
        );
    }
    Ok(ExitCode::SUCCESS)
}
