//! Reads what git hosts send: bounded in depth, tolerant of what is extra, and only for what is needed.

use domain::connection::ConnectionKind;
use domain::delivery::{PushEvent, RefUpdate, is_commit};
use serde_json::Value;

/// Deepest nesting that is read. `serde_json` itself stops at 128; hosts send fewer than 10.
const DEPTH_MAX: usize = 64;
/// Most refs of one push that are looked at.
const REFS_MAX: usize = 100;

/// What a delivery asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    /// Refs moved.
    Push(PushEvent),
    /// The host says hello, or tells something that changes no branch. With the reason in words.
    Nothing(String),
}

/// The body is not what the host's documentation says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("the body is not JSON")]
    NotJson,
    #[error("the body is nested deeper than {DEPTH_MAX} levels")]
    TooDeep,
    #[error("the body lacks {0}")]
    Lacks(&'static str),
}

/// Parses with a bound on depth, before any recursion happens.
fn json(body: &[u8]) -> Result<Value, Unreadable> {
    let (mut depth, mut deepest, mut text, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if text => escaped = true,
            b'"' => text = !text,
            b'{' | b'[' if !text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    if deepest > DEPTH_MAX {
        return Err(Unreadable::TooDeep);
    }
    serde_json::from_slice(body).map_err(|_| Unreadable::NotJson)
}

/// Reads a delivery of either host.
///
/// # Errors
/// [`Unreadable`] with what is wrong, for the delivery's note.
pub fn read(kind: ConnectionKind, event: &str, body: &[u8]) -> Result<Incoming, Unreadable> {
    let value = json(body)?;
    match kind {
        ConnectionKind::GitHub => github(event, &value),
        ConnectionKind::AzureDevOps => azure(&value),
    }
}

fn text<'a>(value: &'a Value, path: &[&str]) -> Option<&'a str> {
    path.iter()
        .try_fold(value, |value, key| value.get(key))
        .and_then(Value::as_str)
}

/// A commit, or nothing for the all-zero name that stands for "no such ref".
fn commit(text: &str, what: &'static str) -> Result<Option<String>, Unreadable> {
    if !is_commit(text) {
        return Err(Unreadable::Lacks(what));
    }
    Ok((!text.bytes().all(|b| b == b'0')).then(|| text.to_owned()))
}

fn github(event: &str, value: &Value) -> Result<Incoming, Unreadable> {
    match event {
        "push" => {}
        "ping" => return Ok(Incoming::Nothing("ping answered".to_owned())),
        other => return Ok(Incoming::Nothing(format!("event {other} is not used"))),
    }
    let repository = value
        .get("repository")
        .ok_or(Unreadable::Lacks("repository"))?;
    let urls = ["clone_url", "ssh_url", "git_url", "html_url", "url"];
    let update = RefUpdate {
        name: text(value, &["ref"])
            .ok_or(Unreadable::Lacks("ref"))?
            .to_owned(),
        before: commit(
            text(value, &["before"]).ok_or(Unreadable::Lacks("before"))?,
            "before",
        )?,
        after: commit(
            text(value, &["after"]).ok_or(Unreadable::Lacks("after"))?,
            "after",
        )?,
    };
    Ok(Incoming::Push(PushEvent {
        repository_urls: urls
            .iter()
            .filter_map(|key| text(repository, &[key]))
            .map(str::to_owned)
            .collect(),
        updates: vec![update],
        pushed_by: text(value, &["pusher", "name"])
            .unwrap_or_default()
            .to_owned(),
    }))
}

fn azure(value: &Value) -> Result<Incoming, Unreadable> {
    let event = text(value, &["eventType"]).ok_or(Unreadable::Lacks("eventType"))?;
    if event != "git.push" {
        return Ok(Incoming::Nothing(format!(
            "event {} is not used",
            domain::text::cut(event, 60)
        )));
    }
    let resource = value.get("resource").ok_or(Unreadable::Lacks("resource"))?;
    let repository = resource
        .get("repository")
        .ok_or(Unreadable::Lacks("resource.repository"))?;
    let updates = resource
        .get("refUpdates")
        .and_then(Value::as_array)
        .ok_or(Unreadable::Lacks("resource.refUpdates"))?;
    let update = |update: &Value| {
        Ok(RefUpdate {
            name: text(update, &["name"])
                .ok_or(Unreadable::Lacks("refUpdates.name"))?
                .to_owned(),
            before: commit(
                text(update, &["oldObjectId"]).ok_or(Unreadable::Lacks("oldObjectId"))?,
                "oldObjectId",
            )?,
            after: commit(
                text(update, &["newObjectId"]).ok_or(Unreadable::Lacks("newObjectId"))?,
                "newObjectId",
            )?,
        })
    };
    Ok(Incoming::Push(PushEvent {
        repository_urls: ["remoteUrl", "sshUrl", "webUrl", "url"]
            .iter()
            .filter_map(|k| text(repository, &[k]))
            .map(str::to_owned)
            .collect(),
        updates: updates
            .iter()
            .take(REFS_MAX)
            .map(update)
            .collect::<Result<_, Unreadable>>()?,
        pushed_by: text(resource, &["pushedBy", "displayName"])
            .unwrap_or_default()
            .to_owned(),
    }))
}

/// The id of an Azure DevOps notification: `id` and `subscriptionId` together.
pub(crate) fn azure_key(body: &[u8]) -> Option<String> {
    let value = json(body).ok()?;
    let (id, subscription) = (
        text(&value, &["id"])?,
        text(&value, &["subscriptionId"]).unwrap_or("none"),
    );
    let key = format!("{subscription}/{id}");
    (key.len() <= 200 && key.bytes().all(|b| b.is_ascii_graphic())).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_of_a_hundred_thousand_levels_is_refused_without_recursion() {
        let body = [b'['].repeat(100_000);
        assert_eq!(
            read(ConnectionKind::GitHub, "push", &body),
            Err(Unreadable::TooDeep)
        );
        assert_eq!(azure_key(&body), None);
    }

    #[test]
    fn a_bracket_inside_a_text_is_no_nesting() {
        let body = format!("{{\"zen\":\"{}\"}}", "[".repeat(500));
        assert!(matches!(
            read(ConnectionKind::GitHub, "ping", body.as_bytes()),
            Ok(Incoming::Nothing(_))
        ));
    }

    #[test]
    fn a_deleted_branch_has_no_commit_after() {
        let zero = "0".repeat(40);
        let some = "a".repeat(40);
        let body = format!(
            r#"{{"ref":"refs/heads/x","before":"{some}","after":"{zero}","repository":{{"clone_url":"https://h/r"}}}}"#
        );
        let Ok(Incoming::Push(push)) = read(ConnectionKind::GitHub, "push", body.as_bytes()) else {
            panic!("a push")
        };
        assert_eq!(push.updates[0].after, None);
        assert_eq!(push.updates[0].branch(), Some("x"));
    }

    #[test]
    fn an_azure_push_may_move_several_refs() {
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        let body = format!(
            r#"{{"id":"1","subscriptionId":"s","eventType":"git.push","resource":{{"repository":{{"remoteUrl":"https://dev/r"}},
            "refUpdates":[{{"name":"refs/heads/main","oldObjectId":"{a}","newObjectId":"{b}"}},{{"name":"refs/tags/v1","oldObjectId":"{a}","newObjectId":"{b}"}}]}}}}"#
        );
        let Ok(Incoming::Push(push)) = read(ConnectionKind::AzureDevOps, "", body.as_bytes())
        else {
            panic!("a push")
        };
        assert_eq!(push.updates.len(), 2);
        assert_eq!(push.updates[1].branch(), None);
        assert_eq!(azure_key(body.as_bytes()).as_deref(), Some("s/1"));
    }
}
