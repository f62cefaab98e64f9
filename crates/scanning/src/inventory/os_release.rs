//! `/etc/os-release`: which distribution, and what OSV calls its advisories.

use crate::report::printable;

/// A distribution as its image names itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Distribution {
    id: String,
    version: String,
}

impl Distribution {
    pub(crate) fn parse(text: &str) -> Self {
        let value = |key: &str| {
            text.lines()
                .take(200)
                .find_map(|line| line.trim().strip_prefix(key)?.strip_prefix('='))
                .map(|value| printable(value.trim_matches(['"', '\''])))
                .unwrap_or_default()
        };
        Self {
            id: value("ID").to_lowercase(),
            version: value("VERSION_ID"),
        }
    }

    /// `debian 12`, for people.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.id, self.version).trim().to_owned()
    }

    /// True where nothing is installed by a package manager, by design.
    pub(crate) fn has_packages(&self) -> bool {
        !self.id.is_empty()
    }

    /// The ecosystem of OSV for packages of a kind (`deb`, `apk`, `rpm`). `None` where OSV has none: nobody can say whether
    /// those packages are safe.
    pub(crate) fn ecosystem(&self, kind: &str) -> Option<String> {
        let major = self.version.split('.').next().unwrap_or_default();
        let minor = || {
            let mut parts = self.version.split('.');
            Some(format!("v{}.{}", parts.next()?, parts.next()?))
        };
        match (kind, self.id.as_str()) {
            ("deb", "debian") if !major.is_empty() => Some(format!("Debian:{major}")),
            ("deb", "ubuntu") => Some(format!("Ubuntu:{}", self.version)),
            ("apk", "alpine") => minor().map(|release| format!("Alpine:{release}")),
            ("apk", "wolfi") => Some("Wolfi".to_owned()),
            ("apk", "chainguard") => Some("Chainguard".to_owned()),
            ("rpm", "rhel") => Some(format!("Red Hat:{major}")),
            ("rpm", "almalinux") => Some(format!("AlmaLinux:{major}")),
            ("rpm", "rocky") => Some(format!("Rocky Linux:{major}")),
            ("rpm", "azurelinux") => Some(format!("Azure Linux:{major}")),
            ("rpm", "opensuse-leap") => Some(format!("openSUSE:Leap {}", self.version)),
            ("rpm", "opensuse-tumbleweed") => Some("openSUSE:Tumbleweed".to_owned()),
            ("rpm", "sles") => Some(format!(
                "SUSE:Linux Enterprise Server {}",
                self.version.replacen('.', " SP", 1)
            )),
            ("rpm", "mageia") => Some(format!("Mageia:{major}")),
            ("rpm", "openeuler") => Some(format!("openEuler:{}", self.version)),
            _ => None,
        }
    }

    /// The release that its makers no longer mend, where we know: the year and month after which that is so.
    pub(crate) fn end_of_life(&self) -> Option<(i32, u32)> {
        let ends: &[(&str, &str, (i32, u32))] = &[
            ("debian", "9", (2022, 7)),
            ("debian", "10", (2024, 7)),
            ("debian", "11", (2026, 9)),
            ("debian", "12", (2028, 7)),
            ("ubuntu", "18.04", (2023, 6)),
            ("ubuntu", "20.04", (2025, 6)),
            ("ubuntu", "22.04", (2027, 5)),
            ("ubuntu", "24.04", (2029, 5)),
            ("alpine", "3.16", (2024, 5)),
            ("alpine", "3.17", (2024, 11)),
            ("alpine", "3.18", (2025, 5)),
            ("alpine", "3.19", (2025, 11)),
            ("alpine", "3.20", (2026, 4)),
            ("alpine", "3.21", (2026, 11)),
            ("alpine", "3.22", (2027, 5)),
            ("centos", "7", (2024, 7)),
            ("centos", "8", (2022, 1)),
        ];
        let within = |release: &str| {
            self.version
                .strip_prefix(release)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        ends.iter()
            .find(|(id, release, _)| *id == self.id && within(release))
            .map(|(_, _, end)| *end)
    }
}
