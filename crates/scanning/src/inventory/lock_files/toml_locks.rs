//! Lock files with lists of packages: Poetry, uv, PEP 751, Cargo; and `Pipfile.lock`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Locked, ProblemKind};

#[derive(Debug, Deserialize)]
struct Lock {
    #[serde(default, alias = "packages")]
    package: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    /// The project itself has none.
    version: Option<String>,
    source: Option<Source>,
}

/// A text in Cargo's, a table in the others.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Source {
    Text(String),
    Table(BTreeMap<String, serde_json::Value>),
}

/// `poetry.lock`, `uv.lock`, `pylock.toml`.
pub(super) fn python(place: &str, text: &str) -> Result<Locked, String> {
    let lock = parse(text)?;
    let mut locked = Locked::default();
    for package in lock.package {
        let has = |key: &str| matches!(&package.source, Some(Source::Table(table)) if table.contains_key(key));
        let is = |kind: &str| matches!(&package.source, Some(Source::Table(table)) if table.get("type").and_then(|one| one.as_str()) == Some(kind));
        // The project and its neighbours are source, not packages.
        if has("virtual") || has("editable") || has("directory") || is("directory") {
            continue;
        }
        if has("git") || has("url") && !has("registry") && (is("git") || is("url") || !has("type"))
        {
            locked.problem(ProblemKind::FromUrl, &package.name, None);
        }
        if let Some(version) = &package.version {
            locked.add("PyPI", &package.name, version, place);
        }
    }
    Ok(locked)
}

/// `Cargo.lock`. Packages without a source are the project's own.
pub(super) fn cargo(place: &str, text: &str) -> Result<Locked, String> {
    let lock = parse(text)?;
    let mut locked = Locked::default();
    for package in lock.package {
        let (Some(Source::Text(source)), Some(version)) = (&package.source, &package.version)
        else {
            continue;
        };
        if source.starts_with("git+") {
            locked.problem(ProblemKind::FromUrl, &package.name, None);
        }
        locked.add("crates.io", &package.name, version, place);
    }
    Ok(locked)
}

fn parse(text: &str) -> Result<Lock, String> {
    toml::from_str(text).map_err(|_| "the lock file is not valid".to_owned())
}

#[derive(Debug, Deserialize)]
struct Pipfile {
    #[serde(default)]
    default: BTreeMap<String, Pinned>,
    #[serde(default)]
    develop: BTreeMap<String, Pinned>,
}

#[derive(Debug, Deserialize)]
struct Pinned {
    version: Option<String>,
    git: Option<String>,
    file: Option<String>,
}

/// `Pipfile.lock`.
pub(super) fn pipfile(place: &str, text: &str) -> Result<Locked, String> {
    let pipfile: Pipfile = super::json(text)?;
    let mut locked = Locked::default();
    for (name, pinned) in pipfile.default.into_iter().chain(pipfile.develop) {
        match pinned
            .version
            .as_deref()
            .and_then(|version| version.strip_prefix("=="))
        {
            Some(version) => locked.add("PyPI", &name, version, place),
            None if pinned.git.is_some() || pinned.file.is_some() => {
                locked.problem(ProblemKind::FromUrl, &name, None);
            }
            None => locked.problem(ProblemKind::Unpinned, &name, None),
        }
    }
    Ok(locked)
}
