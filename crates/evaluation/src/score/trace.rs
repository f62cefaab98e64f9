//! What the agent did: tool calls, their order, loops, the state it left behind, and what it cost.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Score;
use super::words::f1;
use crate::json_path::JsonPath;
use crate::row::{StateCheck, ToolCall};
use crate::statistics::number::ratio;
use crate::text::quote;

/// Calls of one answer that are looked at.
const MOST: usize = 1_000;
/// The same call with the same arguments so often in one answer is a loop.
const LOOP: usize = 3;

/// One call of a tool.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Call {
    /// The tool.
    pub name: String,
    /// Its arguments.
    #[serde(default)]
    pub arguments: Value,
    /// What it answered.
    #[serde(default)]
    pub result: Value,
    /// True where the tool failed.
    #[serde(default)]
    pub failed: bool,
}

/// What an agent reports of how it came to an answer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Trace {
    /// Tool calls, in order.
    #[serde(default)]
    pub calls: Vec<Call>,
    /// Model calls; where it is not given, the tool calls count.
    #[serde(default)]
    pub steps: Option<u64>,
    /// The state of the environment afterwards.
    #[serde(default)]
    pub state: Option<Value>,
    /// Tokens in and out.
    #[serde(default)]
    pub tokens: Option<u64>,
    /// What it cost, in the currency of the suite.
    #[serde(default)]
    pub cost: Option<f64>,
}

/// Every one of the tools is called at least once, and none of them failed only.
pub(super) fn required(trace: &Trace, tools: &[String]) -> Score {
    let missing: Vec<&str> = tools
        .iter()
        .filter(|tool| {
            !trace
                .calls
                .iter()
                .any(|call| call.name == **tool && !call.failed)
        })
        .map(String::as_str)
        .collect();
    if missing.is_empty() {
        Score::yes("every required tool was called")
    } else {
        Score::no(format!("not called with success: {}", missing.join(", ")))
    }
}

/// None of the tools is called, also not in vain.
pub(super) fn forbidden(trace: &Trace, tools: &[String]) -> Score {
    match trace.calls.iter().find(|call| tools.contains(&call.name)) {
        Some(call) => Score::no(format!(
            "the forbidden tool {} was called",
            quote(&call.name)
        )),
        None => Score::yes("no forbidden tool was called"),
    }
}

/// The tools are called in this order, with others in between or not.
pub(super) fn order(trace: &Trace, tools: &[String]) -> Score {
    let mut wanted = tools.iter();
    let mut next = wanted.next();
    for call in trace.calls.iter().take(MOST) {
        if next == Some(&call.name) {
            next = wanted.next();
        }
    }
    match next {
        None => Score::yes("the tools were called in order"),
        Some(tool) => Score::no(format!("{} was not called in its turn", quote(tool))),
    }
}

/// At most so many steps.
pub(super) fn max_steps(trace: &Trace, limit: u64) -> Score {
    let calls = u64::try_from(trace.calls.len()).unwrap_or(u64::MAX);
    let steps = trace.steps.unwrap_or(calls);
    if steps <= limit {
        Score::yes(format!("{steps} steps of at most {limit}"))
    } else {
        Score::no(format!("{steps} steps, and at most {limit} are allowed"))
    }
}

/// No call is repeated three times with the same arguments.
pub(super) fn no_loop(trace: &Trace) -> Score {
    let mut seen: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for call in trace.calls.iter().take(MOST) {
        let times = seen
            .entry((&call.name, call.arguments.to_string()))
            .or_default();
        *times += 1;
        if *times >= LOOP {
            return Score::no(format!(
                "{} was called {LOOP} times with the same arguments",
                quote(&call.name)
            ));
        }
    }
    Score::yes("no call is repeated in a loop")
}

/// F1 of the calls made against those expected: the name, and the arguments where they are given.
pub(super) fn calls_f1(trace: &Trace, expected: &[ToolCall], least: f64) -> Score {
    let mut left: Vec<&ToolCall> = expected.iter().collect();
    let mut hits = 0_usize;
    for call in trace.calls.iter().take(MOST) {
        // The pickiest expectation first, so that one without arguments does not use up the call of another.
        let found = left
            .iter()
            .position(|wanted| !wanted.arguments.is_null() && matches(call, wanted))
            .or_else(|| left.iter().position(|wanted| matches(call, wanted)));
        if let Some(at) = found {
            left.remove(at);
            hits += 1;
        }
    }
    let value = if expected.is_empty() && trace.calls.is_empty() {
        1.0
    } else {
        f1(ratio(hits, trace.calls.len()), ratio(hits, expected.len()))
    };
    Score::graded(value, least, "F1 of the tool calls")
}

/// True if the call is the expected one: every expected argument has the expected value; further ones are free.
fn matches(call: &Call, wanted: &ToolCall) -> bool {
    if call.name != wanted.name {
        return false;
    }
    match &wanted.arguments {
        Value::Null => true,
        Value::Object(arguments) => arguments
            .iter()
            .all(|(name, value)| call.arguments.get(name) == Some(value)),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            call.arguments == wanted.arguments
        }
    }
}

/// The state afterwards is as asserted.
pub(super) fn state(trace: &Trace, checks: &[(JsonPath, StateCheck)]) -> Score {
    let Some(state) = &trace.state else {
        return Score::unknown("the agent does not report the state that it left");
    };
    for (path, check) in checks {
        let found = path.find(state).cloned().unwrap_or_default();
        if found != check.equals {
            return Score::no(format!(
                "in the state, `{}` is {} and not {}",
                check.path,
                quote(&found.to_string()),
                quote(&check.equals.to_string())
            ));
        }
    }
    Score::yes(format!("{} assertions on the state hold", checks.len()))
}

/// At most so many tokens.
pub(super) fn tokens(trace: &Trace, limit: u64) -> Score {
    match trace.tokens {
        None => Score::unknown("the agent does not report its tokens"),
        Some(tokens) if tokens <= limit => {
            Score::yes(format!("{tokens} tokens of at most {limit}"))
        }
        Some(tokens) => Score::no(format!("{tokens} tokens, and at most {limit} are allowed")),
    }
}

/// At most so much money.
pub(super) fn cost(trace: &Trace, limit: f64) -> Score {
    match trace.cost {
        None => Score::unknown("the agent does not report its cost"),
        Some(cost) if cost <= limit => Score::yes(format!("cost {cost} of at most {limit}")),
        Some(cost) => Score::no(format!("cost {cost}, and at most {limit} is allowed")),
    }
}
