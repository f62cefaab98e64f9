//! Which checks of other tools a judge can be asked, and in which words.

use serde_json::Value;

use crate::row::Check;

/// The criterion of a check, in words for a judge. `None` for checks that are not a question of yes or no about one answer, for
/// those that must not hold, whose errors a calibration says nothing about, and for those behind a transformation.
pub(crate) fn criterion(check: &Check) -> Option<String> {
    if check.negated || check.extra.contains_key("transform") {
        return None;
    }
    let value = match &check.value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Array(list) => {
            let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            texts
                .filter(|all| !all.is_empty())
                .map(|all| all.join("\n"))
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            None
        }
    };
    match check.scorer.as_str() {
        "llm-rubric" | "g-eval" | "guideline" | "model-graded-closedqa" => value,
        "factuality" | "model-graded-factuality" => value.map(|facts| {
            format!("The answer agrees with what follows and contradicts none of it:\n{facts}")
        }),
        "answer-relevance" => Some("The answer addresses what was asked.".to_owned()),
        _ => None,
    }
}
