//! The lists of dpkg and apk: paragraphs of fields.

use super::{Component, MAX_COMPONENTS};

/// `var/lib/dpkg/status`, and one file a package in images without a package manager.
pub(super) fn debian(place: &str, text: &str) -> Vec<Component> {
    paragraphs(text)
        .filter_map(|paragraph| {
            let field = |name: &str| field(&paragraph, name);
            // The status has three words; only the last says whether the files are there.
            let gone = field("Status").is_some_and(|status| {
                !matches!(
                    status.split_whitespace().last(),
                    Some(
                        "installed"
                            | "unpacked"
                            | "half-configured"
                            | "triggers-awaited"
                            | "triggers-pending"
                    )
                )
            });
            let (name, version) = (field("Package")?, field("Version")?);
            if gone {
                return None;
            }
            let mut component = Component::new("deb", name, version, place);
            component.source = Some(match field("Source") {
                None => (name.to_owned(), version.to_owned()),
                // `source (version)` where the two versions differ.
                Some(source) => match source.split_once(" (") {
                    Some((source, version)) => {
                        (source.to_owned(), version.trim_end_matches(')').to_owned())
                    }
                    None => (source.to_owned(), version.to_owned()),
                },
            });
            Some(component)
        })
        .take(MAX_COMPONENTS)
        .collect()
}

/// `lib/apk/db/installed`.
pub(super) fn alpine(place: &str, text: &str) -> Vec<Component> {
    paragraphs(text)
        .filter_map(|paragraph| {
            let (name, version) = (field(&paragraph, "P")?, field(&paragraph, "V")?);
            let mut component = Component::new("apk", name, version, place);
            let origin = field(&paragraph, "o").unwrap_or(name);
            component.source = Some((origin.to_owned(), version.to_owned()));
            Some(component)
        })
        .take(MAX_COMPONENTS)
        .collect()
}

/// Lines up to the next empty one.
fn paragraphs(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let mut lines = text.lines().peekable();
    std::iter::from_fn(move || {
        while lines.next_if(|line| line.trim().is_empty()).is_some() {}
        let mut paragraph = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.trim().is_empty()) {
            paragraph.push(line);
        }
        (!paragraph.is_empty()).then_some(paragraph)
    })
}

fn field<'a>(paragraph: &[&'a str], name: &str) -> Option<&'a str> {
    paragraph
        .iter()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
        .map(str::trim)
        .filter(|value| !value.is_empty())
}
