//! The rules on one entry of a layer. Knows which oddities every base image has, and counts those instead of listing them.

use domain::gate::Severity;
use tar::EntryType;

use crate::secrets;

/// One entry of a layer.
#[derive(Debug)]
pub(super) struct Entry {
    /// As it stands in the archive.
    pub(super) path: String,
    /// Without `./`, leading and trailing slashes.
    pub(super) plain: String,
    pub(super) kind: EntryType,
    pub(super) mode: u32,
    /// Of a link.
    pub(super) target: Option<String>,
    /// The beginning of a file's content.
    pub(super) head: Vec<u8>,
}

/// What a rule says.
#[derive(Debug)]
pub(super) enum Verdict {
    Unsafe {
        rule: &'static str,
        severity: Severity,
        message: String,
    },
    Ordinary(Aggregate),
}

/// Oddities of ordinary base images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Aggregate {
    SystemSetuid,
    AbsoluteLinks,
}

impl Aggregate {
    /// Rule and message for so many of them.
    pub(super) fn describe(self, number: usize) -> (&'static str, String) {
        match self {
            Self::SystemSetuid => (
                "image-setuid-system",
                format!(
                    "{number} programs of the base image run with the rights of their owner: remove those the agent does not need."
                ),
            ),
            Self::AbsoluteLinks => (
                "image-absolute-links",
                format!(
                    "{number} symbolic links of the base image are absolute; they lead within the image."
                ),
            ),
        }
    }
}

/// Folders that the base image owns.
const SYSTEM: &[&str] = &[
    "bin/", "dev/", "etc/", "lib/", "lib32/", "lib64/", "opt/", "sbin/", "usr/", "var/",
];

/// Where a link must not lead: the host's interfaces, and what belongs to root.
const SENSITIVE: &[&str] = &[
    "/dev",
    "/proc",
    "/root",
    "/run/secrets",
    "/sys",
    "/var/run/docker.sock",
    "/run/docker.sock",
    "/etc/shadow",
];

/// Device nodes that base images bring along.
const ORDINARY_DEVICES: &[&str] = &[
    "dev/console",
    "dev/full",
    "dev/null",
    "dev/ptmx",
    "dev/random",
    "dev/tty",
    "dev/urandom",
    "dev/zero",
];

/// A path without `./`, doubled, leading and trailing slashes.
pub(super) fn plain(path: &str) -> String {
    path.split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect::<Vec<_>>()
        .join("/")
}

/// True for rules about secrets, which stay in a layer whatever later layers do.
pub(super) fn is_secret(rule: &str) -> bool {
    matches!(
        rule,
        "image-private-key" | "image-env-file" | "image-secret"
    )
}

/// True for files. A contiguous one is a file that some systems lay out in one piece; everyone unpacks it as any other.
pub(super) fn has_content(kind: EntryType) -> bool {
    kind.is_file() || kind.is_contiguous()
}

/// Applies every rule to one entry.
pub(super) fn judge(entry: &Entry) -> Vec<Verdict> {
    let mut found = Vec::new();
    found.extend(escaping_path(entry));
    let kind = entry.kind;
    found.extend(if has_content(kind) {
        file(entry)
    } else if kind.is_symlink() {
        symlink(entry)
    } else if kind.is_hard_link() {
        hard_link(entry)
    } else if kind.is_character_special() || kind.is_block_special() {
        device(entry)
    } else if kind.is_dir() {
        directory(entry)
    } else if kind.is_fifo() {
        let message = "The image holds a named pipe, which serves nothing at rest: remove it.";
        vec![hit("image-fifo", Severity::Low, message)]
    } else {
        let message = "An entry of the layer is of a kind that tools read differently: rebuild it with a tool you trust.";
        vec![hit("image-unknown-entry", Severity::Medium, message)]
    });
    found
}

fn hit(rule: &'static str, severity: Severity, message: impl Into<String>) -> Verdict {
    Verdict::Unsafe {
        rule,
        severity,
        message: message.into(),
    }
}

fn in_system(plain: &str) -> bool {
    SYSTEM.iter().any(|folder| plain.starts_with(folder))
}

fn escaping_path(entry: &Entry) -> Option<Verdict> {
    let climbs = entry.path.split('/').any(|part| part == "..");
    (climbs || entry.path.contains('\0') || entry.plain.is_empty() && has_content(entry.kind)).then(
        || {
            hit(
                "image-path-escape",
                Severity::High,
                "An entry of the layer points outside the image: rebuild it with a tool you trust.",
            )
        },
    )
}

fn file(entry: &Entry) -> Vec<Verdict> {
    let mut found = Vec::new();
    if entry.mode & 0o6000 != 0 {
        let directory = entry
            .plain
            .rsplit_once('/')
            .map_or("", |(directory, _)| directory);
        let system = matches!(
            directory,
            "bin" | "sbin" | "usr/bin" | "usr/sbin" | "usr/lib/openssh" | "usr/lib/dbus-1.0"
        );
        found.push(if system {
            Verdict::Ordinary(Aggregate::SystemSetuid)
        } else {
            let message = "The file runs with the rights of its owner and not of who starts it: take the setuid and setgid bits away.";
            hit("image-setuid", Severity::High, message)
        });
    }
    if entry.mode & 0o002 != 0 {
        let message = "Anyone in the container can change this file: take the write permission of others away.";
        found.push(hit("image-world-writable", Severity::Medium, message));
    }
    found.extend(secret(entry));
    found.extend(service(entry));
    found
}

/// Programs and files that an agent's image has no use for.
fn service(entry: &Entry) -> Option<Verdict> {
    let (rule, severity, message) = match entry.plain.as_str() {
        "usr/bin/sudo" | "usr/bin/doas" => (
            "image-sudo",
            Severity::Low,
            "The image holds a program that gives the rights of root: remove it.",
        ),
        "usr/sbin/sshd" => (
            "image-ssh-server",
            Severity::Medium,
            "The image holds a server for remote shells: an agent needs none.",
        ),
        "etc/shadow" if has_empty_password(&entry.head) => (
            "image-empty-password",
            Severity::High,
            "An account of the image has an empty password: lock it.",
        ),
        path if !in_system(path)
            && [".pkl", ".pickle", ".joblib", ".pt", ".pth"]
                .iter()
                .any(|end| path.to_lowercase().ends_with(end)) =>
        {
            (
                "image-pickled-model",
                Severity::Low,
                "A pickled file runs code when it is loaded: use safetensors or another format that is only data.",
            )
        }
        _ => return None,
    };
    Some(hit(rule, severity, message))
}

/// `name::…`: a second field that is empty needs no password.
fn has_empty_password(shadow: &[u8]) -> bool {
    String::from_utf8_lossy(shadow).lines().any(|line| {
        let mut fields = line.split(':');
        let name = fields.next().unwrap_or_default();
        !name.is_empty() && fields.next() == Some("") && fields.next().is_some()
    })
}

/// Files of the agent that people write settings into.
fn holds_settings(plain: &str) -> bool {
    let dependency = plain.split('/').any(|part| {
        matches!(
            part,
            "node_modules" | "site-packages" | "dist-packages" | "deps"
        )
    });
    let name = plain.rsplit('/').next().unwrap_or(plain).to_lowercase();
    !dependency
        && !in_system(plain)
        && (matches!(name.as_str(), ".npmrc" | ".pypirc" | ".netrc")
            || [
                ".json",
                ".yaml",
                ".yml",
                ".toml",
                ".ini",
                ".cfg",
                ".conf",
                ".properties",
                ".md",
                ".py",
                ".sh",
            ]
            .iter()
            .any(|end| name.ends_with(end)))
}

fn secret(entry: &Entry) -> Option<Verdict> {
    let name = entry
        .plain
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_lowercase();
    let sample = [".example", ".sample", ".template", ".dist", ".tmpl"]
        .iter()
        .any(|end| name.ends_with(end));
    if secrets::has_private_key(&String::from_utf8_lossy(&entry.head)) {
        // Libraries ship keys for their own tests; those protect nothing.
        let test =
            in_system(&entry.plain) && entry.plain.split('/').any(|part| part.starts_with("test"));
        let severity = if test {
            Severity::Low
        } else {
            Severity::Critical
        };
        return Some(hit(
            "image-private-key",
            severity,
            "A private key is in the image: revoke it, and give the agent a secret reference.",
        ));
    }
    if (name == ".env" || name.starts_with(".env.")) && !sample {
        let message = "A file of environment secrets is in the image: leave it out, and give the agent secret references.";
        return Some(hit("image-env-file", Severity::High, message));
    }
    if holds_settings(&entry.plain) && !entry.head.contains(&0) {
        let text = String::from_utf8_lossy(&entry.head);
        let worst = secrets::scan(&entry.plain, &text)
            .into_iter()
            .max_by_key(|one| one.severity)?;
        return Some(hit("image-secret", worst.severity, worst.message));
    }
    None
}

fn symlink(entry: &Entry) -> Vec<Verdict> {
    let target = entry.target.as_deref().unwrap_or_default();
    if escapes(&entry.plain, target) {
        let message = "A symbolic link climbs out of the image: make it point to what it means.";
        return vec![hit("image-link-escape", Severity::High, message)];
    }
    if !target.starts_with('/') {
        return Vec::new();
    }
    let absolute = format!("/{}", plain(target));
    let inside = |folder: &str| {
        absolute == folder
            || absolute
                .strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/'))
    };
    if in_system(&entry.plain) {
        vec![Verdict::Ordinary(Aggregate::AbsoluteLinks)]
    } else if SENSITIVE.iter().any(|folder| inside(folder)) {
        let message =
            format!("A symbolic link leads to {absolute}, which is not the agent's: remove it.");
        vec![hit("image-link-sensitive", Severity::High, message)]
    } else {
        let message = "A symbolic link is absolute, so it leads elsewhere where the image is mounted: make it relative.";
        vec![hit("image-absolute-link", Severity::Low, message)]
    }
}

/// True for a relative target with more steps up than the link has folders.
fn escapes(link: &str, target: &str) -> bool {
    if target.starts_with('/') {
        return climbs(0, target);
    }
    climbs(link.matches('/').count(), target)
}

fn climbs(folders: usize, target: &str) -> bool {
    let mut depth = folders;
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => match depth.checked_sub(1) {
                Some(up) => depth = up,
                None => return true,
            },
            _ => depth += 1,
        }
    }
    false
}

fn hard_link(entry: &Entry) -> Vec<Verdict> {
    let target = entry.target.as_deref().unwrap_or_default();
    if target.split('/').any(|part| part == "..") {
        let message =
            "A hard link names a file outside the image: rebuild it with a tool you trust.";
        return vec![hit("image-link-escape", Severity::High, message)];
    }
    Vec::new()
}

fn device(entry: &Entry) -> Vec<Verdict> {
    if ORDINARY_DEVICES.contains(&entry.plain.as_str()) {
        return Vec::new();
    }
    let message = "The image holds a device node, through which a container may reach the machine: remove it.";
    vec![hit("image-device-node", Severity::High, message)]
}

fn directory(entry: &Entry) -> Vec<Verdict> {
    // The sticky bit keeps people from each other's files, as in /tmp.
    if entry.mode & 0o002 != 0 && entry.mode & 0o1000 == 0 {
        let message = "Anyone in the container can add and remove files in this folder: take the write permission of others away.";
        return vec![hit("image-world-writable", Severity::Medium, message)];
    }
    Vec::new()
}
