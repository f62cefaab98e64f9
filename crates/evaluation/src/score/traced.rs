//! Scorers of what the agent reports that it did.

use serde_json::Value;

use super::values::{calls, limit, list, most_whole, whole};
use super::{Score, Trace, trace};
use crate::json_path::JsonPath;
use crate::row::{Check, StateCheck, ToolCall};

/// What needs a trace.
#[derive(Debug)]
pub(super) enum Traced {
    Required(Vec<String>),
    Forbidden(Vec<String>),
    Order(Vec<String>),
    MaxSteps(u64),
    NoLoop,
    CallsF1(Vec<ToolCall>, f64),
    State(Vec<(JsonPath, StateCheck)>),
    Tokens(u64),
    Cost(f64),
}

impl Traced {
    pub(super) fn of(name: &str, check: &Check) -> Option<Result<Self, String>> {
        let value = &check.value;
        Some(match name {
            "tools-required" => list(value).map(Self::Required),
            "tools-forbidden" => list(value).map(Self::Forbidden),
            "tools-order" => list(value).map(Self::Order),
            "max-steps" => {
                whole(value).map(|most| Self::MaxSteps(u64::try_from(most).unwrap_or(u64::MAX)))
            }
            "no-loop" => Ok(Self::NoLoop),
            "tool-call-f1" => {
                calls(value).map(|calls| Self::CallsF1(calls, check.threshold.unwrap_or(1.0)))
            }
            "state" => state(value),
            "tokens" => limit(check).map(|most| Self::Tokens(most_whole(most))),
            "cost" => limit(check).map(Self::Cost),
            _ => return None,
        })
    }

    pub(super) fn score(&self, trace: &Trace) -> Score {
        match self {
            Self::Required(tools) => trace::required(trace, tools),
            Self::Forbidden(tools) => trace::forbidden(trace, tools),
            Self::Order(tools) => trace::order(trace, tools),
            Self::MaxSteps(limit) => trace::max_steps(trace, *limit),
            Self::NoLoop => trace::no_loop(trace),
            Self::CallsF1(expected, least) => trace::calls_f1(trace, expected, *least),
            Self::State(checks) => trace::state(trace, checks),
            Self::Tokens(limit) => trace::tokens(trace, *limit),
            Self::Cost(limit) => trace::cost(trace, *limit),
        }
    }
}

fn state(value: &Value) -> Result<Traced, String> {
    let checks: Vec<StateCheck> =
        serde_json::from_value(value.clone()).map_err(|e| e.to_string())?;
    let read = checks
        .into_iter()
        .map(|check| Ok((JsonPath::parse(&check.path)?, check)))
        .collect::<Result<Vec<_>, String>>()?;
    if read.is_empty() {
        return Err("expected assertions".to_owned());
    }
    Ok(Traced::State(read))
}
