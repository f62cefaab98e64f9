//! `clearance demo`: serves like `clearance serve` and, beside it, walks the example agents along the real path: people,
//! a policy, a connection, git repositories, onboarding, signed pushes over HTTP, gates, decisions.
//!
//! Everything goes through the product's own front doors, so nothing here is special to the demo but who does it. Refuses
//! a data folder that somebody else has set up. Each step looks first whether it was done: a demo that was interrupted
//! goes on where it stopped, and a finished one only serves.

mod access;
mod agents;
mod desk;
mod evidence;
mod packages;
mod people;
mod policy;
mod repositories;
mod stage;
mod story;
mod webhook;

use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::process::Child;

use self::agents::DemoAgent;
use self::desk::Desk;
use self::stage::{Stage, line};
use crate::config::{Advisories, Config};
use crate::serve::{self, Part};
use crate::wiring::{self, Wired};

/// How long the server may take to answer after its start.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// Which part of the demo to show.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Only these of the example agents, separated by commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    agents: Vec<String>,
    /// Only the refund assistant, which needs no packages
    #[arg(long, conflicts_with = "agents")]
    quick: bool,
}

/// Serves until the process is told to stop, and tells the story meanwhile.
///
/// # Errors
/// When the options name no example agent, the data folder belongs to another installation, or serving fails. An agent
/// whose story cannot be told is named on standard output, and the server goes on.
pub async fn run(config: &Config, args: &Args) -> Result<()> {
    let chosen = agents::choose(&args.agents, args.quick)?;
    anyhow::ensure!(
        config.allow_local_repositories,
        "the demo's repositories are folders of this machine: set `allow_local_repositories = true`, or serve on a local address"
    );
    let config = &with_sample(config);
    let wired = wiring::open(config).await?;
    let serving = serve::run(config, &wired, Part::Everything);
    let mut serving = std::pin::pin!(serving);
    // Lives as long as the server.
    let mut desk = None;
    tokio::select! {
        served = &mut serving => return served,
        told = perform(config, &wired, &chosen, &mut desk) => {
            if let Err(error) = told {
                line("demo", &format!("stopped: {error:#}"));
                line("demo", "the server goes on; starting the demo again goes on from here");
            }
        }
    }
    serving.await
}

/// The demonstration has no advisories of its own: the sample shows what they lead to, and every report says that it is one.
fn with_sample(config: &Config) -> Config {
    let mut config = config.clone();
    if config.advisories == Advisories::None {
        config.advisories = Advisories::Sample;
    }
    config
}

/// The whole story, and how to sign in.
async fn perform(
    config: &Config,
    wired: &Wired,
    chosen: &[&'static DemoAgent],
    running: &mut Option<Child>,
) -> Result<()> {
    ready(config).await?;
    let finished = config.data_dir.join("demo").join("finished");
    if finished.exists() {
        *running = Some(Desk::kept(config)?.start(config)?);
    } else {
        line("demo", "setting up people, teams and a connection");
        let cast = people::cast(&wired.cp, &config.data_dir).await?;
        policy::adopt(&wired.cp, &cast).await?;
        let desk = Desk::open(config, &wired.cp, &cast).await?;
        *running = Some(desk.start(config)?);
        let stage = Stage::open(config, &wired.cp, cast, desk).await?;
        let complete = story::tell_all(&stage, chosen).await;
        if complete {
            evidence::order(&wired.cp, &stage.cast).await?;
            std::fs::write(&finished, "")
                .with_context(|| format!("{} cannot be written", finished.display()))?;
        }
    }
    people::print_sign_in(&config.base_url, &config.data_dir)
}

/// Waits until the server answers.
async fn ready(config: &Config) -> Result<()> {
    let url = format!("{}/health/ready", webhook::own_address(config.addr));
    let client = reqwest::Client::new();
    let answered = async {
        loop {
            if client
                .get(&url)
                .send()
                .await
                .is_ok_and(|response| response.status().is_success())
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(READY_WITHIN, answered)
        .await
        .with_context(|| format!("{url} does not answer"))
}
