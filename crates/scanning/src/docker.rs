//! Build files of images: what they are built on, from where, and who runs them.

use domain::gate::{Finding, Severity};

use crate::pipelines;
use crate::report::finding;

/// Lines of a build file that are read.
const MAX_LINES: usize = 10_000;

/// True for a file that container builders read.
pub(crate) fn is_build_file(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name).to_lowercase();
    file == "dockerfile"
        || file == "containerfile"
        || file.starts_with("dockerfile.")
        || file.ends_with(".dockerfile")
}

/// Scans a build file.
pub(crate) fn scan(name: &str, text: &str) -> Vec<Finding> {
    if !is_build_file(name) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut stages: Vec<String> = Vec::new();
    let mut user: Option<(u32, String)> = None;
    let mut last_from = None;
    for (line, step) in steps(text) {
        let (verb, rest) = step.split_once(char::is_whitespace).unwrap_or((&step, ""));
        let mut add = |rule, severity, message: &str| {
            found.push(finding(rule, severity, message, name, Some(line)));
        };
        match verb.to_uppercase().as_str() {
            "FROM" => {
                last_from = Some(line);
                user = None;
                let words: Vec<&str> = rest
                    .split_whitespace()
                    .filter(|word| !word.starts_with("--"))
                    .collect();
                let base = words.first().copied().unwrap_or_default();
                if !is_pinned(base) && !stages.iter().any(|stage| stage == base) {
                    let message = "The image is built on a base that is not named by its digest, so the next build may be on another one: write `name@sha256:…`.";
                    add("docker-unpinned-base", Severity::Medium, message);
                }
                if let [_, word, stage, ..] = words.as_slice()
                    && word.eq_ignore_ascii_case("as")
                {
                    stages.push((*stage).to_owned());
                }
            }
            "USER" => user = Some((line, rest.trim().to_owned())),
            "ADD" if rest.contains("://") && !rest.contains("--checksum=") => {
                let message = "A file is added from an address, whatever it holds that day: give `--checksum=sha256:…`.";
                add("docker-add-remote", Severity::Medium, message);
            }
            "RUN" if pipelines::downloads_into_shell(rest) => {
                let message =
                    "A download is run without anybody looking at it: check its digest first.";
                add("docker-download-into-shell", Severity::Medium, message);
            }
            _ => {}
        }
    }
    let root = user.as_ref().is_none_or(|(_, user)| {
        let name = user.split(':').next().unwrap_or_default();
        name == "root" || name.trim_start_matches('0').is_empty()
    });
    if let Some(line) = last_from.filter(|_| root) {
        let line = user.map_or(line, |(line, _)| line);
        let message = "The agent runs as root: name another user, so that a way out of the agent is not a way to everything.";
        found.push(finding(
            "docker-root-user",
            Severity::Medium,
            message,
            name,
            Some(line),
        ));
    }
    found
}

fn is_pinned(base: &str) -> bool {
    base.contains("@sha256:") || base == "scratch" || base.contains('$')
}

/// Steps with their continuations, by the number of their first line.
fn steps(text: &str) -> Vec<(u32, String)> {
    let mut steps: Vec<(u32, String)> = Vec::new();
    let mut open = false;
    for (number, line) in (1_u32..).zip(text.lines().take(MAX_LINES)) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (content, continues) = match line.strip_suffix('\\') {
            Some(content) => (content, true),
            None => (line, false),
        };
        match steps.last_mut().filter(|_| open) {
            Some((_, step)) => {
                step.push(' ');
                step.push_str(content.trim());
            }
            None => steps.push((number, content.trim().to_owned())),
        }
        open = continues;
    }
    steps
}
