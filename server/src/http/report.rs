//! Reading reports of access events. They come from outside: each event is read by itself, so that one which cannot be read
//! takes no other with it. Members that are not named here are left alone: who acted is not the report's to say.

use axum::http::StatusCode;
use domain::access_event::{BATCH_MAX, Sent, Unacceptable};
use serde_json::{Map, Value};

use super::error::HttpError;

/// The events of a body, in their order.
///
/// # Errors
/// 400 for a body without a list of events, 413 for one with more than a report may have.
pub(crate) fn read(body: Value) -> Result<Vec<Result<Sent, Unacceptable>>, HttpError> {
    let events = match body {
        Value::Object(mut members) => members.remove("events"),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            None
        }
    };
    let Some(Value::Array(events)) = events else {
        return Err(HttpError::bad_request(
            "The body is no JSON object with a list `events`.",
        ));
    };
    if events.len() > BATCH_MAX {
        return Err(HttpError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_many_events",
            format!("There are more than {BATCH_MAX} events. Send them in several reports."),
        ));
    }
    Ok(events.into_iter().map(event).collect())
}

fn event(value: Value) -> Result<Sent, Unacceptable> {
    let Value::Object(members) = value else {
        return Err(Unacceptable::Form);
    };
    Ok(Sent {
        id: needed(&members, "id")?,
        identity: text(&members, "identity")?.unwrap_or_default(),
        resource: needed(&members, "resource")?,
        action: needed(&members, "action")?,
        object: text(&members, "object")?,
        allowed: match members.get("allowed") {
            Some(Value::Bool(allowed)) => *allowed,
            None => return Err(Unacceptable::Missing("allowed")),
            Some(_) => return Err(Unacceptable::WrongType("allowed")),
        },
        occurred_at: needed(&members, "occurred_at")?,
    })
}

fn needed(members: &Map<String, Value>, name: &'static str) -> Result<String, Unacceptable> {
    text(members, name)?.ok_or(Unacceptable::Missing(name))
}

fn text(members: &Map<String, Value>, name: &'static str) -> Result<Option<String>, Unacceptable> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Unacceptable::WrongType(name)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_event_that_cannot_be_read_takes_no_other_with_it() {
        let good = json!({ "id": "1", "identity": "a-1", "resource": "orders", "action": "read",
            "allowed": true, "occurred_at": "2026-03-02T09:00:00Z", "agent": ["made up"] });
        let mut without = good.clone();
        without["allowed"] = Value::Null;
        let mut odd = good.clone();
        odd["resource"] = json!(7);
        let read = read(json!({ "events": [7, good, without, odd, {}] })).unwrap();
        assert_eq!(read[0], Err(Unacceptable::Form));
        assert_eq!(read[1].as_ref().unwrap().identity, "a-1");
        assert_eq!(read[2], Err(Unacceptable::WrongType("allowed")));
        assert_eq!(read[3], Err(Unacceptable::WrongType("resource")));
        assert_eq!(read[4], Err(Unacceptable::Missing("id")));
    }

    #[test]
    fn a_body_without_events_or_with_too_many_is_refused_whole() {
        for odd in [json!([]), json!({}), json!({ "events": {} }), json!(null)] {
            assert!(read(odd.clone()).is_err(), "{odd}");
        }
        assert!(read(json!({ "events": vec![0; BATCH_MAX] })).is_ok());
        assert!(read(json!({ "events": vec![0; BATCH_MAX + 1] })).is_err());
    }
}
