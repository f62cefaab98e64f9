//! Dependency direction: what a crate must never pull in, asked of `cargo tree`.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use crate::proc::Cmd;
use crate::report::Counts;
use crate::tools::wasm;

/// One crate, the flags its tree is asked with, and what must not be in that tree.
#[derive(Debug)]
struct Rule {
    package: &'static str,
    flags: &'static [&'static str],
    banned: &'static [&'static str],
    why: &'static str,
}

const RULES: [Rule; 6] = [
    Rule {
        package: "frontend",
        flags: &["--target", wasm::TARGET],
        banned: &[
            "axum",
            "control-plane",
            "hyper",
            "migrations",
            "mio",
            "sea-orm",
            "server",
            "sqlx",
            "tokio",
        ],
        why: "the browser gets the islands, never the server",
    },
    Rule {
        package: "app",
        flags: &["--features", "hydrate", "--target", wasm::TARGET],
        banned: &["axum", "control-plane", "leptos_axum", "sea-orm", "tokio"],
        why: "islands know no use case and no server",
    },
    Rule {
        package: "domain",
        flags: &[],
        banned: &["axum", "leptos", "reqwest", "sea-orm", "sqlx", "tokio"],
        why: "the domain is pure: no input, no output, no framework",
    },
    Rule {
        package: "evidence",
        flags: &[],
        banned: &[
            "axum",
            "control-plane",
            "leptos",
            "reqwest",
            "sea-orm",
            "sqlx",
            "tokio",
        ],
        why: "evidence is verified from bytes and a key alone",
    },
    Rule {
        package: "control-plane",
        flags: &[],
        banned: &["app", "axum", "leptos", "leptos_axum", "reqwest", "server"],
        why: "use cases never see HTTP or the user interface",
    },
    Rule {
        package: "app",
        flags: &["--features", "ssr"],
        banned: &["reqwest", "server"],
        why: "the pages call use cases and speak to nobody else",
    },
];

/// Asks for each rule's tree.
pub(crate) fn check() -> Result<Counts> {
    let mut found = Vec::new();
    for rule in &RULES {
        let tree = Cmd::cargo()
            .args([
                "tree",
                "--locked",
                "--edges",
                "normal,no-proc-macro",
                "--prefix",
                "none",
                "--format",
                "{p}",
                "--package",
                rule.package,
            ])
            .args(rule.flags)
            .output()?;
        for name in intruders(&tree, rule.banned) {
            let flags = rule.flags.join(" ");
            let package = rule.package;
            found.push(format!(
                "{package} {flags} depends on {name}: {}. See `cargo tree -p {package} {flags} -e normal,no-proc-macro -i {name}`",
                rule.why
            ));
        }
    }
    if !found.is_empty() {
        bail!("\n  {}", found.join("\n  "));
    }
    Ok(Counts::PASSED)
}

/// The banned names among the packages of a tree; its own first line, the package itself, does not count.
fn intruders<'a>(tree: &str, banned: &[&'a str]) -> Vec<&'a str> {
    let names: BTreeSet<&str> = tree
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    banned
        .iter()
        .copied()
        .filter(|name| names.contains(name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::intruders;

    #[test]
    fn whole_names_are_compared() {
        let tree = "domain v0.1.0 (/x)\nserde v1.0.1\ntokio-util v0.7.0\nsea-orm v2.0.4 (*)\n";
        assert_eq!(
            intruders(tree, &["domain", "tokio", "sea-orm"]),
            ["sea-orm"]
        );
    }
}
