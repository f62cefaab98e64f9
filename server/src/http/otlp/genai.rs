//! Reads exchanges out of OTLP traces by the OpenTelemetry conventions for generative AI, as of semantic conventions 1.41.0:
//! the only place that knows them. They are not stable yet.

use std::collections::BTreeMap;

use control_plane::access_events::ToolCall;
use control_plane::online::Span;
use domain::online::Traffic;
use domain::text::cut;
use serde_json::Value;

use super::wire::{RawSpan, Unreadable};

const OPERATION: &str = "gen_ai.operation.name";
const INPUT: &str = "gen_ai.input.messages";
const OUTPUT: &str = "gen_ai.output.messages";
const TOOL_RESULT: &str = "gen_ai.tool.call.result";
const DOCUMENTS: &str = "gen_ai.retrieval.documents";
const TOOL_NAME: &str = "gen_ai.tool.name";
/// Our own attribute: the scope that a call of a tool used, where the manifest does not tell it.
const SCOPE: &str = "clearance.scope";
/// What is read of a span; the rest is not even decoded.
pub(super) const READ: [&str; 7] = [
    OPERATION,
    INPUT,
    OUTPUT,
    TOOL_RESULT,
    DOCUMENTS,
    TOOL_NAME,
    SCOPE,
];
/// The span of a whole answer; the others of its trace are steps on the way.
const INVOKE_AGENT: &str = "invoke_agent";
/// The span of one call of a tool.
const EXECUTE_TOOL: &str = "execute_tool";

/// Characters of a question, of an answer, and of one piece of evidence.
const TEXT_MAX: usize = 20_000;
/// Pieces of evidence of one trace.
const EVIDENCE_MAX: usize = 50;
/// Messages and parts that are looked at: a conversation is long, a hostile one has no end.
const PARTS_MAX: usize = 500;

/// What one trace says.
#[derive(Default)]
struct Trace {
    /// Exchanges of whole answers, and of steps that have a text.
    whole: Vec<(String, Traffic)>,
    steps: Vec<(String, Traffic)>,
    evidence: Vec<String>,
}

/// What is read of the spans of one call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Read {
    pub(super) exchanges: Vec<Span>,
    pub(super) tools: Vec<ToolCall>,
}

/// The exchanges and the calls of tools among spans. Where a trace has the span of a whole answer, the steps on the way to it are no exchanges of
/// their own. Spans of anything else are passed over.
///
/// # Errors
/// [`Unreadable`].
pub(super) fn read(spans: Vec<RawSpan>) -> Result<Read, Unreadable> {
    let mut traces: BTreeMap<String, Trace> = BTreeMap::new();
    let mut tools = Vec::new();
    for span in spans {
        let (Some(id), Some(own)) = (hex(&span.trace_id, 32), hex(&span.span_id, 16)) else {
            return Err(Unreadable::Form);
        };
        tools.extend(tool(&id, &own, &span));
        note(traces.entry(id).or_default(), own, span.attributes);
    }
    Ok(Read {
        exchanges: traces.into_iter().flat_map(exchanges).collect(),
        tools,
    })
}

/// The call of a tool that a span is, if it is one.
fn tool(trace: &str, own: &str, span: &RawSpan) -> Option<ToolCall> {
    let text = |key: &str| {
        let found = span.attributes.iter().find(|(name, _)| name == key);
        found.and_then(|(_, value)| value.as_str())
    };
    (text(OPERATION) == Some(EXECUTE_TOOL)).then(|| ToolCall {
        key: format!("{trace} {own}"),
        tool: text(TOOL_NAME).map(str::to_owned),
        scope: text(SCOPE).map(str::to_owned),
        began: span.began,
        failed: span.failed,
    })
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
fn note(trace: &mut Trace, span: String, attributes: Vec<(String, Value)>) {
    let mut read: BTreeMap<String, Value> = BTreeMap::new();
    for (key, value) in attributes {
        if READ.contains(&key.as_str()) {
            read.insert(key, structured(value));
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::wire;
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

    fn found(body: &[u8]) -> Result<Vec<Span>, Unreadable> {
        all(body).map(|read| read.exchanges)
    }

    fn all(body: &[u8]) -> Result<Read, Unreadable> {
        read(wire::json(body, &READ)?)
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
        let found = found(&body(&[tool, step, whole])).unwrap();
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
        let found = found(&body(&[one])).unwrap();
        let traffic = &found[0].traffic;
        assert_eq!(
            (traffic.asked.as_str(), traffic.answered.as_str()),
            ("A?", "B.")
        );
    }

    #[test]
    fn calls_of_tools_are_told_with_when_they_began_and_how_they_ended() {
        let name = |text: &str| json!({ "stringValue": text });
        let mut call = span(
            "00f067aa0ba902b7",
            &[
                (OPERATION, name(EXECUTE_TOOL)),
                (TOOL_NAME, name("lookup_order")),
                (SCOPE, name("orders:read")),
            ],
        );
        call["startTimeUnixNano"] = json!("1700000000000000000");
        call["status"] = json!({ "code": 2 });
        let bare = span("00f067aa0ba902b8", &[(OPERATION, name(EXECUTE_TOOL))]);
        let chat = span("00f067aa0ba902b9", &[(TOOL_NAME, name("lookup_order"))]);
        let tools = all(&body(&[call, bare, chat])).unwrap().tools;
        let expected = ToolCall {
            key: format!("{TRACE} 00f067aa0ba902b7"),
            tool: Some("lookup_order".to_owned()),
            scope: Some("orders:read".to_owned()),
            began: 1_700_000_000_000_000_000,
            failed: true,
        };
        assert_eq!(tools[0], expected);
        assert_eq!(
            (tools.len(), tools[1].began, tools[1].failed),
            (2, 0, false)
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
            assert_eq!(found(odd.as_bytes()), Err(Unreadable::Form), "{odd}");
        }
        let deep = format!("{{\"resourceSpans\": {}", "[".repeat(100_000));
        assert_eq!(found(deep.as_bytes()), Err(Unreadable::Form));
        let many = vec![span("00f067aa0ba902b7", &[]); 2_001];
        assert_eq!(found(&body(&many)), Err(Unreadable::TooMany));
        let other = span(
            "00f067aa0ba902b7",
            &[(INPUT, json!({ "intValue": "4" })), (OUTPUT, json!(null))],
        );
        assert_eq!(found(&body(&[other])), Ok(Vec::new()));
        let long = span(
            "00f067aa0ba902b7",
            &[
                (INPUT, text(&said("user", &"é".repeat(TEXT_MAX * 2)))),
                (OUTPUT, text(&said("assistant", "B."))),
            ],
        );
        let found = found(&body(&[long])).unwrap();
        assert!(found[0].traffic.asked.chars().count() <= TEXT_MAX + 1);
    }
}
