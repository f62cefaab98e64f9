//! Who outside keeps the heads of the audit log: witnesses, a git repository, mailboxes.

use audit_log::{WitnessPolicy, WitnessVerifierKey};
use control_plane::AnchorSettings;
use domain::form::agent::is_branch;
use serde::Deserialize;
use url::Url;

use super::{ConfigError, HostList, proxies};

const WITNESSES: &str = "audit_log.witnesses";
const MAIL: &str = "audit_log.anchors.mail";
const MAIL_MOST: usize = 20;
const ADDRESS_MAX: usize = 254;

/// The section, checked.
#[derive(Debug, Clone, Default)]
pub struct AuditLogSettings {
    pub witnesses: Vec<WitnessSettings>,
    policy: Option<WitnessPolicy>,
    /// Hosts of witnesses that may be in a private network.
    pub private_hosts: HostList,
    pub git_anchor: Option<GitAnchor>,
    mail: Vec<String>,
}

/// One witness.
#[derive(Debug, Clone)]
pub struct WitnessSettings {
    /// Where `add-checkpoint` is.
    pub url: Url,
    pub key: WitnessVerifierKey,
}

/// The repository of heads.
#[derive(Debug, Clone)]
pub struct GitAnchor {
    pub repository: String,
    pub branch: String,
    /// The least pause between two commits.
    pub every_minutes: u32,
}

/// The section's shape.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RawAuditLog {
    quorum: Option<usize>,
    witnesses: Vec<RawWitness>,
    private_hosts: Option<proxies::Written>,
    anchors: RawAnchors,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWitness {
    /// The name in its key, so that who reads the file need not read the key.
    name: String,
    url: String,
    vkey: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawAnchors {
    git: Option<RawGit>,
    mail: Option<proxies::Written>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGit {
    repository: String,
    branch: Option<String>,
    every_minutes: Option<u32>,
}

impl AuditLogSettings {
    /// The quorum of witnesses; none where nobody is configured.
    #[must_use]
    pub fn policy(&self) -> Option<WitnessPolicy> {
        self.policy.clone()
    }

    /// Where heads are written down, and how often.
    #[must_use]
    pub fn anchors(&self) -> AnchorSettings {
        AnchorSettings {
            git_minutes: self.git_anchor.as_ref().map(|git| git.every_minutes),
            mail: self.mail.clone(),
        }
    }

    pub(super) fn checked(raw: RawAuditLog, mails: bool) -> Result<Self, ConfigError> {
        let witnesses = raw
            .witnesses
            .into_iter()
            .map(witness)
            .collect::<Result<Vec<_>, _>>()?;
        let policy = policy(&witnesses, raw.quorum)?;
        let private_hosts = HostList::parse(raw.private_hosts).map_err(|entry| {
            let problem = format!("has `{entry}`; write host names, addresses or networks");
            ConfigError::wrong("audit_log.private_hosts", problem)
        })?;
        let mail = raw.anchors.mail.map(proxies::Written::entries);
        let mail = mail.unwrap_or_default();
        check_mail(&mail, mails)?;
        Ok(Self {
            witnesses,
            policy,
            private_hosts,
            git_anchor: raw.anchors.git.map(git).transpose()?,
            mail,
        })
    }
}

fn witness(raw: RawWitness) -> Result<WitnessSettings, ConfigError> {
    let wrong =
        |problem: String| ConfigError::wrong(WITNESSES, format!("has `{}`, {problem}", raw.name));
    let key: WitnessVerifierKey = raw.vkey.trim().parse().map_err(|error| {
        wrong(format!(
            "whose `vkey` is no key of a witness ({error}); its operator prints it with `clearance-witness key`"
        ))
    })?;
    if key.name() != raw.name {
        return Err(wrong(format!(
            "whose key is named {}; write that as its `name`",
            key.name()
        )));
    }
    let parsed = Url::parse(&raw.url).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some()
            && url.query().is_none()
            && url.fragment().is_none()
    });
    let mut url = parsed.ok_or_else(|| {
        wrong("whose `url` is no address; write such as https://witness.example.com".to_owned())
    })?;
    // What is configured is the prefix (C2SP tlog-witness), with or without a slash at its end.
    let path = format!("{}/add-checkpoint", url.path().trim_end_matches('/'));
    url.set_path(&path);
    Ok(WitnessSettings { url, key })
}

/// Without a word it takes more than half of them, so that no two histories can both have enough.
fn policy(
    witnesses: &[WitnessSettings],
    quorum: Option<usize>,
) -> Result<Option<WitnessPolicy>, ConfigError> {
    if witnesses.is_empty() {
        return match quorum {
            None => Ok(None),
            Some(_) => Err(ConfigError::wrong(
                "audit_log.quorum",
                "is set without a witness; add `[[audit_log.witnesses]]` or leave it out",
            )),
        };
    }
    let keys = witnesses.iter().map(|one| one.key.clone()).collect();
    let quorum = quorum.unwrap_or(witnesses.len() / 2 + 1);
    let policy = WitnessPolicy::new(keys, quorum);
    policy
        .map(Some)
        .map_err(|error| ConfigError::wrong("audit_log.quorum", format!("cannot be: {error}")))
}

fn git(raw: RawGit) -> Result<GitAnchor, ConfigError> {
    let branch = raw
        .branch
        .unwrap_or_else(|| "clearance-checkpoints".to_owned());
    if !is_branch(&branch) {
        return Err(ConfigError::wrong(
            "audit_log.anchors.git.branch",
            format!("is `{branch}`, which git does not take for a branch"),
        ));
    }
    let every_minutes = raw.every_minutes.unwrap_or(60);
    if !(1..=10_080).contains(&every_minutes) {
        return Err(ConfigError::wrong(
            "audit_log.anchors.git.every_minutes",
            format!("is {every_minutes}; it must lie between 1 and 10080"),
        ));
    }
    Ok(GitAnchor {
        repository: raw.repository,
        branch,
        every_minutes,
    })
}

fn check_mail(addresses: &[String], mails: bool) -> Result<(), ConfigError> {
    if addresses.len() > MAIL_MOST {
        let problem = format!("has more than {MAIL_MOST} addresses");
        return Err(ConfigError::wrong(MAIL, problem));
    }
    let is_address =
        |text: &&String| text.len() <= ADDRESS_MAX && text.parse::<lettre::Address>().is_ok();
    if let Some(bad) = addresses.iter().find(|text| !is_address(text)) {
        let problem = format!("has `{bad}`, which is no address");
        return Err(ConfigError::wrong(MAIL, problem));
    }
    if !addresses.is_empty() && !mails {
        return Err(ConfigError::wrong(
            MAIL,
            "is set without a mail server; set `mail.host` and `mail.from`",
        ));
    }
    Ok(())
}
