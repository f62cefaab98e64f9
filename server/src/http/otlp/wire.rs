//! The two encodings of OTLP/HTTP trace requests, as of opentelemetry-proto 1: JSON, and Protocol Buffers
//! (`trace/v1/trace.proto`, `common/v1/common.proto`), of which only the fields that are read are named.

use std::io::Read as _;

use flate2::read::GzDecoder;
use prost::Message;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Most spans of one call.
const SPANS_MAX: usize = 2_000;

/// Why a body cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It is not of the protocol's form.
    Form,
    /// It has more spans than one call may have, or unpacks to more bytes.
    TooMany,
}

/// A span of either encoding: the ids in hexadecimal, and the attributes that were asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RawSpan {
    pub(super) trace_id: String,
    pub(super) span_id: String,
    /// When it began, nanoseconds since 1970.
    pub(super) began: u64,
    /// Did it end in an error?
    pub(super) failed: bool,
    pub(super) attributes: Vec<(String, Value)>,
}

/// `STATUS_CODE_ERROR` of the protocol.
const FAILED: i32 = 2;

/// Unpacks a gzip body of at most `max` bytes.
///
/// # Errors
/// [`Unreadable`], `TooMany` for one that would be longer.
pub(super) fn unpack(body: &[u8], max: usize) -> Result<Vec<u8>, Unreadable> {
    let mut plain = Vec::new();
    let bound = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    GzDecoder::new(body)
        .take(bound)
        .read_to_end(&mut plain)
        .map_err(|_| Unreadable::Form)?;
    if plain.len() > max {
        return Err(Unreadable::TooMany);
    }
    Ok(plain)
}

/// The spans of a JSON body, with their attributes of the `wanted` names.
///
/// # Errors
/// [`Unreadable`].
pub(super) fn json(body: &[u8], wanted: &[&str]) -> Result<Vec<RawSpan>, Unreadable> {
    // A list would be taken for an object whose parts are all left out.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(Unreadable::Form);
    }
    let request: JsonRequest = serde_json::from_slice(body).map_err(|_| Unreadable::Form)?;
    let spans = request
        .resource_spans
        .into_iter()
        .flat_map(|resource| resource.scope_spans)
        .flat_map(|scope| scope.spans)
        .map(|span| RawSpan {
            trace_id: span.trace_id,
            span_id: span.span_id,
            began: number(&span.start_time_unix_nano),
            failed: span.status.is_some_and(|status| status.is_failed()),
            attributes: span
                .attributes
                .into_iter()
                .filter(|one| wanted.contains(&one.key.as_str()))
                .map(|one| (one.key, plain(one.value)))
                .collect(),
        });
    bounded(spans)
}

/// The spans of a Protocol Buffers body, with their attributes of the `wanted` names.
///
/// # Errors
/// [`Unreadable`].
pub(super) fn protobuf(body: &[u8], wanted: &[&str]) -> Result<Vec<RawSpan>, Unreadable> {
    let request = ProtoRequest::decode(body).map_err(|_| Unreadable::Form)?;
    let spans = request
        .resource_spans
        .into_iter()
        .flat_map(|resource| resource.scope_spans)
        .flat_map(|scope| scope.spans)
        .map(|span| RawSpan {
            trace_id: hex::encode(&span.trace_id),
            span_id: hex::encode(&span.span_id),
            began: span.start_time_unix_nano,
            failed: span.status.is_some_and(|status| status.code == FAILED),
            attributes: span
                .attributes
                .into_iter()
                .filter(|one| wanted.contains(&one.key.as_str()))
                .map(|one| (one.key, one.value.map_or(Value::Null, ProtoValue::plain)))
                .collect(),
        });
    bounded(spans)
}

/// The answer in Protocol Buffers: `ExportTraceServiceResponse`, empty where every span was taken.
pub(super) fn partial_success(rejected: i64, message: &str) -> Vec<u8> {
    ProtoResponse {
        partial_success: (rejected > 0).then(|| ProtoPartial {
            rejected_spans: rejected,
            error_message: message.to_owned(),
        }),
    }
    .encode_to_vec()
}

fn bounded(spans: impl Iterator<Item = RawSpan>) -> Result<Vec<RawSpan>, Unreadable> {
    let spans: Vec<RawSpan> = spans.take(SPANS_MAX + 1).collect();
    if spans.len() > SPANS_MAX {
        return Err(Unreadable::TooMany);
    }
    Ok(spans)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonRequest {
    #[serde(default)]
    resource_spans: Vec<JsonResourceSpans>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonResourceSpans {
    #[serde(default)]
    scope_spans: Vec<JsonScopeSpans>,
}

#[derive(Deserialize)]
struct JsonScopeSpans {
    #[serde(default)]
    spans: Vec<JsonSpan>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonSpan {
    trace_id: String,
    span_id: String,
    /// A number of 64 bits, which JSON of the protocol writes as a text.
    #[serde(default)]
    start_time_unix_nano: Value,
    #[serde(default)]
    status: Option<JsonStatus>,
    #[serde(default)]
    attributes: Vec<JsonAttribute>,
}

#[derive(Deserialize)]
struct JsonStatus {
    #[serde(default)]
    code: Value,
}

impl JsonStatus {
    /// The protocol writes enums as numbers; some libraries write their names.
    fn is_failed(&self) -> bool {
        self.code.as_str() == Some("STATUS_CODE_ERROR") || number(&self.code) == 2
    }
}

/// A number, or the text of one; 0 for anything else.
fn number(value: &Value) -> u64 {
    let text = value.as_str().and_then(|text| text.parse().ok());
    text.or_else(|| value.as_u64()).unwrap_or_default()
}

#[derive(Deserialize)]
struct JsonAttribute {
    key: String,
    #[serde(default)]
    value: Value,
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

#[derive(Clone, PartialEq, Message)]
struct ProtoRequest {
    #[prost(message, repeated, tag = "1")]
    resource_spans: Vec<ProtoResourceSpans>,
}

#[derive(Clone, PartialEq, Message)]
struct ProtoResourceSpans {
    #[prost(message, repeated, tag = "2")]
    scope_spans: Vec<ProtoScopeSpans>,
}

#[derive(Clone, PartialEq, Message)]
struct ProtoScopeSpans {
    #[prost(message, repeated, tag = "2")]
    spans: Vec<ProtoSpan>,
}

#[derive(Clone, PartialEq, Message)]
struct ProtoSpan {
    #[prost(bytes = "vec", tag = "1")]
    trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    span_id: Vec<u8>,
    #[prost(fixed64, tag = "7")]
    start_time_unix_nano: u64,
    #[prost(message, repeated, tag = "9")]
    attributes: Vec<ProtoAttribute>,
    #[prost(message, optional, tag = "15")]
    status: Option<ProtoStatus>,
}

#[derive(Clone, PartialEq, Message)]
struct ProtoStatus {
    #[prost(int32, tag = "3")]
    code: i32,
}

#[derive(Clone, PartialEq, Message)]
struct ProtoAttribute {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(message, optional, tag = "2")]
    value: Option<ProtoValue>,
}

#[derive(Clone, PartialEq, Message)]
struct ProtoValue {
    #[prost(oneof = "ProtoOne", tags = "1, 2, 3, 4, 5, 6")]
    value: Option<ProtoOne>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum ProtoOne {
    #[prost(string, tag = "1")]
    String(String),
    #[prost(bool, tag = "2")]
    Bool(bool),
    #[prost(int64, tag = "3")]
    Int(i64),
    #[prost(double, tag = "4")]
    Double(f64),
    #[prost(message, tag = "5")]
    Array(ProtoArray),
    #[prost(message, tag = "6")]
    Object(ProtoObject),
}

#[derive(Clone, PartialEq, Message)]
struct ProtoArray {
    #[prost(message, repeated, tag = "1")]
    values: Vec<ProtoValue>,
}

#[derive(Clone, PartialEq, Message)]
struct ProtoObject {
    #[prost(message, repeated, tag = "1")]
    values: Vec<ProtoAttribute>,
}

#[derive(Clone, PartialEq, Message)]
struct ProtoResponse {
    #[prost(message, optional, tag = "1")]
    partial_success: Option<ProtoPartial>,
}

#[derive(Clone, PartialEq, Message)]
struct ProtoPartial {
    #[prost(int64, tag = "1")]
    rejected_spans: i64,
    #[prost(string, tag = "2")]
    error_message: String,
}

impl ProtoValue {
    /// The value that it stands for. The decoder has bounded how deep it goes.
    fn plain(self) -> Value {
        match self.value {
            None => Value::Null,
            Some(ProtoOne::String(text)) => Value::String(text),
            Some(ProtoOne::Bool(truth)) => Value::Bool(truth),
            Some(ProtoOne::Int(number)) => number.into(),
            Some(ProtoOne::Double(number)) => number.into(),
            Some(ProtoOne::Array(list)) => list.values.into_iter().map(Self::plain).collect(),
            Some(ProtoOne::Object(pairs)) => {
                let pairs = pairs.values.into_iter();
                pairs
                    .map(|one| (one.key, one.value.map_or(Value::Null, Self::plain)))
                    .collect::<Map<_, _>>()
                    .into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use serde_json::json;

    use super::*;

    fn packed(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    fn value(one: ProtoOne) -> ProtoValue {
        ProtoValue { value: Some(one) }
    }

    fn attribute(key: &str, one: ProtoOne) -> ProtoAttribute {
        ProtoAttribute {
            key: key.to_owned(),
            value: Some(value(one)),
        }
    }

    fn request(spans: Vec<ProtoSpan>) -> Vec<u8> {
        ProtoRequest {
            resource_spans: vec![ProtoResourceSpans {
                scope_spans: vec![ProtoScopeSpans { spans }],
            }],
        }
        .encode_to_vec()
    }

    #[test]
    fn both_encodings_say_the_same() {
        let list = ProtoArray {
            values: vec![value(ProtoOne::Int(4)), value(ProtoOne::Bool(true))],
        };
        let binary = request(vec![ProtoSpan {
            trace_id: vec![0xab; 16],
            span_id: vec![0x01; 8],
            start_time_unix_nano: 1_700_000_000_000_000_000,
            status: Some(ProtoStatus { code: FAILED }),
            attributes: vec![
                attribute("text", ProtoOne::String("B.".to_owned())),
                attribute("other", ProtoOne::Double(0.5)),
                attribute(
                    "pairs",
                    ProtoOne::Object(ProtoObject {
                        values: vec![attribute("list", ProtoOne::Array(list))],
                    }),
                ),
            ],
        }]);
        let found = protobuf(&binary, &["text", "pairs"]).unwrap();
        let expected = RawSpan {
            trace_id: "ab".repeat(16),
            span_id: "01".repeat(8),
            began: 1_700_000_000_000_000_000,
            failed: true,
            attributes: vec![
                ("text".to_owned(), json!("B.")),
                ("pairs".to_owned(), json!({ "list": [4, true] })),
            ],
        };
        assert_eq!(found, std::slice::from_ref(&expected));
        let list =
            json!({ "arrayValue": { "values": [{ "intValue": 4 }, { "boolValue": true }] } });
        let attributes = json!([
            { "key": "text", "value": { "stringValue": "B." } },
            { "key": "other", "value": { "doubleValue": 0.5 } },
            { "key": "pairs", "value": { "kvlistValue": { "values": [{ "key": "list", "value": list }] } } },
        ]);
        let span = json!({ "traceId": "ab".repeat(16), "spanId": "01".repeat(8), "status": { "code": 2 },
            "startTimeUnixNano": "1700000000000000000", "attributes": attributes });
        let body =
            json!({ "resourceSpans": [{ "scopeSpans": [{ "spans": [span] }] }] }).to_string();
        assert_eq!(
            json(body.as_bytes(), &["text", "pairs"]).unwrap(),
            [expected]
        );
    }

    #[test]
    fn what_is_hostile_is_refused() {
        assert_eq!(protobuf(&[0xff; 64], &[]), Err(Unreadable::Form));
        let mut deep = ProtoOne::Int(1);
        for _ in 0..200 {
            let values = vec![value(deep)];
            deep = ProtoOne::Array(ProtoArray { values });
        }
        let deep = request(vec![ProtoSpan {
            attributes: vec![attribute("deep", deep)],
            ..ProtoSpan::default()
        }]);
        assert_eq!(protobuf(&deep, &[]), Err(Unreadable::Form));
        let many = vec![ProtoSpan::default(); SPANS_MAX + 1];
        assert_eq!(protobuf(&request(many), &[]), Err(Unreadable::TooMany));
    }

    #[test]
    fn a_small_body_does_not_unpack_to_a_large_one() {
        assert_eq!(unpack(&packed(b"abc"), 3).unwrap(), b"abc");
        assert_eq!(unpack(&packed(b"abcd"), 3), Err(Unreadable::TooMany));
        let bomb = packed(&vec![0; 20_000_000]);
        assert_eq!(unpack(&bomb, 2_000_000), Err(Unreadable::TooMany));
        assert_eq!(unpack(b"no gzip", 100), Err(Unreadable::Form));
    }
}
