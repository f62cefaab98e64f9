//! The orders desk: a real resource beside the demo, which lets in only agents that Clearance lets act. It is a program of its
//! own (`examples/orders-desk`), which asks and reports over the network like anybody's.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result};
use control_plane::tokens;
use domain::environment::Environment;
use domain::form::person::TokenForm;
use tokio::process::{Child, Command};

use super::people::Cast;
use super::repositories;
use super::stage::{line, said};
use super::webhook::own_address;
use crate::config::Config;
use crate::keys;

const EXAMPLE: &str = "orders-desk";
/// The longest that an API token lives, days.
const DAYS: &str = "90";

/// Where the desk is, for as long as the data folder lives: the address is part of what was approved.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    port: u16,
    token: String,
}

impl Desk {
    /// Chooses a free port and makes the API token, or takes those of an earlier start.
    pub(super) async fn open(
        config: &Config,
        cp: &control_plane::ControlPlane,
        cast: &Cast,
    ) -> Result<Self> {
        let folder = folder(config)?;
        if !folder.join("token").exists() {
            let form = TokenForm {
                name: "Back office".to_owned(),
                scopes: "access".to_owned(),
                days: DAYS.to_owned(),
            };
            let made = tokens::create(cp, &cast.administrator, &form).await;
            keys::kept_secret(&folder.join("token"), &made.map_err(said)?.text)?;
        }
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        keys::kept_secret(&folder.join("port"), &free.local_addr()?.port().to_string())?;
        Self::kept(config)
    }

    /// The one of an earlier start.
    pub(super) fn kept(config: &Config) -> Result<Self> {
        let folder = folder(config)?;
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read_to_string(&path)
                .with_context(|| format!("{} cannot be read", path.display()))
        };
        Ok(Self {
            port: read("port")?
                .trim()
                .parse()
                .context("the desk's port is no number")?,
            token: read("token")?.trim().to_owned(),
        })
    }

    /// The API token that the systems beside Clearance ask and report with.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// What an agent's manifest says in an environment to find it.
    pub(super) fn address(&self, environment: Environment) -> String {
        format!("http://127.0.0.1:{}/{environment}", self.port)
    }

    /// Starts it. It ends with this process.
    pub(super) fn start(&self, config: &Config) -> Result<Child> {
        let folder = folder(config)?;
        repositories::write_files(EXAMPLE, &folder)?;
        let log = std::fs::File::create(folder.join("desk.log"))?;
        let child = Command::new("python3")
            .arg("-B")
            .arg(folder.join("desk.py"))
            .env("CLEARANCE_URL", own_address(config.addr))
            .env("CLEARANCE_TOKEN", &self.token)
            .env("HOST", "127.0.0.1")
            .env("PORT", self.port.to_string())
            // It ends with its input, however this process ends.
            .env("UNTIL_EOF", "1")
            .stdin(Stdio::piped())
            .stderr(log.try_clone()?)
            .stdout(log)
            .kill_on_drop(true)
            .spawn()
            .context("python3 does not start, so there is no orders desk")?;
        line(
            "orders desk",
            &format!("lets agents in at http://127.0.0.1:{}", self.port),
        );
        Ok(child)
    }
}

fn folder(config: &Config) -> Result<std::path::PathBuf> {
    let folder = Path::new(&config.data_dir).join("demo").join("desk");
    keys::create_private_dir(&folder)
        .with_context(|| format!("{} cannot be made", folder.display()))?;
    Ok(folder)
}
