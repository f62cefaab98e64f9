//! `{{ name }}` in prompts and assertion values. Only plain names are filled in; filters, loops and conditions are code of
//! another language and stay as they are, listed.

use serde_json::{Map, Value};

use super::budget::Budget;
use crate::formats::Unreadable;
use crate::formats::take::words;

/// Variables may name variables so often.
const MAX_PASSES: usize = 4;
/// Problems that are said of one text.
const MAX_PROBLEMS: usize = 20;

/// Fills in the variables, and those that they name; says what stayed.
///
/// # Errors
/// [`Unreadable`] where the budget does not hold what the variables come to: those that name each other twice would double
/// the text with each pass.
pub(super) fn fill(
    place: &str,
    template: &str,
    vars: &Map<String, Value>,
    budget: &mut Budget,
) -> Result<(String, Vec<String>), Unreadable> {
    let mut fill = |text: &str| pass(place, text, vars, budget);
    let (mut text, mut problems) = fill(template)?;
    for _ in 1..MAX_PASSES {
        if !text.contains("{{") {
            break;
        }
        let (next, left) = fill(&text)?;
        if next == text {
            break;
        }
        (text, problems) = (next, left);
    }
    Ok((text, problems))
}

fn pass(
    place: &str,
    template: &str,
    vars: &Map<String, Value>,
    budget: &mut Budget,
) -> Result<(String, Vec<String>), Unreadable> {
    let mut problems = Vec::new();
    if template.contains("{%") {
        problems.push("template code (`{% … %}`) stays as it is".to_owned());
    }
    budget.spend(place, template.len())?;
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((inside, behind)) = after.split_once("}}") else {
            out.push_str("{{");
            out.push_str(after);
            return Ok((out, problems));
        };
        match look_up(inside.trim(), vars) {
            Some(value) => {
                let text = words(value);
                budget.spend(place, text.len())?;
                out.push_str(&text);
            }
            None => {
                if problems.len() < MAX_PROBLEMS {
                    problems.push(format!(
                        "`{{{{{}}}}}` stays as it is: there is no such variable",
                        crate::text::cut(inside, 60)
                    ));
                }
                out.push_str("{{");
                out.push_str(inside);
                out.push_str("}}");
            }
        }
        rest = behind;
    }
    out.push_str(rest);
    Ok((out, problems))
}

/// A name, or a path of names.
fn look_up<'v>(path: &str, vars: &'v Map<String, Value>) -> Option<&'v Value> {
    let mut names = path.split('.');
    let first = vars.get(names.next()?)?;
    names.try_fold(first, |value, name| value.get(name))
}

/// Braces that promptfoo would read as a template, taken apart; what it shows is near enough and what we keep is exact.
pub(super) fn escape(text: &str) -> String {
    text.replace("{{", "{ {").replace("{%", "{ %")
}
