//! Rules on the configuration of an image: who runs it, with what in its environment, and how it was built.

use domain::gate::{Finding, Severity};

use super::source::ImageConfig;
use crate::report::finding;
use crate::{pipelines, secrets};

/// Where findings of the configuration stand.
const PLACE: &str = "image configuration";
const HISTORY: &str = "image history";
/// Steps and variables that are looked at; builders write far fewer.
const MAX: usize = 1_000;

/// Applies every rule.
pub(super) fn judge(image: &ImageConfig) -> Vec<Finding> {
    let config = &image.config;
    let mut found = Vec::new();
    let mut add = |rule, severity, message: &str, place| {
        found.push(finding(rule, severity, message, place, None));
    };
    let user = config.user.split(':').next().unwrap_or_default();
    if matches!(user, "" | "root") || user.trim_start_matches('0').is_empty() {
        let message = "The image runs as root: name another user, so that a way out of the agent is not a way to everything.";
        add("image-root-user", Severity::Medium, message, PLACE);
    }
    for variable in config.env.iter().take(MAX) {
        if secrets::scan(".env", variable).is_empty() {
            continue;
        }
        let name = variable.split('=').next().unwrap_or_default();
        let message = format!(
            "The variable `{}` holds a secret, which everyone who has the image can read: revoke it, and give the agent a secret reference.",
            crate::report::printable(name)
        );
        add(
            "image-secret-in-environment",
            Severity::High,
            &message,
            PLACE,
        );
    }
    if config
        .exposed_ports
        .keys()
        .take(MAX)
        .any(|port| port == "22" || port == "22/tcp")
    {
        let message = "The image offers a remote shell on port 22: an agent needs none.";
        add("image-ssh-port", Severity::Medium, message, PLACE);
    }
    let command = config.entrypoint.iter().chain(&config.cmd).take(MAX);
    for word in command.filter(|word| is_dangerous_flag(word)) {
        let message = format!(
            "The agent is started with `{}`, which takes its safeguards away: leave it out.",
            crate::report::printable(word)
        );
        add("image-dangerous-flag", Severity::High, &message, PLACE);
    }
    let label = |name: &str| config.labels.get(name).map(String::as_str);
    if let Some(base) = label("org.opencontainers.image.base.name")
        && !base.contains("@sha256:")
        && label("org.opencontainers.image.base.digest").is_none()
        && base != "scratch"
    {
        let message = "The image is built on a base that is not named by its digest, so the next build may be on another one: pin it.";
        add("image-unpinned-base", Severity::Medium, message, PLACE);
    }
    for step in image.history.iter().take(MAX) {
        found.extend(history(&step.created_by));
    }
    found
}

fn history(step: &str) -> Vec<Finding> {
    // The step may be of any length; what people write is short.
    let step: String = step.chars().take(8 * 1024).collect();
    let mut found = Vec::new();
    if !secrets::scan("dockerfile", &step).is_empty()
        || !secrets::scan(".env", &after_verb(&step)).is_empty()
    {
        let message = "A step of the build holds a secret, which stays in the image's history: revoke it, and use a build secret.";
        found.push(finding(
            "image-secret-in-history",
            Severity::High,
            message,
            HISTORY,
            None,
        ));
    }
    if pipelines::downloads_into_shell(&step) {
        let message = "A step of the build runs what it downloads without looking at it: check its digest first.";
        found.push(finding(
            "image-download-into-shell",
            Severity::Medium,
            message,
            HISTORY,
            None,
        ));
    }
    let add = step
        .trim_start()
        .trim_start_matches("/bin/sh -c #(nop) ")
        .trim_start();
    if add.starts_with("ADD http://") || add.starts_with("ADD https://") {
        let message = "A step of the build adds a file from an address, whatever it holds that day: check its digest.";
        found.push(finding(
            "image-add-remote",
            Severity::Medium,
            message,
            HISTORY,
            None,
        ));
    }
    found
}

/// `NAME=value` of `ENV NAME=value`, `ARG NAME=value` and their old spellings.
fn after_verb(step: &str) -> String {
    ["ENV ", "ARG "]
        .iter()
        .find_map(|verb| step.split_once(verb))
        .map(|(_, rest)| rest.trim().to_owned())
        .unwrap_or_default()
}

fn is_dangerous_flag(word: &str) -> bool {
    let lower = word.to_lowercase();
    lower.starts_with("--dangerously")
        || matches!(
            lower.as_str(),
            "--yolo" | "--no-sandbox" | "--allow-all-tools" | "--disable-safety" | "--auto-approve"
        )
}
