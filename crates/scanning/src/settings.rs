//! Settings in JSON, YAML and TOML: tools without bounds, permissions without bounds, models by a name that moves.

use domain::gate::{Finding, Severity};
use serde_json::Value;

use crate::models;
use crate::report::{Worst, finding, line_at};

/// Bytes of a file of settings that are parsed.
const MAX_BYTES: usize = 512 * 1024;
/// Findings of one file, the worst ones.
const MAX: usize = 50;
/// Levels of a document that are walked.
const MAX_DEPTH: usize = 100;

struct Problem {
    rule: &'static str,
    severity: Severity,
    message: String,
    /// A text of the file that stands where the problem is.
    anchor: String,
}

/// Scans a file of settings.
pub(crate) fn scan(name: &str, text: &str) -> Vec<Finding> {
    let lower = name.to_lowercase();
    let file = lower.rsplit('/').next().unwrap_or(&lower);
    if text.len() > MAX_BYTES || file.contains("lock") {
        return Vec::new();
    }
    let value: Option<Value> = if lower.ends_with(".json") {
        serde_json::from_str(text).ok()
    } else if lower.ends_with(".yaml") || lower.ends_with(".yml") {
        serde_saphyr::from_str(text).ok()
    } else if lower.ends_with(".toml") {
        toml::from_str(text).ok()
    } else {
        None
    };
    let mut findings = Worst::new(MAX);
    if let Some(value) = &value {
        walk(value, "", 0, &mut |one| {
            findings.keep(one.severity, || {
                let line = text.find(&one.anchor).map(|at| line_at(text, at));
                finding(one.rule, one.severity, one.message, name, line)
            });
        });
    }
    findings.into_findings()
}

fn walk(value: &Value, key: &str, depth: usize, tell: &mut dyn FnMut(Problem)) {
    if depth > MAX_DEPTH {
        return;
    }
    judge(value, key).into_iter().for_each(&mut *tell);
    if let Some(list) = value.as_array() {
        for one in list {
            walk(one, key, depth + 1, tell);
        }
    }
    if let Some(object) = value.as_object() {
        statement(object).into_iter().for_each(&mut *tell);
        for (key, one) in object {
            walk(one, key, depth + 1, tell);
        }
    }
}

fn judge(value: &Value, key: &str) -> Option<Problem> {
    let text = value.as_str()?;
    let plain: String = key
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_lowercase();
    match plain.as_str() {
        "tools" | "allowedtools" | "alwaysallow" | "autoapprove" | "toolallowlist"
        | "enabledtools"
            if is_wildcard(text) =>
        {
            Some(Problem {
                rule: "agent-wildcard-tools",
                severity: Severity::High,
                message: format!(
                    "`{key}` allows every tool, now and later: name the tools that the agent needs."
                ),
                anchor: key.to_owned(),
            })
        }
        "scopes" | "scope" | "permissions" | "grants" | "roles" => {
            broad(text).map(|severity| Problem {
                rule: "agent-broad-permissions",
                severity,
                message: format!(
                    "`{}` gives the agent more than any task needs: name what it does.",
                    crate::report::printable(text)
                ),
                anchor: text.to_owned(),
            })
        }
        "model" | "modelname" | "modelid" | "deployment" | "llm" if models::floats(text) => {
            Some(Problem {
                rule: "agent-floating-model",
                severity: Severity::Low,
                message: models::message(text),
                anchor: text.to_owned(),
            })
        }
        _ => None,
    }
}

/// A statement of a policy of a cloud that allows everything, or everything on everything.
fn statement(object: &serde_json::Map<String, Value>) -> Option<Problem> {
    let field = |names: [&str; 2]| {
        names
            .iter()
            .find_map(|name| object.get(*name))
            .map(|value| match value.as_array() {
                Some(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>(),
                None => value.as_str().into_iter().collect(),
            })
    };
    if field(["Effect", "effect"])? != ["Allow"] {
        return None;
    }
    let actions = field(["Action", "actions"])?;
    let resources = field(["Resource", "resources"]).unwrap_or_default();
    let all = actions.contains(&"*");
    let service = actions.iter().any(|one| one.ends_with(":*")) && resources.contains(&"*");
    (all || service).then(|| Problem {
        rule: "agent-broad-permissions",
        severity: Severity::High,
        message: "A policy allows every action, or every action of a service on everything: name the actions and the resources.".to_owned(),
        anchor: "Allow".to_owned(),
    })
}

fn is_wildcard(text: &str) -> bool {
    matches!(
        text.trim(),
        "*" | "all" | "ALL" | "**" | "mcp__*" | "Bash(*)" | "Bash"
    )
}

/// How much too broad a permission is. Words such as `admin` mean little in a file that nobody knows.
fn broad(text: &str) -> Option<Severity> {
    let lower = text.trim().to_lowercase();
    let everything = matches!(
        lower.as_str(),
        "*" | "*:*"
            | "roles/owner"
            | "roles/editor"
            | "administratoraccess"
            | "arn:aws:iam::aws:policy/administratoraccess"
            | "https://www.googleapis.com/auth/cloud-platform"
            | "https://graph.microsoft.com/.default"
            | "https://mail.google.com/"
            | "https://www.googleapis.com/auth/drive"
    ) || lower.ends_with(":*")
        || lower.ends_with(".readwrite.all");
    let vague = matches!(
        lower.as_str(),
        "admin" | "root" | "owner" | "all" | "full_access"
    );
    if everything {
        Some(Severity::High)
    } else {
        vague.then_some(Severity::Low)
    }
}
