//! Adapters: the ports of the control plane, implemented with what this build embeds. Nothing outside this module speaks a
//! vendor's protocol.
//!
//! Owns these folders of the data folder: `git`, `images`, `images-meta`, `cache`, `runtimes`, `identities`,
//! `identities-okta`, `secrets`.

mod clock;
mod embedder;
mod environment;
mod evaluator;
mod files;
mod git_host;
mod guarded;
mod identity_provider;
mod identity_providers;
mod image_builder;
mod images;
pub(crate) mod judge;
mod notifier;
mod okta;
mod problem;
mod public;
mod runtime;
mod scanner;
mod secrets;
mod sign_in;
mod witnesses;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use control_plane::ports::Ports;
use local_runtime::SupervisorCommand;

pub(crate) use self::clock::clock;
pub(crate) use self::evaluator::examine;
use self::images::Images;
use crate::config::{
    Advisories, AuditLogSettings, CiSettings, Config, FetchLimits, GitSettings, HostList,
    IdentitySettings, JudgeSettings, MailSettings, RegistrySettings, ScannerSettings,
    SignInSettings,
};

/// The subcommand of this program that looks after one agent.
const SUPERVISE: &str = "supervise";

/// What the adapters need to know.
#[derive(Debug, Clone)]
pub struct AdaptersConfig {
    /// Folder of everything that is kept. Absolute.
    pub data_dir: PathBuf,
    /// May agents come from repositories in folders of this machine?
    pub allow_local_repositories: bool,
    /// Bounds on fetching repositories.
    pub fetch: FetchLimits,
    /// The interpreter that installs packages and runs agents: a command or path.
    pub python: String,
    /// The program that calls [`local_runtime::supervise`].
    pub supervisor: SupervisorCommand,
    /// What packages are compared with.
    pub advisories: Advisories,
    /// Engines of the file gates beside our own.
    pub scanners: ScannerSettings,
    /// The model that is asked what engines leave open.
    pub judge: Option<JudgeSettings>,
    /// How git hosts are reached.
    pub git: GitSettings,
    /// The mail server.
    pub mail: MailSettings,
    /// Hosts of channels that may be in a private network.
    pub channel_hosts: HostList,
    /// Who may say who somebody is.
    pub sign_in: SignInSettings,
    /// Whose tokens service accounts may trust.
    pub ci: CiSettings,
    /// The address that tokens of a CI are for.
    pub base_url: String,
    /// Who provides agents' identities.
    pub identities: IdentitySettings,
    /// Who outside keeps the heads of the audit log.
    pub audit_log: AuditLogSettings,
    /// What agents are compared by beside their words.
    pub registry: RegistrySettings,
}

impl AdaptersConfig {
    /// With defaults for everything but the data folder.
    #[must_use]
    pub fn new(data_dir: PathBuf) -> Self {
        Self {
            data_dir,
            allow_local_repositories: false,
            fetch: FetchLimits::default(),
            python: "python3".to_owned(),
            supervisor: SupervisorCommand::this_program([SUPERVISE]),
            advisories: Advisories::None,
            scanners: ScannerSettings::default(),
            judge: None,
            git: GitSettings::default(),
            mail: MailSettings::default(),
            channel_hosts: HostList::default(),
            sign_in: SignInSettings::default(),
            ci: CiSettings::default(),
            base_url: String::new(),
            identities: IdentitySettings::default(),
            audit_log: AuditLogSettings::default(),
            registry: RegistrySettings::default(),
        }
    }
}

impl From<&Config> for AdaptersConfig {
    fn from(config: &Config) -> Self {
        Self {
            allow_local_repositories: config.allow_local_repositories,
            fetch: config.fetch,
            python: config.python.clone(),
            advisories: config.advisories.clone(),
            scanners: config.scanners.clone(),
            judge: config.judge.clone(),
            git: config.git.clone(),
            mail: config.mail.clone(),
            channel_hosts: config.channel_hosts.clone(),
            sign_in: config.sign_in.clone(),
            ci: config.ci.clone(),
            base_url: config.base_url.clone(),
            identities: config.identities.clone(),
            audit_log: config.audit_log.clone(),
            registry: config.registry.clone(),
            ..Self::new(config.data_dir.clone())
        }
    }
}

/// Every port, as the configuration asks for.
///
/// # Errors
/// When the data folder or the folder of advisories cannot be used.
pub fn ports(config: impl Into<AdaptersConfig>) -> anyhow::Result<Ports> {
    let config = config.into();
    let data = &config.data_dir;
    crate::keys::create_private_dir(data)
        .with_context(|| format!("the data folder {} cannot be made", data.display()))?;
    let secrets: Arc<secrets::LocalSecrets> =
        Arc::new(secrets::LocalSecrets::new(data.join("secrets")));
    let images = Arc::new(Images::new(data.join("images")));
    let git = git_host::Git::new(&config, secrets.clone())
        .context("the folder of git mirrors cannot be made")?;
    let git = Arc::new(git);
    let anchors = git_host::GitAnchors::new(Arc::clone(&git), config.audit_log.git_anchor.clone());
    let scanner = scanner::EmbeddedScanner::new(&config.advisories, &config.scanners)
        .context("the scanner cannot be started")?;
    let judge = config.judge.clone();
    let judge = judge
        .map(|settings| judge::Seat::new(settings, secrets.clone()))
        .transpose()
        .context("the judge cannot be used")?;
    let embedder = embedder::Folder::load(config.registry.model.as_ref())
        .context("the model in `registry.model` cannot be used")?;
    Ok(Ports {
        git_host: git,
        embedder: Arc::new(embedder),
        witnesses: Arc::new(witnesses::OverHttp::new(&config.audit_log)),
        anchors: Arc::new(anchors),
        image_builder: Arc::new(image_builder::EmbeddedBuilder::new(
            &config,
            Arc::clone(&images),
        )),
        scanner: Arc::new(scanner),
        evaluator: Arc::new(evaluator::EmbeddedEvaluator::new(judge)),
        identity_provider: Arc::new(identity_providers::Chosen::new(&config, secrets.clone())),
        runtime: Arc::new(runtime::LocalProcess::new(&config, images, secrets.clone())),
        notifier: Arc::new(notifier::Senders::new(&config, secrets.clone())),
        sign_in: Arc::new(sign_in::Providers::new(&config.sign_in, secrets.clone())),
        ci: Arc::new(sign_in::Issuers::new(&config.ci, &config.base_url)),
        secrets,
    })
}
