//! Packages of languages: one file each.

use serde::Deserialize;

use super::Component;

/// `METADATA` and `PKG-INFO`: the headers before the first empty line.
pub(super) fn python(place: &str, text: &str) -> Option<Component> {
    let header = |name: &str| {
        text.lines()
            .take(2_000)
            .take_while(|line| !line.trim().is_empty())
            .find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.eq_ignore_ascii_case(name).then(|| value.trim())
            })
    };
    let name = header("Name").filter(|name| !name.is_empty())?;
    Some(Component::new(
        "PyPI",
        name,
        header("Version").unwrap_or_default(),
        place,
    ))
}

#[derive(Debug, Deserialize)]
struct NpmPackage {
    name: Option<String>,
    version: Option<String>,
}

/// `package.json` of an installed package. One without a name is a folder of a package, such as its tests.
pub(super) fn npm(place: &str, bytes: &[u8]) -> Option<Component> {
    let package: NpmPackage = serde_json::from_slice(bytes).ok()?;
    let name = package.name.filter(|name| !name.is_empty())?;
    Some(Component::new(
        "npm",
        &name,
        package.version.as_deref().unwrap_or_default(),
        place,
    ))
}

/// `specifications/name-1.2.3.gemspec`; the version may be followed by a platform.
pub(super) fn gem(place: &str) -> Option<Component> {
    let file = place.rsplit('/').next()?.strip_suffix(".gemspec")?;
    let at = file.match_indices('-').map(|(at, _)| at).find(|at| {
        file.get(at + 1..)
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    })?;
    let (name, version) = (file.get(..at)?, file.get(at + 1..)?);
    let version = version.split('-').next().unwrap_or(version);
    Some(Component::new("RubyGems", name, version, place))
}
