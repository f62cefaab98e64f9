//! Lock files of npm, pnpm and Yarn.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Locked, ProblemKind};

#[derive(Debug, Deserialize)]
struct PackageLock {
    /// Versions 2 and 3: by folder.
    #[serde(default)]
    packages: BTreeMap<String, Package>,
    /// Version 1: by name, nested.
    #[serde(default)]
    dependencies: BTreeMap<String, Dependency>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Package {
    name: Option<String>,
    version: Option<String>,
    resolved: Option<String>,
    #[serde(default)]
    link: bool,
    #[serde(default)]
    has_install_script: bool,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    version: Option<String>,
    #[serde(default)]
    dependencies: BTreeMap<String, Dependency>,
}

/// `package-lock.json` of every version.
pub(super) fn package_lock(place: &str, text: &str) -> Result<Locked, String> {
    let lock: PackageLock = super::json(text)?;
    let mut locked = Locked::default();
    for (folder, package) in &lock.packages {
        let Some((_, name)) = folder
            .rsplit_once("node_modules/")
            .filter(|_| !package.link)
        else {
            continue;
        };
        // An alias is installed under another name than its own.
        let name = package.name.as_deref().unwrap_or(name);
        if package.resolved.as_deref().is_some_and(|from| {
            !from.starts_with("https://") || from.contains("codeload.github.com")
        }) {
            locked.problem(ProblemKind::FromUrl, name, None);
        }
        if package.has_install_script {
            locked.problem(ProblemKind::InstallScript, name, None);
        }
        if let Some(version) = &package.version {
            locked.add("npm", name, version, place);
        }
    }
    if lock.packages.is_empty() {
        nested(place, &lock.dependencies, 0, &mut locked);
    }
    Ok(locked)
}

fn nested(place: &str, all: &BTreeMap<String, Dependency>, depth: usize, locked: &mut Locked) {
    if depth > 100 {
        return;
    }
    for (name, one) in all {
        match one.version.as_deref() {
            Some(version) if version.contains(':') => {
                locked.problem(ProblemKind::FromUrl, name, None);
            }
            Some(version) => locked.add("npm", name, version, place),
            None => {}
        }
        nested(place, &one.dependencies, depth + 1, locked);
    }
}

#[derive(Debug, Deserialize)]
struct PnpmLock {
    packages: Option<BTreeMap<String, IgnoredAny>>,
}

/// `pnpm-lock.yaml`: keys such as `/@scope/name@1.2.3(peer@1)`, `/name/1.2.3` before version 6.
pub(super) fn pnpm(place: &str, text: &str) -> Result<Locked, String> {
    let lock: PnpmLock =
        serde_saphyr::from_str(text).map_err(|_| "the lock file is not valid".to_owned())?;
    let mut locked = Locked::default();
    for key in lock.packages.unwrap_or_default().into_keys() {
        let key = key.trim_start_matches('/');
        let key = key.split('(').next().unwrap_or(key);
        if key.contains("://") || key.starts_with("file:") || key.contains("codeload") {
            locked.problem(ProblemKind::FromUrl, key, None);
            continue;
        }
        let start = usize::from(key.starts_with('@'));
        let tail = key.get(start..).unwrap_or_default();
        let at = tail
            .rfind('@')
            .map(|at| at + start)
            .or_else(|| key.rfind('/'));
        if let Some((name, version)) = at.and_then(|at| Some((key.get(..at)?, key.get(at + 1..)?)))
        {
            let version = version.split('_').next().unwrap_or(version);
            locked.add("npm", name, version, place);
        }
    }
    Ok(locked)
}

/// `yarn.lock` of both generations: paragraphs that begin with the ranges and hold the version.
pub(super) fn yarn(place: &str, text: &str) -> Locked {
    let mut locked = Locked::default();
    let mut name: Option<String> = None;
    for (number, line) in (1_u32..).zip(text.lines()) {
        if line.trim_start().starts_with('#') || line.trim().is_empty() {
            continue;
        }
        if !line.starts_with(' ') {
            let first = line
                .trim_end_matches(':')
                .split(',')
                .next()
                .unwrap_or_default();
            let first = first.trim().trim_matches('"');
            let start = usize::from(first.starts_with('@'));
            let at = first.get(start..).and_then(|tail| tail.find('@'));
            name = at.and_then(|at| first.get(..at + start)).map(str::to_owned);
            let range = first
                .get(name.as_ref().map_or(0, String::len)..)
                .unwrap_or_default();
            if range.contains("workspace:") || first == "__metadata" {
                name = None;
            } else if range.contains("://") || range.contains("git") {
                locked.problem(
                    ProblemKind::FromUrl,
                    name.as_deref().unwrap_or(first),
                    Some(number),
                );
            }
        } else if let Some(version) = line
            .trim()
            .strip_prefix("version")
            .map(|rest| rest.trim_start_matches(':').trim().trim_matches('"'))
            && let Some(name) = name.take()
        {
            locked.add("npm", &name, version, place);
        }
    }
    locked
}
