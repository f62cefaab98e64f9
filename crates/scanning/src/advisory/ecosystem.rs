//! Names of ecosystems and packages as they are compared.

/// An ecosystem of OSV as we compare it: `Ubuntu:22.04:LTS` is `Ubuntu:22.04`, and the many channels of a release of Red Hat
/// are one, `Red Hat:9`.
#[must_use]
pub fn ecosystem_key(ecosystem: &str) -> String {
    let mut parts = ecosystem.split(':');
    match parts.next() {
        Some("Ubuntu") => {
            let release = parts.find(|part| part.starts_with(|c: char| c.is_ascii_digit()));
            release.map_or_else(
                || ecosystem.to_owned(),
                |release| format!("Ubuntu:{release}"),
            )
        }
        Some("Red Hat") => {
            let release = parts.find(|part| part.starts_with(|c: char| c.is_ascii_digit()));
            let major = release.and_then(|release| release.split('.').next());
            major.map_or_else(|| ecosystem.to_owned(), |major| format!("Red Hat:{major}"))
        }
        _ => ecosystem.to_owned(),
    }
}

/// A package's name as its ecosystem compares it.
pub(super) fn name_key(ecosystem: &str, name: &str) -> String {
    match ecosystem {
        "PyPI" => normalise(name),
        "NuGet" | "Packagist" => name.trim().to_lowercase(),
        _ => name.trim().to_owned(),
    }
}

/// PEP 503: lower case, runs of `-`, `_` and `.` as one `-`.
pub(super) fn normalise(name: &str) -> String {
    let lower = name.trim().to_lowercase();
    lower
        .split(['-', '_', '.'])
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}
