//! Reads exchanges out of OTLP traces by the OpenTelemetry conventions for generative AI, as of semantic conventions 1.41.0:
//! the only place that knows them. They are not stable yet.

use std::collections::BTreeMap;

use control_plane::online::Span;
use domain::online::Traffic;
use domain::text::cut;
use serde::Deserialize;
use serde_json::{Map, Value};

const OPERATION: &str = "gen_ai.operation.name";
const INPUT: &str = "gen_ai.input.messages";
const OUTPUT: &str = "gen_ai.output.messages";
const TOOL_RESULT: &str = "gen_ai.tool.call.result";
const DOCUMENTS: &str = "gen_ai.retrieval.documents";
/// The span of a whole answer; the others of its trace are steps on the way.
const INVOKE_AGENT: &str = "invoke_agent";

/// Most spans of one call.
const SPANS_MAX: usize = 2_000;
/// Characters of a question, of an answer, and of one piece of evidence.
const TEXT_MAX: usize = 20_000;
/// Pieces of evidence of one trace.
const EVIDENCE_MAX: usize = 50;
/// Messages and parts that are looked at: a conversation is long, a hostile one has no end.
const PARTS_MAX: usize = 500;

/// Why a body cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It is not of the protocol's form.
    Form,
    /// It has more spans than one call may have.
    TooMany,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    #[serde(default)]
    resource_spans: Vec<ResourceSpans>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceSpans {
    #[serde(default)]
    scope_spans: Vec<ScopeSpans>,
}

#[derive(Deserialize)]
struct ScopeSpans {
    #[serde(default)]
    spans: Vec<RawSpan>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawSpan {
    trace_id: String,
    span_id: String,
    #[serde(default)]
    attributes: Vec<Attribute>,
}

#[derive(Deserialize)]
struct Attribute {
    key: String,
    #[serde(default)]
    value: Value,
}

/// What one trace says.
#[derive(Default)]
struct Trace {
    /// Exchanges of whole answers, and of steps that have a text.
    whole: Vec<(String, Traffic)>,
    steps: Vec<(String, Traffic)>,
    evidence: Vec<String>,
}

/// The exchanges of a body. Where a trace has the span of a whole answer, the steps on the way to it are no exchanges of
/// their own. Spans of anything else are passed over.
///
/// # Errors
/// [`Unreadable`].
pub(super) fn read(body: &[u8]) -> Result<Vec<Span>, Unreadable> {
    // A list would be taken for an object whose parts are all left out.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(Unreadable::Form);
    }
    let request: Request = serde_json::from_slice(body).map_err(|_| Unreadable::Form)?;
    let spans = request
        .resource_spans
        .into_iter()
        .flat_map(|resource| resource.scope_spans)
        .flat_map(|scope| scope.spans);
    let mut traces: BTreeMap<String, Trace> = BTreeMap::new();
    for (at, span) in spans.enumerate() {
        if at >= SPANS_MAX {
            return Err(Unreadable::TooMany);
        }
        let (Some(id), Some(own)) = (hex(&span.trace_id, 32), hex(&span.span_id, 16)) else {
            return Err(Unreadable::Form);
        };
        note(traces.entry(id).or_default(), own, span.attributes);
    }
    Ok(traces.into_iter().flat_map(exchanges).collect())
}

fn hex(text: &str, length: usize) -> Option<String> {
    let whole = text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit());
    whole.then(|| text.to_ascii_lowercase())
}

fn exchanges((trace, found): (String, Trace)) -> Vec<Span> {
    let spans = if found.whole.is_empty() {
        found.steps
    } else {
        found.whole
    };
    let of_trace = found.evidence;
    spans
        .into_iter()
        .map(|(span, mut traffic)| {
            traffic.evidence.extend(of_trace.iter().cloned());
            traffic.evidence.sort();
            traffic.evidence.dedup();
            traffic.evidence.truncate(EVIDENCE_MAX);
            Span {
                trace: trace.clone(),
                span,
                traffic,
            }
        })
        .collect()
}

/// Takes of a span what is said in it.
fn note(trace: &mut Trace, span: String, attributes: Vec<Attribute>) {
    let mut read: BTreeMap<String, Value> = BTreeMap::new();
    for one in attributes {
        if [OPERATION, INPUT, OUTPUT, TOOL_RESULT, DOCUMENTS].contains(&one.key.as_str()) {
            read.insert(one.key, structured(plain(one.value)));
        }
    }
    for key in [TOOL_RESULT, DOCUMENTS] {
        if let Some(value) = read.get(key) {
            add(&mut trace.evidence, &words(value));
        }
    }
    let (Some(input), Some(output)) = (read.get(INPUT), read.get(OUTPUT)) else {
        return;
    };
    let asked = last_words(input, "user");
    let answered = last_words(output, "assistant");
    if asked.is_empty() || answered.is_empty() {
        return;
    }
    let mut evidence = Vec::new();
    for part in parts(input)
        .iter()
        .filter(|part| part.kind == "tool_call_response")
    {
        add(&mut evidence, &part.text);
    }
    let traffic = Traffic {
        asked,
        answered,
        evidence,
    };
    let whole = read.get(OPERATION).and_then(Value::as_str) == Some(INVOKE_AGENT);
    let into = if whole {
        &mut trace.whole
    } else {
        &mut trace.steps
    };
    into.push((span, traffic));
}

fn add(evidence: &mut Vec<String>, text: &str) {
    if !text.trim().is_empty() && evidence.len() < EVIDENCE_MAX {
        evidence.push(cut(text, TEXT_MAX));
    }
}

/// A part of a message.
struct Part {
    kind: String,
    text: String,
}

/// The texts of the last message of a role, which is what was asked or answered in the end.
fn last_words(messages: &Value, role: &str) -> String {
    let all = messages.as_array().map(Vec::as_slice).unwrap_or_default();
    let of_role = |message: &&Value| {
        let own = message.get("role").and_then(Value::as_str);
        own == Some(role) && parts_of(message).iter().any(|part| part.kind == "text")
    };
    let Some(last) = all.iter().rev().take(PARTS_MAX).find(of_role) else {
        return String::new();
    };
    let texts: Vec<String> = parts_of(last)
        .into_iter()
        .filter(|part| part.kind == "text")
        .map(|part| part.text)
        .collect();
    cut(&texts.join("\n"), TEXT_MAX)
}

fn parts(messages: &Value) -> Vec<Part> {
    let all = messages.as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter()
        .take(PARTS_MAX)
        .flat_map(parts_of)
        .take(PARTS_MAX)
        .collect()
}

fn parts_of(message: &Value) -> Vec<Part> {
    let all = message.get("parts").and_then(Value::as_array);
    let all = all.map(Vec::as_slice).unwrap_or_default();
    all.iter()
        .take(PARTS_MAX)
        .map(|part| {
            let kind = part.get("type").and_then(Value::as_str).unwrap_or_default();
            let said = ["content", "response", "result"];
            let said = said.iter().find_map(|key| part.get(*key));
            Part {
                kind: kind.to_owned(),
                text: said.map(words).unwrap_or_default(),
            }
        })
        .collect()
}

/// A value as text: what stands in it for people, or the JSON of it.
fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// Many libraries put the JSON of a structure into a text.
fn structured(value: Value) -> Value {
    let text = value.as_str().map(str::trim_start);
    let text = text.filter(|text| text.starts_with(['[', '{']));
    let read = text.and_then(|text| serde_json::from_str(text).ok());
    read.unwrap_or(value)
}

/// An `AnyValue` of the protocol as the value that it stands for.
fn plain(value: Value) -> Value {
    let Value::Object(mut map) = value else {
        return Value::Null;
    };
    if let Some(Value::Object(mut list)) = map.remove("arrayValue") {
        let Some(Value::Array(all)) = list.remove("values") else {
            return Value::Null;
        };
        return Value::Array(all.into_iter().map(plain).collect());
    }
    if let Some(Value::Object(mut list)) = map.remove("kvlistValue") {
        let mut object = Map::new();
        if let Some(Value::Array(all)) = list.remove("values") {
            for one in all {
                let Value::Object(mut pair) = one else {
                    continue;
                };
                if let Some(Value::String(key)) = pair.remove("key") {
                    object.insert(key, plain(pair.remove("value").unwrap_or_default()));
                }
            }
        }
        return Value::Object(object);
    }
    ["stringValue", "intValue", "doubleValue", "boolValue"]
        .iter()
        .find_map(|key| map.remove(*key))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

    fn span(id: &str, attributes: &[(&str, Value)]) -> Value {
        let attributes: Vec<Value> = attributes
            .iter()
            .map(|(key, value)| json!({ "key": key, "value": value }))
            .collect();
        json!({ "traceId": TRACE, "spanId": id, "name": "x", "attributes": attributes })
    }

    fn text(value: &Value) -> Value {
        json!({ "stringValue": value.to_string() })
    }

    fn body(spans: &[Value]) -> Vec<u8> {
        json!({ "resourceSpans": [{ "scopeSpans": [{ "spans": spans }] }] })
            .to_string()
            .into_bytes()
    }

    fn said(role: &str, content: &str) -> Value {
        json!([{ "role": role, "parts": [{ "type": "text", "content": content }] }])
    }

    #[test]
    fn an_answer_is_read_with_what_its_tools_gave() {
        let tool = span(
            "00f067aa0ba902b7",
            &[
                (OPERATION, json!({ "stringValue": "execute_tool" })),
                (TOOL_RESULT, json!({ "stringValue": "shipped on 12 March" })),
            ],
        );
        let step = span(
            "00f067aa0ba902b8",
            &[
                (INPUT, text(&said("user", "When?"))),
                (OUTPUT, text(&said("assistant", "One moment."))),
            ],
        );
        let whole = span(
            "00f067aa0ba902b9",
            &[
                (OPERATION, json!({ "stringValue": "invoke_agent" })),
                (INPUT, text(&said("user", "When?"))),
                (OUTPUT, text(&said("assistant", "On 12 March."))),
            ],
        );
        let found = read(&body(&[tool, step, whole])).unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].trace, TRACE);
        assert_eq!(
            found[0].traffic,
            Traffic {
                asked: "When?".to_owned(),
                answered: "On 12 March.".to_owned(),
                evidence: vec!["shipped on 12 March".to_owned()],
            }
        );
    }

    #[test]
    fn a_structured_value_is_read_like_its_text() {
        let pair = |key: &str, text: &str| json!({ "key": key, "value": { "stringValue": text } });
        let message = |role: &str, content: &str| {
            let part = json!({ "kvlistValue": { "values": [pair("type", "text"), pair("content", content)] } });
            let parts = json!({ "key": "parts", "value": { "arrayValue": { "values": [part] } } });
            json!({ "arrayValue": { "values": [{ "kvlistValue": { "values": [pair("role", role), parts] } }] } })
        };
        let one = span(
            "00f067aa0ba902b7",
            &[
                (INPUT, message("user", "A?")),
                (OUTPUT, message("assistant", "B.")),
            ],
        );
        let found = read(&body(&[one])).unwrap();
        let traffic = &found[0].traffic;
        assert_eq!(
            (traffic.asked.as_str(), traffic.answered.as_str()),
            ("A?", "B.")
        );
    }

    #[test]
    fn what_is_hostile_or_of_another_kind_is_refused_or_passed_over() {
        for odd in [
            "",
            "[]",
            "{\"resourceSpans\": 1}",
            "{\"resourceSpans\": [{\"scopeSpans\": [{\"spans\": [{}]}]}]}",
        ] {
            assert_eq!(read(odd.as_bytes()), Err(Unreadable::Form), "{odd}");
        }
        let deep = format!("{{\"resourceSpans\": {}", "[".repeat(100_000));
        assert_eq!(read(deep.as_bytes()), Err(Unreadable::Form));
        let many = vec![span("00f067aa0ba902b7", &[]); SPANS_MAX + 1];
        assert_eq!(read(&body(&many)), Err(Unreadable::TooMany));
        let other = span(
            "00f067aa0ba902b7",
            &[(INPUT, json!({ "intValue": "4" })), (OUTPUT, json!(null))],
        );
        assert_eq!(read(&body(&[other])), Ok(Vec::new()));
        let long = span(
            "00f067aa0ba902b7",
            &[
                (INPUT, text(&said("user", &"é".repeat(TEXT_MAX * 2)))),
                (OUTPUT, text(&said("assistant", "B."))),
            ],
        );
        let found = read(&body(&[long])).unwrap();
        assert!(found[0].traffic.asked.chars().count() <= TEXT_MAX + 1);
    }
}
