//! Package URLs: one spelling for the packages of every ecosystem (ECMA-427).

use super::Component;

pub(super) fn of(component: &Component) -> String {
    let ecosystem = component.ecosystem.as_str();
    let (family, release) = ecosystem.split_once(':').unwrap_or((ecosystem, ""));
    let (kind, namespace, name) = match family {
        "PyPI" => (
            "pypi",
            String::new(),
            component.name.to_lowercase().replace('_', "-"),
        ),
        "npm" => match component.name.split_once('/') {
            Some((scope, name)) => ("npm", scope.to_owned(), name.to_owned()),
            None => ("npm", String::new(), component.name.clone()),
        },
        "Go" => match component.name.rsplit_once('/') {
            Some((folder, name)) => ("golang", folder.to_owned(), name.to_owned()),
            None => ("golang", String::new(), component.name.clone()),
        },
        "crates.io" => ("cargo", String::new(), component.name.clone()),
        "RubyGems" => ("gem", String::new(), component.name.clone()),
        "NuGet" => ("nuget", String::new(), component.name.clone()),
        "Debian" | "Ubuntu" => ("deb", family.to_lowercase(), component.name.clone()),
        "Alpine" | "Wolfi" | "Chainguard" => ("apk", family.to_lowercase(), component.name.clone()),
        _ => ("rpm", distribution(family), component.name.clone()),
    };
    let mut purl = format!("pkg:{kind}/");
    if !namespace.is_empty() {
        let parts: Vec<String> = namespace.split('/').map(encoded).collect();
        purl.push_str(&parts.join("/"));
        purl.push('/');
    }
    purl.push_str(&encoded(&name));
    if !component.version.is_empty() {
        purl.push('@');
        purl.push_str(&encoded(&component.version));
    }
    if !release.is_empty() {
        let release = release
            .trim_start_matches('v')
            .replace(' ', "-")
            .to_lowercase();
        purl.push_str(&format!(
            "?distro={}-{}",
            distribution(family),
            encoded(&release)
        ));
    }
    purl
}

fn distribution(family: &str) -> String {
    match family {
        "Red Hat" => "redhat".to_owned(),
        "Rocky Linux" => "rocky".to_owned(),
        other => other.to_lowercase().replace(' ', "-"),
    }
}

/// Percent-encoded but for letters, digits and `.-_~:+`.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~:+".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
