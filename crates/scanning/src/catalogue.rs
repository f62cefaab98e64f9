//! Every rule by its id: what it is about, and which risks of the public catalogues it stands for.

use domain::gate::{Gate, TaggedCheck};

const fn rule(id: &'static str, title: &'static str, tags: &'static [&'static str]) -> TaggedCheck {
    TaggedCheck { id, title, tags }
}

/// The rules of both gates, by id.
pub const RULES: &[TaggedCheck] = &[
    rule(
        "agent-broad-permissions",
        "Permissions without bounds",
        &["ASI03", "LLM06"],
    ),
    rule(
        "agent-dangerous-option",
        "An option that lets data run code",
        &["ASI05", "LLM05"],
    ),
    rule(
        "agent-description-differs",
        "A tool does more than it says",
        &["ASI02", "ASI09"],
    ),
    rule(
        "agent-destructive-tool",
        "A destructive tool without an approval",
        &["ASI02", "LLM06"],
    ),
    rule(
        "agent-dynamic-eval",
        "Code that is not written here is run",
        &["ASI05", "LLM05"],
    ),
    rule(
        "agent-dynamic-shell",
        "A shell runs a command that is not written here",
        &["ASI05", "LLM05"],
    ),
    rule(
        "agent-endless-loop",
        "A loop around a model without an end",
        &["ASI08", "LLM10"],
    ),
    rule(
        "agent-floating-model",
        "A model by a name that moves",
        &["ASI04", "LLM03"],
    ),
    rule(
        "agent-hidden-instruction",
        "Instructions that a person does not see",
        &["ASI01", "LLM01"],
    ),
    rule(
        "agent-hidden-text-ansi",
        "Terminal escapes in text",
        &["ASI01", "LLM01"],
    ),
    rule(
        "agent-hidden-text-bidi",
        "Bidirectional controls in text",
        &["ASI01", "LLM01"],
    ),
    rule(
        "agent-hidden-text-tags",
        "Invisible tag characters in text",
        &["ASI01", "LLM01"],
    ),
    rule(
        "agent-hidden-text-zero-width",
        "A run of zero-width characters",
        &["ASI01", "LLM01"],
    ),
    rule(
        "agent-mcp-plain-http",
        "An MCP server without encryption",
        &["ASI04", "ASI07"],
    ),
    rule(
        "agent-mcp-unpinned",
        "An MCP server without an exact version",
        &["ASI04", "LLM03"],
    ),
    rule(
        "agent-missing-budget",
        "A model call without a limit of output",
        &["LLM10"],
    ),
    rule(
        "agent-missing-step-limit",
        "An agent without a limit of steps",
        &["ASI08", "LLM10"],
    ),
    rule(
        "agent-model-output-eval",
        "What a model wrote is run as code",
        &["ASI05", "LLM05"],
    ),
    rule(
        "agent-model-output-shell",
        "What a model wrote reaches a shell",
        &["ASI05", "LLM05"],
    ),
    rule(
        "agent-pickled-model",
        "A pickled model",
        &["ASI04", "LLM03"],
    ),
    rule(
        "agent-request-without-timeout",
        "A request without a time limit",
        &["ASI08", "LLM10"],
    ),
    rule(
        "agent-runtime-install",
        "Packages installed while running",
        &["ASI04", "LLM03"],
    ),
    rule(
        "agent-shell-tool",
        "A tool that runs anything",
        &["ASI02", "ASI05", "LLM06"],
    ),
    rule(
        "agent-sql-built-from-text",
        "SQL put together from text",
        &["ASI05", "LLM05"],
    ),
    rule(
        "agent-tls-verification-off",
        "Certificates are not checked",
        &["ASI07"],
    ),
    rule(
        "agent-tool-without-allow-list",
        "A tool acts on whatever the model names",
        &["ASI02", "LLM06"],
    ),
    rule(
        "agent-unsafe-deserialisation",
        "A format that runs code",
        &["ASI05", "LLM03"],
    ),
    rule(
        "agent-unsafe-yaml",
        "A YAML loader that makes objects",
        &["ASI05"],
    ),
    rule(
        "agent-untrusted-eval",
        "What came from outside is run as code",
        &["ASI05", "LLM05"],
    ),
    rule(
        "agent-untrusted-path",
        "A value from outside chooses a file",
        &["ASI02", "LLM05"],
    ),
    rule(
        "agent-untrusted-program",
        "A value from outside chooses a program",
        &["ASI05", "LLM05"],
    ),
    rule(
        "agent-untrusted-prompt",
        "A value from outside becomes an order to a model",
        &["ASI01", "LLM01"],
    ),
    rule(
        "agent-untrusted-redirect",
        "A value from outside chooses where a visitor is sent",
        &["LLM05"],
    ),
    rule(
        "agent-untrusted-shell",
        "What came from outside reaches a shell",
        &["ASI05", "LLM05"],
    ),
    rule(
        "agent-untrusted-template",
        "What came from outside is rendered as a template",
        &["ASI05", "LLM05"],
    ),
    rule(
        "agent-untrusted-url",
        "A value from outside chooses where a request goes",
        &["ASI02", "LLM05"],
    ),
    rule(
        "agent-wildcard-tools",
        "Every tool is allowed",
        &["ASI02", "ASI03", "LLM06"],
    ),
    rule(
        "agent-zero-width-character",
        "A zero-width character",
        &["ASI01", "LLM01"],
    ),
    rule(
        "dependency-from-address",
        "A package from an address",
        &["ASI04", "LLM03"],
    ),
    rule(
        "dependency-install-script",
        "A package that runs a program when installed",
        &["ASI04", "LLM03"],
    ),
    rule(
        "dependency-not-read",
        "A lock file that cannot be read",
        &["ASI04", "LLM03"],
    ),
    rule(
        "dependency-unpinned",
        "A package without an exact version",
        &["ASI04", "LLM03"],
    ),
    rule("docker-add-remote", "A file from an address", &["ASI04"]),
    rule(
        "docker-download-into-shell",
        "A download that is run unseen",
        &["ASI04"],
    ),
    rule("docker-root-user", "The agent runs as root", &["ASI03"]),
    rule(
        "docker-secret",
        "A secret in a build file",
        &["ASI03", "LLM02"],
    ),
    rule(
        "docker-unpinned-base",
        "A base image by a name that moves",
        &["ASI04", "LLM03"],
    ),
    rule("image-absolute-link", "An absolute link", &[]),
    rule(
        "image-absolute-links",
        "Absolute links of the base image",
        &[],
    ),
    rule("image-add-remote", "A file from an address", &["ASI04"]),
    rule(
        "image-dangerous-flag",
        "Safeguards are taken away",
        &["ASI02", "ASI05"],
    ),
    rule("image-device-node", "A device node", &["ASI03"]),
    rule(
        "image-distribution-ended",
        "A distribution that nobody mends",
        &["ASI04", "LLM03"],
    ),
    rule(
        "image-download-into-shell",
        "A download that is run unseen",
        &["ASI04"],
    ),
    rule(
        "image-empty-password",
        "An account with an empty password",
        &["ASI03"],
    ),
    rule(
        "image-env-file",
        "A file of environment secrets",
        &["ASI03", "LLM02"],
    ),
    rule("image-fifo", "A named pipe", &[]),
    rule("image-link-escape", "A link out of the image", &["ASI05"]),
    rule(
        "image-link-sensitive",
        "A link to what is not the agent's",
        &["ASI03"],
    ),
    rule(
        "image-link-traversal",
        "A file written through a link",
        &["ASI05"],
    ),
    rule("image-path-escape", "A path out of the image", &["ASI05"]),
    rule(
        "image-pickled-model",
        "A pickled model",
        &["ASI04", "LLM03"],
    ),
    rule("image-private-key", "A private key", &["ASI03", "LLM02"]),
    rule("image-root-user", "The agent runs as root", &["ASI03"]),
    rule("image-secret", "A secret in a file", &["ASI03", "LLM02"]),
    rule(
        "image-secret-in-environment",
        "A secret in the environment",
        &["ASI03", "LLM02"],
    ),
    rule(
        "image-secret-in-history",
        "A secret in the image's history",
        &["ASI03", "LLM02"],
    ),
    rule(
        "image-setuid",
        "A program with its owner's rights",
        &["ASI03"],
    ),
    rule(
        "image-setuid-system",
        "Programs with their owner's rights",
        &["ASI03"],
    ),
    rule("image-ssh-port", "A port for remote shells", &["ASI03"]),
    rule("image-ssh-server", "A server for remote shells", &["ASI03"]),
    rule(
        "image-sudo",
        "A program that gives the rights of root",
        &["ASI03"],
    ),
    rule("image-unknown-entry", "An entry of an unknown kind", &[]),
    rule(
        "image-unpinned-base",
        "A base image by a name that moves",
        &["ASI04", "LLM03"],
    ),
    rule(
        "image-world-writable",
        "Writable by anyone",
        &["ASI03", "ASI06"],
    ),
    rule(
        "package-without-version",
        "A package without a version",
        &["ASI04"],
    ),
    rule(
        "python-flow-cut",
        "A file whose values were followed in part",
        &[],
    ),
    rule("python-not-analysed", "A file that was not analysed", &[]),
    rule(
        "python-odd-encoding",
        "A file in an odd encoding",
        &["ASI01"],
    ),
    rule("python-syntax-error", "A file that does not parse", &[]),
    rule("python-too-deep", "Code that is nested too deeply", &[]),
    rule("script-not-analysed", "A file that was not analysed", &[]),
    rule("suppression-ended", "A suppression that has ended", &[]),
    rule(
        "suppression-invalid",
        "A suppression without a reason or an end",
        &[],
    ),
];

/// The rule of an id. Advisories and the rules of other engines have none.
#[must_use]
pub fn of(id: &str) -> Option<&'static TaggedCheck> {
    RULES
        .binary_search_by(|rule| rule.id.cmp(id))
        .ok()
        .and_then(|at| RULES.get(at))
}

/// The risks that a finding of this rule stands for.
#[must_use]
pub fn tags(id: &str) -> &'static [&'static str] {
    match of(id) {
        Some(rule) => rule.tags,
        // A secret, whatever its kind; and a flaw in a package.
        None if id.starts_with("secret-") => &["ASI03", "LLM02"],
        None => &["ASI04", "LLM03"],
    }
}

/// The gate that a rule of this id is part of.
#[must_use]
pub fn gate_of(id: &str) -> Gate {
    if id.starts_with("image-") || id == "package-without-version" {
        Gate::ImageScan
    } else {
        Gate::StaticAnalysis
    }
}
