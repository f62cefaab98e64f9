//! MCP servers in configuration and code: reached without encryption, or started from a package nobody pinned.

use domain::gate::{Finding, Severity};
use serde_json::Value;

use crate::report::{Worst, finding, line_at};

/// Bytes of a configuration file that are parsed; servers are listed in small files.
const MAX_BYTES: usize = 512 * 1024;
/// Findings of one file, the worst ones.
const MAX: usize = 100;

/// What is wrong with one server.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) rule: &'static str,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    /// A text of the file that stands where the problem is.
    anchor: String,
}

/// Judges one server by its command and arguments, or its URL.
pub(crate) fn problem(command: Option<&str>, args: &[&str], url: Option<&str>) -> Option<Problem> {
    if let Some(url) = url.filter(|url| is_plain_remote(url)) {
        return Some(Problem {
            rule: "agent-mcp-plain-http",
            severity: Severity::High,
            message: "An MCP server is reached over plain HTTP, so anyone on the way can read and change what the agent is told: use HTTPS."
                .to_owned(),
            anchor: url.to_owned(),
        });
    }
    let spec = unpinned(command?, args)?;
    Some(Problem {
        rule: "agent-mcp-unpinned",
        severity: Severity::Medium,
        message: format!(
            "An MCP server is started from `{}` without an exact version, so it can change without a deployment: pin it.",
            spec.chars().take(100).collect::<String>()
        ),
        anchor: spec.to_owned(),
    })
}

/// Scans a JSON or YAML file for servers under a key that names MCP.
pub(crate) fn scan(name: &str, text: &str) -> Vec<Finding> {
    let lower = name.to_lowercase();
    if text.len() > MAX_BYTES || !text.to_ascii_lowercase().contains("mcp") {
        return Vec::new();
    }
    let value: Option<Value> = if lower.ends_with(".json") {
        serde_json::from_str(text).ok()
    } else if lower.ends_with(".yaml") || lower.ends_with(".yml") {
        serde_saphyr::from_str(text).ok()
    } else {
        None
    };
    let mut findings = Worst::new(MAX);
    if let Some(value) = &value {
        collect(value, false, 0, &mut |one| {
            findings.keep(one.severity, || {
                let line = text.find(&one.anchor).map(|at| line_at(text, at));
                finding(one.rule, one.severity, one.message, name, line)
            });
        });
    }
    findings.into_findings()
}

fn collect(value: &Value, under_mcp: bool, depth: usize, tell: &mut dyn FnMut(Problem)) {
    // Parsers bound their own depth; this bounds ours.
    if depth > 128 {
        return;
    }
    if let Some(list) = value.as_array() {
        list.iter()
            .for_each(|one| collect(one, under_mcp, depth + 1, tell));
    }
    let Some(object) = value.as_object() else {
        return;
    };
    if under_mcp {
        let text = |key: &str| object.get(key).and_then(Value::as_str);
        let mut args: Vec<&str> = object
            .get("args")
            .and_then(Value::as_array)
            .map(|args| args.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        // A command may carry its arguments in one string or one list.
        let listed: Vec<&str> = match object.get("command") {
            Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(line)) => line.split_whitespace().collect(),
            _ => Vec::new(),
        };
        let command = listed.first().copied();
        args.splice(0..0, listed.iter().skip(1).copied());
        let url = ["url", "serverUrl", "endpoint"].into_iter().find_map(text);
        problem(command, &args, url)
            .into_iter()
            .for_each(&mut *tell);
    }
    for (key, inner) in object {
        collect(
            inner,
            under_mcp || key.to_ascii_lowercase().contains("mcp"),
            depth + 1,
            tell,
        );
    }
}

/// True for an `http:` URL that leaves the machine.
fn is_plain_remote(url: &str) -> bool {
    let Some(rest) = url
        .get(..7)
        .filter(|scheme| scheme.eq_ignore_ascii_case("http://"))
        .and_then(|_| url.get(7..))
    else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let host = if host.starts_with('[') {
        host.split_inclusive(']').next().unwrap_or(host)
    } else {
        host.split(':').next().unwrap_or(host)
    };
    let octets: Vec<&str> = host.split('.').collect();
    let loopback = octets.len() == 4
        && octets.first() == Some(&"127")
        && octets.iter().all(|one| one.parse::<u8>().is_ok());
    !(host.eq_ignore_ascii_case("localhost") || host == "[::1]" || loopback || host.is_empty())
}

/// Where a launcher fetches from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Registry {
    Npm,
    Python,
    Images,
}

/// The package of a launcher that fetches what it starts, where its version is open.
fn unpinned<'a>(command: &str, args: &[&'a str]) -> Option<&'a str> {
    let (registry, spec) = started(command, args)?;
    let pinned = match registry {
        Registry::Npm => is_pinned_npm(spec),
        Registry::Python => is_pinned_python(spec),
        Registry::Images => spec.contains("@sha256:"),
    };
    (!pinned).then_some(spec)
}

/// What a launcher fetches and starts: the package, and its version where one is written.
pub(crate) fn fetched<'a>(command: &str, args: &[&'a str]) -> Option<(&'a str, Option<&'a str>)> {
    let (registry, spec) = started(command, args)?;
    // `@scope/name@1.2.3`: the first `@` belongs to the name.
    let from = usize::from(spec.starts_with('@'));
    let sign = match registry {
        Registry::Npm | Registry::Images => "@",
        Registry::Python if spec.contains("==") => "==",
        Registry::Python => "@",
    };
    let at = spec.get(from..)?.find(sign).map(|at| at + from);
    let split = at.and_then(|at| Some((spec.get(..at)?, spec.get(at + sign.len()..)?)));
    Some(split.map_or((spec, None), |(package, version)| (package, Some(version))))
}

fn started<'a>(command: &str, args: &[&'a str]) -> Option<(Registry, &'a str)> {
    let launcher = command
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or(command)
        .trim_end_matches(".cmd")
        .trim_end_matches(".exe");
    let (registry, spec) = match launcher {
        "npx" | "bunx" | "pnpx" => (Registry::Npm, package(args, &["-p", "--package"])),
        "npm" | "pnpm" | "yarn" | "bun" => {
            let (verb, rest) = args.split_first()?;
            let fetches = matches!(*verb, "exec" | "dlx" | "x");
            let spec = fetches.then(|| package(rest, &["-p", "--package"]));
            (Registry::Npm, spec.flatten())
        }
        "uvx" => (Registry::Python, package(args, &["--from"])),
        "uv" | "pipx" => {
            let at = args.iter().position(|arg| *arg == "run")?;
            let tool = launcher == "pipx" || args.first() == Some(&"tool");
            let rest = args.get(at + 1..)?;
            let spec = tool.then(|| package(rest, &["--from", "--spec"]));
            (Registry::Python, spec.flatten())
        }
        "docker" | "podman" => {
            let image = args
                .iter()
                .skip_while(|arg| **arg != "run")
                .skip(1)
                .filter(|arg| arg.contains('/') && !arg.starts_with('-'));
            let mut image = image
                .filter(|arg| !arg.contains('=') && !arg.starts_with('/') && !arg.starts_with('.'));
            (Registry::Images, image.next().copied())
        }
        _ => return None,
    };
    Some((registry, spec?))
}

/// The package a launcher is told to fetch: the value of one of `options`, else its first argument that is no option.
fn package<'a>(args: &[&'a str], options: &[&str]) -> Option<&'a str> {
    for (at, arg) in args.iter().enumerate() {
        if options.contains(arg) {
            return args.get(at + 1).copied();
        }
        if let Some(value) = options
            .iter()
            .filter(|one| one.starts_with("--"))
            .find_map(|one| arg.strip_prefix(one)?.strip_prefix('='))
        {
            return Some(value);
        }
        if !arg.starts_with('-') {
            return Some(arg);
        }
    }
    None
}

fn is_pinned_npm(spec: &str) -> bool {
    let unscoped = spec.strip_prefix('@').unwrap_or(spec);
    unscoped
        .rsplit_once('@')
        .is_some_and(|(_, version)| is_exact(version))
        || is_local(spec)
        || is_pinned_git(spec)
}

fn is_pinned_python(spec: &str) -> bool {
    let version = spec
        .split_once("==")
        .or_else(|| spec.rsplit_once('@'))
        .map(|(_, version)| version.trim());
    version.is_some_and(is_exact) || is_local(spec) || is_pinned_git(spec)
}

/// `1.2.3`, and neither a range nor a wildcard nor a tag.
fn is_exact(version: &str) -> bool {
    let parts: Vec<&str> = version.split('.').collect();
    parts.len() >= 2
        && version.starts_with(|c: char| c.is_ascii_digit())
        && version
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'))
        && !parts.iter().any(|part| matches!(*part, "x" | "X"))
}

fn is_local(spec: &str) -> bool {
    spec.starts_with('.') || spec.starts_with('/')
}

/// A git reference by its full commit.
fn is_pinned_git(spec: &str) -> bool {
    let commit = spec.rsplit(['@', '#']).next().unwrap_or_default();
    spec.contains("git") && commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit())
}
