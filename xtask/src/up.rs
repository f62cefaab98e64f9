//! From a clone to a page in the browser: check the tools, build, serve.

use anyhow::{Context, Result};

use crate::bundle;
use crate::proc::{Cmd, detail, say};
use crate::tools::{self, node, wasm};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Serve an empty installation, without the demo agents
    #[arg(long)]
    no_demo: bool,
    /// Build the server with optimisation: slower to build, faster to use
    #[arg(long)]
    release: bool,
    /// Build the browser bundle quickly and large, for working on pages
    #[arg(long)]
    dev_bundle: bool,
    /// Where to listen, as in 127.0.0.1:3000
    #[arg(long)]
    addr: Option<String>,
    /// Where the database and the images go
    #[arg(long)]
    data_dir: Option<std::path::PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    say("up: checking the tools");
    check_tools(!args.no_demo)?;
    bundle::build(args.dev_bundle)?;
    say("up: compiling the server (about five minutes the first time, seconds later)");
    let profile: &[&str] = if args.release { &["--release"] } else { &[] };
    Cmd::cargo()
        .args(["build", "--package", "server"])
        .args(profile)
        .run()?;
    serve(args)
}

/// Names each tool with its version; an error says how to get a missing one.
fn check_tools(with_demo: bool) -> Result<()> {
    for (tool, hint) in [
        ("rustc", "install Rust from https://rustup.rs"),
        ("git", "install git"),
    ] {
        let version =
            tools::version_of(tool).with_context(|| format!("{tool} is needed: {hint}"))?;
        detail(version);
    }
    match tools::python_with_pip() {
        Some(python) => detail(format!(
            "{} with pip",
            tools::version_of(python).unwrap_or_else(|| python.to_owned())
        )),
        None if with_demo && tools::may_use_apt() => {
            tools::apt_install(
                &["python3", "python3-pip", "python3-venv"],
                "the demo agents, which are written in Python",
            )?;
        }
        None => detail(
            "python3 with pip was not found: agents written in Python cannot be built. \
             On Debian or Ubuntu: sudo apt-get install python3 python3-pip python3-venv",
        ),
    }
    node::ensure("the browser code")?;
    if let Some(version) = tools::version_of("node") {
        detail(format!("node {version}"));
    }
    wasm::ensure()?;
    Ok(())
}

fn serve(args: &Args) -> Result<()> {
    let what = if args.no_demo { "serve" } else { "demo" };
    say(format!("up: starting `clearance {what}`; Ctrl-C stops it"));
    let mut command = Cmd::new(tools::clearance_binary(args.release)).arg(what);
    if let Some(addr) = &args.addr {
        command = command.arg("--addr").arg(addr);
    }
    if let Some(folder) = &args.data_dir {
        command = command.arg("--data-dir").arg(folder);
    }
    command.replace()
}
