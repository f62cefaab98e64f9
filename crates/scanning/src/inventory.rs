//! What is installed: packages of the operating system and of languages, read from the files that package managers and
//! compilers leave behind. Pure functions over bytes, each bounded; what they cannot read they say, and never leave out.

pub mod lock_files;

mod binary;
mod dpkg;
mod elf;
mod language;
mod os_release;
mod purl;
mod rpm;
mod sqlite;

pub(crate) use binary::read as read_binary;
pub(crate) use elf::is_elf;
pub(crate) use os_release::Distribution;

use serde::{Deserialize, Serialize};

/// Components of one image or source tree. More than any that is real.
pub(crate) const MAX_COMPONENTS: usize = 200_000;
/// Characters of a name or a version.
const MAX_TEXT: usize = 500;

/// One installed or locked package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Component {
    /// As OSV names it: `PyPI`, `npm`, `Debian:12`; `deb`, `apk` or `rpm` until the distribution is known.
    pub ecosystem: String,
    /// What it is called there. For distributions the name of the installed package.
    pub name: String,
    /// Exact version; empty where it states none.
    pub version: String,
    /// Name and version of the source package, by which distributions publish their advisories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<(String, String)>,
    /// The file that says so.
    pub place: String,
}

impl Component {
    pub(crate) fn new(ecosystem: &str, name: &str, version: &str, place: &str) -> Self {
        let cut = |text: &str| text.trim().chars().take(MAX_TEXT).collect::<String>();
        Self {
            ecosystem: ecosystem.to_owned(),
            name: cut(name),
            version: cut(version),
            source: None,
            place: place.to_owned(),
        }
    }

    /// Its package URL (ECMA-427).
    #[must_use]
    pub fn purl(&self) -> String {
        purl::of(self)
    }

    /// Name and version to match advisories by.
    pub(crate) fn matched_by(&self) -> (&str, &str) {
        self.source
            .as_ref()
            .map_or((&self.name, &self.version), |(name, version)| {
                (name, version)
            })
    }
}

/// A file that says what is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    OsRelease,
    Dpkg,
    Apk,
    RpmSqlite,
    /// A database of rpm in a format that we do not read.
    RpmOther,
    PythonMetadata,
    Npm,
    Gem,
    /// Java archives hold packages in packages; we do not read them.
    Java,
}

/// Where package managers of distributions keep their list. A link in place of one of these would hide packages.
pub(crate) const DATABASES: &[(&str, Kind)] = &[
    ("var/lib/dpkg/status", Kind::Dpkg),
    ("lib/apk/db/installed", Kind::Apk),
    ("usr/lib/apk/db/installed", Kind::Apk),
    ("var/lib/rpm/rpmdb.sqlite", Kind::RpmSqlite),
    ("usr/lib/sysimage/rpm/rpmdb.sqlite", Kind::RpmSqlite),
    ("usr/share/rpm/rpmdb.sqlite", Kind::RpmSqlite),
    ("var/lib/rpm/Packages", Kind::RpmOther),
    ("var/lib/rpm/Packages.db", Kind::RpmOther),
    ("usr/lib/sysimage/rpm/Packages", Kind::RpmOther),
    ("usr/lib/sysimage/rpm/Packages.db", Kind::RpmOther),
];

impl Kind {
    /// What a file of this path says, if it says what is installed.
    pub(crate) fn of(path: &str) -> Option<Self> {
        if let Some((_, kind)) = DATABASES.iter().find(|(known, _)| *known == path) {
            return Some(*kind);
        }
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = folder.rsplit('/').next().unwrap_or_default();
        match name {
            "os-release" if matches!(folder, "etc" | "usr/lib") => Some(Self::OsRelease),
            "METADATA" if parent.ends_with(".dist-info") => Some(Self::PythonMetadata),
            "PKG-INFO" if parent.ends_with(".egg-info") => Some(Self::PythonMetadata),
            "package.json" if is_npm_package(folder) => Some(Self::Npm),
            _ if folder == "var/lib/dpkg/status.d" && !name.ends_with(".md5sums") => {
                Some(Self::Dpkg)
            }
            _ if name.ends_with(".egg-info") => Some(Self::PythonMetadata),
            _ if name.ends_with(".gemspec") && parent == "specifications" => Some(Self::Gem),
            _ if [".jar", ".war", ".ear"]
                .iter()
                .any(|end| name.ends_with(end)) =>
            {
                Some(Self::Java)
            }
            _ => None,
        }
    }

    /// Bytes that are read of such a file. A longer one is not read at all, and said so.
    pub(crate) const fn limit(self) -> u64 {
        match self {
            Self::RpmSqlite => 128 * 1024 * 1024,
            Self::Dpkg | Self::Apk => 64 * 1024 * 1024,
            Self::OsRelease | Self::PythonMetadata | Self::Npm | Self::Gem => 4 * 1024 * 1024,
            Self::RpmOther | Self::Java => 0,
        }
    }

    /// The components that the file names; `Err` says why it cannot be read.
    pub(crate) fn read(self, path: &str, bytes: &[u8]) -> Result<Vec<Component>, String> {
        let text = || String::from_utf8_lossy(bytes);
        Ok(match self {
            Self::OsRelease => Vec::new(),
            Self::Dpkg => dpkg::debian(path, &text()),
            Self::Apk => dpkg::alpine(path, &text()),
            Self::RpmSqlite => rpm::packages(path, bytes)?,
            Self::RpmOther => {
                return Err("the package list is in a format of rpm that is not read".to_owned());
            }
            Self::PythonMetadata => language::python(path, &text()).into_iter().collect(),
            Self::Npm => language::npm(path, bytes).into_iter().collect(),
            Self::Gem => language::gem(path).into_iter().collect(),
            Self::Java => return Err("packages in Java archives are not read".to_owned()),
        })
    }
}

/// `…/node_modules/name` and `…/node_modules/@scope/name`.
fn is_npm_package(folder: &str) -> bool {
    let mut parts = folder.rsplit('/');
    let _name = parts.next();
    match parts.next() {
        Some("node_modules") => true,
        Some(scope) if scope.starts_with('@') => parts.next() == Some("node_modules"),
        _ => false,
    }
}
